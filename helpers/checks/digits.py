"""Checks of notebook 01: the networks of SPEC R1, the two losses, one step of training."""

import keras
import numpy as np
import tensorflow as tf

from helpers.checks.verdict import Wrong, built, close, passed


def _has(model, layer_type):
    return any(isinstance(layer, layer_type) for layer in model._flatten_layers())


def generator(build, latent_dim=100, image_shape=(28, 28, 1)):
    """Check a function that builds a generator: size, range, and that z matters."""
    model = built(build, "generator")
    z = np.random.default_rng(0).normal(size=(5, latent_dim)).astype("float32")
    try:
        images = np.asarray(model(z, training=True))
    except Exception as error:
        raise Wrong(
            f"your generator does not accept z of shape (5, {latent_dim}): {str(error)[:200]}"
        ) from None
    if images.shape != (5, *image_shape):
        raise Wrong(
            f"five z give images of shape {images.shape}, wanted {(5, *image_shape)}: multiply "
            "the strides from your first picture size up to the last"
        )
    _check_range(model, latent_dim)
    if np.abs(images[0] - images[1]).max() < 1e-4:
        raise Wrong("two different z give the same image: z must reach the output")
    passed(f"z of {latent_dim} numbers becomes an image {image_shape} in [-1, 1].")


def _check_range(model, latent_dim):
    z = 1000 * np.random.default_rng(1).normal(size=(20, latent_dim)).astype("float32")
    images = np.asarray(model(z, training=False))
    if images.min() < -1.0001 or images.max() > 1.0001:
        raise Wrong(
            f"your generator leaves [-1, 1] (it reached {images.min():.1f} and "
            f"{images.max():.1f}): the last activation must be tanh"
        )
    if images.min() >= -0.01:
        raise Wrong(
            "your generator never draws below 0, but the data goes down to -1: the last "
            "activation must be tanh, not sigmoid or relu"
        )


def generator_normalises(build):
    """Check that BatchNorm stands between the layers, and no bias in front of it."""
    model = built(build, "generator")
    if not _has(model, keras.layers.BatchNormalization):
        raise Wrong("there is no BatchNormalization in your generator: R1 has three")
    if not _has(model, keras.layers.LeakyReLU):
        raise Wrong("there is no LeakyReLU in your generator: put one after each normalisation")
    if model.count_params() != 2_330_944:
        raise Wrong(
            f"your generator has {model.count_params():,} parameters, the one described has "
            "2,330,944: look at the widths, the kernel sizes and use_bias=False"
        )
    passed("the layers of R1, 2,330,944 parameters.")


def discriminator(build, image_shape=(28, 28, 1)):
    """Check a function that builds a discriminator: one logit, without a squashing end."""
    model = built(build, "discriminator")
    images = np.random.default_rng(0).uniform(-1, 1, (6, *image_shape)).astype("float32")
    try:
        logits = np.asarray(model(images, training=False))
    except Exception as error:
        raise Wrong(
            f"your discriminator does not accept images of shape {(6, *image_shape)}: "
            f"{str(error)[:200]}"
        ) from None
    if logits.shape != (6, 1):
        per_image = int(np.prod(logits.shape[1:]))
        raise Wrong(
            f"your discriminator returns {per_image} numbers for each image (shape "
            f"{logits.shape}); the loss needs one logit: end in Flatten() and Dense(1)"
        )
    far = np.asarray(model(200 * images, training=False))
    if far.min() >= 0.0 and far.max() <= 1.0:
        raise Wrong(
            "your discriminator returns probabilities between 0 and 1: leave the sigmoid out, "
            "the loss takes logits"
        )
    if np.abs(logits - logits[0]).max() < 1e-6:
        raise Wrong("every image gets the same number: the input must reach the output")
    passed("one logit for each image.")


def discriminator_drops(build):
    """Check that the discriminator has dropout and that it works in training mode."""
    model = built(build, "discriminator")
    images = np.random.default_rng(0).uniform(-1, 1, (4, *model.input_shape[1:])).astype("float32")
    still = [np.asarray(model(images, training=False)) for _ in range(2)]
    moving = [np.asarray(model(images, training=True)) for _ in range(2)]
    if not close(*still):
        raise Wrong("without training the answer must not be random: let Keras switch dropout")
    if close(*moving):
        raise Wrong("there is no dropout in your discriminator: add Dropout(0.3) after LeakyReLU")
    passed("dropout, in training mode only.")


def _bce(logits, target):
    return np.mean(np.logaddexp(0.0, logits) - target * logits)


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


def _bce_of_clipped(logits, target):
    """What Keras computes when it is given logits and takes them for probabilities."""
    p = np.clip(logits, 1e-7, 1 - 1e-7)
    return -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))


