"""Style transfer (lecture_style): one picture's content in another picture's manner.

>>> from helpers import pictures
>>> from lessons import style
>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> painting = pictures.painting("strokes")
>>> result = style.transfer(pictures.photograph("cat"), painting, network, size=256)

Gatys, Ecker, Bethge 2015, arXiv:1508.06576. Notebook 06 writes the losses and the step.
"""

from lessons.style.color import luminance, with_colors_of
from lessons.style.losses import (
    gram_matrix,
    moments,
    moments_loss,
    relative_error,
    total_variation,
)
from lessons.style.presets import LAYERS, PRESETS, preset
from lessons.style.reconstruct import reconstruct
from lessons.style.record import Record
from lessons.style.solvers import transfer_step
from lessons.style.transfer import level_sizes, transfer

__all__ = [
    "LAYERS",
    "PRESETS",
    "Record",
    "gram_matrix",
    "level_sizes",
    "luminance",
    "moments",
    "moments_loss",
    "preset",
    "reconstruct",
    "relative_error",
    "total_variation",
    "transfer",
    "transfer_step",
    "with_colors_of",
]
