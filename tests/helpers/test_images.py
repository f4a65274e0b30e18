"""Files, value ranges, sizes, sheets and animations: by numbers worked out by hand."""

import io

import imageio.v3 as iio
import make_pictures
import make_styles
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from helpers import config, images

ALL_BYTES = np.arange(256, dtype="uint8").reshape(1, 16, 16, 1)


# --- to_float, to_uint8 ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value_range", "expected"),
    [((-1, 1), [-1.0, -0.6, 1.0]), ((0, 1), [0.0, 0.2, 1.0]), ((0, 255), [0.0, 51.0, 255.0])],
)
def test_to_float_by_hand(value_range, expected):
    scaled = images.to_float(np.array([0, 51, 255], "uint8"), value_range)
    assert scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, expected, rtol=0, atol=1e-6)
    assert (scaled[0], scaled[2]) == value_range  # the ends are exact


def test_to_float_is_the_usual_formula():
    expected = (ALL_BYTES.astype("float64") - 127.5) / 127.5
    np.testing.assert_allclose(images.to_float(ALL_BYTES), expected, rtol=0, atol=1e-7)


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1), (-0.3, 0.7)])
def test_arrays_and_tensors_give_the_same_bits(value_range):
    graph = tf.function(lambda x: images.to_float(x, value_range))
    scaled = graph(tf.constant(ALL_BYTES))
    assert scaled.dtype == tf.float32
    np.testing.assert_array_equal(scaled, images.to_float(ALL_BYTES, value_range))


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1), (-3, 0.5)])
def test_bytes_survive_the_way_there_and_back(value_range):
    back = images.to_uint8(images.to_float(ALL_BYTES, value_range), value_range)
    assert back.dtype == np.uint8
    np.testing.assert_array_equal(back, ALL_BYTES)


def test_to_uint8_rounds_and_clips():
    values = np.array([-2.0, -1.0, -0.001, 0.0, 0.499 / 127.5 - 1, 0.501 / 127.5 - 1, 1.0, 9.0])
    assert images.to_uint8(values, (-1, 1)).tolist() == [0, 0, 127, 128, 0, 1, 255, 255]


def test_to_uint8_takes_bfloat16_tensors():
    assert images.to_uint8(tf.constant([-1.0, 1.0], tf.bfloat16), (-1, 1)).tolist() == [0, 255]


def test_scaling_refuses_what_is_scaled_already():
    with pytest.raises(ValueError, match=r"takes uint8 images in \[0, 255\], got float32"):
        images.to_float(np.zeros(3, "float32"))
    with pytest.raises(ValueError, match=r"got float32"):
        images.to_float(tf.zeros(3))
    with pytest.raises(ValueError, match=r"floats into bytes, but the images are uint8"):
        images.to_uint8(np.zeros(3, "uint8"), (0, 1))


def test_to_uint8_refuses_nan():
    with pytest.raises(ValueError, match="images hold 2 values that are NaN or infinite"):
        images.to_uint8(np.array([0.0, np.nan, np.inf]), (0, 1))


@pytest.mark.parametrize("value_range", [(1, -1), (0, 0), 1, (0, 1, 2), "ab", None])
def test_a_range_is_two_rising_numbers(value_range):
    with pytest.raises(ValueError, match="value_range must be"):
        images.to_float(ALL_BYTES, value_range)


# --- resize ----------------------------------------------------------------------------------


def test_resize_averages_instead_of_picking_pixels():
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    small = images.resize(board.astype("uint8")[None, :, :, None], 8)
    assert small.shape == (1, 8, 8, 1) and small.dtype == np.uint8
    assert np.abs(small.astype(int) - 127.5).max() <= 8  # every second pixel would be 0 or 255


def test_resize_keeps_flat_images_rank_and_float_type():
    flat = np.full((5, 9, 3), 0.25, "float32")
    scaled = images.resize(flat, (20, 3))
    assert scaled.shape == (20, 3, 3) and scaled.dtype == np.float32
    np.testing.assert_allclose(scaled, 0.25, atol=1e-6)


def test_resize_keeps_left_left():
    ramp = np.tile(np.linspace(0, 1, 32, dtype="float32")[None, :, None], (32, 1, 1))
    small = images.resize(ramp, (4, 8))[..., 0]
    assert small.shape == (4, 8) and (np.diff(small, axis=1) > 0.1).all()


@pytest.mark.parametrize("size", [0, -1, 2.5, (3,), (3, 0), "8", True, None])
def test_resize_refuses_impossible_sizes(size):
    with pytest.raises(ValueError, match="size must be a whole number"):
        images.resize(ALL_BYTES, size)


def test_resize_refuses_other_ranks():
    with pytest.raises(ValueError, match=r"got \(256,\)"):
        images.resize(ALL_BYTES.ravel(), 8)


