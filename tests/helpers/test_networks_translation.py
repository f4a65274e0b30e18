"""Networks from picture to picture: layers by hand, what one logit sees, custom layers by value."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import networks, training
from helpers.networks import translation


def conv(kind, shape, kernel, inputs, bias=True):
    """(kind, output shape, parameters) of a convolution with square kernels."""
    filters = shape[-1]
    return kind, shape, kernel**2 * inputs * filters + bias * filters


def norm(shape):
    return "BatchNormalization", shape, 4 * shape[-1]


def square(side, channels):
    return side, side, channels


def discriminator(images, side, norms=True, channels=64):
    """The layers of a 70x70 PatchGAN: three halvings, and two convolutions more."""
    layers, before = [], images
    for number in range(4):
        side //= 2 if number < 3 else 1
        shape = square(side, channels * 2**number)
        # A BatchNorm shifts by itself; an instance norm of mean 0 would undo a bias anyway.
        layers.append(conv("Conv2D", shape, 4, before, bias=number == 0 or not norms))
        layers += [norm(shape)] if norms and number else []
        before = shape[-1]
    return [*layers, conv("Conv2D", square(side, 1), 4, before)]


def pix2pix_generator():
    layers, before, side = [], 3, 256
    for number, filters in enumerate((64, 128, 256, 512, 512, 512, 512, 512)):
        side //= 2
        edge = number in (0, 7)
        layers.append(conv("Conv2D", square(side, filters), 4, before, bias=edge))
        layers += [] if edge else [norm(square(side, filters))]
        before = filters
    # What comes from below and, from the second on, as many channels from across.
    for filters, below in zip(
        (512, 512, 512, 512, 256, 128, 64), (512, 1024, 1024, 1024, 1024, 512, 256), strict=True
    ):
        side *= 2
        layers.append(conv("Conv2DTranspose", square(side, filters), 4, below, bias=False))
        layers.append(norm(square(side, filters)))
    return [*layers, conv("Conv2DTranspose", square(256, 3), 4, 128)]


CYCLEGAN_GENERATOR = [
    conv("Conv2D", square(256, 64), 7, 3),
    conv("Conv2D", square(128, 128), 3, 64),
    conv("Conv2D", square(64, 256), 3, 128),
    *[conv("Conv2D", square(64, 256), 3, 256)] * 18,
    conv("Conv2DTranspose", square(128, 128), 3, 256),
    conv("Conv2DTranspose", square(256, 64), 3, 128),
    conv("Conv2D", square(256, 3), 7, 64),
]


def discogan_layers(kind, filters, before, side, factor):
    layers = []
    for number in filters:
        side = side * 2 if factor == 2 else side // 2
        shape = square(side, number)
        layers += [conv(kind, shape, 4, before, bias=False), norm(shape)]
        before = number
    return layers


DISCOGAN_DOWN = [
    conv("Conv2D", square(32, 64), 4, 3, bias=False),
    *discogan_layers("Conv2D", (128, 256, 512), 64, 32, 0.5),
]


def prelu(shape):
    return "PReLU", shape, shape[-1]


def srgan_generator():
    small = square(24, 64)
    layer = conv("Conv2D", small, 3, 64)
    layers = [conv("Conv2D", small, 9, 3), prelu(small)]
    layers += [layer, norm(small), prelu(small), layer, norm(small)] * 16
    layers += [layer, norm(small)]
    for side in (24, 48):
        layers += [conv("Conv2D", square(side, 256), 3, 64), prelu(square(2 * side, 64))]
    return [*layers, conv("Conv2D", square(96, 3), 9, 64)]


def srgan_discriminator():
    layers, before = [conv("Conv2D", square(96, 64), 3, 3)], 64
    for side, filters in (
        (48, 64),
        (48, 128),
        (24, 128),
        (24, 256),
        (12, 256),
        (12, 512),
        (6, 512),
    ):
        layers += [conv("Conv2D", square(side, filters), 3, before), norm(square(side, filters))]
        before = filters
    return [
        *layers,
        ("Dense", (1024,), 6 * 6 * 512 * 1024 + 1024),
        ("Dense", (1,), 1025),
    ]


PLANS = {
    ("zoo_pix2pix", "generator"): (pix2pix_generator(), "tanh"),
    ("zoo_pix2pix", "discriminator"): (discriminator(6, 256), "linear"),
    ("zoo_cyclegan", "generator"): (CYCLEGAN_GENERATOR, "tanh"),
    ("zoo_cyclegan", "discriminator"): (discriminator(3, 256, norms=False), "linear"),
    ("zoo_discogan", "generator"): (
        [
            *DISCOGAN_DOWN,
            *discogan_layers("Conv2DTranspose", (256, 128, 64), 512, 4, 2),
            conv("Conv2DTranspose", square(64, 3), 4, 64, bias=False),
        ],
        "sigmoid",
    ),
    ("zoo_discogan", "discriminator"): (
        [*DISCOGAN_DOWN, conv("Conv2D", (1, 1, 1), 4, 512, bias=False)],
        "sigmoid",
    ),
    ("zoo_srgan", "generator"): (srgan_generator(), "tanh"),
    ("zoo_srgan", "discriminator"): (srgan_discriminator(), "sigmoid"),
}
# (LeakyReLU, ReLU, Dropout, GroupNormalization, MirrorPadding): layers without weights.
PARTS = {
    ("zoo_pix2pix", "generator"): (7, 8, 3, 0, 0),
    ("zoo_pix2pix", "discriminator"): (4, 0, 0, 0, 0),
    ("zoo_cyclegan", "generator"): (0, 14, 0, 23, 20),
    ("zoo_cyclegan", "discriminator"): (4, 0, 0, 3, 0),
    ("zoo_discogan", "generator"): (4, 3, 0, 0, 0),
    ("zoo_discogan", "discriminator"): (4, 0, 0, 0, 0),
    ("zoo_srgan", "generator"): (0, 0, 0, 0, 0),
    ("zoo_srgan", "discriminator"): (9, 0, 0, 0, 0),
}
# Trainable parameters that the authors' own code prints.
AUTHORS = {
    ("zoo_pix2pix", "discriminator"): 2_768_705,
    ("zoo_cyclegan", "generator"): 11_378_179,
    ("zoo_cyclegan", "discriminator"): 2_764_737,
}


def check_u_net(model):
    """Noise in three blocks, and maps of equal size side by side; it is slow to build."""
    drops = [x for x in model.layers if isinstance(x, keras.layers.Dropout)]
    assert [(x.rate, x.output.shape[1]) for x in drops] == [(0.5, 2), (0.5, 4), (0.5, 8)]
    joins = [x for x in model.layers if isinstance(x, keras.layers.Concatenate)]
    sides = [[tensor.shape[1] for tensor in x.input] for x in joins]
    assert sides == [[n, n] for n in (2, 4, 8, 16, 32, 64, 128)]


@pytest.mark.parametrize(("system", "part"), PLANS)
def test_every_layer_has_the_published_shape_and_parameters(system, part):
    model = getattr(networks.CATALOGUE[system], part)()
    built = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
        if layer.weights
    ]
    plan, last = PLANS[system, part]
    assert built == plan
    assert model.layers[-1].activation.__name__ == last
    kinds = [type(layer).__name__ for layer in model.layers]
    names = ("LeakyReLU", "ReLU", "Dropout", "GroupNormalization", "MirrorPadding")
    assert tuple(map(kinds.count, names)) == PARTS[system, part]
    slopes = {round(x.negative_slope, 3) for x in model.layers if type(x).__name__ == "LeakyReLU"}
    assert slopes <= {0.2}
    if (system, part) == ("zoo_pix2pix", "generator"):
        check_u_net(model)
    if (system, part) in AUTHORS:
        trainable = sum(int(np.prod(w.shape)) for w in model.trainable_weights)
        assert trainable == AUTHORS[system, part]


def test_six_residual_blocks_for_small_images():
    model = translation.zoo_cyclegan_generator((128, 128, 3), blocks=6)
    residuals = [x for x in model.layers if isinstance(x, keras.layers.Add)]
    assert len(residuals) == 6 and model.output_shape == (None, 128, 128, 3)
    assert model.count_params() == 11_378_179 - 3 * 2 * (9 * 256 * 256 + 256)


# --- What one logit sees ---


@pytest.mark.parametrize(
    ("field", "side"), [(1, 8), (16, 48), (34, 96), (70, 192), (142, 384), (286, 640)]
)
def test_one_logit_sees_so_many_pixels_and_no_more(field, side):
    keras.utils.set_random_seed(0)
    model = translation.patch_discriminator([keras.Input((side, side, 1))], field, width=1)
    image = tf.random.stateless_normal((1, side, side, 1), seed=(1, 2))
    with tf.GradientTape() as tape:
        tape.watch(image)
        logits = model(image, training=False)
        middle = logits[0, logits.shape[1] // 2, logits.shape[2] // 2, 0]
    touched = tape.gradient(middle, image)[0, :, :, 0].numpy() != 0
    for axis in (0, 1):
        seen = np.flatnonzero(touched.any(axis=axis))
        assert seen[-1] - seen[0] + 1 == field
        assert seen[0] > 0 and seen[-1] < side - 1, "the border cut nothing off"


def test_a_changed_pixel_moves_only_the_logits_that_see_it():
    keras.utils.set_random_seed(0)
    model = translation.patch_discriminator([keras.Input((32, 32, 3))], 16, width=4)
    image = np.random.default_rng(0).uniform(-1, 1, (1, 32, 32, 3)).astype("float32")
    other = image.copy()
    other[0, 16, 16] += 0.5
    moved = np.abs(model(other) - model(image))[0, :, :, 0] > 0
    # Logit i sees the pixels from 2i - 5 to 2i + 10.
    for axis in (0, 1):
        assert np.flatnonzero(moved.any(axis=axis)).tolist() == list(range(3, 11))


def test_a_discriminator_of_one_image_takes_it_without_a_list(recwarn):
    model = translation.patch_discriminator([keras.Input((16, 16, 3))], 1, width=2)
    model(np.zeros((1, 16, 16, 3), "float32"))
    assert not [each for each in recwarn if "structure" in str(each.message)]


def test_the_discriminator_of_pairs_sees_both_images():
    keras.utils.set_random_seed(0)
    model = translation.laptop_pix2pix_discriminator((32, 32, 1))
    assert [each.shape[1:] for each in model.inputs] == [(32, 32, 1), (32, 32, 3)]
    random = np.random.default_rng(0)
    source = random.normal(size=(1, 32, 32, 1)).astype("float32")
    target = random.normal(size=(1, 32, 32, 3)).astype("float32")
    before = np.asarray(model([source, target]))
    assert np.abs(model([-source, target]) - before).max() > 1e-4
    assert np.abs(model([source, -target]) - before).max() > 1e-4


def test_widths_double_up_to_eight_times():
    model = translation.patch_discriminator([keras.Input((64, 64, 3))], 286, width=2)
    convs = [x for x in model.layers if isinstance(x, keras.layers.Conv2D)]
    assert [x.filters for x in convs] == [2, 4, 8, 16, 16, 16, 1]
    assert [x.strides[0] for x in convs] == [2, 2, 2, 2, 2, 1, 1]


def test_an_unknown_receptive_field_names_the_known_ones():
    with pytest.raises(ValueError, match=r"receptive_field must be one of 1, 16, 34, 70.*got 32"):
        translation.patch_discriminator([keras.Input((32, 32, 3))], 32)


# --- Custom layers ---


@pytest.mark.parametrize("factor", [1, 2, 3])
def test_pixel_shuffle_is_depth_to_space(factor):
    features = np.random.default_rng(0).normal(size=(2, 3, 5, 4 * factor**2)).astype("float32")
    expected = features if factor == 1 else tf.nn.depth_to_space(features, factor)
    found = translation.PixelShuffle(factor)(features)
    np.testing.assert_array_equal(found, expected)


def test_pixel_shuffle_by_hand():
    features = np.arange(8, dtype="float32").reshape(1, 1, 1, 8)  # two channels of 2x2
    found = np.asarray(translation.PixelShuffle(2)(features))
    np.testing.assert_array_equal(found[0, :, :, 0], [[0, 2], [4, 6]])
    np.testing.assert_array_equal(found[0, :, :, 1], [[1, 3], [5, 7]])


def test_pixel_shuffle_refuses_channels_that_would_mix_the_images_of_a_batch():
    with pytest.raises(ValueError, match="a multiple of 4 channels to become"):
        translation.PixelShuffle(2)(np.zeros((2, 3, 3, 6), "float32"))
    with pytest.raises(ValueError, match="factor must be a whole number"):
        translation.PixelShuffle(0)


@pytest.mark.parametrize("size", [1, 3])
def test_mirror_padding_is_numpys_reflect(size):
    images = np.random.default_rng(0).normal(size=(2, 5, 6, 3)).astype("float32")
    border = (size, size)
    expected = np.pad(images, ((0, 0), border, border, (0, 0)), mode="reflect")
    np.testing.assert_array_equal(translation.MirrorPadding(size)(images), expected)


def test_instance_norm_takes_every_channel_of_every_image_by_itself():
    images = np.random.default_rng(0).normal(3.0, 2.0, (4, 6, 5, 3)).astype("float32")
    layer = translation.instance_norm()
    found = np.asarray(layer(images, training=True))
    mean, variance = images.mean(axis=(1, 2), keepdims=True), images.var(axis=(1, 2), keepdims=True)
    np.testing.assert_allclose(found, (images - mean) / np.sqrt(variance + 1e-5), atol=1e-5)
    np.testing.assert_allclose(layer(images[:1], training=False), found[:1], atol=1e-6)
    assert not layer.weights


# --- The kit's own networks ---


def silence(model):
    """The last convolution adds nothing any more."""
    last = [x for x in model.layers if isinstance(x, keras.layers.Conv2D)][-1]
    last.set_weights([np.zeros_like(w) for w in last.get_weights()])
    return model


def images(*shape, seed=0):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


@pytest.mark.parametrize(
    "build", [translation.laptop_pix2pix_generator, translation.laptop_cyclegan_generator]
)
def test_a_laptop_u_net_adds_to_its_input(build):
    source = images(2, 32, 32, 3)
    model = silence(build(width=2))
    np.testing.assert_allclose(model(source), np.tanh(1.5 * source), atol=1e-6)
    np.testing.assert_allclose(silence(build(width=2, skip=0))(source), 0.0, atol=1e-6)


def test_a_laptop_u_net_takes_gray_and_draws_color():
    source = images(2, 32, 48, 1)
    model = silence(translation.laptop_pix2pix_generator((32, 48, 1), width=2))
    expected = np.tanh(1.5 * np.repeat(source, 3, axis=-1))
    np.testing.assert_allclose(model(source), expected, atol=1e-6)


def test_dropout_and_norm_of_the_laptop_u_net_are_choices():
    plain = translation.laptop_pix2pix_generator(width=2)
    noisy = translation.laptop_pix2pix_generator(width=2, dropout=0.4)
    drops = [x for x in noisy.layers if isinstance(x, keras.layers.Dropout)]
    assert [(x.rate, x.output.shape[1]) for x in drops] == [(0.4, 4), (0.4, 8)]
    assert not [x for x in plain.layers if isinstance(x, keras.layers.Dropout)]
    norms = [x for x in plain.layers if isinstance(x, keras.layers.BatchNormalization)]
    assert len(norms) == 12 and {x.momentum for x in norms} == {0.95}
    cycle = translation.laptop_cyclegan_generator(width=2)
    assert sum(isinstance(x, keras.layers.GroupNormalization) for x in cycle.layers) == 12
    source = images(1, 32, 32, 3)
    noisy.set_weights(plain.get_weights())
    np.testing.assert_allclose(noisy(source), plain(source), atol=1e-6)
    assert np.abs(noisy(source, training=True) - noisy(source, training=True)).max() > 1e-4


def test_the_laptop_srgan_adds_to_the_bilinear_enlargement():
    small = images(2, 4, 5, 3)
    model = silence(translation.laptop_srgan_generator((4, 5, 3), width=4, blocks=2))
    large = tf.image.resize(small, (16, 20), method="bilinear")
    np.testing.assert_allclose(model(small), np.tanh(1.5 * large), atol=1e-6)


def test_the_laptop_srgan_draws_with_a_shuffle_of_ones_own():
    calls = []

    def shuffle(features, factor):
        calls.append((tuple(features.shape[1:]), factor))
        return tf.nn.depth_to_space(features, factor)

    def build(**options):
        return translation.laptop_srgan_generator((4, 4, 3), width=4, blocks=1, **options)

    keras.utils.set_random_seed(0)
    ours, own = build(), build(shuffle=shuffle)
    wrong = build(shuffle=lambda features, factor: 0.0 * tf.nn.depth_to_space(features, factor))
    own.set_weights(ours.get_weights())
    wrong.set_weights(ours.get_weights())
    small = images(2, 4, 4, 3)
    np.testing.assert_allclose(own(small), ours(small), atol=1e-6)
    assert calls[-2:] == [((4, 4, 16), 2), ((8, 8, 8), 2)]
    assert np.abs(wrong(small) - ours(small)).max() > 1e-3
    # The averaged copy of a training rule must draw with it too.
    model = training.SuperResolution(own)
    np.testing.assert_allclose(model.translate(small), ours(small), atol=1e-6)


def test_laptop_networks_fit_each_other():
    get = networks.CATALOGUE.__getitem__
    pix2pix, cycle, disco, srgan = (
        get(f"laptop_{name}") for name in ("pix2pix", "cyclegan", "discogan", "srgan")
    )
    training.ImageToImage(pix2pix.generator(), pix2pix.discriminator())
    training.SuperResolution(srgan.generator(), srgan.discriminator())
    for system in (cycle, disco):
        model = training.CycleGAN(
            system.generator(), system.generator(), system.discriminator(), system.discriminator()
        )
        assert model.value_range == (-1.0, 1.0)
    assert srgan.generator().output_shape == (None, 64, 64, 3)
    assert disco.generator().output_shape == (None, 28, 28, 1)
    assert disco.discriminator().output_shape == (None, 1)
    inner = [x.output.shape[1:3] for x in disco.generator().layers if x.name.startswith("conv")]
    assert min(inner) == (4, 4)
    patches = {field: translation.laptop_cyclegan_discriminator((32, 32, 3), field, 4)
               for field in (1, 16, 34)}  # fmt: skip
    shapes = {field: model.output_shape[1:] for field, model in patches.items()}
    assert shapes == {1: (32, 32, 1), 16: (16, 16, 1), 34: (8, 8, 1)}


@pytest.mark.parametrize(
    "build",
    [
        lambda: translation.laptop_srgan_generator((4, 4, 3), width=4, blocks=1),
        lambda: translation.zoo_cyclegan_generator((16, 16, 3), blocks=1),
        lambda: translation.laptop_cyclegan_discriminator((16, 16, 3), width=4),
    ],
)
def test_a_saved_network_loads_without_naming_its_layers(build, tmp_path):
    model = build()
    model.save(tmp_path / "network.keras")
    loaded = keras.models.load_model(tmp_path / "network.keras")
    source = images(2, *model.input_shape[1:])
    np.testing.assert_allclose(loaded(source), model(source), atol=1e-6)


def my_shuffle(features, factor):
    return 0.5 * tf.nn.depth_to_space(features, factor)


def test_a_saved_network_with_a_function_of_ones_own_asks_for_it(tmp_path):
    model = translation.laptop_srgan_generator((4, 4, 3), width=4, blocks=1, shuffle=my_shuffle)
    model.save(tmp_path / "network.keras")
    with pytest.raises(TypeError, match="Could not locate function 'my_shuffle'"):
        keras.models.load_model(tmp_path / "network.keras")
    known = {"my_shuffle": my_shuffle}
    loaded = keras.models.load_model(tmp_path / "network.keras", custom_objects=known)
    small = images(2, 4, 4, 3)
    np.testing.assert_allclose(loaded(small), model(small), atol=1e-6)
