"""Paths between points of latent space, straight and along the shell where z lives."""

import numpy as np

from helpers import checking

NARROW = 1e-3  # radians from 0 or pi within which the arc is no arc any more


def straight(a, b, shares):
    """Points on the straight line from each a to its b.

    Args:
        a, b: ``(N, latent_dim)``.
        shares: ``(S,)``, 0 at a and 1 at b.

    Returns:
        float32 ``(N, S, latent_dim)``.
    """
    a, b, shares = _checked(a, b, shares)
    return ((1.0 - shares) * a + shares * b).astype("float32")


def spherical(a, b, shares):
    """Points on the arc from each a to its b, whose length changes evenly from |a| to |b|.

    In many dimensions almost all standard normal z have a length near the root of latent_dim. A
    straight line between two of them leaves that shell; the arc stays in it. Where a and b point
    the same way (or exactly opposite ways), the arc is not defined, and the line takes its place.

    Args and returns: as ``straight``.

    Source: Shoemake 1985; for Gaussian z: White 2016 (arXiv:1609.04468).
    """
    a, b, shares = _checked(a, b, shares)
    lengths = (np.linalg.norm(each, axis=-1, keepdims=True) for each in (a, b))
    cosine = np.sum(a * b, axis=-1, keepdims=True) / np.maximum(np.prod([*lengths], axis=0), 1e-12)
    angle = np.arccos(np.clip(cosine, -1.0, 1.0))
    no_arc = (angle < NARROW) | (angle > np.pi - NARROW)
    sine = np.sin(np.where(no_arc, 1.0, angle))
    of_a = np.where(no_arc, 1.0 - shares, np.sin((1.0 - shares) * angle) / sine)
    of_b = np.where(no_arc, shares, np.sin(shares * angle) / sine)
    return (of_a * a + of_b * b).astype("float32")


def walk(anchors, steps, *, closed=False):
    """One path of arcs through several points, for a film.

    Args:
        anchors: ``(N, latent_dim)``, at least 2.
        steps: points from one anchor up to the next, the next one left out.
        closed: go back to the first anchor, so that the film can repeat without a jump.

    Returns:
        float32 ``(M, latent_dim)``: ``N * steps`` points if closed, else ``(N - 1) * steps + 1``.
    """
    anchors, steps = checking.z(anchors, "anchors", at_least=2), checking.whole(steps, "steps")
    ends = np.roll(anchors, -1, axis=0)
    if not closed:
        anchors, ends = anchors[:-1], ends[:-1]
    path = spherical(anchors, ends, np.arange(steps) / steps).reshape(-1, anchors.shape[1])
    return path if closed else np.concatenate([path, ends[-1:]])


def step_sizes(images):
    """How much each picture of a walk ``(S, H, W, C)`` differs from the one before it.

    Returns float ``(S - 1,)``: root of the mean squared difference of the pixels. On a smooth way
    all are alike; where the generator jumps, one stands out.
    """
    images = checking.images(images).astype("float64")
    return np.sqrt(np.mean(np.square(np.diff(images, axis=0)), axis=(1, 2, 3)))


def _checked(a, b, shares):
    """a and b as ``(N, 1, d)``, shares as ``(1, S, 1)``, in float64."""
    a, b, shares = checking.z(a, "a"), checking.z(b, "b"), np.asarray(shares, "float64")
    if a.shape != b.shape:
        raise ValueError(f"a and b must have one shape, got {a.shape} and {b.shape}")
    if shares.ndim != 1 or not np.isfinite(shares).all():
        raise ValueError(f"shares must be finite numbers of shape (S,), got {shares.shape}")
    return a[:, None].astype("float64"), b[:, None].astype("float64"), shares[None, :, None]
