"""What a classifier says of generated images: how sure it is, and of which classes."""

from typing import NamedTuple

import numpy as np

from helpers.metrics.inputs import check_count, check_labels, check_probabilities, check_share


class LabelFidelity(NamedTuple):
    """Shares of samples that got their wanted class.

    ``overall`` is a float, ``per_class`` has shape ``(classes,)`` and holds NaN for a class that
    nobody asked for.
    """

    overall: float
    per_class: np.ndarray


def confident_share(probabilities, threshold=0.9):
    """Share of the samples whose likeliest class has a probability above ``threshold``.

    Args:
        probabilities: shape ``(samples, classes)``, rows sum to 1.
    """
    threshold = check_share(threshold, "threshold")
    return float(np.mean(check_probabilities(probabilities).max(axis=1) > threshold))


def class_histogram(probabilities):
    """Share of the samples in each class, by the likeliest class; shape ``(classes,)``, sums to 1.

    Args:
        probabilities: shape ``(samples, classes)``, rows sum to 1.
    """
    probabilities = check_probabilities(probabilities)
    counts = np.bincount(probabilities.argmax(axis=1), minlength=probabilities.shape[1])
    return counts / len(probabilities)


def label_fidelity(probabilities, wanted_labels, num_classes):
    """How often a conditional generator drew what it was asked for: ``LabelFidelity``.

    Read it beside coverage: one perfect picture a class, drawn again and again, scores 1.

    Args:
        probabilities: the classifier's, shape ``(samples, num_classes)``.
        wanted_labels: the classes that were asked for, integers, shape ``(samples,)``.
        num_classes: number of classes.
    """
    found, wanted = _found_and_wanted(probabilities, wanted_labels, num_classes)
    right = found == wanted
    asked = np.bincount(wanted, minlength=num_classes)
    hits = np.bincount(wanted[right], minlength=num_classes)
    per_class = np.where(asked > 0, hits / np.maximum(asked, 1), np.nan)
    return LabelFidelity(float(right.mean()), per_class)


def confusion(probabilities, wanted_labels, num_classes):
    """What the classifier takes the samples of each wanted class for.

    Args:
        as for ``label_fidelity``.

    Returns:
        float array ``(num_classes, num_classes)``: row the wanted class, column the class seen.
        Rows sum to 1; the row of a class that nobody asked for is NaN. The diagonal is
        ``label_fidelity(...).per_class``.
    """
    found, wanted = _found_and_wanted(probabilities, wanted_labels, num_classes)
    counts = np.bincount(wanted * num_classes + found, minlength=num_classes**2)
    counts = counts.reshape(num_classes, num_classes).astype(float)
    asked = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, asked, out=np.full_like(counts, np.nan), where=asked > 0)


def _found_and_wanted(probabilities, wanted_labels, num_classes):
    """The likeliest and the wanted class of each sample, int64, after checking everything."""
    probabilities = check_probabilities(probabilities)
    num_classes = check_count(num_classes, "num_classes", at_least=2)
    if probabilities.shape[1] != num_classes:
        raise ValueError(
            f"probabilities have {probabilities.shape[1]} classes, num_classes is {num_classes}"
        )
    wanted = check_labels(wanted_labels, len(probabilities), num_classes, "wanted_labels")
    return probabilities.argmax(axis=1), wanted.astype("int64")
