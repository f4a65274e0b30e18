"""Compute the statistics of real test images that ``helpers.metrics`` compares with.

    python tools/make_reference.py mnist fashion_mnist cifar10 --data FOLDER

``FOLDER`` holds the full data sets as ``<name>.npz`` with the arrays ``x_test`` and ``y_test``
(uint8). Run it again whenever a classifier in ``data/weights/`` changes. For each data set it
writes ``data/reference/<name>.npz``: mean and covariance of the classifier's features over all
10,000 test images and over each class, and the features of 2,000 test images, 200 a class, none
of which is among the test images that the kit bundles. Same weights, same figures, up to the last
bits of float arithmetic.
"""

import argparse
from pathlib import Path

import numpy as np
from make_subsets import PER_CLASS, balanced_indices

from helpers import checking, metrics
from helpers.metrics import real_statistics
from helpers.networks import classifiers

SAMPLE = 2000


def read(folder, name):
    """Full test set: uint8 images ``(10000, height, width, channels)`` and int64 labels."""
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; --data must hold the full {name}.npz")
    with np.load(path) as file:
        images, labels = file["x_test"], file["y_test"]
    return images.reshape(-1, *classifiers.SHAPES[name]), labels.reshape(-1).astype("int64")


def choose(labels, bundled, seed):
    """Indices of ``SAMPLE`` images, equally many a class, none of them bundled; ascending."""
    free = np.ones(len(labels), dtype=bool)
    free[bundled] = False
    classes = np.unique(labels)
    generator = np.random.default_rng(seed)
    chosen = [
        generator.choice(np.flatnonzero(free & (labels == label)), SAMPLE // len(classes), False)
        for label in classes
    ]
    return np.sort(np.concatenate(chosen))


def make_reference(dataset, features, labels, sample, num_classes=10):
    """Statistics of real images, as the arrays of the file: moments float32, features float16.

    Args:
        dataset: name of the data set.
        features: of all test images, shape ``(images, 64)``.
        labels: their classes, integers, shape ``(images,)``.
        sample: indices of the images whose features are kept one by one.
        num_classes: number of classes; each needs at least 2 images.
    """
    features = checking.features(features, at_least=2)
    labels = checking.labels(labels, len(features), num_classes)
    groups = [metrics.moments(features)]
    for label in range(num_classes):
        groups.append(metrics.moments(features[labels == label], f"class {label}"))
    return {
        "means": np.stack([group.mean for group in groups]).astype("float32"),
        "covariances": np.stack([_triangle(group.covariance) for group in groups]).astype(
            "float32"
        ),
        "counts": np.array([group.count for group in groups], dtype="int32"),
        "features": features[sample].astype("float16"),
        "labels": labels[sample].astype("uint8"),
        "indices": np.asarray(sample, dtype="int32"),
        "classifier": np.array(real_statistics.classifier_fingerprint(dataset)),
    }


def _triangle(matrix):
    """The upper triangle of a symmetric matrix as one row: half of the bytes."""
    return matrix[np.triu_indices(len(matrix))]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(classifiers.SHAPES), metavar="name")
    parser.add_argument("--data", required=True, help="folder with the full <name>.npz files")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    for name in options.names:
        images, labels = read(options.data, name)
        bundled = balanced_indices(labels, PER_CLASS["test"])
        judged = metrics.judge(images, name)
        sample = choose(labels, bundled, options.seed)
        statistics = make_reference(name, judged.features, labels, sample)
        path = real_statistics.reference_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **statistics)
        accuracy = np.mean(judged.probabilities.argmax(axis=1) == labels)
        print(
            f"{name}: {len(images)} test images, accuracy {accuracy:.4f}, twin distance "
            f"{metrics.reference(name).twin_distance:.3f}; {path.name} "
            f"{path.stat().st_size / 1e6:.2f} MB; the bundled test images score:"
        )
        for key, value in metrics.quality(images[bundled], name).items():
            print(f"  {key:10} {value:.4f}", flush=True)


if __name__ == "__main__":
    main()
