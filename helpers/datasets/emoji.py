"""The emoji of three artists: the same things drawn by Noto, Twemoji and Fluent, row by row.

``data/emoji.json`` names the things, their groups and which of them are set aside for tests; the
drawings are lossless sheets of 64x64 tiles. ``tools/make_emoji.py`` made them.
"""

import hashlib
import json
from dataclasses import dataclass
from functools import cache

import numpy as np

from helpers import checking, config
from helpers.datasets import readers
from helpers.datasets.sets import Dataset, shortened

# Artist -> the credit that the line of ``load`` gives.
ARTISTS = {
    "noto": "Noto Emoji, Google, Apache-2.0",
    "twemoji": "Twemoji, Twitter and contributors, CC BY 4.0",
    "fluent": "Fluent Emoji, Microsoft, MIT",
}
GROUPS = (
    "smileys", "people", "animals", "food", "travel", "activities", "objects", "symbols", "flags",
)  # fmt: skip
SIZES = (16, 32, 64)
SIDE = 64  # of a tile in the sheets


@dataclass(frozen=True, eq=False)
class EmojiDataset(Dataset):
    """Drawings with what is known of each; labels are indices into ``GROUPS``.

    Attributes:
        names: what is drawn, such as "red-apple", one for each image.
        artists: who drew it, one for each image.
    """

    names: tuple[str, ...]
    artists: tuple[str, ...]

    @property
    def groups(self):
        """The word for each label, such as "food"."""
        return tuple(self.class_names[label] for label in self.labels)


def load_emoji(split="train", limit=None, *, artist="noto", size=32):
    """``datasets.load("emoji", ...)``: the drawings of one artist, or of all three.

    About a tenth of the things is the test split, the same things for every artist. With
    ``artist="all"`` the three drawings of a thing follow each other.

    Args:
        split: "train" (1,409 things) or "test" (153 things).
        limit: take only the first so many images; ``None`` takes all that there are.
        artist: "noto", "twemoji", "fluent" or "all".
        size: side in pixels, 64, 32 or 16; smaller ones are means over squares of pixels.

    Returns:
        EmojiDataset with uint8 images (N, size, size, 3) on white paper.

    Raises:
        ValueError: an unknown artist, size or split, a limit out of range, or a damaged file.
        FileNotFoundError: a file of ``data/`` is missing.
    """
    checking.choice(artist, "artist", (*ARTISTS, "all"))
    artists = tuple(ARTISTS) if artist == "all" else (artist,)
    return _dataset(_rows(split), artists, split, limit, size)


def emoji_pairs(source, target, split="train", limit=None, *, size=32, disjoint=False):
    """The same things by two artists, aligned by row.

    Args:
        source, target: two artists, such as "noto" and "fluent".
        split, limit, size: as for ``load_emoji``; ``limit`` counts the images of each side.
        disjoint: give each side things of its own, so that nothing is paired: every second
            training thing to the source, the others to the target. The test things stay paired:
            they tell how good a translation is.

    Returns:
        two ``EmojiDataset`` of equal length.

    Raises:
        ValueError: as for ``load_emoji``; one artist twice; ``disjoint`` test things.
    """
    checking.choice(source, "source", tuple(ARTISTS))
    checking.choice(target, "target", tuple(ARTISTS))
    if source == target:
        raise ValueError(f"source and target are both {source!r}: name two artists")
    if disjoint and split != "train":
        raise ValueError("the test things stay paired: disjoint=True needs split='train'")
    rows = _rows(split)
    halves = (rows[::2][: len(rows) // 2], rows[1::2]) if disjoint else (rows, rows)
    return tuple(
        _dataset(half, (artist,), split, limit, size)
        for half, artist in zip(halves, (source, target), strict=True)
    )


def _dataset(rows, artists, split, limit, size):
    """The things of ``rows``, each by all ``artists``, as an ``EmojiDataset``."""
    images = np.stack([_drawings(artist, size)[rows] for artist in artists], axis=1)
    images = images.reshape(-1, size, size, 3)
    labels = [GROUPS.index(_about()["groups"][row]) for row in np.repeat(rows, len(artists))]
    images, labels, count = shortened(
        images, np.array(labels, "int64"), limit, f"Emoji {split}", "bundled"
    )
    credit = "; ".join(ARTISTS[artist] for artist in artists)
    origin = f"Emoji {split}: {count} images (bundled; {credit})"
    print(origin)
    names = [_about()["names"][row] for row in np.repeat(rows, len(artists))][: len(images)]
    owners = (artists * len(rows))[: len(images)]
    return EmojiDataset("emoji", split, images, labels, GROUPS, origin, tuple(names), owners)


@cache
def _about():
    """``data/emoji.json`` as a dict."""
    path = config.bundled_data_dir() / "emoji.json"
    with readers.reading(path):
        about = json.loads(path.read_text(encoding="utf-8"))
        if not len(about["names"]) == len(about["groups"]) == len(about["test"]) > 0:
            raise ValueError("its lists differ in length")
    return about


def _rows(split):
    """Row numbers of the things of one split."""
    checking.choice(split, "split", ("train", "test"))
    return np.flatnonzero(np.array(_about()["test"]) == (split == "test"))


@cache
def _drawings(artist, size):
    """All things drawn by one artist, uint8 (N, size, size, 3); read once a process."""
    checking.choice(size, "size", SIZES)
    path = config.bundled_data_dir() / f"emoji_{artist}.webp"
    images = readers.read_sheet(path, SIDE)[: len(_about()["names"])]
    # WebP has no checksum of its own: a flipped bit would go unnoticed.
    if hashlib.sha256(images.tobytes()).hexdigest() != _about()["sha256"].get(artist):
        raise ValueError(f"{path} is damaged: get the kit's data/ again")
    if size < SIDE:
        step = SIDE // size
        squares = images.reshape(-1, size, step, size, step, 3)
        images = np.rint(squares.mean(axis=(2, 4), dtype="float32")).astype("uint8")
    images.flags.writeable = False  # everybody in the process shares them
    return images
