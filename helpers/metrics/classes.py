"""Did a conditional generator draw what it was asked for, class by class? See notebook 03."""

from typing import NamedTuple

import numpy as np

from helpers import checking
from helpers.metrics.distances import frechet_distance
from helpers.metrics.real_statistics import reference
from helpers.metrics.scoring import Judgment, judge


class LabelFidelity(NamedTuple):
    """Shares of samples that got their wanted class: all, a float, and of each class.

    ``per_class`` has shape ``(classes,)``; NaN for a class that nobody asked for.
    """

    overall: float
    per_class: np.ndarray


class ClassQuality(NamedTuple):
    """What ``class_quality`` returns; classes that nobody asked for are NaN.

    Attributes:
        fidelity: share of all images that the classifier gives their wanted class.
        per_class: the same for each class, shape ``(classes,)``.
        frechet: Frechet distance of each class to real images of that class, ``(classes,)``.
        confusion: as the function ``confusion``.
    """

    fidelity: float
    per_class: np.ndarray
    frechet: np.ndarray
    confusion: np.ndarray


def label_fidelity(probabilities, wanted_labels, num_classes):
    """How often a conditional generator drew what it was asked for: ``LabelFidelity``.

    Read it beside coverage: one perfect picture a class, drawn again and again, scores 1.

    Args:
        probabilities: the classifier's, shape ``(samples, num_classes)``.
        wanted_labels: the classes that were asked for, integers, shape ``(samples,)``.
    """
    matrix = confusion(probabilities, wanted_labels, num_classes)
    right = np.argmax(probabilities, axis=1) == np.asarray(wanted_labels)
    return LabelFidelity(float(right.mean()), np.diag(matrix))


def confusion(probabilities, wanted_labels, num_classes):
    """What the classifier takes the samples of each wanted class for; ``label_fidelity``'s args.

    Returns:
        float array ``(num_classes, num_classes)``: row the wanted class, column the class seen.
        Rows sum to 1; the row of a class that nobody asked for is NaN.
    """
    probabilities = checking.probabilities(probabilities)
    num_classes = checking.whole(num_classes, "num_classes", at_least=2)
    if probabilities.shape[1] != num_classes:
        raise ValueError(
            f"probabilities have {probabilities.shape[1]} classes, num_classes is {num_classes}"
        )
    wanted = checking.labels(wanted_labels, len(probabilities), num_classes, "wanted_labels")
    counts = np.zeros((num_classes, num_classes))
    np.add.at(counts, (wanted, probabilities.argmax(axis=1)), 1)
    asked = counts.sum(axis=1, keepdims=True)
    return np.divide(counts, asked, out=np.full_like(counts, np.nan), where=asked > 0)


def frechet_per_class(samples, labels, class_moments):
    """Frechet distance of each class alone, ``(classes,)``; NaN for a class without samples.

    A conditional generator can mix up two classes at no cost to the distance over all classes;
    here it shows. One class has few samples, so the figures are higher than the overall one:
    compare classes with each other, or two models at equal counts.

    Args:
        samples: features of generated images, shape ``(samples, width)``.
        labels: the class that was asked for, integers, shape ``(samples,)``.
        class_moments: sequence of ``Moments`` of real images, one a class, such as
            ``reference("fashion_mnist").class_moments``.

    Raises:
        ValueError: a class with a single sample, besides labels and features that do not fit.
    """
    samples = checking.features(samples, "samples")
    labels = checking.labels(labels, len(samples), len(class_moments))
    distances = np.full(len(class_moments), np.nan)
    for label in np.unique(labels):
        members = samples[labels == label]
        if len(members) < 2:
            raise ValueError(f"class {label} has 1 sample; a covariance needs at least 2")
        distances[label] = frechet_distance(members, class_moments[label])
    return distances


def class_quality(images, labels, dataset, value_range=(-1.0, 1.0)):
    """Label fidelity and Frechet distance of each class, from one pass of the classifier.

    Two readings need a yardstick. The classifier errs on real images too: its accuracy on real
    test images, ``class_quality(test.images, test.labels, dataset)``, is what a perfect
    generator would reach. And a Frechet distance from few samples is too large, by roughly
    1 / samples: give real and generated images in equal numbers. With fewer than 66 images of a
    class the covariance of 64 features loses rank, and the distance should not be quoted.

    Args:
        images: generated images, uint8 or floats within ``value_range``; or a ``Judgment``.
        labels: the classes that were asked for, integers, shape ``(images,)``, at least 2 images
            of each class that occurs.
        dataset: ``"mnist"``, ``"fashion_mnist"`` or ``"cifar10"``.
        value_range: of float images; ignored for uint8.

    Returns:
        ``ClassQuality``.

    Raises:
        ValueError: labels that are no classes or do not fit the images; images as for ``judge``.
    """
    # The statistics of the emoji know artists, not the 27 classes of their classifier.
    checking.choice(dataset, "dataset", ("mnist", "fashion_mnist", "cifar10"))
    real = reference(dataset)
    num_classes = len(real.class_moments)
    judged = images if isinstance(images, Judgment) else judge(images, dataset, value_range)
    labels = checking.labels(labels, len(judged.features), num_classes)
    return ClassQuality(
        *label_fidelity(judged.probabilities, labels, num_classes),
        frechet_per_class(judged.features, labels, real.class_moments),
        confusion(judged.probabilities, labels, num_classes),
    )
