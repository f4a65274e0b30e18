"""The checks behind the exercises of notebook 04: noise, encoder, sample, KL and loss.

As in ``helpers.checks``: values first, one line when an answer is right, ``Wrong`` with a sentence
that says what to change when it is not. Nothing is trained.
"""

import keras
import numpy as np
import tensorflow as tf

from helpers.checks.verdict import Wrong, close, passed


def _explain(found, expected, mistakes, name):
    """Raise ``Wrong`` with the sentence of the mistake that gives the numbers found."""
    if close(found, expected):
        return
    for value, sentence in mistakes:
        if close(found, value):
            raise Wrong(f"{name}: {sentence}")
    if np.shape(found) != np.shape(expected):
        raise Wrong(f"{name} must have shape {np.shape(expected)}, yours has {np.shape(found)}")
    raise Wrong(
        f"{name} starts with {np.ravel(found)[:3].round(4)} where {np.ravel(expected)[:3].round(4)}"
        " is right"
    )


def _parameters(seed=0, batch=4, latent_dim=3):
    random = np.random.default_rng(seed)
    return [random.normal(size=(batch, latent_dim)).astype("float32") for _ in range(3)]


# ---------------------------------------------------------------------------------------------
# Denoising data.


def noise(function):
    """Check ``function(images, level, seed)``: size, type and strength of the noise."""
    images = np.full((50, 28, 28, 1), 0.5, "float32")
    found = function(images, 0.1, 0)
    if found is None:
        raise Wrong("your function returns nothing: end it with `return`")
    found = np.asarray(found)
    if found.shape != images.shape:
        raise Wrong(
            f"images of shape {images.shape} come back as {found.shape}: draw one number for "
            "every pixel, with the shape of images"
        )
    if found.dtype != np.float32:
        raise Wrong(f"the noisy images are {found.dtype}, not float32: cast them at the end")
    if (images != 0.5).any():
        raise Wrong("your function changes the images it was given: build new ones")
    _check_noise(found - images, 0.1)
    passed("Gaussian noise of the wanted strength, new for every pixel.")


def _check_noise(added, level):
    if np.abs(added).max() == 0.0:
        raise Wrong("the images come back unchanged: add level times standard normal numbers")
    if abs(added.mean()) > 0.3 * level:
        raise Wrong(
            f"the noise has mean {added.mean():.2f}, so it brightens the image: normal noise has "
            "mean 0 (uniform numbers from 0 to 1 do not)"
        )
    if np.abs(added[0] - added[1]).max() == 0.0:
        raise Wrong("all images get the same noise: draw with the shape of the whole batch")
    spread = added.std()
    if abs(spread - level**2) < 0.1 * level**2:
        raise Wrong("level is a standard deviation, not a variance: do not square it")
    if abs(spread - np.sqrt(level)) < 0.15 * np.sqrt(level):
        raise Wrong("level is a standard deviation: do not take its root")
    if abs(spread - level) > 0.05 * level:
        raise Wrong(f"the noise has a standard deviation of {spread:.3f}, wanted {level}")
    beyond = np.mean(np.abs(added) > 2 * level)
    if beyond < 0.01:
        raise Wrong("the noise never goes beyond two standard deviations: is it uniform?")


def noise_is_clipped(function):
    """Check that noisy images stay in [0, 1] by clipping, and depend on the seed alone."""
    random = np.random.default_rng(0)
    images = random.uniform(0, 1, (20, 28, 28, 1)).astype("float32")
    found = np.asarray(function(images, 1.0, 3))
    if found.min() < 0.0 or found.max() > 1.0:
        raise Wrong(
            f"the noisy images reach from {found.min():.2f} to {found.max():.2f}: clip them to "
            "[0, 1], the network's range"
        )
    at_the_ends = np.mean((found == 0.0) | (found == 1.0))
    if at_the_ends < 0.3:
        raise Wrong(
            "the values were squeezed into [0, 1], which greys the whole image: clip, so that "
            "what lies outside becomes 0 or 1 and the rest stays"
        )
    if not close(found, np.asarray(function(images, 1.0, 3))):
        raise Wrong("the same seed gives different noise: use np.random.default_rng(seed)")
    if close(found, np.asarray(function(images, 1.0, 4))):
        raise Wrong("another seed gives the same noise: use the argument seed")
    passed("clipped to [0, 1], and repeatable by its seed.")


# ---------------------------------------------------------------------------------------------
# The encoder.


