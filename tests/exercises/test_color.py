"""The checks of notebook 02: the right answer passes, typical wrong ones are told what to do."""

import keras
import numpy as np
import pytest
from keras import layers, ops

import exercises
from helpers import networks

SYSTEM = networks.CATALOGUE["assignment_cifar"]


def generator(
    latent_dim=100, *, units=8 * 8 * 256, first_bias=False, bias=False, last_bias=False, kernel=5,
    filters=(128, 64), strides=(1, 2), channels=3, norms=(True, True, True), slope=0.3,
    activation="tanh", order="norm first", dropout=0.0, middle=layers.LeakyReLU,
):  # fmt: skip
    """assignment_cifar's generator with one thing changed."""
    body = [keras.Input((latent_dim,)), layers.Dense(units, use_bias=first_bias)]
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
    last = {"padding": "same", "use_bias": last_bias, "activation": activation}
    return keras.Sequential([*body, layers.Conv2DTranspose(channels, 5, strides=2, **last)])


def discriminator(
    *, filters=(64, 128), kernel=5, strides=2, slope=0.3, rates=(0.3, 0.3), outputs=1, end=None,
    norm=False, flatten=layers.Flatten, leaks=2,
):  # fmt: skip
    """assignment_cifar's discriminator with one thing changed."""
    body = [keras.Input((32, 32, 3))]
    for index, width in enumerate(filters):
        body.append(layers.Conv2D(width, kernel, strides=strides, padding="same"))
        body += [layers.BatchNormalization()] * norm
        body += [layers.LeakyReLU(negative_slope=slope)] * (index < leaks)
        body += [layers.Dropout(rates[index])] if index < len(rates) else []
    return keras.Sequential([*body, flatten(), layers.Dense(outputs, activation=end)])


GENERATOR_CHECKS = ("generator_images", "generator_layers", "generator_normalizes")
DISCRIMINATOR_CHECKS = ("discriminator_logit", "discriminator_layers", "discriminator_drops")


@pytest.mark.parametrize("name", GENERATOR_CHECKS + DISCRIMINATOR_CHECKS)
def test_the_reference_passes(name, capsys):
    check = getattr(exercises.color, name)
    check(generator if name in GENERATOR_CHECKS else discriminator)
    printed = capsys.readouterr()
    assert printed.out.startswith("Right: ") and printed.err == ""


@pytest.mark.parametrize("name", GENERATOR_CHECKS + DISCRIMINATOR_CHECKS)
def test_the_kits_own_network_is_no_answer(name):
    kit = SYSTEM.generator if name in GENERATOR_CHECKS else SYSTEM.discriminator
    rejects(name, kit, "from the kit")
    rejects(
        name,
        lambda: networks.CATALOGUE["assignment_cifar"].generator(),
        "takes networks from the kit",
    )


def test_a_functional_model_and_a_nested_one_are_accepted():
    inner = SYSTEM.generator()

    def nested():
        z = keras.Input((100,))
        return keras.Model(z, inner(z))

    exercises.color.generator_layers(nested)
    exercises.color.generator_normalizes(nested)


