"""Checks of notebook 04: noise, encoder, sample, KL and loss of a variational autoencoder."""

import numpy as np
import tensorflow as tf
from scipy.special import expit

from exercises import models, verdict
from exercises.verdict import answer, check_number, close, compares, explain, passed, refuse
from helpers import variational

KL = {"kl_divergence": variational.kl_divergence}  # for answers that call another exercise
SHAPES = ((4, 3), (5, 2))  # (batch, latent_dim) of the two inputs of every check below
LOG_2_PI = np.log(2 * np.pi)


def _parameters(seed=0, batch=4, latent_dim=3):
    random = np.random.default_rng(seed)
    return [random.normal(size=(batch, latent_dim)).astype("float32") for _ in range(3)]


def reference_noise(pictures, level, seed=0):
    """Pictures in [0, 1] plus Gaussian noise of standard deviation ``level``, clipped; float32."""
    noise = np.random.default_rng(seed).normal(0.0, level, pictures.shape)
    return np.clip(pictures + noise, 0.0, 1.0).astype("float32")


def noise(function):
    """Check ``function(pictures, level, seed)``: size, type and strength of the noise."""
    for level, shape in ((0.1, (50, 28, 28, 1)), (0.15, (40, 16, 20, 3))):
        images = np.full(shape, 0.5, "float32")
        found = np.asarray(answer(function, images, level, 0))
        refuse(found.shape != shape, f"images of shape {shape} come back as {found.shape}: draw "
               "one number for every pixel, with the shape of images")  # fmt: skip
        refuse(found.dtype != np.float32, f"the noisy images are {found.dtype}, not float32: cast "
               "them at the end")  # fmt: skip
        refuse((images != 0.5).any(), "your function changes the images it was given: build new "
               "ones")  # fmt: skip
        _check_noise(found - images, level)
    passed("Gaussian noise of the wanted strength, new for every pixel.")


def _check_noise(added, level):
    spread, root = added.std(), np.sqrt(level)
    refuse(np.abs(added).max() == 0.0, "the images come back unchanged: add level times standard "
           "normal numbers")  # fmt: skip
    refuse(abs(added.mean()) > 0.3 * level, f"the noise has mean {added.mean():.2f}, so it "
           "brightens the image: normal noise has mean 0 (uniform numbers from 0 to 1 "
           "do not)")  # fmt: skip
    refuse(np.abs(added[0] - added[1]).max() == 0.0, "all images get the same noise: draw with the "
           "shape of the whole batch")  # fmt: skip
    refuse(abs(spread - level**2) < 0.1 * level**2, "level is a standard deviation, not a "
           "variance: do not square it")  # fmt: skip
    refuse(abs(spread - root) < 0.15 * root, "level is a standard deviation: do not take its root")
    refuse(abs(spread - level) > 0.05 * level, "the noise has a standard deviation of "
           f"{spread:.3f}, wanted {level}")  # fmt: skip
    refuse(np.mean(np.abs(added) > 2 * level) < 0.01, "the noise never goes beyond two standard "
           "deviations: is it uniform?")  # fmt: skip


def noise_is_clipped(function):
    """Check that noisy images stay in [0, 1] by clipping, and depend on the seed alone."""
    images = np.random.default_rng(0).uniform(0, 1, (20, 28, 28, 1)).astype("float32")
    found = np.asarray(answer(function, images, 1.0, 3))
    shape, low, high = found.shape, found.min(), found.max()
    refuse(shape != images.shape, f"images of shape {images.shape} come back as {shape}")
    refuse(low < 0.0 or high > 1.0, f"the noisy images reach from {low:.2f} to {high:.2f}: clip "
           "them to [0, 1], the network's range")  # fmt: skip
    refuse(np.mean((found == 0.0) | (found == 1.0)) < 0.3, "the values were squeezed into [0, 1], "
           "which grays the whole image: clip, so that what lies outside becomes 0 or 1 and the "
           "rest stays")  # fmt: skip
    again, other = (np.asarray(answer(function, images, 1.0, seed)) for seed in (3, 4))
    refuse(not close(found, again), "the same seed gives different noise: use "
           "np.random.default_rng(seed)")  # fmt: skip
    refuse(close(found, other), "another seed gives the same noise: use the argument seed")
    passed("clipped to [0, 1], and repeatable by its seed.")


