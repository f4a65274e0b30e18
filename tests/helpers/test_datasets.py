"""``load``: which source, what it says, and errors that help. Nothing leaves this machine."""

import dataclasses
import hashlib
import os
import pickle
import shutil
import socket
import time

import numpy as np
import pytest

from helpers import config, datasets
from helpers.datasets import download, readers, sets
from tests.helpers import dataset_files as files


@pytest.fixture(autouse=True)
def clean(monkeypatch, tmp_path):
    """No data folder, an empty Keras cache of the test's own, no host remembered as down."""
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    monkeypatch.setenv("KERAS_HOME", str(tmp_path / "keras"))
    monkeypatch.setattr(download, "_unreachable", {})


@pytest.fixture
def full_dir(monkeypatch, tmp_path):
    """COURSE_DATA_DIR with a tiny mnist.npz in it."""
    folder = tmp_path / "full"
    files.write_npz(folder, "mnist")
    monkeypatch.setenv("COURSE_DATA_DIR", str(folder))
    return folder


@pytest.fixture
def host(monkeypatch, tmp_path):
    """A host that serves a tiny mnist.npz, at profile laptop with the network allowed."""
    monkeypatch.setenv("COURSE_PROFILE", "laptop")
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    monkeypatch.setattr(download, "FIRST_BYTE_SECONDS", 20.0)  # a busy machine may be slow
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    content = files.write_npz(tmp_path / "source", "mnist").read_bytes()
    host = files.Host(content)
    remote = datasets.CARDS["mnist"].remotes[0]
    remote = dataclasses.replace(remote, url=host.url, sha256=hashlib.sha256(content).hexdigest())
    card = dataclasses.replace(datasets.CARDS["mnist"], remotes=(remote,))
    monkeypatch.setitem(sets.CARDS, "mnist", card)
    yield host
    host.close()


# --- the bundled subsets ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "title", "shape", "word"),
    [
        ("mnist", "MNIST", (28, 28, 1), "7"),
        ("fashion_mnist", "Fashion-MNIST", (28, 28, 1), "sneaker"),
        ("cifar10", "CIFAR-10", (32, 32, 3), "horse"),
    ],
)
@pytest.mark.parametrize(("split", "per_class"), [("train", 1000), ("test", 200)])
def test_bundled_subset_and_its_one_line(name, title, shape, word, split, per_class, capsys):
    data = datasets.load(name, split)
    line = f"{title} {split}: {10 * per_class:,} images (bundled subset, class-balanced)"
    assert capsys.readouterr().out == line + "\n"
    assert data.origin == line and (data.name, data.split) == (name, split)
    assert data.images.dtype == np.uint8 and data.images.shape == (10 * per_class, *shape)
    assert data.labels.dtype == np.int64
    assert np.bincount(data.labels).tolist() == [per_class] * 10
    assert len(data.class_names) == 10 and data.class_names[7] == word
    assert len(data) == 10 * per_class


def test_train_is_the_default_and_limit_takes_the_first(capsys):
    everything, some = datasets.load("mnist"), datasets.load("mnist", limit=np.int64(17))
    np.testing.assert_array_equal(some.images, everything.images[:17])
    np.testing.assert_array_equal(some.labels, everything.labels[:17])
    assert some.images.base is None  # a copy; the other 9,983 images are freed
    assert some.origin == "MNIST train: 17 of 10,000 images (bundled subset, class-balanced)"
    assert capsys.readouterr().out.count("\n") == 2


def test_a_data_set_is_frozen_and_prints_short():
    data = datasets.load("mnist", limit=2)
    with pytest.raises(dataclasses.FrozenInstanceError):
        data.images = None
    assert "array" not in repr(data) and "MNIST train: 2 of" in repr(data)


# --- wrong arguments -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        *(
            ({"name": name}, "one of mnist, fashion_mnist, cifar10, emoji, got")
            for name in ("MNIST", None)
        ),
        *(({"split": split}, "split must be one of train, test, got") for split in ("Train", 0)),
        *(({"limit": limit}, "limit must be a whole number") for limit in (0, 2.0, "10", True)),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    with pytest.raises(ValueError, match=message):
        datasets.load(**{"name": "mnist"} | arguments)


def test_limit_above_the_set_says_how_many_there_are():
    with pytest.raises(ValueError, match=r"limit=2001, but MNIST test has 2000 images here \(bund"):
        datasets.load("mnist", "test", limit=2001)


