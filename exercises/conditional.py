"""Checks of notebook 03: networks that use the label they are given, and what they add up."""

import warnings

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit, log_softmax

from exercises import models, verdict
from exercises.verdict import Wrong, answer, check_number, close, compares, own_work, passed, refuse
from helpers.networks import conditional as kit

# What stands for the student's planes where another exercise calls them.
PLANES_OF_KIT = {"label_planes": kit.label_planes}

# Labels, number of classes, height, width; not square, so that a swapped pair shows.
PLANES = (
    (np.array([2, 0, 3, 3, 1], "int32"), 4, 3, 6),
    (np.array([1, 4, 0], "int32"), 6, 5, 2),
)


def label_planes(function):
    """Check ``function(labels, num_classes, height, width)`` value by value."""
    own_work(function)
    for labels, classes, *size in PLANES:
        expected = np.tile(np.eye(classes, dtype="float32")[labels][:, None, None], (1, *size, 1))
        try:
            found = np.asarray(answer(function, tf.constant(labels), classes, *size))
        except Wrong as error:
            raise Wrong(f"label_planes fails for labels {labels}: {error}") from None
        _check_plane_shape(found.shape, expected.shape)
        refuse(not np.issubdtype(found.dtype, np.floating), f"the planes are {found.dtype}; images "
               "are float32, and both are joined")  # fmt: skip
        if not np.allclose(found, expected):
            _explain_planes(found, expected, labels)
    passed("plane k is 1 everywhere if the label is k, and 0 otherwise.")


def _explain_planes(found, expected, labels):
    sample = int(np.abs(found - expected).max(axis=(1, 2, 3)).argmax())
    refuse(np.abs(found - found[:, :1, :1]).max() > 1e-6, "a plane of yours is not constant: "
           "within one plane every pixel must be the same. A repeat followed by a reshape gives "
           "the right shape but spreads one label over several planes; give each of the new axes "
           "its own size first, then tile")  # fmt: skip
    refuse(found.max() > 1.5, "your planes hold the number of the class: class 3 is not three "
           "times class 1. Use one plane for each class with only 0 and 1 in it")  # fmt: skip
    raise Wrong(f"image {sample} has label {labels[sample]}, but its planes hold "
                f"{np.round(found[sample, 0, 0], 2).tolist()}, not "
                f"{expected[sample, 0, 0].astype(int).tolist()}")  # fmt: skip


def _check_plane_shape(found, wanted):
    batch, height, width, classes = wanted
    hints = {
        (batch, classes, height, width): "the planes must stand on the last axis, as the colors "
        "of an image do",
        (batch, width, height, classes): "height comes before width",
        (batch, height, width): "there is one plane for each class, not one for each image",
        (batch, height, width, 1): "there is one plane for each class, not one for each image",
        (batch, classes): "this is the one-hot code; spread it over height and width",
        (batch, 1, 1, classes): "this is the one-hot code; spread it over height and width",
    }
    hint = hints.get(found, "wanted is (batch, height, width, num_classes)")
    refuse(found != wanted, f"{batch} labels of {classes} classes give shape {found}, wanted "
           f"{wanted}: {hint}")  # fmt: skip


def conditional_generator(build, latent_dim=16, num_classes=10, image_shape=(28, 28, 1)):
    """Check a function that builds a generator of [z, labels]: inputs, size, range, z matters."""
    model = _two_inputs(build, "generator", "[z, labels]")
    z, labels = models.normal(1, num_classes, latent_dim), np.arange(num_classes, dtype="int32")
    what = f"z of shape {z.shape} and labels of shape {labels.shape}"
    found, wanted = models.answers(model, [z, labels], what).shape, (10, *image_shape)
    refuse(found != wanted, f"ten z and ten labels give images of shape {found}, wanted {wanted}: "
           "multiply the strides from the first picture size to the last")  # fmt: skip
    alike = _fewest_differences(models.run(model, [z, np.zeros_like(labels)])) < 1e-6
    refuse(alike, "with one label, two different z give the same image: z must reach the output")
    models.check_tanh(models.run(model, [1000 * z, labels]))
    shorter = _two_inputs(build, "generator", "[z, labels]", 7).inputs[0].shape[-1]
    refuse(shorter != 7, f"make_generator(7) takes z of {shorter} numbers, wanted 7: use "
           "latent_dim")  # fmt: skip
    passed(f"z and a label become an image {image_shape} in [-1, 1].")


def generator_uses_label(build, latent_dim=16, num_classes=10):
    """Check that each label gives another image of the same z, and that this can be learned."""
    model = _two_inputs(build, "generator", "[z, labels]")
    z, labels = models.normal(1, num_classes, latent_dim), np.arange(num_classes, dtype="int32")
    same_z = np.repeat(z[:1], num_classes, axis=0)
    what = "ten times the same z and the labels 0 to 9"
    images = models.answers(model, [same_z, labels], what)
    refuse(np.abs(images - images[0]).max() < 1e-6, "the same z gives the same image for every "
           "label: join the label's embedding to z before the first dense layer")  # fmt: skip
    refuse(_fewest_differences(images) < 1e-6, "two of the ten labels give the same image of one "
           "z: each needs its own code")  # fmt: skip
    refuse(_is_a_number(images), "the label enters as a number, so that class 4 always lies "
           "between 3 and 5; give each class its own vector: "
           "layers.Embedding(num_classes, width)")  # fmt: skip
    _check_gradients(model, [z, labels], "generator")
    passed("one z, ten labels, ten images; and the gradient reaches the label's code.")


