"""Checks of notebook 07: the game, both players' losses, the penalty, and a diagnosis."""

import hashlib

import keras
import numpy as np
import tensorflow as tf

from exercises.verdict import Wrong, answer, call, close, compares, explain, passed, refuse


def _linear_field(seed, dims):
    """A field v(p) = A p and a list that counts its calls."""
    matrix = np.random.default_rng(seed).normal(size=(dims, dims))
    calls = []

    def field(point):
        calls.append(np.array(point))
        return matrix @ np.asarray(point)

    return field, matrix, calls


@compares(
    "the step", "a trial step, and then the real one from the old point.", (0, 2, 0.3), (1, 5, 0.1),
    convert=np.copy,
)  # fmt: skip
def extragradient_step(seed, dims, rate):
    """Check ``function(point, field, learning_rate)`` on linear fields."""
    field, matrix, _ = _linear_field(seed, dims)
    point = np.random.default_rng(seed + 10).normal(size=dims)
    ahead = point + rate * matrix @ point
    expected = point + rate * matrix @ ahead
    return (point, field, rate), expected, [
        (ahead, "this is the plain step: look at the field at the point ahead"),
        (ahead + rate * matrix @ ahead, "these are two plain steps: the trial step is undone, the "
         "real one starts from point again"),
        (point - rate * matrix @ (point - rate * matrix @ point), "field says where the players "
         "want to go: add it, do not subtract it"),
        (point - rate * matrix @ ahead, "the real step goes along the field: add it"),
        (point + rate * matrix @ (point - rate * matrix @ point), "the trial step goes along the "
         "field too: add it"),
        (point + 0.5 * rate * (matrix @ point + matrix @ ahead), "the field is asked half a step "
         "ahead, or averaged with the one here: look a whole step ahead, and use the direction "
         "found there alone"),
        (matrix @ ahead, "this is a direction, not a point: add it, times learning_rate"),
        (point + matrix @ ahead, "learning_rate is missing in the real step"),
        (point + rate * matrix @ (point + matrix @ point), "learning_rate is missing in the trial "
         "step"),
        (point, "the point did not move: return the new one"),
    ]  # fmt: skip


def extragradient_calls(function):
    """Check that the step asks the field twice, in the right places, and leaves the point alone."""
    field, matrix, calls = _linear_field(4, 3)
    point = np.array([1.0, -2.0, 0.5])
    given = point.copy()
    answer(function, given, field, 0.2)
    refuse(not close(given, point), "your function changes the point it was given: build a new "
           "one, without +=")  # fmt: skip
    refuse(len(calls) != 2, f"your function asks the field {len(calls)} time(s); an extragradient "
           "step asks twice: here and at the point ahead")  # fmt: skip
    refuse(not close(calls[0], point), "the first question is asked at the given point, yours is "
           "asked elsewhere")  # fmt: skip
    refuse(not close(calls[-1], point + 0.2 * matrix @ point), "the second question is asked at "
           "the point ahead, yours is asked elsewhere")  # fmt: skip
    passed("two questions to the field, and the old point is still there.")


@compares(
    "D", "p_data over p_data + p_model.", (0, (7,)), (1, (4, 5)), convert=np.copy
)  # fmt: skip
def optimal_discriminator(seed, shape):
    """Check ``function(p_data, p_model)`` on densities along a line and on a grid."""
    p_data, p_model = np.random.default_rng(seed).uniform(0.01, 3, (2, *shape))
    expected = p_data / (p_data + p_model)
    return (p_data, p_model), expected, [
        (1 - expected, "this is the probability of fake: D says how likely real is"),
        (p_data / p_model, "this is the density ratio, which has no upper end: divide by the sum "
         "of both densities"),
        (np.log(p_data / p_model), "this is the logit of the best D: return the probability"),
        (p_data / (p_data + p_model).sum(), "divide at each point by the sum of the two densities "
         "there, not by the sum over all points"),
        (p_data / p_data.sum() / (p_data / p_data.sum() + p_model / p_model.sum()), "the densities "
         "are used as they are: do not normalize them again"),
        (p_data - p_model, "a difference is no probability: p_data over the sum"),
        (p_data, "p_model is missing"),
        (0.5 * expected, "without the factor 1/2: where only data lives D is 1"),
        ((p_data > p_model).astype(float), "D is not a yes or no: it says how likely real is"),
    ]  # fmt: skip