# --- COURSE_DATA_DIR -------------------------------------------------------------------------


def test_data_dir_comes_first(full_dir, tmp_path, capsys):
    files.write_npz(tmp_path / "keras" / "datasets", "mnist", x_train=None)  # must not be opened
    expected = files.make_arrays("mnist")
    data = datasets.load("mnist", limit=7)
    assert data.origin == "MNIST train: 7 of 30 images (mnist.npz in COURSE_DATA_DIR)"
    assert capsys.readouterr().out == data.origin + "\n"
    np.testing.assert_array_equal(data.images[..., 0], expected["x_train"][:7])
    assert datasets.load("mnist", "test").images.shape == (20, 28, 28, 1)


def test_data_dir_without_the_set_falls_through_and_says_so(full_dir):
    data = datasets.load("fashion_mnist")
    assert data.origin.endswith("class-balanced; COURSE_DATA_DIR has no fashion_mnist.npz)")
    assert len(data) == 10_000


def test_labels_in_a_column_will_do(full_dir):
    arrays = files.make_arrays("cifar10")
    column = arrays["y_train"][:, None].astype("int32")
    files.write_npz(full_dir, "cifar10", y_train=column)
    data = datasets.load("cifar10")
    assert data.labels.shape == (30,) and data.labels[:12].tolist() == [*range(10), 0, 1]
    np.testing.assert_array_equal(data.images, arrays["x_train"])


def test_damaged_npz_is_named_with_the_cure(full_dir):
    path = full_dir / "mnist.npz"
    whole = path.read_bytes()
    place = len(whole) // 4
    flipped = whole[:place] + bytes([whole[place] ^ 1]) + whole[place + 1 :]
    shorter = [whole[: int(len(whole) * keep)] for keep in (0, 0.001, 0.5, 0.999)]
    for content in (*shorter, flipped, b"this is no zip file", pickle.dumps({"x": 1})):
        path.write_bytes(content)
        with pytest.raises(ValueError, match=r"mnist.npz is damaged, or not .*get it again"):
            datasets.load("mnist")
    with path.open("wb") as file:
        np.save(file, np.zeros(3))
    with pytest.raises(ValueError, match="it holds one array without a name"):
        datasets.load("mnist")
    path.unlink()
    path.mkdir()
    with pytest.raises(ValueError, match=r"mnist.npz is damaged"):
        datasets.load("mnist")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"y_train": None}, r"has no array y_train; it holds x_test, x_train, y_test"),
        ({"x_train": np.zeros((30, 28, 28), "float32")}, r"type float32; MNIST is uint8"),
        ({"x_train": np.zeros((30, 32, 32), "uint8")}, r"shape \(30, 32, 32, 1\)"),
        (
            {"y_train": np.zeros(29, "uint8")},
            r"mnist.npz: the labels must have shape \(30,\), .*got \(29,\)",
        ),
        ({"y_train": np.zeros(30, "float32")}, r"labels must be integers, got float32"),
        ({"y_train": np.full(30, 10)}, r"labels run from 10 to 10, but there are 10 classes"),
        ({"y_train": np.array([None] * 30)}, r"mnist.npz is damaged"),
    ],
)
def test_wrong_contents_are_explained(full_dir, changes, message):
    files.write_npz(full_dir, "mnist", **changes)
    with pytest.raises(ValueError, match=message):
        datasets.load("mnist")


def test_npz_that_may_not_be_read(full_dir, monkeypatch):
    def refuse(path, mode="r"):
        raise PermissionError(13, "Permission denied", str(path))

    monkeypatch.setattr(readers, "open", refuse, raising=False)
    with pytest.raises(PermissionError, match=r"mnist.npz may not be read by this user"):
        datasets.load("mnist")


def test_damaged_bundled_files_are_named(monkeypatch, tmp_path):
    shutil.copytree(config.bundled_data_dir(), tmp_path / "data")
    monkeypatch.setattr(config, "bundled_data_dir", lambda: tmp_path / "data")
    sheet = tmp_path / "data" / "cifar10_test_1.webp"
    content = bytearray(sheet.read_bytes())
    content[-2000] ^= 1
    sheet.write_bytes(content)
    with pytest.raises(ValueError, match=r"cifar10_test_1.webp"):
        datasets.load("cifar10", "test")
    sheet.write_bytes(content[:5000])
    with pytest.raises(ValueError, match=r"cifar10_test_1.webp is damaged"):
        datasets.load("cifar10", "test")
    sheet.unlink()
    with pytest.raises(ValueError, match=r"has no cifar10_test_\*.webp: get the kit's data/ again"):
        datasets.load("cifar10", "test")
    (tmp_path / "data" / "mnist.npz").unlink()
    with pytest.raises(FileNotFoundError, match=r"mnist.npz is missing: get the kit's data/ again"):
        datasets.load("mnist")


