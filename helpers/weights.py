"""Shipped weights: a Keras model's variables as one small float16 file.

Keras's own formats store float32 and the optimizer; a course that ships weights in git wants
neither. The file is a plain ``npz`` in which every array is named after its place and variable,
so a mismatch can be explained.
"""

import zipfile
import zlib
from pathlib import Path

import numpy as np

from helpers import config

# What reading a damaged zip file may raise, by the place of the damage.
DAMAGE = (ValueError, OSError, EOFError, KeyError, RuntimeError, zipfile.BadZipFile, zlib.error)


def save(model, path):
    """Write every variable of ``model`` to ``path`` (``.npz``), floats as float16.

    Returns the path. Weights that are NaN, infinite or beyond the range of float16 raise
    ``ValueError``: the file would silently be useless.
    """
    path = Path(path)
    arrays = {}
    for index, variable in enumerate(model.weights):
        value = np.asarray(variable)
        if np.issubdtype(value.dtype, np.floating):
            if not np.isfinite(value).all():
                raise ValueError(f"{variable.path} holds NaN or infinity: the training diverged")
            with np.errstate(over="ignore"):
                value = value.astype("float16")
            if not np.isfinite(value).all():
                raise ValueError(f"{variable.path} does not fit float16")
        arrays[f"{index:03d} {variable.path}"] = value
    path.parent.mkdir(parents=True, exist_ok=True)
    np.savez_compressed(path, **arrays)
    return path


def load(model, path):
    """Fill ``model`` with the arrays that ``save`` wrote; returns ``model``.

    Raises:
        FileNotFoundError: there is no such file.
        ValueError: the file is damaged, or its arrays do not fit the model. The message names
            the first variable that differs.
    """
    path = Path(path)
    if not path.is_file():
        shipped = ", ".join(sorted(each.stem for each in bundled("").parent.glob("*.npz")))
        raise FileNotFoundError(f"no weights at {path}; shipped ones are {shipped}")
    try:
        with np.load(path) as file:
            arrays = [(name, file[name]) for name in sorted(file.files)]
    except DAMAGE as error:
        raise ValueError(
            f"{path} is not a readable weights file ({error}); get it again"
        ) from error
    if len(arrays) != len(model.weights):
        raise ValueError(
            f"{path.name} holds {len(arrays)} arrays, the model {model.name} has "
            f"{len(model.weights)}: it was saved from another network"
        )
    for (name, array), variable in zip(arrays, model.weights, strict=True):
        if array.shape != tuple(variable.shape):
            raise ValueError(
                f"{path.name}: {name} has shape {array.shape}, but {variable.path} of the model "
                f"{model.name} needs {tuple(variable.shape)}: it was saved from another network"
            )
    for (_, array), variable in zip(arrays, model.weights, strict=True):
        variable.assign(array.astype(variable.dtype))
    return model


def bundled(name):
    """Path of the shipped weights file ``name``, for example ``"mnist_classifier"``."""
    return config.bundled_data_dir() / "weights" / f"{name}.npz"
