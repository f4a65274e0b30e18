"""The primer's drawings show the numbers that they were given."""

import functools

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.patches import FancyBboxPatch

from helpers.plotting import canvas
from lessons.primer import diagrams, figures
from lessons.primer import numbers as pixels


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def texts(ax):
    return [text.get_text() for text in ax.texts]


def numbers(ax):
    """The numbers printed on a number grid, keyed by (row, column)."""
    found = {}
    for text in ax.texts:
        x, y = text.get_position()
        found[(round(y), round(x))] = float(text.get_text())
    return found


def test_number_grids_prints_each_number_on_its_pixel():
    figure = pixels.number_grids(
        [[[1, -0.001], [2.5, 1 / 3]], [[np.nan, 7]]],
        titles=["left", "right"],
        symbols=["="],
        boxes={0: [(1, 0, 1, 2)]},
    )
    left, right = figure.axes
    assert numbers(left) == {(0, 0): 1, (0, 1): 0, (1, 0): 2.5, (1, 1): 0.33}
    assert "-0" not in texts(left)
    assert numbers(right) == {(0, 1): 7}
    assert (left.get_title(), right.get_ylabel()) == ("left", "=")
    assert left.patches[0].get_bbox().bounds == (-0.5, 0.5, 2, 1)


@pytest.mark.parametrize(
    ("array", "message"),
    [([1, 2], r"got shape \(2,\)"), (np.zeros((17, 2)), "at most 16 x 16")],
)
def test_number_grids_refuses(array, message):
    with pytest.raises(ValueError, match=message):
        pixels.number_grids([array], titles=["a"])


def test_tensor_picture_enlarges_the_window():
    image = np.arange(100).reshape(10, 10)
    figure = pixels.tensor_picture(image, value_range=(0, 99), window=(2, 3, 2, 4))
    whole, part = figure.axes
    assert whole.patches[0].get_bbox().bounds == (2.5, 1.5, 4, 2)
    assert numbers(part)[(1, 3)] == image[3, 6]
    with pytest.raises(ValueError, match="does not lie in an image"):
        pixels.tensor_picture(image, value_range=(0, 99), window=(8, 0, 4, 4))


def test_convolution_steps_shows_products_sum_and_the_output_so_far():
    image, kernel = np.arange(16.0).reshape(4, 4), np.array([[1, 0], [0, -1]])
    output = np.full((3, 3), -5.0)
    figure = pixels.convolution_steps(image, kernel, output, [(0, 1)])
    seen, _, products, so_far = figure.axes
    assert seen.patches[0].get_bbox().bounds == (0.5, -0.5, 2, 2)
    assert numbers(products) == {(0, 0): 1, (0, 1): 0, (1, 0): 0, (1, 1): -6}
    assert so_far.get_ylabel() == "sum -5"
    assert numbers(so_far) == {(0, 0): -5, (0, 1): -5}


@pytest.mark.parametrize(
    ("output", "position", "message"),
    [
        (np.zeros((2, 3)), (0, 0), r"must have shape \(2, 2\), got \(2, 3\)"),
        (np.full((2, 2), 4.0), (2, 0), r"position \(2, 0\) is outside"),
        (np.full((2, 2), 5.0), (0, 0), "is 5, but the products sum to 4"),
    ],
)
def test_convolution_steps_refuses_an_output_that_is_not_the_convolution(output, position, message):
    with pytest.raises(ValueError, match=message):
        pixels.convolution_steps(np.ones((3, 3)), np.ones((2, 2)), output, [position])


def test_transposed_steps_ends_with_the_sum_of_the_stamps():
    figure = pixels.transposed_steps([[1, 2]], np.ones((2, 3)), stride=2)
    last = figure.axes[-1]
    assert numbers(last) == {
        (row, column): value for row in (0, 1) for column, value in enumerate([1, 1, 3, 2, 2])
    }
    stamp = figure.axes[-2]
    assert set(numbers(stamp)) == {(row, column) for row in (0, 1) for column in (2, 3, 4)}
    with pytest.raises(ValueError, match="12 pixels; at most 9"):
        pixels.transposed_steps(np.ones((3, 4)), np.ones((2, 2)))


