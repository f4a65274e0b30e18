"""Helpers of the course on generative deep learning: networks, training loops, pictures.

Import the module that you need (``from helpers import datasets``). Importing the package itself
does no work and does not import TensorFlow.
"""

__version__ = "0.1.0"

# The packages of the kit, as the wheel ships them and the grader watches them.
PACKAGES = ("helpers", "lessons", "exercises")
