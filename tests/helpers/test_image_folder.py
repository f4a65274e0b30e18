"""A folder of anyone's pictures: every kind of file, and what to do about the broken ones."""

import os
import struct
import zlib

import numpy as np
import pytest
from PIL import Image

from helpers import datasets
from helpers.datasets import folders


def save(path, array, mode=None, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.asarray(array, "uint8"), mode).save(path, **options)
    return path


def flat(color, size=(20, 20)):
    return np.full((*size, len(color)), color, "uint8")


def only(folder, size=8, channels=3):
    """The single image of a folder."""
    data = datasets.image_folder(folder, size, channels)
    assert len(data) == 1
    return data.images[0]


def test_formats_sizes_order_and_subfolders(tmp_path, capsys):
    shades = {"b.png": 10, "a/z.jpg": 60, "a.webp": 110, "c.JPEG": 160, "d.bmp": 210, "e.gif": 250}
    for index, (name, shade) in enumerate(shades.items()):
        save(tmp_path / name, flat((shade,) * 3, (20 + 7 * index, 31)))
    (tmp_path / "notes.txt").write_text("no picture")
    (tmp_path / ".hidden.png").write_bytes(b"")
    (tmp_path / ".cache").mkdir()
    (tmp_path / ".cache" / "thumb.png").write_bytes(b"")
    data = datasets.image_folder(tmp_path, (12, 10))
    assert data.images.shape == (6, 12, 10, 3) and data.images.dtype == np.uint8
    centers = data.images[:, 6, 5].astype(int)
    wanted = [shades[name] for name in sorted(shades)]  # a.webp, a/z.jpg, b.png, ...
    assert np.abs(centers - np.array(wanted)[:, None]).max() <= 2
    assert data.labels.dtype == np.int64 and data.labels.tolist() == [0] * 6
    assert data.class_names == ("picture",) and data.split == "train"
    line = f"pictures: 6 images of 12x10 from the folder {tmp_path.name}"
    assert data.origin == line and capsys.readouterr().out == line + "\n"


def test_the_center_is_kept(tmp_path):
    stripes = np.zeros((10, 50, 3), "uint8")
    stripes[:, 20:30] = (255, 0, 0)  # the middle square is red
    save(tmp_path / "wide.png", stripes)
    np.testing.assert_array_equal(only(tmp_path, 10), flat((255, 0, 0), (10, 10)))


def test_scaling_averages(tmp_path):
    board = np.indices((64, 64)).sum(axis=0) % 2 * 255
    save(tmp_path / "board.png", np.repeat(board[..., None], 3, axis=2))
    assert np.abs(only(tmp_path, 8).astype(int) - 127.5).max() < 12


def test_small_pictures_are_enlarged(tmp_path):
    save(tmp_path / "dot.png", flat((1, 2, 3), (1, 1)))
    np.testing.assert_array_equal(only(tmp_path, 5), flat((1, 2, 3), (5, 5)))


def test_transparency_is_laid_on_white(tmp_path):
    glass = np.zeros((8, 8, 4), "uint8")
    glass[:, 4:] = (0, 0, 255, 255)
    save(tmp_path / "glass.png", glass)
    image = only(tmp_path)
    assert image[0, 0].tolist() == [255, 255, 255] and image[0, 7].tolist() == [0, 0, 255]


def test_palette_with_a_transparent_color(tmp_path):
    picture = Image.new("P", (8, 8), 0)
    picture.putpalette([9, 9, 9, 0, 200, 0])
    picture.paste(1, (4, 0, 8, 8))
    picture.save(tmp_path / "palette.png", transparency=0)
    image = only(tmp_path)
    assert image[0, 0].tolist() == [255, 255, 255] and image[0, 7].tolist() == [0, 200, 0]


def test_gray_and_color_become_each_other(tmp_path):
    save(tmp_path / "one" / "gray.png", np.full((9, 9), 77))
    save(tmp_path / "two" / "red.png", flat((255, 0, 0)))
    assert only(tmp_path / "one", 4, 3)[0, 0].tolist() == [77, 77, 77]
    gray = only(tmp_path / "two", 4, 1)
    assert gray.shape == (4, 4, 1) and gray[0, 0, 0] == 76  # 0.299 of 255


