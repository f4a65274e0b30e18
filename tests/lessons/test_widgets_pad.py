"""The drawing pad: what its strokes become, what it shows, and drawings read from files."""

import io
import re

import numpy as np
import pytest
from PIL import Image, ImageDraw

from helpers import config
from lessons.widgets import pad

BAR = {"width": 16, "points": [[0, 128], [256, 128]]}  # rows 120 to 135 of 256
FRESH = {"width": 0, "points": []}


def invert(drawing):
    return -drawing


def arrive(box, *strokes):
    """Strokes come in as they do from the browser."""
    box.canvas.set_state({"strokes": list(strokes)})


def pixels_of(value):
    return np.asarray(Image.open(io.BytesIO(value)).convert("RGB"))


def ramp(size=32):
    """A picture whose pixels all differ: what is moved, mirrored or smoothed shows."""
    row = np.arange(size * size * 3) % 251
    return row.reshape(size, size, 3).astype("uint8")


# -- from strokes to images ------------------------------------------------------------------------


def test_a_bar_covers_the_rows_that_it_should():
    asked = []

    def paint(drawing):
        asked.append(drawing)
        return np.full_like(drawing, 0.5)

    box = pad.doodle_pad(paint)
    arrive(box, BAR)
    expected = np.ones((1, 32, 32, 3), "float32")
    expected[:, 15:17] = -1
    assert len(asked) == 2 and (asked[0] == 1).all()
    assert asked[1].dtype == np.float32 and asked[1].shape == (1, 32, 32, 3)
    np.testing.assert_array_equal(asked[1], expected)
    np.testing.assert_array_equal(box.doodle, expected)


def test_the_pen_is_area_averaged():
    """A bar over half of a pixel's height leaves it in the middle between paper and pen."""
    box = pad.doodle_pad(invert)
    arrive(box, {"width": 12, "points": [[0, 130], [256, 130]]})  # rows 124 to 135
    np.testing.assert_array_equal(box.doodle[0, 13:19, 5, 0], [1, 1, 0, -1, 1, 1])


@pytest.mark.parametrize("size", [16, 32, 50, 64])
def test_a_tap_is_a_round_dot_at_its_place(size):
    box = pad.doodle_pad(invert, size=size)
    arrive(box, {"width": 32, "points": [[64, 160]]})
    ink = (1 - box.doodle[0, ..., 0]) / 2
    scale = 256 / size
    assert ink.sum() * scale**2 == pytest.approx(np.pi * 16**2, rel=0.01)
    places = (np.arange(size) + 0.5) * scale
    middle = [(ink * places).sum() / ink.sum(), (ink.T * places).sum() / ink.sum()]
    np.testing.assert_allclose(middle, [64, 160], atol=0.1)


def test_bends_are_filled_and_strokes_may_leave_the_paper():
    box = pad.doodle_pad(invert, size=256)
    arrive(box, {"width": 20, "points": [[60, 60], [200, 60], [200, 300]]})
    ink = box.doodle[0, ..., 0] < 0
    assert ink[60, 50] and not ink[60, 49]  # a round end reaches half a width further
    assert ink[53, 206] and not ink[51, 208]  # and so does a round corner
    assert ink[255, 190:210].all() and not ink[255, 189] and not ink[255, 210]


def test_the_start_stays_as_it_is_below_the_strokes():
    box = pad.doodle_pad(invert, start=ramp())
    np.testing.assert_allclose(box.doodle[0], ramp() / 127.5 - 1, atol=1e-6)
    arrive(box, BAR)
    assert (box.doodle[0, 15:17] == -1).all()
    np.testing.assert_allclose(box.doodle[0, :15], ramp()[:15] / 127.5 - 1, atol=1e-6)


def test_a_fresh_sheet_clears_the_start_and_undo_brings_it_back():
    box = pad.doodle_pad(invert, start=ramp())
    dot = {"width": 16, "points": [[8, 8]]}
    arrive(box, dot, FRESH)
    assert (box.doodle == 1).all()
    arrive(box, dot, FRESH, BAR)
    assert (box.doodle[0, 15:17] == -1).all() and (box.doodle[0, :15] == 1).all()
    arrive(box, dot)
    np.testing.assert_allclose(box.doodle[0, 2:], ramp()[2:] / 127.5 - 1, atol=1e-6)


# -- what it shows ---------------------------------------------------------------------------------


def test_the_painted_picture_is_shown_after_each_stroke():
    box = pad.doodle_pad(invert)
    assert (pixels_of(box.canvas.painted) == 0).all()
    arrive(box, BAR)
    shown = pixels_of(box.canvas.painted)
    assert shown.shape == (256, 256, 3)
    assert (shown[126:130] == 255).all() and (shown[:100] == 0).all()
    assert (box.picture[15:17] == 255).all() and (box.picture[:15] == 0).all()
    np.testing.assert_array_equal(box.picture[17:], 0)


