"""Callbacks: what they draw, measure and leave on disk, also across an interruption."""

import json
import sys

import imageio.v3 as iio
import keras
import numpy as np
import pytest

from helpers import callbacks, datasets, images, metrics, training
from helpers.live import LiveOutput


class Painter(keras.Model):
    """Stands in for a trained model: its images are as bright as its epoch counter says."""

    value_range = (-1.0, 1.0)

    def __init__(self):
        super().__init__()
        self.level = -1.0

    def generate(self, z, seed=0):
        count = z if isinstance(z, int) else len(z)
        return np.full((count, 28, 28, 1), self.level, "float32")


def walk(callback, epochs, start=0, logs=None):
    """Drive a callback as ``fit`` does; the painter gets brighter with every epoch."""
    painter = Painter()
    callback.set_model(painter)
    callback.set_params({"epochs": epochs})
    if hasattr(callback, "resume"):
        callback.resume(start, {"seconds": [2.0] * start})
    callback.on_train_begin()
    for epoch in range(start, epochs):
        callback.on_epoch_begin(epoch)
        painter.level = -1.0 + 0.24 * (epoch + 1)
        entry = {"d_loss": 1.0, "g_loss": 2.0, "seconds": 2.0} if logs is None else logs
        callback.on_epoch_end(epoch, entry)
    callback.on_train_end()
    return painter


def brightness(path):
    frame = iio.imread(path)
    return int(frame[-20, 20, 0])  # inside the last row of tiles


def test_the_grid_draws_the_untrained_network_and_every_epoch(tmp_path):
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=3)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == [f"epoch_{i:04d}.png" for i in range(4)]
    assert [brightness(tmp_path / name) for name in names] == [0, 31, 61, 92]


def test_a_resumed_grid_keeps_old_frames_and_redoes_the_rest(tmp_path):
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=4)
    (tmp_path / "epoch_0003.png").write_bytes(b"half a frame")
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=4, start=2)
    assert [brightness(path) for path in sorted(tmp_path.iterdir())] == [0, 31, 61, 92, 122]


def test_a_fresh_grid_clears_the_frames_of_an_older_run(tmp_path):
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=5)
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path, every=2), epochs=3)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert names == ["epoch_0000.png", "epoch_0002.png", "epoch_0003.png"]


class Asked(Painter):
    """Draws class k as brightness k / 3, whatever the z."""

    num_classes = 4

    def generate(self, z, labels=None, seed=0):
        count = z if isinstance(z, int) else len(z)
        level = np.asarray(labels, "float32")[:count] / 1.5 - 1.0
        return np.broadcast_to(level[:, None, None, None], (count, 28, 28, 1))


def test_a_grid_with_labels_asks_for_them_and_names_its_rows(tmp_path):
    grid = callbacks.SampleGrid(
        np.zeros((8, 3)),
        tmp_path,
        labels=np.repeat([0, 3, 1, 2], 2),
        columns=2,
        row_names=["a", "long name", "c", "d"],
        scale=1,
    )
    grid.set_model(Asked())
    grid.set_params({"epochs": 1})
    grid.on_train_begin()
    frame = iio.imread(tmp_path / "epoch_0000.png")
    rows = [int(frame[24 + 32 * row + 14, -20, 0]) for row in range(4)]
    assert rows == [0, 255, 85, 170]
    margin = frame.shape[1] - (2 * 32 + 2)
    assert (frame[24 + 32 :, : margin - 8] < 128).any(), "the names stand at the left"
    assert (frame[24 : 24 + 32, 60:margin] == 255).all()


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"labels": [0, 1, 2]}, "4 z need as many labels, got 3"),
        ({"columns": 2, "row_names": ["a"]}, "2 rows need as many row_names, got 1"),
    ],
)
def test_a_grid_whose_labels_do_not_fit_says_so_at_once(options, message):
    with pytest.raises(ValueError, match=message):
        callbacks.SampleGrid(np.zeros((4, 3)), **options)


def test_quality_of_a_conditional_model_holds_its_fidelity():
    """Real test images stand in for a generator that draws bags when asked for ankle boots."""
    test = datasets.load("fashion_mnist", "test")

    class Confused(Painter):
        num_classes = 10

        def generate(self, z, labels=None, seed=0):
            drawn = np.where(labels == 9, 8, labels)
            place = {k: iter(np.flatnonzero(test.labels == k)) for k in range(9)}
            return test.images[[next(place[k]) for k in drawn]] / np.float32(127.5) - 1.0

    logs = {"seconds": 1.0}
    log = callbacks.QualityLog("fashion_mnist", num_samples=200, every=2)
    log.set_model(Confused())
    log.set_params({"epochs": 2})
    for epoch in range(2):
        log.on_epoch_begin(epoch)
        log.on_epoch_end(epoch, logs)
        assert np.isnan(logs["fidelity"]) == np.isnan(logs["fidelity_min"]) == (epoch == 0)
    row = log.rows[0]
    assert row["fidelity_min"] == 0.0 and 0.7 < row["fidelity"] <= 0.9
    assert set(row) == {"epoch", "seconds", "fidelity", "fidelity_min", *metrics.QUALITY}


