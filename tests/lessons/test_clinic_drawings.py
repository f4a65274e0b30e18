"""Figures of notebook 07: what is drawn, not how it looks."""

from types import SimpleNamespace

import numpy as np
import pytest
from matplotlib import pyplot

from lessons.clinic import drawings


@pytest.fixture(autouse=True)
def no_figure_left():
    yield
    pyplot.close("all")


def turn(points):
    return np.stack([-points[..., 1], points[..., 0]], axis=-1)


def case(fill=0.0):
    steps = np.arange(1, 5)
    return SimpleNamespace(
        samples=np.full((32, 28, 28, 1), fill, "float32"),
        curves={"d_loss": [1.0, 0.5, np.nan, 400.0], "g_loss": [1.0, 1.5, 2.0, 1.0]},
        history={"step": steps, "d_accuracy": steps / 5, "spread": steps / 4},
        shares=np.full(10, 0.1),
    )


def test_games_have_one_panel_each_with_start_and_end():
    paths = {"out": np.array([[1.0, 0], [2, 0]]), "in": np.array([[1.0, 0], [0.5, 0]])}
    figure = drawings.game_panels(turn, paths)
    titles = [ax.get_title() for ax in figure.axes]
    assert titles == ["out", "in"]
    lines = figure.axes[1].get_lines()
    np.testing.assert_array_equal(lines[2].get_xydata(), [[0.5, 0.0]])


def test_four_games_leave_no_empty_frame():
    figure = drawings.game_panels(turn, {str(i): np.ones((2, 2)) for i in range(4)})
    assert [ax.axison for ax in figure.axes] == [True] * 4 + [False] * 2


def test_density_of_a_normal_cloud_and_of_one_point():
    samples = np.random.default_rng(0).normal(size=4_000)
    found = drawings.density(samples, np.array([0.0, 1.0]))
    np.testing.assert_allclose(found, [0.399, 0.242], atol=0.03)
    assert drawings.density(np.ones(5), [0.0, 1.0]).tolist() == [0.0, 0.0]


def test_a_line_game_shows_d_and_the_best_d():
    x = np.linspace(-1, 1, 11)
    frames = {"start": (np.random.default_rng(0).normal(size=50), np.full(11, 0.3))}
    figure = drawings.line_game(x, frames, np.ones(11), lambda a, b: a / (a + b))
    below = figure.axes[1]
    assert {line.get_label() for line in below.get_lines()} >= {"D", "best D"}
    np.testing.assert_allclose(below.get_lines()[1].get_ydata(), 0.3)


def test_surfaces_and_their_animation():
    film = (np.array([0, 5]), np.zeros((2, 7, 2)), np.stack([np.zeros((4, 4)), np.ones((4, 4))]))
    real = np.array([[1.0, 1.0]])
    figure = drawings.surface_panels({"a": (film[1][0], film[2][0])}, real, extent=2.0)
    assert figure.axes[0].get_images()[0].get_extent() == [-2.0, 2.0, -2.0, 2.0]
    frames = drawings.surface_frames(film, real, extent=2.0, size=60)
    assert len(frames) == 2 and frames[0].shape == (84, 60, 3) and frames[0].dtype == np.uint8
    # The corner shows D: purple for 0, green for 1; the real point is at three quarters.
    assert frames[0][-2, 2, 0] > frames[0][-2, 2, 1] and frames[1][-2, 2, 1] > frames[1][-2, 2, 0]
    assert frames[1][24 + 15, 45, 2] > 150 > frames[1][24 + 15, 45, 0]


def test_a_chart_has_four_panels_for_each_case_and_shares_the_loss_axis():
    figure = drawings.chart({"sick": case(), "treated": case(1.0)})
    assert len(figure.axes) == 8
    assert figure.axes[1].get_ylim() == figure.axes[5].get_ylim()
    assert figure.axes[1].get_ylim()[1] <= 12
    assert figure.axes[4].get_ylabel() == "treated"


def test_recorded_runs_may_begin_without_a_change():
    history = {name: [0.1, 0.2] for name in ("d_loss", "g_loss", "d_accuracy", "spread")}
    history |= {"step": [25, 50], "change": [None, 0.3]}
    figure = drawings.run_panels({"A": history, "B": history})
    assert len(figure.axes) == 6 and figure.axes[3].get_ylabel() == "run B"


def test_remedies_are_colored_by_verdict():
    rows = [
        {"label": "base", "advice": "use", "median": 2, "low": 1, "high": 3, "verdict": ""},
        {"label": "a", "advice": "avoid", "median": 1, "low": 1, "high": 1, "verdict": "better"},
        {"label": "b", "advice": "use", "median": 4, "low": 3, "high": 5, "verdict": "worse"},
    ]
    ax = drawings.remedies(rows, x_label="distance").axes[0]
    colors = [line.get_color() for line in ax.get_lines()[:6]]
    assert len({colors[0], colors[2], colors[4]}) == 3
    assert [text.get_text() for text in ax.get_yticklabels()] == ["base", "✗ a", "b"]