# --- the Keras cache -------------------------------------------------------------------------


def test_cached_mnist(tmp_path, capsys):
    files.write_npz(tmp_path / "keras" / "datasets", "mnist")
    data = datasets.load("mnist", "test")
    assert capsys.readouterr().out == "MNIST test: 20 images (from the Keras cache)\n"
    np.testing.assert_array_equal(data.images[..., 0], files.make_arrays("mnist")["x_test"])


def test_cached_fashion_mnist(tmp_path):
    arrays = files.make_arrays("fashion_mnist", seed=3)
    folder = files.write_fashion_cache(tmp_path / "keras", arrays)
    for split in ("train", "test"):
        data = datasets.load("fashion_mnist", split)
        assert data.origin.endswith("(from the Keras cache)")
        np.testing.assert_array_equal(data.images[..., 0], arrays[f"x_{split}"])
        np.testing.assert_array_equal(data.labels, arrays[f"y_{split}"])
    path = folder / "train-images-idx3-ubyte.gz"
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(ValueError, match=r"train-images-idx3-ubyte.gz is damaged.*delete it"):
        datasets.load("fashion_mnist")
    path.unlink()
    assert "bundled subset" in datasets.load("fashion_mnist").origin  # half a pair is none


def write_cifar_archive(tmp_path, content, name="cifar-10-batches-py-target_archive"):
    path = tmp_path / "keras" / "datasets" / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@pytest.mark.parametrize("name", ["cifar-10-batches-py-target_archive",  # Keras 3
                                  "cifar-10-batches-py.tar.gz"])  # fmt: skip
def test_cached_cifar10(tmp_path, name):
    arrays = files.make_arrays("cifar10", seed=4)
    write_cifar_archive(tmp_path, files.cifar_archive(arrays), name)
    for split in ("train", "test"):
        data = datasets.load("cifar10", split)
        assert data.origin.endswith("(from the Keras cache)")
        np.testing.assert_array_equal(data.images, arrays[f"x_{split}"])
        np.testing.assert_array_equal(data.labels, arrays[f"y_{split}"])


def test_damaged_cifar10_cache_is_named(tmp_path):
    write_cifar_archive(tmp_path, files.cifar_archive(files.make_arrays("cifar10"))[:5000])
    with pytest.raises(ValueError, match=r"cifar-10-batches-py-target_archive is damaged"):
        datasets.load("cifar10", "test")


def test_a_pickle_with_code_in_it_is_refused(tmp_path):
    class Trap:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "sprung"),)

    trap = pickle.dumps({b"data": Trap(), b"labels": []}, 3)
    write_cifar_archive(tmp_path, files.tar_gz({"test_batch": trap}))
    with pytest.raises(ValueError, match=r"mkdir has no place in a batch of images"):
        datasets.load("cifar10", "test")
    assert not (tmp_path / "sprung").exists()


# --- downloads -------------------------------------------------------------------------------


def test_download_goes_to_the_cache_and_is_kept(host, tmp_path, capsys):
    data = datasets.load("mnist")
    assert capsys.readouterr().out == "MNIST train: 30 images (downloaded into the Keras cache)\n"
    np.testing.assert_array_equal(data.images[..., 0], files.make_arrays("mnist")["x_train"])
    folder = tmp_path / "keras" / "datasets"
    assert [path.name for path in folder.iterdir()] == ["mnist.npz"]
    assert datasets.load("mnist").origin.endswith("(from the Keras cache)")
    assert host.requests == 1


def test_keras_itself_takes_what_was_downloaded(host, tmp_path, monkeypatch):
    """The cache's layout is Keras's: ``get_file`` finds the file and asks no host."""
    import keras

    datasets.load("mnist")
    remote = sets.CARDS["mnist"].remotes[0]
    found = keras.utils.get_file(
        "mnist.npz", remote.url, file_hash=remote.sha256, cache_dir=str(tmp_path / "keras")
    )
    assert found == str(tmp_path / "keras" / "datasets" / "mnist.npz") and host.requests == 1