def conditional_discriminator(build, num_classes=10, image_shape=(28, 28, 1)):
    """Check a function that builds a discriminator of [images, labels], by what it answers."""
    model = _two_inputs(build, "discriminator", "[images, labels]", **PLANES_OF_KIT)
    _check_pairs(model, num_classes, image_shape)
    passed("one logit for each pair of image and label, and it depends on both together.")


def _check_pairs(model, num_classes, image_shape):
    images, labels = models.uniform(0, num_classes, *image_shape), np.arange(num_classes)
    labels = labels.astype("int32")
    what = f"{num_classes} images {image_shape} and as many labels"
    models.check_one_logit(models.answers(model, [images, labels], what), num_classes)
    # Row i, column k: what it says of image i when it is told label k.
    told = [np.repeat(images, num_classes, axis=0), np.tile(labels, num_classes)]
    table = models.run(model, told)[:, 0].reshape(num_classes, num_classes)
    by_label = table - table.mean(axis=1, keepdims=True)
    together = by_label - by_label.mean(axis=0)
    refuse(np.ptp(table, axis=0).max() < 1e-6, "with one label every image gets the same logit: "
           "the image must reach it")  # fmt: skip
    refuse(np.abs(by_label).max() < 1e-6, "the logit does not change with the label: join the "
           "label planes to the image before the first convolution")  # fmt: skip
    refuse(np.ptp(table, axis=1).min() < 1e-6 or _fewest_differences(table.T) < 1e-6, "two labels "
           "give the same logits for all images: each class needs its plane")  # fmt: skip
    refuse(np.abs(together).max() < 1e-3 * np.abs(by_label).max(), "the label only adds a constant "
           "to the logit, the same for every image: so your discriminator can say which classes "
           "are common, but not whether this image is a trouser. The label must enter before a "
           "layer that bends (LeakyReLU), or be multiplied with the features")  # fmt: skip
    models.check_no_sigmoid(models.run(model, [200 * images, labels]))
    _check_gradients(model, [images, labels], "discriminator")


def _two_inputs(build, kind, wanted, *arguments, **references):
    model = models.built(build, kind, *arguments, **references)
    count = len(model.inputs)
    refuse(count != 2, f"your {kind} has {count} input(s), wanted two, {wanted}: without the label "
           "it cannot be told a class")  # fmt: skip
    return model


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
    embeddings = [x for x in model._flatten_layers() if isinstance(x, keras.layers.Embedding)]
    frozen = not all(layer.trainable for layer in embeddings)
    refuse(frozen, f"the embedding in your {kind} is frozen: leave trainable=True")
    inputs = [tf.constant(value) for value in inputs]
    with tf.GradientTape() as tape, warnings.catch_warnings():
        warnings.simplefilter("ignore")
        loss = tf.reduce_mean(tf.square(model(inputs, training=True) - 0.5))
    gradients = tape.gradient(loss, model.trainable_variables)
    for variable, gradient in zip(model.trainable_variables, gradients, strict=True):
        refuse(gradient is None, f"no gradient reaches {variable.path} of your {kind}: it takes no "
               "part in the output, or a rounding (argmax, cast to int) stands "
               "in between")  # fmt: skip


@compares("the projection logit", "realism plus the dot product with the label's vector.",
          (1, 4, 6, 5), (2, 7, 3, 10))  # fmt: skip
def projection_logit(seed, batch, width, classes):
    """Check ``function(features, labels, weight, bias, table)``: two questions, added up."""
    random = np.random.default_rng(seed)
    sizes = ((batch, width), (width, 1), (1,), (classes, width))
    features, weight, bias, table = (random.normal(size=n).astype("float32") for n in sizes)
    labels = random.integers(0, classes, batch).astype("int32")
    real, wanted = features @ weight + bias, table[labels]
    fits = np.sum(features * wanted, axis=1, keepdims=True)
    return (features, labels, weight, bias, table), real + fits, [
        (real, "the second question is missing: is it of the class of the label?"),
        (fits, "the first question is missing: is it real at all?"),
        (real - bias + fits, "the bias is missing"),
        (real + fits / width, "a dot product is a sum: take the sum over the features, not the "
         "mean"),
        (real + features @ wanted.T, "every image is compared with the labels of all images: "
         "multiply feature by feature, then sum over the last axis"),
        (real + fits[:, 0], "shapes (batch, 1) and (batch,) add up to a table: keep the axis of "
         "the dot product, keepdims=True"),
        ((real + fits)[:, 0], "the logits must have shape (batch, 1): keep the last axis"),
        (real * fits, "the two questions are added, not multiplied"),
        (real + features @ table.T, "every image is asked about all classes: look up the vector of "
         "its own label"),
        (real + np.sum(features * table[0], axis=1, keepdims=True), "every image is compared with "
         "class 0: look up the vector of its own label"),
        (expit(real + fits), "leave the sigmoid out: the loss takes logits"),
    ]  # fmt: skip


