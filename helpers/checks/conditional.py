"""The checks of notebook 03: label planes, and networks that use the label they are given.

As in ``checks``: values first, on random input of a fixed seed; one line when it passes, ``Wrong``
with a sentence when it does not; nothing is trained and nothing goes to the error stream.
"""

import keras
import numpy as np
import tensorflow as tf

from helpers.checks import models
from helpers.checks.verdict import Wrong

LABELS = np.array([2, 0, 3, 3, 1], "int32")  # five images of four classes, one class twice
SIZE = (3, 6)  # not square, so that a swapped height and width shows


def label_planes(function):
    """Check ``function(labels, num_classes, height, width)`` value by value."""
    expected = np.tile(np.eye(4, dtype="float32")[LABELS][:, None, None], (1, *SIZE, 1))
    try:
        found = np.asarray(function(tf.constant(LABELS), 4, *SIZE))
    except Exception as error:
        raise Wrong(f"label_planes fails for labels {LABELS}: {str(error)[:200]}") from None
    _check_plane_shape(found.shape, expected.shape)
    if not np.issubdtype(found.dtype, np.floating):
        raise Wrong(f"the planes are {found.dtype}; images are float32, and both are joined")
    if np.allclose(found, expected):
        print("Right: plane k is 1 everywhere if the label is k, and 0 otherwise.")
        return
    if np.abs(found - found[:, :1, :1]).max() > 1e-6:
        raise Wrong(
            "a plane of yours is not constant: within one plane every pixel must be the same. A "
            "repeat followed by a reshape gives the right shape but spreads one label over "
            "several planes; give each of the new axes its own size first, then tile"
        )
    if found.max() > 1.5:
        raise Wrong(
            "your planes hold the number of the class: class 3 is not three times class 1. Use "
            "one plane for each class with only 0 and 1 in it"
        )
    sample = int(np.abs(found - expected).max(axis=(1, 2, 3)).argmax())
    raise Wrong(
        f"image {sample} has label {LABELS[sample]}, but its planes hold "
        f"{np.round(found[sample, 0, 0], 2).tolist()}, not "
        f"{expected[sample, 0, 0].astype(int).tolist()}"
    )


def _check_plane_shape(found, wanted):
    batch, height, width, classes = wanted
    if found == wanted:
        return
    hints = {
        (batch, classes, height, width): "the planes must stand on the last axis, as the colours "
        "of an image do",
        (batch, width, height, classes): "height comes before width",
        (batch, height, width): "there is one plane for each class, not one for each image",
        (batch, height, width, 1): "there is one plane for each class, not one for each image",
        (batch, classes): "this is the one-hot code; spread it over height and width",
    }
    hint = hints.get(found, "wanted is (batch, height, width, num_classes)")
    raise Wrong(f"five labels of four classes give shape {found}, wanted {wanted}: {hint}")


def conditional_generator(build, latent_dim=16, num_classes=10, image_shape=(28, 28, 1)):
    """Check a function that builds a generator of [z, labels]: inputs, size, range, z matters."""
    model = _two_inputs(build, "generator", "[z, labels]")
    z, labels = _questions(latent_dim, num_classes)
    images = _answers(model, z, labels, f"z of shape {z.shape} and labels of shape {labels.shape}")
    if images.shape != (10, *image_shape):
        raise Wrong(
            f"ten z and ten labels give images of shape {images.shape}, wanted "
            f"{(10, *image_shape)}: multiply the strides from the first picture size to the last"
        )
    extreme = models.run(model, [1000 * z, labels], training=False)
    if extreme.min() < -1.0001 or extreme.max() > 1.0001:
        raise Wrong(
            f"your generator leaves [-1, 1] (it reached {extreme.min():.1f} and "
            f"{extreme.max():.1f}): the last activation must be tanh"
        )
    if extreme.min() >= -0.01:
        raise Wrong("your generator never draws below 0: the last activation must be tanh")
    same_label = models.run(model, [z, np.zeros_like(labels)], training=False)
    if _fewest_differences(same_label) < 1e-6:
        raise Wrong("with one label, two different z give the same image: z must reach the output")
    print(f"Right: z and a label become an image {image_shape} in [-1, 1].")


def generator_uses_label(build, latent_dim=16, num_classes=10):
    """Check that each label gives another image of the same z, and that this can be learned."""
    model = _two_inputs(build, "generator", "[z, labels]")
    z, labels = _questions(latent_dim, num_classes)
    same_z = np.repeat(z[:1], num_classes, axis=0)
    images = _answers(model, same_z, labels, "ten times the same z and the labels 0 to 9")
    if np.abs(images - images[0]).max() < 1e-6:
        raise Wrong(
            "the same z gives the same image for every label: join the label's embedding to z "
            "before the first dense layer"
        )
    if _fewest_differences(images) < 1e-6:
        raise Wrong("two of the ten labels give the same image of one z: each needs its own code")
    if _is_a_number(images):
        raise Wrong(
            "the label enters as a number, so that class 4 always lies between 3 and 5; give "
            "each class its own vector: layers.Embedding(num_classes, width)"
        )
    _check_gradients(model, [z, labels], "generator")
    print("Right: one z, ten labels, ten images; and the gradient reaches the label's code.")


