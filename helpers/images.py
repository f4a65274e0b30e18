"""Pixels between bytes and numbers: value ranges, sizes, and a check that explains itself.

Files and data sets hold uint8 in [0, 255], networks want small floats. Nothing here guesses a
range from the numbers it sees: a batch of dark images in [0, 1] looks like one in [-1, 1].
"""

import numpy as np
import tensorflow as tf

BINARIZATIONS = ("stochastic", "threshold")
TOLERANCE = 1e-3  # of the width of a range: float arithmetic may end a hair outside


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
    low, high = _ends(value_range)
    # Centerd and multiplied, not divided: TensorFlow turns a division by a constant into a
    # product inside a graph, and then eager and traced code would differ in the last bit.
    scale, middle = np.float32((high - low) / 255), np.float32((high + low) / 2)
    if tf.is_tensor(images):
        _require_bytes(images.dtype.as_numpy_dtype)
        return (tf.cast(images, tf.float32) - 127.5) * scale + middle
    images = np.asarray(images)
    _require_bytes(images.dtype)
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
    low, high = _ends(value_range)
    images = _array(images)
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(f"to_uint8 turns floats into bytes, but the images are {images.dtype}")
    _require_finite(images, "images")
    unit = (images.astype("float32") - low) / (high - low)
    return np.rint(np.clip(unit, 0.0, 1.0) * 255.0).astype("uint8")


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
    images = _array(images)
    if how not in BINARIZATIONS:
        raise ValueError(f"how must be one of {', '.join(BINARIZATIONS)}, got {how!r}")
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"binarize takes floats in [0, 1], got {images.dtype}: scale them with to_float"
        )
    _require_finite(images, "images")
    _require_range(images, (0, 1), "images")
    if how == "threshold":
        return (images > 0.5).astype("float32")
    return (np.random.default_rng(seed).random(images.shape) < images).astype("float32")


def resize(images, size):
    """Scale images to ``size``, antialiased (bilinear), so that small copies do not flicker.

    Args:
        images: uint8 or float array, shape (N, H, W, C) or (H, W, C).
        size: height and width, an int for a square or a pair.

    Returns:
        Array of the same dtype and rank. Values stay in the range that they had.

    Raises:
        ValueError: another rank, or a size below 1.
    """
    images = _array(images)
    if images.ndim not in (3, 4):
        raise ValueError(f"images must have shape (N, H, W, C) or (H, W, C), got {images.shape}")
    scaled = tf.image.resize(images, pair(size), method="bilinear", antialias=True).numpy()
    if images.dtype == np.uint8:
        return np.rint(np.clip(scaled, 0, 255)).astype("uint8")
    return scaled.astype(images.dtype)


def pair(size):
    """``size`` as (height, width): an int means a square.

    Raises:
        ValueError: not one or two whole numbers of at least 1.
    """
    both = tuple(size) if isinstance(size, (tuple, list)) else (size, size)
    whole = all(isinstance(n, (int, np.integer)) and not isinstance(n, bool) for n in both)
    if len(both) != 2 or not whole or min(both) < 1:
        raise ValueError(f"size must be a whole number >= 1 or a pair of them, got {size!r}")
    return int(both[0]), int(both[1])


def check_images(images, shape=None, value_range=None, name="images"):
    """Stop with an explanation if ``images`` are not what the next cell takes them for.

    Args:
        images: array or tensor, shape (N, H, W, C).
        shape: wanted (H, W, C), or (N, H, W, C); ``None`` stands for any number.
        value_range: (low, high) that must hold all values, ends included.
        name: what the message calls them.

    Raises:
        ValueError: no images, another shape, not numbers, NaN or infinity, or values outside the
            range. The message says what was found and, where it is known, the cure.
    """
    images = _array(images)
    if images.ndim != 4:
        raise ValueError(f"{name} must have shape (N, H, W, C), got {images.shape}")
    if images.size == 0:
        raise ValueError(f"{name} must hold at least one image, got shape {images.shape}")
    if shape is not None:
        _require_shape(images.shape, tuple(shape), name)
    if not np.issubdtype(images.dtype, np.number):
        raise ValueError(f"{name} must be numbers, got {images.dtype}")
    _require_finite(images, name)
    if value_range is not None:
        _require_range(images, value_range, name)


def _array(images):
    """``images`` as a NumPy array; bfloat16, which NumPy does not count as numbers, as float32."""
    images = np.asarray(images)
    return images.astype("float32") if images.dtype.name == "bfloat16" else images


def _require_shape(found, wanted, name):
    if len(wanted) not in (3, 4):
        raise ValueError(f"shape must be (H, W, C) or (N, H, W, C), got {wanted}")
    tail = found[-len(wanted) :]
    if any(want is not None and want != have for want, have in zip(wanted, tail, strict=True)):
        words = ", ".join("any" if number is None else str(number) for number in wanted)
        raise ValueError(f"{name} must have shape ({words}), got {tail}")


def _require_range(images, value_range, name):
    low, high = _ends(value_range)
    smallest, largest = float(images.min()), float(images.max())
    slack = TOLERANCE * (high - low)
    if smallest >= low - slack and largest <= high + slack:
        return
    message = f"{name} must lie in [{low:g}, {high:g}], found [{smallest}, {largest}]"
    if smallest >= 0 and largest > max(1.0, high):
        message += f": scale them with images.to_float({name}, value_range=({low:g}, {high:g}))"
    elif smallest >= -1 - TOLERANCE and low == 0 and high == 1:
        message += ": they look scaled to [-1, 1]; a sigmoid's range is [0, 1]"
    raise ValueError(message)


def _require_finite(images, name):
    if np.issubdtype(images.dtype, np.floating):
        broken = images.size - int(np.isfinite(images).sum())
        if broken:
            raise ValueError(f"{name} hold {broken} values that are NaN or infinite")


def _require_bytes(dtype):
    if dtype != np.uint8:
        raise ValueError(
            f"to_float takes uint8 images in [0, 255], got {np.dtype(dtype)}: "
            "are they scaled already?"
        )


def _ends(value_range):
    """(low, high) as floats, checked."""
    try:
        low, high = (float(end) for end in value_range)
    except (TypeError, ValueError):
        raise ValueError(f"value_range must be (low, high), got {value_range!r}") from None
    if not low < high:
        raise ValueError(f"value_range must be (low, high) with low < high, got {value_range!r}")
    return low, high