def vae_encoder(build, image_shape=(28, 28, 1)):
    """Check a function that builds a VAE's encoder: two outputs of ``latent_dim`` numbers."""
    images = np.random.default_rng(0).uniform(0, 1, (6, *image_shape)).astype("float32")
    for latent_dim in (5, 3):
        outputs = _two_outputs(models.built(build, "encoder", latent_dim), images)
        shapes, wanted = [output.shape for output in outputs], (6, latent_dim)
        refuse(shapes != [wanted] * 2, f"six images and latent_dim={latent_dim} give outputs of "
               f"shapes {shapes}, wanted twice {wanted}: both last layers "
               "are Dense(latent_dim)")  # fmt: skip
        refuse(close(*outputs, atol=1e-7), "mean and log-variance are the same numbers: give each "
               "a layer of its own")  # fmt: skip
        refuse(np.abs(outputs[0] - outputs[0][:1]).max() < 1e-6, "every image gets the same mean: "
               "the image must reach the output")  # fmt: skip
    passed("two outputs of latent_dim numbers for each image.")


def _two_outputs(model, images):
    """The two outputs of an encoder as arrays; ``Wrong`` if there are not two."""
    outputs = models.answers(model, images, f"images of shape {images.shape}", "encoder")
    refuse(not verdict.is_pair(outputs), "the encoder needs two outputs, [z_mean, z_log_var]: "
           "a list of two layers")  # fmt: skip
    return outputs


def vae_encoder_is_free(build, parameters=566_660):
    """Check that nothing bounds the two outputs, and the number of parameters at latent_dim 2."""
    model = models.built(build, "encoder", 2)
    images = 100 * models.normal(1, 200, 28, 28, 1)
    outputs = _two_outputs(model, images)
    for name, values in zip(("z_mean", "z_log_var"), outputs, strict=True):
        refuse(values.min() >= 0.0, f"{name} is never negative: its layer must have no activation "
               "(a mean may lie on either side, and the log of a small variance "
               "is negative)")  # fmt: skip
        refuse(np.abs(values).max() <= 1.0001, f"{name} stays within [-1, 1]: its layer must have "
               "no activation")  # fmt: skip
    mean, found = outputs[0], model.count_params()
    mixed = _two_outputs(model, 0.5 * images[:100] + 0.5 * images[100:])[0]
    refuse(found != parameters, f"your encoder has {found:,} parameters, the one described has "
           f"{parameters:,}: look at the widths 512, 256 and 128")  # fmt: skip
    refuse(close(mixed, 0.5 * mean[:100] + 0.5 * mean[100:], atol=1e-2), "nothing in your encoder "
           "bends: the three wide layers need a ReLU activation")  # fmt: skip
    passed(f"free outputs, {parameters:,} parameters.")


def reparameterize(function):
    """Check ``function(z_mean, z_log_var, noise)`` against ``mean + exp(log_var / 2) * noise``."""
    for seed, shape in enumerate(SHAPES):
        mean, log_var, noise_ = _parameters(seed, *shape)
        mistakes = [
            (mean + np.exp(log_var) * noise_, "exp(z_log_var) is the variance: the noise is "
             "scaled by the standard deviation, exp(z_log_var / 2)"),
            (mean + log_var * noise_, "z_log_var is a logarithm: take exp(z_log_var / 2)"),
            (mean + np.exp(0.5 * log_var), "the noise is missing"),
            (mean + noise_, "the spread is missing: scale the noise by exp(z_log_var / 2)"),
            (np.exp(0.5 * log_var) * noise_, "the mean is missing"),
            (mean - np.exp(0.5 * log_var) * noise_, "the scaled noise is added, not subtracted"),
            (mean * np.exp(0.5 * log_var) * noise_, "the scaled noise is added, not multiplied"),
            (mean, "this is the mean alone: add the scaled noise"),
        ]  # fmt: skip
        arguments = [tf.constant(x) for x in (mean, log_var, noise_)]
        found, again = (np.asarray(answer(function, *arguments)) for _ in range(2))
        refuse(not close(found, again), "the same noise gives different z: use the argument noise, "
               "draw no new one")  # fmt: skip
        explain(found, mean + np.exp(0.5 * log_var) * noise_, mistakes, "z")
    passed("z = mean + exp(log variance / 2) * noise.")


def reparameterize_has_gradients(function):
    """Check that z has a gradient with respect to mean and log-variance."""
    mean, log_var, noise_ = (tf.constant(x) for x in _parameters(1))
    with tf.GradientTape() as tape:
        tape.watch([mean, log_var])
        total = tf.reduce_sum(tf.convert_to_tensor(answer(function, mean, log_var, noise_)))
    gradients = tape.gradient(total, [mean, log_var])
    for name, gradient in zip(("z_mean", "z_log_var"), gradients, strict=True):
        refuse(gradient is None, f"z has no gradient with respect to {name}: use operations of "
               "keras.ops, NumPy's cut the tape")  # fmt: skip
    expected = 0.5 * np.exp(0.5 * log_var.numpy()) * noise_.numpy()
    right = close(gradients[0], np.ones_like(expected)) and close(gradients[1], expected)
    refuse(not right, "the gradients of z are not those of mean + exp(log_var / 2) * noise")
    passed("gradients reach the mean and the log-variance.")


