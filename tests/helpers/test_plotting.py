"""helpers.plotting: the pictures show the numbers that they were given, and refuse wrong ones."""

import types

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import Rectangle

from helpers import plotting
from helpers.plotting import canvas


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def grid_images(figure):
    """The arrays that a grid shows, in drawing order."""
    return [np.asarray(picture.get_array()) for picture in figure.axes[0].images]


def texts(ax):
    return [text.get_text() for text in ax.texts]


# Image grids


@pytest.mark.parametrize("channels", [1, 3])
@pytest.mark.parametrize(
    ("value_range", "dtype"), [((0, 255), "uint8"), ((-1, 1), "float32"), ((0, 1), "float64")]
)
def test_show_grid_maps_its_range_to_black_and_white(channels, value_range, dtype):
    low, high = value_range
    images = np.full((3, 4, 5, channels), low, dtype)
    images[1] = high
    pixels = grid_images(plotting.show_grid(images, value_range=value_range))
    assert len(pixels) == 3
    assert pixels[0].shape == ((4, 5) if channels == 1 else (4, 5, 3))
    assert (pixels[0] == 0).all() and (pixels[1] == 1).all() and (pixels[2] == 0).all()


def test_show_grid_does_not_stretch_the_contrast():
    figure = plotting.show_grid(np.full((1, 4, 4, 1), 0.25), value_range=(0, 1))
    picture = figure.axes[0].images[0]
    assert picture.get_clim() == (0, 1)
    assert np.allclose(picture.get_array(), 0.25)


@pytest.mark.parametrize(
    ("count", "columns", "rows_and_columns"),
    [(16, None, (4, 4)), (10, None, (1, 10)), (12, 6, (2, 6)), (7, 3, (3, 3)), (2, 9, (1, 2))],
)
def test_show_grid_goes_row_by_row(count, columns, rows_and_columns):
    figure = plotting.show_grid(np.zeros((count, 8, 6, 1)), value_range=(0, 1), columns=columns)
    ax = figure.axes[0]
    rows, across = rows_and_columns
    assert ax.get_xlim() == (0, across * 6)
    assert ax.get_ylim() == pytest.approx((rows * 8, 0))
    left, _, _, top = ax.images[-1].get_extent()
    last_row, last_column = divmod(count - 1, across)
    assert left == pytest.approx(last_column * 6, abs=0.3)
    assert top == pytest.approx(last_row * 8, abs=0.3)


def test_show_grid_writes_captions_row_labels_and_title():
    figure = plotting.show_grid(
        np.zeros((4, 5, 5, 3)),
        value_range=(-1, 1),
        columns=2,
        captions=["a", "b", "c", 4],
        row_labels=["real", "fake"],
        title="four",
    )
    ax = figure.axes[0]
    assert texts(ax) == ["a", "b", "c", "4"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["real", "fake"]
    assert ax.get_title() == "four"


def test_show_grid_tolerates_rounding_but_clips_it():
    pixels = grid_images(plotting.show_grid(np.full((1, 2, 2, 1), 1.005), value_range=(-1, 1)))
    assert (pixels[0] == 1).all()


@pytest.mark.parametrize(
    ("images", "value_range", "message"),
    [
        (np.zeros((28, 28)), (0, 1), r"must have shape .* got \(28, 28\)"),
        (np.zeros((2, 28, 28)), (0, 1), r"got \(2, 28, 28\)"),
        (np.zeros((2, 8, 8, 2)), (0, 1), r"got \(2, 8, 8, 2\)"),
        (np.zeros((0, 8, 8, 1)), (0, 1), r"got \(0, 8, 8, 1\)"),
        (np.full((1, 2, 2, 1), 1.2), (-1, 1), r"\[1.2, 1.2\], outside value_range \(-1.0, 1.0\)"),
        (np.full((1, 2, 2, 1), -0.1), (0, 1), r"outside value_range"),
        (np.full((1, 2, 2, 1), np.nan), (0, 1), "NaN"),
        (np.zeros((1, 2, 2, 1)), (1, 0), "low < high"),
        (np.zeros((1, 2, 2, 1), "uint8"), (-1, 1), r"uint8 images have value_range \(0, 255\)"),
    ],
)
def test_show_grid_refuses(images, value_range, message):
    with pytest.raises(ValueError, match=message):
        plotting.show_grid(images, value_range=value_range)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"captions": ["one"]}, "captions must hold 4 texts, got 1"),
        ({"columns": 2, "row_labels": ["a", "b", "c"]}, "row_labels must hold 2 texts, got 3"),
        ({"columns": 0}, "columns must be a whole number of at least 1, got 0"),
    ],
)
def test_show_grid_refuses_options_that_do_not_fit(options, message):
    with pytest.raises(ValueError, match=message):
        plotting.show_grid(np.zeros((4, 2, 2, 1)), value_range=(0, 1), **options)


