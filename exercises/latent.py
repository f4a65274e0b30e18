"""Checks of notebook 08: paths, arithmetic, directions, the way back to z, an augmentation."""

from functools import partial

import keras
import numpy as np
import tensorflow as tf
from scipy import stats
from sklearn.linear_model import LogisticRegression

from exercises.models import normal
from exercises.verdict import Wrong, answer, array, call, close, explain, passed, refuse

roughly = partial(close, atol=1e-3)


def _arc(a, b, shares):
    """The reference: one pair and one share at a time, ``(N, S, d)``."""
    path = np.empty((len(a), len(shares), a.shape[1]))
    for i, (first, last) in enumerate(zip(a, b)):
        cosine = first @ last / np.linalg.norm(first) / np.linalg.norm(last)
        angle = np.arccos(np.clip(cosine, -1, 1))
        for j, share in enumerate(shares):
            weights = 1 - share, share
            if angle >= 1e-3:
                weights = [np.sin(weight * angle) / np.sin(angle) for weight in weights]
            path[i, j] = weights[0] * first + weights[1] * last
    return path


def spherical(function):
    """Check ``function(a, b, shares)`` on random pairs, ``(N, S, d)``."""
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
        otherwise = (
            "the ends are right, the way between is not: the cosine of the angle is the product of "
            "a and b over both their lengths, one angle for each pair (sum over the last axis)"
        )
        if not (roughly(found[:, 0], a) and roughly(found[:, -1], b)):
            otherwise = (
                "the path must start at a and end at b: divide both weights by sin(angle), and "
                "give each pair its own angle"
            )
        known = any(roughly(found, value) for value, _ in mistakes)
        explain(found, expected, mistakes, "the path" if known else "", otherwise, roughly)
    passed("the arc from a to b, for every pair of the batch.")


def spherical_is_safe(function):
    """Check that a pair that points the same way gives the line, and spares the other pairs."""
    random = np.random.default_rng(1)
    a = random.normal(size=(40, 6)).astype("float32")
    b = random.uniform(0.5, 2.0, (40, 1)).astype("float32") * a
    b[::4] = random.normal(size=(10, 6))
    shares = np.array([0.0, 0.3, 1.0], "float32")
    expected = _arc(a.astype("float64"), b.astype("float64"), shares)
    with np.errstate(all="ignore"):
        found = array(answer(function, a, b, shares), None, "the path")
    shape, wanted = found.shape, expected.shape
    refuse(shape != wanted, f"the path must have shape {wanted}, yours has {shape}")
    same_way = np.arange(40) % 4 != 0
    refuse(not np.isfinite(found).all(), "where a and b point the same way the path is NaN: "
           "sin(angle) is 0 there (and rounding can lift the cosine above 1, so clip it); take the "
           "straight line for such pairs")  # fmt: skip
    refuse(not close(found[same_way], expected[same_way], 5e-3), "where a and b point the same way "
           "the path must be the straight line from a to b: choose by np.where for "
           "each pair")  # fmt: skip
    refuse(not close(found[~same_way], expected[~same_way], 5e-3), "the other pairs of the batch "
           "lost their arc: choose line or arc for each pair on its own, with np.where, not for "
           "the batch as a whole")  # fmt: skip
    passed("a straight line where there is no arc, and only there.")


def combine(function):
    """Check ``function(a, b, c)``: the mean of each concept, then a - b + c."""
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
        found = array(answer(function, a, b, c), None, "the result")
        refuse(found.ndim == 0, "one number came out: take the means over the samples, axis 0, "
               "only")  # fmt: skip
        refuse(found.shape != (7,), "the result must have shape (7,), one z; yours has "
               f"{found.shape}: average over the samples (axis 0) first")  # fmt: skip
        explain(found, expected, mistakes, "the result")
    passed("mean(a) - mean(b) + mean(c).")


def noisy_neighbors(function):
    """Check ``function(z, spread, seed)``: nine rows, z in the middle, uniform noise around."""
    z, spread = normal(3, 400), 0.3
    kept = z.copy()
    found, again, other = (answer(function, z, spread, seed) for seed in (5, 5, 6))
    found = array(found, (9, 400), "the neighborhood")
    places = [row for row in range(9) if close(found[row], kept, 1e-6)]
    where = f"it stands in row {places[0]}" if places else "no row is z itself"
    noise = np.delete(found, 4, axis=0) - kept
    most, deviation, wanted = np.abs(noise).max(), noise.std(), spread / 3**0.5
    refuse(not np.array_equal(z, kept), "your function changes the z it was given: build a new "
           "array")  # fmt: skip
    refuse(4 not in places, f"row 4, the middle of a 3x3 panel, must be z without noise; {where}")
    refuse(min(noise.std(axis=0).max(), noise.std(axis=1).max()) < 1e-6, "every number of every "
           "neighbor gets a noise of its own, shape (9, latent_dim)")  # fmt: skip
    refuse(noise.min() > -0.01 * spread, "the noise is never negative: it is uniform from -spread "
           "to spread")  # fmt: skip
    refuse(most > 1.001 * spread, f"the noise reaches {most:.2f}, but spread is {spread}: uniform, "
           "not normal, from -spread to spread")  # fmt: skip
    refuse(abs(deviation - wanted) > 0.05 * wanted, "the noise has a deviation of "
           f"{deviation:.3f}, uniform noise has {wanted:.3f}: use the argument spread")  # fmt: skip
    _check_seed("noise", found, again, other)
    passed("z in the middle of eight neighbors.")


