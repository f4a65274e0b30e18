"""Brightness and color apart: a painting in the colors of the photograph.

Gatys, Bethge, Hertzmann, Shechtman 2016, arXiv:1606.05897, section 4 (luminance only).
"""

import numpy as np

LUMA = np.array([0.299, 0.587, 0.114], "float32")  # how bright red, green and blue look (BT.601)


def luminance(image):
    """RGB ``(..., 3)`` -> brightness, float32 ``(...)`` in the same range."""
    return np.asarray(image, "float32") @ LUMA


def with_colors_of(painting, photograph):
    """The brightness of one picture with the colors of another. Written in notebook 06.

    Color is what a pixel differs by from its own brightness.

    Args:
        painting, photograph: RGB ``(H, W, 3)`` in [0, 255], of one size.

    Returns:
        float32 ``(H, W, 3)``, clipped to [0, 255].

    Raises:
        ValueError: the sizes differ.
    """
    if np.shape(painting) != np.shape(photograph):
        raise ValueError(
            f"both pictures must have one size, got {np.shape(painting)} and {np.shape(photograph)}"
        )
    colors = np.asarray(photograph, "float32") - luminance(photograph)[..., None]
    return np.clip(luminance(painting)[..., None] + colors, 0, 255)


def gray(image, like=None):
    """A picture without its colors, float32 ``(H, W, 3)``.

    With ``like``, mean and spread of the brightness become those of that picture: a dark style
    must not darken the photograph.
    """
    values = luminance(image)
    if like is not None:
        wanted = luminance(like)
        values = (values - values.mean()) / (values.std() + 1e-6) * wanted.std() + wanted.mean()
    return np.repeat(np.clip(values, 0, 255)[..., None], 3, axis=-1)
