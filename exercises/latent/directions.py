"""Checks of the linear probe and of truncation."""

import numpy as np
from scipy import stats
from sklearn.linear_model import LogisticRegression

from exercises.answers import answer, own_work
from exercises.latent.reading import array, numbers
from exercises.verdict import Wrong, close, passed


def _half_space(seed, size=8, count=600, shift=0.4):
    """z in a stretched cloud, labels by a plane, and the plane's unit normal."""
    random = np.random.default_rng(seed)
    stretch = np.eye(size) + 0.8 * random.normal(size=(size, size)) / size**0.5
    z = (random.normal(size=(count, size)) @ stretch).astype("float32") + 0.5
    normal = random.normal(size=size)
    normal /= np.linalg.norm(normal)
    return z, z @ normal > shift + np.median(z @ normal), normal


def probe_direction(function):
    """Check that ``function(z, labels)`` finds the normal of the plane that parts the labels."""
    own_work(function)
    for seed, size in ((0, 8), (1, 5)):
        z, labels, normal = _half_space(seed, size)
        found = numbers(answer(function, z, labels), "the direction")
        if found.size != size or not np.isfinite(found).all():
            raise Wrong(
                f"the direction must be {size} finite numbers, one for each of z; yours has shape "
                f"{found.shape}"
            )
        found = found.ravel() / max(np.linalg.norm(found), 1e-12)
        means = z[labels].mean(axis=0) - z[~labels].mean(axis=0)
        if abs(found @ normal) > 0.97:
            continue
        if abs(found @ means) > 0.999 * np.linalg.norm(means):
            raise Wrong(
                "this joins the means of the two kinds: that is the plane's normal only where z "
                "has no correlations; fit a linear classifier and take its coef_"
            )
        raise Wrong(
            f"the cosine between your direction and the normal of the plane is "
            f"{abs(found @ normal):.2f}: take coef_ of a linear classifier fitted to z and labels"
        )
    passed("the normal of the plane between yes and no.")


def probe_direction_points(function):
    """Check shape, length 1, dtype, and that the direction leads from no to yes."""
    own_work(function)
    for seed, kind in ((2, bool), (3, int)):
        z, labels, _ = _half_space(seed)
        raw = answer(function, z, labels.astype(kind))
        found = array(raw, (8,), "the direction")
        if (z[labels] @ found).mean() < (z[~labels] @ found).mean():
            raise Wrong("the direction leads from yes to no: turn it round")
        length = np.linalg.norm(found)
        if abs(length - 1.0) > 1e-3:
            raise Wrong(
                f"the direction has length {length:.2f}, not 1: divide by np.linalg.norm, so that "
                "a step of 3 means the same for every attribute"
            )
        if np.asarray(raw).dtype != np.float32:
            raise Wrong(
                f"the direction is {np.asarray(raw).dtype}, not float32: z + direction would "
                "become float64, which the generator does not take"
            )
        fitted = LogisticRegression(max_iter=1000).fit(z, labels).coef_[0]
        if found @ fitted < 0.9 * np.linalg.norm(fitted):
            raise Wrong("the direction is not that of a linear classifier fitted to z and labels")
    passed("a unit vector from no to yes.")


# ---------------------------------------------------------------------------------------------
# Truncation.


def truncated(function):
    """Check ``function(count, latent_dim, limit, seed)`` against SciPy's truncated normal."""
    own_work(function)
    for limit in (0.5, 1.0):
        raw = answer(function, 10_000, 20, limit, 0)
        found = array(raw, (10_000, 20), "z")
        if np.asarray(raw).dtype != np.float32:
            raise Wrong(f"z is {np.asarray(raw).dtype}, not float32: use .astype('float32')")
        if np.abs(found).max() > limit + 1e-6:
            raise Wrong(
                f"a number of {np.abs(found).max():.2f} is left, beyond the limit {limit}: one "
                "redraw is not enough, go on while any number is outside"
            )
        if np.mean(np.abs(found) > 0.999 * limit) > 0.02:
            raise Wrong("many numbers lie at the limit itself: draw again instead of clipping")
        _check_spread(found, limit)
    if not close(function(50, 4, 1.0, 7), function(50, 4, 1.0, 7)):
        raise Wrong("the same seed gives different z: use np.random.default_rng(seed)")
    if close(function(50, 4, 1.0, 7), function(50, 4, 1.0, 8)):
        raise Wrong("another seed gives the same z: use the argument seed")
    passed("a normal distribution without its tails.")


def _check_spread(found, limit):
    """The spread tells redrawing from scaling, folding and a uniform distribution."""
    if found.min() >= 0:
        raise Wrong("no number is negative: compare the size, np.abs(z), with the limit")
    if abs(found.mean()) > 0.05 * limit:
        raise Wrong(f"the mean is {found.mean():.2f}, not 0: cut on both sides")
    wanted = stats.truncnorm(-limit, limit).std()
    if abs(found.std() - wanted) > 0.03 * wanted:
        raise Wrong(
            f"z has a standard deviation of {found.std():.3f} where a normal distribution cut at "
            f"{limit} has {wanted:.3f}: keep what fits as it is and draw only the rest again, "
            "from the normal distribution"
        )
    law = stats.truncnorm(-limit, limit)
    if stats.kstest(found.ravel(), law.cdf).pvalue < 1e-6:
        raise Wrong(
            "the numbers do not follow a normal distribution between the limits: draw again from "
            "the normal distribution, not from another one"
        )