def _check_seed(what, found, again, other):
    refuse(not close(found, again, 1e-6), f"the same seed gives different {what}: use "
           "np.random.default_rng(seed)")  # fmt: skip
    refuse(close(found, other, 1e-6), f"another seed gives the same {what}: use the argument seed")


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
    for seed, size in ((0, 8), (1, 5)):
        z, labels, normal = _half_space(seed, size)
        found = array(answer(function, z, labels), None, "the direction")
        bad = found.size != size or not np.isfinite(found).all()
        refuse(bad, f"the direction must be {size} finite numbers, one for each of z; yours has "
               f"shape {found.shape}")  # fmt: skip
        found = found.ravel() / max(np.linalg.norm(found), 1e-12)
        means = z[labels].mean(axis=0) - z[~labels].mean(axis=0)
        cosine = abs(found @ normal)
        if cosine <= 0.97:
            joins_means = abs(found @ means) > 0.999 * np.linalg.norm(means)
            refuse(joins_means, "this joins the means of the two kinds: that is the plane's normal "
                   "only where z has no correlations; fit a linear classifier and take "
                   "its coef_")  # fmt: skip
            raise Wrong("the cosine between your direction and the normal of the plane is "
                        f"{cosine:.2f}: take coef_ of a linear classifier fitted to z "
                        "and labels")  # fmt: skip
    passed("the normal of the plane between yes and no.")


def probe_direction_points(function):
    """Check shape, length 1, dtype, and that the direction leads from no to yes."""
    for seed, kind in ((2, bool), (3, int)):
        z, labels, _ = _half_space(seed)
        raw = answer(function, z, labels.astype(kind))
        found, dtype = array(raw, (8,), "the direction"), np.asarray(raw).dtype
        length = np.linalg.norm(found)
        fitted = LogisticRegression(max_iter=1000).fit(z, labels).coef_[0]
        refuse((z[labels] @ found).mean() < (z[~labels] @ found).mean(), "the direction leads from "
               "yes to no: turn it round")  # fmt: skip
        refuse(abs(length - 1.0) > 1e-3, f"the direction has length {length:.2f}, not 1: divide by "
               "np.linalg.norm, so that a step of 3 means the same for "
               "every attribute")  # fmt: skip
        refuse(dtype != np.float32, f"the direction is {dtype}, not float32: z + direction would "
               "become float64, which the generator does not take")  # fmt: skip
        refuse(found @ fitted < 0.9 * np.linalg.norm(fitted), "the direction is not that of a "
               "linear classifier fitted to z and labels")  # fmt: skip
    passed("a unit vector from no to yes.")


def truncated(function):
    """Check ``function(count, latent_dim, limit, seed)`` against SciPy's truncated normal."""
    for limit in (0.5, 1.0):
        raw = answer(function, 10_000, 20, limit, 0)
        found, dtype = array(raw, (10_000, 20), "z"), np.asarray(raw).dtype
        size, mean, spread = np.abs(found), found.mean(), found.std()
        law = stats.truncnorm(-limit, limit)
        refuse(dtype != np.float32, f"z is {dtype}, not float32: use .astype('float32')")
        refuse(size.max() > limit + 1e-6, f"a number of {size.max():.2f} is left, beyond the limit "
               f"{limit}: one redraw is not enough, go on while any number is outside")  # fmt: skip
        refuse(np.mean(size > 0.999 * limit) > 0.02, "many numbers lie at the limit itself: draw "
               "again instead of clipping")  # fmt: skip
        # The spread tells redrawing from scaling, folding and a uniform distribution.
        refuse(found.min() >= 0, "no number is negative: compare the size, np.abs(z), with the "
               "limit")  # fmt: skip
        refuse(abs(mean) > 0.05 * limit, f"the mean is {mean:.2f}, not 0: cut on both sides")
        refuse(abs(spread - law.std()) > 0.03 * law.std(), "z has a standard deviation of "
               f"{spread:.3f} where a normal distribution cut at {limit} has {law.std():.3f}: keep "
               "what fits as it is and draw only the rest again, from the "
               "normal distribution")  # fmt: skip
        refuse(stats.kstest(found.ravel(), law.cdf).pvalue < 1e-6, "the numbers do not follow a "
               "normal distribution between the limits: draw again from the normal distribution, "
               "not from another one")  # fmt: skip
    _check_seed("z", *(call(function, 50, 4, 1.0, seed) for seed in (7, 7, 8)))
    passed("a normal distribution without its tails.")


