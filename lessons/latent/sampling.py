"""Samples: z with the tails cut off, and the pictures that a generator draws for z."""

import keras
import numpy as np
import tensorflow as tf
from scipy import stats

from helpers import checking

BATCH = 250  # images drawn at once; bounds the memory


def truncated_normal(count, latent_dim, limit, seed=0):
    """Standard normal z without the numbers beyond ``limit``, on either side.

    Args:
        count, latent_dim: shape of the result.
        limit: no number is larger in size; 2 is mild, 0.5 is strong.
        seed: of the draws.

    Returns:
        float32 ``(count, latent_dim)``.

    Source: the truncation trick of Brock et al. 2018 (arXiv:1809.11096).
    """
    count, latent_dim = checking.whole(count, "count"), checking.whole(latent_dim, "latent_dim")
    limit = checking.number(limit, "limit", above=0)
    law = stats.truncnorm(-limit, limit)
    return law.rvs((count, latent_dim), np.random.default_rng(seed)).astype("float32")


def draw(generator, z, labels=None):
    """Images that a generator draws for z, as a float32 array ``(N, H, W, C)``.

    Args:
        generator: Keras model; inputs z, or z and labels.
        z: ``(N, latent_dim)``.
        labels: one class for all (an int) or one for each z ``(N,)``, for a conditional generator.

    Raises:
        ValueError: z of another length, or labels missing or of another number.
    """
    inputs = [checking.z(z, latent_dim=generator.inputs[0].shape[-1])]
    if len(generator.inputs) == 2:
        if labels is None:
            raise ValueError(f"{generator.name} is asked for a class: pass labels")
        if np.shape(labels) not in ((), (len(z),)):
            raise ValueError(f"{len(z)} z need one label or {len(z)}, got {np.shape(labels)}")
        inputs.append(np.broadcast_to(labels, (len(z),)).astype("int32"))
    drawn = []
    for start in range(0, len(z), BATCH):
        batch = [tf.constant(part[start : start + BATCH]) for part in inputs]
        images = generator(batch if len(batch) == 2 else batch[0], training=False)
        drawn.append(keras.ops.convert_to_numpy(images))
    return np.concatenate(drawn)
