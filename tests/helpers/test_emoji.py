"""The emoji of three artists: aligned rows, a split by thing, exact pixels, errors that help."""

import json
import shutil

import numpy as np
import pytest

from helpers import config, datasets
from helpers.datasets import emoji

THINGS = {"train": 1409, "test": 153}
COLORED = {"test": {"red-apple": 0}, "train": {"green-circle": 1, "red-heart": 0}}


@pytest.fixture
def own_data(monkeypatch, tmp_path):
    """A copy of the emoji files that a test may damage."""
    for path in config.bundled_data_dir().glob("emoji*"):
        shutil.copy(path, tmp_path)
    monkeypatch.setattr(config, "bundled_data_dir", lambda: tmp_path)
    emoji._about.cache_clear()
    emoji._drawings.cache_clear()
    yield tmp_path
    emoji._about.cache_clear()
    emoji._drawings.cache_clear()


@pytest.mark.parametrize("split", THINGS)
def test_all_artists_drew_the_same_things_in_the_same_order(split):
    sets = [datasets.load("emoji", split, artist=artist) for artist in emoji.ARTISTS]
    assert [len(each) for each in sets] == [THINGS[split]] * 3
    assert sets[0].names == sets[1].names == sets[2].names
    assert len(set(sets[0].names)) == THINGS[split]
    # A red apple is red, a green one green, whoever drew it.
    for name, channel in COLORED[split].items():
        for each in sets:
            image = each.images[each.names.index(name)].reshape(-1, 3).astype(float)
            ink = image[image.min(axis=1) < 200].mean(axis=0)
            assert ink.argmax() == channel


def test_no_thing_and_no_family_is_in_both_splits():
    train, test = (datasets.load("emoji", split) for split in ("train", "test"))
    assert not set(train.names) & set(test.names)
    # "man astronaut" would give "woman astronaut" away.
    strip = {"man", "woman", "men", "women", "person", "people"}
    families = [
        {"-".join(word for word in name.split("-") if word not in strip) for name in each.names}
        for each in (train, test)
    ]
    assert not (families[0] & families[1]) - {""}


def test_groups_are_words_and_labels_their_numbers():
    data = datasets.load("emoji")
    known = dict(zip(data.names, data.groups, strict=True))
    assert known["pizza"] == "food" and known["grinning-face"] == "smileys"
    assert [data.class_names[label] for label in data.labels] == list(data.groups)
    assert set(data.groups) == set(emoji.GROUPS)


def test_all_three_artists_follow_each_other_thing_by_thing():
    data = datasets.load("emoji", "test", artist="all")
    assert data.artists[:4] == ("noto", "twemoji", "fluent", "noto")
    assert data.names[0] == data.names[2] != data.names[3]
    fluent = datasets.load("emoji", "test", artist="fluent")
    assert np.array_equal(data.images[2::3], fluent.images)
    assert "CC BY 4.0" in data.origin and "Apache-2.0" in data.origin


def test_small_images_are_means_of_the_large_ones():
    large, small = (datasets.load("emoji", "test", size=size).images for size in (64, 16))
    squares = large.astype("float64").reshape(-1, 16, 4, 16, 4, 3).mean(axis=(2, 4))
    assert np.abs(squares - small).max() <= 0.5
    assert (large[:, 0, 0] == 255).mean() > 0.9  # white paper


def test_pairs_are_aligned_and_disjoint_sides_share_nothing():
    source, target = datasets.emoji_pairs("noto", "fluent")
    assert source.names == target.names and source.artists[0] == "noto"
    assert np.array_equal(target.images, datasets.load("emoji", artist="fluent").images)
    left, right = datasets.emoji_pairs("noto", "fluent", disjoint=True)
    assert len(left) == len(right) == 704 and not set(left.names) & set(right.names)
    assert right.artists[0] == "fluent"


def test_the_line_of_load_names_the_artist_and_the_count(capsys):
    data = datasets.load("emoji", limit=100, artist="twemoji")
    line = (
        "Emoji train: 100 of 1,409 images (bundled; Twemoji, Twitter and contributors, CC BY 4.0)"
    )
    assert data.origin == line and capsys.readouterr().out == line + "\n"
    assert len(data.images) == len(data.names) == len(data.labels) == 100


@pytest.mark.parametrize(
    ("call", "words"),
    [
        (lambda: datasets.load("emoji", artist="apple"), "artist must be one of noto, twemoji"),
        (lambda: datasets.load("emoji", size=48), "size must be one of 16, 32, 64, got 48"),
        (lambda: datasets.load("emoji", "validation"), "split must be one of train, test"),
        (lambda: datasets.load("emoji", limit=1410), "limit=1410, but Emoji train has 1409"),
        (lambda: datasets.load("emoji", limit=0), "limit must be a whole number of at least 1"),
        (lambda: datasets.load("mnist", artist="noto"), "artist: only the data set 'emoji'"),
        (lambda: datasets.emoji_pairs("noto", "noto"), "name two artists"),
        (lambda: datasets.emoji_pairs("noto", "all"), "target must be one of"),
        (lambda: datasets.emoji_pairs("noto", "fluent", "test", disjoint=True), "stay paired"),
    ],
)
def test_mistakes_are_explained(call, words):
    with pytest.raises(ValueError, match=words):
        call()


def test_a_flipped_pixel_a_broken_list_and_a_missing_file_are_found(own_data):
    sheet = own_data / "emoji_noto.webp"
    whole = sheet.read_bytes()
    shutil.copy(own_data / "emoji_fluent.webp", sheet)
    with pytest.raises(ValueError, match=r"emoji_noto\.webp is damaged"):
        datasets.load("emoji")
    sheet.write_bytes(whole[:-1000])
    with pytest.raises(ValueError, match=r"emoji_noto\.webp is damaged"):
        datasets.load("emoji")
    sheet.unlink()
    with pytest.raises(FileNotFoundError, match=r"emoji_noto\.webp is missing"):
        datasets.load("emoji")
    emoji._about.cache_clear()
    about = json.loads((own_data / "emoji.json").read_text(encoding="utf-8"))
    about["names"].pop()
    (own_data / "emoji.json").write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(ValueError, match=r"emoji\.json is damaged"):
        datasets.load("emoji")
