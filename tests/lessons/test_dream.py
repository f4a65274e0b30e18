"""The dream: what each of lab_dream's parameters does, bad input, interrupts, zoom, channels."""

import tracemalloc

import numpy as np
import pytest
import tensorflow as tf

from helpers import images
from helpers.networks import features
from lessons import dream
from lessons.dream import ascent as ascents
from lessons.dream import film, objective, octaves
from lessons.dream.ascent import GradientAscent

FAST = {"num_iterations": 2, "num_repeats": 1, "tile_size": 96}


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


@pytest.fixture(scope="module")
def image():
    return images.photograph("cat", 96)


def activation(network, image, layer, channels=None):
    maps = network.features(np.asarray(image)[None], [layer])[layer]
    return float(tf.reduce_mean(maps if channels is None else tf.gather(maps, channels, axis=-1)))


# --- what it is for ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    "objective_name, normalize",
    [("mean", "spread"), ("mean_square", "laplacian")],
)
def test_the_layer_answers_more_strongly(network, image, objective_name, normalize):
    options = {**FAST, "ascent": dream.Ascent(objective_name, normalize)}
    result = dream.dream(image, network, "fire5", **options)
    assert result.shape == image.shape and result.dtype == np.uint8
    before, after = (activation(network, each, "fire5") for each in (image, result))
    assert after > 1.25 * before


def test_chosen_channels_answer_and_the_others_much_less(network, image):
    channels = [3, 40]
    result = dream.dream(image, network, "fire5", channels, **FAST)
    rise = activation(network, result, "fire5", channels) / activation(
        network, image, "fire5", channels
    )
    others = [channel for channel in range(256) if channel not in channels]
    rest = activation(network, result, "fire5", others) / activation(
        network, image, "fire5", others
    )
    assert rise > 2 and rise > 1.5 * rest


def test_a_step_moves_the_pixels_by_the_step_size(network):
    image = np.full((64, 64, 3), 128, "float32") + images.photograph("cat", 64)[:1, :1] * 0
    image += np.random.default_rng(0).normal(0, 5, image.shape).astype("float32")
    options = {"num_iterations": 1, "num_repeats": 0, "step_size": 4.0}
    options["tiling"] = dream.Tiling(jitter=0)
    for normalize in ("spread", "laplacian"):
        ascent = dream.Ascent(normalize=normalize)
        result = dream.dream(image, network, "fire4", ascent=ascent, **options)
        moved = np.sqrt(np.mean((result - image) ** 2))
        assert moved == pytest.approx(4.0, rel=0.01)
    slope = tf.Variable(image[None])
    with tf.GradientTape() as tape:
        score = tf.reduce_mean(network.features(slope, ["fire4"])["fire4"])
    slope = tape.gradient(score, slope)[0].numpy()
    plain = dream.dream(image, network, "fire4", **options) - image
    expected = 4.0 * slope / np.sqrt(np.mean(slope**2))
    np.testing.assert_allclose(plain, expected, atol=2e-3)  # the ascent, worked out apart


def test_several_layers_are_weighed_against_each_other(network, image):
    def answers(layers):
        result = dream.dream(image, network, layers, **FAST)
        return activation(network, result, "fire3"), activation(network, result, "fire7")

    deep = answers({"fire3": 0.01, "fire7": 10.0})
    shallow = answers({"fire3": 10.0, "fire7": 0.01})
    assert shallow[0] > deep[0] and deep[1] > shallow[1]
    one, numbered = (dream.dream(image, network, layer, **FAST) for layer in ("fire3", 3))
    np.testing.assert_array_equal(one, numbered)
    listed = dream.dream(image, network, ["fire3"], **FAST)
    np.testing.assert_array_equal(one, listed)


def test_brightness_alone_moves_without_color(network, image):
    soft = (64 + image.astype("float32") / 2).astype("float32")  # far from 0 and 255
    options = {"num_iterations": 2, "num_repeats": 0, "step_size": 2.0}
    plain = dream.dream(soft, network, "fire4", color=False, **options)
    change = plain - soft
    assert np.ptp(change, axis=-1).max() < 1e-3 and change.std() > 1
    colored = dream.dream(soft, network, "fire4", color=True, **options) - soft
    assert np.ptp(colored, axis=-1).mean() > 1
    muted = dream.dream(soft, network, "fire4", color=0.4, **options) - soft
    assert 0.2 < np.ptp(muted, axis=-1).mean() / np.ptp(colored, axis=-1).mean() < 0.9


