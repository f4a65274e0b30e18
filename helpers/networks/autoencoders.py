"""Encoders and decoders for 28x28 images: the published ones, to the letter, and the kit's own.

Every builder returns a fresh ``keras.Model``. An encoder maps images, float32
``(batch, 28, 28, 1)`` in [0, 1], to a code: the feature map ``(batch, 4, 4, c)`` of an
autoencoder, or the two vectors ``[z_mean, z_log_var]``, each ``(batch, latent_dim)``, of a VAE. A
decoder maps a code back to ``(batch, 28, 28, 1)``: to logits, whose sigmoid is the image, unless
the docstring says otherwise. Notebook 04 builds homework_vae and homework_autoencoder cell by cell.
"""

import keras
from keras import layers

from helpers import checking, weights
from helpers.networks.blocks import sequential

IMAGE_SHAPE = (28, 28, 1)


def homework_vae_encoder(latent_dim=2):
    """Images -> ``[z_mean, z_log_sigma]``, each ``(batch, latent_dim)``. Source: homework_vae.

    The second vector is the logarithm of the standard deviation, not of the variance: train it
    with ``training.VAE(..., spread="log_sigma")``.
    """
    checking.whole(latent_dim, "latent_dim")
    images = keras.Input(IMAGE_SHAPE, name="images")
    x = layers.Conv2D(32, 3, padding="same", activation="relu")(images)
    x = layers.Conv2D(64, 3, strides=2, padding="same", activation="relu")(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.Conv2D(64, 3, padding="same", activation="relu")(x)
    x = layers.Dense(32, activation="relu")(layers.Flatten()(x))
    z_mean = layers.Dense(latent_dim, name="z_mean")(x)
    z_log_sigma = layers.Dense(latent_dim, name="z_log_sigma")(x)
    return keras.Model(images, [z_mean, z_log_sigma], name="homework_vae_encoder")


def homework_vae_decoder(latent_dim=2):
    """z -> images in [0, 1]: probabilities (sigmoid), not logits. Source: homework_vae."""
    checking.whole(latent_dim, "latent_dim")
    return sequential(
        "homework_vae_decoder",
        (latent_dim,),
        layers.Dense(14 * 14 * 64, activation="relu"),
        layers.Reshape((14, 14, 64)),
        layers.Conv2DTranspose(32, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(1, 3, padding="same", activation="sigmoid"),
    )


def _pooling_encoder(name, filters):
    """Three times a 3x3 convolution with ReLU and max pooling: 28 -> 14 -> 7 -> 4 pixels."""
    steps = []
    for width in filters:
        steps += [
            layers.Conv2D(width, 3, padding="same", activation="relu"),
            layers.MaxPooling2D(2, padding="same"),
        ]
    return sequential(name, IMAGE_SHAPE, *steps)


def _resizing_decoder(name, code_channels, filters):
    """Three times a nearest resize and a 3x3 convolution with ReLU, then one logit a pixel."""
    steps = []
    for size, width in zip((7, 14, 28), filters, strict=True):
        steps += [
            layers.Resizing(size, size, interpolation="nearest"),
            layers.Conv2D(width, 3, padding="same", activation="relu"),
        ]
    last = layers.Conv2D(1, 3, padding="same")
    return sequential(name, (4, 4, code_channels), *steps, last)


def homework_autoencoder_encoder():
    """Images -> code (4, 4, 8): 128 numbers, 16 % of the input. Source: homework_autoencoder."""
    return _pooling_encoder("homework_autoencoder_encoder", (16, 8, 8))


def homework_autoencoder_decoder():
    """Code (4, 4, 8) -> logits; resizes, then convolves. Source: homework_autoencoder."""
    return _resizing_decoder("homework_autoencoder_decoder", 8, (8, 8, 16))


def homework_denoiser_encoder():
    """Noisy images -> code (4, 4, 16). Source: homework_denoiser."""
    return _pooling_encoder("homework_denoiser_encoder", (32, 32, 16))


def homework_denoiser_decoder():
    """Code (4, 4, 16) -> logits of the clean image. Source: homework_denoiser.

    What was meant: in the published code a wrong tensor left the second convolution out.
    """
    return _resizing_decoder("homework_denoiser_decoder", 16, (16, 32, 32))


def laptop_autoencoder_encoder(code_channels=8):
    """Images -> code (4, 4, code_channels); three strided convolutions instead of pooling.

    A stride does the work of convolution and pooling at a quarter of the price, and the code is
    linear: a ReLU at the end, as in homework_autoencoder, would throw half of its 128 numbers away.
    """
    checking.whole(code_channels, "code_channels")
    return sequential(
        "laptop_encoder",
        IMAGE_SHAPE,
        layers.Conv2D(16, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(32, 3, strides=2, padding="same", activation="relu"),
        layers.Conv2D(code_channels, 3, strides=2, padding="same"),
    )


def laptop_autoencoder_decoder(code_channels=8, transposed=False):
    """Code (4, 4, code_channels) -> logits; wide where the picture is small.

    Args:
        transposed: double the size by transposed convolutions of 3x3 with stride 2 instead of a
            resize and a convolution: the same number of parameters, and checkerboards.
    """
    checking.whole(code_channels, "code_channels")
    steps = [
        layers.Conv2D(64, 3, padding="same", activation="relu"),
        layers.Resizing(7, 7, interpolation="nearest"),
        layers.Conv2D(32, 3, padding="same", activation="relu"),
    ]
    for width, activation in ((16, "relu"), (1, None)):
        if transposed:
            steps += [layers.Conv2DTranspose(width, 3, 2, padding="same", activation=activation)]
        else:
            steps += [
                layers.UpSampling2D(2, interpolation="nearest"),
                layers.Conv2D(width, 3, padding="same", activation=activation),
            ]
    return sequential("laptop_decoder", (4, 4, code_channels), *steps)


def _vae_widths(latent_dim):
    """Widths of the dense layers, from the image inwards.

    A plane has to be folded in many ways to hold ten kinds of digits, and a third layer gains
    some nats. With more numbers it loses more than that: most axes fall asleep.
    """
    return (512, 256, 128) if latent_dim <= 2 else (512, 256)


def laptop_vae_encoder(latent_dim=2):
    """Images -> ``[z_mean, z_log_var]``; dense, each layer being one matrix product."""
    checking.whole(latent_dim, "latent_dim")
    images = keras.Input(IMAGE_SHAPE, name="images")
    x = layers.Flatten()(images)
    for width in _vae_widths(latent_dim):
        x = layers.Dense(width, activation="relu")(x)
    z_mean = layers.Dense(latent_dim, name="z_mean")(x)
    z_log_var = layers.Dense(latent_dim, name="z_log_var")(x)
    return keras.Model(images, [z_mean, z_log_var], name="laptop_vae_encoder")


def laptop_vae_decoder(latent_dim=2):
    """z -> logits of the pixels; the encoder's layers the other way round."""
    checking.whole(latent_dim, "latent_dim")
    return sequential(
        "laptop_vae_decoder",
        (latent_dim,),
        *[layers.Dense(width, activation="relu") for width in _vae_widths(latent_dim)[::-1]],
        layers.Dense(28 * 28),
        layers.Reshape(IMAGE_SHAPE),
    )


PRETRAINED = {2: "mnist_vae2", 16: "mnist_vae16"}  # latent_dim -> name of the shipped weights


def joined(encoder, decoder):
    """Encoder and decoder as one model, whose weights are saved and loaded as one file."""
    return keras.Model(encoder.input, [*encoder.outputs, decoder(encoder.outputs[0])])


def load_vae(latent_dim):
    """The shipped encoder and decoder of a VAE of MNIST with 2 or 16 latent numbers.

    Trained by ``tools/train_vae.py`` on all 60,000 images, binarized anew in every step.

    Raises:
        ValueError: no weights ship for this latent_dim.
    """
    checking.choice(latent_dim, "latent_dim", PRETRAINED)
    encoder, decoder = laptop_vae_encoder(latent_dim), laptop_vae_decoder(latent_dim)
    weights.load(joined(encoder, decoder), weights.bundled(PRETRAINED[latent_dim]))
    return encoder, decoder
