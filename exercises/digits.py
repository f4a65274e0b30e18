"""Checks of notebook 01: the networks of lab_dcgan, the two losses, one step of training."""

import keras
import numpy as np
import tensorflow as tf

from exercises import models
from exercises.answers import answer, own_work
from exercises.models import built
from exercises.verdict import Wrong, check_number, close, passed
from helpers import networks

lab_dcgan = networks.CATALOGUE["lab_dcgan"]


def generator(build, latent_dim=100, image_shape=(28, 28, 1)):
    """Check a function that builds a generator: size, range, and that z matters."""
    model = built(build, "generator")
    z = np.random.default_rng(0).normal(size=(5, latent_dim)).astype("float32")
    try:
        images = models.run(model, z, training=True)
    except Exception as error:
        raise Wrong(
            f"your generator does not accept z of shape (5, {latent_dim}): {str(error)[:200]}"
        ) from None
    if images.shape != (5, *image_shape):
        raise Wrong(
            f"five z give images of shape {images.shape}, wanted {(5, *image_shape)}: multiply "
            "the strides from your first picture size up to the last"
        )
    far = 1000 * np.random.default_rng(1).normal(size=(20, latent_dim)).astype("float32")
    models.check_tanh(models.run(model, far, training=False))
    if np.abs(images[0] - images[1]).max() < 1e-4:
        raise Wrong("two different z give the same image: z must reach the output")
    shorter = built(build, "generator", 7).input_shape
    if shorter != (None, 7):
        raise Wrong(
            f"make_generator(7) takes z of {shorter[-1]} numbers, wanted 7: use latent_dim, not "
            "the number 100"
        )
    passed(f"z of {latent_dim} numbers becomes an image {image_shape} in [-1, 1].")


def generator_normalizes(build):
    """Check BatchNorm, LeakyReLU and bias: with equal weights the images must be those of lab_dcgan."""
    model = built(build, "generator")
    order = "layer, BatchNormalization, LeakyReLU"
    models.check_normalized(model, lab_dcgan.generator(), norms=3, order=order)
    passed("the layers of lab_dcgan, 2,330,944 parameters.")


def discriminator(build, image_shape=(28, 28, 1)):
    """Check a function that builds a discriminator: one logit, without a squashing end."""
    model = built(build, "discriminator")
    images = np.random.default_rng(0).uniform(-1, 1, (6, *image_shape)).astype("float32")
    try:
        logits = models.run(model, images, training=False)
    except Exception as error:
        raise Wrong(
            f"your discriminator does not accept images of shape {(6, *image_shape)}: "
            f"{str(error)[:200]}"
        ) from None
    models.check_one_logit(logits, 6)
    models.check_no_sigmoid(models.run(model, 200 * images, training=False))
    if np.abs(logits - logits[0]).max() < 1e-6:
        raise Wrong("every image gets the same number: the input must reach the output")
    passed("one logit for each image.")


def discriminator_drops(build, reference=lab_dcgan.discriminator):
    """Check LeakyReLU and dropout: with equal weights the logits must be those of lab_dcgan."""
    model = built(build, "discriminator")
    models.check_dropped(model, reference())
    images = np.random.default_rng(0).uniform(-1, 1, (4, *model.input_shape[1:])).astype("float32")
    still = [models.run(model, images, training=False) for _ in range(2)]
    moving = [models.run(model, images, training=True) for _ in range(2)]
    if not close(*still):
        raise Wrong("without training the answer must not be random: let Keras switch dropout")
    if close(*moving):
        raise Wrong("there is no dropout in your discriminator: add Dropout(0.3) after LeakyReLU")
    passed("dropout, in training mode only.")