def rejects(name, build, words):
    with pytest.raises(exercises.Wrong) as caught:
        getattr(exercises.color, name)(build)
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

    rejects("generator_images", lambda: None, "returns nothing")
    rejects("generator_images", lambda: 3, "returns int, not a Keras model")
    rejects("generator_images", lambda: keras.Sequential([layers.Dense(2)]), "keras.Input")
    rejects("generator_images", deaf, "z must reach the output")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"units": 4096}, "layer 1 of those with a kernel gives 4096, wanted 16384"),
        ({"first_bias": True}, "layer 1 of those with a kernel has a bias"),
        ({"bias": True}, "layer 2 of those with a kernel has a bias"),
        ({"last_bias": True}, "layer 4 of those with a kernel has a bias"),
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
        ({"kernel": 3}, "parameters, the one described has 2,733,504"),
    ],
)
def test_wrong_normalization_and_activation_are_explained(change, words):
    rejects("generator_normalizes", lambda: generator(**change), words)


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
    digits = networks.CATALOGUE["lab_dcgan"].discriminator()
    rejects(
        "discriminator_logit",
        lambda: digits,
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


# -- a larger generator, hinge losses, a shift ---------------------------------------------------


def even(latent_dim=42, *, kernel=None, first=8, channels=3, norms=True):
    """A generator of 64x64 by resize (or by transposed convolutions with a kernel)."""
    body = [keras.Input((latent_dim,)), layers.Dense(first * first * 4)]
    body.append(layers.Reshape((first, first, 4)))
    while first < 64:
        first *= 2
        body += [layers.BatchNormalization()] * norms + [layers.LeakyReLU()]
        if kernel:
            body.append(layers.Conv2DTranspose(4, kernel, strides=2, padding="same"))
        else:
            body += [layers.UpSampling2D(2), layers.Conv2D(4, 3, padding="same")]
    return keras.Sequential([*body, layers.Conv2D(channels, 3, padding="same", activation="tanh")])


def test_both_ways_without_a_checkerboard_are_right(capsys):
    for kernel in (None, 4, 6):
        exercises.color.even_generator_is_even(lambda n, kernel=kernel: even(n, kernel=kernel))
    exercises.color.even_generator(even)
    assert capsys.readouterr().out.count("Right: ") == 4


@pytest.mark.parametrize(
    ("name", "change", "words"),
    [
        ("even_generator", {"channels": 1}, "(4, 64, 64, 1), wanted (4, 64, 64, 3)"),
        ("even_generator_is_even", {"kernel": 5}, "kernel of 5 x 5 and a stride of 2 x 2"),
        ("even_generator_is_even", {"kernel": 3}, "which is the checkerboard"),
        ("even_generator_is_even", {"first": 32}, "has 32 pixels a side"),
        ("even_generator_is_even", {"norms": False}, "BatchNormalization is missing"),
    ],
)
def test_a_wrong_larger_generator_is_explained(name, change, words):
    rejects(name, lambda n: even(n, **change), words)


def test_hinge_losses_by_hand_and_by_check(capsys):
    def of_discriminator(real, fake):
        return ops.mean(ops.relu(1.0 - real)) + ops.mean(ops.relu(1.0 + fake))

    real, fake = np.array([[2.0], [0.5]]), np.array([[-3.0], [0.0]])
    assert float(of_discriminator(real, fake)) == pytest.approx(0.75)
    exercises.color.hinge_discriminator(of_discriminator)
    exercises.color.hinge_generator(lambda logits: -ops.mean(logits))
    assert capsys.readouterr().out.count("Right: ") == 2
    rejects("hinge_discriminator", lambda r, f: of_discriminator(f, r), "signs are swapped")
    rejects("hinge_discriminator", lambda r, f: -3.0, "is right")
    rejects("hinge_generator", lambda logits: ops.mean(logits), "the sign is wrong")


def rolled(pictures, down, right):
    return ops.roll(pictures, (down, right), axis=(1, 2))


def moved(pictures, down, right):
    height, width = pictures.shape[1:3]
    far = ops.pad(pictures, ((0, 0), (height, height), (width, width), (0, 0)))
    return far[:, height - down :, width - right :][:, :height, :width]


def test_a_shift_is_judged_by_pixels_and_by_its_gradient(capsys):
    exercises.color.shift(moved)
    exercises.color.shift_gradient(moved)
    assert capsys.readouterr().out.count("Right: ") == 2
    rejects("shift", rolled, "comes in on the other")
    rejects("shift", lambda p, down, right: moved(p, right, down), "axis 1 is the height")
    rejects("shift", lambda p, down, right: moved(p, -down, -right), "opposite way")
    rejects("shift", lambda p, down, right: moved(p, down, right)[:, 1:], "the size stays")
    rejects("shift", lambda p, down, right: moved(p + 1.0, down, right) - 1.0, "must be 0")
    rejects("shift_gradient", lambda p, *move: np.asarray(moved(p, *move)), "no gradient")
    rejects("shift_gradient", rolled, "does not arrive")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (lambda d, r, f, *m: (d(moved(r, *m)), d(f)), "only the real images"),
        (lambda d, r, f, *m: (d(r), d(moved(f, *m))), "only the fake images"),
        (lambda d, r, f, *m: (d(r), d(f)), "nothing was moved"),
        (lambda d, r, f, *m: (d(moved(f, *m)), d(moved(r, *m))), "wrong order"),
        (lambda d, r, f, *m: d(moved(r, *m)), "return two things"),
        (lambda d, r, f, *m: (d(moved(r, *m)), d(ops.stop_gradient(moved(f, *m)))), "no gradient"),
        (lambda d, r, f, *m: (d(moved(r, *m)), 2 * d(moved(f, *m))), "are not those of the fake"),
    ],
)
def test_real_and_fake_must_be_moved_alike(answer, words, capsys):
    exercises.color.moved_logits(lambda d, r, f, *m: (d(moved(r, *m)), d(moved(f, *m))))
    assert capsys.readouterr().out.startswith("Right: ")
    rejects("moved_logits", answer, words)
