"""The checks of notebook 04 let right answers pass and tell wrong ones what is wrong."""

import functools

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers, ops

from exercises import Wrong
from exercises import autoencoders as checks
from helpers import networks, variational


def noisy(images, level, seed=0):
    random = np.random.default_rng(seed)
    noise = level * random.standard_normal(images.shape)
    return np.clip(images + noise, 0.0, 1.0).astype("float32")


def encoder(latent_dim=2, units=2, activation=None, widths=(512, 256, 128), one_head=False):
    images = keras.Input((28, 28, 1))
    x = layers.Flatten()(images)
    for width in widths:
        x = layers.Dense(width, activation="relu")(x)
    mean = layers.Dense(latent_dim)(x)
    if one_head:
        return keras.Model(images, [mean, mean])
    heads = [mean, layers.Dense(latent_dim, activation=activation)(x)][:units]
    return keras.Model(images, heads)


def small_images():
    return keras.Sequential([keras.Input((5, 5, 1)), layers.Flatten(), layers.Dense(2)])


def sample(mean, log_var, noise):
    return mean + ops.exp(0.5 * log_var) * noise


def kl(mean, log_var):
    return 0.5 * ops.sum(mean**2 + ops.exp(log_var) - log_var - 1.0, axis=-1)


def loss(images, logits, mean, log_var, beta=1.0):
    cross = ops.softplus(logits) - images * logits
    return ops.mean(ops.sum(cross, axis=(1, 2, 3)) + beta * kl(mean, log_var))


def gaussian(images, means, sigma):
    squared = ops.sum(((images - means) / sigma) ** 2, axis=(1, 2, 3))
    return 0.5 * squared + images[0].numpy().size * (np.log(sigma) + 0.5 * np.log(2 * np.pi))


def free_bits(mean, log_var, least):
    each = 0.5 * (mean**2 + ops.exp(log_var) - log_var - 1.0)
    return ops.sum(ops.maximum(ops.mean(each, axis=0), least))


RIGHT = {
    "noise": (checks.noise, noisy),
    "noise_is_clipped": (checks.noise_is_clipped, noisy),
    "vae_encoder": (checks.vae_encoder, encoder),
    "vae_encoder_is_free": (checks.vae_encoder_is_free, encoder),
    "gaussian": (checks.gaussian_nll, gaussian),
    "free bits": (checks.free_bits, free_bits),
    "reparameterize": (checks.reparameterize, sample),
    "gradients": (checks.reparameterize_has_gradients, sample),
    "kl": (checks.kl_divergence, kl),
    "loss": (checks.vae_loss, loss),
}


@pytest.mark.parametrize("name", RIGHT)
def test_a_right_answer_passes_with_one_line(name, capsys):
    check, answer = RIGHT[name]
    check(answer)
    out, err = capsys.readouterr()
    assert out.startswith("Right: ") and out.count("\n") == 1 and err == ""


def uniform(images, level, seed=0):
    return images + level * np.random.default_rng(seed).random(images.shape).astype("float32")


def centered_uniform(images, level, seed=0):
    width = level * 12**0.5
    random = np.random.default_rng(seed).uniform(-width / 2, width / 2, images.shape)
    return (images + random).astype("float32")


def in_place(images, level, seed=0):
    images += level * np.random.default_rng(seed).standard_normal(images.shape)
    return images.clip(0, 1)


def squeezed(images, level, seed=0):
    out = images + level * np.random.default_rng(seed).standard_normal(images.shape)
    return ((out - out.min()) / (out.max() - out.min())).astype("float32")


def scaled(power):
    return lambda images, level, seed=0: noisy(images, level**power, seed)


def one_for_all(images, level, seed=0):
    noise = level * np.random.default_rng(seed).standard_normal(images.shape[1:])
    return np.clip(images + noise, 0, 1).astype("float32")


NOISE = {
    "nothing": (lambda images, level, seed=0: None, "returns nothing"),
    "double": (lambda i, n, s=0: noisy(i, n, s).astype("float64"), "not float32"),
    "unchanged": (lambda images, level, seed=0: images.copy(), "come back unchanged"),
    "uniform": (uniform, "mean 0"),
    "centered": (centered_uniform, "is it uniform"),
    "in place": (in_place, "build new ones"),
    "variance": (scaled(2), "do not square it"),
    "root": (scaled(0.5), "do not take its root"),
    "double strength": (lambda i, n, s=0: noisy(i, 2 * n, s), "wanted 0.1"),
    "one for all": (one_for_all, "all images get the same noise"),
    "flat": (lambda i, n, s=0: noisy(i, n, s).reshape(len(i), -1), "one number for every pixel"),
}