def test_a_mask_keeps_the_rest_of_the_picture(network, image):
    mask = np.zeros(image.shape[:2], bool)
    mask[:, 48:] = True
    result = dream.dream(image, network, "fire5", mask=mask, **FAST)
    np.testing.assert_allclose(result[:, :44].astype(int), image[:, :44], atol=1)
    moved = np.abs(result[:, 48:].astype(float) - image[:, 48:]).mean()
    assert moved > 3
    half = dream.dream(image, network, "fire5", mask=mask * 0.5, **FAST)
    assert np.abs(half[:, 48:].astype(float) - image[:, 48:]).mean() < moved


def test_a_guide_is_matched(network, image):
    guide = images.photograph("coffee", 96)
    target = np.asarray(network.features(guide[None], ["fire6"])["fire6"])[0].reshape(-1, 384)

    def likeness(picture):
        maps = np.asarray(network.features(picture[None], ["fire6"])["fire6"])[0].reshape(-1, 384)
        return (maps @ target.T).max(axis=1).mean()

    result = dream.dream(image, network, "fire6", guide=guide, **FAST)
    assert likeness(result) > 1.5 * likeness(image)
    other = dream.dream(image, network, "fire6", guide=image, **FAST)
    assert np.abs(result.astype(float) - other).mean() > 1


def test_the_seed_decides(network, image):
    same = [dream.dream(image, network, "fire4", seed=seed, **FAST) for seed in (1, 1, 2)]
    np.testing.assert_array_equal(same[0], same[1])
    assert (same[0] != same[2]).any()


def test_smoothing_takes_the_fine_grain_out(network):
    flat = np.full((96, 96, 3), 128, "float32")
    flat += np.random.default_rng(0).normal(0, 10, flat.shape).astype("float32")
    grain = []
    for smoothing in (0.0, 2.0):
        options = {"num_iterations": 1, "num_repeats": 0, "tiling": dream.Tiling(jitter=0)}
        options["ascent"] = dream.Ascent(smoothing=smoothing)
        change = dream.dream(flat, network, "fire4", **options) - flat
        grain.append(np.mean(np.diff(change, axis=1) ** 2) / np.mean(change**2))
    assert grain[1] < 0.3 * grain[0]


def test_the_laplacian_pyramid_is_exact_and_evens_the_bands():
    images = np.random.default_rng(0).normal(size=(2, 37, 52, 3)).astype("float32")
    bands = objective.split(tf.constant(images), 4)
    assert [band.shape[1] for band in bands] == [37, 19, 10, 5]
    np.testing.assert_allclose(objective.merge(bands, [1.0] * 4), images, atol=1e-5)
    scales = [float(np.sqrt(np.mean(band**2))) for band in bands]
    evened = objective.split(objective.merge(bands, scales), 4)
    before = scales[0] / scales[-1]
    after = np.sqrt(np.mean(evened[0] ** 2) / np.mean(evened[-1] ** 2))
    assert before > 3 and abs(np.log(after)) < abs(np.log(before)) / 2


# --- octaves -----------------------------------------------------------------------------------


def test_octave_sizes_by_hand():
    assert octaves.octave_sizes((400, 600), 3, 0.5) == [
        (50, 75),
        (100, 150),
        (200, 300),
        (400, 600),
    ]
    assert octaves.octave_sizes((400, 600), 0, 0.5) == [(400, 600)]
    assert octaves.octave_sizes((100, 200), 9, 0.5) == [(50, 100), (100, 200)]  # not below 32
    assert octaves.octave_sizes((1, 1), 4, 0.7) == [(1, 1)]


def test_blend_mixes_the_original_in():
    """With the whole original, or none of it, in every octave; detail gives sharpness back."""
    original = np.random.default_rng(0).integers(0, 256, (40, 60, 3)).astype("uint8")
    small = np.full((20, 30, 3), 100.0, "float32")

    def start(blend, detail=0.0):
        made = octaves.Octaves(original, None, 1, 0.5, blend, detail)
        made.sizes, made.originals = [(20, 30), (40, 60)], [gray, original]
        return made.start(1, small)

    gray = np.full((20, 30, 3), 128, "uint8")
    np.testing.assert_allclose(start(1.0), original, atol=1e-3)
    np.testing.assert_allclose(start(0.0), 100, atol=1e-3)
    np.testing.assert_allclose(start(0.2), 0.2 * original + 80, atol=1e-3)
    expected = np.clip(100 + original.astype(float) - 128, 0, 255)
    np.testing.assert_allclose(start(0.0, 1.0), expected, atol=1e-3)


