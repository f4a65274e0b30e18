"""Pictures as the widgets want them: PIL images, enlarged pixel by pixel, and PNG bytes."""

import io

import matplotlib.pyplot as plt
import numpy as np
from PIL import Image


def png(picture):
    """The bytes of a PIL image as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def enlarged(picture, scale):
    """One uint8 image ``(H, W, 1 or 3)`` as a PIL image, each pixel ``scale`` wide."""
    picture = np.repeat(picture, 3, axis=-1) if picture.shape[-1] == 1 else picture
    height, width = picture.shape[:2]
    return Image.fromarray(picture).resize((width * scale, height * scale), Image.NEAREST)


def from_figure(figure):
    """A matplotlib figure as a PIL image; the figure is closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    plt.close(figure)
    return Image.open(buffer).convert("RGB")