def test_neighbors_frames_each_sample_before_its_neighbors():
    samples = np.array([-1.0, 1.0]).reshape(2, 1, 1, 1) * np.ones((2, 4, 4, 1))
    near = np.arange(6, dtype="uint8").reshape(2, 3, 1, 1, 1) * np.full(
        (2, 3, 4, 4, 1), 51, "uint8"
    )
    figure = plotting.neighbors(
        samples,
        near,
        value_range=(-1, 1),
        neighbors_range=(0, 255),
        distances=np.arange(6).reshape(2, 3) / 4,
    )
    shown = [pixels[0, 0] for pixels in grid_images(figure)]
    assert np.allclose(shown, [0, 0, 0.2, 0.4, 1, 0.6, 0.8, 1])
    assert texts(figure.axes[0]) == ["", "0.00", "0.25", "0.50", "", "0.75", "1.00", "1.25"]
    frames = [patch for patch in figure.axes[0].patches if isinstance(patch, Rectangle)]
    assert len(frames) == 2 and all(frame.get_x() < 1 for frame in frames)


@pytest.mark.parametrize(
    ("near", "distances", "message"),
    [
        (np.zeros((3, 2, 4, 4, 1)), None, "N = 2"),
        (np.zeros((2, 4, 4, 1)), None, r"got \(2, 4, 4, 1\)"),
        (np.zeros((2, 2, 5, 5, 1)), None, r"\(4, 4, 1\) as the samples, got \(2, 2, 5, 5, 1\)"),
        (np.zeros((2, 2, 4, 4, 1)), np.zeros((2, 3)), r"distances must have shape \(2, 2\)"),
    ],
)
def test_neighbors_refuses_what_does_not_belong_together(near, distances, message):
    with pytest.raises(ValueError, match=message):
        plotting.neighbors(np.zeros((2, 4, 4, 1)), near, value_range=(0, 1), distances=distances)


# Curves


def test_loss_curves_draws_every_key_against_the_epoch():
    history = {"loss": [3, 2, 1], "val_loss": [3, 2.5, 2.4], "accuracy": [0.1, 0.5, 0.7]}
    ax = plotting.loss_curves(history, reference={"log 2": 0.693}).axes[0]
    lines = {line.get_label(): line for line in ax.lines}
    assert set(lines) == {"loss", "val_loss", "accuracy", "log 2"}
    assert list(lines["val_loss"].get_xdata()) == [1, 2, 3]
    assert list(lines["val_loss"].get_ydata()) == [3, 2.5, 2.4]
    assert lines["val_loss"].get_color() == lines["loss"].get_color()
    assert lines["val_loss"].get_linestyle() == "--" and lines["loss"].get_linestyle() == "-"
    assert lines["accuracy"].get_color() != lines["loss"].get_color()
    assert set(lines["log 2"].get_ydata()) == {0.693}


