"""What the functions of this package expect of z, said in one place."""

import numpy as np


def points(z, name="z", minimum=1):
    """``z`` as a float32 array ``(N, latent_dim)`` with at least ``minimum`` rows.

    Raises:
        ValueError: another rank, too few rows, or values that are NaN or infinite.
    """
    z = np.asarray(z, "float32")
    if z.ndim != 2 or z.shape[1] == 0:
        raise ValueError(f"{name} must have shape (N, latent_dim), got {z.shape}")
    if len(z) < minimum:
        raise ValueError(f"{name} holds {len(z)} points; at least {minimum} are needed")
    if not np.isfinite(z).all():
        raise ValueError(f"{name} holds NaN or infinite values")
    return z


def vector(value, name):
    """``value`` as a float64 array ``(latent_dim,)`` that is not all zeros."""
    value = np.asarray(value, "float64")
    if value.ndim != 1 or not np.isfinite(value).all():
        raise ValueError(f"{name} must be finite numbers of shape (latent_dim,), got {value.shape}")
    if not value.any():
        raise ValueError(f"{name} is all zeros, which is no direction")
    return value


def whole(value, name, minimum=1):
    """``value`` as an int of at least ``minimum``."""
    good = isinstance(value, (int, np.integer)) and not isinstance(value, bool)
    if not good or value < minimum:
        raise ValueError(f"{name} must be a whole number of at least {minimum}, got {value!r}")
    return int(value)


def above_zero(value, name):
    """``value`` as a finite float above 0."""
    value = float(value)
    if not (np.isfinite(value) and value > 0):
        raise ValueError(f"{name} must be above 0, got {value}")
    return value
