"""Feature networks: published shapes and parameters, real photographs, weights from all sources."""

import zipfile

import convert_squeezenet
import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import config, images, weights
from helpers.datasets import download
from helpers.networks import features
from helpers.networks.features import inception_v1, registry, squeezenet

# Numbers of ImageNet classes, in the usual order of the 1,000 names.
EGYPTIAN_CAT, ESPRESSO, POLE = 285, 967, 733
# Parameters of each stage in thousands (K = 1,024) as the paper's table 1 prints them.
PUBLISHED = {
    "mixed3a": 159, "mixed3b": 380, "mixed4a": 364, "mixed4b": 437, "mixed4c": 463,
    "mixed4d": 580, "mixed4e": 840, "mixed5a": 1072, "mixed5b": 1388,
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped():
    return features.load("squeezenet")


@pytest.fixture(scope="module")
def inception():
    return features.load("inception_v1", weights="random")


# --- the interface -----------------------------------------------------------------------------


def test_layers_channels_and_fields_of_squeezenet(shipped):
    assert shipped.layer_names == (
        "conv1", "fire2", "fire3", "fire4", "fire5", "fire6", "fire7", "fire8", "fire9", "conv10",
    )  # fmt: skip
    widths = [64, 128, 128, 256, 256, 384, 384, 512, 512, 1000]
    assert list(shipped.channels.values()) == widths
    # By hand: 3 + pool 2*2 = 7, each 3x3 adds 2 strides, each pool too.
    assert [shipped.receptive_field(n) for n in ("conv1", "fire2", "fire4", "fire9")] == [
        3, 15, 47, 207,
    ]  # fmt: skip
    assert [shipped.stride(n) for n in ("conv1", "fire3", "fire5", "fire9")] == [2, 4, 8, 16]


def test_a_unit_sees_its_receptive_field_and_not_one_pixel_more(shipped):
    """The gradient of one unit of fire4 lies in a square of 47 pixels, and fills it.

    A max pool passes on the gradient of one pixel only, so many pictures are looked at together.
    """
    random = np.random.default_rng(0)
    images = tf.Variable(random.uniform(0, 255, (24, 96, 96, 3)).astype("float32"))
    with tf.GradientTape() as tape:
        unit = tf.reduce_sum(shipped.features(images, ["fire4"])["fire4"][:, 6, 6])
    seen = np.abs(tape.gradient(unit, images)).max(axis=(0, 3)) > 0
    field = shipped.receptive_field("fire4")
    for axis in (0, 1):
        places = np.flatnonzero(seen.any(axis=axis))
        assert field - 4 <= np.ptp(places) + 1 <= field


def test_layers_are_chosen_by_name_or_number(shipped):
    assert shipped.layer("fire6") == shipped.layer(6) == shipped.layer(np.int64(6)) == "fire6"
    for wrong in ("fire", 0, 11, True, None, 2.0):
        with pytest.raises(ValueError, match=r"has no layer .*1 conv1, 2 fire2, .*10 conv10"):
            shipped.layer(wrong)


def test_channels_are_checked(shipped):
    assert shipped.channel_list("conv1", range(3)) == (0, 1, 2)
    assert shipped.channel_list("conv1", slice(60, None)) == (60, 61, 62, 63)
    assert shipped.channel_list("conv1", 7) == (7,)
    assert len(shipped.channel_list("fire9", None)) == 512
    for wrong in (64, -1, [0, 64], 1.5, "3"):
        with pytest.raises(ValueError, match="channels 0 to 63"):
            shipped.channel_list("conv1", wrong)
    with pytest.raises(ValueError, match="at least one channel"):
        shipped.channel_list("conv1", [])


@pytest.mark.parametrize(
    "name, corner",
    [
        ("squeezenet", (30 - 103.939, 20 - 116.779, 10 - 123.68)),  # blue first
        ("inception_v1", (10 - 117, 20 - 117, 30 - 117)),
        ("vgg19", (30 - 103.939, 20 - 116.779, 10 - 123.68)),
        ("inception_v3", (10 / 127.5 - 1, 20 / 127.5 - 1, 30 / 127.5 - 1)),
    ],
)
def test_preprocessing(name, corner):
    card = registry.CARDS[name]
    tiny = keras.Sequential([keras.Input((None, None, 3)), keras.layers.Conv2D(2, 1, name="a")])
    network = features.FeatureNetwork(name, tiny, ("a",), card.mean, card.scale, card.bgr)
    images = np.random.default_rng(0).integers(0, 256, (2, 4, 5, 3)).astype("uint8")
    images[0, 0, 0] = (10, 20, 30)
    inputs = np.asarray(network.preprocess(images))
    np.testing.assert_allclose(inputs[0, 0, 0], corner, rtol=1e-5)


def test_an_extractor_stops_at_its_deepest_layer(shipped):
    names = {layer.name for layer in shipped.extractor(["fire4", "conv1"]).layers}
    assert "fire4" in names and "fire5_squeeze" not in names
    images = np.zeros((1, 65, 40, 3), "uint8")
    found = shipped.features(images, ["fire4", "conv1"])
    assert {name: tuple(maps.shape) for name, maps in found.items()} == {
        "fire4": (1, 9, 5, 256), "conv1": (1, 33, 20, 64),
    }  # fmt: skip
    alone = shipped.features(np.zeros((2, 65, 40, 3), "uint8"), ["fire4"])  # Keras unwraps lists
    assert alone["fire4"].shape == (2, 9, 5, 256)
    assert shipped.extractor([4, 1]) is shipped.extractor(["fire4", "conv1"])


def test_unknown_networks_and_poolings_are_refused():
    with pytest.raises(
        ValueError, match=r"feature network must be one of squeezenet.*vgg19.*'resnet'"
    ):
        features.load("resnet")
    with pytest.raises(ValueError, match="pooling must be one of max, avg, got 'mean'"):
        features.load("squeezenet", pooling="mean")
    with pytest.raises(ValueError, match="dtype must be one of float32, bfloat16, got 'half'"):
        features.load("squeezenet", dtype="half")


# --- SqueezeNet --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "name, label", [("cat", EGYPTIAN_CAT), ("coffee", ESPRESSO), ("rocket", POLE)]
)
def test_squeezenet_knows_photographs(shipped, name, label):
    """The rocket's picture shows poles and towers; no class is a rocket standing at night."""
    image = images.photograph(name)
    logits = np.asarray(shipped.model(shipped.preprocess(image[None])))[0]
    assert logits.argmax() == label
    assert np.exp(logits[label]) / np.exp(logits).sum() > 0.5