def _class_cost(logits, labels):
    return -np.mean(log_softmax(logits, axis=1)[np.arange(len(labels)), labels])


def _class_batch(seed, batch, classes):
    """Class logits of real and of fake images, and labels."""
    random = np.random.default_rng(seed)
    pair = [2 * random.normal(size=(batch, classes)).astype("float32") for _ in range(2)]
    return *pair, random.integers(0, classes, batch).astype("int32")


CLASS_BATCHES = _class_batch(3, 6, 10), _class_batch(4, 9, 4)


@compares("class_loss", "-log p of the right class, {0:.4f} on the last test batch.",
          *CLASS_BATCHES, judge=check_number)  # fmt: skip
def class_loss(logits, _, labels):
    """Check ``function(class_logits, labels)``: mean of -log p of the right class."""
    expected, every = _class_cost(logits, labels), log_softmax(logits, axis=1)
    rows, p = np.arange(len(labels)), np.exp(every)
    hot = np.eye(logits.shape[1])[labels]
    return (logits, labels), expected, [
        (-expected, "the sign is wrong: -log p is small when the right class is likely"),
        (len(labels) * expected, "take the mean over the batch, not the sum"),
        (-np.mean(every), "only the right class counts, not the mean over all classes"),
        (-np.mean(hot * every), "only the right class counts: sum over the classes, mean over the "
         "batch only"),
        (-np.mean(p[rows, labels]), "the logarithm is missing"),
        (-np.mean(logits[rows, labels]), "the logits are no logarithms of probabilities yet: "
         "log_softmax comes first"),
        (_class_cost(p, labels), "the softmax is applied twice: with from_logits=True logits go "
         "in"),
        (np.mean(np.logaddexp(0, logits) - hot * logits), "each image has one class of several: "
         "use the categorical cross-entropy, not the binary one"),
    ]  # fmt: skip


def _tf_class_loss(class_logits, labels):
    return tf.reduce_mean(tf.nn.sparse_softmax_cross_entropy_with_logits(labels, class_logits))


def auxiliary_terms(function):
    """Check ``function(real_class_logits, fake_class_logits, labels)``: what each player adds.

    The class loss that it calls is the right one, whatever the student's is.
    """
    for real, fake, labels in CLASS_BATCHES:
        batch = map(tf.constant, (real, fake, labels))
        found = answer(function, *batch, class_loss=_tf_class_loss)
        refuse(not verdict.is_pair(found), "return two numbers, (d_term, g_term)")
        of_real, of_fake = _class_cost(real, labels), _class_cost(fake, labels)
        both = of_real + of_fake
        mistakes = [
            (of_real, "the fake images are missing: the discriminator names them, too"),
            (of_fake, "the real images are missing"),
            (both / 2, "the two means are added, not averaged"),
            (of_real - of_fake, "no contest here: both players are paid for a right answer, so "
             "the fake term is added"),
        ]  # fmt: skip
        check_number(found[0], both, mistakes, "the discriminator's term")
        mistakes = [
            (-of_fake, "no contest here: the generator, too, wants its images to be named right"),
            (both, "the generator has no part in the real images: its term is that of the fakes"),
            (of_real, "the generator is paid for its fakes, not for the real images"),
        ]  # fmt: skip
        check_number(found[1], of_fake, mistakes, "the generator's term")
    passed("the discriminator pays for both batches, the generator for its fakes.")


def color_discriminator(build):
    """Check ``build(side, num_classes)``: square color images of any size, any number of classes.

    The label planes that it calls are the right ones, whatever the student's are.
    """
    for side, classes in ((32, 5), (24, 7)):
        wanted = "[images, labels]"
        model = _two_inputs(build, "discriminator", wanted, side, classes, **PLANES_OF_KIT)
        _check_pairs(model, classes, (side, side, 3))
    passed("color images of 32 and 24 pixels, 5 and 7 classes.")


def color_discriminator_sees(build):
    """Check that all three colors reach the logit, each by a weight of its own."""
    model = _two_inputs(build, "discriminator", "[images, labels]", 32, 5, **PLANES_OF_KIT)
    images, labels = models.uniform(5, 6, 32, 32, 3), np.array([0, 1, 2, 3, 4, 0], "int32")
    logits = models.answers(model, [images, labels], "images of shape (6, 32, 32, 3)")
    for channel, color in enumerate(("red", "green", "blue")):
        without = images.copy()
        without[..., channel] = 0.0
        blind = close(models.run(model, [without, labels]), logits, 1e-6)
        refuse(blind, f"your discriminator is blind to {color}: all three channels must reach it")
    swapped = models.run(model, [images[..., ::-1].copy(), labels])
    refuse(close(swapped, logits, 1e-5), "red and blue can be swapped without a change: your "
           "discriminator sees brightness only. Do not average the channels, join them all with "
           "the label planes")  # fmt: skip
    passed("red, green and blue each count, in their own way.")
