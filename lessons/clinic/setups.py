"""One small GAN for digits with a switch for every trick and every mistake of notebook 07.

``Setup`` is the description, ``build`` makes the compiled GAN from it. The healthy setup is the
default; a patient or an ablation is ``dataclasses.replace(Setup(), ...)`` with one other value.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from helpers import checking, training

OUTPUTS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}
CHOICES = {
    "optimizer": ("adam", "sgd"),
    "latent": ("normal", "uniform"),
    "activation": ("leaky_relu", "relu"),
    "downsampling": ("stride", "max_pool"),
    "output": tuple(OUTPUTS),
}
LATENT_DIM = 16
G_FILTERS = 32  # of the first convolution of G


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Every choice of a run. Source: lecture_tricks and lab_heuristics name the tricks."""

    g_learning_rate: float = 1e-3
    d_learning_rate: float = 1e-3
    optimizer: str = "adam"  # or "sgd" (plain)
    beta_1: float = 0.5  # momentum of Adam
    loss: str = "non_saturating"  # one of losses.GAN_LOSSES
    batch_size: int = 32
    label_smoothing: float = 0.0  # this and the next three as in GAN.compile
    label_noise: float = 0.0
    label_flips: float = 0.0
    real_penalty: float = 0.0  # taken in every fourth step
    ema_momentum: float | None = 0.99  # of the copy that draws the samples; None for no copy
    data_range: tuple = (-1.0, 1.0)  # to which the images are scaled
    output: str = "tanh"  # the generator's last activation
    latent: str = "normal"  # distribution of z; "uniform" lies in [-1, 1]
    d_filters: int = 16  # of D's first convolution
    dropout: float = 0.0  # after every hidden layer of D
    activation: str = "leaky_relu"  # of D's hidden layers
    downsampling: str = "stride"  # how D halves the picture
    kernel_size: int = 5  # of all convolutions
    normalize: bool = True  # BatchNorm in G
    norm_momentum: float = 0.9  # how slowly BatchNorm's statistics for drawing follow the batches
    initial_spread: float | None = None  # deviation of normal starting weights; None: Glorot's


class UniformGAN(training.GAN):
    """``training.GAN`` that draws z from the uniform distribution on [-1, 1]."""

    def sample_z(self, count, seed=None):
        seed = self.seed_generator if seed is None else seed
        return keras.random.uniform((count, self.latent_dim), -1.0, 1.0, seed=seed)


def build(setup, seed=0):
    """The compiled GAN that ``setup`` describes; its start depends on ``seed`` alone.

    Raises:
        ValueError: a word that no switch knows, or what ``GAN.compile`` refuses.
    """
    for name, known in CHOICES.items():
        checking.choice(getattr(setup, name), name, known)
    keras.utils.set_random_seed(seed)
    kind = UniformGAN if setup.latent == "uniform" else training.GAN
    options = {"ema_momentum": setup.ema_momentum, "seed": seed}
    # No range: a patient may be fed images that do not fit, that is the point.
    gan = kind(make_generator(setup), make_discriminator(setup), value_range=None, **options)
    optimizers = (
        _optimizer(setup, rate) for rate in (setup.g_learning_rate, setup.d_learning_rate)
    )
    of_game = ("loss", "label_smoothing", "label_noise", "label_flips", "real_penalty")
    options = {name: getattr(setup, name) for name in of_game}
    gan.compile(*optimizers, penalty_every=4 if setup.real_penalty else 1, **options)
    return gan


def make_generator(setup):
    """z ``(batch, 16)`` -> images ``(batch, 28, 28, 1)`` in the range of ``setup.output``."""
    start = {"kernel_initializer": _initializer(setup)}
    hidden = start | {"use_bias": not setup.normalize}
    grow = {"kernel_size": setup.kernel_size, "strides": 2, "padding": "same"}
    body = [
        layers.Dense(7 * 7 * G_FILTERS, **hidden),
        layers.Reshape((7, 7, G_FILTERS)),
        *_normalized_activation(setup),
        layers.Conv2DTranspose(G_FILTERS // 2, **grow, **hidden),
        *_normalized_activation(setup),
        layers.Conv2DTranspose(1, **grow, **start, activation=setup.output),
    ]
    return keras.Sequential([keras.Input((LATENT_DIM,)), *body], name="generator")


def make_discriminator(setup):
    """Images ``(batch, 28, 28, 1)`` -> one logit."""
    start, body = _initializer(setup), []
    for filters in (setup.d_filters, 2 * setup.d_filters):
        strides = 2 if setup.downsampling == "stride" else 1
        options = {"strides": strides, "padding": "same", "kernel_initializer": start}
        body.append(layers.Conv2D(filters, setup.kernel_size, **options))
        relu = setup.activation == "relu"
        body.append(layers.ReLU() if relu else layers.LeakyReLU(negative_slope=0.2))
        body += [layers.MaxPooling2D()] if setup.downsampling == "max_pool" else []
        body += [layers.Dropout(setup.dropout)] if setup.dropout else []
    body += [layers.Flatten(), layers.Dense(1, kernel_initializer=start)]
    return keras.Sequential([keras.Input((28, 28, 1)), *body], name="discriminator")


def scale(images, data_range):
    """Bytes as float32 in ``data_range``; ``(0, 255)`` leaves the numbers as they are."""
    low, high = data_range
    return (np.asarray(images, dtype="float32") / 255.0) * (high - low) + low


def _normalized_activation(setup):
    """What follows a hidden layer of G."""
    norm = [layers.BatchNormalization(momentum=setup.norm_momentum)] if setup.normalize else []
    return [*norm, layers.LeakyReLU(negative_slope=0.2)]


def _initializer(setup):
    if setup.initial_spread is None:
        return "glorot_uniform"
    # One object for several layers would give them equal numbers, so it carries no seed.
    return keras.initializers.RandomNormal(stddev=setup.initial_spread)


def _optimizer(setup, learning_rate):
    if setup.optimizer == "sgd":
        return keras.optimizers.SGD(learning_rate)
    return keras.optimizers.Adam(learning_rate, beta_1=setup.beta_1)
