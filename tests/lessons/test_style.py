"""Style transfer as a user calls it: it paints, keeps what it must, stops, and explains itself."""

import keras
import numpy as np
import pytest

from helpers import images
from helpers.networks import features
from lessons import pixels, style
from lessons.style import color, objective, solvers
from lessons.style.transfer import SMALLEST_LEVEL

FAST = {"iterations": 3, "levels": 1}


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


@pytest.fixture(scope="module")
def cat():
    return images.photograph("cat", 64)


@pytest.fixture(scope="module")
def mosaic():
    return images.painting("mosaic", 64)


def relative_style(network, image, target):
    layers = style.LAYERS[network.name]["style"]
    maps = [network.features(each[None], layers) for each in (image, target)]
    return np.mean(
        [
            float(style.relative_error(*(style.gram_matrix(m[layer][0]) for m in maps)))
            for layer in layers
        ]
    )


def test_it_paints_and_every_level_gets_better(network, cat, mosaic):
    record = style.Record()
    large = images.photograph("cat", 136)
    result = style.transfer(large, mosaic, network, iterations=8, levels=2, record=record)
    assert result.shape == large.shape and result.dtype == np.uint8
    rows = record.rows()
    assert [row["side"] for row in rows] == [136] * 9  # 68 x 45: below the smallest level
    assert rows[-1]["loss"] < 0.7 * rows[0]["loss"] and rows[0]["content"] < 1e-6
    parts = [rows[-1][name] for name in objective.PARTS]
    assert sum(parts) == pytest.approx(rows[-1]["loss"], rel=1e-4)
    assert relative_style(network, result, mosaic) < 0.7 * relative_style(network, large, mosaic)


def test_coarse_to_fine_solves_small_sizes_first():
    def sizes(size, levels):
        return pixels.pyramid_sizes(size, levels - 1, 0.5, SMALLEST_LEVEL)

    assert sizes((300, 400), 3) == [(75, 100), (150, 200), (300, 400)]
    assert sizes((100, 400), 3) == [(100, 400)]  # half would be below 64
    assert sizes((300, 400), 1) == [(300, 400)]


OPTIMIZERS = ("lbfgs", keras.optimizers.Adam(12.0), keras.optimizers.SGD(3e4))


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
def test_every_optimizer_lowers_the_loss_and_keeps_pixels_valid(
    network, cat, mosaic, optimizer, monkeypatch
):
    record, seen = style.Record(), []
    add = record.add
    monkeypatch.setattr(record, "add", lambda image, *rest: (seen.append(image), add(image, *rest)))
    style.transfer(cat, mosaic, network, optimizer=optimizer, record=record, **FAST)
    assert record.history["loss"][-1] < record.history["loss"][0]
    assert len(seen) == 4
    assert all(each.min() >= 0 and each.max() <= 255 for each in seen)


def test_lbfgs_finds_the_bottom_of_a_bowl():
    target = np.random.default_rng(0).uniform(-40, 300, (6, 7, 3)).astype("float32")

    def bowl(image):
        gap = image - target
        return float(np.sum(gap**2)), np.zeros(3), (2 * gap).astype("float32")

    start = np.full(target.shape, 128, "float32")
    seen = []
    report = lambda image, *_: seen.append(image)  # noqa: E731
    solvers.minimize(bowl, start, "lbfgs", 40, report=report)
    np.testing.assert_allclose(seen[-1], np.clip(target, 0, 255), atol=2)
    assert all(each.min() >= 0 and each.max() <= 255 for each in seen)


def ramp(height, width):
    """A goal without fine detail, float32 ``(H, W, 3)`` in [50, 200]."""
    slope = np.linspace(50, 200, height * width, dtype="float32").reshape(height, width, 1)
    return np.repeat(slope, 3, axis=-1)


def towards(goal):
    def bowl(image):
        gap = np.asarray(image) - goal
        return float((gap**2).sum()), np.zeros(3), 2 * gap

    return bowl


