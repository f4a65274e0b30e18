"""InceptionV1 (GoogLeNet), the network of lab_dream, with the layer names of the official graph.

Szegedy et al. 2014, arXiv:1409.4842. Nine blocks look at their input through 1x1, 3x3 and 5x5
windows and a pool at once and stack the four answers. The classifier's head is left out.

The weights come from the frozen TensorFlow 1 graph in the official ``inception5h.zip``, which
holds each convolution's kernel and bias as constants ``NAME_w`` and ``NAME_b``.
"""

import io
import zipfile
from pathlib import Path

import keras
import tensorflow as tf
from keras import layers

# Filters: 1x1 | 3x3 reduce, 3x3 | 5x5 reduce, 5x5 | pool projection (lab_dream, the paper's table).
BLOCKS = {
    "mixed3a": (64, 96, 128, 16, 32, 32),
    "mixed3b": (128, 128, 192, 32, 96, 64),
    "mixed4a": (192, 96, 208, 16, 48, 64),
    "mixed4b": (160, 112, 224, 24, 64, 64),
    "mixed4c": (128, 128, 256, 24, 64, 64),
    "mixed4d": (112, 144, 288, 32, 64, 64),
    "mixed4e": (256, 160, 320, 32, 128, 128),
    "mixed5a": (256, 160, 320, 32, 128, 128),
    "mixed5b": (384, 192, 384, 48, 128, 128),
}
STEM = {"conv2d0": 64, "conv2d1": 64, "conv2d2": 192}
WIDTHS = {**STEM, **BLOCKS}
LAYER_NAMES = tuple(WIDTHS)  # lab_dream numbers them from 1 to 12
POOL_BEFORE = {"mixed3a": "maxpool1", "mixed4a": "maxpool4", "mixed5a": "maxpool10"}
# The convolutions of a block, in the order of its widths, and their windows.
BRANCHES = {
    **{"1x1": 1, "3x3_bottleneck": 1, "3x3": 3},
    **{"5x5_bottleneck": 1, "5x5": 5, "pool_reduce": 1},
}
# TensorFlow's defaults except alpha: five neighbors, alpha 1e-4 over their number (AlexNet's).
NORM = {"depth_radius": 2, "bias": 1.0, "alpha": 2e-5, "beta": 0.75}
MEAN = (117.0, 117.0, 117.0)
NORM_NODES = ("localresponsenorm0", "localresponsenorm1")
GRAPH_NAME = "tensorflow_inception_graph.pb"


class LocalResponseNorm(layers.Layer):
    """Divides each activation by the size of its neighbors in the channel direction.

    Args: those of ``tf.nn.local_response_normalization``.
    """

    def __init__(self, depth_radius, bias, alpha, beta, **options):
        super().__init__(**options)
        self.settings = {"depth_radius": depth_radius, "bias": bias, "alpha": alpha, "beta": beta}

    def call(self, inputs):
        return tf.nn.local_response_normalization(inputs, **self.settings)

    def get_config(self):
        return {**super().get_config(), **self.settings}


def build(widths=None, norms=(NORM, NORM)):
    """Untrained network: preprocessed RGB images of any size -> features of ``mixed5b``.

    Args:
        widths: filters of every layer, ``WIDTHS`` unless given. (The official weights have 204
            instead of 208 filters in the 3x3 branch of ``mixed4a``.)
        norms: settings of the two local response normalizations.
    """
    widths = widths or WIDTHS
    images = keras.Input((None, None, 3), name="images")
    x = _conv(images, widths["conv2d0"], 7, "conv2d0", strides=2)
    x = _pool(x, "maxpool0")
    x = LocalResponseNorm(**norms[0], name="localresponsenorm0")(x)
    x = _conv(x, widths["conv2d1"], 1, "conv2d1")
    x = _conv(x, widths["conv2d2"], 3, "conv2d2")
    x = LocalResponseNorm(**norms[1], name="localresponsenorm1")(x)
    for name in BLOCKS:
        if name in POOL_BEFORE:
            x = _pool(x, POOL_BEFORE[name])
        x = _block(x, widths[name], name)
    return keras.Model(images, x, name="inception_v1")


def _block(x, widths, name):
    width = dict(zip(BRANCHES, widths, strict=True))

    def conv(inputs, branch, activation=None):
        size = BRANCHES[branch]
        return _conv(inputs, width[branch], size, f"{name}_{branch}", activation=activation)

    pooled = layers.MaxPooling2D(3, strides=1, padding="same", name=f"{name}_pool")(x)
    answers = [
        conv(x, "1x1"),
        conv(conv(x, "3x3_bottleneck", "relu"), "3x3"),
        conv(conv(x, "5x5_bottleneck", "relu"), "5x5"),
        conv(pooled, "pool_reduce"),
    ]
    # Before the ReLU a channel has a gradient even where it is silent.
    x = layers.Concatenate(name=f"{name}_linear")(answers)
    return layers.ReLU(name=name)(x)


def _conv(x, filters, size, name, strides=1, activation="relu"):
    return layers.Conv2D(
        filters, size, strides=strides, padding="same", activation=activation, name=name
    )(x)


def _pool(x, name):
    return layers.MaxPooling2D(3, strides=2, padding="same", name=name)(x)


def convolutions():
    """Names of all convolutions in order; ``NAME_w`` and ``NAME_b`` are their weights' nodes."""
    return [*STEM, *(f"{block}_{branch}" for block in BLOCKS for branch in BRANCHES)]


def load(path):
    """InceptionV1 with the weights of a frozen graph, or of the zip file around it.

    The network is as wide as the arrays, and its normalizations have the settings of the graph.

    Raises:
        ValueError: the file is no such graph, or lacks a node.
    """
    nodes = {node.name: node for node in _graph(Path(path)).node}
    wanted = [f"{name}_{end}" for name in convolutions() for end in "wb"]
    missing = [name for name in (*wanted, *NORM_NODES) if name not in nodes]
    if missing:
        raise ValueError(f"{path} has no node {missing[0]}: it is not the graph of inception5h")
    try:
        arrays = {name: tf.make_ndarray(nodes[name].attr["value"].tensor) for name in wanted}
        found = [nodes[name].attr for name in NORM_NODES]
        network = build(
            {name: arrays[f"{name}_w"].shape[-1] for name in STEM}
            | {
                block: tuple(arrays[f"{block}_{branch}_w"].shape[-1] for branch in BRANCHES)
                for block in BLOCKS
            },
            [{key: attr[key].f or attr[key].i for key in NORM} for attr in found],
        )
        for name in convolutions():
            network.get_layer(name).set_weights([arrays[f"{name}_w"], arrays[f"{name}_b"]])
    except (ValueError, TypeError, IndexError) as error:
        raise ValueError(f"{path} does not hold the weights of InceptionV1: {error}") from error
    return network


def _graph(path):
    content = path.read_bytes()
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(GRAPH_NAME)
        return tf.compat.v1.GraphDef.FromString(content)
    except Exception as error:  # protobuf and zip files have many ways to be damaged
        raise ValueError(
            f"{path} is neither a frozen graph nor inception5h.zip ({error}); get it again"
        ) from error
