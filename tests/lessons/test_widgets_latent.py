"""The sliders of notebook 04 follow their values, and have a still picture without a kernel."""

import io

import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from lessons.widgets import latent

POINTS = np.array([[-1.0, 0.0], [1.0, 0.5], [-1.2, 0.2], [1.1, 0.4]])
LABELS = np.array([0, 1, 0, 1])


def bright(z):
    """An image whose gray says where z1 is: 0 at -3, 1 at 3."""
    return np.full((1, 4, 4, 1), (z[0, 0] + 3) / 6)


def gray_of(png):
    """Mean of the decoded image's pixels in a frame: the middle of its right half."""
    pixels = np.asarray(Image.open(io.BytesIO(png)).convert("L"))
    height, width = pixels.shape
    return pixels[height // 2 - 20 : height // 2 + 20, int(width * 0.7) : int(width * 0.8)].mean()


def explorer(**options):
    return latent.plane_explorer(bright, POINTS, LABELS, ("a", "b"), **options)


def test_the_sliders_move_the_decoded_image():
    widget = explorer(start=(-3.0, 0.0))
    assert gray_of(widget.picture.value) < 5
    widget.controls["z1"].value = 3.0
    assert gray_of(widget.picture.value) > 250
    assert [control.description for control in widget.controls.values()] == ["z1", "z2"]


def test_the_still_picture_is_what_is_shown():
    widget = explorer(start=(-3.0, 0.0))
    first = widget.picture.value
    assert widget._repr_mimebundle_()["image/png"] == first
    widget.controls["z1"].value = 2.0
    bundle = widget._repr_mimebundle_()
    assert bundle["image/png"] == widget.picture.value != first
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == widget.model_id
    assert widget._ipython_display_ is None


def test_a_state_is_drawn_once_and_figures_are_closed():
    drawn = []

    def draw(level):
        drawn.append(level)
        figure, ax = plt.subplots()
        ax.set_title(str(level))
        return figure

    plt.close("all")
    widget = latent.noise_slider(draw, [0.1, 0.5, 0.9])
    assert drawn == [0.5] and plt.get_fignums() == []
    for value in (0.9, 0.5, 0.9, 0.1):
        widget.controls["level"].value = value
    assert drawn == [0.5, 0.9, 0.1]


def test_what_the_sliders_refuse():
    with pytest.raises(ValueError, match="walks a plane"):
        latent.plane_explorer(bright, np.zeros((4, 3)), LABELS, ("a", "b"))
    with pytest.raises(ValueError, match="outside the sliders"):
        explorer(start=(9.0, 0.0))
    with pytest.raises(ValueError, match="levels is empty"):
        latent.noise_slider(bright, [])
    with pytest.raises(ValueError, match="start must be one of"):
        latent.noise_slider(bright, [0.1, 0.2], start=0.3)
