"""One small GAN for digits with a switch for every trick and every mistake of notebook 07.

``Setup`` is the description, ``build`` makes the compiled GAN from it. The healthy setup is the
default; a patient or an ablation is ``dataclasses.replace(Setup(), ...)`` with one other value.
"""

from dataclasses import dataclass

import keras
import numpy as np
from keras import layers

from helpers import losses, training

ACTIVATIONS = ("leaky_relu", "relu")
DOWNSAMPLING = ("stride", "max_pool")
LATENTS = ("normal", "uniform")
OPTIMIZERS = ("adam", "sgd")
OUTPUTS = {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}


@dataclass(frozen=True, kw_only=True)
class Setup:
    """Every choice of a run on the ward.

    Attributes:
        g_learning_rate, d_learning_rate: of the two optimizers.
        optimizer: ``"adam"``, or ``"sgd"`` (plain).
        beta_1: momentum of Adam.
        loss: one of ``losses.GAN_LOSSES``.
        batch_size: images in a batch.
        discriminator_steps: steps of D for each step of G.
        label_smoothing, label_noise, label_flips: as in ``GAN.compile``.
        real_penalty, penalty_every: as in ``GAN.compile``.
        ema_momentum: of the averaged copy that draws the samples; ``None`` for no copy.
        data_range: (low, high) to which the images are scaled.
        output: the generator's last activation.
        latent: distribution of z; ``"uniform"`` lies in [-1, 1].
        g_filters, d_filters: width of the first convolution of G, and of D.
        dropout: after every hidden layer of D.
        generator_dropout: after every hidden layer of G.
        activation: of D's hidden layers.
        downsampling: how D halves the picture.
        kernel_size: of all convolutions.
        dense: units of one more dense layer, first in G and last but one in D; 0 for none.
        normalize: BatchNorm in G.
        norm_momentum: how slowly BatchNorm's statistics for drawing follow the batches.
        initial_spread: standard deviation of normal starting weights; ``None``: Glorot's.

    Source: lecture_tricks and lab_heuristics name the tricks.
    """

    g_learning_rate: float = 1e-3
    d_learning_rate: float = 1e-3
    optimizer: str = "adam"
    beta_1: float = 0.5
    loss: str = "non_saturating"
    batch_size: int = 32
    discriminator_steps: int = 1
    label_smoothing: float = 0.0
    label_noise: float = 0.0
    label_flips: float = 0.0
    real_penalty: float = 0.0
    penalty_every: int = 4
    ema_momentum: float | None = 0.99
    data_range: tuple = (-1.0, 1.0)
    output: str = "tanh"
    latent: str = "normal"
    g_filters: int = 32
    d_filters: int = 16
    dropout: float = 0.0
    generator_dropout: float = 0.0
    activation: str = "leaky_relu"
    downsampling: str = "stride"
    kernel_size: int = 5
    dense: int = 0
    normalize: bool = True
    norm_momentum: float = 0.9
    initial_spread: float | None = None


LATENT_DIM = 16


class WardGAN(training.GAN):
    """``training.GAN`` that can also draw z from the uniform distribution on [-1, 1]."""

    def __init__(self, *networks, latent="normal", **options):
        super().__init__(*networks, **options)
        self.latent = latent

    def sample_z(self, count, seed=None):
        if self.latent == "normal":
            return super().sample_z(count, seed)
        seed = self.seed_generator if seed is None else seed
        return keras.random.uniform((count, self.latent_dim), -1.0, 1.0, seed=seed)


def build(setup, seed=0):
    """The compiled GAN that ``setup`` describes; its start depends on ``seed`` alone.

    Raises:
        ValueError: a word that no switch knows, or what ``GAN.compile`` refuses.
    """
    _check_words(setup)
    keras.utils.set_random_seed(seed)
    gan = WardGAN(
        make_generator(setup),
        make_discriminator(setup),
        latent=setup.latent,
        ema_momentum=setup.ema_momentum,
        value_range=None,  # a patient may be fed images that do not fit: that is the point
        seed=seed,
    )
    gan.compile(
        _optimizer(setup, setup.g_learning_rate),
        _optimizer(setup, setup.d_learning_rate),
        loss=setup.loss,
        label_smoothing=setup.label_smoothing,
        label_noise=setup.label_noise,
        label_flips=setup.label_flips,
        discriminator_steps=setup.discriminator_steps,
        real_penalty=setup.real_penalty,
        penalty_every=setup.penalty_every if setup.real_penalty else 1,
    )
    return gan


