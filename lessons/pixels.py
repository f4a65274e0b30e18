"""What dreaming and painting share: both move the pixels of one picture along a gradient.

Pictures are float32 ``(H, W, 3)`` in [0, 255] on the way, in several sizes from small to large.
"""

import numpy as np
from PIL import Image
from tqdm.auto import tqdm

from helpers import config, images
from helpers.live import LiveOutput

LONG = 5_000_000  # pixels times steps from which a progress bar is worth its line
STRIP = 256  # rows that are converted at a time, which saves memory
TRACES = 8  # traced functions that a network keeps


def pyramid_sizes(shape, repeats, factor, smallest):
    """(height, width) of every size of a picture, smallest first; the last is ``shape`` itself.

    It is shrunk by ``factor`` at most ``repeats`` times, and never to a shorter side below
    ``smallest`` pixels. What follows (height, width) in ``shape`` is ignored.
    """
    sizes = [tuple(shape[:2])]
    for repeat in range(1, repeats + 1):
        size = tuple(round(side * factor**repeat) for side in shape[:2])
        if min(size) < smallest or size == sizes[-1]:
            break
        sizes.append(size)
    return sizes[::-1]


def to_uint8(image):
    """float ``(H, W, 3)`` in [0, 255] as bytes, rounded; what lies outside is clipped."""
    strips = range(0, len(image), STRIP)
    return np.concatenate([images.to_uint8(image[top : top + STRIP], (0, 255)) for top in strips])


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
