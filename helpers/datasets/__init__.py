"""Real images, offline if need be: the data sets, a folder of pictures, and batches.

>>> from helpers import datasets
>>> data = datasets.load("mnist", limit=1000)
MNIST train: 1,000 of 10,000 images (bundled subset, class-balanced)
>>> data.images.shape, data.class_names[3]
((1000, 28, 28, 1), '3')
"""

import helpers
from helpers.datasets.batching import batches
from helpers.datasets.sets import CARDS, Card, Dataset, load

# Loaded by those who bring pictures of their own, or translate those of one artist to another.
OTHERS = {"image_folder": "folders", "emoji_pairs": "emoji"}

__getattr__ = helpers.on_demand(__name__, OTHERS)
__all__ = ["CARDS", "Card", "Dataset", "batches", "load", *OTHERS]