def bottom(goal, start, free=None):
    """The last picture of 60 steps towards ``goal``."""
    seen = []
    report = lambda image, *_: seen.append(image)  # noqa: E731
    solvers.minimize(towards(goal), start, "lbfgs", 60, report=report, free=free)
    return seen[-1]


@pytest.mark.parametrize("shape", [(24, 36), (33, 20)])
def test_waves_move_only_what_is_free(shape):
    free = np.zeros((*shape, 1), "float32")
    free[:, 9:] = 1
    start, goal = np.full((*shape, 3), 100, "float32"), ramp(*shape)
    found = bottom(goal, start, free)
    np.testing.assert_allclose(found[:, :9], 100, atol=1e-3)
    np.testing.assert_allclose(found[:, 9:], goal[:, 9:], atol=1)


def test_large_pictures_move_three_quarters_of_the_waves(monkeypatch):
    seen, minimize = [], solvers.optimize.minimize

    def watch(function, start, **options):
        seen.append((len(start), options["options"]["maxcor"]))
        return minimize(function, start, **options)

    monkeypatch.setattr(solvers.optimize, "minimize", watch)
    start, goal = np.full((24, 36, 3), 100, "float32"), ramp(24, 36)
    for large in (10**9, 0):
        monkeypatch.setattr(solvers, "LARGE", large)
        found = bottom(goal, start)
        assert np.sqrt(np.mean((found - goal) ** 2)) < (0.5 if large else 12)
    assert seen == [(24 * 36 * 3, 12), (18 * 27 * 3, 3)]


def test_the_reach_of_waves_by_hand():
    """Waves along the longer side, 8 pixels: 0, 1/2, 1 ... cycles a picture, so (1 + f)^-0.6."""
    reach = solvers._reach(4, 8)[..., 0]
    assert np.mean(reach**2) == pytest.approx(1)
    np.testing.assert_allclose(reach[0] / reach[0, 0], (1 + np.arange(8) / 2) ** -0.6, rtol=1e-5)
    np.testing.assert_allclose(reach[:, 0] / reach[0, 0], (1 + np.arange(4)) ** -0.6, rtol=1e-5)


def test_the_best_picture_is_returned_not_the_last(network, cat, mosaic):
    record = style.Record()
    with_steps = style.transfer(
        cat, mosaic, network, optimizer=keras.optimizers.Adam(200.0), record=record, **FAST
    )
    assert record.history["loss"][-1] > record.history["loss"][0]  # far too long steps
    assert np.array_equal(with_steps, cat)


def test_an_interrupt_keeps_the_best_so_far(network, cat, mosaic, monkeypatch, capsys):
    calls = []
    real = objective.Objective.__call__

    def stop(self, image):
        calls.append(1)
        if len(calls) == 6:
            raise KeyboardInterrupt
        return real(self, image)

    monkeypatch.setattr(objective.Objective, "__call__", stop)
    record = style.Record()
    result = style.transfer(cat, mosaic, network, iterations=50, levels=1, record=record)
    assert "stopped after" in capsys.readouterr().out
    assert result.shape == cat.shape and not np.array_equal(result, cat)
    assert 2 <= len(record.history["loss"]) <= 6


