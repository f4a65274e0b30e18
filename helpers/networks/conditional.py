"""Networks that are told a class: the label joins z, and the discriminator sees it too.

All layers are Keras's own, so a saved network loads without the kit. Labels are int32, shape
``(batch,)``. Notebook 03 builds the pieces. ``assignment_cgan`` is lab_dcgan with a label, to train
as published; the others are the kit's own, small enough for two cores.

Sources: Mirza & Osindero 2014 (arXiv:1411.1784), assignment_cgan; projection: Miyato & Koyama 2018
(arXiv:1802.05637); auxiliary classifier: Odena et al. 2016 (arXiv:1610.09585).
"""

import keras
from keras import layers

from helpers.networks.blocks import (
    chain,
    lab_dcgan_down,
    lab_dcgan_up,
    projected,
    published_norm,
    strided,
)


def label_planes(labels, num_classes, height, width):
    """One image plane a class: plane k is 1 everywhere if the label is k, otherwise 0.

    Args:
        labels: Keras tensor, int32 ``(batch,)``, values from 0 to ``num_classes - 1``.

    Returns:
        Keras tensor, float32 ``(batch, height, width, num_classes)``.
    """
    one_hot = layers.CategoryEncoding(num_classes, output_mode="one_hot")(labels)
    return layers.UpSampling2D((height, width))(layers.Reshape((1, 1, num_classes))(one_hot))


def _asked(latent_dim, num_classes, embedding):
    """Inputs ``[z, labels]``, and z with a vector of the label joined to it."""
    z = keras.Input((latent_dim,), name="z")
    labels = keras.Input((), dtype="int32", name="labels")
    meaning = layers.Embedding(num_classes, embedding, name="label_embedding")(labels)
    return [z, labels], layers.Concatenate()([z, meaning])


def _shown(image_shape):
    """Inputs ``[images, labels]``."""
    return keras.Input(image_shape, name="images"), keras.Input((), dtype="int32", name="labels")


def generator(latent_dim=16, num_classes=10, embedding=16, widths=(64, 32, 32)):
    """z and labels -> images (28, 28, 1) in [-1, 1]; the label's embedding is joined to z."""
    inputs, x = _asked(latent_dim, num_classes, embedding)
    images = chain(x, *lab_dcgan_up(widths))
    return keras.Model(inputs, images, name="conditional_generator")


def _features(x, widths, dense):
    steps = [step for filters in widths for step in strided(filters, 5)]
    return chain(
        x, *steps, layers.Flatten(), layers.Dense(dense), layers.LeakyReLU(negative_slope=0.2)
    )


def plane_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images and labels -> one logit; the label enters as constant planes beside the pixels."""
    images, labels = _shown(image_shape)
    planes = label_planes(labels, num_classes, *image_shape[:2])
    x = _features(layers.Concatenate()([images, planes]), widths, dense)
    return keras.Model([images, labels], layers.Dense(1)(x), name="plane_discriminator")


def projection_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images and labels -> one logit: realism, plus how well features and label agree."""
    images, labels = _shown(image_shape)
    logit = projected(_features(images, widths, dense), labels, num_classes, dense)
    return keras.Model([images, labels], logit, name="projection_discriminator")


def auxiliary_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images -> one logit, and class logits ``(batch, num_classes)``; it is not told the label."""
    images = keras.Input(image_shape, name="images")
    x = _features(images, widths, dense)
    outputs = [layers.Dense(1, name="logit")(x), layers.Dense(num_classes, name="class_logits")(x)]
    return keras.Model(images, outputs, name="auxiliary_discriminator")


def assignment_cgan_generator(latent_dim=100, num_classes=10, embedding=50):
    """z and labels -> images (28, 28, 1) in [-1, 1]: lab_dcgan's generator, told the class.

    assignment_cgan asks for a label in both networks and names no layers, so they are those of
    lab_dcgan; the embedding of the label is joined to z (Mirza & Osindero 2014).
    """
    inputs, x = _asked(latent_dim, num_classes, embedding)
    images = chain(x, *lab_dcgan_up((256, 128, 64), published_norm, last_bias=False))
    return keras.Model(inputs, images, name="assignment_cgan_generator")


def assignment_cgan_discriminator(image_shape=(28, 28, 1), num_classes=10):
    """Images and labels -> one logit: lab_dcgan's discriminator, the label as constant planes."""
    images, labels = _shown(image_shape)
    planes = label_planes(labels, num_classes, *image_shape[:2])
    logit = chain(layers.Concatenate()([images, planes]), *lab_dcgan_down())
    return keras.Model([images, labels], logit, name="assignment_cgan_discriminator")
