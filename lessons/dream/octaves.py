"""``dream``: ascent on small copies of the picture first, then on larger and larger ones."""

import numpy as np
import tensorflow as tf
from PIL import Image
from tqdm.auto import tqdm

from helpers import config
from helpers.live import LiveOutput
from lessons.dream import objective as objectives
from lessons.dream.ascent import LARGE, STRIP, WORKERS, Climber
from lessons.dream.checks import checked_image, checked_mask, checked_numbers

SMALLEST = 32  # pixels of the shorter side below which no smaller octave is made
LONG = 20_000_000  # pixels times steps from which a progress bar is worth its line
GUIDE_SIDE = 384  # a guide is shrunk to this: its features matter, not its size
GUIDE_ROWS = 1024  # at most so many guiding positions of a layer


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
    objective="mean",
    jitter=16,
    shift=None,
    halo=None,
    normalize="spread",
    smoothing=0.0,
    detail=0.0,
    guide=None,
    mask=None,
    seed=0,
    batch_pixels=300_000,
    progress=None,
    live=False,
    on_octave=None,
):
    """Dream on a picture (lab_dream). Stop it by an interrupt, and it returns what it has so far.

    Args:
        image: ``(H, W, 3)``, uint8 or float in [0, 255], from one pixel upward.
        network: from ``features.load``.
        layer: name or number; a list of them, or a dict ``{layer: weight}``.
        channels: numbers, a range or a slice of channels; all unless given. With several layers a
            dict ``{layer: channels}``.
        num_iterations: steps of ascent in every octave.
        step_size: in pixel values: a step moves the pixels by this much, as a root mean square.
        tile_size: about so many pixels a side go through the network at once.
        num_repeats: so many times the picture is shrunk; it has one octave more than that.
            Octaves with a side below 32 pixels are left out.
        rescale_factor: size of an octave by the size of the next, above 0 and below 1.
        blend: share of the original in the picture that an octave starts from, 0 to 1.
        color: ``False`` moves brightness only and so keeps the picture's colors; a number from 0
            to 1 lets that share of the gradient's colors through.
        objective: ``"mean"`` of the activations (lab_dream), ``"mean_square"``, or ``"l2"``, the mean
            length of the feature vectors.
        jitter: the picture moves by up to this many pixels under the network before each step.
        shift: the tiles' borders move by up to this many pixels; a sixteenth to an eighth of a
            tile unless given.
        halo: pixels around a tile that the network sees too; 16 unless given. From the layer's
            receptive field on, tiles give exactly the gradient of the whole picture.
        normalize: ``"spread"`` divides the gradient by its root mean square; ``"laplacian"`` does
            so for each band of a Laplacian pyramid first, which brings out large shapes.
        smoothing: standard deviation of a Gaussian over the gradient, in pixels.
        detail: share of the original's fine detail that shrinking lost, given back in every
            octave, 0 to 1.
        guide: a picture whose features are looked for instead of ``objective``.
        mask: ``(H, W)``, bool or float in [0, 1]: dream only where it is not 0.
        seed: of the shifts.
        batch_pixels: tiles go through the network together up to this many pixels.
        progress: show a bar; unless given, in a notebook and where it takes a while.
        live: show the picture, redrawn after every octave.
        on_octave: called with a uint8 copy of the picture after every octave.

    Returns:
        the dream, ``(H, W, 3)``: uint8 for a uint8 image, else float32 in [0, 255].

    Raises:
        ValueError: an argument that makes no sense; the message says what to change.
    """
    image = checked_image(image)
    color = float(color) if isinstance(color, (bool, np.bool_)) else color
    checked_numbers(
        num_iterations=num_iterations, step_size=step_size, tile_size=tile_size,
        num_repeats=num_repeats, rescale_factor=rescale_factor, blend=blend, jitter=jitter,
        shift=shift, halo=halo, normalize=normalize, smoothing=smoothing, detail=detail,
        color=color, batch_pixels=batch_pixels,
    )  # fmt: skip
    chosen = objectives.targets(network, layer, channels)
    levels = objectives.LEVELS if normalize == "laplacian" else 0
    function = objectives.gradient_function(
        network, chosen, objective, guided=guide is not None, levels=levels
    )
    climber = Climber(
        function=function,
        stride=max(network.stride(target.layer) for target in chosen),
        tile_size=tile_size, random=np.random.default_rng(seed), halo=halo, shift=shift,
        jitter=int(jitter), smoothing=float(smoothing), color=float(color), levels=levels,
        guides=_guides(guide, network, chosen), batch_pixels=batch_pixels,
        # From the first octave on: what the workers once took they do not give back.
        workers=1 if image.shape[0] * image.shape[1] >= LARGE else WORKERS,
    )  # fmt: skip
    pyramid = _pyramid(image, num_repeats, rescale_factor)
    mask = None if mask is None else checked_mask(mask, image.shape[:2])
    work = num_iterations * sum(level.shape[0] * level.shape[1] for level in pyramid)
    shown = config.interactive() and work > LONG if progress is None else progress
    bar = tqdm(
        total=num_iterations * len(pyramid), desc=f"{network.name} {chosen[0].layer}",
        disable=not shown, leave=False,
    )  # fmt: skip
    place = LiveOutput(bool(live))
    with bar:
        result = _climb(
            climber, pyramid, mask, blend, detail, num_iterations, step_size, bar, place, on_octave
        )
    return result if image.dtype != np.uint8 else _bytes(result)


