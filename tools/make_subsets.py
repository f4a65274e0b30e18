#!/usr/bin/env python3
"""Make the bundled class-balanced subsets in ``data/``, and the table of hashes in its README.

    python tools/make_subsets.py FULL_DIR     needs FULL_DIR/mnist.npz, fashion_mnist.npz and
                                              cifar10.npz: arrays x_train, y_train, x_test, y_test
    python tools/make_subsets.py --hashes     only rewrite the table of data/README.md

Of every class the first 1,000 training and the first 200 test images are taken, in the order of
the full set; their indices are stored beside the images. MNIST and Fashion-MNIST become one npz
each. CIFAR-10 compresses badly that way, so its images go into three contact sheets of lossless
WebP (20 MB where a zip needs 33 MB), its labels and indices into an npz. The files are the same,
byte for byte, at every run with the same libraries; the stored sha256 of the pixels does not
depend on the libraries either.
"""

import argparse
import hashlib
import io
import sys
import zipfile
from pathlib import Path

import numpy as np
from PIL import Image

DATA = Path(__file__).resolve().parents[1] / "data"
PER_CLASS = {"train": 1000, "test": 200}
SHEET_IMAGES = 5000  # keeps every file well below 15 MB
SHEET_COLUMNS = 100
TABLE_BEGIN, TABLE_END = "<!-- hashes: begin -->", "<!-- hashes: end -->"


def balanced_indices(labels, per_class):
    """Indices of the first ``per_class`` samples of each of the classes 0..9, ascending.

    Args:
        labels: int array, shape (N,).
        per_class: how many of each class.

    Returns:
        int32 array, shape (10 * per_class,). Ascending, so the classes stay mixed.

    Raises:
        ValueError: a class has fewer samples.
    """
    taken = []
    for label in range(10):
        found = np.flatnonzero(labels == label)[:per_class]
        if len(found) < per_class:
            raise ValueError(f"class {label} has {len(found)} samples, {per_class} are wanted")
        taken.append(found)
    return np.sort(np.concatenate(taken)).astype(np.int32)


def subset(path, per_class):
    """The arrays of a full set's file reduced to the subset, with ``train_indices`` and so on."""
    arrays = {}
    with np.load(path) as full:
        for split, count in per_class.items():
            labels = full[f"y_{split}"].ravel()
            indices = balanced_indices(labels, count)
            arrays[f"x_{split}"] = np.ascontiguousarray(full[f"x_{split}"][indices])
            arrays[f"y_{split}"] = labels[indices].astype(np.uint8)
            arrays[f"{split}_indices"] = indices
    return arrays


def write_npz(path, arrays):
    """Like ``np.savez_compressed``, but smaller and with the same bytes at every run."""
    with zipfile.ZipFile(path, "w") as archive:
        for name, array in sorted(arrays.items()):
            buffer = io.BytesIO()
            np.lib.format.write_array(buffer, np.asarray(array), allow_pickle=False)
            entry = zipfile.ZipInfo(f"{name}.npy", date_time=(1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, buffer.getvalue(), compresslevel=9)


def write_sheets(folder, split, images):
    """Write ``images``, uint8 (N, 32, 32, 3), as cifar10_SPLIT_1.webp, _2.webp and so on.

    A sheet is a full rectangle of images in reading order, so that its size alone tells how many
    it holds. Every file is read back and compared.
    """
    for number, start in enumerate(range(0, len(images), SHEET_IMAGES), start=1):
        part = images[start : start + SHEET_IMAGES]
        columns = next(n for n in range(SHEET_COLUMNS, 0, -1) if len(part) % n == 0)
        rows = len(part) // columns
        grid = part.reshape(rows, columns, 32, 32, 3).transpose(0, 2, 1, 3, 4)
        sheet = np.ascontiguousarray(grid.reshape(rows * 32, columns * 32, 3))
        path = folder / f"cifar10_{split}_{number}.webp"
        Image.fromarray(sheet).save(path, lossless=True, quality=100, method=6)
        with Image.open(path) as decoded:
            if not np.array_equal(np.asarray(decoded), sheet):
                raise ValueError(f"{path} was not stored losslessly")


def make_subsets(full, out, per_class):
    """Write the subsets of the three full sets in the folder ``full`` into the folder ``out``."""
    for name in ("mnist", "fashion_mnist"):
        print(f"{name} ...", flush=True)
        write_npz(out / f"{name}.npz", subset(full / f"{name}.npz", per_class))
    print("cifar10 (minutes: the encoder tries hard) ...", flush=True)
    arrays = subset(full / "cifar10.npz", per_class)
    for split in per_class:
        images = arrays.pop(f"x_{split}")
        arrays[f"x_{split}_sha256"] = np.array(hashlib.sha256(images.tobytes()).hexdigest())
        write_sheets(out, split, images)
    write_npz(out / "cifar10_labels.npz", arrays)


def hash_table(folder):
    """Markdown table of every file below ``folder`` but its README: name, bytes, sha256."""
    rows = ["| file | bytes | sha256 |", "|---|---:|---|"]
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.is_file() and name != "README.md" and not hidden:
            content = path.read_bytes()
            rows.append(f"| `{name}` | {len(content)} | `{hashlib.sha256(content).hexdigest()}` |")
    return "\n".join(rows)


def rewrite_table(folder):
    """Replace the table between the two marks of ``folder``/README.md by a fresh one."""
    readme = folder / "README.md"
    text = readme.read_text(encoding="utf-8")
    if text.count(TABLE_BEGIN) != 1 or text.count(TABLE_END) != 1:
        raise ValueError(f"{readme} must hold '{TABLE_BEGIN}' and '{TABLE_END}' exactly once")
    head, rest = text.split(TABLE_BEGIN)
    _, tail = rest.split(TABLE_END)
    table = f"{TABLE_BEGIN}\n{hash_table(folder)}\n{TABLE_END}"
    readme.write_text(head + table + tail, encoding="utf-8", newline="\n")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("full", nargs="?", type=Path, help="folder with the three full npz files")
    parser.add_argument("--out", type=Path, default=DATA, help="where to write (default: data/)")
    parser.add_argument("--hashes", action="store_true", help="only rewrite the table of hashes")
    parser.add_argument("--per-class", type=int, nargs=2, default=tuple(PER_CLASS.values()),
                        metavar=("TRAIN", "TEST"), help="images of each class")  # fmt: skip
    options = parser.parse_args(arguments)
    if not options.hashes:
        if options.full is None or not options.full.is_dir():
            parser.error(f"FULL_DIR must be a folder with the three npz files, got {options.full}")
        options.out.mkdir(parents=True, exist_ok=True)
        make_subsets(options.full, options.out, dict(zip(PER_CLASS, options.per_class)))
    if (options.out / "README.md").exists():
        rewrite_table(options.out)
    return 0


if __name__ == "__main__":
    sys.exit(main())
