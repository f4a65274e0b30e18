"""Single pictures: the photographs and styles of the kit, and the user's own by path or upload."""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from helpers import config
from helpers.datasets import folders


def names():
    """Names of the photographs that ship with the kit, sorted."""
    return sorted(path.stem for path in _folder().glob("*.jpg"))


def _folder():
    return config.bundled_data_dir() / "images"


def photograph(name, largest=None):
    """A photograph of the kit: uint8 ``(H, W, 3)``, RGB.

    Args:
        name: ``"astronaut"``, ``"cat"``, ``"coffee"`` or ``"rocket"``.
        largest: as in ``read``.

    Raises:
        ValueError: there is no such photograph.
    """
    if name not in names():
        raise ValueError(f"no photograph {name!r}; the kit has {', '.join(names())}")
    return read(_folder() / f"{name}.jpg", largest)


def paintings():
    """Names of the style pictures that ship with the kit, sorted."""
    return sorted(path.stem for path in (_folder() / "styles").glob("*.jpg"))


def painting(name, largest=None):
    """A style picture of the kit, drawn by ``tools/make_styles.py``: uint8 ``(H, W, 3)``, RGB.

    Args:
        name: ``"glass"``, ``"marbling"``, ``"mosaic"``, ``"strokes"``, ``"watercolor"`` or
            ``"woodcut"``.
        largest: as in ``read``.

    Raises:
        ValueError: there is no such picture.
    """
    if name not in paintings():
        raise ValueError(f"no style picture {name!r}; the kit has {', '.join(paintings())}")
    return read(_folder() / "styles" / f"{name}.jpg", largest)


def read(source, largest=None):
    """A picture of any kind as uint8 ``(H, W, 3)``, RGB, turned the right way up.

    Gray, palette, 16-bit and transparent pictures (on white) are understood; of an animation the
    first frame counts.

    Args:
        source: path, the bytes of a file, or the ``value`` of an ``ipywidgets.FileUpload``.
        largest: shrink so that no side is longer, in pixels; never enlarges.

    Raises:
        FileNotFoundError: no such file.
        ValueError: it is no readable picture, or ``largest`` is below 1.
    """
    content, name = _content(source)
    if largest is not None and (isinstance(largest, bool) or int(largest) < 1):
        raise ValueError(f"largest must be a number of pixels from 1, got {largest!r}")
    try:
        with Image.open(io.BytesIO(content)) as picture:
            if largest:  # a JPEG can be decoded at a fraction of its size
                picture.draft(None, (2 * int(largest), 2 * int(largest)))
            picture = folders.eight_bits(ImageOps.exif_transpose(picture))
            picture = folders.on_white(picture).convert("RGB")
            if largest:
                picture.thumbnail((int(largest), int(largest)), Image.Resampling.LANCZOS)
            return np.asarray(picture).copy()
    except Exception as error:  # Pillow's decoders raise nearly anything on a damaged file
        raise ValueError(f"{name} is not a readable picture: {error}") from error


def _content(source):
    """The bytes of a picture file, and what a message calls it."""
    if isinstance(source, (str, Path)):
        path = Path(source).expanduser()
        if not path.is_file():
            raise FileNotFoundError(f"there is no picture {path}")
        return path.read_bytes(), path.name
    if isinstance(source, dict):  # ipywidgets 7: {name: {"content": bytes}}
        source = list(source.values())
    if isinstance(source, (tuple, list)):
        if not source:
            raise ValueError("no picture was uploaded yet")
        return bytes(source[0]["content"]), source[0].get("name", "the uploaded file")
    if isinstance(source, (bytes, bytearray, memoryview)):
        return bytes(source), "the given file"
    raise ValueError(f"a picture is a path or the bytes of a file, got {type(source).__name__}")
