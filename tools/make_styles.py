#!/usr/bin/env python3
"""Paint the style pictures in ``data/images/styles/``: six manners, drawn by arithmetic.

    python tools/make_styles.py [NAME ...] [--out FOLDER] [--size 512]

No picture of anybody else is used, so they are free of rights (CC0). Each is painted at twice its
size from a fixed seed and shrunk, then stored as JPEG of quality 90. About a minute for all.
"""

import argparse
import sys
from pathlib import Path

import numpy as np
from PIL import Image
from style_painters import PAINTERS

DATA = Path(__file__).resolve().parents[1] / "data"
SIZE, QUALITY, OVERSAMPLING = 512, 90, 2


def paint(name, size=SIZE):
    """A style picture: uint8 ``(size, size, 3)``, the same at every call."""
    random = np.random.default_rng(sorted(PAINTERS).index(name) + 1)
    pixels = PAINTERS[name](size * OVERSAMPLING, random)
    picture = Image.fromarray(np.rint(255 * np.clip(pixels, 0, 1)).astype("uint8"))
    return np.asarray(picture.resize((size, size), Image.Resampling.LANCZOS))


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("names", nargs="*", metavar="NAME", help=", ".join(PAINTERS))
    parser.add_argument("--out", type=Path, default=DATA / "images" / "styles")
    parser.add_argument("--size", type=int, default=SIZE)
    options = parser.parse_args(arguments)
    unknown = sorted(set(options.names) - set(PAINTERS))
    if unknown:
        parser.error(f"no style {', '.join(unknown)}; there are {', '.join(PAINTERS)}")
    options.out.mkdir(parents=True, exist_ok=True)
    for name in options.names or PAINTERS:
        path = options.out / f"{name}.jpg"
        Image.fromarray(paint(name, options.size)).save(path, quality=QUALITY, optimize=True)
        print(path.name, path.stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