def _climb(climber, pyramid, mask, blend, detail, iterations, step_size, bar, place, on_octave):
    """All octaves, smallest first. Returns float32 ``(H, W, 3)``, also after an interrupt."""
    current, stopped = None, False
    for octave, original in enumerate(pyramid):
        try:
            small = None if mask is None else _resize_mask(mask, original.shape[:2])
            smaller = pyramid[octave - 1] if octave and detail else None
            current = _start(original, current, blend, detail, smaller, small)
            if octave:
                pyramid[octave - 1] = None  # done with: a large picture needs the memory
            for _ in range(0 if stopped else iterations):
                climber.step(current, step_size, small)
                bar.update()
            if place.enabled or on_octave:
                picture = _bytes(current)
                place.show(Image.fromarray(picture))
                if on_octave:
                    on_octave(picture)
        except KeyboardInterrupt:
            stopped = True
            print(f"stopped in octave {octave + 1} of {len(pyramid)}: this is the dream so far")
    # The interrupt may have come before the picture had its full size.
    current = pyramid[-1].astype("float32") if current is None else current
    return np.clip(resize(current, pyramid[-1].shape[:2]), 0, 255) if stopped else current


def _start(original, dreamed, blend, detail, smaller, mask):
    """What an octave starts from: the last one's dream enlarged, mixed with the original."""
    if dreamed is None:
        return original.astype("float32")
    current = resize(dreamed, original.shape[:2])
    if smaller is not None:  # what the smaller octave could not hold
        for place, strip in _strips(smaller, original.shape[:2]):
            current[place] += np.float32(detail) * (original[place] - strip)
    for top in range(0, len(current), STRIP):
        rows = slice(top, top + STRIP)
        share = np.float32(1 - blend)
        if mask is not None:  # where nothing is dreamed the original stays as sharp as it is
            share = share * mask[rows, :, None] / np.float32(255)
        current[rows] = original[rows] + share * (current[rows] - original[rows])
        np.clip(current[rows], 0, 255, out=current[rows])
    return current


def octave_sizes(shape, num_repeats, rescale_factor):
    """(height, width) of every octave, smallest first; the last is ``shape`` itself."""
    sizes = [tuple(shape[:2])]
    for repeat in range(1, num_repeats + 1):
        size = tuple(max(1, round(side * rescale_factor**repeat)) for side in shape[:2])
        if min(size) < SMALLEST or size == sizes[-1]:
            break
        sizes.append(size)
    return sizes[::-1]


def _pyramid(image, num_repeats, rescale_factor):
    """The picture in every octave's size, smallest first; all but the last are uint8."""
    levels = [image]
    for height, width in octave_sizes(image.shape, num_repeats, rescale_factor)[-2::-1]:
        source = Image.fromarray(levels[-1] if levels[-1].dtype == np.uint8 else _bytes(levels[-1]))
        levels.append(np.asarray(source.resize((width, height), Image.Resampling.LANCZOS)))
    return levels[::-1]


def resize(image, size):
    """Scale float32 ``(H, W, 3)`` to ``size`` (bicubic), in pieces, which saves memory."""
    if image.shape[:2] == tuple(size):
        return image.copy()
    out = np.empty((*size, 3), "float32")
    for place, strip in _strips(image, size):
        out[place] = strip
    return out


def _strips(image, size):
    """The parts of an image scaled to ``size``: index of a strip of one color, its pixels."""
    (height, width), (below, across) = image.shape[:2], size
    for channel in range(3):
        plane = Image.fromarray(image[..., channel].astype("float32"))
        for top in range(0, below, 2 * STRIP):
            end = min(top + 2 * STRIP, below)
            box = (0, top * height / below, width, end * height / below)
            strip = plane.resize((across, end - top), Image.Resampling.BICUBIC, box=box)
            yield (slice(top, end), slice(None), channel), np.asarray(strip)


def _resize_mask(mask, size):
    if mask.shape == tuple(size):
        return mask
    return np.asarray(Image.fromarray(mask).resize(size[::-1], Image.Resampling.BOX))


def _bytes(image):
    """float ``(H, W, 3)`` in [0, 255] as uint8, rounded, a strip at a time."""
    out = np.empty(image.shape, "uint8")
    for top in range(0, len(image), STRIP):
        rows = slice(top, top + STRIP)
        out[rows] = np.rint(np.clip(image[rows], 0, 255))
    return out


def _guides(guide, network, chosen):
    """One matrix of features ``(positions, channels)`` for each target, from the guide picture."""
    if guide is None:
        return []
    guide = checked_image(guide, name="guide")
    scale = min(1.0, GUIDE_SIDE / max(guide.shape[:2]))
    size = [max(1, round(side * scale)) for side in guide.shape[:2]]
    small = tf.image.resize(guide, size, antialias=True)[None]
    found = network.features(small, [target.layer for target in chosen])
    matrices = []
    for target in chosen:
        features = objectives.pick(found[target.layer], target)
        rows = tf.reshape(features, [-1, features.shape[-1]])
        matrices.append(rows[:: -(-rows.shape[0] // GUIDE_ROWS)])
    return matrices
