"""What ``transfer`` accepts, with messages that say what to change."""

import numpy as np
from PIL import Image

from lessons.dream.checks import checked_image, checked_mask
from lessons.style import losses

SMALLEST = 32  # pixels of the shorter side
INITS = ("content", "noise", "style")
OPTIMIZERS = ("lbfgs", "adam", "sgd")


def whole(name, value, lowest):
    """``value`` as an int, or ``ValueError``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < lowest:
        raise ValueError(f"{name} must be a whole number of at least {lowest}, got {value!r}")
    return int(value)


def number(name, value, *, zero=False):
    """``value`` as a float above 0 (or at least 0), or ``ValueError``."""
    plain = isinstance(value, (int, float, np.integer, np.floating)) and not isinstance(value, bool)
    if not plain or not np.isfinite(value) or value < 0 or (value == 0 and not zero):
        least = "at least 0" if zero else "above 0"
        raise ValueError(f"{name} must be a number {least}, got {value!r}")
    return float(value)


def choice(name, value, known):
    """``value``, or ``ValueError`` that lists what there is."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
    return value


def weight_pair(weights):
    """(content, style), both above 0."""
    try:
        content, style = weights
    except (TypeError, ValueError):
        raise ValueError(f"weights must be a pair (content, style), got {weights!r}") from None
    return number("the content weight", content), number("the style weight", style)


def layer_shares(network, layers, name):
    """Layers as pairs (layer, share) whose shares add up to 1.

    Args:
        layers: a name or a number, several of them, or a dict ``{layer: weight}``.
        name: what the message calls them.

    Raises:
        ValueError: an unknown layer, none at all, one named twice, or a weight that is not above 0.
    """
    if isinstance(layers, (str, int, np.integer)):
        layers = [layers]
    weights = list(layers.values()) if isinstance(layers, dict) else [1.0] * len(layers)
    names = [network.layer(layer) for layer in layers]
    if not names:
        raise ValueError(f"{name} must name at least one layer of {network.name}")
    if len(set(names)) < len(names):
        raise ValueError(f"{name} names a layer twice: {', '.join(names)}")
    weights = [number(f"the weight of {each}", w) for each, w in zip(names, weights, strict=True)]
    return tuple((each, w / sum(weights)) for each, w in zip(names, weights, strict=True))


def several_styles(style, shares):
    """Style pictures as a list, and their shares, which add up to 1."""
    images = list(style) if isinstance(style, (list, tuple)) else [style]
    if not images:
        raise ValueError("style must be a picture or a list of at least one")
    images = [checked_image(image, "style") for image in images]
    shares = [1.0] * len(images) if shares is None else list(np.atleast_1d(shares).tolist())
    if len(shares) != len(images):
        raise ValueError(f"{len(images)} styles need as many style_weights, got {len(shares)}")
    shares = [number("a style weight", share) for share in shares]
    return images, [share / sum(shares) for share in shares]


def target_size(image, size):
    """(height, width) of the result.

    Args:
        image: ``(H, W, 3)``.
        size: the longer side in pixels, a pair (height, width), or ``None`` for the image's own.

    Raises:
        ValueError: a side below 32 pixels, or no size at all.
    """
    height, width = image.shape[:2]
    if size is None:
        wanted = (height, width)
    elif isinstance(size, (tuple, list)) and len(size) == 2:
        wanted = tuple(whole("size", side, 1) for side in size)
    else:
        longer = whole("size", size, 1)
        scale = longer / max(height, width)
        wanted = (max(1, round(height * scale)), max(1, round(width * scale)))
    if min(wanted) < SMALLEST:
        raise ValueError(
            f"the picture would be {wanted[0]}x{wanted[1]} pixels; both sides must have at least "
            f"{SMALLEST}, or the layers have nothing to look at"
        )
    return wanted


def scaled(image, size):
    """A picture in another size (Lanczos); float32 ``(H, W, 3)`` in [0, 255]."""
    if image.shape[:2] == tuple(size):
        return image.astype("float32")
    planes = []
    for channel in range(3):
        plane = Image.fromarray(np.ascontiguousarray(image[..., channel], "float32"))
        planes.append(np.asarray(plane.resize(size[::-1], Image.Resampling.LANCZOS)))
    return np.clip(np.stack(planes, -1), 0, 255)


def checked_masks(mask, count, size):
    """One mask a style as float32 ``(M, H, W)`` in [0, 1], or ``None``.

    A single mask serves all styles together (M = 1).
    """
    if mask is None:
        return None
    many = isinstance(mask, (list, tuple))
    masks = list(mask) if many else [mask]
    if many and len(masks) != count:
        raise ValueError(f"{count} styles need one mask or {count}, got {len(masks)}")
    found = []
    for each in masks:
        values = checked_mask(each, np.shape(each))
        if values.ndim != 2:
            raise ValueError(f"a mask must have shape (H, W), got {values.shape}")
        if not values.any():
            raise ValueError("a mask is 0 everywhere: there is nowhere to paint")
        small = Image.fromarray(values).resize(size[::-1], Image.Resampling.BOX)
        found.append(np.asarray(small, "float32") / 255)
    return np.stack(found)


def checked_words(init, optimizer, scale, statistics):
    """Raise ``ValueError`` for an unknown word; ``published`` losses know Gram matrices only."""
    if isinstance(init, str):
        choice("init", init, INITS)
    choice("optimizer", optimizer, OPTIMIZERS)
    choice("losses", scale, losses.SCALES)
    choice("statistics", statistics, losses.STATISTICS)
    if scale == "published" and statistics != "gram":
        raise ValueError(
            'losses="published" (lecture_style) compares Gram matrices: statistics="gram"'
        )
