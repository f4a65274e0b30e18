"""The checks behind the exercises of notebook 07: losses of both players and the penalty.

As in ``exercises``: values first, against references in NumPy; one line when an answer is
right, ``Wrong`` with a sentence that says what to change when it is not. Nothing is trained.
"""

import keras
import numpy as np
import tensorflow as tf

from exercises.answers import answer, own_work
from exercises.games import explain
from exercises.verdict import Wrong, close, passed


def _softplus(x):
    return np.logaddexp(0.0, x)


def _sigmoid(x):
    return np.exp(-_softplus(-np.asarray(x)))


def _logits(seed=0, count=6):
    return (3 * np.random.default_rng(seed).normal(size=(count, 1))).astype("float32")


def _pair(found, name, words):
    """``found`` as a pair of arrays; ``Wrong`` if it is something else."""
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong(f"{name} must return a pair, ({words}); end it with `return {words}`")
    return [np.asarray(part) for part in found]


# ---------------------------------------------------------------------------------------------
# Two losses of the generator, and what they tell it.


def generator_losses(function):
    """Check ``function(fake_logits)``: the minimax and the non-saturating loss."""
    own_work(function)
    for seed in (0, 1):
        logits = _logits(seed)
        found = _pair(
            answer(function, tf.constant(logits)), "generator_losses", "minimax, non_saturating"
        )
        minimax, steep = -np.mean(_softplus(logits)), np.mean(_softplus(-logits))
        if close(found[0], steep) and close(found[1], minimax):
            raise Wrong("the two losses are in the other order: minimax first")
        explain(found[0], minimax, _minimax_mistakes(logits), "the minimax loss")
        explain(found[1], steep, _steep_mistakes(logits), "the non-saturating loss")
    passed(f"minimax {minimax:.4f}, non-saturating {steep:.4f} on the test logits.")


def _minimax_mistakes(logits):
    return [
        (np.mean(_softplus(logits)), "the sign is wrong: log(1 - D) is negative, and the "
         "generator makes it small"),
        (-np.mean(_softplus(-logits)), "this is log D: the minimax loss is log(1 - D(fake))"),
        (-np.sum(_softplus(logits)), "take the mean over the batch, not the sum"),
        (-_softplus(logits), "one number is wanted: take the mean over the batch"),
        (np.mean(1 - _sigmoid(logits)), "take the logarithm of 1 - D"),
        (-np.mean(_softplus(_sigmoid(logits))), "softplus takes the logit itself: the sigmoid is "
         "in it already"),
    ]  # fmt: skip


def _steep_mistakes(logits):
    return [
        (-np.mean(_softplus(-logits)), "the sign is wrong: -log D is positive"),
        (np.mean(_softplus(logits)), "this is -log(1 - D): the fake shall be called real, so the "
         "loss is -log D(fake)"),
        (-np.mean(_softplus(logits)), "this is the minimax loss again: the second one is "
         "-log D(fake)"),
        (np.sum(_softplus(-logits)), "take the mean over the batch, not the sum"),
        (_softplus(-logits), "one number is wanted: take the mean over the batch"),
        (np.mean(_softplus(-_sigmoid(logits))), "softplus takes the logit itself: the sigmoid is "
         "in it already"),
    ]  # fmt: skip


def generator_gradients(function):
    """Check ``function(fake_logits)``: the derivative of both losses by each fake's logit."""
    own_work(function)
    for seed in (2, 3):
        logits = _logits(seed)
        found = _pair(
            answer(function, tf.constant(logits)), "generator_gradients", "minimax, non_saturating"
        )
        p = _sigmoid(logits)
        if close(found[0], p - 1) and close(found[1], -p):
            raise Wrong("the two gradients are in the other order: minimax first")
        explain(found[0], -p, _gradient_mistakes(p, logits), "the minimax gradient")
        explain(found[1], p - 1, _gradient_mistakes(p, logits), "the non-saturating gradient")
    passed("-D(fake) for the minimax loss, D(fake) - 1 for the non-saturating one.")


def _gradient_mistakes(p, logits):
    return [
        (p, "the sign is wrong: moving the logit up must lower the loss, so its slope is negative"),
        (1 - p, "the sign is wrong: moving the logit up must lower the loss, so its slope is "
         "negative"),
        (-p / len(p), "each fake on its own is asked for, before the mean over the batch"),
        ((p - 1) / len(p), "each fake on its own is asked for, before the mean over the batch"),
        (-p * (1 - p), "by the logit, not by the probability: the factor D(1 - D) of the sigmoid "
         "cancels once"),
        (-1 / (1 - p), "this is the derivative by D; go on to the logit with the chain rule"),
        (-1 / p, "this is the derivative by D; go on to the logit with the chain rule"),
        (-p, "this is the slope of the other loss: of log(1 - D)"),
        (p - 1, "this is the slope of the other loss: of -log D"),
        (-np.mean(p), "one number for each fake is wanted, without a mean"),
        (np.mean(p) - 1, "one number for each fake is wanted, without a mean"),
        (-_softplus(logits), "this is the loss itself: take its derivative"),
        (_softplus(-logits), "this is the loss itself: take its derivative"),
    ]  # fmt: skip


