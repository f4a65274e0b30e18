"""Images as arrays: read from files, scaled, resized, put on a sheet, written as a GIF.

Files and data sets hold uint8 in [0, 255], networks want small floats. Nothing here guesses a
range from the numbers it sees: a batch of dark images in [0, 1] looks like one in [-1, 1].
"""

from pathlib import Path

import imageio.v3 as iio
import numpy as np
import tensorflow as tf
from PIL import Image, ImageDraw, ImageFont

import helpers
from helpers import checking

RESAMPLING = {
    "bilinear": Image.Resampling.BILINEAR,
    "bicubic": Image.Resampling.BICUBIC,
    "lanczos": Image.Resampling.LANCZOS,
    "area": Image.Resampling.BOX,
}
CAPTION_HEIGHT = 24  # pixels of a line of text on a sheet

# Loaded by those who read pictures from files.
OTHERS = ("photographs", "photograph", "paintings", "painting", "read", "decode")

__getattr__ = helpers.on_demand("helpers", dict.fromkeys(OTHERS, "picture_files"))


def to_float(images, value_range=(-1, 1)):
    """Map bytes to floats: 0 becomes the low end of ``value_range`` and 255 the high end.

    Args:
        images: uint8 array or tensor of any shape, values in [0, 255].
        value_range: (low, high) of the result; (-1, 1) suits a tanh, (0, 1) a sigmoid.

    Returns:
        float32 of the same shape, an array for an array and a tensor for a tensor.

    Raises:
        ValueError: ``images`` are not uint8 (are they scaled already?), or the range is empty.
    """
    low, high = checking.value_range(value_range)
    images = images if tf.is_tensor(images) else np.asarray(images)
    dtype = np.dtype(getattr(images.dtype, "as_numpy_dtype", images.dtype))
    if dtype != np.uint8:
        raise ValueError(
            f"to_float takes uint8 images in [0, 255], got {dtype}: are they scaled already?"
        )
    # Centered and multiplied, not divided: TensorFlow turns a division by a constant into a
    # product inside a graph, and then eager and traced code would differ in the last bit.
    scale, middle = np.float32((high - low) / 255), np.float32((high + low) / 2)
    if tf.is_tensor(images):
        return (tf.cast(images, tf.float32) - 127.5) * scale + middle
    table = (np.arange(256, dtype="float32") - np.float32(127.5)) * scale + middle
    return table[images]


def to_uint8(images, value_range):
    """Map floats in ``value_range`` to bytes, rounded; what lies outside is clipped.

    Args:
        images: float array or tensor of any shape.
        value_range: (low, high) that becomes 0 and 255.

    Returns:
        uint8 array of the same shape.

    Raises:
        ValueError: ``images`` are uint8 already, or hold NaN or infinity, or the range is empty.
    """
    low, high = checking.value_range(value_range)
    images = checking.as_array(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"to_uint8 turns floats into bytes, but the images are {images.dtype}")
    checking.finite(images, "images")
    scaled = (images.astype("float32") - low) * (255.0 / (high - low))
    return np.rint(np.clip(scaled, 0.0, 255.0)).astype("uint8")


def binarize(images, how="stochastic", seed=0):
    """Gray images as 0s and 1s, the form in which a Bernoulli likelihood is a probability.

    Args:
        images: float array in [0, 1], any shape.
        how: ``"stochastic"`` draws each pixel as a coin whose probability of 1 is its gray value
            (Salakhutdinov & Murray 2008, as usual for MNIST); ``"threshold"`` asks whether it is
            above 1/2.
        seed: of the coins.

    Returns:
        float32 array of the same shape, values 0 and 1.

    Raises:
        ValueError: values outside [0, 1], NaN, bytes, or an unknown ``how``.
    """
    images = checking.as_array(images)
    checking.choice(how, "how", ("stochastic", "threshold"))
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"binarize takes floats in [0, 1], got {images.dtype}: scale them with to_float"
        )
    checking.in_range(checking.finite(images, "images"), (0, 1), "images")
    if how == "threshold":
        return (images > 0.5).astype("float32")
    return (np.random.default_rng(seed).random(images.shape) < images).astype("float32")


# --- Sizes, sheets, animations ---