@pytest.mark.parametrize(
    ("size", "kernel_size", "stride", "padding", "expected"),
    [
        (6, 3, 1, "valid", (0, 0, 4)),
        (6, 3, 1, "same", (1, 1, 6)),
        (6, 3, 2, "same", (0, 1, 3)),
        (28, 5, 2, "same", (1, 2, 14)),
        (7, 5, 2, "same", (2, 2, 4)),
        (5, 1, 2, "same", (0, 0, 3)),
        (7, 3, 2, "valid", (0, 0, 3)),
    ],
)
def test_padded_size_is_what_keras_does(size, kernel_size, stride, padding, expected):
    assert pixels.padded_size(size, kernel_size, stride, padding) == expected


def test_window_map_has_a_bar_for_each_stop():
    figure = pixels.window_map(7, 3, stride=2)
    left, right = figure.axes
    blue, orange = canvas.BLUE, canvas.ORANGE
    bars = [p for p in left.patches if to_hex(p.get_facecolor()).upper() in (blue, orange)]
    bars = [bar for bar in bars if bar.get_fill()]
    assert [round(bar.get_x()) for bar in bars] == [0, 2, 4]
    assert len(right.patches) == 9 and right.get_title() == "output 3 x 3"
    assert texts(left) == []
    assert texts(pixels.window_map(6, 3, stride=2, padding="same").axes[0]) == ["0"] * 13


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"padding": "full"}, "got 'full'"),
        ({"stride": 0}, "at least 1"),
        ({"kernel_size": 8}, "a kernel of 8 does not fit into 6"),
    ],
)
def test_window_map_refuses(options, message):
    with pytest.raises(ValueError, match=message):
        pixels.window_map(**{"size": 6, "kernel_size": 3, **options})


def test_descent_paths_leaves_out_what_runs_away():
    figure = figures.descent_paths(np.square, {"ok": [3, 1, 0], "off": [3, -9]}, x_limits=(-4, 4))
    ok, off = figure.axes
    assert list(ok.lines[1].get_xdata()) == [3, 1, 0]
    assert list(ok.lines[1].get_ydata()) == [9, 1, 0]
    assert list(off.lines[1].get_xdata()) == [3]
    assert [line.get_marker() for line in off.lines].count("s") == 0, "the end is out of sight"


def test_linear_fit_draws_the_first_and_the_last_line():
    x = np.linspace(-1, 1, 21)
    path = np.linspace((0, 0), (2, 1), 11)
    left, right = figures.linear_fit(x, 2 * x + 1, path, x_label="x", y_label="y").axes
    assert left.lines[1].get_label() == "start" and set(left.lines[1].get_ydata()) == {0}
    assert left.lines[-1].get_label() == "after 10 steps"
    assert list(left.lines[-1].get_ydata()) == [-1, 3]
    assert np.allclose(right.lines[0].get_xydata(), path)


def test_scatter_classes_separates_clouds():
    points, labels = np.array([[0, 0], [1, 1], [2, 2]]), [0, 1, 1]
    figure = figures.scatter_classes(points, labels, ("a", "b"), axis_names=("u", "v"))
    first, second = figure.axes[0].lines
    assert first.get_xydata().tolist() == [[0, 0]] and len(second.get_xydata()) == 2


def test_two_views_shows_each_class_and_its_samples():
    axis = np.linspace(-2, 2, 9)
    points = np.array([[-1.0, 0], [1, 0], [1, 1]])
    figure = figures.two_views(
        points,
        np.array([0.0, 1.0, 1.0]),
        ("a", "b"),
        (axis, axis, np.full((9, 9), 0.5)),
        [(np.zeros(2), np.eye(2))] * 2,
        [np.zeros((4, 2)), np.ones((5, 2))],
    )
    left, right = figure.axes[:2]
    assert [len(line.get_xydata()) for line in left.lines] == [1, 2]
    assert [len(line.get_xydata()) for line in right.lines if len(line.get_xydata())] == [4, 5]