@pytest.mark.parametrize("method", images.RESAMPLING)
def test_resize_by_each_method_scales_every_channel_as_pillow_does(method):
    image = np.random.default_rng(0).uniform(0, 255, (23, 31, 3)).astype("float32")
    found = images.resize(image, (40, 17), method)
    for channel in range(3):
        plane = Image.fromarray(image[..., channel])
        expected = plane.resize((17, 40), images.RESAMPLING[method])
        np.testing.assert_array_equal(found[..., channel], np.asarray(expected))
    np.testing.assert_array_equal(images.resize(image, (23, 31), method), image)


def test_resize_takes_a_mask_and_averages_it():
    mask = np.array([[0, 40, 0, 0], [40, 80, 0, 0]], "uint8")
    assert images.resize(mask, (1, 2), "area").tolist() == [[40, 0]]
    with pytest.raises(ValueError, match="method must be one of bilinear, bicubic, lanczos, area"):
        images.resize(mask, 2, "nearest")


# --- sheet, write_gif ------------------------------------------------------------------------


def test_a_sheet_shows_the_images_row_by_row():
    gray = np.arange(0, 50, 10, dtype="uint8").reshape(5, 1, 1, 1)
    drawn = np.asarray(images.sheet(gray, 2, scale=3, gap=2))
    assert drawn.shape == (3 * (3 + 2), 2 * (3 + 2), 3)
    assert drawn[2::5, 2::5, 1].tolist() == [[0, 10], [20, 30], [40, 255]]
    assert (drawn[:, [0, 4, 5, 9]] == 255).all(), "white between the images"
    color = np.zeros((2, 4, 6, 3), "uint8") + np.array([255, 0, 9], "uint8")
    assert (np.asarray(images.sheet(color, 2, gap=0)) == color[0, 0, 0]).all()


def test_a_sheet_has_room_for_its_texts():
    dark = np.zeros((2, 8, 8, 1), "uint8")
    sheet = images.sheet(dark, 1, captions=["a", "b"], row_names=["ab", "abcdef"], title="t")
    assert sheet.height == images.CAPTION_HEIGHT + 2 * (images.CAPTION_HEIGHT + 8 + 4)
    assert sheet.width > 8 + 4 + 8
    drawn = np.asarray(sheet)[..., 0]
    assert (drawn[:, -10:-2] == 0).all(axis=1).sum() == 16, "the texts cover no image"
    assert (drawn[: images.CAPTION_HEIGHT] < 128).any(), "the title"


def test_a_gif_has_its_frames_and_times(tmp_path):
    frames = [np.full((4, 6, 3), shade, "uint8") for shade in (0, 128, 255)]
    path = images.write_gif(
        frames, tmp_path / "new" / "film.gif", milliseconds=50, last_milliseconds=900
    )
    assert [int(frame[0, 0, 0]) for frame in iio.imread(path)] == [0, 128, 255]
    with Image.open(path) as film:
        assert film.info["loop"] == 0 and film.size == (6, 4)
        durations = [film.seek(index) or film.info["duration"] for index in range(3)]
    assert durations == [50, 50, 900]
    for wrong in ([], [frames[0], frames[0][:2]]):
        with pytest.raises(ValueError, match="at least one frame, and all of the same size"):
            images.write_gif(wrong, path)


# --- binarize --------------------------------------------------------------------------------


def test_binarize_draws_coins_with_the_gray_values_as_probabilities():
    gray = np.tile(np.linspace(0, 1, 5, dtype="float32"), (4000, 1)).reshape(4000, 5, 1, 1)
    coins = images.binarize(gray, seed=1)
    assert coins.dtype == np.float32 and set(np.unique(coins)) == {0.0, 1.0}
    shares = coins.mean(axis=0).ravel()
    np.testing.assert_allclose(shares, [0, 0.25, 0.5, 0.75, 1], atol=0.03)
    assert shares[0] == 0.0 and shares[-1] == 1.0
    np.testing.assert_array_equal(coins, images.binarize(gray, seed=1))
    assert (coins != images.binarize(gray, seed=2)).any()
    np.testing.assert_array_equal(images.binarize(coins, seed=9), coins)


def test_binarize_by_threshold():
    found = images.binarize(np.array([0.0, 0.5, 0.51, 1.0]), how="threshold")
    assert found.tolist() == [0.0, 0.0, 1.0, 1.0]


@pytest.mark.parametrize(
    ("values", "how", "message"),
    [
        (np.array([0.0, 1.5]), "stochastic", r"must lie in \[0, 1\]"),
        (np.array([-1.0, 1.0]), "threshold", r"look scaled to \[-1, 1\]"),
        (np.array([0.5, np.nan]), "stochastic", "NaN"),
        (np.zeros(3, "uint8"), "stochastic", "scale them with to_float"),
        (np.zeros(3), "coin", "how must be one of stochastic, threshold"),
    ],
)
def test_binarize_refuses(values, how, message):
    with pytest.raises(ValueError, match=message):
        images.binarize(values, how)


