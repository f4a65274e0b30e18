"""The checks of notebook 02: the right answer passes, typical wrong ones are told what to do."""

import keras
import pytest
from keras import layers

from helpers import checks, networks

SYSTEM = networks.CATALOGUE["D2"]


def generator(
    *, units=8 * 8 * 256, first_bias=False, bias=True, kernel=5, filters=(128, 64), strides=(1, 2),
    channels=3, norms=(True, True, True), slope=0.3, activation="tanh", order="norm first",
    dropout=0.0, middle=layers.LeakyReLU,
):  # fmt: skip
    """D2's generator with one thing changed."""
    body = [keras.Input((100,)), layers.Dense(units, use_bias=first_bias)]
    options = {"padding": "same", "use_bias": bias}
    steps = [
        layers.Reshape((8, 8, units // 64)),
        layers.Conv2DTranspose(filters[0], kernel, strides=strides[0], **options),
        layers.Conv2DTranspose(filters[1], kernel, strides=strides[1], **options),
    ]
    for step, norm in zip((None, *steps[1:]), norms, strict=True):
        leak = middle() if middle is layers.ReLU else middle(negative_slope=slope)
        pair = [layers.BatchNormalization()] * norm + [leak]
        body += [step] * (step is not None)
        body += pair if order == "norm first" else pair[::-1]
        if step is None:
            body += [layers.Dropout(dropout)] * bool(dropout) + steps[:1]
    last = layers.Conv2DTranspose(channels, 5, strides=2, padding="same", activation=activation)
    return keras.Sequential([*body, last])


def discriminator(
    *, filters=(64, 128), kernel=5, strides=2, slope=0.3, rates=(0.3, 0.3), outputs=1, end=None,
    norm=False, flatten=layers.Flatten, leaks=2,
):  # fmt: skip
    """D2's discriminator with one thing changed."""
    body = [keras.Input((32, 32, 3))]
    for index, width in enumerate(filters):
        body.append(layers.Conv2D(width, kernel, strides=strides, padding="same"))
        body += [layers.BatchNormalization()] * norm
        body += [layers.LeakyReLU(negative_slope=slope)] * (index < leaks)
        body += [layers.Dropout(rates[index])] if index < len(rates) else []
    return keras.Sequential([*body, flatten(), layers.Dense(outputs, activation=end)])


GENERATOR_CHECKS = ("generator_images", "generator_layers", "generator_normalises")
DISCRIMINATOR_CHECKS = ("discriminator_logit", "discriminator_layers", "discriminator_drops")


@pytest.mark.parametrize("name", GENERATOR_CHECKS + DISCRIMINATOR_CHECKS)
def test_the_reference_passes(name, capsys):
    check = getattr(checks.colour, name)
    check(SYSTEM.generator if name in GENERATOR_CHECKS else SYSTEM.discriminator)
    printed = capsys.readouterr()
    assert printed.out.startswith("Right: ") and printed.err == ""


def test_the_builders_of_this_file_are_right_until_something_is_changed():
    for name in GENERATOR_CHECKS:
        getattr(checks.colour, name)(generator)
    for name in DISCRIMINATOR_CHECKS:
        getattr(checks.colour, name)(discriminator)


def test_a_functional_model_and_a_nested_one_are_accepted():
    inner = SYSTEM.generator()

    def nested():
        z = keras.Input((100,))
        return keras.Model(z, inner(z))

    checks.colour.generator_layers(nested)
    checks.colour.generator_normalises(nested)


def rejects(name, build, words):
    with pytest.raises(checks.Wrong) as caught:
        getattr(checks.colour, name)(build)
    assert words in str(caught.value), str(caught.value)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"channels": 1}, "(5, 32, 32, 1), wanted (5, 32, 32, 3)"),
        ({"strides": (1, 1)}, "multiply the strides"),
        ({"activation": "sigmoid"}, "must be tanh, not sigmoid"),
        ({"activation": None}, "leaves [-1, 1]"),
    ],
)
def test_wrong_images_are_explained(change, words):
    rejects("generator_images", lambda: generator(**change), words)


