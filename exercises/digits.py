"""Checks of notebook 01: the networks of lab_dcgan, the two losses, one step of training."""

import keras
import numpy as np
import tensorflow as tf
from scipy.special import expit

from exercises import models
from exercises.models import built
from exercises.verdict import Wrong, answer, check_number, close, compares, passed, refuse
from helpers import networks

lab_dcgan = networks.CATALOGUE["lab_dcgan"]


def generator(build, latent_dim=100, image_shape=(28, 28, 1)):
    """Check a function that builds a generator: size, range, and that z matters."""
    model = built(build, "generator")
    sentence = ("five z give images of shape {found}, wanted {wanted}: multiply the strides from "
                "your first picture size up to the last")  # fmt: skip
    models.check_pictures(model, models.normal(0, 5, latent_dim), image_shape, sentence)
    shorter = built(build, "generator", 7).input_shape
    refuse(shorter != (None, 7), f"make_generator(7) takes z of {shorter[-1]} numbers, wanted 7: "
           "use latent_dim, not the number 100")  # fmt: skip
    passed(f"z of {latent_dim} numbers becomes an image {image_shape} in [-1, 1].")


def generator_normalizes(build):
    """Check BatchNorm, LeakyReLU, bias: with equal weights the images must be lab_dcgan's."""
    models.check_generator(built(build, "generator"), lab_dcgan.generator())
    passed("the layers of lab_dcgan, 2,330,944 parameters.")


def discriminator(build, image_shape=(28, 28, 1)):
    """Check a function that builds a discriminator: one logit, without a squashing end."""
    model = built(build, "discriminator")
    logits = models.check_logits(model, models.uniform(0, 6, *image_shape))
    alike = np.abs(logits - logits[0]).max() < 1e-6
    refuse(alike, "every image gets the same number: the input must reach the output")
    passed("one logit for each image.")


def discriminator_drops(build, reference=lab_dcgan.discriminator):
    """Check LeakyReLU and dropout: with equal weights the logits must be those of lab_dcgan."""
    models.check_discriminator(built(build, "discriminator"), reference())
    passed("dropout, in training mode only.")


def _bce(logits, target):
    return np.mean(np.logaddexp(0.0, logits) - target * logits)


def _bce_of_clipped(logits, target):
    """What Keras computes when it is given logits and takes them for probabilities."""
    p = np.clip(logits, 1e-7, 1 - 1e-7)
    return -np.mean(target * np.log(p) + (1 - target) * np.log(1 - p))


# Logits of real and of fake images, float32 (batch, 1): a batch of five and one of eight.
LOGITS = [
    [random.normal(size=(batch, 1)).astype("float32") * 3 for _ in range(2)]
    for random, batch in ((np.random.default_rng(3), 5), (np.random.default_rng(4), 8))
]


@compares("discriminator_loss", "discriminator_loss, {0:.4f} on the last test logits.", *LOGITS,
          judge=check_number)  # fmt: skip
def discriminator_loss(real, fake):
    """Check ``function(real_logits, fake_logits)`` against its formula in NumPy."""
    expected, one = _bce(real, 1) + _bce(fake, 0), np.ones_like(real)
    clipped = _bce_of_clipped(real, 1) + _bce_of_clipped(fake, 0)
    return (real, fake), expected, [
        (_bce(one, real) + _bce(0 * one, fake), "bce takes the targets first, then the logits"),
        (_bce(one, real) + _bce(fake, 0), "bce takes the targets first, then the logits"),
        (_bce(real, 0) + _bce(fake, 1), "the labels are swapped: real is 1, fake is 0"),
        (_bce(real, 1), "the fake images are missing: add their term"),
        (_bce(fake, 0), "the real images are missing: add their term"),
        (_bce(real, 1) + _bce(fake, 1), "fake images must be called fake: their target is 0"),
        (_bce(real, 0) + _bce(fake, 0), "real images must be called real: their target is 1"),
        (_bce(real, 1) - _bce(fake, 0), "the two terms are added, not subtracted"),
        (expected / 2, "lab_dcgan adds the two terms, it does not average them"),
        (clipped, "the inputs are logits: pass from_logits=True"),
        (_bce(expit(real), 1) + _bce(expit(fake), 0), "you apply the sigmoid and then "
         "from_logits=True: one of the two"),
        (len(real) * expected, "take the mean over the batch, not the sum"),
    ]  # fmt: skip


@compares("generator_loss", "generator_loss, {0:.4f} on the last test logits.", *LOGITS,
          judge=check_number)  # fmt: skip
