"""The checks of notebook 03: the right answer passes, typical wrong ones are told apart."""

import keras
import numpy as np
import pytest
from keras import layers, ops

from exercises import Wrong
from exercises import conditional as checks
from helpers.networks import conditional


def complaint(check, answer):
    """What a check says of a wrong answer."""
    with pytest.raises(Wrong) as caught:
        check(answer)
    return str(caught.value)


# Label planes ----------------------------------------------------------------------------------


def right_planes(labels, num_classes, height, width):
    one_hot = ops.one_hot(labels, num_classes, dtype="float32")
    return ops.tile(one_hot[:, None, None, :], (1, height, width, 1))


def repeated_and_reshaped(labels, num_classes, height, width):
    """The form of a popular example: right shape, wrong planes (STYLE.md, trap 1)."""
    one_hot = ops.one_hot(labels, num_classes, dtype="float32")[:, :, None, None]
    flat = ops.repeat(one_hot, height * width)
    return ops.reshape(flat, (-1, height, width, num_classes))


def numbered(labels, num_classes, height, width):
    number = ops.cast(labels, "float32")[:, None, None, None]
    return ops.tile(number, (1, height, width, num_classes))


def mixed_up(labels, num_classes, height, width):
    return right_planes((labels + 1) % num_classes, num_classes, height, width)


def channels_first(labels, num_classes, height, width):
    return ops.transpose(right_planes(labels, num_classes, height, width), (0, 3, 1, 2))


def test_right_planes_pass(capsys):
    checks.label_planes(right_planes)
    assert capsys.readouterr().out.startswith("Right:")


@pytest.mark.parametrize(
    ("check", "kit"),
    [
        (checks.label_planes, conditional.label_planes),
        (checks.conditional_generator, conditional.generator),
        (checks.generator_uses_label, lambda: conditional.generator()),
        (checks.conditional_discriminator, conditional.plane_discriminator),
        (checks.color_discriminator, lambda side, n: conditional.plane_discriminator()),
        (checks.class_loss, conditional.label_planes),
    ],
)
def test_the_kits_own_version_is_no_answer(check, kit):
    assert "from the kit" in complaint(check, kit)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (repeated_and_reshaped, "not constant"),
        (numbered, "number of the class"),
        (mixed_up, r"image 0 has label 2, but its planes hold \[0.0, 0.0, 0.0, 1.0\]"),
        (channels_first, "last axis"),
        (lambda y, n, h, w: right_planes(y, n, w, h), "height comes before width"),
        (lambda y, n, h, w: right_planes(y, n, h, w)[..., :1], "one plane for each class"),
        (lambda y, n, h, w: ops.one_hot(y, n), "spread it over height and width"),
        (lambda y, n, h, w: ops.cast(right_planes(y, n, h, w), "int32"), "planes are int32"),
        (lambda y, n, h, w: right_planes(y, n), "fails for labels"),
    ],
)
def test_wrong_planes_are_told_apart(answer, message):
    with pytest.raises(Wrong, match=message):
        checks.label_planes(answer)


# The generator ---------------------------------------------------------------------------------


def a_generator(
    latent_dim=16, code="embedding", activation="tanh", image_side=7, freeze=False, use_z=True
):
    """A small generator of [z, labels] with one thing that may be wrong."""
    z, labels = keras.Input((latent_dim,)), keras.Input((), dtype="int32")
    parts = [z] if use_z else [ops.zeros_like(z)]
    if code == "embedding":
        embed = layers.Embedding(10, 8)
        embed.trainable = not freeze
        parts.append(embed(labels))
    elif code == "one-hot":
        parts.append(ops.one_hot(labels, 10))
    elif code == "number":
        parts.append(ops.cast(labels, "float32")[:, None] / 10)
    elif code == "shoes":
        parts.append(ops.one_hot(ops.where(labels >= 8, 8, labels), 10))
    x = ops.concatenate(parts, axis=-1) if len(parts) > 1 else parts[0] + 0 * labels[:, None]
    x = layers.Dense(image_side * image_side * 4, use_bias=False)(x)
    x = layers.LeakyReLU()(layers.BatchNormalization()(x))
    x = layers.Reshape((image_side, image_side, 4))(x)
    x = layers.UpSampling2D(4)(x)
    images = layers.Conv2D(1, 3, padding="same", activation=activation)(x)
    return keras.Model([z, labels], images)


def no_label_at_all():
    return keras.Sequential([keras.Input((16,)), layers.Dense(784), layers.Reshape((28, 28, 1))])


