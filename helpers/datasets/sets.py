"""``load``: one of the data sets from the best source at hand, and a word about which."""

from dataclasses import dataclass, field
from importlib import import_module

import numpy as np

from helpers import checking, config
from helpers.datasets import download, readers
from helpers.datasets.download import Remote

_KERAS_FILES = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"
BUNDLED = {"train": 10_000, "test": 2_000}  # images of each set that ship with the kit


@dataclass(frozen=True)
class Card:
    """Name, shape of one image, classes, and the files that Keras would download."""

    name: str
    title: str
    image_shape: tuple[int, int, int]
    class_names: tuple[str, ...]
    remotes: tuple[Remote, ...]


_CLOTHES = "T-shirt/top,trouser,pullover,dress,coat,sandal,shirt,sneaker,bag,ankle boot"
_THINGS = "airplane,automobile,bird,cat,deer,dog,frog,horse,ship,truck"
_MNIST_FILE = Remote(
    "mnist.npz",
    _KERAS_FILES + "mnist.npz",
    "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
)
_FASHION_FILES = tuple(
    Remote(f"fashion-mnist/{file}-ubyte.gz", f"{_KERAS_FILES}{file}-ubyte.gz")
    for file in ("train-labels-idx1", "train-images-idx3", "t10k-labels-idx1", "t10k-images-idx3")
)
_CIFAR_FILE = Remote(
    "cifar-10-batches-py-target_archive",
    "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
    "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
)
CARDS = {
    card.name: card
    for card in (
        Card("mnist", "MNIST", (28, 28, 1), tuple("0123456789"), (_MNIST_FILE,)),
        Card(
            "fashion_mnist",
            "Fashion-MNIST",
            (28, 28, 1),
            tuple(_CLOTHES.split(",")),
            _FASHION_FILES,
        ),
        Card("cifar10", "CIFAR-10", (32, 32, 3), tuple(_THINGS.split(",")), (_CIFAR_FILE,)),
    )
}


@dataclass(frozen=True, eq=False)
class Dataset:
    """Images with their labels, and where they come from.

    Attributes:
        name: "mnist", "fashion_mnist", "cifar10", "emoji", or the name of a folder of pictures.
        split: "train" or "test".
        images: uint8, shape (N, H, W, C), values in [0, 255].
        labels: int64, shape (N,), values in [0, number of classes).
        class_names: a word for each class.
        origin: the line that ``load`` printed.
    """

    name: str
    split: str
    images: np.ndarray = field(repr=False)
    labels: np.ndarray = field(repr=False)
    class_names: tuple[str, ...]
    origin: str

    def __len__(self):
        return len(self.images)


def load(name, split="train", limit=None, **emoji_options):
    """Load real images, and print one line that says from where and how many.

    The sources, in this order: NAME.npz in the folder ``COURSE_DATA_DIR``; Keras's cache of
    downloads; a download into that cache, given up within seconds if the host is slow or out of
    reach; the class-balanced subset that ships with the kit (10,000 train, 2,000 test images).
    Nothing is downloaded at profile ``smoke``, with ``COURSE_OFFLINE=1``, or for a ``limit`` that
    the bundled subset can serve.

    Args:
        name: "mnist", "fashion_mnist", "cifar10" or "emoji", which is always the bundled set.
        split: "train" or "test".
        limit: take only the first so many images; ``None`` takes all that there are.
        emoji_options: ``artist`` and ``size`` of the emoji, see ``load_emoji``.

    Returns:
        Dataset with uint8 images, (N, 28, 28, 1) or (N, 32, 32, 3).

    Raises:
        ValueError: unknown name or split, a limit below 1 or above the number of images, or a
            damaged file (the message names it and says what to do).
        FileNotFoundError, NotADirectoryError, PermissionError: ``COURSE_DATA_DIR`` cannot be used.
    """
    if name == "emoji":
        return import_module("helpers.datasets.emoji").load_emoji(split, limit, **emoji_options)
    card = CARDS[checking.choice(name, "the data set", (*CARDS, "emoji"))]
    if emoji_options:
        raise ValueError(
            f"{', '.join(emoji_options)}: only the data set 'emoji' has artists and sizes"
        )
    checking.choice(split, "split", ("train", "test"))
    limit = None if limit is None else checking.whole(limit, "limit")
    images, labels, source = _find(card, split, limit)
    images, labels, count = shortened(images, labels, limit, f"{card.title} {split}", source)
    origin = f"{card.title} {split}: {count} images ({source})"
    print(origin)
    return Dataset(name, split, images, labels, card.class_names, origin)


def shortened(images, labels, limit, name, source):
    """The first ``limit`` images and labels, and how many of how many in words."""
    available = len(images)
    if limit is None:
        return images, labels, f"{available:,}"
    if checking.whole(limit, "limit") > available:
        raise ValueError(
            f"limit={limit}, but {name} has {available} images here ({source}): "
            f"ask for {available} at most, or for None to get them all"
        )
    if limit == available:
        return images, labels, f"{available:,}"
    # A copy, so that the rest of a full set does not stay in memory.
    return images[:limit].copy(), labels[:limit].copy(), f"{limit:,} of {available:,}"


def _find(card, split, limit):
    """(images, labels, where they come from in words) from the first source that has them."""
    notes = ""
    folder = config.data_dir()
    if folder is not None:
        path = folder / f"{card.name}.npz"
        if path.exists():
            return *readers.read_npz(path, card, split), f"{path.name} in COURSE_DATA_DIR"
        notes += f"; COURSE_DATA_DIR has no {path.name}"
    found = readers.read_keras_cache(card, split)
    if found is not None:
        return *found, "from the Keras cache"
    if not config.offline() and (limit is None or limit > BUNDLED[split]):
        try:
            download.fetch(card)
            return *readers.read_keras_cache(card, split), "downloaded into the Keras cache"
        except download.Unreachable as error:
            notes += f"; no download: {error}"
    return *readers.read_bundled(card, split), f"bundled subset, class-balanced{notes}"