def test_the_gif_has_every_frame_in_order_and_its_pace(tmp_path):
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=3)
    callbacks.write_gif(tmp_path, tmp_path / "a.gif", milliseconds=80, last_milliseconds=700)
    frames = iio.imread(tmp_path / "a.gif", index=None)
    levels = [int(frame[-20, 20, 0]) for frame in frames]
    assert len(frames) == 4 and levels == sorted(levels) and levels[0] < 10 and levels[-1] > 60
    durations = [iio.immeta(tmp_path / "a.gif", index=i)["duration"] for i in range(4)]
    assert durations == [80, 80, 80, 700]


def test_a_long_run_makes_a_bounded_gif_with_its_first_and_last_frame(tmp_path, monkeypatch):
    walk(callbacks.SampleGrid(np.zeros((1, 3)), tmp_path), epochs=9)
    monkeypatch.setattr(callbacks, "MOST_FRAMES", 4)
    callbacks.write_gif(tmp_path, tmp_path / "a.gif")
    frames = iio.imread(tmp_path / "a.gif", index=None)
    assert len(frames) == 4
    assert int(frames[0][-20, 20, 0]) < 10 and int(frames[-1][-20, 20, 0]) > 200


def test_a_gif_without_frames_says_where_they_come_from(tmp_path):
    with pytest.raises(FileNotFoundError, match="SampleGrid"):
        callbacks.write_gif(tmp_path, tmp_path / "a.gif")


class Place:
    """Records what a live callback shows."""

    enabled = True

    def __init__(self):
        self.things = []

    def show(self, thing):
        self.things.append(thing)


def test_the_grid_is_redrawn_in_place_after_each_epoch(tmp_path):
    grid = callbacks.SampleGrid(np.zeros((4, 3)), tmp_path)
    grid.live = Place()
    walk(grid, epochs=2)
    assert len(grid.live.things) == 3


def test_live_is_quiet_in_tests_and_never_imports_a_display(capsys):
    place = LiveOutput()
    assert place.enabled is False
    place.show("nothing")
    assert capsys.readouterr().out == ""


def test_quality_rows_hold_seconds_and_figures_and_survive(tmp_path):
    path = tmp_path / "quality.jsonl"
    log = callbacks.QualityLog("mnist", num_samples=40, every=2, path=path)
    logs = {"seconds": 2.0}
    walk(log, epochs=3, logs=logs)
    assert [(row["epoch"], row["seconds"]) for row in log.rows] == [(2, 4.0), (3, 6.0)]
    assert logs["frechet"] == log.rows[-1]["frechet"] > 10, "gray squares are far from digits"
    assert [json.loads(line) for line in path.read_text().splitlines()] == log.rows

    resumed = callbacks.QualityLog("mnist", num_samples=40, every=2, path=path)
    walk(resumed, epochs=4, start=2, logs={"seconds": 2.0})
    assert [(row["epoch"], row["seconds"]) for row in resumed.rows] == [(2, 4.0), (4, 8.0)]
    assert resumed.rows[0] == log.rows[0]


def test_epochs_between_measurements_log_nan():
    logs = {"seconds": 1.0}
    log = callbacks.QualityLog("mnist", num_samples=40, every=5)
    walk(log, epochs=5, logs=logs)
    assert len(log.rows) == 1
    log.set_params({"epochs": 9})
    log.on_epoch_begin(5)
    log.on_epoch_end(5, logs)
    assert np.isnan(logs["frechet"])


def test_a_real_training_logs_quality_into_its_history(tmp_path):
    generator = keras.Sequential(
        [
            keras.Input((3,)),
            keras.layers.Dense(784, activation="tanh"),
            keras.layers.Reshape((28, 28, 1)),
        ]
    )
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = training.GAN(generator, discriminator)
    gan.compile()
    images = np.random.default_rng(0).integers(0, 256, (64, 28, 28, 1), dtype=np.uint8)
    log = callbacks.QualityLog("mnist", num_samples=40)
    history = training.train(gan, images, epochs=2, run_dir=tmp_path, callbacks=[log], verbose=0)
    assert history["frechet"] == [row["frechet"] for row in log.rows]
    assert all(seconds > 0 for seconds in history["seconds"])