@pytest.mark.parametrize("code", ["embedding", "one-hot"])
def test_a_right_generator_passes_both_checks(code, capsys):
    keras.utils.set_random_seed(0)
    checks.conditional_generator(lambda latent_dim=16: a_generator(latent_dim, code))
    checks.generator_uses_label(lambda: a_generator(code=code))
    assert capsys.readouterr().out.count("Right:") == 2


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (no_label_at_all, r"1 input\(s\), wanted two"),
        (lambda: None, "returns nothing"),
        (lambda: "G", "returns str, not a Keras model"),
        (lambda latent_dim=16: a_generator(), "takes z of 16 numbers, wanted 7"),
        (lambda: a_generator(image_side=8), r"shape \(10, 32, 32, 1\)"),
        (lambda: a_generator(activation=None), "must be tanh"),
        (lambda: a_generator(activation="sigmoid"), "never draws below 0"),
        (lambda: a_generator(use_z=False), "z must reach the output"),
    ],
)
def test_a_wrong_generator_is_explained(answer, message):
    keras.utils.set_random_seed(0)
    with pytest.raises(Wrong, match=message):
        checks.conditional_generator(answer)


def test_inputs_in_the_wrong_order_are_explained():
    def swapped():
        model = a_generator()
        return keras.Model(model.inputs[::-1], model.output)

    assert "does not accept z" in complaint(checks.conditional_generator, swapped)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda: a_generator(code=None), "same image for every label"),
        (lambda: a_generator(code="shoes"), "two of the ten labels"),
        (lambda: a_generator(code="number"), "enters as a number"),
        (lambda: a_generator(freeze=True), "is frozen"),
    ],
)
def test_a_label_that_is_not_used_is_explained(answer, message):
    keras.utils.set_random_seed(0)
    with pytest.raises(Wrong, match=message):
        checks.generator_uses_label(answer)


# The discriminator -----------------------------------------------------------------------------


def a_discriminator(where="planes", logits=1, activation=None, use_image=True):
    """A small discriminator of [images, labels] with one thing that may be wrong."""
    images, labels = keras.Input((28, 28, 1)), keras.Input((), dtype="int32")
    x = images if use_image else ops.zeros_like(images)
    if where in ("planes", "rounded"):
        x = ops.concatenate([x, right_planes(labels, 10, 28, 28)], axis=-1)
    x = layers.LeakyReLU()(layers.Conv2D(4, 5, strides=4)(x))
    x = layers.Flatten()(x)
    if where == "rounded":
        x = ops.round(10.0 * layers.Dense(8)(x))
    if where == "end":
        x = layers.Concatenate()([x, layers.Embedding(10, 4)(labels)])
    if where is None:
        x = x + 0.0 * ops.cast(labels, "float32")[:, None]
    return keras.Model([images, labels], layers.Dense(logits, activation=activation)(x))


@pytest.mark.parametrize(
    "build",
    [
        a_discriminator,
        conditional.plane_discriminator,
        conditional.projection_discriminator,
        conditional.assignment_cgan_discriminator,
    ],
)
def test_right_discriminators_pass(build, capsys):
    keras.utils.set_random_seed(0)
    model = build()
    checks.conditional_discriminator(lambda: model)
    assert capsys.readouterr().out.startswith("Right:")


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda: a_discriminator(where=None), "does not change with the label"),
        (lambda: a_discriminator(where="end"), "only adds a constant"),
        (lambda: a_discriminator(use_image=False), "the image must reach it"),
        (lambda: a_discriminator(logits=3), "returns 3 numbers for each image"),
        (lambda: a_discriminator(activation="sigmoid"), "leave the sigmoid out"),
        (lambda: a_discriminator(where="rounded"), "no gradient reaches conv2d.* a rounding"),
        (no_label_at_all, r"1 input\(s\)"),
    ],
)
def test_a_wrong_discriminator_is_explained(answer, message):
    keras.utils.set_random_seed(0)
    with pytest.raises(Wrong, match=message):
        checks.conditional_discriminator(answer)


def test_no_check_writes_to_the_error_stream(capfd):
    checks.label_planes(right_planes)
    checks.conditional_generator(a_generator)
    checks.generator_uses_label(a_generator)
    checks.conditional_discriminator(a_discriminator)
    assert capfd.readouterr().err == ""


def test_the_rank_of_a_label_does_not_matter_to_the_table():
    table = np.add.outer(np.arange(10.0), np.arange(10.0))  # image and label only add up
    assert "only adds a constant" in complaint(checks._check_table, table)


