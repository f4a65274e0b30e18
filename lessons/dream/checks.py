"""What ``dream`` accepts, with messages that say what to change."""

import numpy as np


def checked_image(image, name="image"):
    """``image`` as an array ``(H, W, 3)``, uint8 or float32 in [0, 255].

    Raises:
        ValueError: gray, transparent, empty or not finite, of another range, or not numbers.
    """
    pixels = np.asarray(image)
    cure = "images.read(...) makes RGB pictures of all kinds of files"
    if pixels.ndim == 2 or (pixels.ndim == 3 and pixels.shape[-1] == 1):
        raise ValueError(
            f"{name} is gray, shape {pixels.shape}: np.repeat(image[..., None], 3, -1), or {cure}"
        )
    if pixels.ndim == 3 and pixels.shape[-1] == 4:
        raise ValueError(f"{name} has an alpha channel, shape {pixels.shape}: {cure}")
    if pixels.ndim != 3 or pixels.shape[-1] != 3 or 0 in pixels.shape:
        raise ValueError(f"{name} must have shape (H, W, 3), got {pixels.shape}: one picture")
    if pixels.dtype == np.uint8:
        return pixels
    if not np.issubdtype(pixels.dtype, np.number):
        raise ValueError(f"{name} must hold numbers, got {pixels.dtype}")
    pixels = pixels.astype("float32")
    low, high = float(pixels.min()), float(pixels.max())
    if not np.isfinite([low, high]).all():
        raise ValueError(f"{name} holds values that are NaN or infinite")
    if low < 0 or high > 255:
        raise ValueError(f"{name} must lie in [0, 255], found [{low:g}, {high:g}]")
    if 0 < high <= 1:
        raise ValueError(f"{name} lies in [0, {high:g}]: pixels go up to 255 here, multiply by 255")
    return pixels


def checked_mask(mask, size):
    """``mask`` as uint8 ``(H, W)``, 0 for untouched and 255 for free.

    Raises:
        ValueError: another size, or values outside [0, 1].
    """
    values = np.asarray(mask)
    if values.shape != tuple(size):
        raise ValueError(f"mask must have the picture's size {tuple(size)}, got {values.shape}")
    if values.dtype == bool:
        return values.astype("uint8") * np.uint8(255)
    if not np.issubdtype(values.dtype, np.number) or not np.isfinite(values).all():
        raise ValueError("mask must hold True and False, or numbers from 0 to 1")
    if values.min() < 0 or values.max() > 1:
        raise ValueError(f"mask must lie in [0, 1], found [{values.min():g}, {values.max():g}]")
    return np.rint(values * 255).astype("uint8")


# Name: (kind, lowest, highest); a lowest in brackets is itself left out.
_BOUNDS = {
    "num_iterations": (int, 1, None),
    "step_size": (float, (0,), None),
    "tile_size": (int, 16, None),
    "num_repeats": (int, 0, 50),
    "rescale_factor": (float, (0,), (1,)),
    "blend": (float, 0, 1),
    "jitter": (int, 0, None),
    "shift": (int, 0, None),
    "halo": (int, 0, None),
    "smoothing": (float, 0, 64),
    "detail": (float, 0, 1),
    "color": (float, 0, 1),
    "batch_pixels": (int, 1, None),
}
_OPTIONAL = ("shift", "halo")


def checked_numbers(normalize, **numbers):
    """Raise ``ValueError`` for the first number that makes no sense."""
    if normalize not in ("spread", "laplacian"):
        raise ValueError(f'normalize must be "spread" or "laplacian", got {normalize!r}')
    for name, value in numbers.items():
        if value is None and name in _OPTIONAL:
            continue
        kind, low, high = _BOUNDS[name]
        accepted = (int, np.integer) if kind is int else (int, float, np.integer, np.floating)
        if isinstance(value, bool) or not isinstance(value, accepted):
            raise ValueError(f"{name} must be a {_KINDS[kind]}, got {value!r}")
        if not np.isfinite(value) or not _inside(value, low, high):
            raise ValueError(f"{name} must be {_words(low, high)}, got {value!r}")


_KINDS = {int: "whole number", float: "number"}


def _inside(value, low, high):
    above = value > low[0] if isinstance(low, tuple) else value >= low
    if high is None:
        return above
    return above and (value < high[0] if isinstance(high, tuple) else value <= high)


def _words(low, high):
    text = f"above {low[0]}" if isinstance(low, tuple) else f"at least {low}"
    if high is None:
        return text
    return f"{text} and " + (f"below {high[0]}" if isinstance(high, tuple) else f"at most {high}")