def _kl_by_axis(mean, log_var):
    return 0.5 * (mean**2 + np.exp(log_var) - log_var - 1.0)


@compares("KL", "KL, {0[0]:.4f} nats for the first image of the last batch.", (2, 4, 3), (3, 5, 2))
def kl_divergence(*case):
    """Check ``function(z_mean, z_log_var)`` against the closed form, one number an image."""
    mean, log_var, _ = _parameters(*case)
    each = _kl_by_axis(mean, log_var)
    expected = each.sum(axis=1)
    return (mean, log_var), expected, [
        (each.mean(axis=1), "sum over the latent axes; the mean makes the KL smaller by a factor "
         "of latent_dim"),
        (each, "sum over the latent axes: one number for each image"),
        (each.sum(), "one number for each image is wanted: sum over the last axis only"),
        (expected.mean(), "keep one number for each image; the mean over the batch comes later"),
        (each.mean(), "sum over the last axis, and keep one number for each image"),
        (each.sum(axis=0), "this sums over the images: sum over the last axis, axis=-1"),
        (-expected, "the sign is wrong: a KL divergence is never negative"),
        (2 * expected, "the factor 1/2 is missing"),
        (0.5 * (mean**2 + np.exp(2 * log_var) - 2 * log_var - 1).sum(axis=1), "z_log_var is read "
         "as the log of the standard deviation; it is that of the variance"),
        (0.5 * (mean**2 + log_var**2 - 2 * np.log(np.abs(log_var)) - 1).sum(axis=1),
         "z_log_var is a logarithm: the variance is exp(z_log_var)"),
        (0.5 * (mean**2 + log_var - np.log(np.abs(log_var)) - 1).sum(axis=1),
         "z_log_var is a logarithm: the variance is exp(z_log_var)"),
        (expected + 0.5 * mean.shape[1], "the -1 is missing: q equal to the prior must give 0"),
        (expected - 0.5 * (mean**2).sum(axis=1), "the term with the mean is missing"),
        (0.5 * (mean + np.exp(log_var) - log_var - 1).sum(axis=1), "square the mean"),
    ]  # fmt: skip


def reference_loss(pictures, logits, z_mean, z_log_var, beta=1.0):
    """Negative ELBO with the KL weighted by ``beta``: one number, in nats."""
    each = variational.bernoulli_nll(pictures, logits)
    return tf.reduce_mean(each + beta * variational.kl_divergence(z_mean, z_log_var))


def vae_loss(function):
    """Check ``function(pictures, logits, z_mean, z_log_var, beta)``: sums, mean and weight.

    The KL divergence that it calls is the right one, whatever the student's is.
    """
    for seed, shape, beta in ((3, (4, 6, 6, 1), 0.7), (5, (3, 5, 8, 1), 2.5)):
        mean, log_var, _ = _parameters(seed, shape[0])
        random = np.random.default_rng(seed + 1)
        images = (random.uniform(size=shape) < 0.5).astype("float32")
        logits = 2 * random.normal(size=shape).astype("float32")
        parts = images, logits, mean, log_var
        found = np.asarray(answer(function, *map(tf.constant, parts), beta, **KL))
        expected = _sums(_cross_entropy(images, logits)).mean()
        expected += beta * _kl_by_axis(mean, log_var).sum(axis=1).mean()
        explain(found, np.float32(expected), _vae_mistakes(*parts, beta), "the loss")
    default = np.asarray(answer(function, *map(tf.constant, parts), **KL))
    right = expected + (1 - beta) * _kl_by_axis(mean, log_var).sum(axis=1).mean()
    refuse(not close(default, right), "the loss: without the last argument beta is 1, keep "
           "`beta=1.0`")  # fmt: skip
    passed(f"the loss, {expected:.4f} nats on the last test batch.")


def _cross_entropy(images, logits):
    return np.logaddexp(0.0, logits) - images * logits


def _sums(values):
    """The sum over everything but the batch."""
    return values.reshape(len(values), -1).sum(axis=1)


