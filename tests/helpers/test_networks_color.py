"""Color and conditional networks: layers by hand, label planes by value."""

import keras
import numpy as np
import pytest

from helpers import networks, training
from helpers.networks import conditional

PLANS = {
    ("lab_cifar", "generator"): [
        ("Dense", (4096,), 101 * 4096),
        ("BatchNormalization", (4096,), 4 * 4096),
        ("Conv2DTranspose", (8, 8, 128), 16 * 256 * 128 + 128),
        ("BatchNormalization", (8, 8, 128), 4 * 128),
        ("Conv2DTranspose", (16, 16, 128), 16 * 128 * 128 + 128),
        ("BatchNormalization", (16, 16, 128), 4 * 128),
        ("Conv2DTranspose", (32, 32, 128), 16 * 128 * 128 + 128),
        ("BatchNormalization", (32, 32, 128), 4 * 128),
        ("Conv2D", (32, 32, 3), 9 * 128 * 3 + 3),
    ],
    ("lab_cifar", "discriminator"): [
        ("Conv2D", (32, 32, 64), 9 * 3 * 64 + 64),
        ("Conv2D", (16, 16, 128), 9 * 64 * 128 + 128),
        ("Conv2D", (8, 8, 128), 9 * 128 * 128 + 128),
        ("Conv2D", (4, 4, 256), 9 * 128 * 256 + 256),
        ("Dense", (1,), 4 * 4 * 256 + 1),
    ],
    ("assignment_cifar", "generator"): [
        ("Dense", (16384,), 100 * 16384),
        ("BatchNormalization", (16384,), 4 * 16384),
        ("Conv2DTranspose", (8, 8, 128), 25 * 256 * 128),
        ("BatchNormalization", (8, 8, 128), 4 * 128),
        ("Conv2DTranspose", (16, 16, 64), 25 * 128 * 64),
        ("BatchNormalization", (16, 16, 64), 4 * 64),
        ("Conv2DTranspose", (32, 32, 3), 25 * 64 * 3),
    ],
    ("assignment_cifar", "discriminator"): [
        ("Conv2D", (16, 16, 64), 25 * 3 * 64 + 64),
        ("Conv2D", (8, 8, 128), 25 * 64 * 128 + 128),
        ("Dense", (1,), 8 * 8 * 128 + 1),
    ],
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
    last = "tanh" if part == "generator" else "linear"
    assert model.layers[-1].activation.__name__ == last


def test_slopes_and_dropout():
    for system, slope, rates in (("lab_cifar", 0.2, [0.4]), ("assignment_cifar", 0.3, [0.3, 0.3])):
        for part in ("generator", "discriminator"):
            model = getattr(networks.CATALOGUE[system], part)()
            leaky = [x for x in model.layers if isinstance(x, keras.layers.LeakyReLU)]
            assert leaky and {round(x.negative_slope, 3) for x in leaky} == {slope}
            dropouts = [x.rate for x in model.layers if isinstance(x, keras.layers.Dropout)]
            assert dropouts == (rates if part == "discriminator" else [])


def test_each_plane_is_constant_and_belongs_to_its_label():
    labels = keras.Input((), dtype="int32")
    model = keras.Model(labels, conditional.label_planes(labels, 4, 3, 5))
    planes = np.asarray(model(np.array([2, 0, 3])))
    assert planes.shape == (3, 3, 5, 4)
    for row, label in enumerate([2, 0, 3]):
        for plane in range(4):
            assert (planes[row, :, :, plane] == float(plane == label)).all()


def test_the_label_changes_the_image_and_equal_inputs_give_equal_images():
    keras.utils.set_random_seed(0)
    generator = conditional.generator()
    z = np.tile(np.random.default_rng(0).normal(size=(1, 16)).astype("float32"), (3, 1))
    images = np.asarray(generator([z, np.array([1, 1, 7])], training=False))
    np.testing.assert_array_equal(images[0], images[1])
    assert np.abs(images[0] - images[2]).max() > 1e-4


@pytest.mark.parametrize(
    "build", [conditional.plane_discriminator, conditional.projection_discriminator]
)
def test_the_discriminator_judges_image_and_label_together(build):
    keras.utils.set_random_seed(0)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 28, 28, 1)).astype("float32")
    logits = np.asarray(build()([np.repeat(image, 2, axis=0), np.array([1, 7])]))
    assert logits.shape == (2, 1) and abs(logits[0, 0] - logits[1, 0]) > 1e-5