def test_red_and_blue_are_not_mixed_up(shipped):
    """The brown coffee is no espresso once red and blue have changed places."""
    image = images.photograph("coffee")
    both = np.stack([image, image[..., ::-1]])
    right, wrong = np.asarray(tf.nn.softmax(shipped.model(shipped.preprocess(both))))[:, ESPRESSO]
    assert right > 0.5 and wrong < 0.1


def test_squeezenet_has_the_published_number_of_parameters(shipped):
    assert shipped.model.count_params() == 1_235_496
    assert not shipped.model.trainable_weights


def test_the_converter_puts_every_array_in_its_place(tmp_path):
    random, arrays = np.random.default_rng(0), {}
    for layer in squeezenet.build().layers:
        if layer.weights:
            name, _, part = layer.name.partition("_")
            source = f"{name}/{'squeeze1x1' if part == 'squeeze' else part}" if part else name
            for end, weight in zip(("kernel", "bias"), layer.get_weights()):
                arrays[f"{source}/{end}"] = random.normal(size=weight.shape).astype("float32")
    np.savez(tmp_path / "full.npz", **arrays)
    out = tmp_path / "small.npz"
    assert convert_squeezenet.main([str(tmp_path / "full.npz"), "--out", str(out)]) == 0
    model = weights.load(squeezenet.build(), out)
    for layer, source in (("conv10", "conv10"), ("fire5_squeeze", "fire5/squeeze1x1"),
                          ("fire9_expand3x3", "fire9/expand3x3")):  # fmt: skip
        kernel, bias = model.get_layer(layer).get_weights()
        np.testing.assert_allclose(kernel, arrays[f"{source}/kernel"], rtol=1e-3, atol=1e-4)
        np.testing.assert_allclose(bias, arrays[f"{source}/bias"], rtol=1e-3, atol=1e-4)


