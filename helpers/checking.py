"""The one place that validates arguments: a mistake ends in a ``ValueError`` that says what to do.

Every function takes the value and the name that the message gives it, and returns the value in the
form that the caller computes with. Grading the exercises is another matter: see ``exercises``.
"""

import math

import numpy as np

TOLERANCE = 1e-3  # of the width of a range: float arithmetic may end a hair outside
READ_PICTURE = "images.read(...) makes RGB pictures of all kinds of files"


def is_whole(value):
    """Whether ``value`` is a whole number; True and False are none."""
    return isinstance(value, (int, np.integer)) and not isinstance(value, bool)


def whole(value, name, at_least=1, at_most=None):
    """``value`` as an int within the bounds, ends included."""
    if not is_whole(value) or value < at_least or (at_most is not None and value > at_most):
        bounds = f"of at least {at_least}" if at_most is None else f"from {at_least} to {at_most}"
        raise ValueError(f"{name} must be a whole number {bounds}, got {value!r}")
    return int(value)


def number(value, name, *, at_least=None, above=None, at_most=None, below=None):
    """``value`` as a finite float within the bounds; ``above`` and ``below`` leave out the end."""
    good = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    good = good and math.isfinite(value)
    good = good and (at_least is None or value >= at_least) and (above is None or value > above)
    good = good and (at_most is None or value <= at_most) and (below is None or value < below)
    if good:
        return float(value)
    bounds = (("at least", at_least), ("above", above), ("at most", at_most), ("below", below))
    words = " and ".join(f"{word} {bound:g}" for word, bound in bounds if bound is not None)
    raise ValueError(f"{name} must be a number {words}".rstrip() + f", got {value!r}")


def choice(value, name, choices):
    """``value`` if it is one of ``choices``."""
    if not any(type(value) is type(each) and value == each for each in choices):
        known = ", ".join(str(each) for each in choices)
        raise ValueError(f"{name} must be one of {known}, got {value!r}")
    return value


def size(value, name="size"):
    """``value`` as (height, width) in pixels: an int means a square."""
    both = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(both) != 2:
        raise ValueError(f"{name} must be a whole number or a pair (height, width), got {value!r}")
    return whole(both[0], name), whole(both[1], name)


def value_range(ends):
    """(low, high) as floats, low below high."""
    try:
        low, high = (float(end) for end in ends)
    except (TypeError, ValueError):
        raise ValueError(f"value_range must be (low, high), got {ends!r}") from None
    if not low < high:
        raise ValueError(f"value_range must be (low, high) with low < high, got {ends!r}")
    return low, high


# --- Images ---


def images(batch, shape=None, value_range=None, name="images"):
    """Stop with an explanation if ``batch`` is not what the next cell takes it for.

    Args:
        batch: array or tensor, shape (N, H, W, C).
        shape: wanted (H, W, C), or (N, H, W, C); ``None`` stands for any number.
        value_range: (low, high) that must hold all values, ends included.
        name: what the message calls the images.

    Returns:
        the images as a NumPy array.

    Raises:
        ValueError: no images, another shape, not numbers, NaN or infinity, or values outside the
            range. The message says what was found and, where it is known, the cure.
    """
    batch = as_array(batch)
    if batch.ndim != 4:
        raise ValueError(f"{name} must have shape (N, H, W, C), got {batch.shape}")
    if batch.size == 0:
        raise ValueError(f"{name} must hold at least one image, got shape {batch.shape}")
    if shape is not None:
        found = batch.shape[-len(shape) :]
        if any(want not in (None, have) for want, have in zip(shape, found)):
            words = ", ".join("any" if number is None else str(number) for number in shape)
            raise ValueError(f"{name} must have shape ({words}), got {found}")
    if not np.issubdtype(batch.dtype, np.number):
        raise ValueError(f"{name} must be numbers, got {batch.dtype}")
    finite(batch, name)
    if value_range is not None:
        in_range(batch, value_range, name)
    return batch


def picture(image, name="image"):
    """One RGB picture as an array ``(H, W, 3)``, uint8 or float32 in [0, 255].

    Raises:
        ValueError: gray, transparent, empty or not finite, of another range, or not numbers.
    """
    pixels = np.asarray(image)
    if pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] == 1):
        raise ValueError(
            f"{name} is gray, shape {pixels.shape}: np.repeat(image[..., None], 3, -1), or "
            f"{READ_PICTURE}"
        )
    if pixels.ndim == 3 and pixels.shape[-1] == 4:
        raise ValueError(f"{name} has an alpha channel, shape {pixels.shape}: {READ_PICTURE}")
    if pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise ValueError(f"{name} must have shape (H, W, 3), got {pixels.shape}: one picture")
    if pixels.dtype == np.uint8:
        return pixels
    if not np.issubdtype(pixels.dtype, np.number):
        raise ValueError(f"{name} must hold numbers, got {pixels.dtype}")
    pixels = finite(pixels.astype("float32"), name)
    low, high = float(pixels.min()), float(pixels.max())
    if low < 0 or high > 255:
        raise ValueError(f"{name} must lie in [0, 255], found [{low:g}, {high:g}]")
    if 0 < high <= 1:
        raise ValueError(f"{name} lies in [0, {high:g}]: pixels go up to 255 here, multiply by 255")
    return pixels