def conditional_discriminator(build, num_classes=10, image_shape=(28, 28, 1)):
    """Check a function that builds a discriminator of [images, labels], by what it answers."""
    model = _two_inputs(build, "discriminator", "[images, labels]")
    random = np.random.default_rng(0)
    images = random.uniform(-1, 1, (num_classes, *image_shape)).astype("float32")
    labels = np.arange(num_classes, dtype="int32")
    logits = _answers(model, images, labels, f"ten images {image_shape} and labels of shape (10,)")
    if logits.shape != (num_classes, 1):
        raise Wrong(
            f"ten images give shape {logits.shape}, wanted {(num_classes, 1)}: one logit for each "
            "image, so end in Flatten() and Dense(1)"
        )
    # Row i, column k: what it says of image i when it is told label k.
    table = np.stack(
        [models.run(model, [images, np.full_like(labels, k)], training=False)[:, 0] for k in labels]
    ).T
    _check_table(table)
    far = models.run(model, [200 * images, labels], training=False)
    if far.min() >= 0.0 and far.max() <= 1.0:
        raise Wrong("your discriminator returns probabilities: leave the sigmoid out")
    _check_gradients(model, [images, labels], "discriminator")
    print("Right: one logit for each pair of image and label, and it depends on both together.")


def _check_table(table):
    """Raise ``Wrong`` unless logits depend on the image, the label and the two together."""
    by_label = table - table.mean(axis=1, keepdims=True)
    if np.ptp(table, axis=0).max() < 1e-6:
        raise Wrong("with one label every image gets the same logit: the image must reach it")
    if np.abs(by_label).max() < 1e-6:
        raise Wrong(
            "the logit does not change with the label: join the label planes to the image before "
            "the first convolution"
        )
    if np.ptp(table, axis=1).min() < 1e-6 or _fewest_differences(table.T) < 1e-6:
        raise Wrong("two labels give the same logits for all images: each class needs its plane")
    together = by_label - by_label.mean(axis=0)
    if np.abs(together).max() < 1e-3 * np.abs(by_label).max():
        raise Wrong(
            "the label only adds a constant to the logit, the same for every image: so your "
            "discriminator can say which classes are common, but not whether this image is a "
            "trouser. The label must enter before a layer that bends (LeakyReLU), or be "
            "multiplied with the features"
        )


def _two_inputs(build, kind, wanted):
    model = build()
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"your function returns {type(model).__name__}, not a Keras model: end it with "
            f"`return keras.Model({wanted}, ...)`"
        )
    if len(model.inputs) != 2:
        raise Wrong(
            f"your {kind} has {len(model.inputs)} input(s), wanted two, {wanted}: without the "
            "label it cannot be told a class"
        )
    return model


def _questions(latent_dim, num_classes):
    z = np.random.default_rng(1).normal(size=(num_classes, latent_dim)).astype("float32")
    return z, np.arange(num_classes, dtype="int32")


def _answers(model, first, labels, what):
    try:
        return models.run(model, [first, labels], training=False)
    except Exception as error:
        raise Wrong(f"your network does not accept {what}: {str(error)[:200]}") from None


def _fewest_differences(answers):
    """The largest difference of the two answers that differ least."""
    flat = np.reshape(answers, (len(answers), -1))
    gaps = np.abs(flat[:, None] - flat[None]).max(axis=-1)
    return gaps[~np.eye(len(flat), dtype=bool)].min()


def _is_a_number(images):
    """Whether the step from label to label always goes the same way."""
    steps = np.diff(np.reshape(images, (len(images), -1)), axis=0)
    steps = steps / np.linalg.norm(steps, axis=1, keepdims=True)
    return float(np.sum(steps[1:] * steps[:-1], axis=1).mean()) > 0.4


def _check_gradients(model, inputs, kind):
    """Raise ``Wrong`` unless every weight, the label's above all, can learn."""
    for layer in model._flatten_layers():
        if isinstance(layer, keras.layers.Embedding) and not layer.trainable:
            raise Wrong(f"the embedding in your {kind} is frozen: leave trainable=True")
    inputs = [tf.constant(value) for value in inputs]
    with tf.GradientTape() as tape:
        loss = tf.reduce_mean(tf.square(model(inputs, training=True) - 0.5))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        if gradient is None:
            raise Wrong(
                f"no gradient reaches {variable.path} of your {kind}: it takes no part in the "
                "output, or a rounding (argmax, cast to int) stands in between"
            )
