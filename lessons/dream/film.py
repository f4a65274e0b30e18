"""The endless zoom: every frame dreams on a slightly enlarged copy of the last."""

import numpy as np

from helpers import checking, images
from lessons import pixels
from lessons.dream.octaves import dream


def zoom(image, network, layer, channels=None, *, frames=30, factor=1.05, seed=0, **options):
    """Frames of a flight into the dream, one after another.

    Args:
        image: where the flight starts, ``(H, W, 3)``, uint8 or float in [0, 255].
        network, layer, channels: as in ``dream``.
        frames: how many, the first dream included.
        factor: enlargement from frame to frame, above 1 and at most 2.
        seed: of the first frame; each frame has its own.
        options: of ``dream``. The first frame uses them as they are; the others need only few
            ``num_iterations``, because each continues where the last one stopped.

    Yields:
        uint8 arrays ``(H, W, 3)``.

    Raises:
        ValueError: a number that makes no sense, as soon as the first frame is asked for.
    """
    checking.number(factor, "factor", above=1, at_most=2)
    current = checking.picture(image).astype("float32")
    for frame in range(checking.whole(frames, "frames")):
        if frame:
            current = enlarged(current, factor)
        current = dream(current, network, layer, channels, seed=seed + frame, **options)
        yield pixels.to_uint8(current)


def enlarged(image, factor):
    """The middle of an image, scaled to the size of the whole; float32 in [0, 255]."""
    height, width = image.shape[:2]
    inner = [max(1, round(side / factor)) for side in (height, width)]
    top, left = (height - inner[0]) // 2, (width - inner[1]) // 2
    crop = image[top : top + inner[0], left : left + inner[1]]
    return np.clip(images.resize(crop, (height, width), "bicubic"), 0, 255)