def test_offline_and_smoke_open_no_connection(host, monkeypatch):
    def refuse(*arguments, **options):
        raise AssertionError("the network was touched")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    monkeypatch.setattr(socket, "getaddrinfo", refuse)
    monkeypatch.setenv("COURSE_OFFLINE", "1")
    bundled = "MNIST train: 10,000 images (bundled subset, class-balanced)"
    assert datasets.load("mnist").origin == bundled
    monkeypatch.setenv("COURSE_OFFLINE", "0")
    monkeypatch.setenv("COURSE_PROFILE", "smoke")
    assert datasets.load("mnist").origin == bundled
    monkeypatch.setenv("COURSE_PROFILE", "laptop")
    assert "no download: 127.0.0.1" in datasets.load("mnist").origin  # the trap does work


def test_nothing_is_downloaded_for_what_the_bundle_can_serve(host):
    assert len(datasets.load("mnist", limit=10_000)) == 10_000
    assert len(datasets.load("mnist", "test", limit=2_000)) == 2_000
    assert host.requests == 0
    with pytest.raises(ValueError, match=r"limit=10001, but MNIST train has 30 images"):
        datasets.load("mnist", limit=10_001)
    assert host.requests == 1


def test_silent_host_is_given_up_and_remembered(host, monkeypatch):
    host.behavior = "silent"
    monkeypatch.setattr(download, "FIRST_BYTE_SECONDS", 0.3)
    asked, ask = [], download._open
    monkeypatch.setattr(download, "_open", lambda url: asked.append(url) or ask(url))
    start = time.monotonic()
    data = datasets.load("mnist")
    assert time.monotonic() - start < 10  # the host is silent for 30 s
    assert len(data) == 10_000
    assert data.origin.startswith("MNIST train: 10,000 images (bundled subset, class-balanced; ")
    assert "did not answer in 0.3 s" in data.origin
    again = datasets.load("mnist", "test")
    assert "did not answer in 0.3 s" in again.origin and len(asked) == 1


def test_silent_look_up_of_the_name_is_given_up(host, monkeypatch):
    """A resolver that hangs: no time-out of urllib covers it."""
    monkeypatch.setattr(download, "FIRST_BYTE_SECONDS", 0.2)
    monkeypatch.setattr(socket, "getaddrinfo", lambda *arguments, **options: time.sleep(30))
    start = time.monotonic()
    assert "did not answer in 0.2 s" in datasets.load("mnist").origin
    assert time.monotonic() - start < 10


@pytest.mark.parametrize(
    ("behavior", "words"),
    [("missing", "Not Found"), ("short", "broke off"), ("slow", "the host is slow")],
)
def test_bad_transfers_end_with_the_bundle_and_leave_nothing(
    host, monkeypatch, tmp_path, behavior, words
):
    host.behavior = behavior
    monkeypatch.setattr(download, "JUDGE_AFTER_SECONDS", 0.2)
    monkeypatch.setattr(download, "TOTAL_SECONDS", 1.0)
    start = time.monotonic()
    data = datasets.load("mnist")
    assert time.monotonic() - start < 15  # the slow transfer would take minutes
    assert words in data.origin and "\n" not in data.origin and len(data) == 10_000
    assert list((tmp_path / "keras").rglob("*.*")) == []


def test_wrong_hash_is_not_kept(host, monkeypatch, tmp_path):
    card = sets.CARDS["mnist"]
    remote = dataclasses.replace(card.remotes[0], sha256="0" * 64)
    monkeypatch.setitem(sets.CARDS, "mnist", dataclasses.replace(card, remotes=(remote,)))
    assert "wrong sha256" in datasets.load("mnist").origin
    assert list((tmp_path / "keras" / "datasets").iterdir()) == []


def test_cache_that_cannot_be_written(host, tmp_path):
    (tmp_path / "keras").write_text("a file where the folder should be")
    origin = datasets.load("mnist").origin
    assert "bundled subset" in origin and "cannot write to Keras's cache" in origin


def test_addresses_and_hashes_are_keras_own():
    """What we fetch must be what Keras would, or it would fetch it again."""
    import inspect

    import keras.src.datasets as sources

    for name, card in datasets.CARDS.items():
        code = inspect.getsource(getattr(sources, name))
        for remote in card.remotes:
            assert remote.url.rsplit("/", 1)[1] in code
            assert remote.url.rsplit("/", 1)[0] in code
            assert remote.sha256 is None or remote.sha256 in code