def resize(images, size, method="bilinear"):
    """Scale images to ``size``, antialiased when they shrink.

    Args:
        images: uint8 or float array, shape (N, H, W, C), (H, W, C), or (H, W) such as a mask.
        size: height and width, an int for a square or a pair.
        method: ``"bilinear"`` or ``"area"`` (the average of the pixels that a new one covers),
            which stay in the range of the values; ``"bicubic"`` or ``"lanczos"``, which are
            sharper and overshoot at edges (bytes are clipped, floats are not).

    Returns:
        Array of the same dtype and rank.

    Raises:
        ValueError: another rank, a size below 1, or an unknown method.
    """
    images = checking.as_array(images)
    if images.ndim not in (2, 3, 4):
        raise ValueError(
            f"images must have shape (N, H, W, C), (H, W, C) or (H, W), got {images.shape}"
        )
    height, width = checking.size(size)
    resampling = RESAMPLING[checking.choice(method, "method", RESAMPLING)]
    shape = {2: (1, *images.shape, 1), 3: (1, *images.shape)}.get(images.ndim, images.shape)
    batch = images.reshape(shape)
    resized = np.empty((shape[0], height, width, shape[-1]), images.dtype)
    for index, channel in np.ndindex(shape[0], shape[-1]):  # one plane at a time saves memory
        plane = batch[index, ..., channel]
        plane = plane if plane.dtype == np.uint8 else plane.astype("float32")
        plane = Image.fromarray(np.ascontiguousarray(plane))
        resized[index, ..., channel] = plane.resize((width, height), resampling)
    return {2: resized[0, ..., 0], 3: resized[0]}.get(images.ndim, resized)


def sheet(images, columns, *, scale=1, gap=4, captions=None, row_names=None, title=None, frames=()):
    """Images on one sheet of white paper, row by row, drawn much faster than a figure.

    Args:
        images: uint8 array, shape (N, H, W, 1) or (N, H, W, 3).
        columns: images in a row.
        scale: pixels of the sheet that show one pixel of an image, in each direction.
        gap: pixels between two images.
        captions: one text for each image, above it.
        row_names: one text for each row, at its left.
        title: text above everything.
        frames: ``{index: color}`` of images with a frame, half as wide as the gap.

    Returns:
        PIL image.
    """
    count, height, width = (*np.shape(images)[:1], *(scale * n for n in np.shape(images)[1:3]))
    rows, line = -(-count // columns), CAPTION_HEIGHT if captions is not None else 0
    top, font = CAPTION_HEIGHT if title else 0, ImageFont.load_default(16)
    left = 8 + int(max(map(font.getlength, row_names))) if row_names else 0
    cell_height, cell_width = line + height + gap, width + gap
    paper = Image.new("RGB", (left + columns * cell_width, top + rows * cell_height), "white")
    draw = ImageDraw.Draw(paper)
    for index, image in enumerate(images):
        row, column = divmod(index, columns)
        x, y = left + column * cell_width + gap // 2, top + row * cell_height + gap // 2
        if captions is not None:
            draw.text((x + 2, y), captions[index], "black", font)
        if index in frames:
            edge = (x - gap // 2, y + line - gap // 2)
            draw.rectangle(
                (*edge, edge[0] + cell_width - 1, edge[1] + height + gap - 1), frames[index]
            )
        tile = np.broadcast_to(image, (*image.shape[:2], 3)).repeat(scale, 0).repeat(scale, 1)
        paper.paste(Image.fromarray(tile), (x, y + line))
    for row, name in enumerate(row_names or ()):
        draw.text((4, top + (row + 0.5) * cell_height), name, "black", font, anchor="lm")
    if title:
        draw.text((4, 2), title, "black", font)
    return paper


def write_gif(frames, path, *, milliseconds=80, last_milliseconds=None):
    """Write an animation that starts again at its end; returns its path.

    Args:
        frames: uint8 arrays (H, W, 3) of one size.
        path: of the file, ``NAME.gif``; its folder is made.
        milliseconds: each frame's time.
        last_milliseconds: the last frame's time, if it is another.

    Raises:
        ValueError: no frames, or frames of different sizes.
    """
    frames, path = list(frames), Path(path)
    if not frames or len({np.shape(frame) for frame in frames}) != 1:
        raise ValueError("an animation needs at least one frame, and all of the same size")
    path.parent.mkdir(parents=True, exist_ok=True)
    durations = [milliseconds] * (len(frames) - 1) + [last_milliseconds or milliseconds]
    iio.imwrite(path, frames, duration=durations, loop=0)
    return path