# Projection, auxiliary classifier, color --------------------------------------------------------


def project(features, labels, weight, bias, table):
    fits = ops.sum(features * ops.take(table, labels, axis=0), axis=-1, keepdims=True)
    return features @ weight + bias + fits


def test_the_projection_by_hand():
    """The worked example of the lesson: 4 + 3 = 7."""
    parts = ([[1.0, 2.0]], [1], [[3.0], [0.0]], [1.0], [[0.0, 0.0], [-1.0, 2.0]])
    features, labels, weight, bias, table = (np.array(part) for part in parts)
    assert float(project(features, labels, weight, bias, table)[0, 0]) == pytest.approx(7.0)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda f, y, w, b, t: f @ w + b, "second question is missing"),
        (lambda f, y, w, b, t: project(f, y, 0 * w, 0 * b, t), "first question is missing"),
        (lambda f, y, w, b, t: project(f, y, w, b, t)[:, 0], "keep the last axis"),
        (lambda f, y, w, b, t: project(f, 0 * y, w, b, t), "class 0"),
        (lambda f, y, w, b, t: 2 * project(f, y, w, b, t), "starts with"),
        (lambda f, y, w, b, t: ops.ones((4, 1)), "starts with"),
    ],
)
def test_a_wrong_projection_is_explained(answer, message, capsys):
    checks.projection_logit(project)
    assert capsys.readouterr().out.startswith("Right: ")
    with pytest.raises(Wrong, match=message):
        checks.projection_logit(answer)


def class_loss(logits, labels):
    each = ops.sparse_categorical_crossentropy(labels, logits, from_logits=True)
    return ops.mean(each)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda x, y: -class_loss(x, y), "the sign is wrong"),
        (lambda x, y: class_loss(x, y) * len(y), "not the sum"),
        (lambda x, y: class_loss(np.exp(x) / np.exp(x).sum(1, keepdims=True), y), "applied twice"),
        (lambda x, y: 2.303, "is right"),
    ],
)
def test_a_wrong_class_loss_is_explained(answer, message, capsys):
    checks.class_loss(class_loss)
    assert capsys.readouterr().out.startswith("Right: ")
    with pytest.raises(Wrong, match=message):
        checks.class_loss(answer)


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (lambda r, f, y: (class_loss(r, y), class_loss(f, y)), "fake images are missing"),
        (lambda r, f, y: (class_loss(r, y) - class_loss(f, y), class_loss(f, y)), "no contest"),
        (lambda r, f, y: (class_loss(r, y) + class_loss(f, y), -class_loss(f, y)), "no contest"),
        (lambda r, f, y: (class_loss(r, y) + class_loss(f, y),) * 2, "no part in the real"),
        (lambda r, f, y: class_loss(f, y), "return two numbers"),
    ],
)
def test_wrong_auxiliary_terms_are_explained(answer, message, capsys):
    checks.auxiliary_terms(lambda r, f, y: (class_loss(r, y) + class_loss(f, y), class_loss(f, y)))
    assert capsys.readouterr().out.startswith("Right: ")
    with pytest.raises(Wrong, match=message):
        checks.auxiliary_terms(answer)


def in_color(side, classes, *, see=lambda images: images, planes=None, logits=1):
    images, labels = keras.Input((side, side, 3)), keras.Input((), dtype="int32")
    told = right_planes(labels, planes or classes, side, side)
    x = ops.concatenate([see(images), told], axis=-1)
    x = layers.LeakyReLU()(layers.Conv2D(4, 5, strides=4)(x))
    return keras.Model([images, labels], layers.Dense(logits)(layers.Flatten()(x)))


@pytest.mark.parametrize(
    ("check", "change", "message"),
    [
        ("color_discriminator", {"planes": 5}, "two labels give the same"),
        ("color_discriminator", {"logits": 3}, "returns 3 numbers"),
        ("color_discriminator_sees", {"see": lambda x: x[..., :2]}, "blind to blue"),
        ("color_discriminator_sees", {"see": lambda x: ops.mean(x, -1, True)}, "brightness"),
    ],
)
def test_a_discriminator_that_misses_a_class_or_a_color_is_explained(check, change, message):
    keras.utils.set_random_seed(0)
    getattr(checks, check)(in_color)
    with pytest.raises(Wrong, match=message):
        getattr(checks, check)(lambda side, classes: in_color(side, classes, **change))
