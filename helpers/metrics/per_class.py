"""Did a conditional generator draw what it was asked for, class by class? See notebook 03."""

from typing import NamedTuple

import numpy as np

from helpers.metrics.distances import frechet_per_class
from helpers.metrics.inputs import check_labels
from helpers.metrics.labels import confusion, label_fidelity
from helpers.metrics.real_statistics import reference
from helpers.metrics.scoring import Judgment, judge


class ClassQuality(NamedTuple):
    """What ``class_quality`` returns; classes that nobody asked for hold NaN.

    Attributes:
        fidelity: share of all images that the classifier gives their wanted class.
        per_class: the same for each class, shape ``(classes,)``.
        frechet: Frechet distance of each class to real images of that class, ``(classes,)``.
        confusion: share of the images of wanted class ``row`` that the classifier takes for
            ``column``, ``(classes, classes)``.
    """

    fidelity: float
    per_class: np.ndarray
    frechet: np.ndarray
    confusion: np.ndarray


def class_quality(images, labels, dataset, value_range=(-1.0, 1.0)):
    """Label fidelity and Frechet distance of each class, from one pass of the classifier.

    Two readings need a yardstick. The classifier errs on real images too: its accuracy on real
    test images, ``class_quality(test.images, test.labels, dataset)``, is what a perfect
    generator would reach. And a Frechet distance from few samples is too large, by roughly
    1 / samples: so give real and generated images in equal numbers. The real side is not the
    problem, its moments come from all 1,000 or so test images of a class. With fewer than 66
    images of a class the covariance of 64 features loses rank; the distance stays defined, but
    compares fewer directions and should not be quoted.

    Fidelity alone can be had by collapse, one good picture a class: read it beside ``coverage``.

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
    real = reference(dataset)
    num_classes = len(real.class_moments)
    count = len(images.features) if isinstance(images, Judgment) else len(images)
    labels = check_labels(labels, count, num_classes)
    judged = images if isinstance(images, Judgment) else judge(images, dataset, value_range)
    overall, per_class = label_fidelity(judged.probabilities, labels, num_classes)
    return ClassQuality(
        overall,
        per_class,
        frechet_per_class(judged.features, labels, real.class_moments),
        confusion(judged.probabilities, labels, num_classes),
    )