def optimal_discriminator_zeros(function):
    """Check the points where one density or both are 0."""
    p_data, p_model = np.array([0.0, 0.0, 2.0, 1.0]), np.array([0.0, 3.0, 0.0, 1.0])
    caught = []
    with np.errstate(divide="call", invalid="call", call=lambda kind, flag: caught.append(kind)):
        found = np.asarray(answer(function, p_data.copy(), p_model.copy()))
    shape = found.shape
    refuse(shape != (4,), f"four points need four probabilities, yours have shape {shape}")
    refuse(np.isnan(found).any(), "where both densities are 0, 0 / 0 gives NaN: say 1/2 there "
           "(np.where)")  # fmt: skip
    refuse(not close(found[1:], [0.0, 1.0, 0.5]), "where only the model, only data, or both alike "
           f"have points, D is 0, 1 and 1/2; yours is {found[1:].round(3)}")  # fmt: skip
    refuse(not close(found[0], 0.5), "where nothing lives D has nothing to learn from: say 1/2 "
           f"there, yours is {found[0]:g}")  # fmt: skip
    refuse(caught, f"NumPy warns ({', '.join(caught[:1])}): divide only where the sum is above 0, "
           "with np.divide(..., where=...) or by replacing the zeros first")  # fmt: skip
    passed("1 where only data lives, 0 where only fakes do, 1/2 where nothing is known.")


def _softplus(x):
    return np.logaddexp(0.0, x)


def _sigmoid(x):
    return np.exp(-_softplus(-np.asarray(x)))


def _logits(seed=0, count=6):
    return (3 * np.random.default_rng(seed).normal(size=(count, 1))).astype("float32")


def _pair(found, name, words="minimax, non_saturating"):
    """``found`` as a pair of arrays; ``Wrong`` if it is something else."""
    if not isinstance(found, (tuple, list)) or len(found) != 2:
        raise Wrong(f"{name} must return a pair, ({words}); end it with `return {words}`")
    return [np.asarray(part) for part in found]


def generator_losses(function):
    """Check ``function(fake_logits)``: the minimax and the non-saturating loss."""
    for seed in (0, 1):
        logits = _logits(seed)
        found = _pair(answer(function, tf.constant(logits)), "generator_losses")
        minimax, steep = -np.mean(_softplus(logits)), np.mean(_softplus(-logits))
        minimax_mistakes = [
            (np.mean(_softplus(logits)), "the sign is wrong: log(1 - D) is negative, and the "
             "generator makes it small"),
            (-np.mean(_softplus(-logits)), "this is log D: the minimax loss is log(1 - D(fake))"),
            (-np.sum(_softplus(logits)), "take the mean over the batch, not the sum"),
            (-_softplus(logits), "one number is wanted: take the mean over the batch"),
            (np.mean(1 - _sigmoid(logits)), "take the logarithm of 1 - D"),
            (-np.mean(_softplus(_sigmoid(logits))), "softplus takes the logit itself: the sigmoid "
             "is in it already"),
        ]  # fmt: skip
        steep_mistakes = [
            (-np.mean(_softplus(-logits)), "the sign is wrong: -log D is positive"),
            (np.mean(_softplus(logits)), "this is -log(1 - D): the fake shall be called real, so "
             "the loss is -log D(fake)"),
            (-np.mean(_softplus(logits)), "this is the minimax loss again: the second one is "
             "-log D(fake)"),
            (np.sum(_softplus(-logits)), "take the mean over the batch, not the sum"),
            (_softplus(-logits), "one number is wanted: take the mean over the batch"),
            (np.mean(_softplus(-_sigmoid(logits))), "softplus takes the logit itself: the sigmoid "
             "is in it already"),
        ]  # fmt: skip
        turned = close(found[0], steep) and close(found[1], minimax)
        refuse(turned, "the two losses are in the other order: minimax first")
        explain(found[0], minimax, minimax_mistakes, "the minimax loss")
        explain(found[1], steep, steep_mistakes, "the non-saturating loss")
    passed(f"minimax {minimax:.4f}, non-saturating {steep:.4f} on the test logits.")