def generator_loss(_, fake):
    """Check ``function(fake_logits)``, the non-saturating loss, against its formula in NumPy."""
    expected = _bce(fake, 1)
    return (fake,), expected, [
        (_bce(fake, 0), "the generator wants its images to be called real: the target is 1"),
        (-_bce(fake, 0), "that is the minimax loss, flat where D is sure: use target 1"),
        (-_bce(fake, 1), "the sign is wrong: a loss is made small"),
        (_bce_of_clipped(fake, 1), "the inputs are logits: pass from_logits=True"),
        (_bce(expit(fake), 1), "you apply the sigmoid and then from_logits=True"),
        (_bce(np.ones_like(fake), fake), "bce takes the targets first, then the logits"),
        (len(fake) * expected, "take the mean over the batch, not the sum"),
    ]  # fmt: skip


@compares(
    "smoothed_loss", "the real target is 1 - smoothing; {0:.4f} for smoothing 0.3.",
    (*LOGITS[0], 0.1), (*LOGITS[1], 0.3),
    judge=check_number, bce=keras.losses.BinaryCrossentropy(from_logits=True),
)  # fmt: skip
def smoothed_loss(real, fake, smoothing):
    """Check ``function(real_logits, fake_logits, smoothing)``: one-sided label smoothing."""
    of_real, of_fake = _bce(real, 1 - smoothing), _bce(fake, 0)
    expected = of_real + of_fake
    return (real, fake, smoothing), expected, [
        (_bce(real, 1) + of_fake, "smoothing has no effect: the real target is 1 - smoothing"),
        (of_real + _bce(fake, smoothing), "only the real side is smoothed: the target of fakes "
         "stays 0"),
        (_bce(real, 1) + _bce(fake, smoothing), "smooth the target of the real images, not that of "
         "the fakes"),
        (_bce(real, smoothing) + of_fake, "the real target is 1 - smoothing, not smoothing"),
        (of_real, "the fake images are missing: add their term"),
        (_bce(real, 0) + _bce(fake, 1 - smoothing), "the labels are swapped"),
        ((1 - smoothing) * _bce(real, 1) + of_fake, "smoothing changes the target, it is no weight "
         "of the real term"),
        (expected / 2, "lab_dcgan adds the two terms, it does not average them"),
        (_bce(real, 1 - smoothing / 2) + _bce(fake, smoothing / 2), "Keras's label_smoothing "
         "smooths both targets: set the real target yourself"),
        (_bce(real, 0.9) + of_fake, "use the argument smoothing, not the number 0.9"),
        (_bce_of_clipped(real, 1 - smoothing) + _bce_of_clipped(fake, 0), "the inputs are logits: "
         "pass from_logits=True"),
    ]  # fmt: skip


def sized_generator(build):
    """Check ``build(side, latent_dim)``: images of several sizes in [-1, 1], and that z matters."""
    for side, latent_dim in ((28, 16), (32, 5), (56, 16)):
        model = built(build, "generator", side, latent_dim)
        sentence = (f"for side={side} four z give images of shape {{found}}, wanted {{wanted}}: "
                    "two strides of 2 multiply by 4, so begin at side // 4")  # fmt: skip
        models.check_pictures(model, models.normal(side, 4, latent_dim), (side, side, 1), sentence)
    passed("28, 32 and 56 pixels, in [-1, 1].")


def sized_generator_grows(build):
    """Check that the picture grows by two strides of 2, from a normalized layer of side // 4."""
    model, layers = built(build, "generator", 32, 6), keras.layers
    grown = [layer.strides for layer in models.of_type(model, layers.Conv2DTranspose)]
    strides = [each for each in grown if each != (1, 1)]
    bent = models.of_type(model, (layers.LeakyReLU, layers.ReLU, layers.Activation, layers.ELU))
    inside = [getattr(layer, "activation", None) for layer in models.leaves(model)][:-1]
    small, large = (built(build, "generator", side, 6).count_params() for side in (28, 56))
    refuse(models.of_type(model, layers.Resizing) or strides != [(2, 2), (2, 2)], "the strides of "
           f"your transposed convolutions are {strides}, wanted two of (2, 2): let the picture "
           "grow by them, from side // 4, and do not resize or crop it")  # fmt: skip
    refuse(not models.of_type(model, layers.BatchNormalization), "there is no BatchNormalization "
           "in your generator: put it behind the layers")  # fmt: skip
    refuse(not bent and all(each in (None, keras.activations.linear) for each in inside), "no "
           "layer of your generator bends: put LeakyReLU behind BatchNormalization")  # fmt: skip
    refuse(small >= large, "56 pixels need a larger first layer than 28: let Dense depend on side")
    passed("grown by two strides of 2, with BatchNorm and a bend between the layers.")


def reference_discriminator_loss(real_logits, fake_logits):
    """Cross-entropies of real logits against 1 and fake ones against 0, added: one number."""
    of_real, of_fake = tf.nn.softplus(-real_logits), tf.nn.softplus(fake_logits)
    return tf.reduce_mean(of_real) + tf.reduce_mean(of_fake)