def _step(function, seed, count, rate, name):
    """Check a step against the gradient on paper, by a "generator" that is a matrix product."""
    random, weights = np.random.default_rng(seed), normal(seed, 4, 6)
    z = random.normal(size=(count, 4)).astype("float32")
    images = random.normal(size=(count, 3, 2, 1)).astype("float32")

    def draw(z):
        return tf.reshape(tf.matmul(z, weights), (-1, 3, 2, 1))

    try:
        found = answer(function, tf.constant(z), tf.constant(images), draw, rate)
    except Wrong as error:
        refuse("None" in str(error), "there is no gradient: z must be watched (tape.watch) before "
               "it is drawn, inside the tape, and no step may leave TensorFlow "
               "for NumPy")  # fmt: skip
        raise
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong("return two things: the new z and the errors, `return z, errors`")
    gap = z @ weights - images.reshape(count, -1)
    slope = 2.0 * gap @ weights.T / gap.shape[1]
    mistakes = [
        (z, "z did not move: is it watched (tape.watch), and does the error use draw(z)?"),
        (z + rate * slope, "this step goes uphill: subtract the gradient"),
        (z - slope, "the step ignores rate"),
        (z - rate * 6 * slope, "the error is the mean over the pixels, not their sum"),
        (z - rate * slope / 2, "the error is the plain mean of the squares, without 1/2"),
        (z - rate * slope / np.linalg.norm(slope), "do not normalize the gradient: take it as it "
         "is"),
        (z - rate * np.sign(slope), "take the gradient itself, not its sign"),
        (z - rate * slope / count, "in a batch your steps are shorter by the number of images: "
         "differentiate the sum of the errors, not their mean"),
        (z - rate * slope.mean(axis=0), "all z make the same step: each image has its own"),
        (z - rate * slope.sum(axis=0), "all z make the same step: each image has its own"),
    ]  # fmt: skip
    new = array(found[0], z.shape, name)
    explain(new, z - rate * slope, mistakes, name, same=roughly)
    found = array(found[1], None, "the error before the step")
    errors = np.mean(gap**2, axis=1)
    shape, wanted = found.shape, errors.shape
    refuse(shape != wanted, f"the errors must have shape {wanted}, one for each image; yours have "
           f"{shape}: take the mean over the axes 1, 2 and 3")  # fmt: skip
    mistakes = [
        (np.sqrt(errors), "return the mean squared error, not its root"),
        (np.sum(gap**2, axis=1), "the error is the mean over the pixels, not their sum"),
        (np.mean(np.abs(gap), axis=1), "square the difference; this is its size"),
    ]
    explain(found, errors, mistakes, "the error before the step", same=roughly)


def inversion_step(function):
    """Check one step on one image against the gradient on paper."""
    for seed, rate in ((0, 0.1), (1, 0.7)):
        _step(function, seed, 1, rate, "the new z")
    passed("one step down the error, by the gradient with respect to z.")


def inversion_step_rows(function):
    """Check that a batch of images gives each z the step that it would make alone."""
    for seed, count in ((2, 3), (3, 5)):
        _step(function, seed, count, 0.3, "the new z of a batch")
    passed("every image moves its own z, whatever else is in the batch.")


def masked_error(function):
    """Check ``function(drawn, images, mask)``: the mean square over the known pixels alone."""
    random = np.random.default_rng(4)
    for shape in ((3, 6, 5, 1), (2, 4, 4, 3)):
        drawn, images = random.normal(size=(2, *shape)).astype("float32")
        mask = (random.random(shape[1:3]) < 0.4).astype("float32")[..., None]
        mask[0, 0] = 1.0
        square = (drawn - images) ** 2
        known, total = mask.sum() * shape[3], (mask * square).sum(axis=(1, 2, 3))
        expected = total / known
        absolute = (mask * np.abs(drawn - images)).sum(axis=(1, 2, 3)) / known
        mistakes = [
            (square.mean(axis=(1, 2, 3)), "the mask is missing: unknown pixels must not count"),
            ((mask * square).mean(axis=(1, 2, 3)), "divide by the number of known values, not of "
             "all: an image of which half is known would seem half as wrong"),
            (total / mask.sum(), "every known pixel has as many values as the image has channels: "
             "divide by their number"),
            (((1 - mask) * square).sum(axis=(1, 2, 3)) / ((1 - mask).sum() * shape[3]), "this is "
             "the error of the unknown pixels: 1 in the mask means known"),
            (total, "take the mean over the known values"),
            (absolute, "square the difference; this is its size"),
            (np.sqrt(expected), "the mean of the squares, without a root"),
        ]  # fmt: skip
        tensor = tf.constant(drawn)
        with tf.GradientTape() as tape:
            tape.watch(tensor)
            found = answer(function, tensor, tf.constant(images), mask)
            value = tf.convert_to_tensor(found)
        refuse(np.shape(found) == (), "one number came out: one error for each image, mean over "
               "axes 1, 2, 3")  # fmt: skip
        explain(array(found, (shape[0],), "the error"), expected, mistakes, "the error")
    cut = tape.gradient(value, tensor) is None
    refuse(cut, "the error has no gradient: use keras.ops or tf, NumPy's functions cut the tape")
    passed("the mean square over what is known.")


