"""Style transfer (lecture_style): one picture painted in the style of another.

>>> from helpers import images
>>> from lessons import style
>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> painting = images.painting("strokes")
>>> result = style.transfer(images.photograph("cat"), painting, network, size=256)

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
from lessons.style.objective import LAYERS, Loss
from lessons.style.record import Record
from lessons.style.solvers import transfer_step
from lessons.style.transfer import WEIGHTS, published, reconstruct, transfer

__all__ = [
    "LAYERS", "WEIGHTS", "Loss", "Record", "gram_matrix", "luminance", "moments", "moments_loss",
    "published", "reconstruct", "relative_error", "total_variation", "transfer", "transfer_step",
    "with_colors_of",
]  # fmt: skip
