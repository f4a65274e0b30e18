"""``image_folder``: the user's own pictures as a data set (homework_gan's case of faces)."""

import os
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps
from tqdm.auto import tqdm

from helpers import checking, config
from helpers.datasets.sets import Dataset
from helpers.picture_files import decode

SUFFIXES = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".gif")
MANY = 500  # files from which on a progress bar is worth its line


def image_folder(path, size, channels=3):
    """Load every picture below a folder, cropped around its center and scaled to one size.

    Mixed sizes, orientation marks of cameras, transparency (put on white), gray, palette and
    16-bit pictures are all understood; of an animated file the first frame counts. Files that
    cannot be read are counted, named in one message and left out.

    Args:
        path: folder; its subfolders are searched too.
        size: height and width of the result, an int for squares or a pair.
        channels: 3 for color or 1 for gray.

    Returns:
        Dataset with uint8 images (N, H, W, channels) in the order of the sorted paths, labels all
        zero and the one class "picture".

    Raises:
        FileNotFoundError, NotADirectoryError, PermissionError: no such folder, a file, or one
            that may not be read.
        ValueError: no readable picture in it, a size below 1, or channels not 1 or 3.
    """
    height, width = checking.size(size)
    checking.choice(channels, "channels", (1, 3))
    folder = Path(path).expanduser()
    files = _pictures(folder)
    if not files:
        raise ValueError(f"{folder} holds no pictures ({', '.join(SUFFIXES)})")
    images = np.empty((len(files), height, width, channels), "uint8")
    count, broken = 0, []
    quiet = len(files) <= MANY or not config.interactive()
    for file in tqdm(files, desc=f"reading {folder.name}", disable=quiet):
        try:
            images[count] = _read_picture(file, height, width, channels)
            count += 1
        except Exception as error:  # Pillow's decoders raise nearly anything on a damaged file
            broken.append((file, error))
    if count == 0:
        raise ValueError(
            f"none of the {len(files)} pictures in {folder} can be read: {broken[0][1]}"
        )
    if broken:
        shown = ", ".join(file.relative_to(folder).as_posix() for file, _ in broken[:3])
        more = f" and {len(broken) - 3} more" if len(broken) > 3 else ""
        print(
            f"skipped {len(broken)} of {len(files)} files that are no readable pictures: "
            f"{shown}{more}"
        )
        images = images[:count].copy()
    name, labels = folder.resolve().name, np.zeros(count, "int64")
    origin = f"pictures: {count:,} images of {height}x{width} from the folder {name}"
    print(origin)
    return Dataset(name, "train", images, labels, ("picture",), origin)


def _pictures(folder):
    """Sorted paths of the picture files below ``folder``, without hidden ones."""
    if not folder.exists():
        raise FileNotFoundError(f"there is no folder {folder}")
    if not folder.is_dir():
        raise NotADirectoryError(f"{folder} is a file; image_folder wants the folder around it")

    def refuse(error):
        raise PermissionError(f"{error.filename} may not be read by this user: check its rights")

    found = []
    for parent, below, names in os.walk(folder, onerror=refuse):
        below[:] = [name for name in below if not name.startswith(".")]
        found += [
            Path(parent, name)
            for name in names
            if name.lower().endswith(SUFFIXES) and not name.startswith(".")
        ]
    return sorted(found, key=lambda file: file.relative_to(folder).as_posix())


def _read_picture(file, height, width, channels):
    """uint8 array (height, width, channels) of a picture's center."""
    picture = decode(file, max(height, width)).convert("L" if channels == 1 else "RGB")
    picture = ImageOps.fit(picture, (width, height), Image.Resampling.LANCZOS)
    return np.asarray(picture).reshape(height, width, channels)