@pytest.mark.parametrize("name", NOISE)
def test_wrong_noise_is_explained(name):
    function, message = NOISE[name]
    with pytest.raises(Wrong, match=message):
        checks.noise(function)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda i, n, s: i + n * np.random.default_rng(s).standard_normal(i.shape), "clip them"),
        (squeezed, "squeezed"),
        (lambda i, n, s: noisy(i, n, None), "the same seed gives different noise"),
        (lambda i, n, s: noisy(i, n, 0), "another seed gives the same noise"),
    ],
)
def test_noise_out_of_range_or_seed_is_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.noise_is_clipped(function)


@pytest.mark.parametrize(
    ("build", "message"),
    [
        (lambda d: None, "returns nothing"),
        (lambda d: encoder(d, units=1), "needs two outputs"),
        (lambda d: encoder(2), "wanted twice"),
        (lambda d: encoder(d, one_head=True), "a layer of its own"),
        (lambda d: small_images(), "does not accept images"),
    ],
)
def test_wrong_encoders_are_explained(build, message):
    with pytest.raises(Wrong, match=message):
        checks.vae_encoder(build)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"activation": "relu"}, "z_log_var is never negative"),
        ({"activation": "softplus"}, "z_log_var is never negative"),
        ({"activation": "tanh"}, r"stays within \[-1, 1\]"),
        ({"widths": (512, 256)}, "566,660"),
    ],
)
def test_bounded_outputs_and_other_widths_are_explained(options, message):
    with pytest.raises(Wrong, match=message):
        checks.vae_encoder_is_free(lambda d: encoder(d, **options))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda m, v, n: m + ops.exp(v) * n, "standard deviation"),
        (lambda m, v, n: m + v * n, "is a logarithm"),
        (lambda m, v, n: m + ops.exp(0.5 * v), "noise is missing"),
        (lambda m, v, n: m + n, "spread is missing"),
        (lambda m, v, n: ops.exp(0.5 * v) * n, "mean is missing"),
        (lambda m, v, n: m, "mean alone"),
        (lambda m, v, n: m + ops.exp(0.5 * v) * tf.random.normal(m.shape), "draw no new one"),
        (lambda m, v, n: (m + ops.exp(0.5 * v) * n)[:2], "must have shape"),
        (lambda m, v, n: 3 * m, "starts with"),
    ],
)
def test_wrong_samples_are_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.reparameterize(function)


def test_a_cut_tape_is_explained():
    with pytest.raises(Wrong, match="no gradient with respect to z_mean"):
        checks.reparameterize_has_gradients(
            lambda m, v, n: m.numpy() + np.exp(v.numpy() / 2) * n.numpy()
        )
    with pytest.raises(Wrong, match="no gradient with respect to z_log_var"):
        checks.reparameterize_has_gradients(lambda m, v, n: m + np.exp(v.numpy() / 2) * n)
    with pytest.raises(Wrong, match="are not those"):
        checks.reparameterize_has_gradients(lambda m, v, n: m + ops.exp(v) * n)


def each_kl(m, v):
    return 0.5 * (m**2 + ops.exp(v) - v - 1.0)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda m, v: ops.mean(each_kl(m, v), axis=-1), "factor of latent_dim"),
        (each_kl, "one number for each image"),
        (lambda m, v: ops.sum(each_kl(m, v)), "last axis only"),
        (lambda m, v: ops.mean(kl(m, v)), "mean over the batch comes later"),
        (lambda m, v: -kl(m, v), "the sign is wrong"),
        (lambda m, v: 2 * kl(m, v), "factor 1/2"),
        (lambda m, v: kl(m, 2 * v), "that of the variance"),
        (lambda m, v: kl(m, v) + 1.5, "the -1 is missing"),
        (lambda m, v: kl(0 * m, v), "term with the mean is missing"),
        (lambda m, v: 0.5 * ops.sum(m + ops.exp(v) - v - 1, axis=-1), "square the mean"),
        (lambda m, v: kl(m, v) + 0.3, "starts with"),
    ],
)
def test_wrong_kls_are_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.kl_divergence(function)


def cross(images, logits):
    return ops.softplus(logits) - images * logits


