"""Widgets: their first frame without a kernel, what a control changes, and what they refuse."""

import io

import ipywidgets
import numpy as np
import pytest
from PIL import Image

from lessons import widgets

NAMES = ["trouser", "coat", "bag"]


def gray(level):
    return Image.new("RGB", (20, 10), (level, level, level))


def shown(box):
    """The picture that the PNG of a box holds."""
    return np.asarray(Image.open(io.BytesIO(box._repr_mimebundle_()["image/png"])))


def draw_class(z, labels):
    """Stands in for a generator: brighter from class to class, and darker with z[0]."""
    level = np.asarray(labels, "float32") / 3 - 0.1 * np.tanh(z[:, 0])
    return np.broadcast_to(level[:, None, None, None], (len(z), 4, 4, 1))


def test_the_first_frame_stands_in_the_output_beside_the_live_box():
    box = widgets.explorer(gray, level=(40, 90, 10))
    bundle = box._repr_mimebundle_()
    assert (shown(box) == 40).all() and shown(box).shape == (10, 20, 3)
    view = bundle["application/vnd.jupyter.widget-view+json"]
    assert view["model_id"] == box.model_id and box._ipython_display_ is None
    assert bundle["text/plain"] == "explorer of level"


def test_ipython_takes_the_png_of_a_box():
    """What a kernel sends when a cell ends with the box."""
    from IPython.core.interactiveshell import InteractiveShell

    data, _ = InteractiveShell.instance().display_formatter.format(
        widgets.explorer(gray, level=(7, 9))
    )
    InteractiveShell.clear_instance()
    assert {"image/png", "application/vnd.jupyter.widget-view+json"} <= set(data)


def test_moving_a_control_redraws_the_picture():
    box = widgets.explorer(gray, level=(40, 90, 10))
    before = box.picture.value
    box.controls["level"].value = 80
    assert (shown(box) == 80).all() and box.picture.value != before
    assert (np.asarray(Image.open(io.BytesIO(box.picture.value))) == 80).all()


def test_an_error_while_drawing_is_written_and_the_old_picture_stays():
    def fussy(level):
        if level > 50:
            raise ValueError("too bright")
        return gray(level)

    box = widgets.explorer(fussy, level=(40, 90, 10))
    box.controls["level"].value = 60
    assert box.message.value == "ValueError: too bright" and (shown(box) == 40).all()
    box.controls["level"].value = 50
    assert box.message.value == "" and (shown(box) == 50).all()


def test_short_forms_become_the_right_controls():
    box = widgets.explorer(
        lambda whole, real, word, own: gray(whole),
        whole=(1, 5),
        real=(0.0, 1.0, 0.25),
        word=["a", "b"],
        own=ipywidgets.Checkbox(value=True),
    )
    kinds = {name: type(control).__name__ for name, control in box.controls.items()}
    assert kinds == {
        "whole": "IntSlider",
        "real": "FloatSlider",
        "word": "Dropdown",
        "own": "Checkbox",
    }
    assert box.controls["real"].step == 0.25 and box.controls["word"].value == "a"


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: widgets.explorer(gray), "at least one control"),
        (lambda: widgets.explorer(gray, level="bright"), "level must be a widget.*got 'bright'"),
        (lambda: widgets.explorer(gray, level=(1,)), r"got \(1,\)"),
        (lambda: widgets.explorer(gray, level=[]), r"got \[\]"),
        (lambda: widgets.explorer(lambda level: 3, level=(1, 2)), "PIL image, got int"),
    ],
)
def test_mistakes_are_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()


def test_the_picker_draws_the_chosen_class_large_and_all_of_them_small():
    box = widgets.class_picker(draw_class, NAMES, 5, scale=8)
    level = draw_class(widgets.numbered_z(1, 5)[None], [0])[0, 0, 0, 0]
    assert abs(int(shown(box)[24 + 16, 10, 0]) - 127.5 * (level + 1)) <= 1
    before = shown(box)
    box.controls["label"].value = 2
    after = shown(box)
    assert int(after[40, 10, 0]) - int(before[40, 10, 0]) in (84, 85, 86)
    # The small ones (three times as large as drawn, two in a row) stay as they were.
    left, top, step = 4 * 8 + 20 + 4, 24 + 4, 4 * 3 + 8
    places = [(left, top), (left + step, top), (left, top + step)]
    small = [[int(frame[y + 6, x + 6, 0]) for x, y in places] for frame in (before, after)]
    assert small[0] == small[1] and small[0] == sorted(small[0]) and small[0][0] < small[0][2]
    framed = [tuple(frame[top - 2, left + 6]) == (0xD5, 0x5E, 0) for frame in (before, after)]
    assert framed == [True, False]
    assert box.controls["label"].options == (("trouser", 0), ("coat", 1), ("bag", 2))


def test_the_picker_walks_from_one_z_to_the_other():
    asked = []

    def generate(z, labels):
        asked.append((z, np.asarray(labels)))
        return draw_class(z, labels)

    box = widgets.class_picker(generate, NAMES, 5)
    box.controls["other_z"].value = 7
    box.controls["walk"].value = 0.25
    z, labels = asked[-1]
    assert labels.tolist() == [0, 1, 2] and z.shape == (3, 5) and z.dtype == np.float32
    expected = 0.75 * widgets.numbered_z(1, 5) + 0.25 * widgets.numbered_z(7, 5)
    for row in z:
        np.testing.assert_allclose(row, expected, atol=1e-6)
    box.controls["walk"].value = 1.0
    np.testing.assert_allclose(asked[-1][0][0], widgets.numbered_z(7, 5), atol=1e-6)


def test_numbered_z_is_the_same_in_every_run_and_normal():
    np.testing.assert_array_equal(widgets.numbered_z(3, 4), widgets.numbered_z(3, 4))
    many = np.stack([widgets.numbered_z(n, 16) for n in range(100)])
    assert abs(many.mean()) < 0.1 and many.std() == pytest.approx(1.0, abs=0.1)
