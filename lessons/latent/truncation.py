"""Truncation: z nearer to the middle than the generator was trained on, and what that trades."""

import numpy as np

from lessons.latent.checking import above_zero, whole


def truncated_normal(count, latent_dim, limit, seed=0):
    """Standard normal z in which every number beyond ``limit`` is drawn again until it fits.

    Args:
        count, latent_dim: shape of the result.
        limit: no number is larger in size; 2 is mild, 0.5 is strong.
        seed: of the draws.

    Returns:
        float32 ``(count, latent_dim)``.

    Source: the truncation trick of Brock et al. 2018 (arXiv:1809.11096).
    """
    count, latent_dim = whole(count, "count"), whole(latent_dim, "latent_dim")
    limit = above_zero(limit, "limit")
    if limit < 0.01:
        raise ValueError(f"limit {limit} is so small that nearly every number is drawn for ever")
    random = np.random.default_rng(seed)
    z = random.standard_normal((count, latent_dim))
    while (outside := np.abs(z) > limit).any():
        z[outside] = random.standard_normal(outside.sum())
    return z.astype("float32")


def scaled_normal(count, latent_dim, scale, seed=0):
    """Standard normal z times ``scale``: pulls towards the middle below 1, pushes out above it.

    The form that StyleGAN (Karras et al. 2018, arXiv:1812.04948) applies to its own latents.

    Returns:
        float32 ``(count, latent_dim)``.
    """
    count, latent_dim = whole(count, "count"), whole(latent_dim, "latent_dim")
    if not (np.isfinite(scale) and scale >= 0):
        raise ValueError(f"scale must be at least 0, got {scale}")
    z = np.random.default_rng(seed).standard_normal((count, latent_dim))
    return (scale * z).astype("float32")
