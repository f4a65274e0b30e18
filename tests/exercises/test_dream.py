"""The checks of notebook 05 accept right answers and name what is wrong with wrong ones."""

import numpy as np
import pytest
import tensorflow as tf

from exercises import Wrong, kit
from exercises import dream as checks
from lessons import dream


def gradient(image, score):
    image = tf.convert_to_tensor(image)
    with tf.GradientTape() as tape:
        tape.watch(image)
        value = score(image)
    return tape.gradient(value, image)


def right_step(image, score, step_size):
    slope = gradient(image, score)
    spread = tf.sqrt(tf.reduce_mean(slope**2)) + 1e-8
    return tf.clip_by_value(image + step_size * slope / spread, 0, 255)


def moved(change):
    return lambda image, score, step: image + change(gradient(image, score), step)


def size(slope):
    return tf.sqrt(tf.reduce_mean(slope**2))


WRONG_STEPS = {
    "nothing": (lambda image, score, step: None, "returns nothing"),
    "batch": (lambda image, score, step: right_step(image, score, step)[None], "comes back as"),
    "still": (lambda image, score, step: image, "did not move"),
    "downhill": (moved(lambda s, step: -step * s / size(s)), "downhill"),
    "unscaled": (moved(lambda s, step: step * s), "scale the gradient"),
    "no step": (moved(lambda s, step: s / size(s)), "no effect"),
    "mean": (moved(lambda s, step: step * s / tf.reduce_mean(tf.abs(s))), "not by its mean"),
    "norm": (moved(lambda s, step: step * s / tf.norm(s)), "length of the whole"),
    "sign": (moved(lambda s, step: step * tf.sign(s)), "only its signs"),
    "other": (moved(lambda s, step: 2 * step * s / size(s)), "wrong place"),
}


def test_a_right_step_passes(capsys):
    checks.ascent_step(right_step)
    checks.ascent_step_stays_in_range(right_step)
    assert capsys.readouterr().out.count("Right:") == 2


@pytest.mark.parametrize("name", WRONG_STEPS)
def test_wrong_steps_are_named(name):
    step, message = WRONG_STEPS[name]
    with pytest.raises(Wrong, match=message):
        checks.ascent_step(step)


def test_steps_out_of_range_are_named():
    with pytest.raises(Wrong, match="clip"):
        checks.ascent_step_stays_in_range(moved(lambda s, step: step * s / size(s)))
    clipped = lambda image, score, step: tf.clip_by_value(  # noqa: E731
        image + step * gradient(image, score) / size(gradient(image, score)), 0, 255
    )
    with pytest.raises(Wrong, match="divide 0 by 0"):
        checks.ascent_step_stays_in_range(clipped)
    drifting = lambda image, score, step: tf.clip_by_value(  # noqa: E731
        right_step(image, score, step) + 1, 0, 255
    )
    with pytest.raises(Wrong, match="must stay as it is"):
        checks.ascent_step_stays_in_range(drifting)


def resize(image, to):
    return tf.image.resize(image, to, antialias=True).numpy()


def octaves(order="small", base=True, top=True, mix=None, result=True):
    """A recursion with a mistake."""
    mix = mix or (lambda image, large, blend: blend * image + (1 - blend) * large)

    def recursion(image, ascend, num_repeats, rescale_factor, blend, outer=True):
        if num_repeats == 0 and not base:
            return image
        if order == "large":
            image = ascend(image)
        if num_repeats > 0:
            to = [round(side * rescale_factor) for side in image.shape[:2]]
            small = resize(image, to)
            small = recursion(small, ascend, num_repeats - 1, rescale_factor, blend, False)
            image = mix(image, resize(small, image.shape[:2]), blend)
        if order == "large" or (outer and not top):
            return image
        done = ascend(image)
        return done if result or not outer else None

    return recursion


WRONG_OCTAVES = {
    "large first": (octaves(order="large"), "begin with the large"),
    "no smallest": (octaves(base=False), "smallest octave is missing"),
    "no full size": (octaves(top=False), "full size is missing"),
    "one only": (lambda image, ascend, *rest: ascend(image), "was called for the sizes"),
    "swapped": (octaves(mix=lambda i, x, b: b * x + (1 - b) * i), "share of the original"),
    "no original": (octaves(mix=lambda i, x, b: x), "not mixed in"),
    "no dream": (octaves(mix=lambda i, x, b: i), "small dream is lost"),
    "half": (octaves(mix=lambda i, x, b: (i + x) / 2), "must start from blend"),
    "no end": (
        lambda image, ascend, n, *rest: octaves()(image, ascend, n, *rest) - 10.0,
        "return what the last ascent",
    ),
    "no result": (octaves(result=False), "returns nothing"),
}


def test_right_octaves_pass(capsys):
    checks.octaves(octaves())
    assert "small first, then larger: 21x15, 30x21" in capsys.readouterr().out


@pytest.mark.parametrize("name", WRONG_OCTAVES)
def test_wrong_octaves_are_named(name):
    recursion, message = WRONG_OCTAVES[name]
    with pytest.raises(Wrong, match=message):
        checks.octaves(recursion)


