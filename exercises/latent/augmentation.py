"""Checks of a differentiable change of pictures."""

import keras
import numpy as np
import tensorflow as tf

from exercises.answers import answer, own_work
from exercises.latent.reading import array
from exercises.verdict import Wrong, close, passed


def _holes(seed, count=5, height=9, width=12, channels=3):
    """Images, the holes' places and size, and the images with holes."""
    random = np.random.default_rng(seed)
    images = random.uniform(0.2, 1.0, (count, height, width, channels)).astype("float32")
    size = 4
    top = random.integers(-2, height - 1, count).astype("int32")
    left = random.integers(-2, width - 1, count).astype("int32")
    expected = images.copy()
    for i in range(count):
        rows = slice(max(top[i], 0), max(top[i] + size, 0))
        expected[i, rows, max(left[i], 0) : max(left[i] + size, 0)] = 0.0
    return images, top, left, size, expected


def cutout(function):
    """Check ``function(images, top, left, size)``: one square hole for each image."""
    own_work(function)
    for seed, channels in ((0, 3), (1, 1)):
        images, top, left, size, expected = _holes(seed, channels=channels)
        found = answer(function, tf.constant(images), top, left, size)
        found = array(found, images.shape, "the images")
        if close(found, images):
            raise Wrong("the images come back unchanged: where is the hole?")
        holes, wanted = found == 0.0, expected == 0.0
        if not close(found, np.where(holes, 0.0, images), 1e-5):
            raise Wrong(
                "pixels outside the hole were changed too, or the hole is not 0 (the gray of "
                "images in [-1, 1])"
            )
        if holes.all(axis=(1, 2, 3)).any() or (holes.mean() > 2 * wanted.mean()):
            raise Wrong("the hole is too large: it lies where the row AND the column are inside")
        if not np.array_equal(holes.all(axis=3), holes.any(axis=3)):
            raise Wrong("a hole goes through all channels of an image")
        _check_places(holes, wanted, top, left)
    passed("one square hole in every image, at its own place.")


def _check_places(holes, wanted, top, left):
    if np.array_equal(holes, wanted):
        return
    if (holes == holes[:1]).all():
        raise Wrong(
            "all images have their hole at the same place: top[i] and left[i] are image i's"
        )
    rows, columns = wanted.shape[1:3]
    per_image = holes.any(axis=3).sum(axis=(1, 2)) - wanted.any(axis=3).sum(axis=(1, 2))
    if (per_image > 0).any() and (per_image >= 0).all():
        raise Wrong(
            "the hole is one too wide: rows from top to top + size - 1, so use < at the end"
        )
    if (per_image < 0).any() and (per_image <= 0).all():
        raise Wrong(
            "the hole is too small somewhere: it starts at top and left themselves (use >=), and "
            "where it begins outside the image, the part inside must still be cut"
        )
    raise Wrong(
        f"the holes of images of {rows}x{columns} lie elsewhere: top counts rows, left columns"
    )


def cutout_gradient(function):
    """Check that the generator learns through the change: gradients 1 outside, 0 in the hole."""
    own_work(function)
    images, top, left, size, expected = _holes(2)
    pictures = tf.constant(images)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        changed = answer(function, pictures, top, left, size)
        array(changed, images.shape, "the images")
        total = tf.reduce_sum(changed)
    slope = tape.gradient(total, pictures)
    if slope is None:
        raise Wrong(
            "no gradient comes through: NumPy and new variables cut the tape; multiply by a mask, "
            "or choose with ops.where"
        )
    slope = np.asarray(slope)
    if not close(slope, (expected != 0).astype("float32")):
        raise Wrong(
            "the gradient must be 1 outside the hole and 0 in it: the pixels outside pass as they "
            "are, those inside are lost"
        )
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
    if not close(again, expected):
        raise Wrong("inside a compiled training step your function returns something else")
    passed("gradients pass, also inside a compiled training step.")