def test_what_is_painted_keeps_its_colors_and_its_place():
    colors = np.array([[[255, 0, 0], [0, 255, 0]], [[0, 0, 255], [255, 255, 0]]], "uint8")
    colors = colors.repeat(8, axis=0).repeat(8, axis=1)
    box = pad.doodle_pad(lambda drawing: colors[None] / 127.5 - 1, size=16)
    np.testing.assert_array_equal(box.picture, colors)
    shown = pixels_of(box.canvas.painted)
    np.testing.assert_array_equal(shown[60::130, 60::130], colors[::15, ::15])


def test_values_out_of_range_are_clipped():
    box = pad.doodle_pad(lambda drawing: 3 * drawing)
    assert (box.picture == 255).all()


def test_the_still_picture_shows_drawing_and_painting():
    box = pad.doodle_pad(invert, start=ramp())
    arrive(box, BAR)
    data, metadata = box._repr_mimebundle_()
    still = pixels_of(data["image/png"])
    assert still.shape == (256, 524, 3) and metadata == {}
    assert (still[120:136, :256] == 0).all() and (still[126:130, 268:] == 255).all()
    np.testing.assert_array_equal(still[4:120:8, 4:256:8], ramp()[:15])
    assert (still[:, 256:268] == 255).all()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == box.model_id


def test_colab_is_told_where_the_widget_comes_from(monkeypatch):
    box = pad.doodle_pad(invert)
    told = {"application/vnd.jupyter.widget-view+json": {"colab": {"x": 1}}}
    monkeypatch.setattr(type(box.canvas), "_repr_mimebundle_", lambda self: ({}, told))
    data, metadata = box._repr_mimebundle_(include=None, exclude=None)
    assert metadata == told and "image/png" in data


def test_the_browser_gets_start_pen_and_script():
    box = pad.doodle_pad(invert, size=16, start=ramp(16))
    np.testing.assert_array_equal(pixels_of(box.canvas.paper), ramp(16))
    assert box.canvas.pen == 16 and pad.doodle_pad(invert, size=64).canvas.pen == 4
    state = box.canvas.get_state()
    assert "export default { render }" in state["_esm"]
    assert {"strokes", "pen", "paper", "painted", "message"} <= set(state)
    assert f"SIDE = {pad.SIDE};" in state["_esm"]


def test_the_script_names_its_controls_and_loads_nothing():
    script = pad.Canvas._esm
    assert not re.search(r"https?:|//cdn|\bimport\b|fetch\(", script)
    for control in ("Drawing pad:", ">Undo<", ">Clear<", "<label>Pen width", "Painted picture"):
        assert control in script


