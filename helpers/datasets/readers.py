"""Readers of the files that hold the data sets: npz, Keras's cache, the bundled subsets.

Each returns ``(images, labels)``: uint8 (N, H, W, C) and int64 (N,). A damaged file raises
``ValueError`` with its path and what to do.
"""

import contextlib
import gzip
import hashlib
import pickle
import tarfile
import zipfile
import zlib

import numpy as np
from PIL import Image

from helpers import checking, config

_BROKEN = (ValueError, OSError, EOFError, KeyError, IndexError, TypeError,
           zipfile.BadZipFile, zlib.error, tarfile.TarError, pickle.UnpicklingError)  # fmt: skip


def read_npz(path, card, split):
    """Images and labels from the arrays ``x_SPLIT`` and ``y_SPLIT`` of an npz file."""
    arrays = _npz_arrays(path, [f"x_{split}", f"y_{split}"])
    return _checked(path, card, *arrays)


def read_keras_cache(card, split):
    """Images and labels from what Keras (2 or 3) downloaded earlier, or ``None``.

    The files are read where they lie: no network, and no archive is unpacked.
    """
    root = config.keras_dir() / "datasets"
    if card.name == "mnist":
        path = root / "mnist.npz"
        return read_npz(path, card, split) if path.is_file() else None
    if card.name == "fashion_mnist":
        prefix = {"train": "train", "test": "t10k"}[split]
        images = root / "fashion-mnist" / f"{prefix}-images-idx3-ubyte.gz"
        labels = root / "fashion-mnist" / f"{prefix}-labels-idx1-ubyte.gz"
        if not (images.is_file() and labels.is_file()):
            return None
        return _checked(images, card, _read_idx(images), _read_idx(labels))
    for name in ("cifar-10-batches-py-target_archive", "cifar-10-batches-py.tar.gz"):
        if (root / name).is_file():
            return _checked(root / name, card, *_read_cifar(root / name, split))
    return None


def read_bundled(card, split):
    """Images and labels of the class-balanced subset in ``data/``."""
    folder = config.bundled_data_dir()
    if card.name != "cifar10":
        return read_npz(folder / f"{card.name}.npz", card, split)
    path = folder / "cifar10_labels.npz"
    labels, wanted = _npz_arrays(path, [f"y_{split}", f"x_{split}_sha256"])
    sheets = sorted(folder.glob(f"cifar10_{split}_*.webp"))
    if not sheets:
        raise ValueError(f"{folder} has no cifar10_{split}_*.webp: get the kit's data/ again")
    images = np.concatenate([read_sheet(sheet) for sheet in sheets])
    # WebP has no checksum of its own: a flipped bit would go unnoticed.
    if hashlib.sha256(images.tobytes()).hexdigest() != str(wanted):
        names = ", ".join(sheet.name for sheet in sheets)
        raise ValueError(f"{names} in {folder} is damaged: get the kit's data/ again")
    return _checked(path, card, images, labels)


@contextlib.contextmanager
def reading(path):
    """Turns what reading a file may raise into errors that name it and say what to do."""
    try:
        yield
    except PermissionError:
        raise PermissionError(f"{path} may not be read by this user: check its rights") from None
    except FileNotFoundError:
        raise FileNotFoundError(f"{path} is missing: get the kit's data/ again") from None
    except _BROKEN as error:
        raise ValueError(
            f"{path} is damaged, or not what its name says ({error}): delete it and get it again"
        ) from error


def _npz_arrays(path, names):
    """The named arrays of an npz file, in that order."""
    with reading(path), open(path, "rb") as file:
        archive = np.load(file, allow_pickle=False)
        if not isinstance(archive, np.lib.npyio.NpzFile):
            raise ValueError("it holds one array without a name")
        arrays = {name: archive[name] for name in names if name in archive.files}
        found = ", ".join(sorted(archive.files)) or "nothing"
    missing = [name for name in names if name not in arrays]
    if missing:
        raise ValueError(
            f"{path} has no array {' or '.join(missing)}; it holds {found}. "
            "Wanted are x_train, y_train, x_test, y_test"
        )
    return list(arrays.values())


def _checked(path, card, images, labels):
    """Both arrays in the kit's form, or ``ValueError`` if they are not this data set."""
    height, width, channels = card.image_shape
    if channels == 1 and images.ndim == 3:
        images = images[..., None]
    if images.dtype != np.uint8 or images.shape[1:] != card.image_shape or len(images) == 0:
        raise ValueError(
            f"{path}: the images have shape {images.shape} and type {images.dtype}; {card.title} "
            f"is uint8, shape (N, {height}, {width}, {channels})"
        )
    labels = labels.reshape(-1)
    checking.labels(labels, len(images), len(card.class_names), f"{path}: the labels")
    return np.ascontiguousarray(images), labels.astype("int64")


def _read_idx(path):
    """The uint8 array of a gzipped idx file, the format of the original MNIST files."""
    with reading(path):
        content = gzip.decompress(path.read_bytes())
        rank = {b"\0\0\x08\x01": 1, b"\0\0\x08\x03": 3}[content[:4]]
        shape = np.frombuffer(content, ">i4", count=rank, offset=4)
        return np.frombuffer(content, np.uint8, offset=4 + 4 * rank).reshape(shape)


class _ArraysOnly(pickle.Unpickler):
    """Unpickler for CIFAR-10's batches: NumPy arrays and plain values, no other code."""

    def find_class(self, module, name):
        if name == "_reconstruct" and module.endswith(".multiarray"):
            return np.empty(0).__reduce__()[0]
        if (module, name) in (("numpy", "ndarray"), ("numpy", "dtype")):
            return getattr(np, name)
        raise pickle.UnpicklingError(f"{module}.{name} has no place in a batch of images")


def _read_cifar(path, split):
    """Images and labels of CIFAR-10's official archive."""
    names = [f"data_batch_{i}" for i in range(1, 6)] if split == "train" else ["test_batch"]
    images, labels = [], []
    with reading(path), tarfile.open(path) as archive:
        for name in names:
            file = archive.extractfile(f"cifar-10-batches-py/{name}")
            batch = _ArraysOnly(file, encoding="bytes").load()
            planes = np.asarray(batch[b"data"]).reshape(-1, 3, 32, 32)
            images.append(planes.transpose(0, 2, 3, 1))
            labels.append(np.asarray(batch[b"labels"]))
    return np.concatenate(images), np.concatenate(labels)


def read_sheet(path, side=32):
    """The images of a contact sheet of square tiles, row by row: uint8 (N, side, side, 3)."""
    with reading(path), Image.open(path) as file:
        sheet = np.asarray(file.convert("RGB"))
        rows, columns = sheet.shape[0] // side, sheet.shape[1] // side
        tiles = sheet.reshape(rows, side, columns, side, 3).transpose(0, 2, 1, 3, 4)
    return tiles.reshape(-1, side, side, 3)
