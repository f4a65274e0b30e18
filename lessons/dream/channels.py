"""What single channels look for: pictures dreamed from noise, all channels at the same time."""

from pathlib import Path

import numpy as np
import tensorflow as tf

from helpers import checking, images
from lessons import pixels
from lessons.dream import objective

FINENESS = (0.25, 0.7, 1.0, 1.0)  # weight of each band, finest first: less grain, more shape
COLOR = 0.45  # share of the gradient's color: full color hides the shapes
STEP = 8.0  # pixel values by which a step moves the pixels, as a root mean square
CALM = 0.1  # share of the finest detail that each step takes away again
CLOUDS = 24  # noise pictures from which each channel starts from the one that it likes best
MARGIN = 16  # pixels around a picture; it moves by as much under the network
SCALES = (0.5, 0.7, 1.0)  # of the final size: three octaves


def visualize(network, layer, channels, *, size=96, num_iterations=16, cache=None):
    """Dream one picture for each channel, from noise.

    Source: Erhan et al. 2009; the octaves and the Laplacian gradient are those of ``dream``.

    Args:
        network: from ``features.load``.
        layer: name or number.
        channels: numbers, a range or a slice.
        size: of the pictures, pixels.
        num_iterations: steps in each of three octaves.
        cache: a file (``.npz``) that keeps the pictures; a call with the same arguments reads it.

    Returns:
        uint8 array ``(N, size, size, 3)``, one picture a channel.

    Raises:
        ValueError: an unknown layer or channel, or a number that makes no sense.
    """
    layer = network.layer(layer)
    channels = network.channel_list(layer, channels)
    size = checking.whole(size, "size", 16)
    num_iterations = checking.whole(num_iterations, "num_iterations")
    key = repr((network.origin, layer, channels, size, num_iterations))
    pictures = _cached(cache, key)
    if pictures is None:
        pictures = _from_noise(network, layer, channels, size, num_iterations)
        if cache is not None:
            Path(cache).parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(cache, key=key, pictures=pictures)
    return pictures


def _cached(cache, key):
    """The pictures in a cache file, or ``None`` if it is not there or has others."""
    if cache is None or not Path(cache).is_file():
        return None
    try:
        with np.load(cache) as file:
            return file["pictures"] if str(file["key"]) == key else None
    except Exception:  # a damaged cache is made again
        return None


def _from_noise(network, layer, channels, size, num_iterations):
    random = np.random.default_rng(0)
    function = pixels.traced_once(network, ("channels", layer), lambda: _trace(network, layer))
    sides = [max(16, round(size * scale)) for scale in SCALES]
    clouds = np.stack([_cloud(random, sides[0]) for _ in range(CLOUDS)])
    maps = network.outputs(network.preprocess(clouds), [network.linear(layer)])[0]
    answers = tf.reduce_mean(maps, (1, 2)).numpy()
    dreams = clouds[answers[:, list(channels)].argmax(axis=0)]
    for side in sides:
        dreams = np.stack([images.resize(image, (side, side), "bicubic") for image in dreams])
        for _ in range(num_iterations):
            top, left = random.integers(MARGIN + 1, size=2)
            edges = ((0, 0), (top, MARGIN - top), (left, MARGIN - left), (0, 0))
            # The mirror image around it: at a bare border deep layers see walls.
            wide = np.pad(dreams, edges, mode="symmetric")
            slope, grain = function(wide, np.array(channels, "int32"))
            change = STEP * slope.numpy() - CALM * grain.numpy()
            dreams += change[:, top : top + side, left : left + side]
            # Only what is pushed on again and again shall last.
            dreams = np.clip(128 + 0.98 * (dreams - 128), 0, 255)
    return np.rint(dreams).astype("uint8")


def _cloud(random, side):
    """Noise with shapes of all sizes, ``(side, side, 3)``; plain noise says little to a channel."""
    contrast = random.uniform(0.7, 2.5)
    image = np.full((side, side, 3), 128, "float32")
    for cells in (2, 4, 8, 16, side):
        layer = random.normal(0, 16, (cells, cells, 1)) + random.normal(0, 8, (cells, cells, 3))
        image += contrast * images.resize(layer.astype("float32"), (side, side), "bicubic")
    return np.clip(image, 0, 255)


def _trace(network, layer):
    @tf.function(
        input_signature=[tf.TensorSpec([None, None, None, 3]), tf.TensorSpec([None], tf.int32)],
        autograph=False,
    )
    def slopes(images, channels):
        with tf.GradientTape() as tape:
            tape.watch(images)
            maps = network.outputs(network.preprocess(images), [network.linear(layer)])[0]
            own = tf.gather(tf.transpose(maps, [0, 3, 1, 2]), channels, batch_dims=1)
            total = tf.reduce_sum(own)
        slope = tape.gradient(total, images)
        bands = objective.split(objective.muted(slope, COLOR), len(FINENESS))
        sizes = [_size(band) / share for band, share in zip(bands, FINENESS, strict=True)]
        slope = objective.merge(bands, sizes)
        return slope / _size(slope), objective.split(images, 2)[0]

    return slopes


def _size(images):
    """Root mean square of each image, ``(N, 1, 1, 1)``, never 0."""
    return tf.sqrt(tf.reduce_mean(images**2, axis=[1, 2, 3], keepdims=True)) + 1e-12