# ---------------------------------------------------------------------------------------------
# Losses.


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
    one, nought = np.ones_like(real), np.zeros_like(fake)
    return [
        (_bce(one, real) + _bce(nought, fake), "bce takes the targets first, then the logits"),
        (_bce(one, real) + _bce(fake, 0), "bce takes the targets first, then the logits"),
        (_bce(real, 0) + _bce(fake, 1), "the labels are swapped: real is 1, fake is 0"),
        (_bce(real, 1), "the fake images are missing: add their term"),
        (_bce(fake, 0), "the real images are missing: add their term"),
        (_bce(real, 1) + _bce(fake, 1), "fake images must be called fake: their target is 0"),
        (_bce(real, 0) + _bce(fake, 0), "real images must be called real: their target is 1"),
        (_bce(real, 1) - _bce(fake, 0), "the two terms are added, not subtracted"),
        (
            (_bce(real, 1) + _bce(fake, 0)) / 2,
            "lab_dcgan adds the two terms, it does not average them",
        ),
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


def logits_of_two_batches():
    """Two pairs of real and fake logits, of five and of eight images, float32 ``(batch, 1)``."""
    for seed, batch in ((3, 5), (4, 8)):
        random = np.random.default_rng(seed)
        yield [random.normal(size=(batch, 1)).astype("float32") * 3 for _ in range(2)]


def discriminator_loss(function):
    """Check ``function(real_logits, fake_logits)`` against its formula in NumPy."""
    own_work(function)
    for real, fake in logits_of_two_batches():
        expected = _bce(real, 1) + _bce(fake, 0)
        found = answer(function, tf.constant(real), tf.constant(fake))
        check_number(found, expected, _loss_mistakes(real, fake), "discriminator_loss")
    passed(f"discriminator_loss, {expected:.4f} on the last test logits.")


def generator_loss(function):
    """Check ``function(fake_logits)``, the non-saturating loss, against its formula in NumPy."""
    own_work(function)
    for _, fake in logits_of_two_batches():
        expected = _bce(fake, 1)
        mistakes = [
            (_bce(fake, 0), "the generator wants its images to be called real: the target is 1"),
            (-_bce(fake, 0), "that is the minimax loss, flat where D is sure: use target 1"),
            (-_bce(fake, 1), "the sign is wrong: a loss is made small"),
            (_bce_of_clipped(fake, 1), "the inputs are logits: pass from_logits=True"),
            (_bce(_sigmoid(fake), 1), "you apply the sigmoid and then from_logits=True"),
            (_bce(np.ones_like(fake), fake), "bce takes the targets first, then the logits"),
            (len(fake) * expected, "take the mean over the batch, not the sum"),
        ]
        found = answer(function, tf.constant(fake))
        check_number(found, expected, mistakes, "generator_loss")
    passed(f"generator_loss, {expected:.4f} on the last test logits.")


def smoothed_loss(function):
    """Check ``function(real_logits, fake_logits, smoothing)``: one-sided label smoothing."""
    function = own_work(function, bce=keras.losses.BinaryCrossentropy(from_logits=True))
    for smoothing, (real, fake) in zip((0.1, 0.3), logits_of_two_batches(), strict=True):
        expected = _bce(real, 1 - smoothing) + _bce(fake, 0)
        mistakes = [
            (_bce(real, 1) + _bce(fake, 0), "smoothing has no effect: the real target is 1 - "
             "smoothing"),
            (_bce(real, 1 - smoothing) + _bce(fake, smoothing), "only the real side is smoothed: "
             "the target of fakes stays 0"),
            (_bce(real, 1) + _bce(fake, smoothing), "smooth the target of the real images, not "
             "that of the fakes"),
            (_bce(real, smoothing) + _bce(fake, 0), "the real target is 1 - smoothing, not "
             "smoothing"),
            (_bce(real, 1 - smoothing), "the fake images are missing: add their term"),
            (_bce(real, 0) + _bce(fake, 1 - smoothing), "the labels are swapped"),
            ((1 - smoothing) * _bce(real, 1) + _bce(fake, 0), "smoothing changes the target, it "
             "is no weight of the real term"),
            (expected / 2, "lab_dcgan adds the two terms, it does not average them"),
            (_bce(real, 1 - smoothing / 2) + _bce(fake, smoothing / 2), "Keras's label_smoothing "
             "smooths both targets: set the real target yourself"),
            (_bce(real, 0.9) + _bce(fake, 0), "use the argument smoothing, not the number 0.9"),
            (_bce_of_clipped(real, 1 - smoothing) + _bce_of_clipped(fake, 0), "the inputs are "
             "logits: pass from_logits=True"),
        ]  # fmt: skip
        found = answer(function, tf.constant(real), tf.constant(fake), smoothing)
        check_number(found, expected, mistakes, "smoothed_loss")
    passed(f"the real target is 1 - smoothing; {expected:.4f} for smoothing 0.3.")


# ---------------------------------------------------------------------------------------------
# Any size.


def sized_generator(build):
    """Check ``build(side, latent_dim)``: images of several sizes in [-1, 1], and that z matters."""
    for side, latent_dim in ((28, 16), (32, 5), (56, 16)):
        model = built(build, "generator", side, latent_dim)
        z = np.random.default_rng(side).normal(size=(4, latent_dim)).astype("float32")
        images = models.answers(model, z, f"z of shape {z.shape} for latent_dim={latent_dim}")
        if images.shape != (4, side, side, 1):
            raise Wrong(
                f"for side={side} four z give images of shape {images.shape}, wanted "
                f"{(4, side, side, 1)}: two strides of 2 multiply by 4, so begin at side // 4"
            )
        models.check_tanh(models.run(model, 1000 * z, training=False))
        moving = models.run(model, z, training=True)
        if np.abs(moving[0] - moving[1]).max() < 1e-5:
            raise Wrong("two different z give the same image: z must reach the output")
    passed("28, 32 and 56 pixels, in [-1, 1].")


def sized_generator_grows(build):
    """Check that the picture grows by two strides of 2, from a normalized layer of side // 4."""
    model = built(build, "generator", 32, 6)
    layers = keras.layers
    strides = [
        layer.strides
        for layer in models.leaves(model)
        if isinstance(layer, layers.Conv2DTranspose) and layer.strides != (1, 1)
    ]
    if models.count(model, layers.Resizing) or strides != [(2, 2), (2, 2)]:
        raise Wrong(
            f"the strides of your transposed convolutions are {strides}, wanted two of (2, 2): "
            "let the picture grow by them, from side // 4, and do not resize or crop it"
        )
    if not models.count(model, layers.BatchNormalization):
        raise Wrong("there is no BatchNormalization in your generator: put it behind the layers")
    activations = (layers.LeakyReLU, layers.ReLU, layers.Activation, layers.ELU)
    bent = any(isinstance(layer, activations) for layer in models.leaves(model))
    inside = [getattr(layer, "activation", None) for layer in models.leaves(model)][:-1]
    if not bent and all(each in (None, keras.activations.linear) for each in inside):
        raise Wrong("no layer of your generator bends: put LeakyReLU behind BatchNormalization")
    small, large = (answer(build, side, 6).count_params() for side in (28, 56))
    if small >= large:
        raise Wrong("56 pixels need a larger first layer than 28: let Dense depend on side")
    passed("grown by two strides of 2, with BatchNorm and a bend between the layers.")


# ---------------------------------------------------------------------------------------------
# The step.


class _Watch(keras.layers.Layer):
    """Passes its input on and writes down whether it was called in training mode."""

    def __init__(self, log):
        super().__init__()
        self.note = log.append  # not the list itself: Keras would copy it

    def call(self, x, training=None):
        self.note(training)
        return x


def _toy_pair(seed, log):
    keras.utils.set_random_seed(seed)
    generator = keras.Sequential(
        [keras.Input((2,)), keras.layers.Dense(4, activation="tanh"), _Watch(log)]
    )
    critic = keras.Sequential([keras.Input((4,)), _Watch(log), keras.layers.Dense(1)])
    return generator, critic


def _d_loss(real_logits, fake_logits):
    return tf.reduce_mean(tf.nn.softplus(-real_logits)) + tf.reduce_mean(
        tf.nn.softplus(fake_logits)
    )


def _g_loss(fake_logits):
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


def train_step(step):
    """Check ``step(images, z, generator, discriminator, g_optimizer, d_optimizer)``.

    Two tiny networks take one step of plain gradient descent; the weights must land where the
    formula says. The losses that the step calls are the right ones, whatever the student's are.
    """
    step = own_work(step, discriminator_loss=_d_loss, generator_loss=_g_loss)
    for seed in (1, 2):
        random = np.random.default_rng(seed)
        images = tf.constant(random.uniform(-1, 1, (6, 4)).astype("float32"))
        z = tf.constant(random.normal(size=(6, 2)).astype("float32"))
        log = []
        ours, theirs = _toy_pair(seed, []), _toy_pair(seed, log)
        expected = _reference_step(images, z, *ours)
        log.clear()
        before = [np.array(w) for network in theirs for w in network.get_weights()]
        optimizers = keras.optimizers.SGD(0.5), keras.optimizers.SGD(0.25)
        try:
            found = answer(step, images, z, *theirs, *optimizers)
        except Wrong as error:
            if "Unknown variable" in str(error):
                raise Wrong(
                    "one optimizer moves both networks: g_optimizer is for the generator, "
                    "d_optimizer for the discriminator"
                ) from None
            raise
        if not all(log):
            raise Wrong(
                "a network was called without training=True: dropout and BatchNorm need to be "
                "told, in all three calls"
            )
        after, wanted = (
            [np.array(w) for network in pair for w in network.get_weights()]
            for pair in (theirs, ours)
        )
        _check_moves(before, after, wanted)
        _check_losses(found, expected)
    passed("one step of each player lands where it should.")


def _check_moves(before, after, wanted):
    for name, part, rate, other in (
        ("generator", slice(0, 2), 0.5, 0.25),
        ("discriminator", slice(2, 4), 0.25, 0.5),
    ):
        moves = [(a - b, w - b) for a, b, w in zip(after[part], before[part], wanted[part])]
        if all(close(move, 0 * move, 1e-6) for move, _ in moves):
            raise Wrong(
                f"the {name} did not move: compute the gradients of its loss by its own "
                "variables, on a tape that saw the whole forward pass, and apply them"
            )
        if all(close(move, -right, 1e-6) for move, right in moves):
            raise Wrong(f"the {name} went uphill: its loss must get smaller")
        if all(close(move, other / rate * right, 1e-6) for move, right in moves):
            raise Wrong(f"the {name} was moved by the other player's optimizer")
        if not all(close(move, right, 1e-6) for move, right in moves):
            raise Wrong(
                f"the {name} moved to the wrong place: its gradients come from its own loss and "
                "go to its own variables, both taken before either network moves"
            )


def _check_losses(found, expected):
    try:
        found = [float(loss) for loss in found]
    except (TypeError, ValueError):
        found = []
    if len(found) == 2 and close(found, expected[::-1]):
        raise Wrong("the two losses come in the wrong order: return d_loss, g_loss")
    if len(found) != 2 or not close(found, expected):
        raise Wrong(f"return the two losses, (d_loss, g_loss): here {np.round(expected, 4)}")


def _reference_step(images, z, generator, critic):
    """One step of gradient descent, 0.5 for the generator, 0.25 for the critic; the two losses."""
    with tf.GradientTape(persistent=True) as tape:
        fake = generator(z, training=True)
        real_logits, fake_logits = critic(images, training=True), critic(fake, training=True)
        d_loss, g_loss = _d_loss(real_logits, fake_logits), _g_loss(fake_logits)
    moves = [
        (variable, rate * tape.gradient(loss, variable))
        for network, loss, rate in ((generator, g_loss, 0.5), (critic, d_loss, 0.25))
        for variable in network.trainable_variables
    ]
    for variable, change in moves:
        variable.assign_sub(change)
    return [float(d_loss), float(g_loss)]
