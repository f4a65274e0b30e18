"""Compute the statistics of real test images that ``helpers.metrics`` compares with.

    python tools/make_reference.py mnist fashion_mnist cifar10 --data FOLDER
    python tools/make_reference.py emoji

``FOLDER`` holds the full data sets as ``<name>.npz`` with the arrays ``x_test`` and ``y_test``
(uint8). Run it again whenever a classifier in ``data/weights/`` changes. For each data set it
writes ``data/reference/<name>.npz``: mean and covariance of the classifier's features over all
10,000 test images and over each class, and the features of 2,000 test images, 200 a class, none
of which is among the test images that the kit bundles.

Of the emoji, which are bundled whole, it is the moments of all 459 test drawings and of each
artist's 153, and the features of all 459. The training drawings stay out: the classifier knows
them, so their features lie further apart than those of new drawings. Test drawings cannot be
scored against themselves; what can be reached is printed instead: 153 training things by all
artists against the test drawings (a little pessimistic, for the reason above), and for each artist
the same, the halves of its test drawings against each other, and the other artists.

Same weights, same figures, up to the last
bits of float arithmetic.
"""

import argparse
from pathlib import Path

import numpy as np
from make_subsets import PER_CLASS, balanced_indices

from helpers import checking, datasets, metrics
from helpers.datasets import emoji
from helpers.metrics import real_statistics
from helpers.networks import classifiers

SAMPLE = 2000


def read(folder, name):
    """Full test set: uint8 images ``(10000, height, width, channels)`` and int64 labels.

    Of the emoji: the 459 test drawings, labeled by artist.
    """
    if name == "emoji":
        return read_emoji("test")
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; --data must hold the full {name}.npz")
    with np.load(path) as file:
        images, labels = file["x_test"], file["y_test"]
    return images.reshape(-1, *classifiers.SHAPES[name]), labels.reshape(-1).astype("int64")


def read_emoji(split):
    """All artists' drawings of one split, and the number of the artist of each."""
    data = datasets.load("emoji", split, artist="all")
    return data.images, np.array([list(emoji.ARTISTS).index(artist) for artist in data.artists])


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
        num_classes: number of classes (of emoji: artists); each needs at least 2 images.
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


def print_floors(test, artists, repeats=10, seed=0):
    """Print what real emoji score, and so what no generator is expected to beat.

    Args:
        test: ``Judgment`` of all test drawings.
        artists: number of the artist of each, shape ``(459,)``.
        repeats: number of random draws that each figure is the mean of.
    """
    images, _ = read_emoji("train")
    train = metrics.judge(images, "emoji")
    generator, count, real = np.random.default_rng(seed), len(emoji.ARTISTS), []
    things = len(test.features) // count
    own, halves = np.zeros((repeats, count)), np.zeros((repeats, count))
    points = [test.features[artists == artist] for artist in range(count)]
    for repeat in range(repeats):
        # The drawings of a thing follow each other.
        rows = generator.choice(len(images) // count, things, replace=False) * count
        drawn = metrics.Judgment(*(part[rows[:, None] + np.arange(count)] for part in train))
        drawn = metrics.Judgment(*(part.reshape(-1, part.shape[-1]) for part in drawn))
        real.append(metrics.figures(drawn, metrics.reference("emoji")))
        order = generator.permutation(things)
        for artist in range(count):
            own[repeat, artist] = metrics.frechet_distance(
                drawn.features[artist::count], points[artist]
            )
            half, other = np.array_split(points[artist][order], 2)
            halves[repeat, artist] = metrics.frechet_distance(half, other)
    for key in real[0]:
        print(f"  {key:10} {np.mean([figures[key] for figures in real]):.4f}")
    for artist, name in enumerate(emoji.ARTISTS):
        others = ", ".join(
            f"{other} {metrics.frechet_distance(points[artist], points[index]):.2f}"
            for index, other in enumerate(emoji.ARTISTS)
            if index != artist
        )
        print(
            f"  {name}: Frechet distance to its training things {own[:, artist].mean():.2f} "
            f"(+- {own[:, artist].std():.2f}), halves of its test things "
            f"{halves[:, artist].mean():.2f} (+- {halves[:, artist].std():.2f}); to {others}"
        )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(classifiers.SHAPES), metavar="name")
    parser.add_argument("--data", help="folder with the full <name>.npz files; not for emoji")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.data is None and set(options.names) != {"emoji"}:
        parser.error("--data FOLDER is needed for every data set but emoji")
    for name in options.names:
        images, labels = read(options.data, name)
        judged = metrics.judge(images, name)
        if name == "emoji":
            sample, right = np.arange(len(images)), metrics.artist_probabilities(judged)
        else:
            bundled, right = balanced_indices(labels, PER_CLASS["test"]), judged.probabilities
            sample = choose(labels, bundled, options.seed)
        statistics = make_reference(name, judged.features, labels, sample, len(np.unique(labels)))
        path = real_statistics.reference_path(name)
        path.parent.mkdir(parents=True, exist_ok=True)
        np.savez_compressed(path, **statistics)
        accuracy = np.mean(right.argmax(axis=1) == labels)
        print(
            f"{name}: {len(images)} test images, accuracy {accuracy:.4f}, twin distance "
            f"{metrics.reference(name).twin_distance:.3f}; {path.name} "
            f"{path.stat().st_size / 1e6:.2f} MB; real images score:"
        )
        if name == "emoji":
            print_floors(judged, labels)
            continue
        for key, value in metrics.quality(images[bundled], name).items():
            print(f"  {key:10} {value:.4f}", flush=True)


if __name__ == "__main__":
    main()