def total(images, logits):
    return ops.mean(ops.sum(cross(images, logits), axis=(1, 2, 3)))


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, r, m, v, b: ops.mean(cross(x, r)) + b * ops.mean(kl(m, v)), "codes collapse"),
        (lambda x, r, m, v, b: ops.mean(cross(x, r)) + b * ops.mean(each_kl(m, v)), "mean over"),
        (lambda x, r, m, v, b: total(x, r) + b * ops.mean(each_kl(m, v)), "sum the KL"),
        (lambda x, r, m, v, b: 4 * loss(x, r, m, v, b), "mean over the batch, not the sum"),
        (
            lambda x, r, m, v, b: ops.sum(cross(x, r), axis=(1, 2, 3)) + b * kl(m, v),
            "at the end: one number",
        ),
        (lambda x, r, m, v, b: loss(x, r, m, v, 1.0), "beta is missing"),
        (lambda x, r, m, v, b: b * total(x, r) + ops.mean(kl(m, v)), "not the reconstruction"),
        (lambda x, r, m, v, b: loss(x, r, m, v, -b), "the KL is added"),
        (lambda x, r, m, v, b: loss(x, r, m, v, 0.0), "KL is missing"),
        (lambda x, r, m, v, b: b * ops.mean(kl(m, v)), "reconstruction is missing"),
        (lambda x, r, m, v, b: -total(x, r) + b * ops.mean(kl(m, v)), "it is -log p"),
        (lambda x, r, m, v, b: loss(x, ops.sigmoid(r), m, v, b), "sigmoid is applied twice"),
        (lambda x, r, m, v, b: loss(x, r, m, v, b) + 1, "is right"),
    ],
)
def test_wrong_losses_are_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.vae_loss(function)


def test_the_price_of_a_pixel_by_hand():
    """The worked example of the lesson: 2 + ln 0.1 + ln(2 pi) / 2 = 0.616 nats."""
    one = tf.fill((1, 1, 1, 1), 0.5), tf.fill((1, 1, 1, 1), 0.3)
    assert float(gaussian(*one, 0.1)[0]) == pytest.approx(0.616, abs=1e-3)
    assert float(variational.gaussian_nll(*one, 0.1)[0]) == pytest.approx(0.616, abs=1e-3)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda x, m, s: ops.mean(gaussian(x, m, s)), "comes later"),
        (lambda x, m, s: -gaussian(x, m, s), "the sign is wrong"),
        (lambda x, m, s: gaussian(x, m, np.sqrt(s)), "standard deviation, not the variance"),
        (lambda x, m, s: gaussian(x, m, s) - 36 * np.log(s), "log sigma is missing"),
        (lambda x, m, s: gaussian(x, m, s)[:, None], "one number for each image"),
    ],
)
def test_wrong_gaussians_are_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.gaussian_nll(function)


@pytest.mark.parametrize(
    ("function", "message"),
    [
        (lambda m, v, least: ops.mean(kl(m, v)), "no effect"),
        (
            lambda m, v, least: ops.mean(ops.sum(ops.maximum(each_kl(m, v), least), 1)),
            "batch first",
        ),
        (lambda m, v, least: free_bits(m, v, least) / m.shape[1], "not the mean"),
        (lambda m, v, least: [1, 2], r"one number, yours has shape \(2,\)"),
        (lambda m, v, least: 3.0, "is right"),
    ],
)
def test_wrong_free_bits_are_explained(function, message):
    with pytest.raises(Wrong, match=message):
        checks.free_bits(function)


@pytest.mark.parametrize("name", RIGHT)
def test_the_kits_own_version_is_no_answer(name):
    """Borrowed directly, through a module, through a wrapper, or by an import inside."""

    def imports_it(*arguments):
        from helpers import variational as other

        return other.kl_divergence(*arguments)

    check, _ = RIGHT[name]
    for borrowed in (
        networks.CATALOGUE["laptop_vae"].encoder,
        lambda *arguments: variational.kl_divergence(*arguments),
        functools.partial(variational.gaussian_nll),
        imports_it,
    ):
        with pytest.raises(Wrong, match="from the kit"):
            check(borrowed)


def test_a_loss_is_judged_without_the_students_divergence():
    names = {"ops": ops, "kl_divergence": lambda mean, log_var: 1 / 0}
    source = """
def loss(images, logits, mean, log_var, beta=1.0):
    cross = ops.sum(ops.softplus(logits) - images * logits, axis=(1, 2, 3))
    return ops.mean(cross + beta * kl_divergence(mean, log_var))
"""
    exec(source, names)
    checks.vae_loss(names["loss"])
