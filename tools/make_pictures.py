#!/usr/bin/env python3
"""Make the small photographs in ``data/images/`` from those that scikit-image ships.

    python tools/make_pictures.py SKIMAGE

SKIMAGE is the folder ``skimage/data`` of an installed scikit-image, or its wheel
(``pip download --no-deps scikit-image==0.26.0``). The pictures keep their size and become JPEG
files of quality 88, below 150 KB each.
"""

import argparse
import io
import sys
import zipfile
from pathlib import Path

from PIL import Image

DATA = Path(__file__).resolve().parents[1] / "data"
SOURCES = {
    "astronaut": "astronaut.png",
    "cat": "chelsea.png",
    "coffee": "coffee.png",
    "rocket": "rocket.jpg",
}
QUALITY, LARGEST_SIDE = 88, 640


def read(source, name):
    """A picture of the folder or the wheel, as PIL image in RGB."""
    if source.is_dir():
        content = (source / name).read_bytes()
    else:
        with zipfile.ZipFile(source) as wheel:
            content = wheel.read(f"skimage/data/{name}")
    return Image.open(io.BytesIO(content)).convert("RGB")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("source", type=Path, metavar="SKIMAGE")
    parser.add_argument("--out", type=Path, default=DATA / "images")
    options = parser.parse_args(arguments)
    options.out.mkdir(parents=True, exist_ok=True)
    for name, file in SOURCES.items():
        picture = read(options.source, file)
        picture.thumbnail((LARGEST_SIDE, LARGEST_SIDE), Image.Resampling.LANCZOS)
        path = options.out / f"{name}.jpg"
        picture.save(path, quality=QUALITY, optimize=True)
        print(path.name, picture.size, path.stat().st_size)
    return 0


if __name__ == "__main__":
    sys.exit(main())