def reference_generator_loss(fake_logits):
    """Cross-entropy of fake logits against 1: one number."""
    return tf.reduce_mean(tf.nn.softplus(-fake_logits))


def reference_step(images, z, generator, discriminator, g_optimizer, d_optimizer):
    """One step of both players of lab_dcgan, from the same forward pass; returns both losses."""
    with tf.GradientTape(persistent=True) as tape:
        fake_logits = discriminator(generator(z, training=True), training=True)
        real_logits = discriminator(images, training=True)
        d_loss = reference_discriminator_loss(real_logits, fake_logits)
        g_loss = reference_generator_loss(fake_logits)
    players = ((generator, g_loss, g_optimizer), (discriminator, d_loss, d_optimizer))
    gradients = [tape.gradient(loss, each.trainable_variables) for each, loss, _ in players]
    for (each, _, optimizer), gradient in zip(players, gradients, strict=True):
        optimizer.apply(gradient, each.trainable_variables)
    return d_loss, g_loss


class _Watch(keras.layers.Layer):
    """Passes its input on and writes down whether it was called in training mode."""

    def __init__(self, log):
        super().__init__()
        self.note = log.append  # not the list itself: Keras would copy it

    def call(self, x, training=None):
        self.note(training)
        return x


def _toy_pair(seed, log):
    """A tiny generator and a tiny discriminator."""
    keras.utils.set_random_seed(seed)
    Dense = keras.layers.Dense
    generator = keras.Sequential([keras.Input((2,)), Dense(4, activation="tanh"), _Watch(log)])
    return generator, keras.Sequential([keras.Input((4,)), _Watch(log), Dense(1)])


def _weights(pair):
    return [np.array(weight) for network in pair for weight in network.get_weights()]


def train_step(step):
    """Check ``step(images, z, generator, discriminator, g_optimizer, d_optimizer)``.

    Two tiny networks take one step of plain gradient descent; the weights must land where the
    formula says. The losses that the step calls are the right ones, whatever the student's are.
    """
    right = {
        "discriminator_loss": reference_discriminator_loss,
        "generator_loss": reference_generator_loss,
    }
    for seed in (1, 2):
        random, log = np.random.default_rng(seed), []
        images = tf.constant(random.uniform(-1, 1, (6, 4)).astype("float32"))
        z = tf.constant(random.normal(size=(6, 2)).astype("float32"))
        ours, theirs = _toy_pair(seed, []), _toy_pair(seed, log)
        before = _weights(theirs)
        expected = reference_step(images, z, *ours, *map(keras.optimizers.SGD, (0.5, 0.25)))
        log.clear()
        optimizers = map(keras.optimizers.SGD, (0.5, 0.25))
        try:
            found = answer(step, images, z, *theirs, *optimizers, **right)
        except Wrong as error:
            mixed = "Unknown variable" in str(error)
            refuse(mixed, "one optimizer moves both networks: g_optimizer is for the generator, "
                   "d_optimizer for the discriminator")  # fmt: skip
            raise
        refuse(not all(log), "a network was called without training=True: dropout and BatchNorm "
               "need to be told, in all three calls")  # fmt: skip
        moves, wanted = ([w - b for w, b in zip(_weights(pair), before)] for pair in (theirs, ours))
        _check_moves("generator", moves[:2], wanted[:2], 0.25 / 0.5)
        _check_moves("discriminator", moves[2:], wanted[2:], 0.5 / 0.25)
        _check_losses(found, [float(loss) for loss in expected])
    passed("one step of each player lands where it should.")


def _check_moves(name, moves, wanted, other):
    """``other``: how much further the other player's optimizer would have gone."""

    def all_are(factor):
        pairs = zip(moves, wanted, strict=True)
        return all(close(move, factor * right, 1e-6) for move, right in pairs)

    refuse(all_are(0), f"the {name} did not move: compute the gradients of its loss by its own "
           "variables, on a tape that saw the whole forward pass, and apply them")  # fmt: skip
    refuse(all_are(-1), f"the {name} went uphill: its loss must get smaller")
    refuse(all_are(other), f"the {name} was moved by the other player's optimizer")
    refuse(not all_are(1), f"the {name} moved to the wrong place: its gradients come from its own "
           "loss and go to its own variables, both taken before either network moves")  # fmt: skip


def _check_losses(found, expected):
    try:
        found = [float(loss) for loss in found]
    except (TypeError, ValueError):
        found = []
    refuse(close(found, expected[::-1]), "the two losses come in the wrong order: return d_loss, "
           "g_loss")  # fmt: skip
    refuse(not close(found, expected), "return the two losses, (d_loss, g_loss): here "
           f"{np.round(expected, 4)}")  # fmt: skip