def generator_losses_far(function):
    """Check that both losses survive a discriminator that is very sure."""
    own_work(function)
    logits = np.array([[-200.0], [-30.0], [40.0], [200.0]], "float32")
    found = _pair(
        answer(function, tf.constant(logits)), "generator_losses", "minimax, non_saturating"
    )
    expected = -np.mean(_softplus(logits)), np.mean(_softplus(-logits))
    for name, value, right in zip(("minimax", "non-saturating"), found, expected, strict=True):
        if not np.isfinite(value).all():
            raise Wrong(
                f"the {name} loss is {value} at logits of 200: the logarithm of a rounded "
                "probability is infinite; write it with softplus of the logit"
            )
        if not close(value, right, atol=1e-2):
            raise Wrong(
                f"the {name} loss is {float(np.mean(value)):.2f} at logits of -200 to 200, where "
                f"{right:.2f} is right: a clipped probability flattens it; write it with softplus "
                "of the logit"
            )
    passed("finite and right, however sure the discriminator is.")


# ---------------------------------------------------------------------------------------------
# The gradient penalty.


def _quadratic(shape, seed):
    """A discriminator D(x) = sum(a * x^2) whose gradient 2 a x is known, with the weights a."""
    weights = np.random.default_rng(seed).normal(size=shape).astype("float32")

    class Quadratic(keras.layers.Layer):
        def build(self, input_shape):
            self.a = self.add_weight(shape=shape, name="a")
            self.a.assign(weights)

        def call(self, images):
            return keras.ops.sum(self.a * images**2, axis=(1, 2, 3), keepdims=True)[:, :, 0, 0]

    model = keras.Sequential([keras.Input(shape), Quadratic()])
    return model, weights


def gradient_penalty(function):
    """Check ``function(discriminator, images)`` on a D whose gradient is known, gray and RGB."""
    own_work(function)
    for seed, shape, count in ((0, (4, 4, 1), 5), (1, (5, 3, 3), 2)):
        model, a = _quadratic(shape, seed)
        images = np.random.default_rng(seed + 5).uniform(-1, 1, (count, *shape)).astype("float32")
        found = np.asarray(answer(function, model, tf.constant(images)))
        gradient = 2 * a * images
        squares = np.square(gradient).sum(axis=(1, 2, 3))
        norms = np.sqrt(squares)
        mistakes = [
            (squares.mean(), "the factor 1/2 is missing"),
            (0.5 * squares.sum(), "take the mean over the batch, not the sum"),
            (squares.sum(), "take half the mean over the batch"),
            (0.5 * squares, "one number is wanted: take the mean over the batch"),
            (0.5 * np.square(gradient).mean(), "sum the squares over all pixels and channels of "
             "an image; the mean makes the penalty hundreds of times weaker"),
            (np.square(gradient).mean(), "sum the squares over all pixels and channels of an "
             "image; the mean makes the penalty hundreds of times weaker"),
            (0.5 * norms.mean(), "square the norm"),
            (norms.mean(), "this is the norm: half its square is wanted"),
            (np.square(norms - 1).mean(), "this is the penalty of WGAN-GP, which wants norm 1: "
             "here the gradient shall be 0"),
            (0.5 * np.square(norms - 1).mean(), "this is the penalty of WGAN-GP, which wants norm "
             "1: here the gradient shall be 0"),
            (0.5 * np.square(gradient[..., :1]).sum(axis=(1, 2, 3)).mean(), "only the first "
             "channel counts: sum over all three axes of an image"),
            (0.5 * np.square(gradient.sum(axis=0)).sum(), "each image has a gradient of its own: "
             "do not add them up before squaring"),
            (0.5 * np.square(gradient.mean(axis=0)).sum(), "each image has a gradient of its own: "
             "do not average them before squaring"),
            (0.5 * np.square(gradient.sum(axis=(1, 2, 3))).mean(), "square before you sum over "
             "the pixels"),
        ]  # fmt: skip
        explain(found, np.float32(0.5 * squares.mean()), mistakes, "the penalty")
    passed("half the mean squared norm, for gray and for color images.")


