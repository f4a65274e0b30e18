"""``dream``: ascent on small copies of the picture first, then on larger and larger ones."""

import numpy as np

from helpers import checking, images
from lessons import pixels
from lessons.dream import ascent as ascents
from lessons.dream import objective
from lessons.dream.objective import Ascent
from lessons.dream.tiles import Tiling

SMALLEST = 32  # pixels of the shorter side below which no smaller octave is made


def dream(
    image,
    network,
    layer,
    channels=None,
    *,
    num_iterations=10,
    step_size=3.0,
    tile_size=512,
    num_repeats=4,
    rescale_factor=0.7,
    blend=0.2,
    color=True,
    detail=0.0,
    guide=None,
    mask=None,
    ascent=None,
    tiling=None,
    seed=0,
    live=False,
):
    """Dream on a picture (lab_dream). Stop it by an interrupt, and it returns what it has so far.

    Args:
        image: ``(H, W, 3)``, uint8 or float in [0, 255], from one pixel upward.
        network: from ``features.load``.
        layer: name or number; a list of them, or a dict ``{layer: weight}``.
        channels: numbers, a range or a slice of channels of a single layer; all unless given.
        num_iterations: steps of ascent in every octave.
        step_size: in pixel values: a step moves the pixels by this much, as a root mean square.
        tile_size: about so many pixels a side go through the network at once.
        num_repeats: so many times the picture is shrunk; it has one octave more than that.
            Octaves with a side below 32 pixels are left out.
        rescale_factor: size of an octave by the size of the next, above 0 and below 1.
        blend: share of the original in the picture that an octave starts from, 0 to 1.
        color: ``False`` moves brightness only and so keeps the picture's colors; a number from 0
            to 1 lets that share of the gradient's colors through.
        detail: share of the original's fine detail that shrinking lost, given back in every
            octave, 0 to 1.
        guide: a picture whose features are looked for instead of the objective.
        mask: ``(H, W)``, bool or float in [0, 1]: dream only where it is not 0.
        ascent: the objective and how its gradient is treated, an ``Ascent``.
        tiling: how tiles are cut and moved, a ``Tiling``.
        seed: of the random movements.
        live: show the picture, redrawn after every octave.

    Returns:
        the dream, ``(H, W, 3)``: uint8 for a uint8 image, else float32 in [0, 255].

    Raises:
        ValueError: an argument that makes no sense; the message says what to change.
    """
    image = checking.picture(image)
    color = float(color) if isinstance(color, (bool, np.bool_)) else color
    num_iterations = checking.whole(num_iterations, "num_iterations")
    step_size = checking.number(step_size, "step_size", above=0)
    octaves = Octaves(image, mask, num_repeats, rescale_factor, blend, detail)
    climb = ascents.GradientAscent(
        network, objective.targets(network, layer, channels), ascent or Ascent(),
        tiling or Tiling(),
        tile_size=checking.whole(tile_size, "tile_size", 16),
        color=checking.number(color, "color", at_least=0, at_most=1), guide=guide, seed=seed,
        # From the first octave on: what the workers once took they do not give back.
        workers=1 if image.shape[0] * image.shape[1] >= ascents.LARGE else ascents.WORKERS,
    )  # fmt: skip
    with pixels.Progress(num_iterations, octaves.sizes, network.name, live) as progress:
        dreamed = _climb(octaves, climb, num_iterations, step_size, progress)
    return dreamed if image.dtype != np.uint8 else pixels.to_uint8(dreamed)


def _climb(octaves, climb, num_iterations, step_size, progress):
    """All octaves, smallest first. Returns float32 ``(H, W, 3)``, also after an interrupt."""
    dreamed, last = None, len(octaves.sizes) - 1
    try:
        for octave in range(last + 1):
            dreamed = octaves.start(octave, dreamed)
            mask = octaves.mask(octave)
            for _ in range(num_iterations):
                climb.step(dreamed, step_size, mask)
                progress.step()
            progress.show(dreamed)
    except KeyboardInterrupt:
        print(f"stopped in octave {octave + 1} of {last + 1}: this is the dream so far")
        if dreamed is None or dreamed.shape[:2] != octaves.sizes[last]:
            dreamed = octaves.start(last, dreamed)
    return dreamed


class Octaves:
    """A picture in every octave's size, smallest first; the arguments are those of ``dream``."""

    def __init__(self, image, mask, num_repeats, rescale_factor, blend, detail):
        self.sizes = octave_sizes(image.shape, num_repeats, rescale_factor)
        self.blend = checking.number(blend, "blend", at_least=0, at_most=1)
        self.detail = checking.number(detail, "detail", at_least=0, at_most=1)
        self.full_mask = None if mask is None else checking.mask(mask, image.shape[:2])
        self.originals = [image]
        for size in self.sizes[-2::-1]:
            larger = self.originals[0]
            larger = larger if larger.dtype == np.uint8 else pixels.to_uint8(larger)
            self.originals.insert(0, images.resize(larger, size, "lanczos"))

    def mask(self, octave):
        """The mask in an octave's size, uint8 ``(H, W)``, or ``None``."""
        if self.full_mask is None:
            return None
        return images.resize(self.full_mask, self.sizes[octave], "area")

    def start(self, octave, dreamed):
        """What an octave starts from: the last one's dream enlarged, mixed with the original.

        ``dreamed`` is float32 of a smaller size, or ``None`` to start anew.
        """
        original, size, mask = self.originals[octave], self.sizes[octave], self.mask(octave)
        if dreamed is None:
            return original.astype("float32")
        current = images.resize(dreamed, size, "bicubic")
        if self.detail:  # what the smaller octave could not hold
            smaller = self.originals[octave - 1].astype("float32")
            lost = original - images.resize(smaller, size, "bicubic")
            current += np.float32(self.detail) * lost
        share = np.float32(1 - self.blend)
        if mask is not None:  # where nothing is dreamed the original stays as sharp as it is
            share = share * mask[..., None] / np.float32(255)
        current -= original
        current *= share
        current += original
        self.originals[octave - 1] = None  # done with: a large picture needs the memory
        return np.clip(current, 0, 255, out=current)


def octave_sizes(shape, num_repeats, rescale_factor):
    """(height, width) of every octave, smallest first; the last is ``shape`` itself."""
    num_repeats = checking.whole(num_repeats, "num_repeats", 0, 50)
    factor = checking.number(rescale_factor, "rescale_factor", above=0, below=1)
    return pixels.pyramid_sizes(shape, num_repeats, factor, SMALLEST)
