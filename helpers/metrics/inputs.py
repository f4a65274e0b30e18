"""Checks of what the metrics are given: every mistake ends in one clear ``ValueError``."""

import numpy as np


def check_features(features, name="features", minimum=1):
    """Features as float64, shape ``(samples, width)``, after checking them.

    Raises:
        ValueError: not two axes, fewer than ``minimum`` samples, or values that are not finite.
    """
    features = np.asarray(features, dtype="float64")
    if features.ndim != 2 or features.shape[1] == 0:
        raise ValueError(f"{name} must have shape (samples, width), got {features.shape}")
    if len(features) < minimum:
        raise ValueError(f"{name} holds {len(features)} samples; at least {minimum} are needed")
    bad = ~np.isfinite(features).all(axis=1)
    if bad.any():
        raise ValueError(
            f"{name} holds NaN or infinite values in {bad.sum()} of {len(features)} samples, "
            f"the first is number {bad.argmax()}"
        )
    return features


def check_same_width(first, second, names):
    """Raise ``ValueError`` unless two feature arrays have the same number of columns."""
    if first.shape[1] != second.shape[1]:
        raise ValueError(
            f"{names[0]} has {first.shape[1]} numbers a sample and {names[1]} has "
            f"{second.shape[1]}: they come from different feature extractors"
        )


def check_count(value, name, at_least=1):
    """An integer argument such as ``k``, after checking it."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)) or value < at_least:
        raise ValueError(f"{name} must be an integer of at least {at_least}, got {value!r}")
    return int(value)


def check_share(value, name):
    """An argument that must lie strictly between 0 and 1, as a float."""
    if not 0.0 < value < 1.0:
        raise ValueError(f"{name} must lie between 0 and 1, got {value!r}")
    return float(value)


def check_probabilities(probabilities):
    """Class probabilities as float64, shape ``(samples, classes)``, after checking them.

    Raises:
        ValueError: not two axes, no samples, or rows that are no probabilities (logits?).
    """
    probabilities = check_features(probabilities, "probabilities")
    sums = probabilities.sum(axis=1)
    if probabilities.min() < 0.0 or np.abs(sums - 1.0).max() > 1e-3:
        worst = np.abs(sums - 1.0).argmax()
        raise ValueError(
            f"probabilities must be at least 0 with rows that sum to 1; the smallest is "
            f"{probabilities.min():.3g} and row {worst} sums to {sums[worst]:.3g}. "
            "Logits go through softmax first"
        )
    return probabilities


def check_labels(labels, count, num_classes, name="labels"):
    """Integer labels, shape ``(count,)``, after checking them.

    Raises:
        ValueError: float labels, another shape, or a value outside ``[0, num_classes)``.
    """
    labels = np.asarray(labels)
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"{name} must be integers, got {labels.dtype}")
    if labels.shape != (count,):
        raise ValueError(f"{name} must have shape ({count},), one a sample, got {labels.shape}")
    outside = labels[(labels < 0) | (labels >= num_classes)]
    if outside.size:
        raise ValueError(f"{name} holds {outside[0]}, but the classes are 0 to {num_classes - 1}")
    return labels