def _vae_mistakes(images, logits, mean, log_var, beta):
    each, kl = _cross_entropy(images, logits), _kl_by_axis(mean, log_var)
    summed, kl_sum = _sums(each).mean(), kl.sum(axis=1).mean()
    twice = _sums(_cross_entropy(images, expit(logits))).mean()
    return [
        (each.mean() + beta * kl_sum, "the reconstruction is averaged over the pixels while the KL "
         "is summed: that multiplies beta by the number of pixels, and the codes collapse"),
        (each.mean() + beta * kl.mean(), "sum over pixels and over latent axes, mean over the "
         "batch only"),
        (summed + beta * kl.mean(), "sum the KL over the latent axes, mean over the batch only"),
        (len(images) * (summed + beta * kl_sum), "take the mean over the batch, not the sum"),
        (_sums(each) + beta * kl.sum(axis=1), "take the mean over the batch at the end: one "
         "number"),
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


@compares("the Gaussian's -log p", "-log p, {0[0]:.4f} nats for the first image of the last batch.",
          (7, (4, 6, 6, 1), 0.3), (8, (3, 5, 4, 3), 2.0))  # fmt: skip
def gaussian_nll(seed, shape, sigma):
    """Check ``function(pictures, means, sigma)``: -log density, summed over the pixels."""
    random = np.random.default_rng(seed)
    images, means = (random.uniform(size=shape).astype("float32") for _ in range(2))
    squared = 0.5 * ((images - means) / sigma) ** 2
    each = squared + np.log(sigma) + 0.5 * LOG_2_PI
    expected, size = _sums(each), images[0].size
    return (images, means, sigma), expected.astype("float32"), [
        (expected.mean(), "keep one number for each image; the mean over the batch comes later"),
        (each.mean(axis=(1, 2, 3)), "sum over the pixels, a picture's probability is the product "
         "of all of them"),
        (each.sum(axis=(1, 2)), "sum over the channels too: one number for each image"),
        (each, "sum over the pixels: one number for each image"),
        (-expected, "the sign is wrong: this is log p, the loss wants -log p"),
        (_sums(squared), "the constants are missing: log sigma and log(2 pi) / 2 for each pixel"),
        (expected - size * np.log(sigma), "log sigma is missing: without it a huge sigma would be "
         "free"),
        (expected - 0.5 * size * LOG_2_PI, "log(2 pi) / 2 is missing for each pixel"),
        (_sums(squared) + np.log(sigma) + 0.5 * LOG_2_PI, "the constants count once for each "
         "pixel, not once for the picture"),
        (_sums(2 * squared + np.log(sigma) + 0.5 * LOG_2_PI), "the factor 1/2 of the squared error "
         "is missing"),
        (_sums(0.5 * (images - means) ** 2 / sigma + np.log(sigma) + 0.5 * LOG_2_PI), "sigma is a "
         "standard deviation: divide the squared error by its square"),
        (_sums(0.5 * (images - means) ** 2 / sigma + 0.5 * np.log(sigma) + 0.5 * LOG_2_PI), "sigma "
         "is the standard deviation, not the variance"),
        (_sums(squared - np.log(sigma) + 0.5 * LOG_2_PI), "the sign of log sigma is wrong"),
    ]  # fmt: skip


@compares("free_bits", "each axis pays at least 0.4 nats; {0:.4f} together.",
          (9, 6, 4, 0.9), (10, 5, 3, 0.4), judge=check_number, **KL)  # fmt: skip
def free_bits(seed, batch, dims, least):
    """Check ``function(z_mean, z_log_var, least)``: each axis costs at least so many nats."""
    mean, log_var, _ = _parameters(seed, batch, dims)
    mean, log_var = mean * np.linspace(0.1, 2, dims, dtype="float32"), 0.4 * log_var
    each = _kl_by_axis(mean, log_var)
    expected = np.maximum(each.mean(axis=0), least).sum()
    return (mean, log_var, least), expected, [
        (each.sum(axis=1).mean(), "least has no effect: every axis has its own floor, compare "
         "before you sum"),
        (np.maximum(each, least).sum(axis=1).mean(), "take the mean over the batch first: an axis, "
         "not a single image, has free bits"),
        (np.minimum(each.mean(axis=0), least).sum(), "this is a ceiling: use maximum, not minimum"),
        (max(each.sum(axis=1).mean(), least), "every axis has its own floor: compare before you "
         "sum"),
        (max(each.sum(axis=1).mean(), dims * least), "every axis has its own floor: compare before "
         "you sum"),
        (np.maximum(each.mean(axis=0), least).mean(), "sum over the axes, not the mean"),
        (np.maximum(each.mean(axis=0), least), "sum over the axes: one number"),
        (np.maximum(each.mean(axis=0) - least, 0).sum(), "the floor replaces what lies below it, "
         "nothing is subtracted"),
        (np.maximum(each.sum(axis=0), least).sum(), "take the mean over the batch, not the sum"),
        (np.maximum(2 * each.mean(axis=0), least).sum(), "the factor 1/2 of the KL is missing"),
    ]  # fmt: skip
