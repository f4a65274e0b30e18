"""The studio of anchors: what the buttons do, and the static frame."""

import io

import imageio.v3 as iio
import numpy as np
import pytest
from PIL import Image

from lessons.latent import interpolation
from lessons.widgets import walks


def draw(z):
    """A gray image whose level is z[0] / 4; z[1] above 1 paints its first column black."""
    level = np.clip(np.asarray(z)[:, 0] / 4, -1, 1)[:, None, None, None]
    images = np.broadcast_to(level, (len(z), 4, 4, 1)).copy()
    images[:, :, 0] = np.where(np.asarray(z)[:, 1, None, None] > 1, -1.0, images[:, :, 0])
    return images


def shown(value):
    return np.asarray(Image.open(io.BytesIO(value)).convert("L"))


def studio(tmp_path, **options):
    return walks.WalkStudio(draw, 3, count=4, steps=5, folder=tmp_path, **options)


def test_the_first_two_samples_are_the_anchors_and_a_click_makes_another_one(tmp_path):
    box = studio(tmp_path)
    np.testing.assert_array_equal(box.path[0], box.z[0])
    np.testing.assert_array_equal(box.path[-1], box.z[1])
    assert [button.description for button in box.buttons] == ["is A", "is B", "take", "take"]
    box.buttons[3].click()
    np.testing.assert_allclose(box.path[0], box.z[3], atol=1e-6)
    box.buttons[2].click()
    np.testing.assert_allclose(box.path[-1], box.z[2], atol=1e-6)
    assert [button.description for button in box.buttons] == ["take", "take", "is B", "is A"]
    expected = interpolation.spherical(box.z[3:4], box.z[2:3], np.linspace(0, 1, 5))[0]
    np.testing.assert_allclose(box.path, expected, atol=1e-6)


def test_way_slider_and_new_samples_redraw(tmp_path):
    box = studio(tmp_path)
    arc, before = box.path.copy(), box.here.value
    box.way.value = "straight"
    expected = interpolation.straight(box.z[:1], box.z[1:2], np.linspace(0, 1, 5))[0]
    np.testing.assert_allclose(box.path, expected, atol=1e-6)
    assert np.abs(arc - box.path).max() > 0.01
    box.share.value = 1.0
    assert box.here.value != before
    level = int(np.rint((box.z[1, 0] / 4 + 1) * 127.5))
    assert shown(box.here.value)[28, 10] == level
    old = box.z.copy()
    box.more.click()
    assert np.abs(box.z - old).min() > 0
    np.testing.assert_array_equal(studio(tmp_path).z, old)


def test_the_walk_is_saved_there_and_back(tmp_path, monkeypatch):
    box = studio(tmp_path)
    box.save_button.click()
    assert box.message.value == "saved as walk.gif"
    # A GIF holds equal frames in a row only once.
    assert 3 <= len(iio.imread(tmp_path / "walk.gif")) <= 8
    seen = []
    monkeypatch.setattr(walks.images, "write_gif", lambda frames, path: seen.extend(frames) or path)
    box.write("there.gif")
    assert [frame.shape for frame in seen] == [(24, 24, 3)] * 8
    for there, back in ((1, 7), (2, 6), (3, 5)):
        np.testing.assert_array_equal(seen[there], seen[back])
    levels = np.rint((box.path[:, 0] / 4 + 1) * 127.5)
    np.testing.assert_allclose([frame[8, 10, 0] for frame in seen[:5]], levels, atol=1)


@pytest.mark.parametrize("name", ["../walk.gif", "", "walk.png"])
def test_a_mistake_in_the_file_name_is_written_below(tmp_path, name):
    box = studio(tmp_path)
    box.file.value = name
    box.save_button.click()
    assert box.message.value.startswith("ValueError: ") and not list(tmp_path.glob("*"))


def test_the_still_frame_holds_thumbnails_and_path(tmp_path):
    frame = studio(tmp_path).frame()
    tile = 4 * 3 + 8
    assert frame.getpixel((1, 1)) == (0xD5, 0x5E, 0), "A's frame"
    assert frame.getpixel((tile + 1, 1)) == (0, 0x72, 0xB2), "B's frame"
    assert frame.getpixel((2 * tile + 1, 1)) == (255, 255, 255)


def test_the_studio_refuses_numbers_that_make_no_sense(tmp_path):
    for options in ({"count": 1}, {"steps": 1}, {"count": 2.0}, {"steps": True}):
        with pytest.raises(ValueError, match="whole number of at least 2"):
            walks.WalkStudio(draw, 3, folder=tmp_path, **options)
