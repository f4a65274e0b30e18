"""The published networks, layer by layer, against figures of docs/SOURCES.md."""

import keras
import numpy as np
import pytest

from helpers import networks

# Of every layer with weights: class, output shape without the batch, number of parameters.
PLANS = {
    ("lab_dcgan", "generator"): [
        ("Dense", (12544,), 100 * 12544),
        ("BatchNormalization", (12544,), 4 * 12544),
        ("Conv2DTranspose", (7, 7, 128), 25 * 256 * 128),
        ("BatchNormalization", (7, 7, 128), 4 * 128),
        ("Conv2DTranspose", (14, 14, 64), 25 * 128 * 64),
        ("BatchNormalization", (14, 14, 64), 4 * 64),
        ("Conv2DTranspose", (28, 28, 1), 25 * 64),
    ],
    ("lab_dcgan", "discriminator"): [
        ("Conv2D", (14, 14, 64), 25 * 64 + 64),
        ("Conv2D", (7, 7, 128), 25 * 64 * 128 + 128),
        ("Dense", (1,), 7 * 7 * 128 + 1),
    ],
    ("lecture_dcgan", "generator"): [
        ("Dense", (6272,), 101 * 6272),
        ("BatchNormalization", (7, 7, 128), 4 * 128),
        ("Conv2DTranspose", (14, 14, 64), 25 * 128 * 64 + 64),
        ("BatchNormalization", (14, 14, 64), 4 * 64),
        ("Conv2DTranspose", (28, 28, 1), 25 * 64 + 1),
    ],
    ("lecture_dcgan", "discriminator"): [
        ("Conv2D", (14, 14, 64), 25 * 64 + 64),
        ("Conv2D", (7, 7, 128), 25 * 64 * 128 + 128),
        ("Dense", (1,), 7 * 7 * 128 + 1),
    ],
    ("slides_gan", "generator"): [
        ("Dense", (1024,), 129 * 1024),
        ("Dense", (3136,), 1025 * 3136),
        ("Conv2DTranspose", (14, 14, 32), 25 * 64 * 32 + 32),
        ("Conv2DTranspose", (28, 28, 1), 25 * 32 + 1),
    ],
    ("slides_gan", "discriminator"): [
        ("Conv2D", (14, 14, 32), 25 * 32 + 32),
        ("Conv2D", (7, 7, 64), 25 * 32 * 64 + 64),
        ("Dense", (1024,), 3137 * 1024),
        ("Dense", (128,), 1025 * 128),
        ("Dense", (1,), 129),
    ],
    ("homework_gan", "generator"): [
        ("Dense", (8192,), 101 * 8192),
        ("BatchNormalization", (4, 4, 512), 4 * 512),
        ("Conv2DTranspose", (8, 8, 256), 25 * 512 * 256 + 256),
        ("BatchNormalization", (7, 7, 256), 4 * 256),
        ("Conv2DTranspose", (14, 14, 128), 25 * 256 * 128 + 128),
        ("BatchNormalization", (14, 14, 128), 4 * 128),
        ("Conv2DTranspose", (28, 28, 1), 25 * 128 + 1),
    ],
    ("homework_gan", "discriminator"): [
        ("Conv2D", (14, 14, 64), 25 * 64 + 64),
        ("Conv2D", (7, 7, 128), 25 * 64 * 128 + 128),
        ("BatchNormalization", (7, 7, 128), 4 * 128),
        ("Conv2D", (4, 4, 256), 25 * 128 * 256 + 256),
        ("BatchNormalization", (4, 4, 256), 4 * 256),
        ("Dense", (1,), 4 * 4 * 256 + 1),
    ],
}
LAST = {
    ("lab_dcgan", "generator"): "tanh",
    ("lecture_dcgan", "generator"): "tanh",
    ("slides_gan", "generator"): "sigmoid",
    ("homework_gan", "generator"): "tanh",
    ("lab_dcgan", "discriminator"): "linear",
    ("lecture_dcgan", "discriminator"): "sigmoid",
    ("slides_gan", "discriminator"): "linear",
    ("homework_gan", "discriminator"): "linear",
}


@pytest.mark.parametrize(("system", "part"), PLANS)
def test_every_layer_has_the_published_shape_and_parameters(system, part):
    model = getattr(networks.CATALOGUE[system], part)()
    built = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
        if layer.weights
    ]
    assert built == PLANS[system, part]
    assert model.layers[-1].activation.__name__ == LAST[system, part]


def kinds(model, kind):
    return [layer for layer in model.layers if isinstance(layer, kind)]