def vae_encoder(build, latent_dim=5, image_shape=(28, 28, 1)):
    """Check a function that builds a VAE's encoder: two outputs of ``latent_dim`` numbers."""
    model = build(latent_dim)
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"your function returns {type(model).__name__}, not a Keras model: end it with "
            "`return keras.Model(images, [z_mean, z_log_var])`"
        )
    images = np.random.default_rng(0).uniform(0, 1, (6, *image_shape)).astype("float32")
    try:
        outputs = model(images)
    except Exception as error:
        raise Wrong(
            f"your encoder does not accept images of shape {images.shape}: {str(error)[:200]}"
        ) from None
    if not isinstance(outputs, (list, tuple)) or len(outputs) != 2:
        raise Wrong("the encoder needs two outputs, [z_mean, z_log_var]: a list of two layers")
    shapes = [tuple(np.shape(output)) for output in outputs]
    if shapes != [(6, latent_dim)] * 2:
        raise Wrong(
            f"six images and latent_dim={latent_dim} give outputs of shapes {shapes}, wanted "
            f"twice {(6, latent_dim)}: both last layers are Dense(latent_dim)"
        )
    if close(*(np.asarray(output) for output in outputs), atol=1e-7):
        raise Wrong("mean and log-variance are the same numbers: give each a layer of its own")
    passed(f"two outputs of {latent_dim} numbers for each image.")


def vae_encoder_is_free(build, parameters=566_660):
    """Check that nothing bounds the two outputs, and the number of parameters at latent_dim 2."""
    model = build(2)
    random = np.random.default_rng(1)
    images = 100 * random.normal(size=(200, 28, 28, 1)).astype("float32")
    for name, output in zip(("z_mean", "z_log_var"), model(images), strict=True):
        values = np.asarray(output)
        if values.min() >= 0.0:
            raise Wrong(
                f"{name} is never negative: its layer must have no activation (a mean may lie on "
                "either side, and the log of a small variance is negative)"
            )
        if np.abs(values).max() <= 1.0001:
            raise Wrong(f"{name} stays within [-1, 1]: its layer must have no activation")
    if model.count_params() != parameters:
        raise Wrong(
            f"your encoder has {model.count_params():,} parameters, the one described has "
            f"{parameters:,}: look at the widths 512, 256 and 128"
        )
    passed(f"free outputs, {parameters:,} parameters.")


# ---------------------------------------------------------------------------------------------
# Sample, KL, loss.


def reparameterise(function):
    """Check ``function(z_mean, z_log_var, noise)`` against ``mean + exp(log_var / 2) * noise``."""
    mean, log_var, noise_ = _parameters()
    found = np.asarray(function(*(tf.constant(x) for x in (mean, log_var, noise_))))
    mistakes = [
        (mean + np.exp(log_var) * noise_, "exp(z_log_var) is the variance: the noise is scaled "
         "by the standard deviation, exp(z_log_var / 2)"),
        (mean + log_var * noise_, "z_log_var is a logarithm: take exp(z_log_var / 2)"),
        (mean + np.exp(0.5 * log_var), "the noise is missing"),
        (mean + noise_, "the spread is missing: scale the noise by exp(z_log_var / 2)"),
        (np.exp(0.5 * log_var) * noise_, "the mean is missing"),
        (mean, "this is the mean alone: add the scaled noise"),
    ]  # fmt: skip
    again = np.asarray(function(*(tf.constant(x) for x in (mean, log_var, noise_))))
    if not close(found, again):
        raise Wrong("the same noise gives different z: use the argument noise, draw no new one")
    _explain(found, mean + np.exp(0.5 * log_var) * noise_, mistakes, "z")
    passed("z = mean + exp(log variance / 2) * noise.")


def reparameterise_has_gradients(function):
    """Check that z has a gradient with respect to mean and log-variance."""
    mean, log_var, noise_ = (tf.constant(x) for x in _parameters(1))
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        z = tf.convert_to_tensor(function(mean, log_var, noise_))
        total = tf.reduce_sum(z)
    gradients = tape.gradient(total, [mean, log_var])
    for name, gradient in zip(("z_mean", "z_log_var"), gradients, strict=True):
        if gradient is None:
            raise Wrong(
                f"z has no gradient with respect to {name}: use operations of keras.ops, NumPy's "
                "cut the tape"
            )
    expected = 0.5 * np.exp(0.5 * log_var.numpy()) * noise_.numpy()
    if not close(gradients[0], np.ones_like(expected)) or not close(gradients[1], expected):
        raise Wrong("the gradients of z are not those of mean + exp(log_var / 2) * noise")
    passed("gradients reach the mean and the log-variance.")


