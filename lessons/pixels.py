"""What dreaming and painting share: both move the pixels of one picture along a gradient.

Pictures are float32 ``(H, W, 3)`` in [0, 255] on the way, in several sizes from small to large.
"""

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers import config
from helpers.live import LiveOutput

LONG = 5_000_000  # pixels times steps from which a progress bar is worth its line
STRIP = 256  # rows that are converted at a time, which saves memory
TRACES = 8  # traced functions that a network keeps


def pyramid_sizes(shape, repeats, factor, smallest):
    """(height, width) of every size of a picture, smallest first; the last is ``shape`` itself.

    Args:
        shape: of the picture; what follows (height, width) is ignored.
        repeats: so many times the picture is shrunk, at most.
        factor: of one size to the next, below 1.
        smallest: pixels of the shorter side below which no smaller size is made.
    """
    sizes = [tuple(shape[:2])]
    for repeat in range(1, repeats + 1):
        size = tuple(round(side * factor**repeat) for side in shape[:2])
        if min(size) < smallest or size == sizes[-1]:
            break
        sizes.append(size)
    return sizes[::-1]


def resize(image, size, method=Image.Resampling.BICUBIC):
    """A copy of ``(H, W, 3)`` in another size (height, width), as float32; values may overshoot."""
    if image.shape[:2] == tuple(size):
        return image.astype("float32")
    out = np.empty((*size, 3), "float32")
    for channel in range(3):  # Pillow scales floats one color at a time
        plane = Image.fromarray(np.ascontiguousarray(image[..., channel], "float32"))
        out[..., channel] = plane.resize(size[::-1], method)
    return out


def resize_mask(mask, size):
    """A mask ``(H, W)``, uint8 or float32, in another size: each pixel the mean of its area."""
    return np.asarray(Image.fromarray(mask).resize(size[::-1], Image.Resampling.BOX))


def to_uint8(image):
    """float ``(H, W, 3)`` in [0, 255] as bytes, rounded; what lies outside is clipped."""
    out = np.empty(image.shape, "uint8")
    for top in range(0, len(image), STRIP):
        rows = slice(top, top + STRIP)
        out[rows] = np.rint(np.clip(image[rows], 0, 255))
    return out


def traced_once(network, key, trace):
    """The function that ``trace()`` returns, kept with the network under ``key``.

    A network keeps the last eight, so that the next call with the same layers need not trace.
    """
    if key not in network.traced:
        if len(network.traced) >= TRACES:
            del network.traced[next(iter(network.traced))]
        network.traced[key] = trace()
    return network.traced[key]


class Progress:
    """The progress bar of a run and, with ``live=True``, its picture; use it in a ``with``.

    Args:
        iterations: at each size.
        sizes: (height, width) of every size.
        description: stands before the bar, which is shown in a notebook if the run is long.
        live: show the picture while it changes.
    """

    def __init__(self, iterations, sizes, description, live=False):
        long = iterations * sum(height * width for height, width in sizes) > LONG
        self.bar = tqdm(
            total=iterations * len(sizes), desc=description, leave=False,
            disable=not (config.interactive() and long),
        )  # fmt: skip
        self.output = LiveOutput(bool(live))

    def __enter__(self):
        return self

    def __exit__(self, *exception):
        self.bar.close()

    def step(self, note=""):
        """One step more; ``note`` stands behind the bar."""
        self.bar.set_postfix_str(note, refresh=False)
        self.bar.update()

    def show(self, image):
        """Show a picture, float ``(H, W, 3)`` in [0, 255], in the place of the last one."""
        if self.output.enabled:
            self.output.show(Image.fromarray(to_uint8(image)))