def test_octaves_make_larger_shapes(network):
    """Dreaming small first changes the picture at a coarser scale."""
    image = images.photograph("rocket", 128)

    def coarse(result):
        change = result.astype("float32") - image
        blurred = tf.image.resize(change, (11, 16), antialias=True).numpy()
        return np.mean(blurred**2) / np.mean(change**2)

    options = {"num_iterations": 4, "rescale_factor": 0.6, "blend": 0.0}
    one = dream.dream(image, network, "fire4", num_repeats=0, **options)
    three = dream.dream(image, network, "fire4", num_repeats=2, **options)
    assert coarse(three) > 1.2 * coarse(one)


def test_one_trace_for_all_octaves_and_calls(network, image):
    for _ in range(2):
        dream.dream(image, network, "fire2", num_repeats=2, num_iterations=1, tile_size=48)
    key = (objective.targets(network, "fire2"), "mean", False, 1)
    assert network.traced[key].experimental_get_tracing_count() == 1
    assert len(network.traced) <= 8


def test_every_octave_is_shown_live(network, image, monkeypatch):
    seen = []
    monkeypatch.setattr("lessons.pixels.LiveOutput.show", lambda self, shown: seen.append(shown))
    result = dream.dream(image, network, "fire3", num_repeats=2, num_iterations=1, live=True)
    assert [each.size[::-1] for each in seen] == octaves.octave_sizes(image.shape, 2, 0.7)
    np.testing.assert_array_equal(np.asarray(seen[-1]), result)


def test_an_interrupt_keeps_the_best_so_far(network, image, monkeypatch, capsys):
    steps, step = [], GradientAscent.step

    def interrupted(self, *args):
        steps.append(args[0].shape)
        if len(steps) == 4:
            raise KeyboardInterrupt
        step(self, *args)

    monkeypatch.setattr(GradientAscent, "step", interrupted)
    result = dream.dream(image, network, "fire5", num_repeats=1, num_iterations=3, blend=0.0)
    assert len(steps) == 4 and result.shape == image.shape
    assert "stopped in octave 2 of 2" in capsys.readouterr().out
    assert activation(network, result, "fire5") > 1.1 * activation(network, image, "fire5")
    steps.clear()
    steps += [0, 0]  # the second step of the first octave
    result = dream.dream(image, network, "fire5", num_repeats=1, num_iterations=3, blend=0.0)
    assert result.shape == image.shape and "octave 1 of 2" in capsys.readouterr().out


@pytest.mark.parametrize("call", [1, 2])
def test_an_interrupt_between_octaves_still_gives_the_full_size(
    network, image, monkeypatch, capsys, call
):
    calls, start = [], octaves.Octaves.start

    def interrupted(*args):
        calls.append(args)
        if len(calls) == call:
            raise KeyboardInterrupt
        return start(*args)

    monkeypatch.setattr(octaves.Octaves, "start", interrupted)
    result = dream.dream(image, network, "fire5", num_repeats=1, num_iterations=1)
    assert result.shape == image.shape and result.dtype == np.uint8
    assert f"octave {call} of 2" in capsys.readouterr().out
    correlation = np.corrcoef(result.ravel(), image.ravel())[0, 1]
    assert correlation > 0.7  # it is still this picture


# --- pictures of all sizes ---------------------------------------------------------------------


@pytest.mark.parametrize("shape", [(1, 1), (1, 40), (3, 2), (33, 97)])
def test_pictures_of_any_size(network, shape):
    tiny = np.random.default_rng(0).integers(0, 256, (*shape, 3)).astype("uint8")
    kept = tiny.copy()
    result = dream.dream(tiny, network, "fire4", num_iterations=1, num_repeats=3)
    assert result.shape == tiny.shape and result.dtype == np.uint8
    np.testing.assert_array_equal(tiny, kept)  # the input is left alone