def kl_divergence(function):
    """Check ``function(z_mean, z_log_var)`` against the closed form, one number an image."""
    mean, log_var, _ = _parameters(2)
    each = 0.5 * (mean**2 + np.exp(log_var) - log_var - 1.0)
    expected = each.sum(axis=1)
    mistakes = [
        (each.mean(axis=1), "sum over the latent axes; the mean makes the KL smaller by a factor "
         "of latent_dim"),
        (each, "sum over the latent axes: one number for each image"),
        (each.sum(), "one number for each image is wanted: sum over the last axis only"),
        (expected.mean(), "keep one number for each image; the mean over the batch comes later"),
        (each.mean(), "sum over the last axis, and keep one number for each image"),
        (-expected, "the sign is wrong: a KL divergence is never negative"),
        (2 * expected, "the factor 1/2 is missing"),
        (0.5 * (mean**2 + np.exp(2 * log_var) - 2 * log_var - 1).sum(axis=1), "z_log_var is read "
         "as the log of the standard deviation; it is that of the variance"),
        (0.5 * (mean**2 + log_var**2 - 2 * np.log(np.abs(log_var)) - 1).sum(axis=1),
         "z_log_var is a logarithm: the variance is exp(z_log_var)"),
        (expected + 0.5 * mean.shape[1], "the -1 is missing: q equal to the prior must give 0"),
        (expected - 0.5 * (mean**2).sum(axis=1), "the term with the mean is missing"),
        (0.5 * (mean + np.exp(log_var) - log_var - 1).sum(axis=1), "square the mean"),
    ]  # fmt: skip
    found = np.asarray(function(tf.constant(mean), tf.constant(log_var)))
    _explain(found, expected, mistakes, "KL")
    passed(f"KL, {expected[0]:.4f} nats for the first test image.")


def _softplus(x):
    return np.logaddexp(0.0, x)


def vae_loss(function):
    """Check ``function(images, logits, z_mean, z_log_var, beta)``: sums, mean and weight."""
    mean, log_var, _ = _parameters(3)
    random = np.random.default_rng(4)
    images = (random.uniform(size=(4, 6, 6, 1)) < 0.5).astype("float32")
    logits = 2 * random.normal(size=images.shape).astype("float32")
    each = _softplus(logits) - images * logits
    kl = 0.5 * (mean**2 + np.exp(log_var) - log_var - 1.0)
    summed, kl_sum = each.sum(axis=(1, 2, 3)).mean(), kl.sum(axis=1).mean()
    beta = 0.7
    expected = summed + beta * kl_sum
    probabilities = 1 / (1 + np.exp(-logits))
    twice = (_softplus(probabilities) - images * probabilities).sum(axis=(1, 2, 3)).mean()
    mistakes = [
        (each.mean() + beta * kl_sum, "the reconstruction is averaged over the pixels while the KL "
         "is summed: that multiplies beta by the number of pixels, and the codes collapse"),
        (each.mean() + beta * kl.mean(), "sum over pixels and over latent axes, mean over the "
         "batch only"),
        (summed + beta * kl.mean(), "sum the KL over the latent axes, mean over the batch only"),
        (4 * expected, "take the mean over the batch, not the sum"),
        (each.sum(axis=(1, 2, 3)) + beta * kl.sum(axis=1), "take the mean over the batch at the "
         "end: one number"),
        (summed + kl_sum, "beta is missing: it multiplies the KL"),
        (beta * summed + kl_sum, "beta multiplies the KL, not the reconstruction"),
        (summed - beta * kl_sum, "the KL is added: the loss wants it small"),
        (summed, "the KL is missing: this is the loss of a plain autoencoder"),
        (beta * kl_sum, "the reconstruction is missing"),
        (-summed + beta * kl_sum, "the sign of the reconstruction is wrong: it is -log p, and a "
         "loss is made small"),
        (twice + beta * kl_sum, "the sigmoid is applied twice: logits go into a loss that takes "
         "logits"),
    ]  # fmt: skip
    arguments = (tf.constant(x) for x in (images, logits, mean, log_var))
    found = np.asarray(function(*arguments, beta))
    _explain(found, np.float32(expected), mistakes, "the loss")
    passed(f"the loss, {expected:.4f} nats on the test batch.")
