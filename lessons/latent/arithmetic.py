"""Arithmetic on averaged z: a - b + c, and the neighborhood of the result (lecture_latent)."""

import numpy as np

from helpers import checking


def combine(a, b, c):
    """``mean(a) - mean(b) + mean(c)``: what a has and b has not, put onto c.

    One z carries a hundred accidents; the mean of several that share a trait keeps the trait.

    Each is z of one concept, ``(N, latent_dim)``; the source takes three of each. Returns float32
    ``(latent_dim,)``. Source: Radford et al. 2015 (arXiv:1511.06434), lecture_latent.
    """
    a = checking.z(a, "a")
    b, c = checking.z(b, "b", a.shape[1]), checking.z(c, "c", a.shape[1])
    return a.mean(axis=0) - b.mean(axis=0) + c.mean(axis=0)


def noisy_neighbors(z, spread=0.25, seed=0):
    """z in the middle of eight neighbors, for a panel of 3x3 (lecture_latent).

    Args:
        z: ``(latent_dim,)``.
        spread: each number of a neighbor moves by a uniform amount from -spread to spread.
        seed: of the noise.

    Returns:
        float32 ``(9, latent_dim)``; row 4, the middle of the panel, is z itself.
    """
    z = checking.z(np.asarray(z)[None])[0]
    spread = checking.number(spread, "spread", above=0)
    noise = np.random.default_rng(seed).uniform(-spread, spread, (9, len(z)))
    noise[4] = 0.0
    return (z + noise).astype("float32")