def test_reading_rows_shows_the_belief_after_each_row():
    belief = np.full((6, 3), 1 / 3)
    figure = figures.reading_rows(np.zeros((6, 5)), belief, "abc", value_range=(0, 1))
    assert np.array_equal(figure.axes[1].images[0].get_array(), belief)


def test_answers_colors_the_true_class():
    shares = np.array([[0.2, 0.8], [0.6, 0.4]])
    figure = figures.answers(np.zeros((2, 4, 4)), shares, [1, 1], ("a", "b"), value_range=(0, 1))
    for column in (0, 1):
        bars = figure.axes[2 + column].patches
        assert [bar.get_height() for bar in bars] == shares[column].tolist()
        colors = [to_hex(bar.get_facecolor()).upper() for bar in bars]
        assert colors == [canvas.RED, canvas.BLUE]


# Boxes and arrows


def boxes_of(figure):
    return [p for p in figure.axes[0].patches if isinstance(p, FancyBboxPatch)]


def test_gradient_graph_prints_values_and_gradients():
    figure = diagrams.gradient_graph([("w", 0.5, -0.62), ("L", 0.371, 1.0)])
    assert {"w\n0.500", "L\n0.371", "-0.620", "1.000"} <= set(texts(figure.axes[0]))


@pytest.mark.parametrize(
    "draw",
    [
        diagrams.course_map,
        diagrams.gan_diagram,
        *(functools.partial(diagrams.label_diagram, form) for form in diagrams.LABEL_FORMS),
    ],
)
def test_texts_fit_their_boxes_and_boxes_do_not_overlap(draw):
    figure = draw()
    figure.canvas.draw()
    boxes = [patch.get_window_extent() for patch in boxes_of(figure)]
    inside = 0
    for text in figure.axes[0].texts:
        extent = text.get_window_extent()
        for box in boxes:
            if box.contains(*extent.get_points().mean(axis=0)):
                assert box.x0 < extent.x0 and extent.x1 < box.x1, text.get_text()
                assert box.y0 < extent.y0 and extent.y1 < box.y1, text.get_text()
                inside += 1
    assert inside == len(boxes)
    for index, box in enumerate(boxes):
        assert not any(box.overlaps(other) for other in boxes[:index])


def test_course_map_has_all_notebooks():
    labels = texts(diagrams.course_map().axes[0])
    assert sorted(label[:2] for label in labels) == [f"0{number}" for number in range(9)]
    assert set(" > ".join(diagrams.COURSE_ARROWS).split(" > ")) == set(diagrams.COURSE)


HALVES, GRAY = np.full((4, 2), 0.5), np.zeros((4, 4))


@pytest.mark.parametrize(
    ("draw", "arguments", "message"),
    [
        (diagrams.label_diagram, ("plane",), "form must be one of generator, planes"),
        (diagrams.diagram, ({"a": (1, 1, "a", "k")}, ["a > b"]), "box must be one of a, got 'b'"),
        (diagrams.gradient_graph, ([],), "number of steps"),
        (figures.reading_rows, (GRAY, HALVES, "abc"), r"shape \(4, 3\), got \(4, 2\)"),
        (figures.reading_rows, (GRAY, 2 * HALVES, "ab"), "rows that sum to 1"),
        (figures.answers, (GRAY[:, None], HALVES, [0, 1, 2, 0], "ab"), "labels run from 0 to 2"),
        (figures.answers, (np.zeros((9, 4, 4)), HALVES, [0], "ab"), "from 1 to 8"),
        (figures.answers, (GRAY[:3, None], HALVES, [0], "ab"), r"shape \(3, 2\), got \(4, 2\)"),
        (figures.scatter_classes, (GRAY[:, :2], [0, 1], "ab"), r"labels must have shape \(4,\)"),
    ],
)
def test_a_mistake_is_named(draw, arguments, message):
    options = {"value_range": (0, 1)} if draw in (figures.reading_rows, figures.answers) else {}
    options |= {"axis_names": "uv"} if draw is figures.scatter_classes else {}
    with pytest.raises(ValueError, match=message):
        draw(*arguments, **options)
