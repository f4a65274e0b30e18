"""DeepDream (lab_dream): change a picture so that a layer of a network answers more strongly.

>>> from helpers import images
>>> from lessons import dream
>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> result = dream.dream(images.photograph("rocket"), network, "fire6")

Mordvintsev, Olah, Tyka 2015, "Inceptionism". Notebook 05 writes the ascent, the octaves and the
shifted tiles cell by cell.
"""

from lessons.dream.channels import visualize
from lessons.dream.film import write_video, zoom
from lessons.dream.octaves import dream, octave_sizes
from lessons.dream.presets import PRESETS, preset

__all__ = [
    "PRESETS",
    "dream",
    "octave_sizes",
    "preset",
    "visualize",
    "write_video",
    "zoom",
]
