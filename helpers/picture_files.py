"""Pictures in files: those that ship with the kit, and any that a user brings.

``helpers.images`` offers these functions; they are loaded when one of them is first needed.
"""

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from helpers import checking, config


def photographs():
    """Names of the photographs that ship with the kit, sorted."""
    return sorted(path.stem for path in _folder().glob("*.jpg"))


def photograph(name, largest=None):
    """The photograph ``name`` (one of ``photographs()``, or ``ValueError``): uint8 ``(H, W, 3)``.

    ``largest`` shrinks it as in ``read``.
    """
    checking.choice(name, "photograph", photographs())
    return read(_folder() / f"{name}.jpg", largest)


def paintings():
    """Names of the style pictures that ship with the kit, sorted."""
    return sorted(path.stem for path in (_folder() / "styles").glob("*.jpg"))


def painting(name, largest=None):
    """The style picture ``name`` (one of ``paintings()``, or ``ValueError``): uint8 ``(H, W, 3)``.

    ``largest`` shrinks it as in ``read``. ``tools/make_styles.py`` draws them.
    """
    checking.choice(name, "painting", paintings())
    return read(_folder() / "styles" / f"{name}.jpg", largest)


def _folder():
    return config.bundled_data_dir() / "images"


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
    if largest is not None:
        largest = checking.whole(largest, "largest")
    try:
        picture = decode(io.BytesIO(content), largest).convert("RGB")
        if largest:
            picture.thumbnail((largest, largest), Image.Resampling.LANCZOS)
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


def decode(file, side=None):
    """A picture file as a PIL image: upright, 8 bits a channel, transparency laid on white.

    Args:
        file: path or open file.
        side: pixels that the caller will shrink it to; a JPEG is then decoded at a fraction of its
            size, at least twice as large.
    """
    with Image.open(file) as picture:
        if side:
            picture.draft(None, (2 * side, 2 * side))
        picture = ImageOps.exif_transpose(picture)
    if picture.mode.startswith("I"):  # 16-bit gray: Pillow's own conversion clips, not scales
        return Image.fromarray((np.asarray(picture).clip(0, 65535) // 257).astype("uint8"))
    if picture.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in picture.info:
        paper = Image.new("RGBA", picture.size, "white")
        return Image.alpha_composite(paper, picture.convert("RGBA"))
    return picture


# --- Values ---