def test_a_generator_that_ignores_z_and_an_answer_that_is_no_model_are_explained():
    def deaf():
        z = keras.Input((100,))
        options = {"activation": "tanh", "bias_initializer": "random_normal"}
        x = layers.Dense(3072, **options)(layers.Rescaling(0.0)(z))
        return keras.Model(z, layers.Reshape((32, 32, 3))(x))

    rejects("generator_images", lambda: None, "returns NoneType, not a Keras model")
    rejects("generator_images", lambda: keras.Sequential([layers.Dense(2)]), "keras.Input")
    rejects("generator_images", deaf, "z must reach the output")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": 4096}, "layer 1 of those with a kernel gives 4096, wanted 16384"),
        ({"first_bias": True}, "use_bias=False"),
        ({"bias": False}, "layer 2 of those with a kernel has no bias"),
        ({"kernel": 4}, "has a kernel of 4 x 4, wanted 5 x 5"),
        ({"filters": (64, 64)}, "gives 8 x 8 x 64, wanted 8 x 8 x 128: change its number of"),
        ({"strides": (2, 1)}, "gives 16 x 16 x 128, wanted 8 x 8 x 128: look at its stride"),
    ],
)
def test_a_wrong_generator_layer_is_named(change, words):
    rejects("generator_layers", lambda: generator(**change), words)


def test_a_network_with_other_layers_is_explained():
    def resized():
        return keras.Sequential(
            [
                keras.Input((100,)),
                layers.Dense(8 * 8 * 256, use_bias=False),
                layers.Reshape((8, 8, 256)),
                layers.UpSampling2D(),
                layers.Conv2D(3, 5, padding="same"),
            ]
        )

    def short():
        return keras.Sequential([keras.Input((100,)), layers.Dense(8 * 8 * 256, use_bias=False)])

    rejects("generator_layers", resized, "is Conv2D, wanted Conv2DTranspose")
    rejects("generator_layers", short, "has 1 layers with a kernel (Dense), wanted 4")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"norms": (True, True, False)}, "has 2 BatchNormalization, wanted 3"),
        ({"dropout": 0.3}, "has Dropout"),
        ({"slope": 0.2}, "slopes of your LeakyReLU are [0.2, 0.2, 0.2]"),
        ({"middle": layers.ReLU}, "has 0 LeakyReLU, wanted 3"),
        ({"order": "leak first"}, "check the order"),
        ({"kernel": 3}, "parameters, the one described has 2,733,699"),
    ],
)
def test_wrong_normalisation_and_activation_are_explained(change, words):
    rejects("generator_normalises", lambda: generator(**change), words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"outputs": 3}, "returns 3 numbers for each image"),
        ({"end": "sigmoid"}, "leave the sigmoid out"),
        ({"flatten": lambda: layers.Lambda(lambda x: x)}, "returns 64 numbers for each image"),
    ],
)
def test_a_wrong_end_of_the_discriminator_is_explained(change, words):
    rejects("discriminator_logit", lambda: discriminator(**change), words)


def test_a_discriminator_for_digits_is_explained():
    rejects(
        "discriminator_logit",
        networks.CATALOGUE["R1"].discriminator,
        "does not accept images of shape (6, 32, 32, 3)",
    )


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"filters": (32, 64)}, "gives 16 x 16 x 32, wanted 16 x 16 x 64: change its number of"),
        ({"strides": 1}, "gives 32 x 32 x 64, wanted 16 x 16 x 64: look at its stride"),
        ({"kernel": 3}, "has a kernel of 3 x 3, wanted 5 x 5"),
        ({"outputs": 3}, "layer 3 of those with a kernel gives 3, wanted 1: change its number"),
        ({"filters": (64, 128, 256)}, "layer 3 of those with a kernel is Conv2D, wanted Dense"),
    ],
)
def test_a_wrong_discriminator_layer_is_named(change, words):
    rejects("discriminator_layers", lambda: discriminator(**change), words)


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rates": ()}, "are [], wanted [0.3, 0.3]"),
        ({"rates": (0.3,)}, "are [0.3], wanted [0.3, 0.3]"),
        ({"rates": (0.7, 0.7)}, "are [0.7, 0.7], wanted"),
        ({"slope": 0.01}, "slopes of your LeakyReLU are [0.01, 0.01]"),
        ({"leaks": 1}, "has 1 LeakyReLU, wanted 2"),
        ({"norm": True}, "has BatchNormalization"),
        ({"kernel": 3}, "parameters, the one described has 217,985"),
    ],
)
def test_wrong_dropout_and_activation_are_explained(change, words):
    rejects("discriminator_drops", lambda: discriminator(**change), words)