def test_loss_curves_takes_a_history_object_and_chooses_keys():
    history = types.SimpleNamespace(history={"d_loss": [1, 2], "g_loss": [2, 1]})
    ax = plotting.loss_curves(history, keys=["g_loss"], log=True).axes[0]
    assert [list(line.get_ydata()) for line in ax.lines] == [[2, 1]]
    assert ax.get_yscale() == "log"


def test_loss_curves_compares_runs_of_different_length():
    runs = [{"loss": [3, 2], "val_loss": [4, 3]}, {"loss": [3, 2, 1], "val_loss": [4, 3, 2]}]
    figure = plotting.loss_curves(runs, labels=["short", "long"])
    assert [ax.get_ylabel() for ax in figure.axes] == ["loss", "val_loss"]
    for ax in figure.axes:
        assert [line.get_label() for line in ax.lines] == ["short", "long"]
        assert [len(line.get_xdata()) for line in ax.lines] == [2, 3]


@pytest.mark.parametrize(
    ("history", "options", "message"),
    [
        ({}, {}, "nothing was trained yet"),
        ({"loss": []}, {}, "nothing was trained yet"),
        ([], {}, "no run"),
        ([1, 2], {}, "got int"),
        ({"loss": [1]}, {"keys": ["d_loss"]}, r"no \['d_loss'\]; it holds \['loss'\]"),
        ([{"loss": [1]}], {"labels": ["a", "b"]}, "must name 1 runs, got 2"),
    ],
)
def test_loss_curves_refuses(history, options, message):
    with pytest.raises(ValueError, match=message):
        plotting.loss_curves(history, **options)


def test_quality_curves_has_a_panel_for_each_figure():
    rows = [{"seconds": 5 * i, "frechet": 10 - i, "coverage": 0.1 * i} for i in range(3)]
    keys, targets = ("frechet", "coverage"), {"frechet": 0.5}
    figure = plotting.quality_curves(
        {"lab_dcgan": rows, "ours": rows[:2]}, keys=keys, x="seconds", targets=targets
    )
    assert [ax.get_title() for ax in figure.axes] == ["frechet", "coverage"]
    first, second = figure.axes
    assert list(first.lines[0].get_xdata()) == [0, 5, 10]
    assert list(first.lines[0].get_ydata()) == [10, 9, 8]
    assert list(first.lines[1].get_ydata()) == [10, 9]
    assert set(first.lines[2].get_ydata()) == {0.5} and len(second.lines) == 2


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([], "no rows to draw"),
        ({"lab_dcgan": []}, "no rows to draw for 'lab_dcgan'"),
        ([{"epoch": 1, "frechet": 2}], r"rows lack \['coverage'\]"),
        ([{"frechet": 2, "coverage": 1}], r"rows lack \['epoch'\]"),
    ],
)
def test_quality_curves_refuses(rows, message):
    with pytest.raises(ValueError, match=message):
        plotting.quality_curves(rows, keys=("frechet", "coverage"))


def test_class_bars_marks_classes_outside_the_band():
    ax = plotting.class_bars([0.1, 0.02, 0.88], ("a", "b", "c"), band=(0.07, 0.13)).axes[0]
    bars = [patch for patch in ax.patches if isinstance(patch, Rectangle)][:3]
    assert [bar.get_height() for bar in bars] == pytest.approx([10, 2, 88])
    colors = [to_hex(bar.get_facecolor()).upper() for bar in bars]
    assert colors == [canvas.BLUE, canvas.RED, canvas.RED]


@pytest.mark.parametrize(
    ("shares", "message"), [([0.5], "each of 2 classes"), ([0.5, 1.5], r"\[0, 1\], got 0.5 to 1.5")]
)
def test_class_bars_refuses(shares, message):
    with pytest.raises(ValueError, match=message):
        plotting.class_bars(shares, ("a", "b"))