WRONG_TILES = {
    "last missing": (lambda n, t, s: range(-s, n, t)[:-1] or [-s], "last pixel belongs to no"),
    "nothing": (lambda n, t, s: [], "no tile at all"),
    "none": (lambda n, t, s: 5, "list or a range"),
    "positive": (lambda n, t, s: range(s, n, t) or [0], "first pixel belongs"),
    "overlap": (lambda n, t, s: range(-s, n, t - 1), "overlap"),
    "gaps": (lambda n, t, s: [a for i, a in enumerate(range(-s, n, t)) if i != 2], "gaps"),
    "too early": (lambda n, t, s: range(-s - t, n, t), "must start at"),
    "too far": (lambda n, t, s: range(-s, n + t, t), "outside the line"),
}


def test_right_tiles_pass():
    checks.tile_starts(lambda length, tile, shift: range(-shift, length, tile))
    checks.random_shift(lambda tile, random: random.integers(tile))


@pytest.mark.parametrize("name", WRONG_TILES)
def test_wrong_tiles_are_named(name):
    function, message = WRONG_TILES[name]
    with pytest.raises(Wrong, match=message):
        checks.tile_starts(function)


@pytest.mark.parametrize(
    "function, message",
    [
        (lambda tile, random: 5, "always the same"),
        (lambda tile, random: random.integers(tile + 1), "from 0 to tile - 1"),
        (lambda tile, random: random.integers(-tile, tile), "from 0 to tile - 1"),
        (lambda tile, random: tile * random.random(), "whole number"),
        (lambda tile, random: random.integers(2) * 31, "more often"),
    ],
)
def test_wrong_shifts_are_named(function, message):
    with pytest.raises(Wrong, match=message):
        checks.random_shift(function)


def test_checks_are_pure_functions_of_the_answer(capsys):
    """Run twice, the same answer gets the same verdict: nothing random is left over."""
    for _ in range(2):
        checks.ascent_step(right_step)
        checks.octaves(octaves())
    lines = capsys.readouterr().out.splitlines()
    assert lines[:2] == lines[2:]


@pytest.mark.parametrize(
    ("check", "borrowed"),
    [
        (checks.ascent_step, kit.ascent_step),
        (checks.octaves, lambda *arguments: kit.octaves(*arguments)),
        (checks.tile_starts, kit.tile_starts),
        (checks.random_shift, kit.random_shift),
        (checks.feathered_mask, kit.feathered_mask),
        (checks.channel_score, lambda features, channels: dream.OBJECTIVES),
    ],
)
def test_the_kits_own_version_is_no_answer(check, borrowed):
    with pytest.raises(Wrong, match="from the kit"):
        check(borrowed)


def channel_score(features, channels):
    return tf.reduce_mean(tf.gather(features, channels, axis=-1) ** 2)


def feathered(height, width, box, feather, together=np.maximum):
    top, left, bottom, right = box
    rows, columns = np.arange(height)[:, None], np.arange(width)[None, :]
    away = (
        np.maximum(np.maximum(top - rows, rows - bottom + 1), 0),
        np.maximum(np.maximum(left - columns, columns - right + 1), 0),
    )
    return np.maximum(0.0, 1 - together(*away) / feather)


def roughness(image):
    down, right = image[1:] - image[:-1], image[:, 1:] - image[:, :-1]
    return tf.reduce_mean(down**2) + tf.reduce_mean(right**2)


def calm_score(score, weight):
    return lambda image: score(image) - weight * roughness(image)


def test_the_worked_examples_of_the_lesson(capsys):
    features = tf.constant([[[[1.0, 5.0], [-3.0, 5.0]]]])
    assert float(channel_score(features, [0])) == 5.0
    assert float(channel_score(features, [0, 1])) == 15.0
    row = feathered(1, 8, (0, 3, 1, 5), 2)
    np.testing.assert_allclose(row, [[0, 0, 0.5, 1, 1, 0.5, 0, 0]])
    assert float(roughness(tf.constant([[[0.0], [2.0]], [[0.0], [2.0]]]))) == 4.0
    checks.channel_score(channel_score)
    checks.feathered_mask(feathered)
    checks.roughness(roughness)
    checks.calm_score(calm_score)
    printed = capsys.readouterr()
    assert printed.out.count("Right: ") == 4 and printed.err == ""


@pytest.mark.parametrize(
    ("check", "answer", "message"),
    [
        ("channel_score", lambda f, c: tf.reduce_mean(f**2), "all channels"),
        ("channel_score", lambda f, c: 2 * channel_score(f, c), "is right"),
        ("channel_score", lambda f, c: channel_score(f, c).numpy(), "no gradient"),
        ("feathered_mask", lambda *a: (feathered(*a) == 1.0) * 1.0, "edge is hard"),
        ("feathered_mask", lambda *a: feathered(*a, together=np.add), "not their sum"),
        ("feathered_mask", lambda *a: feathered(*a).T, "height comes first"),
        ("feathered_mask", lambda *a: np.ones(a[:2]), "starts with"),
        ("roughness", lambda x: roughness(x) / 2, "not averaged"),
        ("roughness", lambda x: roughness(tf.transpose(x, (1, 2, 0))), "is right|colors"),
        ("roughness", lambda x: 4.0, "is right"),
        ("calm_score", lambda score, weight: calm_score(score, -weight), "is subtracted"),
        ("calm_score", lambda score, weight: calm_score(score, 1.0), "weight has no effect"),
        ("calm_score", lambda score, weight: 3.0, "must return a function"),
    ],
)
def test_wrong_scores_and_masks_are_named(check, answer, message):
    with pytest.raises(Wrong, match=message):
        getattr(checks, check)(answer)
