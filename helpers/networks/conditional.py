"""Networks that are told a class: the label joins z, and the discriminator sees it too.

All layers are Keras's own, so a saved network loads without the kit. Labels are int32, shape
``(batch,)``. Notebook 03 builds the pieces. Sources: Mirza & Osindero 2014 (arXiv:1411.1784),
assignment_cgan; projection: Miyato & Koyama 2018 (arXiv:1802.05637); auxiliary classifier: Odena et al.
2016 (arXiv:1610.09585). ``assignment_cgan_generator`` and ``assignment_cgan_discriminator`` are lab_dcgan with a label, to train
as published; the others are the kit's own, small enough for two cores.
"""

import keras
from keras import layers


def label_planes(labels, num_classes, height, width):
    """One image plane a class: plane k is 1 everywhere if the label is k, otherwise 0.

    Args:
        labels: Keras tensor, int32 ``(batch,)``, values from 0 to ``num_classes - 1``.

    Returns:
        Keras tensor, float32 ``(batch, height, width, num_classes)``.
    """
    one_hot = layers.CategoryEncoding(num_classes, output_mode="one_hot")(labels)
    return layers.UpSampling2D((height, width))(layers.Reshape((1, 1, num_classes))(one_hot))


def generator(latent_dim=16, num_classes=10, embedding=16, widths=(64, 32, 32)):
    """z and labels -> images (28, 28, 1) in [-1, 1]; the label's embedding is joined to z."""
    z = keras.Input((latent_dim,), name="z")
    labels = keras.Input((), dtype="int32", name="labels")
    meaning = layers.Embedding(num_classes, embedding, name="label_embedding")(labels)
    x = layers.Concatenate()([z, meaning])
    x = _normalized(layers.Dense(7 * 7 * widths[0], use_bias=False)(x))
    x = layers.Reshape((7, 7, widths[0]))(x)
    for filters, strides in ((widths[1], 1), (widths[2], 2)):
        convolution = layers.Conv2DTranspose(
            filters, 5, strides=strides, padding="same", use_bias=False
        )
        x = _normalized(convolution(x))
    images = layers.Conv2DTranspose(1, 5, strides=2, padding="same", activation="tanh")(x)
    return keras.Model([z, labels], images, name="conditional_generator")


def _normalized(x):
    x = layers.BatchNormalization(momentum=0.9)(x)
    return layers.LeakyReLU(negative_slope=0.2)(x)


def _features(x, widths, dense):
    for filters in widths:
        x = layers.Conv2D(filters, 5, strides=2, padding="same")(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    x = layers.Dense(dense)(layers.Flatten()(x))
    return layers.LeakyReLU(negative_slope=0.2)(x)


def plane_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images and labels -> one logit; the label enters as constant planes beside the pixels."""
    images = keras.Input(image_shape, name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    planes = label_planes(labels, num_classes, *image_shape[:2])
    x = _features(layers.Concatenate()([images, planes]), widths, dense)
    return keras.Model([images, labels], layers.Dense(1)(x), name="plane_discriminator")


def projection_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images and labels -> one logit: realism, plus how well features and label agree."""
    images = keras.Input(image_shape, name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    x = _features(images, widths, dense)
    wanted = layers.Embedding(num_classes, dense, name="label_embedding")(labels)
    logit = layers.Add()([layers.Dense(1)(x), layers.Dot(axes=1)([x, wanted])])
    return keras.Model([images, labels], logit, name="projection_discriminator")


def auxiliary_discriminator(image_shape=(28, 28, 1), num_classes=10, widths=(16, 32), dense=256):
    """Images -> one logit, and class logits ``(batch, num_classes)``; it is not told the label."""
    images = keras.Input(image_shape, name="images")
    x = _features(images, widths, dense)
    outputs = [layers.Dense(1, name="logit")(x), layers.Dense(num_classes, name="class_logits")(x)]
    return keras.Model(images, outputs, name="auxiliary_discriminator")


def assignment_cgan_generator(latent_dim=100, num_classes=10, embedding=50):
    """z and labels -> images (28, 28, 1) in [-1, 1]: lab_dcgan's generator, told the class.

    assignment_cgan asks for a label in both networks and names no layers, so they are those of lab_dcgan; the
    embedding of the label is joined to z (Mirza & Osindero 2014).
    """
    z = keras.Input((latent_dim,), name="z")
    labels = keras.Input((), dtype="int32", name="labels")
    meaning = layers.Embedding(num_classes, embedding, name="label_embedding")(labels)
    x = layers.Dense(7 * 7 * 256, use_bias=False)(layers.Concatenate()([z, meaning]))
    x = layers.LeakyReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((7, 7, 256))(x)
    options = {"padding": "same", "use_bias": False}
    for filters, strides in ((128, 1), (64, 2)):
        x = layers.Conv2DTranspose(filters, 5, strides=strides, **options)(x)
        x = layers.LeakyReLU()(layers.BatchNormalization()(x))
    images = layers.Conv2DTranspose(1, 5, strides=2, activation="tanh", **options)(x)
    return keras.Model([z, labels], images, name="assignment_cgan_generator")


def assignment_cgan_discriminator(image_shape=(28, 28, 1), num_classes=10):
    """Images and labels -> one logit: lab_dcgan's discriminator, the label as constant planes (assignment_cgan)."""
    images = keras.Input(image_shape, name="images")
    labels = keras.Input((), dtype="int32", name="labels")
    x = layers.Concatenate()([images, label_planes(labels, num_classes, *image_shape[:2])])
    for filters in (64, 128):
        x = layers.Conv2D(filters, 5, strides=2, padding="same")(x)
        x = layers.Dropout(0.3)(layers.LeakyReLU()(x))
    logit = layers.Dense(1)(layers.Flatten()(x))
    return keras.Model([images, labels], logit, name="assignment_cgan_discriminator")