def test_class_panels_draws_the_bars_and_the_yardstick():
    names = ["a", "b", "c"]
    figure = plotting.class_panels(
        {"fidelity": [0.5, 1.0, np.nan], "distance": [3.0, 4.0, 5.0]},
        names,
        marks={"fidelity": [0.9, 0.95, 1.0]},
    )
    left, right = figure.axes
    assert [bar.get_height() for bar in left.patches] == [0.5, 1.0, 0.0]
    assert texts(left) == ["0.50", "1.00", ""] and texts(right) == ["3.00", "4.00", "5.00"]
    assert [segment[0][1] for segment in left.collections[0].get_segments()] == [0.9, 0.95, 1.0]
    assert not right.collections
    assert [label.get_text() for label in right.get_xticklabels()] == names


def test_confusion_writes_shares_in_per_cent_and_leaves_rare_ones_out():
    figure = plotting.confusion([[0.9, 0.1, 0.0], [0.0, 0.996, 0.004], [np.nan] * 3], "abc")
    ax = figure.axes[0]
    written = {text.get_position()[::-1]: text.get_text() for text in ax.texts}
    assert written == {(0, 0): "90", (0, 1): "10", (1, 1): "100"}
    assert (ax.get_ylabel(), ax.get_xlabel()) == ("wanted", "taken for (%)")


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: plotting.class_panels({"x": [1.0, 2.0]}, "abc"), r"x must hold .* 3 classes"),
        (lambda: plotting.class_panels({"x": [1.0]}, "a", marks={"x": [1, 2]}), "marks of x"),
        (lambda: plotting.confusion(np.eye(2), "abc"), r"\(3, 3\), got \(2, 2\)"),
        (lambda: plotting.confusion(2 * np.eye(2), "ab"), "got 0 to 2"),
    ],
)
def test_figures_of_classes_refuse(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_grid_panels_puts_grids_of_one_shape_side_by_side():
    images = np.linspace(0, 1, 6 * 4, dtype="float32").reshape(6, 2, 2, 1)
    figure = plotting.grid_panels(
        {"one": images, "two": 1 - images}, value_range=(0, 1), columns=2, row_labels="abc"
    )
    left, right = figure.axes
    assert (left.get_title(), right.get_title()) == ("one", "two")
    shown = [np.asarray(picture.get_array()) for picture in right.images]
    np.testing.assert_allclose(shown, 1 - images[..., 0], atol=1e-6)
    assert [label.get_text() for label in left.get_yticklabels()] == ["a", "b", "c"]
    assert right.images[3].get_extent()[0] > 2 > right.images[2].get_extent()[1] - 0.1
    with pytest.raises(ValueError, match="one shape"):
        plotting.grid_panels({"a": images, "b": images[:2]}, value_range=(0, 1), columns=2)


def test_line_panels_keeps_a_label_in_one_color():
    x = np.arange(3)
    panels = {"one": ("x", x, {"a": x, "b": 2 * x}), "two": ("t", x + 1, {"b": -x})}
    one, two = plotting.line_panels(panels, vertical=1).axes
    assert one.lines[1].get_color() == two.lines[0].get_color() != one.lines[0].get_color()
    assert list(two.lines[0].get_xdata()) == [1, 2, 3] and two.get_xlabel() == "t"
    assert one.get_legend() is not None and two.get_legend() is None


def test_bar_panels_writes_the_numbers_on_the_bars():
    left, right = plotting.bar_panels({"l": [2, -1], "r": [0.25, 0.75]}, ("a", "b")).axes
    assert texts(left) == ["2", "-1"] and texts(right) == ["0.25", "0.75"]
    assert [patch.get_height() for patch in right.patches] == [0.25, 0.75]


def test_the_figures_belong_to_the_caller():
    before = len(plt.get_fignums())
    figure = plotting.show_grid(np.zeros((1, 2, 2, 1)), value_range=(0, 1))
    assert len(plt.get_fignums()) == before + 1
    plt.close(figure)
    assert len(plt.get_fignums()) == before