def test_floats_stay_floats(network, image):
    result = dream.dream(image.astype("float64"), network, "fire3", **FAST)
    assert result.dtype == np.float32 and result.min() >= 0 and result.max() <= 255
    bytes_result = dream.dream(image, network, "fire3", **FAST)
    assert np.abs(result - bytes_result).max() <= 0.5 + 1e-3


def test_memory_of_the_arrays_grows_little_with_the_picture(network, monkeypatch):
    """NumPy's part: the gradient of a large picture has half precision, and there is no copy."""
    side = 2048
    picture = np.zeros((side, side, 3), "float32")
    picture += (np.arange(side) % 256)[:, None, None]
    monkeypatch.setattr(ascents, "BATCH", 1)
    monkeypatch.setattr(ascents, "LARGE", 1)
    targets = objective.targets(network, "conv1")
    tool = GradientAscent(network, targets, dream.Ascent(), dream.Tiling(), tile_size=512)
    tracemalloc.start()
    tool.step(picture, 1.0)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < side * side * 3 * 2 + 60e6


# --- bad input ---------------------------------------------------------------------------------

GOOD = np.full((40, 40, 3), 99, "uint8")
BAD_NUMBERS = {
    "num_iterations": (0, -1, 2.5, True, "3"),
    "step_size": (0, -1.0, np.inf, np.nan, "3"),
    "tile_size": (0, 15, 100.0),
    "num_repeats": (-1, 1.5, 1000),
    "rescale_factor": (0, 1, 1.4, -0.5, np.nan),
    "blend": (-0.1, 1.1, np.nan),
    "detail": (-0.5, 2),
    "color": (-1, 1.5, "yes"),
}
BAD_OPTIONS = {
    "jitter": (dream.Tiling, (-1, 0.5)),
    "shift": (dream.Tiling, (-1, 0.5)),
    "halo": (dream.Tiling, (-8, 1.5)),
    "normalize": (dream.Ascent, ("std", None)),
    "smoothing": (dream.Ascent, (-1, np.inf)),
    "objective": (dream.Ascent, ("l2", None)),
}


def test_bad_images_are_explained(network):
    with pytest.raises(ValueError, match=r"^image is gray"):
        dream.dream(GOOD[..., 0], network, "fire3")
    with pytest.raises(ValueError, match=r"^guide is gray"):
        dream.dream(GOOD, network, "fire3", guide=GOOD[..., 0])


@pytest.mark.parametrize("name", BAD_NUMBERS)
def test_bad_numbers_are_explained(network, name):
    for value in BAD_NUMBERS[name]:
        with pytest.raises(ValueError, match=f"^{name} must be"):
            dream.dream(GOOD, network, "fire3", **{name: value})


@pytest.mark.parametrize("name", BAD_OPTIONS)
def test_bad_options_are_explained(name):
    group, values = BAD_OPTIONS[name]
    for value in values:
        with pytest.raises(ValueError, match=f"^{name} must be"):
            group(**{name: value})


def test_bad_layers_channels_and_masks_are_explained(network):
    for layer in ("fire1", 11, ["fire3", "x"], {}):
        with pytest.raises(ValueError, match=r"has no layer|at least one layer"):
            dream.dream(GOOD, network, layer)
    for channels in (128, [-1], range(120, 130)):
        with pytest.raises(ValueError, match="has the channels 0 to 127"):
            dream.dream(GOOD, network, "fire3", channels)
    with pytest.raises(ValueError, match="channels belong to a single layer"):
        dream.dream(GOOD, network, ["fire3", "fire4"], [0])
    for weight in (0, np.nan):
        with pytest.raises(ValueError, match="the weight of layer fire3"):
            dream.dream(GOOD, network, {"fire3": weight})
    for mask in (np.ones((40, 41)), np.full((40, 40), 2.0), np.full((40, 40), np.nan)):
        with pytest.raises(ValueError, match="mask must"):
            dream.dream(GOOD, network, "fire3", mask=mask)


# --- presets, zoom, channels - ------------------------------------------------------------------