# --- InceptionV1 -------------------------------------------------------------------------------


def test_inception_v1_has_the_twelve_layers_of_the_lab(inception):
    assert inception.layer_names == (
        "conv2d0", "conv2d1", "conv2d2", "mixed3a", "mixed3b", "mixed4a", "mixed4b", "mixed4c",
        "mixed4d", "mixed4e", "mixed5a", "mixed5b",
    )  # fmt: skip
    widths = [64, 64, 192, 256, 480, 512, 512, 512, 528, 832, 832, 1024]
    assert list(inception.channels.values()) == widths
    strides = [inception.stride(number) for number in range(1, 13)]
    assert strides == [2, 4, 4, 8, 8, 16, 16, 16, 16, 16, 32, 32]


@pytest.mark.parametrize("size", [(224, 224), (97, 130), (1, 1)])
def test_inception_v1_takes_pictures_of_any_size(inception, size):
    found = inception.features(np.zeros((1, *size, 3), "uint8"), inception.layer_names)
    for name, maps in found.items():
        side = [-(-length // inception.stride(name)) for length in size]
        assert tuple(maps.shape) == (1, *side, inception.channels[name])


def test_inception_v1_has_the_parameters_of_the_paper(inception):
    """Weights and biases of each block, worked out from the widths, beside the printed figures.

    The paper counts in units of 1,024. Its figures for 3a, 3b and 4b are these, cut or rounded;
    4a, 4d, 4e and 5b differ by 1 to 2 %; 4c (463 printed, 498 by the widths) and 5a (1072 and
    1019) do not fit their own widths. conv1 is printed as 2.7K, but 7*7*3*64 + 64 is 9.2K.
    """
    # 3a, for example: 192*64 + 192*96 + 96*128*9 + 192*16 + 16*32*25 + 192*32 weights
    # and 64 + 96 + 128 + 16 + 32 + 32 biases.
    counted = {
        "mixed3a": 163_696, "mixed3b": 388_736, "mixed4a": 376_176, "mixed4b": 449_160,
        "mixed4c": 510_104, "mixed4d": 605_376, "mixed4e": 868_352, "mixed5a": 1_043_456,
        "mixed5b": 1_444_080,
    }  # fmt: skip
    misprinted = {"mixed4c": 0.93, "mixed5a": 1.052}
    for block, number in counted.items():
        names = [f"{block}_{branch}" for branch in inception_v1.BRANCHES]
        assert sum(inception.model.get_layer(n).count_params() for n in names) == number, block
        printed = PUBLISHED[block] / (number / 1024)
        assert printed == pytest.approx(misprinted.get(block, 1.0), abs=0.02), block
    stem = [inception.model.get_layer(name).count_params() for name in inception_v1.STEM]
    assert stem == [9_472, 4_160, 110_784]  # printed together as 2.7K and 112K
    assert inception.model.count_params() == sum(stem) + sum(counted.values())


@pytest.fixture(scope="module")
def frozen(tmp_path_factory):
    """A frozen graph under the official node names, made of random weights, and its arrays.

    As in the official one, the 3x3 branch of mixed4a has 204 filters.
    """
    widths = dict(inception_v1.WIDTHS)
    widths["mixed4a"] = (192, 96, 204, 16, 48, 64)
    random, graph = np.random.default_rng(0), tf.Graph()
    with graph.as_default():
        x = tf.compat.v1.placeholder(tf.float32, [None, None, None, 3], name="input")
        _frozen_layers(x, widths, random)
    path = tmp_path_factory.mktemp("frozen") / inception_v1.GRAPH_NAME
    path.write_bytes(graph.as_graph_def().SerializeToString())
    return path


def _frozen_layers(x, widths, random):
    def conv(x, width, size, name, stride=1):
        shape = (size, size, x.shape[-1], width)
        kernel = random.normal(0, np.sqrt(2 / np.prod(shape[:-1])), shape).astype("float32")
        w = tf.constant(kernel, name=f"{name}_w")
        b = tf.constant(random.normal(0, 1, width).astype("float32"), name=f"{name}_b")
        x = tf.nn.conv2d(x, w, stride, "SAME", name=f"{name}_pre_relu/conv")
        return tf.nn.relu(tf.nn.bias_add(x, b, name=f"{name}_pre_relu"), name=name)

    def norm(x, name):
        return tf.nn.local_response_normalization(x, 5, 2.0, 1e-4, 0.5, name=name)

    def pool(x, name, stride=2):
        return tf.nn.max_pool2d(x, 3, stride, "SAME", name=name)

    x = conv(x, widths["conv2d0"], 7, "conv2d0", 2)
    x = norm(pool(x, "maxpool0"), "localresponsenorm0")
    x = conv(x, widths["conv2d1"], 1, "conv2d1")
    x = norm(conv(x, widths["conv2d2"], 3, "conv2d2"), "localresponsenorm1")
    for block in inception_v1.BLOCKS:
        if block in inception_v1.POOL_BEFORE:
            x = pool(x, inception_v1.POOL_BEFORE[block])
        one, reduce3, three, reduce5, five, project = widths[block]
        parts = [
            conv(x, one, 1, f"{block}_1x1"),
            conv(conv(x, reduce3, 1, f"{block}_3x3_bottleneck"), three, 3, f"{block}_3x3"),
            conv(conv(x, reduce5, 1, f"{block}_5x5_bottleneck"), five, 5, f"{block}_5x5"),
            conv(pool(x, f"{block}_pool", 1), project, 1, f"{block}_pool_reduce"),
        ]
        x = tf.concat(parts, -1, name=block)


def _run_frozen(path, inputs, names):
    definition = tf.compat.v1.GraphDef()
    definition.ParseFromString(path.read_bytes())
    with tf.Graph().as_default() as graph, tf.compat.v1.Session(graph=graph) as session:
        tf.import_graph_def(definition, name="")
        return session.run([f"{name}:0" for name in names], {"input:0": inputs})


def test_the_converted_graph_answers_as_the_frozen_one(frozen, tmp_path):
    archive = tmp_path / "inception5h.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(frozen, inception_v1.GRAPH_NAME)
    network = features.load("inception_v1", weights=archive)
    assert network.channels["mixed4a"] == 508
    image = np.random.default_rng(1).integers(0, 256, (1, 75, 90, 3)).astype("uint8")
    expected = _run_frozen(frozen, np.asarray(network.preprocess(image)), network.layer_names)
    found = network.features(image, network.layer_names)
    for name, wanted in zip(network.layer_names, expected, strict=True):
        scale = np.abs(wanted).max()
        assert scale > 0.1
        np.testing.assert_allclose(np.asarray(found[name]) / scale, wanted / scale, atol=1e-4)


def test_the_graph_is_found_in_the_cache(frozen, monkeypatch, tmp_path):
    monkeypatch.setattr(config, "keras_dir", lambda: tmp_path)
    models = tmp_path / "models"
    models.mkdir()
    with zipfile.ZipFile(models / "inception5h.zip", "w") as file:
        file.write(frozen, inception_v1.GRAPH_NAME)
    assert features.has_weights("inception_v1")
    assert "cache" in features.load("inception_v1").origin


def test_foreign_and_damaged_graphs_are_refused(frozen, tmp_path):
    broken = tmp_path / "broken.pb"
    broken.write_bytes(frozen.read_bytes()[:100_000])
    with pytest.raises(ValueError, match=r"broken\.pb"):
        features.load("inception_v1", weights=broken)
    other = tf.Graph()
    with other.as_default():
        tf.constant([1.0], name="conv2d0_w")
    (tmp_path / "other.pb").write_bytes(other.as_graph_def().SerializeToString())
    with pytest.raises(ValueError, match="no node conv2d0_b: it is not the graph"):
        features.load("inception_v1", weights=tmp_path / "other.pb")


# --- VGG-19, InceptionV3, and weights that are not there ----------------------------------------


def test_bfloat16_gives_nearly_the_same_maps_and_slopes():
    photograph = tf.constant(images.photograph("cat")[None, 60:188, 150:278], tf.float32)
    found = {}
    for dtype in ("float32", "bfloat16"):
        network = features.load("squeezenet", dtype=dtype)
        with tf.GradientTape() as tape:
            tape.watch(photograph)
            (maps,) = network.outputs(network.preprocess(photograph), ["fire6"])
            score = tf.reduce_sum(maps)
        assert maps.dtype == "float32" and network.model.layers[1].compute_dtype == dtype
        found[dtype] = maps.numpy(), tape.gradient(score, photograph).numpy()
    exact, rounded = found["float32"], found["bfloat16"]
    assert not np.array_equal(exact[0], rounded[0])
    for ours, theirs in zip(rounded, exact):
        assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.97


def test_average_pooling_changes_the_pooling_and_nothing_else():
    small = keras.Sequential(
        [
            keras.Input((None, None, 3)),
            keras.layers.Conv2D(4, 3, padding="same", name="conv"),
            keras.layers.MaxPooling2D(2, name="pool"),
        ]
    )
    swapped = registry._copy(small, registry._averaged)
    images = np.random.default_rng(0).normal(size=(1, 6, 6, 3)).astype("float32")
    maps = np.asarray(small.get_layer("conv")(images))
    halves = maps.reshape(1, 3, 2, 3, 2, 4)
    np.testing.assert_allclose(small(images), halves.max(axis=(2, 4)), atol=1e-5)
    np.testing.assert_allclose(swapped(images), halves.mean(axis=(2, 4)), atol=1e-5)


def test_vgg19_for_style_transfer_from_a_local_file(tmp_path):
    network = features.load("vgg19", weights="random", pooling="avg")
    assert network.layer_names[:4] == (
        "block1_conv1", "block1_conv2", "block1_pool", "block2_conv1"
    )  # fmt: skip
    assert len(network.layer_names) == 21 and network.channels["block5_conv2"] == 512
    assert network.model.count_params() == 20_024_384
    pools = [layer for layer in network.model.layers if "pool" in layer.name]
    assert all(isinstance(layer, keras.layers.AveragePooling2D) for layer in pools)
    path = tmp_path / "vgg.weights.h5"
    network.model.save_weights(path)
    again = features.load("vgg19", weights=path, pooling="avg")
    image = np.random.default_rng(0).integers(0, 256, (1, 40, 36, 3)).astype("uint8")
    ours, theirs = (each.features(image, ["block3_conv1"]) for each in (network, again))
    np.testing.assert_array_equal(ours["block3_conv1"], theirs["block3_conv1"])
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(ValueError, match=r"vgg\.weights\.h5 does not hold the weights of vgg19"):
        features.load("vgg19", weights=path)


@pytest.mark.parametrize("name", ["inception_v1", "vgg19", "inception_v3"])
def test_missing_weights_are_explained_offline(name):
    with pytest.raises(FileNotFoundError) as raised:
        features.load(name)
    message = str(raised.value)
    assert registry.CARDS[name].remotes[0].url in message
    assert str(config.keras_dir() / "models") in message and "squeezenet" in message
    with pytest.raises(FileNotFoundError, match="no weights file at"):
        features.load(name, weights="nowhere.h5")


def test_weights_are_asked_for_where_keras_keeps_them(monkeypatch, tmp_path):
    """Online, the official file comes into Keras's own folder; a failure is explained."""
    asked = []

    def fetch(card, folder):
        asked.append((card.remotes[0].url.rsplit("/", 1)[-1], folder))
        raise download.Unreachable("the host did not answer")

    monkeypatch.setattr(config, "offline", lambda: False)
    monkeypatch.setattr(config, "keras_dir", lambda: tmp_path)
    monkeypatch.setattr(download, "fetch", fetch)
    with pytest.raises(FileNotFoundError, match="the host did not answer"):
        features.load("vgg19")
    assert asked == [("vgg19_weights_tf_dim_ordering_tf_kernels_notop.h5", "models")]