def test_nobody_looks(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    assert not config.interactive()
    assert (pad.doodle_pad(invert).picture == 0).all()


# -- mistakes --------------------------------------------------------------------------------------


def test_an_error_while_painting_is_one_line_and_the_old_picture_stays():
    def fussy(drawing):
        if drawing.min() < 0:
            raise ValueError("too dark\nand more")
        return -drawing

    box = pad.doodle_pad(fussy)
    arrive(box, BAR)
    assert box.canvas.message == "ValueError: too dark"
    assert (box.picture == 0).all() and (pixels_of(box.canvas.painted) == 0).all()
    arrive(box)
    assert box.canvas.message == ""


@pytest.mark.parametrize(
    ("answer", "message"),
    [
        (np.zeros((1, 16, 16, 3), "float32"), r"painted images must have shape \(1, 32, 32, 3\)"),
        (np.zeros((32, 32, 3), "float32"), r"shape \(N, H, W, C\), got \(32, 32, 3\)"),
        (np.zeros((1, 32, 32, 3), "uint8"), "uint8"),
        (np.full((1, 32, 32, 3), np.nan), "NaN"),
    ],
)
def test_a_wrong_picture_is_refused(answer, message):
    with pytest.raises(ValueError, match=message):
        pad.doodle_pad(lambda drawing: answer)
    good = [True]
    box = pad.doodle_pad(lambda drawing: -drawing if good else answer)
    good.clear()
    arrive(box, BAR)
    assert re.match(f"ValueError: .*{message}", box.canvas.message)


def test_wrong_arguments():
    for size in (7, 257, 32.0, True):
        with pytest.raises(ValueError, match="size must be a whole number from 8 to 256"):
            pad.doodle_pad(invert, size=size)
    for start in (np.zeros((16, 16, 3), "uint8"), np.ones((32, 32, 3), "float32")):
        with pytest.raises(ValueError, match=r"start must be uint8 of shape \(32, 32, 3\)"):
            pad.doodle_pad(invert, start=start)


# -- drawings from files ---------------------------------------------------------------------------


def sheet(width, height, paper=255, pen=0):
    """A drawing: in the middle square, a bar from a quarter to three quarters of its width."""
    picture = Image.new("RGB", (width, height), (paper,) * 3)
    side = min(width, height)
    left, top = (width - side) // 2, (height - side) // 2
    box = [left + side // 4, top + side // 2, left + side * 3 // 4 - 1, top + side * 5 // 8 - 1]
    ImageDraw.Draw(picture).rectangle(box, fill=(pen,) * 3)
    return picture


EXPECTED = np.ones((1, 32, 32, 3), "float32")
EXPECTED[:, 16:20, 8:24] = -1


@pytest.mark.parametrize("extent", [(64, 64), (320, 160), (160, 320), (2048, 1024), (32, 40)])
@pytest.mark.parametrize("suffix", ["png", "bmp"])
def test_a_drawing_is_cut_to_its_middle(tmp_path, extent, suffix):
    path = tmp_path / f"drawing.{suffix}"
    sheet(*extent).save(path)
    found = pad.read_doodle(path)
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, EXPECTED, atol=0.02)


def test_gray_pencil_on_gray_paper_is_stretched(tmp_path):
    sheet(256, 256, paper=180, pen=140).save(tmp_path / "a.png")
    found = pad.read_doodle(tmp_path / "a.png")
    np.testing.assert_allclose(found, EXPECTED, atol=0.01)


def test_a_shadow_on_the_paper_is_evened_out(tmp_path):
    light = np.linspace(100, 250, 256)[None, :, None]
    noise = np.random.default_rng(0).normal(0, 4, (256, 256, 1))
    picture = np.asarray(sheet(256, 256)) / 255 * 0.8 + 0.2
    picture = np.clip(picture * light + noise, 0, 255).astype("uint8")
    Image.fromarray(picture).save(tmp_path / "photo.jpg", quality=85)
    found = pad.read_doodle(tmp_path / "photo.jpg")
    assert (found[EXPECTED == 1] > 0.9).mean() > 0.99
    assert (found[EXPECTED == -1] < -0.6).all() and found[EXPECTED == 1].mean() > 0.97


def test_a_thin_line_of_a_large_scan_becomes_dark(tmp_path):
    picture = Image.new("L", (1000, 1000), 250)
    ImageDraw.Draw(picture).ellipse((200, 200, 800, 800), outline=90, width=4)
    picture.save(tmp_path / "scan.png")
    found = pad.read_doodle(tmp_path / "scan.png")[0, ..., 0]
    assert (found[6, 13:19] < -0.9).all() and (found[25, 13:19] < -0.9).all()
    assert (found[:6] == 1).all() and (found[8:24, 11:21] == 1).all()


def test_transparent_paper_is_white(tmp_path):
    picture = sheet(64, 64).convert("RGBA")
    picture.putalpha(Image.fromarray(255 - np.asarray(picture)[..., 0]))
    picture.save(tmp_path / "clear.png")
    np.testing.assert_allclose(pad.read_doodle(tmp_path / "clear.png"), EXPECTED, atol=0.01)


def test_another_size_and_bytes(tmp_path):
    buffer = io.BytesIO()
    sheet(256, 256).save(buffer, "PNG")
    found = pad.read_doodle(buffer.getvalue(), size=16)
    assert found.shape == (1, 16, 16, 3)
    np.testing.assert_allclose(found, EXPECTED[:, ::2, ::2], atol=0.01)


def test_what_is_no_drawing_is_refused(tmp_path):
    sheet(64, 64, paper=200, pen=200).save(tmp_path / "blank.png")
    sheet(64, 64, paper=20, pen=250).save(tmp_path / "dark.png")
    (tmp_path / "text.png").write_text("none")
    for name, message in (
        ("blank", "no drawing found, contrast 0.000 of 1: draw large, with a thick pen"),
        ("dark", "the picture is dark: draw with a dark pen on white paper"),
        ("text", "text.png is not a readable picture"),
    ):
        with pytest.raises(ValueError, match=message):
            pad.read_doodle(tmp_path / f"{name}.png")
    with pytest.raises(ValueError, match="size must be a whole number from 8 to 256, got 0"):
        pad.read_doodle(tmp_path / "blank.png", size=0)
    with pytest.raises(FileNotFoundError, match="there is no picture"):
        pad.read_doodle(tmp_path / "none.png")
