"""The quality of generated images in numbers, offline.

The usual figures, on the features of a small classifier that ships with the kit instead of
Inception: distances to real images, fidelity and variety apart, what the classes look like, and
whether the generator copies. Notebook 01 introduces them. Start with ``quality``.
"""

from helpers.metrics.distances import (
    Moments,
    frechet_distance,
    frechet_per_class,
    kernel_distance,
    moments,
)
from helpers.metrics.labels import (
    LabelFidelity,
    class_histogram,
    confident_share,
    confusion,
    label_fidelity,
)
from helpers.metrics.memorization import nearest_neighbors
from helpers.metrics.neighborhoods import (
    duplicates,
    nearest_distances,
    precision_recall_density_coverage,
)
from helpers.metrics.per_class import ClassQuality, class_quality
from helpers.metrics.real_statistics import Reference, reference
from helpers.metrics.reconstruction import checkerboard, psnr, squared_error
from helpers.metrics.scoring import (
    QUALITY,
    Judgment,
    features,
    figures,
    histogram,
    judge,
    probabilities,
    quality,
)

__all__ = [
    "QUALITY",
    "ClassQuality",
    "Judgment",
    "LabelFidelity",
    "Moments",
    "Reference",
    "checkerboard",
    "class_histogram",
    "class_quality",
    "confident_share",
    "confusion",
    "duplicates",
    "features",
    "figures",
    "frechet_distance",
    "frechet_per_class",
    "histogram",
    "judge",
    "kernel_distance",
    "label_fidelity",
    "moments",
    "nearest_distances",
    "nearest_neighbors",
    "precision_recall_density_coverage",
    "probabilities",
    "psnr",
    "quality",
    "reference",
    "squared_error",
]