def mask(values, shape=None, name="mask"):
    """A mask as uint8 ``(H, W)``, 0 for untouched and 255 for free.

    Args:
        values: ``(H, W)``, True and False or numbers in [0, 1].
        shape: the wanted (H, W), or ``None`` for any.
    """
    values = np.asarray(values)
    if values.ndim != 2 or (shape is not None and values.shape != tuple(shape)):
        wanted = "have shape (H, W)" if shape is None else f"have the picture's size {tuple(shape)}"
        raise ValueError(f"{name} must {wanted}, got {values.shape}")
    if values.dtype == bool:
        return values.astype("uint8") * np.uint8(255)
    if not np.issubdtype(values.dtype, np.number) or not np.isfinite(values).all():
        raise ValueError(f"{name} must hold True and False, or numbers from 0 to 1")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(f"{name} must lie in [0, 1], found [{values.min():g}, {values.max():g}]")
    return np.rint(values * 255).astype("uint8")


def as_array(values):
    """A NumPy array; bfloat16, which NumPy does not count as numbers, as float32."""
    values = np.asarray(values)
    return values.astype("float32") if values.dtype.name == "bfloat16" else values


def finite(values, name):
    """An array without NaN and infinity."""
    if np.issubdtype(values.dtype, np.floating):
        broken = values.size - int(np.isfinite(values).sum())
        if broken:
            raise ValueError(f"{name} hold {broken} values that are NaN or infinite")
    return values


def in_range(values, ends, name):
    """An array whose values lie in (low, high), ends included, up to rounding."""
    low, high = value_range(ends)
    smallest, largest = float(values.min()), float(values.max())
    slack = TOLERANCE * (high - low)
    if smallest >= low - slack and largest <= high + slack:
        return values
    message = f"{name} must lie in [{low:g}, {high:g}], found [{smallest}, {largest}]"
    if smallest >= 0 and largest > max(1.0, high):
        message += f": scale them with images.to_float({name}, value_range=({low:g}, {high:g}))"
    elif smallest >= -1 - TOLERANCE and low == 0 and high == 1:
        message += ": they look scaled to [-1, 1]; a sigmoid's range is [0, 1]"
    raise ValueError(message)


# --- Labels, codes and features ---


def labels(values, count, num_classes=np.inf, name="labels"):
    """Labels as an integer array ``(count,)`` with values from 0 to ``num_classes - 1``."""
    values = np.asarray(values)
    if not np.issubdtype(values.dtype, np.integer):
        raise ValueError(f"{name} must be integers, got {values.dtype}: use labels.astype(int)")
    if values.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), one an image, got {values.shape}")
    if values.size and (values.min() < 0 or values.max() >= num_classes):
        raise ValueError(
            f"{name} run from {values.min()} to {values.max()}, but there are {num_classes} "
            "classes, which count from 0"
        )
    return values


def z(values, name="z", latent_dim=None, at_least=1):
    """Latent vectors as a float32 array ``(N, latent_dim)`` of at least ``at_least`` rows."""
    values = np.asarray(values, "float32")
    width = values.shape[1] if values.ndim == 2 else 0
    if width == 0 or latent_dim not in (None, width):
        raise ValueError(
            f"{name} must have shape (N, {latent_dim or 'latent_dim'}), got {values.shape}"
        )
    if len(values) < at_least:
        raise ValueError(f"{name} holds {len(values)} points; at least {at_least} are needed")
    return finite(values, name)


def direction(values, name):
    """A direction as a float64 array ``(latent_dim,)`` that is not all zeros."""
    values = np.asarray(values, "float64")
    if values.ndim != 1:
        raise ValueError(f"{name} must have shape (latent_dim,), got {values.shape}")
    if not values.any():
        raise ValueError(f"{name} is all zeros, which is no direction")
    return finite(values, name)


def features(values, name="features", at_least=1):
    """Features as a float64 array ``(samples, width)`` of at least ``at_least`` rows."""
    values = np.asarray(values, dtype="float64")
    if values.ndim != 2 or values.shape[1] == 0:
        raise ValueError(f"{name} must have shape (samples, width), got {values.shape}")
    if len(values) < at_least:
        raise ValueError(f"{name} holds {len(values)} samples; at least {at_least} are needed")
    return finite(values, name)


def probabilities(values, name="probabilities"):
    """Class probabilities as a float64 array ``(samples, classes)``, rows that sum to 1."""
    values = features(values, name)
    sums = values.sum(axis=1)
    worst = sums[np.abs(sums - 1).argmax()]
    if values.min() < 0 or abs(worst - 1) > 1e-3:
        raise ValueError(
            f"{name} must be at least 0 with rows that sum to 1; the smallest is "
            f"{values.min():.3g} and one row sums to {worst:.3g}. Logits go through softmax first"
        )
    return values
