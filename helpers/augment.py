"""Differentiable augmentation: the discriminator never sees the same picture twice.

With a thousand pictures a discriminator learns them by heart, and then has nothing left to teach.
So each picture that it sees, **real or generated**, is first changed in a random way. If only the
real ones were changed, the generator would learn to draw changed pictures; and since it learns
through the change, the change must be differentiable.

The functions take the amounts of the change, one for each image, and draw no chance themselves.
``Augment`` draws the amounts: ``gan.compile(..., augment=Augment("color,translation,cutout"))``.
Images are float tensors ``(N, H, W, C)`` in [-1, 1]; results may leave that range a little.

Source: Zhao et al. 2020 (arXiv:2006.10738). Taught in notebooks 02 and 08.
"""

import keras
from keras import ops

from helpers import checking

POLICIES = ("color", "translation", "cutout")
SHIFT = 1 / 8  # of the side, at most, in either direction
HOLE = 1 / 2  # of the side


def brightness(images, amount):
    """Every value of image i plus ``amount[i]``; amount ``(N,)``."""
    return images + _each(amount)


def saturation(images, factor):
    """Colors pulled from their gray by ``factor[i]``: 0 makes gray, 1 changes nothing."""
    gray = ops.mean(images, axis=3, keepdims=True)
    return gray + _each(factor) * (images - gray)


def contrast(images, factor):
    """Values pulled from the mean of their image by ``factor[i]``."""
    mean = ops.mean(images, axis=(1, 2, 3), keepdims=True)
    return mean + _each(factor) * (images - mean)


def translate(images, down, right):
    """Image i moved by ``down[i]`` rows and ``right[i]`` columns; 0 (gray) comes in at the edge.

    Args:
        down, right: whole numbers ``(N,)``, negative for up and left.
    """
    height, width = ops.shape(images)[1:3]
    # A shifted unit matrix moves rows (or columns) by a product, which has a gradient.
    rows = ops.one_hot(ops.arange(height) - _row(down), height, dtype=images.dtype)
    columns = ops.one_hot(ops.arange(width) - _row(right), width, dtype=images.dtype)
    moved = ops.einsum("nyi,nijc->nyjc", rows, images)
    return ops.einsum("nxj,nyjc->nyxc", columns, moved)


def cutout(images, top, left, size):
    """A square hole of ``size`` pixels, filled with 0 (gray), in every image.

    Args:
        top, left: whole numbers ``(N,)``, the hole's first row and column; where the hole reaches
            over the edge, only a part of it is seen.
        size: side of the hole in pixels.
    """
    height, width = ops.shape(images)[1:3]
    y, x = ops.arange(height), ops.arange(width)
    in_rows = ops.logical_and(y >= _row(top), y < _row(top) + size)
    in_columns = ops.logical_and(x >= _row(left), x < _row(left) + size)
    hole = ops.logical_and(in_rows[:, :, None], in_columns[:, None, :])[..., None]
    return ops.where(hole, ops.zeros_like(images), images)


class Augment(keras.layers.Layer):
    """Random changes for ``GAN.compile(augment=...)``: others for each image and each call.

    Brightness moves by up to 0.5, saturation is multiplied by 0 to 2 and contrast by 0.5 to 1.5;
    pictures move by up to an eighth of their side; a hole covers half a side. All channels of an
    image change together. Being a layer, it saves the state of its seed with the model.

    Args:
        policy: the kinds of change, separated by commas.
        seed: of the changes.

    Raises:
        ValueError: an unknown kind of change, or none.
    """

    def __init__(self, policy="color,translation,cutout", seed=0, **options):
        super().__init__(**options)
        words = str(policy).replace(" ", "").split(",")
        self.policy = [checking.choice(word, "each part of policy", POLICIES) for word in words]
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, images):
        count, (height, width) = ops.shape(images)[0], ops.shape(images)[1:3]
        if "color" in self.policy:
            images = brightness(images, self._between(-0.5, 0.5, count))
            images = saturation(images, self._between(0.0, 2.0, count))
            images = contrast(images, self._between(0.5, 1.5, count))
        if "translation" in self.policy:
            most = [int(side * SHIFT + 0.5) for side in (height, width)]
            images = translate(images, *(self._whole(-side, side + 1, count) for side in most))
        if "cutout" in self.policy:
            size = int(max(height, width) * HOLE + 0.5)
            starts = [
                self._whole(-(size // 2), side - size // 2, count) for side in (height, width)
            ]
            images = cutout(images, *starts, size)
        return images

    def _between(self, low, high, count):
        return keras.random.uniform((count,), low, high, seed=self.seed_generator)

    def _whole(self, low, high, count):
        """Whole numbers from ``low`` to ``high - 1``."""
        return keras.random.randint((count,), low, high, seed=self.seed_generator)


class PairAugment(keras.layers.Layer):
    """The same random change for a source and its target, for ``ImageToImage.compile``.

    Both move by up to ``shift`` pixels on white paper; and in a share of the batches red, green and
    blue change places, so that a thousand pairs look like many more.

    Args:
        shift: in pixels, at most, in either direction.
        recolor: share of the batches that get other colors, 0 to 1.
        seed: of the changes; its state is saved with the model.
    """

    def __init__(self, shift=4, recolor=0.3, seed=0, **options):
        super().__init__(**options)
        self.shift = checking.whole(shift, "shift", 0)
        self.recolor = checking.number(recolor, "recolor", at_least=0, at_most=1)
        self.seed_generator = keras.random.SeedGenerator(seed)

    def call(self, source, target):
        count, draw = ops.shape(source)[0], self.seed_generator
        by = keras.random.randint((2, count), -self.shift, self.shift + 1, seed=draw)
        both = ops.concatenate([source, target], axis=-1) - 1.0  # 0 is white: what comes in
        both = translate(both, by[0], by[1]) + 1.0
        order = keras.random.shuffle(ops.arange(3), seed=draw)
        keep = keras.random.uniform((), seed=draw) >= self.recolor
        order = ops.where(keep, ops.arange(3), order)
        return ops.take(both, order, axis=-1), ops.take(both, order + 3, axis=-1)


def _each(amount):
    """``(N,)`` as ``(N, 1, 1, 1)``."""
    return ops.reshape(amount, (-1, 1, 1, 1))


def _row(amount):
    """``(N,)`` as ``(N, 1)``, whole."""
    return ops.cast(ops.reshape(amount, (-1, 1)), "int32")