def test_the_recipes_of_lab_dream(network):
    inception = features.load("inception_v1", weights="random")
    layers = [
        "conv2d2",
        "conv2d2",
        "mixed4b",
        "mixed4c",
        "mixed4d",
        "mixed5b",
        "mixed5a",
        "mixed5b",
    ]
    assert [dream.preset(name, inception)["layer"] for name in "abcdefgh"] == layers
    assert list(dream.PRESETS) == list("abcdefgh")
    recipe = dream.preset("h", inception)
    assert recipe == {
        "layer": "mixed5b", "channels": (120, 121, 122, 123, 124, 125), "num_iterations": 10,
        "step_size": 6.0, "rescale_factor": 0.7, "num_repeats": 5, "blend": 0.2, "color": True,
    }  # fmt: skip
    assert [name for name in dream.PRESETS if dream.PRESETS[name]["color"]] == ["e", "g", "h"]
    recipe["layer"] = "changed"
    assert dream.preset("h", inception)["layer"] == "mixed5b"  # a copy was given
    fields = [network.receptive_field(dream.preset(name, network)["layer"]) for name in "abcdefgh"]
    assert fields[:6] == sorted(fields[:6]) and fields[0] < 30
    with pytest.raises(ValueError, match="no recipe 'i'; lab_dream has a, b, c"):
        dream.preset("i", network)


@pytest.mark.parametrize("name", ["a", "h"])
def test_recipes_run_on_both_networks(network, name):
    tiny = images.photograph("rocket", 48)
    for each in (network, features.load("inception_v1", weights="random")):
        recipe = dream.preset(name, each) | {"num_iterations": 1}
        result = dream.dream(tiny, each, **recipe)
        assert result.shape == tiny.shape and (result != tiny).any()


def test_zoom_dreams_on_the_last_frame(network):
    start = images.photograph("cat", 64)
    frames = list(
        dream.zoom(start, network, "fire4", frames=3, factor=1.2, num_iterations=1, num_repeats=0)
    )
    assert len(frames) == 3 and all(frame.shape == start.shape for frame in frames)
    kept = np.abs(frames[1] - film.enlarged(frames[0].astype("float32"), 1.2)).mean()
    assert kept < np.abs(frames[1].astype(float) - frames[0]).mean()
    for wrong in ({"frames": 0}, {"factor": 1.0}, {"factor": np.nan}):
        with pytest.raises(ValueError, match=f"{next(iter(wrong))} must be"):
            next(dream.zoom(start, network, "fire4", **wrong))


def test_enlarging_keeps_the_middle_in_its_place():
    image = np.zeros((40, 60, 3), "float32")
    image[20:, 30:] = 200
    larger = film.enlarged(image, 1.5)
    assert larger.shape == image.shape
    assert larger[:18, :28].max() < 30 and larger[22:, 32:].min() > 170


def test_each_channel_gets_its_own_picture(network):
    channels = [0, 17, 90]
    found = dream.visualize(network, "fire4", channels, size=48, num_iterations=6)
    assert found.shape == (3, 48, 48, 3) and found.dtype == np.uint8
    answers = np.asarray(network.features(found, ["fire4"])["fire4"]).mean(axis=(1, 2))[:, channels]
    noise = np.random.default_rng(5).normal(128, 12, found.shape)
    quiet = np.asarray(network.features(noise, ["fire4"])["fire4"]).mean(axis=(0, 1, 2))[channels]
    assert (answers.argmax(axis=0) == [0, 1, 2]).all()
    assert (np.diag(answers) > 3 * quiet).all()
    alone = dream.visualize(network, "fire4", 17, size=48, num_iterations=6)
    assert alone.shape == (1, 48, 48, 3)
    with pytest.raises(ValueError, match="channels 0 to 255"):
        dream.visualize(network, "fire4", 256)
    with pytest.raises(ValueError, match="size must be"):
        dream.visualize(network, "fire4", 0, size=4)


def test_channel_pictures_are_cached(network, tmp_path, monkeypatch):
    cache = tmp_path / "sheets" / "fire2.npz"
    options = {"size": 32, "num_iterations": 1, "cache": cache}
    first = dream.visualize(network, "fire2", [1, 2], **options)
    monkeypatch.setattr("lessons.dream.channels._from_noise", lambda *args: "made anew")
    np.testing.assert_array_equal(dream.visualize(network, "fire2", [1, 2], **options), first)
    assert isinstance(dream.channels._cached(cache, "another key"), type(None))
    cache.write_bytes(b"damaged")
    assert dream.channels._cached(cache, "any") is None
