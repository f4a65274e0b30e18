"""Checks of paths and of arithmetic."""

import numpy as np

from exercises.answers import answer, own_work
from exercises.latent.reading import array, explain, numbers
from exercises.verdict import Wrong, close, passed


def _arc(a, b, shares):
    """The reference: one pair and one share at a time, ``(N, S, d)``."""
    path = np.empty((len(a), len(shares), a.shape[1]))
    for i, (first, last) in enumerate(zip(a, b)):
        cosine = first @ last / np.linalg.norm(first) / np.linalg.norm(last)
        angle = np.arccos(np.clip(cosine, -1, 1))
        for j, share in enumerate(shares):
            if angle < 1e-3:
                path[i, j] = (1 - share) * first + share * last
                continue
            weights = np.sin((1 - share) * angle), np.sin(share * angle)
            path[i, j] = (weights[0] * first + weights[1] * last) / np.sin(angle)
    return path


def spherical(function):
    """Check ``function(a, b, shares)`` on random pairs, ``(N, S, d)``."""
    own_work(function)
    random = np.random.default_rng(0)
    for count, size in ((3, 5), (2, 12)):
        a, b = random.normal(size=(2, count, size)).astype("float32") * 1.7
        shares = np.array([0.0, 0.2, 0.5, 0.9, 1.0], "float32")
        expected = _arc(a, b, shares)
        found = array(answer(function, a, b, shares), expected.shape, "the path")
        line = (1 - shares)[None, :, None] * a[:, None] + shares[None, :, None] * b[:, None]
        unit = expected / np.linalg.norm(expected, axis=2, keepdims=True)
        mistakes = [
            (line, "this is the straight line: weight a by sin((1 - share) * angle) / sin(angle)"),
            (expected[:, ::-1], "share 0 must give a and share 1 must give b: the two are swapped"),
            (_arc(b, a, shares), "share 0 must give a and share 1 must give b: they are swapped"),
            (unit, "the points have length 1: the arc runs from a to b, whose lengths it keeps"),
        ]
        _check_ends(found, a, b, mistakes, expected)
        explain(found, expected, mistakes, "the path", atol=1e-3)
    passed("the arc from a to b, for every pair of the batch.")


def _check_ends(found, a, b, mistakes, expected):
    """The commonest slips leave the ends wrong, or only the middle."""
    known = any(close(found, value, 1e-3) for value, _ in mistakes)
    if not known and not (close(found[:, 0], a, 1e-3) and close(found[:, -1], b, 1e-3)):
        raise Wrong(
            "the path must start at a and end at b: divide both weights by sin(angle), and give "
            "each pair its own angle"
        )
    if not known and not close(found, expected, 1e-3):
        raise Wrong(
            "the ends are right, the way between is not: the cosine of the angle is the product "
            "of a and b over both their lengths, one angle for each pair (sum over the last axis)"
        )


def spherical_is_safe(function):
    """Check that a pair that points the same way gives the line, and spares the other pairs."""
    own_work(function)
    random = np.random.default_rng(1)
    a = random.normal(size=(40, 6)).astype("float32")
    factor = random.uniform(0.5, 2.0, (40, 1)).astype("float32")
    b = factor * a
    b[::4] = random.normal(size=(10, 6))
    shares = np.array([0.0, 0.3, 1.0], "float32")
    expected = _arc(a.astype("float64"), b.astype("float64"), shares)
    with np.errstate(all="ignore"):
        found = numbers(answer(function, a, b, shares), "the path")
    if found.shape != expected.shape:
        raise Wrong(f"the path must have shape {expected.shape}, yours has {found.shape}")
    same_way = np.ones(40, bool)
    same_way[::4] = False
    if not np.isfinite(found).all():
        raise Wrong(
            "where a and b point the same way the path is NaN: sin(angle) is 0 there (and rounding "
            "can lift the cosine above 1, so clip it); take the straight line for such pairs"
        )
    if not close(found[same_way], expected[same_way], 5e-3):
        raise Wrong(
            "where a and b point the same way the path must be the straight line from a to b: "
            "choose by np.where for each pair"
        )
    if not close(found[~same_way], expected[~same_way], 5e-3):
        raise Wrong(
            "the other pairs of the batch lost their arc: choose line or arc for each pair on its "
            "own, with np.where, not for the batch as a whole"
        )
    passed("a straight line where there is no arc, and only there.")