def test_an_interrupt_before_the_first_loss_gives_the_photograph(network, cat, mosaic, monkeypatch):
    def stop(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(objective, "content_targets", stop)
    assert np.array_equal(style.transfer(cat, mosaic, network, **FAST), cat)


def test_targets_are_computed_once(network, cat, mosaic, monkeypatch):
    calls = []
    real = objective.style_targets
    monkeypatch.setattr(objective, "style_targets", lambda *args: (calls.append(1), real(*args))[1])
    style.transfer(cat, mosaic, network, **FAST)
    assert len(calls) == 1


def test_only_the_needed_layers_are_evaluated(network):
    loss = style.Loss(("fire4",), ("conv1", "fire4"))
    assert loss.layers == ["fire4", "conv1"]
    names = {layer.name for layer in network.extractor(loss.layers).layers}
    assert "fire4" in names and "fire5" not in names


def test_sizes(network, cat, mosaic):
    assert style.transfer(cat, mosaic, network, size=48, **FAST).shape == (32, 48, 3)
    odd = images.photograph("cat", 99)
    assert style.transfer(odd, mosaic, network, **FAST).shape == odd.shape


def test_the_same_seed_gives_the_same_picture(network, cat, mosaic):
    noise = [
        style.transfer(cat, mosaic, network, init="noise", seed=seed, **FAST) for seed in (1, 1, 2)
    ]
    assert np.array_equal(noise[0], noise[1]) and not np.array_equal(noise[0], noise[2])


def test_it_may_start_from_the_style(network, cat, mosaic):
    far, near = style.Record(), style.Record()
    style.transfer(cat, mosaic, network, record=far, **FAST)
    style.transfer(cat, mosaic, network, init="style", record=near, **FAST)
    assert near.history["style"][0] < far.history["loss"][0]
    assert near.history["content"][0] > 0.1


def test_a_mask_leaves_the_rest_a_photograph(network, cat, mosaic):
    mask = np.zeros(cat.shape[:2])
    mask[:, cat.shape[1] // 2 :] = 1
    result = style.transfer(cat, mosaic, network, mask=mask, **FAST)
    half = cat.shape[1] // 2
    assert np.array_equal(result[:, :half], cat[:, :half])
    assert np.abs(result[:, half:].astype(int) - cat[:, half:]).mean() > 3


def test_several_styles_mix_evenly(network, cat, mosaic):
    woodcut = images.painting("woodcut", 64)
    options = {"iterations": 10, "levels": 1}
    results = [
        style.transfer(cat, pictures, network, **options)
        for pictures in (mosaic, [mosaic, woodcut], woodcut)
    ]
    near = [relative_style(network, each, mosaic) for each in results]
    assert near[0] < near[1] < near[2]
    masks = [np.eye(43, 64) * 0 + (np.arange(64) < 32), np.eye(43, 64) * 0 + (np.arange(64) >= 32)]
    assert style.transfer(cat, [mosaic, woodcut], network, mask=masks, **FAST).shape == cat.shape


def test_colors_are_kept(network, cat, mosaic):
    result = style.transfer(cat, mosaic, network, keep_color=True, iterations=8, levels=1)

    def colors(image):
        return np.asarray(image, "float32") - color.luminance(image)[..., None]

    inside = ((result > 3) & (result < 252)).all(-1)  # clipping changes colors
    assert np.abs(colors(result) - colors(cat))[inside].max() < 2.5
    assert np.abs(color.luminance(result) - color.luminance(cat)).mean() > 3


def test_with_colors_of_by_hand():
    painting, photograph = np.full((1, 1, 3), 100.0), np.array([[[200.0, 100.0, 50.0]]])
    np.testing.assert_allclose(
        style.with_colors_of(painting, photograph), [[[176.9, 76.9, 26.9]]], atol=2
    )
    np.testing.assert_allclose(style.luminance(photograph), [[124.2]], atol=0.01)
    with pytest.raises(ValueError, match="one size"):
        style.with_colors_of(painting, photograph[0])


def test_a_gray_style_takes_the_brightness_of_the_photograph(cat, mosaic):
    found = color.luminance(color.gray(mosaic, like=cat))
    assert found.mean() == pytest.approx(color.luminance(cat).mean(), abs=4)
    assert found.std() == pytest.approx(color.luminance(cat).std(), rel=0.15)


def test_moments_and_average_pooling_work_too(network, cat, mosaic):
    gram = style.transfer(cat, mosaic, network, **FAST)
    assert not np.array_equal(
        gram, style.transfer(cat, mosaic, network, loss=style.Loss(statistics="moments"), **FAST)
    )
    average = features.load("squeezenet", pooling="avg")
    assert not np.array_equal(gram, style.transfer(cat, mosaic, average, **FAST))


def test_reconstruction_comes_nearer_to_its_layer(network, cat):
    def distance(image, layer):
        pair = [network.features(each[None], [layer])[layer] for each in (image, cat)]
        return float(style.relative_error(*pair))

    options = {"iterations": 30}
    noise = np.random.default_rng(0).uniform(0, 255, cat.shape).astype("float32")
    shallow = style.reconstruct(cat, network, "conv1", **options)
    assert distance(shallow, "conv1") < 0.2 * distance(noise, "conv1")
    texture = style.reconstruct(cat, network, ["conv1", "fire2"], "style", **options)
    assert distance(texture, "conv1") > 2 * distance(shallow, "conv1")
    found = network.features(texture[None], ["conv1"])["conv1"][0]
    wanted = network.features(cat[None], ["conv1"])["conv1"][0]
    pair = [style.gram_matrix(each) for each in (found, wanted)]
    assert float(style.relative_error(*pair)) < 0.1


def test_the_record_keeps_pictures(network, cat, mosaic):
    record = style.Record(every=2)
    style.transfer(cat, mosaic, network, iterations=5, levels=1, record=record)
    assert len(record.frames) == 4 and np.array_equal(record.frames[0], cat)  # 0, 2, 4, 5
    assert {frame.shape for frame in record.same_size()} == {cat.shape}


def test_the_published_recipe_runs(network, cat, mosaic):
    record, recipe = style.Record(), style.published(network)
    assert recipe["iterations"] == 4000 and recipe["loss"].content_layers == ("fire8",)
    assert float(recipe["optimizer"].learning_rate) == 100
    recipe |= {"iterations": 2, "optimizer": keras.optimizers.SGD(1e-3)}
    style.transfer(cat, mosaic, network, record=record, **recipe)
    assert len(record.history["loss"]) == 3


MISTAKES = {
    "small": ({"size": 20}, "at least 32"),
    "no size": ({"size": 0}, "size must be a whole number"),
    "layer": ({"loss": style.Loss(style_layers=["fire99"])}, "has no layer 'fire99'"),
    "no layers": ({"loss": style.Loss([])}, "at least one layer"),
    "twice": ({"loss": style.Loss(style_layers=["fire2", 2])}, "names a layer twice"),
    "zero weight": ({"weights": (0, 1)}, "the content weight must be a number above 0"),
    "negative": ({"weights": (1, -2)}, "the style weight must be a number above 0"),
    "NaN weight": ({"weights": (1, float("nan"))}, "the style weight"),
    "one weight": ({"weights": 3}, "a pair"),
    "roughness": ({"total_variation": -1}, "total_variation must be a number at least 0"),
    "init": ({"init": "photo"}, "init must be one of content, noise, style"),
    "optimizer": ({"optimizer": "adamw"}, "optimizer must be"),
    "iterations": ({"iterations": 0}, "iterations must be a whole number"),
    "levels": ({"levels": 1.5}, "levels must be a whole number"),
    "mask": ({"mask": np.zeros((8, 8))}, "0 everywhere"),
    "mask range": ({"mask": np.full((8, 8), 3.0)}, r"mask must lie in \[0, 1\]"),
    "style scale": ({"style_scale": 0}, "style_scale must be"),
}


def test_mistakes_of_the_loss_are_named():
    for options, message in (
        ({"scale": "z1"}, "scale must be one of relative, published"),
        ({"statistics": "mean"}, "statistics must be one of gram"),
        ({"scale": "published", "statistics": "moments"}, "compares Gram matrices"),
    ):
        with pytest.raises(ValueError, match=message):
            style.Loss(**options)


@pytest.mark.parametrize("name", MISTAKES)
def test_mistakes_are_named(network, cat, mosaic, name):
    options, message = MISTAKES[name]
    with pytest.raises(ValueError, match=message):
        style.transfer(cat, mosaic, network, **{**FAST, **options})


def test_bad_pictures_are_named(network, cat, mosaic):
    with pytest.raises(ValueError, match="content is gray"):
        style.transfer(cat[..., 0], mosaic, network)
    with pytest.raises(ValueError, match="style is gray"):
        style.transfer(cat, mosaic[..., 0], network)
    with pytest.raises(ValueError, match="kind must be one of content, style"):
        style.reconstruct(cat, network, "fire2", "texture")
    with pytest.raises(ValueError, match="at least 32"):
        style.transfer(cat[:20], mosaic, network)
