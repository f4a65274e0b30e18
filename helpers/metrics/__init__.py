"""The quality of generated images in numbers, offline.

The usual figures, on the features of a small classifier that ships with the kit instead of
Inception: distances to real images, fidelity and variety apart, what the classes look like, and
whether the generator copies. Notebook 01 introduces them. Start with ``quality``.
"""

import helpers
from helpers.metrics.distances import (
    Moments,
    duplicates,
    frechet_distance,
    kernel_distance,
    moments,
    nearest_distances,
    precision_recall_density_coverage,
)
from helpers.metrics.real_statistics import reference
from helpers.metrics.scoring import (
    QUALITY,
    Judgment,
    class_histogram,
    features,
    figures,
    histogram,
    judge,
    nearest_neighbors,
    probabilities,
    quality,
)

# Loaded by the lessons that use them: wanted classes, restored images, groups and artists.
OTHERS = {
    **dict.fromkeys(("LabelFidelity", "ClassQuality", "label_fidelity", "confusion"), "classes"),
    **dict.fromkeys(("frechet_per_class", "class_quality"), "classes"),
    **dict.fromkeys(("squared_error", "psnr", "checkerboard"), "reconstruction"),
    **dict.fromkeys(("group_probabilities", "artist_probabilities"), "emoji"),
}

__getattr__ = helpers.on_demand(__name__, OTHERS)
__all__ = [
    "QUALITY", "Judgment", "Moments", "class_histogram", "duplicates", "features", "figures",
    "frechet_distance", "histogram", "judge", "kernel_distance", "moments", "nearest_distances",
    "nearest_neighbors", "precision_recall_density_coverage", "probabilities", "quality",
    "reference", *OTHERS,
]  # fmt: skip