# ---------------------------------------------------------------------------------------------
# Arithmetic.


def combine(function):
    """Check ``function(a, b, c)``: the mean of each concept, then a - b + c."""
    own_work(function)
    random = np.random.default_rng(2)
    for counts in ((3, 3, 3), (4, 2, 3)):
        a, b, c = (random.normal(size=(count, 7)).astype("float32") for count in counts)
        means = [part.mean(axis=0) for part in (a, b, c)]
        expected = means[0] - means[1] + means[2]
        sums = [part.sum(axis=0) for part in (a, b, c)]
        mistakes = [
            (means[0] + means[1] - means[2], "the signs are mixed up: a - b + c"),
            (means[1] - means[0] + means[2], "b is subtracted from a, not a from b"),
            (means[0] - means[1] - means[2], "c is added, not subtracted"),
            (means[0] - means[1], "c is missing: what a has and b has not is put onto c"),
            (sums[0] - sums[1] + sums[2], "take the mean of each concept, not the sum"),
            (a[0] - b[0] + c[0], "this uses the first z of each concept: average them all"),
            (expected / np.linalg.norm(expected), "do not change the length of the result"),
        ]
        found = numbers(answer(function, a, b, c), "the result")
        if found.ndim == 0:
            raise Wrong("one number came out: take the means over the samples, axis 0, only")
        if found.shape != (7,):
            raise Wrong(
                f"the result must have shape (7,), one z; yours has {found.shape}: average over "
                "the samples (axis 0) first"
            )
        explain(found, expected, mistakes, "the result")
    passed("mean(a) - mean(b) + mean(c).")


def noisy_neighbors(function):
    """Check ``function(z, spread, seed)``: nine rows, z in the middle, uniform noise around."""
    own_work(function)
    z = np.random.default_rng(3).normal(size=400).astype("float32")
    spread, kept = 0.3, z.copy()
    found = array(answer(function, z, spread, 5), (9, 400), "the neighborhood")
    if not np.array_equal(z, kept):
        raise Wrong("your function changes the z it was given: build a new array")
    if not close(found[4], z, 1e-6):
        places = [row for row in range(9) if close(found[row], z, 1e-6)]
        where = f"it stands in row {places[0]}" if places else "no row is z itself"
        raise Wrong(f"row 4, the middle of a 3x3 panel, must be z without noise; {where}")
    noise = np.delete(found, 4, axis=0) - z
    if noise.std(axis=0).max() < 1e-6 or noise.std(axis=1).max() < 1e-6:
        raise Wrong("every number of every neighbor gets a noise of its own, shape (9, latent_dim)")
    if noise.min() > -0.01 * spread:
        raise Wrong("the noise is never negative: it is uniform from -spread to spread")
    if np.abs(noise).max() > 1.001 * spread:
        raise Wrong(
            f"the noise reaches {np.abs(noise).max():.2f}, but spread is {spread}: uniform, not "
            "normal, from -spread to spread"
        )
    if abs(noise.std() - spread / 3**0.5) > 0.05 * spread:
        raise Wrong(
            f"the noise has a deviation of {noise.std():.3f}, uniform noise "
            f"has {spread / 3**0.5:.3f}: use the argument spread"
        )
    _check_seed(function, z, spread, found)
    passed("z in the middle of eight neighbors.")


def _check_seed(function, z, spread, found):
    if not close(answer(function, z, spread, 5), found, 1e-6):
        raise Wrong("the same seed gives different noise: use np.random.default_rng(seed)")
    if close(answer(function, z, spread, 6), found, 1e-6):
        raise Wrong("another seed gives the same noise: use the argument seed")