def gradient_penalty_trains(function):
    """Check that the penalty has a gradient with respect to the discriminator's weights."""
    own_work(function)
    model, a = _quadratic((4, 4, 1), 3)
    images = np.random.default_rng(8).uniform(-1, 1, (6, 4, 4, 1)).astype("float32")
    with tf.GradientTape() as tape:
        penalty = answer(function, model, tf.constant(images))
        if not tf.is_tensor(penalty):
            raise Wrong(
                "the penalty is no tensor: without .numpy() and float(), or nothing can be "
                "learned from it"
            )
    gradient = tape.gradient(penalty, model.trainable_variables[0])
    if gradient is None:
        raise Wrong(
            "the penalty has no gradient by the discriminator's weights, so it cannot train it: "
            "no stop_gradient, no NumPy, and one tape around all of it"
        )
    expected = 4 * a * np.square(images).mean(axis=0)
    if not close(np.asarray(gradient), expected):
        raise Wrong(
            f"the gradient by the weights starts with {np.ravel(gradient)[:2].round(4)}, not "
            f"{np.ravel(expected)[:2].round(4)}: the penalty itself, or its way back, is wrong"
        )
    passed("the discriminator can learn from it.")


# ---------------------------------------------------------------------------------------------
# Hinge losses.


def _hinge(function, seed):
    # Shifted, so that the mean of the margins is negative: a relu after the mean would show.
    real, fake = 2 + _logits(seed, 7), _logits(seed + 1, 5) - 2
    found = _pair(
        answer(function, tf.constant(real), tf.constant(fake)), "hinge_losses", "d_loss, g_loss"
    )
    return real, fake, found


def hinge_discriminator(function):
    """Check the first number of ``function(real_logits, fake_logits)``."""
    own_work(function)
    for seed in (20, 30):
        real, fake, (found, _) = _hinge(function, seed)

        def loss(a, b):
            return np.mean(np.maximum(0, a)) + np.mean(np.maximum(0, b))

        expected = loss(1 - real, 1 + fake)
        mistakes = [
            (loss(1 + real, 1 - fake), "the sides are swapped: real logits shall rise above 1, "
             "fake ones fall below -1"),
            (loss(-real, fake), "the margin is missing: 1 - real and 1 + fake"),
            (np.mean(1 - real) + np.mean(1 + fake), "the hinge is missing: what is beyond the "
             "margin costs 0, not less (relu)"),
            (0.5 * expected, "the two terms are added, without a factor 1/2"),
            (np.mean(np.maximum(0, 1 - real)), "the term of the fakes is missing"),
            (np.mean(np.maximum(0, 1 + fake)), "the term of the real images is missing"),
            (loss(1 - real, 1 - fake), "the fakes have the wrong sign: they shall fall below -1"),
            (np.sum(np.maximum(0, 1 - real)) + np.sum(np.maximum(0, 1 + fake)), "take the mean "
             "of each term, not the sum"),
            (np.maximum(0, np.mean(1 - real)) + np.maximum(0, np.mean(1 + fake)), "each image has "
             "its own hinge: relu first, then the mean"),
            (-expected, "the sign is wrong: D makes this loss small"),
            (loss(1 - _sigmoid(real), 1 + _sigmoid(fake)), "the hinge takes logits: no sigmoid"),
            (np.mean(_softplus(-real)) + np.mean(_softplus(fake)), "this is the cross-entropy: "
             "the hinge is relu(1 - real) and relu(1 + fake)"),
        ]  # fmt: skip
        explain(found, np.float32(expected), mistakes, "d_loss")
    passed(f"d_loss, {expected:.4f} on the test logits.")


def hinge_generator(function):
    """Check the second number of ``function(real_logits, fake_logits)``."""
    own_work(function)
    for seed in (40, 50):
        _, fake, (_, found) = _hinge(function, seed)
        expected = -np.mean(fake)
        mistakes = [
            (np.mean(fake), "the sign is wrong: the generator wants high logits"),
            (np.mean(np.maximum(0, 1 - fake)), "the generator has no hinge: it goes on beyond the "
             "margin"),
            (np.mean(np.maximum(0, 1 + fake)), "this is a term of D's loss: the generator makes "
             "-mean(fake_logits) small"),
            (-np.sum(fake), "take the mean over the batch, not the sum"),
            (-fake, "one number is wanted: take the mean over the batch"),
            (np.mean(_softplus(-fake)), "this is the non-saturating loss: the hinge game uses "
             "-mean(fake_logits)"),
            (-np.mean(_sigmoid(fake)), "the loss takes logits: no sigmoid"),
        ]  # fmt: skip
        explain(found, np.float32(expected), mistakes, "g_loss")
    passed(f"g_loss, {expected:.4f} on the test logits.")
