"""DeepDream (lab_dream): change a picture so that a layer of a network answers more strongly.

>>> from helpers import dream, pictures
>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> result = dream.dream(pictures.photograph("rocket"), network, "fire6")

Mordvintsev, Olah, Tyka 2015, "Inceptionism". Notebook 05 writes the ascent, the octaves and the
shifted tiles cell by cell.
"""

from helpers.dream.channels import visualize
from helpers.dream.film import write_video, zoom
from helpers.dream.octaves import dream, octave_sizes
from helpers.dream.presets import PRESETS, preset

__all__ = [
    "PRESETS",
    "dream",
    "octave_sizes",
    "preset",
    "visualize",
    "write_video",
    "zoom",
]
