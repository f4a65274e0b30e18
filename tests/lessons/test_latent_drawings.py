"""Latent maps, trade-offs and ROC curves show the numbers that they were given."""

import matplotlib

matplotlib.use("Agg")

import matplotlib.pyplot as plt
import numpy as np
import pytest

from helpers import plotting
from lessons.latent import drawings

POINTS = np.array([[0.0, 0.0], [1.0, 2.0], [3.0, 4.0], [0.5, 0.1]])
LABELS = np.array([0, 1, 1, 0])


@pytest.fixture(autouse=True)
def close_figures():
    yield
    plt.close("all")


def test_a_latent_map_shows_each_class_in_its_color_and_names_it_in_the_middle():
    figure = drawings.latent_maps({"a": POINTS, "b": 2 * POINTS}, LABELS, ("zero", "one"))
    assert [ax.get_title() for ax in figure.axes] == ["a", "b"]
    clouds = figure.axes[1].collections
    np.testing.assert_allclose(clouds[0].get_offsets(), 2 * POINTS[LABELS == 0])
    np.testing.assert_allclose(clouds[1].get_offsets(), 2 * POINTS[LABELS == 1])
    assert (clouds[0].get_facecolors() != clouds[1].get_facecolors()).any()
    names = {text.get_text(): text.get_position() for text in figure.axes[0].texts}
    assert names["one"] == (2.0, 3.0) and names["zero"] == (0.25, 0.05)


def test_a_latent_map_refuses_what_is_no_plane():
    with pytest.raises(ValueError, match=r"\(4, 2\), got \(4, 3\)"):
        drawings.latent_maps({"a": np.zeros((4, 3))}, LABELS, ("zero", "one"))
    with pytest.raises(ValueError, match="there are 1 classes"):
        drawings.latent_maps({"a": POINTS}, LABELS, ("zero",))
    with pytest.raises(ValueError, match="at most 10"):
        drawings.latent_maps({"a": POINTS}, LABELS, tuple("abcdefghijk"))


def test_a_labeled_curve_writes_each_text_at_its_point():
    figure = plotting.labeled_curve(
        {"run": ([1, 2], [5, 4], ["0.1", "10"])}, x_label="KL", y_label="loss", title="t"
    )
    ax = figure.axes[0]
    np.testing.assert_allclose(ax.lines[0].get_xydata(), [[1, 5], [2, 4]])
    assert [(text.get_text(), text.xy) for text in ax.texts] == [("0.1", (1, 5)), ("10", (2, 4))]
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_title()) == ("KL", "loss", "t")
    with pytest.raises(ValueError, match="2 x, 1 y and 2 texts"):
        plotting.labeled_curve({"run": ([1, 2], [5], ["a", "b"])}, x_label="", y_label="")


def test_anomaly_panels_show_scores_and_curve():
    scores = {"digits": np.array([1.0, 2.0, 2.0]), "clothes": np.array([5.0, 6.0])}
    roc = {"ELBO": ([0, 0, 1], [0, 1, 1], 1.0)}
    left, right = drawings.anomaly_panels(scores, roc, x_label="nats").axes
    assert left.get_xlabel() == "nats"
    heights = [sum(patch.get_height() for patch in bars) for bars in left.containers]
    assert heights == [3, 1] or heights == [3, 2]
    np.testing.assert_allclose(right.lines[1].get_xydata(), [[0, 0], [0, 1], [1, 1]])
    labels = [text.get_text() for text in right.get_legend().get_texts()]
    assert labels == ["guessing, area 0.5", "ELBO, area 1.000"]