def generator_gradients(function):
    """Check ``function(fake_logits)``: the derivative of both losses by each fake's logit."""
    for seed in (2, 3):
        logits = _logits(seed)
        found = _pair(answer(function, tf.constant(logits)), "generator_gradients")
        p = _sigmoid(logits)
        turned = close(found[0], p - 1) and close(found[1], -p)
        refuse(turned, "the two gradients are in the other order: minimax first")
        explain(found[0], -p, _gradient_mistakes(p, logits), "the minimax gradient")
        explain(found[1], p - 1, _gradient_mistakes(p, logits), "the non-saturating gradient")
    passed("-D(fake) for the minimax loss, D(fake) - 1 for the non-saturating one.")


def _gradient_mistakes(p, logits):
    uphill = "the sign is wrong: moving the logit up must lower the loss, so its slope is negative"
    return [
        (p, uphill),
        (1 - p, uphill),
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
    logits = np.array([[-200.0], [-30.0], [40.0], [200.0]], "float32")
    found = _pair(answer(function, tf.constant(logits)), "generator_losses")
    expected = -np.mean(_softplus(logits)), np.mean(_softplus(-logits))
    for name, value, right in zip(("minimax", "non-saturating"), found, expected, strict=True):
        refuse(not np.isfinite(value).all(), f"the {name} loss is {value} at logits of 200: the "
               "logarithm of a rounded probability is infinite; write it with softplus of the "
               "logit")  # fmt: skip
        refuse(not close(value, right, atol=1e-2), f"the {name} loss is "
               f"{float(np.mean(value)):.2f} at logits of -200 to 200, where {right:.2f} is right: "
               "a clipped probability flattens it; write it with softplus of "
               "the logit")  # fmt: skip
    passed("finite and right, however sure the discriminator is.")


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


@compares(
    "the penalty", "half the mean squared norm, for gray and for color images.",
    (0, (4, 4, 1), 5), (1, (5, 3, 3), 2),
)  # fmt: skip
def gradient_penalty(seed, shape, count):
    """Check ``function(discriminator, images)`` on a D whose gradient is known, gray and RGB."""
    model, a = _quadratic(shape, seed)
    images = np.random.default_rng(seed + 5).uniform(-1, 1, (count, *shape)).astype("float32")
    gradient = 2 * a * images
    squares = np.square(gradient).sum(axis=(1, 2, 3))
    norms = np.sqrt(squares)
    return (model, images), np.float32(0.5 * squares.mean()), [
        (squares.mean(), "the factor 1/2 is missing"),
        (0.5 * squares.sum(), "take the mean over the batch, not the sum"),
        (squares.sum(), "take half the mean over the batch"),
        (0.5 * squares, "one number is wanted: take the mean over the batch"),
        (0.5 * np.square(gradient).mean(), "sum the squares over all pixels and channels of an "
         "image; the mean makes the penalty hundreds of times weaker"),
        (np.square(gradient).mean(), "sum the squares over all pixels and channels of an image; "
         "the mean makes the penalty hundreds of times weaker"),
        (0.5 * norms.mean(), "square the norm"),
        (norms.mean(), "this is the norm: half its square is wanted"),
        (np.square(norms - 1).mean(), "this is the penalty of WGAN-GP, which wants norm 1: here "
         "the gradient shall be 0"),
        (0.5 * np.square(norms - 1).mean(), "this is the penalty of WGAN-GP, which wants norm 1: "
         "here the gradient shall be 0"),
        (0.5 * np.square(gradient[..., :1]).sum(axis=(1, 2, 3)).mean(), "only the first channel "
         "counts: sum over all three axes of an image"),
        (0.5 * np.square(gradient.sum(axis=0)).sum(), "each image has a gradient of its own: do "
         "not add them up before squaring"),
        (0.5 * np.square(gradient.mean(axis=0)).sum(), "each image has a gradient of its own: do "
         "not average them before squaring"),
        (0.5 * np.square(gradient.sum(axis=(1, 2, 3))).mean(), "square before you sum over the "
         "pixels"),
    ]  # fmt: skip


def gradient_penalty_trains(function):
    """Check that the penalty has a gradient with respect to the discriminator's weights."""
    model, a = _quadratic((4, 4, 1), 3)
    images = np.random.default_rng(8).uniform(-1, 1, (6, 4, 4, 1)).astype("float32")
    with tf.GradientTape() as tape:
        penalty = answer(function, model, tf.constant(images))
    refuse(not tf.is_tensor(penalty), "the penalty is no tensor: without .numpy() and float(), or "
           "nothing can be learned from it")  # fmt: skip
    gradient = tape.gradient(penalty, model.trainable_variables[0])
    refuse(gradient is None, "the penalty has no gradient by the discriminator's weights, so it "
           "cannot train it: no stop_gradient, no NumPy, and one tape around all "
           "of it")  # fmt: skip
    found, expected = np.asarray(gradient), 4 * a * np.square(images).mean(axis=0)
    begin, right = (np.ravel(each)[:2].round(4) for each in (found, expected))
    refuse(not close(found, expected), f"the gradient by the weights starts with {begin}, not "
           f"{right}: the penalty itself, or its way back, is wrong")  # fmt: skip
    passed("the discriminator can learn from it.")


def _hinge(function, seed):
    # Shifted, so that the mean of the margins is negative: a relu after the mean would show.
    real, fake = 2 + _logits(seed, 7), _logits(seed + 1, 5) - 2
    found = answer(function, tf.constant(real), tf.constant(fake))
    found = _pair(found, "hinge_losses", "d_loss, g_loss")
    return real, fake, found


def hinge_discriminator(function):
    """Check the first number of ``function(real_logits, fake_logits)``."""
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


# What a run without this complaint lacks; it says nothing about what the run has.
LACKS = {
    "fast": "steps that are too large throw a loss far above 10 again and again, and here none is",
    "critic": "when D has won, its loss lies near 0 and its accuracy near 1 to the very end, and "
    "here they do not",
    "collapse": "when the generator has won, D does worse than guessing: its loss stays above "
    "1.39, and here it does not",
    "circles": "going in circles means that the same z never comes to rest: the change stays as "
    "high as the spread, and here it does not",
    "healthy": "in a healthy run neither player is stuck: D's loss lies between 0.3 and 1.39, and "
    "here it does not",
}
RIGHT = {"A": "1b1e0e06056a16ac", "B": "3376adc72c13f25d", "C": "ad5e1b142c7fb988"}


def diagnosis(function, run):
    """Check what ``function()`` says of one of the runs ``"A"``, ``"B"``, ``"C"``.

    The right words stand here as hashes only, so that a glance at this file spoils nothing.
    """
    found = call(function)
    if not isinstance(found, dict):
        raise Wrong(f"return a dict such as {{'A': 'healthy', ...}}, not {type(found).__name__}")
    word = found.get(run)
    refuse(run not in found, f"your dict has no entry for run {run!r}")
    refuse(word not in LACKS, f"run {run}: {word!r} is none of {', '.join(LACKS)}")
    refuse(fingerprint(run, word) != RIGHT[run], f"run {run} is not {word!r}: {LACKS.get(word)}. "
           "Look again")  # fmt: skip
    passed(f"run {run}.")


def fingerprint(run, word):
    """Hash of one answer, 16 hexadecimal digits."""
    return hashlib.sha256(f"07 {run} {word}".encode()).hexdigest()[:16]
