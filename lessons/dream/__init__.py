"""DeepDream (lab_dream): change a picture so that a layer of a network answers more strongly.

>>> from helpers import images
>>> from lessons import dream
>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> result = dream.dream(images.photograph("rocket"), network, "fire6")

Mordvintsev, Olah, Tyka 2015, "Inceptionism". Notebook 05 writes the ascent, the octaves and the
shifted tiles cell by cell. The walk of a picture: ``octaves`` -> ``ascent`` -> ``tiles`` and
``objective``.
"""

from lessons.dream.channels import visualize
from lessons.dream.film import zoom
from lessons.dream.objective import Ascent
from lessons.dream.octaves import dream, octave_sizes
from lessons.dream.presets import PRESETS, preset
from lessons.dream.tiles import Tiling

__all__ = [
    "PRESETS", "Ascent", "Tiling", "dream", "octave_sizes", "preset", "visualize", "zoom",
]  # fmt: skip