def _loss_mistakes(real, fake):
    """Plausible wrong values of the discriminator's loss, each with its explanation."""
    return [
        (_bce(real, 0) + _bce(fake, 1), "the labels are swapped: real is 1, fake is 0"),
        (_bce(real, 1), "the fake images are missing: add their term"),
        (_bce(fake, 0), "the real images are missing: add their term"),
        (_bce(real, 1) + _bce(fake, 1), "fake images must be called fake: their target is 0"),
        ((_bce(real, 1) + _bce(fake, 0)) / 2, "R1 adds the two terms, it does not average them"),
        (
            _bce_of_clipped(real, 1) + _bce_of_clipped(fake, 0),
            "the inputs are logits: pass from_logits=True",
        ),
        (
            _bce(_sigmoid(real), 1) + _bce(_sigmoid(fake), 0),
            "you apply the sigmoid and then from_logits=True: one of the two",
        ),
        (len(real) * (_bce(real, 1) + _bce(fake, 0)), "take the mean over the batch, not the sum"),
    ]


def _check_loss(found, expected, mistakes, name):
    if np.shape(found) != ():
        raise Wrong(f"{name} must return one number, yours has shape {np.shape(found)}")
    if close(found, expected):
        return
    for value, sentence in mistakes:
        if close(found, value):
            raise Wrong(f"{name}: {sentence} (you got {float(found):.4f}, not {expected:.4f})")
    raise Wrong(f"{name} gives {float(found):.4f} where {expected:.4f} is right")


def _logits():
    random = np.random.default_rng(3)
    return [random.normal(size=(5, 1)).astype("float32") * 3 for _ in range(2)]


def discriminator_loss(function):
    """Check ``function(real_logits, fake_logits)`` against its formula in NumPy."""
    real, fake = _logits()
    expected = _bce(real, 1) + _bce(fake, 0)
    found = np.asarray(function(tf.constant(real), tf.constant(fake)))
    _check_loss(found, expected, _loss_mistakes(real, fake), "discriminator_loss")
    passed(f"discriminator_loss, {expected:.4f} on the test logits.")


def generator_loss(function):
    """Check ``function(fake_logits)``, the non-saturating loss, against its formula in NumPy."""
    _, fake = _logits()
    expected = _bce(fake, 1)
    mistakes = [
        (_bce(fake, 0), "the generator wants its images to be called real: the target is 1"),
        (-_bce(fake, 0), "that is the minimax loss, which is flat where D is sure: use target 1"),
        (-_bce(fake, 1), "the sign is wrong: a loss is made small"),
    ]
    _check_loss(np.asarray(function(tf.constant(fake))), expected, mistakes, "generator_loss")
    passed(f"generator_loss, {expected:.4f} on the test logits.")


def _toy_pair():
    keras.utils.set_random_seed(1)
    generator = keras.Sequential([keras.Input((2,)), keras.layers.Dense(4, activation="tanh")])
    critic = keras.Sequential([keras.Input((4,)), keras.layers.Dense(1)])
    return generator, critic


def train_step(step):
    """Check ``step(images, z, generator, discriminator, g_optimizer, d_optimizer)``.

    Two tiny networks take one step of plain gradient descent; the weights must land where the
    formula says.
    """
    random = np.random.default_rng(5)
    images = tf.constant(random.uniform(-1, 1, (6, 4)).astype("float32"))
    z = tf.constant(random.normal(size=(6, 2)).astype("float32"))
    ours, theirs = _toy_pair(), _toy_pair()
    expected = _reference_step(images, z, *ours)
    optimizers = keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.5)
    before = [np.array(w) for network in theirs for w in network.get_weights()]
    found = step(images, z, *theirs, *optimizers)
    after = [np.array(w) for network in theirs for w in network.get_weights()]
    wanted = [np.array(w) for network in ours for w in network.get_weights()]
    for name, part in (("generator", slice(0, 2)), ("discriminator", slice(2, 4))):
        if all(close(a, b) for a, b in zip(after[part], before[part], strict=True)):
            raise Wrong(f"the {name} did not move: compute its gradients and apply them")
        if not all(close(a, b) for a, b in zip(after[part], wanted[part], strict=True)):
            raise Wrong(
                f"the {name} moved to the wrong place: its gradients come from its own loss and "
                "go to its own variables, both taken before either network moves"
            )
    if found is None or len(found) != 2 or not close([float(x) for x in found], expected):
        raise Wrong(f"return the two losses, (d_loss, g_loss): here {np.round(expected, 4)}")
    passed("one step of each player lands where it should.")


def _reference_step(images, z, generator, critic):
    with tf.GradientTape(persistent=True) as tape:
        fake = generator(z, training=True)
        real_logits, fake_logits = critic(images, training=True), critic(fake, training=True)
        d_loss = tf.reduce_mean(tf.nn.softplus(-real_logits) + tf.nn.softplus(fake_logits))
        g_loss = tf.reduce_mean(tf.nn.softplus(-fake_logits))
    moves = [
        (variable, tape.gradient(loss, variable))
        for network, loss in ((generator, g_loss), (critic, d_loss))
        for variable in network.trainable_variables
    ]
    for variable, gradient in moves:
        variable.assign_sub(0.5 * gradient)
    return [float(d_loss), float(g_loss)]
