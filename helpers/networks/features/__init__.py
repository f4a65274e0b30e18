"""Pretrained networks whose layers dreams and style transfer look through.

>>> from helpers.networks import features
>>> network = features.load("squeezenet")
>>> network.layer_names
('conv1', 'fire2', 'fire3', 'fire4', 'fire5', 'fire6', 'fire7', 'fire8', 'fire9', 'conv10')

``squeezenet`` ships with the kit. The others need their official weights once: from Keras's
cache, by download, or as a local file (``weights=PATH``).
"""

from helpers.networks.features.network import FeatureNetwork
from helpers.networks.features.registry import NAMES, has_weights, load

__all__ = ["NAMES", "FeatureNetwork", "has_weights", "load"]
