"""The parts of the variational bound, as pure functions: each returns one number an image.

Reduction, everywhere: **summed** over pixels or latent axes, shape ``(batch,)``, in nats. Taking
the mean over the batch is the caller's last step. Notebook 04 derives them.

Source: Kingma & Welling 2013 (arXiv:1312.6114), homework_vae.
"""

import math

from keras import ops

LOG_2_PI = math.log(2.0 * math.pi)


def reparameterize(z_mean, z_log_var, noise):
    """A sample of N(z_mean, exp(z_log_var)), made of standard normal ``noise``.

    ``z_mean + exp(z_log_var / 2) * noise``: the randomness comes from outside, so the sample has
    a gradient with respect to both parameters. All arguments and the result have one shape.
    """
    return z_mean + ops.exp(0.5 * z_log_var) * noise


def kl_divergence(z_mean, z_log_var):
    """KL(N(z_mean, exp(z_log_var)) || N(0, I)) for each image: ``(batch, d)`` -> ``(batch,)``."""
    return ops.sum(kl_by_axis(z_mean, z_log_var), axis=-1)


def kl_by_axis(z_mean, z_log_var):
    """The same KL divergence for each latent axis alone, ``(batch, d)``."""
    return 0.5 * (ops.square(z_mean) + ops.exp(z_log_var) - z_log_var - 1.0)


def bernoulli_nll(images, logits):
    """-log p(images) if every pixel is a coin with probability sigmoid(logit): ``(batch,)``.

    For pixels of exactly 0 or 1 it is the negative logarithm of a probability. For gray pixels in
    between it is a cross-entropy and no longer one: its lowest value is above 0.
    """
    return _over_pixels(ops.softplus(logits) - images * logits)


def gaussian_nll(images, means, sigma):
    """-log p(images) if every pixel is N(mean, sigma^2), constants included: ``(batch,)``."""
    squared = ops.square((images - means) / sigma)
    return 0.5 * _over_pixels(squared + LOG_2_PI + 2.0 * ops.log(sigma))


def log_normal(z, z_mean, z_log_var):
    """log density of z under N(z_mean, exp(z_log_var)), summed over the last axis."""
    squared = ops.square(z - z_mean) * ops.exp(-z_log_var)
    return -0.5 * ops.sum(squared + z_log_var + LOG_2_PI, axis=-1)


def _over_pixels(values):
    return ops.sum(values, axis=tuple(range(1, len(values.shape))))