def test_tensorboard_gets_the_names_of_the_slides(tmp_path):
    event_accumulator = pytest.importorskip(
        "tensorboard.backend.event_processing.event_accumulator"
    )
    board = training.TensorBoardGAN(tmp_path, np.zeros((2, 28, 28, 1)), np.zeros((2, 3)))
    walk(board, epochs=2, logs={"d_loss_real": 0.5, "d_loss_fake": 0.25, "g_loss": 3.0})
    events = event_accumulator.EventAccumulator(str(tmp_path), size_guidance={"tensors": 0})
    events.Reload()
    tags = set(events.Tags()["tensors"])
    names = {"D_loss_real", "D_loss_fake", "G_loss", "Input_images", "Generated_images"}
    assert tags == names
    import tensorflow as tf

    value = [float(tf.make_ndarray(e.tensor_proto)) for e in events.Tensors("D_loss_fake")]
    assert value == [0.25, 0.25]


def test_without_tensorboard_the_error_names_the_extra(monkeypatch, tmp_path):
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    with pytest.raises(ImportError, match=r"generative-course-kit\[tensorboard\]"):
        training.TensorBoardGAN(tmp_path, np.zeros((1, 28, 28, 1)), np.zeros((1, 3)))


def test_frames_stand_side_by_side_oldest_first(tmp_path):
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=4)
    sheet = callbacks.side_by_side(tmp_path, columns=2, most=4, width=100)
    frame = iio.imread(tmp_path / "epoch_0001.png")
    caption = images.CAPTION_HEIGHT
    height = round(100 * (frame.shape[0] - caption) / frame.shape[1]) + caption
    assert sheet.size == (200, 2 * height)
    shades = [sheet.getpixel((x, y))[0] for y in (height - 20, 2 * height - 20) for x in (30, 130)]
    assert shades == sorted(shades) and shades[0] == pytest.approx(31, abs=3)


def test_side_by_side_keeps_the_untrained_frame_when_there_is_room_and_says_what_is_missing(
    tmp_path,
):
    with pytest.raises(FileNotFoundError, match="SampleGrid"):
        callbacks.side_by_side(tmp_path)
    walk(callbacks.SampleGrid(np.zeros((4, 3)), tmp_path), epochs=2)
    assert callbacks.side_by_side(tmp_path, width=50).width == 3 * 50
    assert callbacks.side_by_side(tmp_path, most=2, width=50).width == 2 * 50


class Rates(keras.callbacks.Callback):
    """Notes the learning rates of both players at the end of every step."""

    def __init__(self):
        super().__init__()
        self.seen = []

    def on_train_batch_end(self, batch, logs=None):
        optimizers = self.model.optimizers().values()
        self.seen.append([float(optimizer.learning_rate) for optimizer in optimizers])


def faded_run(epochs, run_dir=None, stop=None):
    """A tiny GAN trained with a fade over the last two of ``epochs``; (model, rates of steps)."""
    keras.utils.set_random_seed(0)
    generator = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(784), keras.layers.Reshape((28, 28, 1))]
    )
    discriminator = keras.Sequential(
        [keras.Input((28, 28, 1)), keras.layers.Flatten(), keras.layers.Dense(1)]
    )
    gan = training.GAN(generator, discriminator, seed=0)
    gan.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1), run_eagerly=True)
    rates = Rates()
    options = {"batch_size": 4, "run_dir": run_dir, "verbose": 0}
    images = np.random.default_rng(0).integers(0, 255, (16, 28, 28, 1), "uint8")
    fade = training.Fade(0.1, epochs, 2)
    training.train(gan, images, epochs=stop or epochs, callbacks=[fade, rates], **options)
    return gan, rates.seen


def test_fade_keeps_the_full_rate_and_then_falls_along_a_line():
    _, seen = faded_run(epochs=3)
    expected = [0.1] * 5 + [0.1 * left / 8 for left in range(7, 0, -1)]
    np.testing.assert_allclose(seen, np.repeat(np.array(expected)[:, None], 2, axis=1), rtol=1e-5)


def test_a_resumed_run_fades_as_one_that_was_never_stopped(tmp_path):
    whole, seen = faded_run(epochs=3)
    _, before = faded_run(epochs=3, run_dir=tmp_path, stop=2)
    resumed, after = faded_run(epochs=3, run_dir=tmp_path)
    assert before + after == seen
    for ours, theirs in zip(resumed.get_weights(), whole.get_weights()):
        np.testing.assert_array_equal(ours, theirs)


@pytest.mark.parametrize("fade", [-1, 4])
def test_fade_must_fit_into_the_run(fade):
    with pytest.raises(ValueError, match=f"between 0 and the 3 epochs, got {fade}"):
        training.Fade(0.1, 3, fade)
