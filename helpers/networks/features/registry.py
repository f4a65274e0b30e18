"""``load``: a feature network by name, with its weights found, downloaded or made up."""

from dataclasses import dataclass
from pathlib import Path

import keras
import numpy as np

from helpers import checking, config, weights
from helpers.datasets import download
from helpers.datasets.download import Remote
from helpers.networks.features import inception_v1, squeezenet
from helpers.networks.features.network import FeatureNetwork

_GOOGLE = "https://storage.googleapis.com"
_KERAS = f"{_GOOGLE}/tensorflow/keras-applications"
_NO_TOP = "weights_tf_dim_ordering_tf_kernels_notop.h5"
_VGG_CONVOLUTIONS = (2, 2, 4, 4, 4)


@dataclass(frozen=True)
class Card:
    """How a network is fed, which layers can be chosen, and where its weights come from."""

    title: str
    layer_names: tuple[str, ...]
    mean: tuple[float, float, float]
    scale: float = 1.0
    bgr: bool = False
    url: str = ""  # of the official weights

    @property
    def remotes(self):
        """The official weights, as ``download.fetch`` wants them."""
        return (Remote(self.url.rpartition("/")[2], self.url),)


def _vgg_layers():
    names = []
    for block, count in enumerate(_VGG_CONVOLUTIONS, start=1):
        names += [f"block{block}_conv{index}" for index in range(1, count + 1)]
        names.append(f"block{block}_pool")
    return tuple(names)


CARDS = {
    "squeezenet": Card("SqueezeNet v1.1", squeezenet.LAYER_NAMES, squeezenet.MEAN, bgr=True),
    "inception_v1": Card(
        "InceptionV1 (5h)",
        inception_v1.LAYER_NAMES,
        inception_v1.MEAN,
        url=f"{_GOOGLE}/download.tensorflow.org/models/inception5h.zip",
    ),
    "vgg19": Card(
        "VGG-19",
        _vgg_layers(),
        squeezenet.MEAN,
        bgr=True,
        url=f"{_KERAS}/vgg19/vgg19_{_NO_TOP}",
    ),
    "inception_v3": Card(
        "InceptionV3",
        tuple(f"mixed{index}" for index in range(11)),
        (127.5, 127.5, 127.5),
        scale=127.5,
        url=f"{_KERAS}/inception_v3/inception_v3_{_NO_TOP}",
    ),
}
NAMES = tuple(CARDS)


def load(name, *, pooling="max", weights=None, dtype="float32"):
    """A frozen feature network.

    Args:
        name: ``"squeezenet"`` (ships with the kit), ``"inception_v1"`` (lab_dream), ``"vgg19"``
            (lecture_style) or ``"inception_v3"``.
        pooling: ``"avg"`` replaces max pooling by average pooling, as lecture_style prefers.
        weights: path of a weights file; ``"random"`` for made-up weights (timings, tests).
            Unless given: what ships, Keras's cache, the official download.
        dtype: what the layers compute with, ``"float32"`` or ``"bfloat16"``. The latter keeps
            eight bits of every number. Processors with bfloat16 instructions and GPUs are faster
            with it, others much slower.

    Returns:
        ``FeatureNetwork``.

    Raises:
        ValueError: no such network, pooling or dtype, or a file that does not hold its weights.
        FileNotFoundError: no weights here, and none could be downloaded; the message says what
            to get and where to put it.
    """
    card = CARDS[checking.choice(name, "the feature network", NAMES)]
    checking.choice(pooling, "pooling", ("max", "avg"))
    checking.choice(dtype, "dtype", ("float32", "bfloat16"))
    if weights == "random":
        model, origin = _randomized(_untrained(name)), "random weights"
    else:
        model, origin = _trained(name, card, weights)
    if pooling == "avg":
        model = _copy(model, _averaged)
    if dtype != "float32":
        model = _copy(model, lambda layer: _again(layer, dtype=dtype))
    origin = f"{name}: {origin}"
    return FeatureNetwork(name, model, card.layer_names, card.mean, card.scale, card.bgr, origin)


def has_weights(name):
    """Whether the weights of a network are on this machine, so that ``load`` needs no download."""
    if checking.choice(name, "the feature network", NAMES) == "squeezenet":
        return True
    return _cached(CARDS[name]).is_file()


def _cached(card):
    """Where Keras's cache keeps, or would keep, the official weights of a network."""
    return config.keras_dir() / "models" / card.remotes[0].path


def _untrained(name):
    ours = {"squeezenet": squeezenet.build, "inception_v1": inception_v1.build}
    if name in ours:
        return ours[name]()
    theirs = {"vgg19": keras.applications.VGG19, "inception_v3": keras.applications.InceptionV3}
    return theirs[name](include_top=False, weights=None)


def _trained(name, card, path):
    """The model with its weights, and where they came from in a few words."""
    if path is not None:
        path = Path(path).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f"no weights file at {path}")
        return _filled(name, path), f"{card.title}, weights from {path.name}"
    if name == "squeezenet":
        return _filled(name, weights.bundled(name)), f"{card.title}, ImageNet weights of the kit"
    target, how = _cached(card), "from Keras's cache"
    if not target.is_file():
        _download(name, card, target)
        how = "downloaded"
    return _filled(name, target), f"{card.title}, ImageNet weights {how}"


def _filled(name, path):
    """A model with the weights of a file: zip or pb of InceptionV1, npz or h5 of others."""
    if name == "inception_v1":
        return inception_v1.load(path)
    model = _untrained(name)
    if path.suffix == ".npz":
        return weights.load(model, path)
    try:
        model.load_weights(path)
    except Exception as error:  # h5py and Keras have many ways to say that a file is damaged
        raise ValueError(
            f"{path} does not hold the weights of {name} ({str(error)[:200]}); get it again"
        ) from error
    return model


def _download(name, card, target):
    reason = "COURSE_OFFLINE=1 forbids the network"
    if not config.offline():
        try:
            download.fetch(card, folder="models")
            return
        except download.Unreachable as error:
            reason = str(error)
    raise FileNotFoundError(
        f"no weights for {name} here, and no download: {reason}. Get {card.url} on "
        f"another machine and put it at {target}, or pass weights=PATH. "
        'features.load("squeezenet") works now, without any download.'
    )


def _randomized(model, seed=0):
    """Kernels drawn as He et al. 2015 do, so that activations neither vanish nor explode."""
    random = np.random.default_rng(seed)
    for variable in model.weights:
        if variable.name == "kernel":
            shape = tuple(variable.shape)
            spread = np.sqrt(2 / np.prod(shape[:-1]))
            variable.assign(random.normal(0, spread, shape).astype("float32"))
    return model


def _copy(model, change):
    """The same network and weights, each layer replaced by what ``change`` makes of it."""
    copy = keras.models.clone_model(model, clone_function=change)
    copy.set_weights(model.get_weights())
    return copy


def _again(layer, **settings):
    return layer.__class__.from_config({**layer.get_config(), **settings})


def _averaged(layer):
    """A max pooling as an average, another layer as it is."""
    if not isinstance(layer, keras.layers.MaxPooling2D):
        return _again(layer)
    keep = ("name", "pool_size", "strides", "padding", "data_format")
    settings = layer.get_config()
    return keras.layers.AveragePooling2D(**{key: settings[key] for key in keep})
