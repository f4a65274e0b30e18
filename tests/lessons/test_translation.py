"""What notebook 09 brings along, by hand; tests/exercises takes it through the checks as well."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from matplotlib import pyplot

from helpers import datasets, images
from lessons.translation import formulas, pictures, scores


def flat(*values):
    """Images (N, 2, 2, 3) of one brightness each."""
    return np.full((2, 2, 3, len(values)), values, "float32").transpose(3, 0, 1, 2)


@pytest.mark.parametrize(
    ("layers", "side"),
    [
        ([], 1),
        ([(1, 1), (1, 1)], 1),
        ([(3, 2), (3, 1)], 7),
        ([(4, 2), (4, 1), (4, 1)], 16),
        ([(4, 2), (4, 2), (4, 1), (4, 1)], 34),
        ([(4, 2), (4, 2), (4, 2), (4, 1), (4, 1)], 70),
    ],
)
def test_the_receptive_field_is_where_the_output_changes(layers, side):
    assert formulas.receptive_field(layers) == side
    stack = [keras.layers.Conv1D(1, k, s, kernel_initializer="ones") for k, s in layers]
    model = keras.Sequential([keras.Input((200, 1)), *stack])
    line = tf.zeros((1, 200, 1))
    with tf.GradientTape() as tape:
        tape.watch(line)
        middle = (model(line) if layers else line)[0, 5, 0]
    assert np.count_nonzero(tape.gradient(middle, line)) == side


def test_the_loss_by_hand():
    logits = np.zeros((1, 2, 2, 1), "float32")
    found = formulas.pix2pix_loss(logits, flat(0.5), flat(0.0), 10.0)
    assert float(found) == pytest.approx(np.log(2) + 5)
    default = formulas.pix2pix_loss(logits, flat(0.5), flat(0.0))
    assert float(default) == pytest.approx(np.log(2) + 50)


class Coins:
    """A generator of random numbers that says what it was told to."""

    def __init__(self, coins, places):
        self.coins, self.places = iter(coins), iter(places)

    def random(self):
        return next(self.coins)

    def integers(self, high):
        assert high == 2
        return next(self.places)


def test_the_pool_by_hand():
    pool, fakes = [], flat(1, 2, 3, 4, 5)
    shown = formulas.exchange(pool, fakes, 2, Coins([0.1, 0.9, 0.4], [0, 1]))
    np.testing.assert_array_equal(shown, flat(1, 2, 1, 4, 2))
    np.testing.assert_array_equal(np.stack(pool), flat(3, 5))
    np.testing.assert_array_equal(fakes, flat(1, 2, 3, 4, 5))
    fakes[:] = 9
    np.testing.assert_array_equal(np.stack(pool), flat(3, 5))


def test_ranks_by_hand():
    found = formulas.rank_of_truth(flat(0.1, 0.9, 0.6, 0.25), flat(0, 0.5, 1, 0.5))
    np.testing.assert_array_equal(found, [0, 1, 2, 0])
    assert found.dtype.kind == "i"


# --- Pictures and scores ---


def test_outlines_are_dark_where_colors_meet_and_white_elsewhere():
    image = np.full((1, 8, 8, 3), 255, "uint8")
    image[0, 2:6, 2:6] = 0
    lines = pictures.outlines(image)
    assert lines.shape == image.shape and lines.dtype == np.uint8
    assert (lines[0, 2:6, 2] == 0).all() and (lines[0, 2, 2:6] == 0).all()
    assert (lines[0, 3:6, 3:6] == 255).all() and (lines[0, :2] == 255).all()


def test_gray_has_the_weights_of_the_eye():
    image = np.zeros((1, 1, 3, 3), "uint8")
    image[0, 0] = np.eye(3) * 255
    np.testing.assert_array_equal(pictures.grayscale(image)[0, 0], [[76] * 3, [150] * 3, [29] * 3])


def test_the_truth_scores_best_and_a_shuffled_truth_does_not():
    data = datasets.load("emoji", "test", artist="fluent")
    truth = images.to_float(data.images)
    best = scores.score(truth, truth, data.labels)
    assert (best.l1, best.nearest, best.rank) == (0, 1, 0)
    assert 0.5 < best.label < 0.9  # what the classifier makes of real drawings
    other = scores.score(truth[::-1], truth, data.labels)
    assert other.nearest < 0.05 and other.rank > 10 and other.l1 > 0.3
    off = scores.score(np.clip(truth - 0.2, -1, 1) + 0.0, np.clip(truth, -0.8, 1), data.labels)
    assert off.psnr == pytest.approx(20.0, abs=0.6)


def test_scores_are_printed_one_row_each(capsys):
    row = scores.Score(0.25, 12.5, 0.4, 3.0, 0.66)
    scores.print_scores({"copy": row, "a longer name": row})
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 3 and "nearest" in lines[0]
    assert lines[1].split() == ["copy", "0.250", "12.50", "40%", "3", "66%"]
    assert lines[1].index("0.250") == lines[2].index("0.250")


def test_a_blur_is_less_sharp_and_enlarging_keeps_the_mean():
    noise = np.random.default_rng(0).uniform(-1, 1, (3, 16, 16, 3)).astype("float32")
    blurred = (noise + np.roll(noise, 1, axis=2)) / 2
    assert (scores.sharpness(blurred) < scores.sharpness(noise)).all()
    nearest = pictures.enlarged(noise, "nearest")
    np.testing.assert_array_equal(nearest[:, ::4, ::4], noise)
    smooth = pictures.enlarged(noise, "bicubic")
    assert smooth.shape == (3, 64, 64, 3) and smooth.mean() == pytest.approx(noise.mean(), abs=0.02)
    with pytest.raises(ValueError, match="method must be one of nearest, bicubic"):
        pictures.enlarged(noise, "lanczos")


class Doubler:
    """A stand-in for a trained model: four times as large by copying; the way back adds nothing."""

    def translate(self, tiles, to="b"):
        return np.repeat(np.repeat(tiles, 4, axis=1), 4, axis=2)


class Same:
    def translate(self, batch, to="b"):
        return batch + (0.25 if to == "b" else -0.25)


def test_a_picture_goes_through_tile_by_tile_and_comes_out_whole():
    picture = np.random.default_rng(1).integers(0, 256, (40, 35, 3), dtype="uint8")
    large = pictures.by_tiles(Doubler(), picture)
    assert large.shape == (128, 128, 3)  # what does not fill a tile is cut off
    np.testing.assert_allclose(large[::4, ::4], picture[:32, :32] / 127.5 - 1.0, atol=1e-6)
    with pytest.raises(ValueError, match="smaller than one tile"):
        pictures.by_tiles(Doubler(), picture[:10])


def test_noise_comes_in_between_there_and_back():
    start = np.zeros((4, 8, 8, 3), "float32")
    there, back = scores.there_and_back(Same(), start)
    np.testing.assert_allclose([there.mean(), back.mean()], [0.25, 0.0], atol=1e-6)
    back = scores.there_and_back(Same(), start, noise=0.1)[1]
    assert back.std() == pytest.approx(0.1, rel=0.1)


def test_the_distance_of_tiles_sees_a_blur():
    truth = images.to_float(datasets.load("emoji", "test", size=64).images[:40])
    small = images.to_float(datasets.load("emoji", "test", size=16).images[:40])
    assert scores.tile_features(truth).shape == (160, 64)
    assert scores.tile_distance(truth, truth) == pytest.approx(0.0, abs=1e-3)
    bicubic, nearest = (pictures.enlarged(small, how) for how in ("bicubic", "nearest"))
    assert scores.tile_distance(truth[:, :, ::-1], truth) < scores.tile_distance(bicubic, truth)
    assert scores.tile_distance(nearest, truth) > 1


def test_frames_have_the_size_of_the_receptive_field():
    figure = pictures.show_patches(np.zeros((32, 32, 3), "uint8"), {"a": 1, "b": 16, "c": 34})
    frames = [ax.patches[0] for ax in figure.axes]
    assert [frame.get_width() for frame in frames] == [1, 16, 32]
    assert [ax.get_title() for ax in figure.axes] == ["a: 1 x 1", "b: 16 x 16", "c: 34 x 34"]
    figure = pictures.show_pictures({"one": np.zeros((8, 8, 3)), "two": np.ones((4, 6, 3))})
    assert [ax.get_title() for ax in figure.axes] == ["one", "two"]
    pyplot.close("all")


def test_rows_are_cut_to_the_same_things():
    rows = {"x": np.zeros((5, 4, 4, 3)), "y": np.ones((5, 4, 4, 3))}
    figure = pictures.compare(rows, count=3, start=1)
    assert [text.get_text() for text in figure.axes[0].get_yticklabels()] == ["x", "y"]
    pyplot.close("all")