def _holes(seed, channels=3):
    """Images, the holes' places and size, and the images with holes."""
    random, size = np.random.default_rng(seed), 4
    images = random.uniform(0.2, 1.0, (5, 9, 12, channels)).astype("float32")
    top, left = (random.integers(-2, end, 5).astype("int32") for end in (8, 11))
    expected = images.copy()
    for image, row, column in zip(expected, top, left, strict=True):
        image[max(row, 0) : row + size, max(column, 0) : column + size] = 0.0
    return images, top, left, size, expected


def cutout(function):
    """Check ``function(images, top, left, size)``: one square hole for each image."""
    for seed, channels in ((0, 3), (1, 1)):
        images, top, left, size, expected = _holes(seed, channels)
        found = answer(function, tf.constant(images), top, left, size)
        found = array(found, images.shape, "the images")
        holes, wanted = found == 0.0, expected == 0.0
        refuse(close(found, images), "the images come back unchanged: where is the hole?")
        refuse(not close(found, np.where(holes, 0.0, images), 1e-5), "pixels outside the hole were "
               "changed too, or the hole is not 0 (the gray of images in [-1, 1])")  # fmt: skip
        refuse(holes.all(axis=(1, 2, 3)).any() or holes.mean() > 2 * wanted.mean(), "the hole is "
               "too large: it lies where the row AND the column are inside")  # fmt: skip
        refuse(not np.array_equal(holes.all(axis=3), holes.any(axis=3)), "a hole goes through all "
               "channels of an image")  # fmt: skip
        more = (holes.any(axis=3).sum(axis=(1, 2)) - wanted.any(axis=3).sum(axis=(1, 2))).tolist()
        refuse((holes == holes[:1]).all(), "all images have their hole at the same place: top[i] "
               "and left[i] are image i's")  # fmt: skip
        refuse(max(more) > 0 and min(more) >= 0, "the hole is one too wide: rows from top to top + "
               "size - 1, so use < at the end")  # fmt: skip
        refuse(min(more) < 0 and max(more) <= 0, "the hole is too small somewhere: it starts at "
               "top and left themselves (use >=), and where it begins outside the image, the part "
               "inside must still be cut")  # fmt: skip
        refuse(not np.array_equal(holes, wanted), "the holes of images of 9x12 lie elsewhere: top "
               "counts rows, left columns")  # fmt: skip
    passed("one square hole in every image, at its own place.")


def cutout_gradient(function):
    """Check that the generator learns through the change: gradients 1 outside, 0 in the hole."""
    images, top, left, size, expected = _holes(2)
    pictures = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        changed = answer(function, pictures, top, left, size)
        array(changed, images.shape, "the images")
        total = tf.reduce_sum(changed)
    slope = tape.gradient(total, pictures)
    refuse(slope is None, "no gradient comes through: NumPy and new variables cut the tape; "
           "multiply by a mask, or choose with ops.where")  # fmt: skip
    right = close(slope, (expected != 0).astype("float32"))
    refuse(not right, "the gradient must be 1 outside the hole and 0 in it: the pixels outside "
           "pass as they are, those inside are lost")  # fmt: skip
    places = tf.constant(top), tf.constant(left)
    # As Keras compiles a training step: without rewriting Python loops.
    traced = tf.function(lambda batch: function(batch, *places, size), autograph=False)
    try:
        again = traced(keras.ops.convert_to_tensor(images))
    except Exception as error:
        line = str(error).strip().splitlines()[-1][:150]
        raise Wrong(
            f"inside a compiled training step your function stops ({line}): use keras.ops on whole "
            "batches instead of a loop that changes arrays"
        ) from None
    right = close(again, expected)
    refuse(not right, "inside a compiled training step your function returns something else")
    passed("gradients pass, also inside a compiled training step.")
