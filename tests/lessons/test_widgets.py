"""Explorers: their first frame without a kernel, what a control changes, and what they refuse."""

import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
import pytest
from PIL import Image

from lessons.widgets import explorers

NAMES = ["trouser", "coat", "bag"]


def gray(level):
    return Image.new("RGB", (20, 10), (level, level, level))


def pixels_of(value):
    return np.asarray(Image.open(io.BytesIO(value)).convert("RGB"))


def shown(box):
    """The picture that the PNG of a box holds."""
    return pixels_of(box._repr_mimebundle_()["image/png"])


def explorer(draw=gray):
    slider = ipywidgets.IntSlider(value=40, min=40, max=90, step=10)
    return explorers.Explorer(draw, {"level": slider})


def draw_class(z, labels):
    """Stands in for a generator: brighter from class to class, and darker with z[0]."""
    level = np.asarray(labels, "float32") / 3 - 0.1 * np.tanh(z[:, 0])
    return np.broadcast_to(level[:, None, None, None], (len(z), 4, 4, 1))


def test_the_first_frame_stands_in_the_output_beside_the_live_box():
    """What a kernel sends when a cell ends with the box."""
    from IPython.core.interactiveshell import InteractiveShell

    box = explorer()
    data, _ = InteractiveShell.instance().display_formatter.format(box)
    InteractiveShell.clear_instance()
    view = data["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == box.model_id and box._ipython_display_ is None
    assert "image/png" in data and (shown(box) == 40).all() and shown(box).shape == (10, 20, 3)


def test_moving_a_control_redraws_the_picture():
    box = explorer()
    box.controls["level"].value = 80
    assert (shown(box) == 80).all() and (pixels_of(box.view.value) == 80).all()


def test_an_error_while_drawing_is_written_and_the_old_picture_stays():
    def fussy(level):
        if level > 50:
            raise ValueError("too bright")
        return gray(level)

    box = explorer(fussy)
    box.controls["level"].value = 60
    assert box.message.value == "ValueError: too bright" and (shown(box) == 40).all()
    box.controls["level"].value = 50
    assert box.message.value == "" and (shown(box) == 50).all()


def test_the_picker_draws_the_chosen_class_large_and_all_of_them_small():
    box = explorers.class_picker(draw_class, NAMES, 5)
    level = draw_class(explorers.numbered_z(1, 5)[None], [0])[0, 0, 0, 0]
    before = shown(box)
    assert abs(int(before[-20, 10, 0]) - 127.5 * (level + 1)) <= 1
    box.controls["label"].value = 2
    after = shown(box)
    assert int(after[-20, 10, 0]) - int(before[-20, 10, 0]) in (84, 85, 86)
    # The small ones, two in a row, stay as they were but for the frame around the chosen one.
    first, third = ((picture == (0xE6, 0x9F, 0)).all(axis=-1) for picture in (before, after))
    assert np.argwhere(first).min(axis=0).tolist() == [28, 48]
    assert np.argwhere(third).min(axis=0).tolist() == [44, 48]
    unframed = ~(first | third)
    unframed[:, :48] = False
    np.testing.assert_array_equal(before[unframed], after[unframed])
    small = [int(after[y, x, 0]) for x, y in ((54, -26), (70, -26), (54, -10))]
    assert small == sorted(small) and small[0] < small[2]
    assert box.controls["label"].options == (("trouser", 0), ("coat", 1), ("bag", 2))


def test_the_picker_walks_from_one_z_to_the_other():
    asked = []

    def generate(z, labels):
        asked.append((z, np.asarray(labels)))
        return draw_class(z, labels)

    box = explorers.class_picker(generate, NAMES, 5)
    box.controls["other_z"].value = 7
    box.controls["walk"].value = 0.25
    z, labels = asked[-1]
    assert labels.tolist() == [0, 1, 2] and z.shape == (3, 5) and z.dtype == np.float32
    expected = 0.75 * explorers.numbered_z(1, 5) + 0.25 * explorers.numbered_z(7, 5)
    np.testing.assert_allclose(z, np.tile(expected, (3, 1)), atol=1e-6)


def directions(**options):
    def draw(z):
        """A gray image whose level is z[0] / 4; z[1] above 1 paints its first column black."""
        level = np.clip(z[:, 0] / 4, -1, 1)[:, None, None, None]
        images = np.broadcast_to(level, (len(z), 4, 4, 1)).copy()
        images[:, :, 0] = np.where(z[:, 1, None, None] > 1, -1.0, images[:, :, 0])
        return images

    options = {"names": ["bright", "column"], **options}
    return explorers.direction_explorer(draw, np.zeros(3), np.eye(3)[:2], **options)


def test_sliders_add_their_directions_beside_the_start():
    box = directions()
    width, x = shown(box).shape[1] // 2, 20
    assert shown(box)[-20, x, 0] == shown(box)[-20, width + x, 0] == 128
    box.controls["bright"].value = 0.5
    assert shown(box)[-20, x, 0] == 128 and shown(box)[-20, width + x, 0] == 143
    box.controls["column"].value = 2.0
    assert shown(box)[-20, width + 5, 0] == 0 and shown(box)[-20, width + x, 0] == 143
    with pytest.raises(ValueError, match=r"shape \(1, 3\), one for each name, got \(2, 3\)"):
        directions(names=["bright"])


def test_the_cross_moves_the_decoded_image():
    def bright(z):
        """An image whose gray says where z1 is: 0 at -3, 1 at 3."""
        return np.full((1, 4, 4, 1), (z[0, 0] + 3) / 6)

    def decoded(box):
        """Mean of the middle of the right half."""
        height, width = shown(box).shape[:2]
        middle = slice(height // 2 - 20, height // 2 + 20)
        return shown(box)[middle, int(width * 0.7) : int(width * 0.8)].mean()

    points, labels = np.array([[-1.0, 0], [1, 0.5], [-1.2, 0.2], [1.1, 0.4]]), [0, 1, 0, 1]
    box = explorers.plane_explorer(bright, points, labels, ("a", "b"))
    for value, low, high in ((-3.0, 0, 5), (3.0, 250, 255)):
        box.controls["z1"].value = value
        assert low <= decoded(box) <= high
    with pytest.raises(ValueError, match=r"points must have shape \(4, 2\), got \(4, 3\)"):
        explorers.plane_explorer(bright, np.zeros((4, 3)), labels, ("a", "b"))


def test_a_level_of_noise_is_drawn_once_and_figures_are_closed():
    asked = []

    def draw(level):
        asked.append(level)
        return plt.subplots()[0]

    plt.close("all")
    box = explorers.noise_slider(draw, [0.1, 0.5, 0.9], start=0.5)
    assert asked == [0.5] and plt.get_fignums() == []
    for value in (0.9, 0.5, 0.9, 0.1):
        box.controls["level"].value = value
    assert asked == [0.5, 0.9, 0.1]