def test_projection_is_realism_plus_agreement():
    keras.utils.set_random_seed(0)
    model = conditional.projection_discriminator()
    image = np.random.default_rng(0).uniform(-1, 1, (1, 28, 28, 1)).astype("float32")
    dot = next(layer for layer in model.layers if isinstance(layer, keras.layers.Dot))
    dense = [layer for layer in model.layers if isinstance(layer, keras.layers.Dense)][-1]
    features = np.asarray(keras.Model(model.inputs[0], dense.input)(image))
    embedding = model.get_layer("label_embedding").embeddings.numpy()
    expected = (
        features @ dense.kernel.numpy() + dense.bias.numpy() + features @ embedding[3][:, None]
    )
    found = np.asarray(model([image, np.array([3])]))
    np.testing.assert_allclose(found, expected, atol=1e-5)
    assert dot.output.shape == (None, 1)


def test_a_saved_conditional_generator_loads_without_the_kits_classes(tmp_path):
    generator = conditional.generator()
    generator.save(tmp_path / "generator.keras")
    loaded = keras.models.load_model(tmp_path / "generator.keras")
    z, labels = np.ones((2, 16), "float32"), np.array([0, 9])
    np.testing.assert_allclose(loaded([z, labels]), generator([z, labels]), atol=1e-6)


def test_the_laptop_networks_fit_each_other_and_grow_without_transposed_convolutions():
    generator = networks.CATALOGUE["laptop_color"].generator()
    discriminator = networks.CATALOGUE["laptop_color"].discriminator()
    training.ClassSwitchGAN(generator, discriminator)
    kinds = {type(layer).__name__ for layer in generator.layers}
    assert "Conv2DTranspose" not in kinds, "they leave a checkerboard"
    assert generator.output_shape == (None, 32, 32, 3)
    assert networks.CATALOGUE["laptop_color"].generator(15).input_shape == (None, 15)


def test_an_untrained_laptop_generator_has_no_grid_in_its_spectrum():
    """Dots at multiples of a quarter are the footprint of strides (notebook 02)."""
    dots = {}
    for name, build in (
        ("assignment_cifar", networks.CATALOGUE["assignment_cifar"].generator),
        ("laptop", networks.CATALOGUE["laptop_color"].generator),
    ):
        keras.utils.set_random_seed(0)
        generator = build()
        z = keras.random.normal((100, generator.input_shape[-1]), seed=1)
        gray = np.asarray(generator(z, training=True)).mean(axis=-1)
        power = (np.abs(np.fft.fft2(gray)) ** 2).mean(axis=0)
        dots[name] = power[8, 0] / np.mean([power[7, 0], power[9, 0]])
    assert dots["assignment_cifar"] > 2.0 and dots["laptop"] < 1.5


def test_networks_and_images_of_two_notebooks_do_not_mix():
    color, digits = networks.CATALOGUE["assignment_cifar"], networks.CATALOGUE["lab_dcgan"]
    with pytest.raises(ValueError, match=r"\(32, 32, 3\), but .* takes \(28, 28, 1\)"):
        training.GAN(color.generator(), digits.discriminator())
    gan = training.GAN(color.generator(), color.discriminator())
    gan.compile()
    for shape in ((28, 28, 1), (32, 32, 1)):
        with pytest.raises(ValueError, match=r"\(32, 32, 3\), got"):
            training.train(gan, np.zeros((4, *shape), "uint8"), epochs=1, batch_size=2, verbose=0)
    with pytest.raises(ValueError, match="uint8"):
        training.train(gan, np.zeros((4, 32, 32, 3), "float32"), epochs=1, verbose=0)
    assert int(gan.step_count) == 0


def test_a_network_without_an_input_is_explained():
    unbuilt = keras.Sequential([keras.layers.Dense(3072), keras.layers.Reshape((32, 32, 3))])
    with pytest.raises(ValueError, match=r"the generator does not know .* keras\.Input"):
        training.GAN(unbuilt, networks.CATALOGUE["assignment_cifar"].discriminator())