def make_generator(setup):
    """z ``(batch, 16)`` -> images ``(batch, 28, 28, 1)`` in the range of ``setup.output``."""
    wide, start = setup.g_filters, _start(setup)
    options = {"padding": "same", "use_bias": not setup.normalize, "kernel_initializer": start}
    size = setup.kernel_size
    extra = []
    if setup.dense:
        extra = [layers.Dense(setup.dense, kernel_initializer=start), *_hidden(setup)]
    body = [
        *extra,
        layers.Dense(7 * 7 * wide, use_bias=not setup.normalize, kernel_initializer=start),
        layers.Reshape((7, 7, wide)),
        *_hidden(setup),
        layers.Conv2DTranspose(wide // 2, size, strides=2, **options),
        *_hidden(setup),
        layers.Conv2DTranspose(
            1, size, strides=2, padding="same", activation=setup.output, kernel_initializer=start
        ),
    ]
    return keras.Sequential([keras.Input((LATENT_DIM,)), *body], name="ward_generator")


def make_discriminator(setup):
    """Images ``(batch, 28, 28, 1)`` -> one logit."""
    start, narrow = _start(setup), setup.d_filters
    body = []
    for filters in (narrow, 2 * narrow):
        strides = 2 if setup.downsampling == "stride" else 1
        body += [
            layers.Conv2D(
                filters,
                setup.kernel_size,
                strides=strides,
                padding="same",
                kernel_initializer=start,
            ),
            _activation(setup.activation),
        ]
        body += [layers.MaxPooling2D()] if setup.downsampling == "max_pool" else []
        body += [layers.Dropout(setup.dropout)] if setup.dropout else []
    body.append(layers.Flatten())
    if setup.dense:
        body += [layers.Dense(setup.dense, kernel_initializer=start), _activation(setup.activation)]
        body += [layers.Dropout(setup.dropout)] if setup.dropout else []
    body.append(layers.Dense(1, kernel_initializer=start))
    return keras.Sequential([keras.Input((28, 28, 1)), *body], name="ward_discriminator")


def scaled(images, data_range):
    """Bytes as float32 in ``data_range``; ``(0, 255)`` leaves the numbers as they are."""
    low, high = data_range
    return (np.asarray(images, dtype="float32") / 255.0) * (high - low) + low


def _hidden(setup):
    """What follows a hidden layer with weights in G."""
    norm = [layers.BatchNormalization(momentum=setup.norm_momentum)] if setup.normalize else []
    drop = [layers.Dropout(setup.generator_dropout)] if setup.generator_dropout else []
    return [*norm, layers.LeakyReLU(negative_slope=0.2), *drop]


def _activation(name):
    return layers.ReLU() if name == "relu" else layers.LeakyReLU(negative_slope=0.2)


def _start(setup):
    if setup.initial_spread is None:
        return "glorot_uniform"
    # One object for several layers would give them equal numbers, so it carries no seed.
    return keras.initializers.RandomNormal(stddev=setup.initial_spread)


def _optimizer(setup, learning_rate):
    if setup.optimizer == "sgd":
        return keras.optimizers.SGD(learning_rate)
    return keras.optimizers.Adam(learning_rate, beta_1=setup.beta_1)


def _check_words(setup):
    losses.check_kind(setup.loss)
    for name, known in (
        ("optimizer", OPTIMIZERS),
        ("latent", LATENTS),
        ("activation", ACTIVATIONS),
        ("downsampling", DOWNSAMPLING),
        ("output", tuple(OUTPUTS)),
    ):
        value = getattr(setup, name)
        if value not in known:
            raise ValueError(f"{name} must be one of {', '.join(known)}, got {value!r}")