# --- files ------------------------------------------------------------------------------------


def test_the_shipped_photographs_are_small_and_listed():
    assert images.photographs() == ["astronaut", "cat", "coffee", "rocket"]
    sizes = {"astronaut": (512, 512), "cat": (300, 451), "coffee": (400, 600), "rocket": (427, 640)}
    for name in images.photographs():
        image = images.photograph(name)
        assert image.shape == (*sizes[name], 3) and image.dtype == np.uint8
        path = config.bundled_data_dir() / "images" / f"{name}.jpg"
        assert path.stat().st_size <= 150_000
    with pytest.raises(ValueError, match=r"photograph must be one of astronaut, cat, .*'dog'"):
        images.photograph("dog")


def test_what_they_show_is_the_right_way_round():
    cat, rocket = images.photograph("cat"), images.photograph("rocket")
    red, _, blue = cat.mean(axis=(0, 1))
    assert red > blue + 20  # a ginger cat
    assert rocket[:100].mean() < rocket[-60:].mean()  # the lights are below


def test_largest_shrinks_and_never_enlarges():
    assert images.photograph("rocket", 320).shape == (214, 320, 3)
    assert images.photograph("rocket", 4000).shape == (427, 640, 3)
    for wrong in (0, -3, True):
        with pytest.raises(ValueError, match="largest must be"):
            images.photograph("rocket", wrong)


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
        np.testing.assert_array_equal(images.read(source), np.asarray(picture))


@pytest.mark.parametrize("mode", ["L", "P", "RGBA", "LA", "I;16", "1", "CMYK"])
def test_all_kinds_of_pictures_become_rgb(picture, mode, tmp_path):
    path = tmp_path / ("own.tif" if mode == "CMYK" else "own.png")
    if mode == "I;16":
        gray = np.asarray(picture.convert("L")).astype("uint16") * 257
        Image.fromarray(gray).save(path)
    else:
        picture.convert(mode).save(path)
    found = images.read(path)
    assert found.shape == (20, 30, 3) and found.dtype == np.uint8
    if mode in ("P", "RGBA", "CMYK"):
        np.testing.assert_allclose(found[2, 2], (255, 0, 0), atol=6)
    if mode in ("L", "LA", "I;16"):
        assert np.ptp(found, axis=-1).max() == 0 and abs(int(found[2, 2, 0]) - 76) < 2


def test_cameras_orientation_is_applied(picture, tmp_path):
    exif = Image.Exif()
    exif[0x0112] = 6  # turn clockwise by a quarter
    picture.save(tmp_path / "turned.jpg", exif=exif, quality=95)
    found = images.read(tmp_path / "turned.jpg")
    assert found.shape == (30, 20, 3)
    np.testing.assert_allclose(found[3, 17], (255, 0, 0), atol=30)


def test_unreadable_sources_are_explained(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"there is no picture .*gone\.jpg"):
        images.read(tmp_path / "gone.jpg")
    (tmp_path / "text.jpg").write_text("not a picture")
    whole = (config.bundled_data_dir() / "images" / "cat.jpg").read_bytes()
    (tmp_path / "half.jpg").write_bytes(whole[: len(whole) // 2])
    for name in ("text.jpg", "half.jpg"):
        with pytest.raises(ValueError, match=f"{name} is not a readable picture"):
            images.read(tmp_path / name)
    with pytest.raises(ValueError, match="no picture was uploaded yet"):
        images.read(())
    with pytest.raises(ValueError, match="a picture is a path or the bytes of a file, got int"):
        images.read(3)


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
    assert images.paintings() == known and "strokes" not in images.photographs()
    for name in known:
        image = images.painting(name)
        assert image.shape == (512, 512, 3) and image.dtype == np.uint8
        path = config.bundled_data_dir() / "images" / "styles" / f"{name}.jpg"
        assert path.stat().st_size <= 180_000
        assert image.std() > 25, "a picture, not a gray square"
    assert images.painting("glass", 100).shape == (100, 100, 3)
    with pytest.raises(ValueError, match=r"painting must be one of glass, .*'sketch'"):
        images.painting("sketch")


def test_a_style_is_painted_again_as_it_is(tmp_path):
    """The quickest painter at full size; the others are made the same way."""
    assert make_styles.main(["marbling", "--out", str(tmp_path)]) == 0
    again, shipped = images.read(tmp_path / "marbling.jpg"), images.painting("marbling")
    assert np.abs(again.astype(int) - shipped).mean() < 1
    assert sorted(make_styles.PAINTERS) == images.paintings()


@pytest.mark.parametrize("name", sorted(make_styles.PAINTERS))
def test_every_painter_fills_its_picture_the_same_way_twice(name):
    small = make_styles.paint(name, 48)
    assert small.shape == (48, 48, 3) and small.std() > 15
    assert np.array_equal(small, make_styles.paint(name, 48))