def test_print_colors_and_moving_pictures(tmp_path):
    Image.new("CMYK", (16, 16), (0, 255, 255, 0)).save(tmp_path / "1.jpg", quality=95)
    frames = [Image.new("RGB", (16, 16), color) for color in ("blue", "white")]
    frames[0].save(tmp_path / "2.gif", save_all=True, append_images=frames[1:])
    data = datasets.image_folder(tmp_path, 4)
    red, blue = data.images[:, 2, 2].astype(int)
    assert red[0] > 200 and red[1:].max() < 60
    assert blue.tolist() == [0, 0, 255]


def test_broken_files_are_counted_named_and_skipped(tmp_path, capsys):
    good = save(tmp_path / "good.png", np.random.default_rng(0).integers(0, 256, (40, 40, 3)))
    (tmp_path / "b1.png").write_bytes(good.read_bytes()[:300])
    (tmp_path / "b2.jpg").write_bytes(b"")
    (tmp_path / "b3.webp").write_bytes(b"plain text")
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "b4.gif").write_bytes(b"GIF89a")
    data = datasets.image_folder(tmp_path, 8)
    assert len(data) == 1 and data.images.shape == (1, 8, 8, 3)
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == (
        "skipped 4 of 5 files that are no readable pictures: b1.png, b2.jpg, b3.webp and 1 more"
    )
    assert len(lines) == 2


def test_a_picture_that_would_fill_the_memory_is_broken(tmp_path, capsys):
    """A few hundred bytes that promise 60,000 x 60,000 pixels."""

    def chunk(kind, data):
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    header = struct.pack(">IIBBBBB", 60_000, 60_000, 8, 2, 0, 0, 0)
    content = chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(b"")) + chunk(b"IEND", b"")
    (tmp_path / "bomb.png").write_bytes(b"\x89PNG\r\n\x1a\n" + content)
    save(tmp_path / "good.png", flat((5, 5, 5)))
    assert only(tmp_path, 2)[0, 0].tolist() == [5, 5, 5]
    assert "skipped 1 of 2 files" in capsys.readouterr().out


def test_nothing_to_read_is_an_error(tmp_path):
    with pytest.raises(ValueError, match=r"holds no pictures \(.png, .jpg"):
        datasets.image_folder(tmp_path, 8)
    (tmp_path / "only.png").write_bytes(b"broken")
    with pytest.raises(ValueError, match="none of the 1 pictures in"):
        datasets.image_folder(tmp_path, 8)


def test_paths_that_are_no_folder(tmp_path, monkeypatch):
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*gone"):
        datasets.image_folder(tmp_path / "gone", 8)
    file = save(tmp_path / "a.png", flat((1, 1, 1)))
    with pytest.raises(NotADirectoryError, match=r"a.png is a file"):
        datasets.image_folder(file, 8)

    def refuse(path):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(PermissionError, match="may not be read by this user"):
        datasets.image_folder(tmp_path, 8)


def test_impossible_sizes_and_channels(tmp_path):
    for size in (0, (8,), "8"):
        with pytest.raises(ValueError, match="size must be a whole number"):
            datasets.image_folder(tmp_path, size)
    for channels in (2, "3", True):
        with pytest.raises(ValueError, match="channels must be one of 1, 3"):
            datasets.image_folder(tmp_path, 8, channels)


@pytest.mark.parametrize(("live", "count", "shown"), [(True, 4, True), (True, 3, False),
                                                      (False, 4, False)])  # fmt: skip
def test_progress_bar_only_for_many_files_in_a_live_notebook(
    tmp_path, monkeypatch, capsys, live, count, shown
):
    monkeypatch.setattr(folders, "MANY", 3)
    monkeypatch.setattr(folders.config, "interactive", lambda: live)
    for index in range(count):
        save(tmp_path / f"{index}.png", flat((index,) * 3))
    assert len(datasets.image_folder(tmp_path, 2)) == count
    printed = capsys.readouterr()  # tqdm writes to one or the other, as IPython is loaded or not
    assert ("reading" in printed.err + printed.out) is shown
