"""Single photographs: the shipped ones, and files of all kinds and in all states."""

import io

import make_pictures
import make_styles
import numpy as np
import pytest
from PIL import Image

from helpers import config, pictures


def test_the_shipped_photographs_are_small_and_listed():
    assert pictures.names() == ["astronaut", "cat", "coffee", "rocket"]
    sizes = {"astronaut": (512, 512), "cat": (300, 451), "coffee": (400, 600), "rocket": (427, 640)}
    for name in pictures.names():
        image = pictures.photograph(name)
        assert image.shape == (*sizes[name], 3) and image.dtype == np.uint8
        path = config.bundled_data_dir() / "images" / f"{name}.jpg"
        assert path.stat().st_size <= 150_000
    with pytest.raises(ValueError, match="no photograph 'dog'; the kit has astronaut, cat"):
        pictures.photograph("dog")


def test_what_they_show_is_the_right_way_round():
    cat, rocket = pictures.photograph("cat"), pictures.photograph("rocket")
    red, _, blue = cat.mean(axis=(0, 1))
    assert red > blue + 20  # a ginger cat
    assert rocket[:100].mean() < rocket[-60:].mean()  # the lights are below


def test_largest_shrinks_and_never_enlarges():
    assert pictures.photograph("rocket", 320).shape == (214, 320, 3)
    assert pictures.photograph("rocket", 4000).shape == (427, 640, 3)
    for wrong in (0, -3, True):
        with pytest.raises(ValueError, match="largest must be"):
            pictures.photograph("rocket", wrong)


@pytest.fixture
def picture():
    """A picture whose four corners differ, so that a wrong turn is seen."""
    pixels = np.full((20, 30, 3), 128, "uint8")
    pixels[:10, :15], pixels[10:, 15:] = (255, 0, 0), (0, 0, 255)
    return Image.fromarray(pixels)


def test_paths_bytes_and_uploads_give_the_same_picture(picture, tmp_path):
    path, buffer = tmp_path / "own.png", io.BytesIO()
    picture.save(path)
    picture.save(buffer, "PNG")
    content = buffer.getvalue()
    new = ({"name": "own.png", "content": memoryview(content), "size": len(content)},)
    old = {"own.png": {"content": content, "metadata": {"name": "own.png"}}}
    for source in (path, str(path), content, new, old):
        np.testing.assert_array_equal(pictures.read(source), np.asarray(picture))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "I;16", "1", "CMYK"])
def test_all_kinds_of_pictures_become_rgb(picture, mode, tmp_path):
    path = tmp_path / ("own.tif" if mode == "CMYK" else "own.png")
    if mode == "I;16":
        gray = np.asarray(picture.convert("L")).astype("uint16") * 257
        Image.fromarray(gray).save(path)
    else:
        picture.convert(mode).save(path)
    found = pictures.read(path)
    assert found.shape == (20, 30, 3) and found.dtype == np.uint8
    if mode in ("P", "RGBA", "CMYK"):
        np.testing.assert_allclose(found[2, 2], (255, 0, 0), atol=6)
    if mode in ("L", "LA", "I;16"):
        assert np.ptp(found, axis=-1).max() == 0 and abs(int(found[2, 2, 0]) - 76) < 2


def test_cameras_orientation_is_applied(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    found = pictures.read(tmp_path / "turned.jpg")
    assert found.shape == (30, 20, 3)
    np.testing.assert_allclose(found[3, 17], (255, 0, 0), atol=30)


def test_unreadable_sources_are_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no picture .*gone\.jpg"):
        pictures.read(tmp_path / "gone.jpg")
    (tmp_path / "text.jpg").write_text("not a picture")
    whole = (config.bundled_data_dir() / "images" / "cat.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    for name in ("text.jpg", "half.jpg"):
        with pytest.raises(ValueError, match=f"{name} is not a readable picture"):
            pictures.read(tmp_path / name)
    with pytest.raises(ValueError, match="no picture was uploaded yet"):
        pictures.read(())
    with pytest.raises(ValueError, match="a picture is a path or the bytes of a file, got int"):
        pictures.read(3)


def test_the_script_makes_them_again(tmp_path):
    """From a folder as from a wheel, on stand-ins of other sizes."""
    source = tmp_path / "skimage"
    source.mkdir()
    random = np.random.default_rng(0)
    for name in make_pictures.SOURCES.values():
        pixels = random.integers(0, 256, (90, 1280, 3)).astype("uint8")
        Image.fromarray(pixels).save(source / name)
    assert make_pictures.main([str(source), "--out", str(tmp_path / "out")]) == 0
    with Image.open(tmp_path / "out" / "cat.jpg") as made:
        assert made.size == (640, 45) and made.format == "JPEG"


def test_the_styles_are_small_and_listed():
    known = ["glass", "marbling", "mosaic", "strokes", "watercolor", "woodcut"]
    assert pictures.paintings() == known and "strokes" not in pictures.names()
    for name in known:
        image = pictures.painting(name)
        assert image.shape == (512, 512, 3) and image.dtype == np.uint8
        path = config.bundled_data_dir() / "images" / "styles" / f"{name}.jpg"
        assert path.stat().st_size <= 180_000
        assert image.std() > 25, "a picture, not a gray square"
    assert pictures.painting("glass", 100).shape == (100, 100, 3)
    with pytest.raises(ValueError, match="no style picture 'sketch'; the kit has glass"):
        pictures.painting("sketch")


def test_a_style_is_painted_again_as_it_is(tmp_path):
    """The quickest painter at full size; the others are made the same way."""
    assert make_styles.main(["marbling", "--out", str(tmp_path)]) == 0
    again, shipped = pictures.read(tmp_path / "marbling.jpg"), pictures.painting("marbling")
    assert np.abs(again.astype(int) - shipped).mean() < 1
    assert sorted(make_styles.PAINTERS) == pictures.paintings()


@pytest.mark.parametrize("name", sorted(make_styles.PAINTERS))
def test_every_painter_fills_its_picture_the_same_way_twice(name):
    small = make_styles.paint(name, 48)
    assert small.shape == (48, 48, 3) and small.std() > 15
    assert np.array_equal(small, make_styles.paint(name, 48))