def test_slopes_strides_and_dropout_rates():
    built = {(s, p): getattr(networks.CATALOGUE[s], p)() for s, p in PLANS}
    for (system, part), slope in {
        ("lab_dcgan", "generator"): 0.3,
        ("lab_dcgan", "discriminator"): 0.3,
        ("lecture_dcgan", "discriminator"): 0.2,
        ("homework_gan", "generator"): 0.2,
        ("homework_gan", "discriminator"): 0.2,
    }.items():
        slopes = {
            round(x.negative_slope, 3) for x in kinds(built[system, part], keras.layers.LeakyReLU)
        }
        assert slopes == {slope}, (system, part)
    for (system, part), rates in {
        ("lab_dcgan", "discriminator"): [0.3, 0.3],
        ("lecture_dcgan", "discriminator"): [0.4, 0.4],
        ("homework_gan", "generator"): [0.1, 0.1, 0.1],
        ("homework_gan", "discriminator"): [0.1, 0.1, 0.1],
    }.items():
        assert [x.rate for x in kinds(built[system, part], keras.layers.Dropout)] == rates
    for model in built.values():
        for layer in kinds(model, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
            assert layer.kernel_size == (5, 5) and layer.padding == "same"
    strides = [
        x.strides for x in kinds(built["lab_dcgan", "generator"], keras.layers.Conv2DTranspose)
    ]
    assert strides == [(1, 1), (2, 2), (2, 2)]


def test_slides_gan_is_elu_throughout():
    for model in (
        networks.CATALOGUE["slides_gan"].generator(),
        networks.CATALOGUE["slides_gan"].discriminator(),
    ):
        names = [x.activation.__name__ for x in model.layers if hasattr(x, "activation")]
        assert set(names[:-1]) == {"elu"}


def test_homework_gan_draws_color_when_asked():
    system = networks.CATALOGUE["homework_gan"]
    assert system.generator(channels=3).output_shape == (None, 28, 28, 3)
    assert system.discriminator(channels=3).input_shape == (None, 28, 28, 3)


def test_a_generator_answers_different_z_with_different_images_in_its_range():
    z = np.random.default_rng(0).normal(size=(4, 100)).astype("float32") * 30
    images = networks.CATALOGUE["lab_dcgan"].generator()(z, training=True).numpy()
    assert images.min() >= -1.0 and images.max() <= 1.0
    assert np.abs(images[0] - images[1]).max() > 0.1


@pytest.mark.parametrize("name", networks.CATALOGUE)
def test_every_entry_of_the_catalogue_builds_all_its_networks(name):
    system = networks.CATALOGUE[name]
    for part in system.parts:
        assert isinstance(getattr(system, part)(), keras.Model)
    missing = "encoder" if "generator" in system.parts else "generator"
    with pytest.raises(ValueError, match=f"{name} has no {missing}"):
        getattr(system, missing)()


def test_an_unknown_system_is_explained():
    with pytest.raises(ValueError, match=r"'R9'.*lab_dcgan"):
        networks.CATALOGUE["R9"]


@pytest.mark.parametrize("seed", range(4))
def test_the_kits_generator_sorts_z_into_states_of_its_switch(seed):
    keras.utils.set_random_seed(seed)
    generator = networks.CATALOGUE["laptop_dcgan"].generator()
    assert generator.input_shape == (None, 8) and generator.output_shape == (None, 28, 28, 1)
    switch = next(layer for layer in generator.layers if isinstance(layer, keras.layers.Dense))
    z = np.random.default_rng(0).normal(size=(2000, 8)).astype("float32")
    shares = np.asarray(switch(z))
    assert shares.shape == (2000, 16)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0, rtol=1e-5)
    assert np.median(shares.max(axis=1)) > 0.99, "most z lie inside one state"
    used = np.bincount(shares.argmax(axis=1), minlength=16) / 2000
    assert (used > 0.005).sum() >= 14, "nearly all states are in use"


def test_the_kits_networks_have_these_parameters():
    generator = networks.CATALOGUE["laptop_dcgan"].generator()
    discriminator = networks.CATALOGUE["laptop_dcgan"].discriminator()
    switch, first = 8 * 16 + 16, (8 + 16) * 3136
    normalization = 4 * (3136 + 32 + 32)
    convolutions = 25 * 64 * 32 + 25 * 32 * 32 + 25 * 32 + 1
    assert generator.count_params() == switch + first + normalization + convolutions
    dense = 7 * 7 * 32 * 256 + 256 + 256 + 1
    assert discriminator.count_params() == 25 * 16 + 16 + 25 * 16 * 32 + 32 + dense
