"""Weights of InceptionV1 from the frozen TensorFlow 1 graph of the official ``inception5h.zip``.

The graph holds each convolution's kernel and bias as constants ``NAME_w`` and ``NAME_b``. They are
read once and kept as an ``npz``, which loads without the graph.
"""

import io
import zipfile
from pathlib import Path

import numpy as np
import tensorflow as tf

from helpers import weights
from helpers.networks.features import inception_v1

NORM_NODES = ("localresponsenorm0", "localresponsenorm1")
GRAPH_NAME = "tensorflow_inception_graph.pb"


def read(path):
    """The arrays of a frozen graph, or of the zip file around it.

    Returns:
        dict of arrays: ``NAME_w``, ``NAME_b`` for every convolution, and ``norms``, float64
        ``(2, 4)``: depth radius, bias, alpha and beta of the two normalizations.

    Raises:
        ValueError: the file is no such graph, or lacks a node.
    """
    nodes = {node.name: node for node in _graph(Path(path)).node}
    arrays = {}
    for name in inception_v1.convolutions():
        for end in ("w", "b"):
            arrays[f"{name}_{end}"] = _constant(nodes, f"{name}_{end}", path)
    settings = []
    for name in NORM_NODES:
        if name not in nodes:
            raise ValueError(f"{path} has no node {name}: it is not the graph of inception5h")
        found = nodes[name].attr
        settings.append(
            [found["depth_radius"].i, found["bias"].f, found["alpha"].f, found["beta"].f]
        )
    arrays["norms"] = np.array(settings, "float64")
    return arrays


def _graph(path):
    content = path.read_bytes()
    try:
        if zipfile.is_zipfile(io.BytesIO(content)):
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                content = archive.read(GRAPH_NAME)
        graph = tf.compat.v1.GraphDef()
        graph.ParseFromString(content)
    except Exception as error:  # protobuf and zip files have many ways to be damaged
        raise ValueError(
            f"{path} is neither a frozen graph nor inception5h.zip ({error}); get it again"
        ) from error
    return graph


def _constant(nodes, name, path):
    if name not in nodes or "value" not in nodes[name].attr:
        raise ValueError(f"{path} has no constant {name}: it is not the graph of inception5h")
    return tf.make_ndarray(nodes[name].attr["value"].tensor)


def model(arrays):
    """InceptionV1 as a Keras model with the arrays of ``read``, as wide as they are."""
    try:
        keys = ("depth_radius", "bias", "alpha", "beta")
        norms = [dict(zip(keys, row, strict=True)) for row in arrays["norms"].tolist()]
        widths = {name: arrays[f"{name}_w"].shape[-1] for name in inception_v1.STEM}
        for block in inception_v1.BLOCKS:
            widths[block] = tuple(
                arrays[f"{block}_{branch}_w"].shape[-1] for branch in inception_v1.BRANCHES
            )
        network = inception_v1.build(widths, norms)
        for name in inception_v1.convolutions():
            network.get_layer(name).set_weights([arrays[f"{name}_w"], arrays[f"{name}_b"]])
    except (KeyError, ValueError) as error:
        raise ValueError(f"these are not the weights of InceptionV1: {error}") from error
    return network


def convert(path, target):
    """Write the arrays of the graph at ``path`` to ``target`` (``.npz``); returns the arrays."""
    arrays = read(path)
    target = Path(target)
    target.parent.mkdir(parents=True, exist_ok=True)
    part = target.with_name(f"{target.name}.part.npz")
    np.savez(part, **arrays)
    part.replace(target)
    return arrays


def load_npz(path):
    """The arrays that ``convert`` wrote.

    Raises ``ValueError`` if the file is damaged.
    """
    try:
        with np.load(path) as file:
            return {name: file[name] for name in file.files}
    except weights.DAMAGE as error:
        raise ValueError(
            f"{path} is not a readable weights file ({error}); delete it and try again"
        ) from error
