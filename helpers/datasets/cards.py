"""What is known about the three data sets before a file is opened."""

from dataclasses import dataclass

_KERAS_FILES = "https://storage.googleapis.com/tensorflow/tf-keras-datasets/"


@dataclass(frozen=True)
class Remote:
    """A file of Keras's cache: where it lies below ``datasets/``, its official address, sha256."""

    path: str
    url: str
    sha256: str | None = None


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
_FASHION_FILES = (
    "train-labels-idx1-ubyte.gz",
    "train-images-idx3-ubyte.gz",
    "t10k-labels-idx1-ubyte.gz",
    "t10k-images-idx3-ubyte.gz",
)

MNIST = Card(
    name="mnist",
    title="MNIST",
    image_shape=(28, 28, 1),
    class_names=tuple("0123456789"),
    remotes=(
        Remote(
            "mnist.npz",
            _KERAS_FILES + "mnist.npz",
            "731c5ac602752760c8e48fbffcf8c3b850d9dc2a2aedcf2cc48468fc17b673d1",
        ),
    ),
)
FASHION_MNIST = Card(
    name="fashion_mnist",
    title="Fashion-MNIST",
    image_shape=(28, 28, 1),
    class_names=tuple(_CLOTHES.split(",")),
    remotes=tuple(Remote(f"fashion-mnist/{file}", _KERAS_FILES + file) for file in _FASHION_FILES),
)
CIFAR10 = Card(
    name="cifar10",
    title="CIFAR-10",
    image_shape=(32, 32, 3),
    class_names=tuple(_THINGS.split(",")),
    remotes=(
        Remote(
            "cifar-10-batches-py-target_archive",
            "https://www.cs.toronto.edu/~kriz/cifar-10-python.tar.gz",
            "6d958be074577803d12ecdefd02955f39262c83c16fe9348329d7fe0b5c001ce",
        ),
    ),
)
CARDS = {card.name: card for card in (MNIST, FASHION_MNIST, CIFAR10)}
