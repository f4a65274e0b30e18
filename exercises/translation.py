"""Checks of notebook 09; those of the pool of old fakes are in ``pool``."""

import numpy as np
import tensorflow as tf

from exercises import pool, verdict
from exercises.verdict import answer, array, call, check_number, close, explain, passed, refuse

exchange_fills, exchange_full = pool.exchange_fills, pool.exchange_full
CUT = "use tf or keras.ops on the tensors themselves; NumPy, float() and stop_gradient cut the tape"


def _pictures(seed, *shape):
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


def _judge(found, expected, mistakes, name):
    explain(array(found, None, name), expected, mistakes, name)


def _field(layers):
    """The reference: from one output down to the image."""
    side = 1
    for kernel, stride in reversed(layers):
        side = (side - 1) * stride + kernel
    return side


def receptive_field(function):
    """Check ``function(layers)`` on stacks of convolutions with several kernels and strides."""
    pix2pix, mixed = [(4, 2)] * 3 + [(4, 1)] * 2, [(7, 1), (3, 2), (5, 3), (2, 1), (3, 2)]
    for layers in (pix2pix, mixed, [(3, 2), (3, 1)], [(4, 2), (4, 1), (4, 1)], [(1, 1), (1, 1)]):
        kernels, strides = np.transpose(layers)
        steps, right = np.cumprod([1, *strides]), _field(layers)
        mistakes = [
            (1 + (kernels - 1).sum(), "multiply k - 1 by the strides of the layers below"),
            (1 + ((kernels - 1) * steps[1:]).sum(), "widen the patch first, then the step"),
            (
                1 + ((kernels - 1) * strides).sum(),
                "multiply the strides of all layers below, not one",
            ),
            (_field(layers[::-1]), "the order is turned round: the list starts at the image"),
            (1 + (kernels * steps[:-1]).sum(), "a kernel of k adds k - 1 steps, not k"),
            (right - 1, "without layers the patch is one pixel: start at 1, not at 0"),
            (steps[-1], "this is the step between two outputs: return the side of the patch"),
        ]
        found = answer(function, given := list(layers))
        refuse(given != layers, "your function changes the list of layers: work on a copy")
        check_number(found, right, mistakes, f"the field of {layers}")
    passed("70 pixels for pix2pix, 1 for 1x1.")


def _check_loss(function, given, expected, mistakes, watched):
    """Check the value of a loss, and that it has gradients."""
    with tf.GradientTape() as tape:
        tape.watch(watched)
        check_number(found := answer(function, *given), expected, mistakes, "the loss")
        value = tf.convert_to_tensor(found)
    cut = any(slope is None for slope in tape.gradient(value, watched))
    refuse(cut, f"the loss has no gradient: {CUT}")


def _slips(*gaps):
    """What usual slips make of the sum of mean absolute differences, and what to say."""
    means, total = [np.abs(gap).mean() for gap in gaps], [np.abs(gap).sum() for gap in gaps]
    each = [one / len(gap) for one, gap in zip(total, gaps)]
    return [
        (sum((gap**2).mean() for gap in gaps), "the absolute difference, not its square"),
        (sum(gap.mean() for gap in gaps), "take the absolute value first, then the mean"),
        (sum(abs(gap.mean()) for gap in gaps), "take the absolute value first, then the mean"),
        *(
            (sum(sums), "the mean over pixels and channels, not their sum")
            for sums in (total, each)
        ),
        (sum(means) / 2, "the whole mean, not half of it"),
    ]


def _check_pix2pix(function, seed, shape, patches, *weights):
    """One batch; without a weight, the default of 100."""
    logits = 3 * _pictures(seed, shape[0], *patches, 1)
    fake, target = 0.8 * _pictures(seed + 1, 2, *shape)
    weight, gap = (weights or [100.0])[0], np.abs(fake - target).mean()
    high, low = (np.logaddexp(0, sign * logits).mean() for sign in (-1, 1))
    raw = -np.log(np.clip(logits, 1e-7, 1 - 1e-7)).mean()
    twice = np.logaddexp(0, -1 / (1 + np.exp(-logits))).mean()
    patchwise = [high * logits.size, high * logits.size / shape[0]]
    heads = [
        (low, "compare the logits with ones: G wants D to call its pictures real"),
        (-low, "binary cross-entropy against ones: this one is flat while D is sure"),
        (raw, "logits are no probabilities: from_logits=True"),
        (twice, "one sigmoid too much: from_logits=True has it inside"),
        (((logits - 1) ** 2).mean(), "binary cross-entropy, not least squares"),
        (-logits.mean(), "binary cross-entropy of the logits, not the logits themselves"),
        (0.0, "the logits are missing: G must also fool D"),
        *((value, "the mean over all patches, not their sum") for value in patchwise),
    ]
    mistakes = [
        (high, "the difference to the target is missing"),
        (high + gap, "the weight of the difference is missing"),
        (high + 100 * gap, "use the argument weight instead of 100"),
        (weight * high + gap, "the weight belongs to the difference, not to the logits"),
        (weight * (high + gap), "the weight belongs to the difference alone"),
        *((value + weight * gap, sentence) for value, sentence in heads),
        *((high + weight * value, sentence) for value, sentence in _slips(fake - target)),
    ]
    given = [tf.constant(each) for each in (logits, fake, target)]
    _check_loss(function, [*given, *weights], high + weight * gap, mistakes, given[:2])


def pix2pix_loss(function):
    """Check ``function(fake_logits, fake, target, weight)``, also with its default of 100."""
    _check_pix2pix(function, 0, (2, 6, 8, 3), (3, 4), 10.0)
    _check_pix2pix(function, 2, (3, 4, 4, 1), (2, 2), 0.5)
    _check_pix2pix(function, 4, (1, 5, 4, 4), (1, 1))
    passed("fool D in every patch, and stay near the truth.")


def pix2pix_loss_gradient(function):
    """Check that G can learn from the loss where D is sure that it sees a fake."""
    logits, (fake, target) = tf.fill((2, 1, 1, 1), -200.0), (tf.ones((2, 6)), tf.zeros((2, 6)))
    with tf.GradientTape() as tape:
        tape.watch([logits, fake])
        value = tf.convert_to_tensor(answer(function, logits, fake, target, 6.0))
    slopes = tape.gradient(value, [logits, fake])
    refuse(any(slope is None for slope in slopes), f"the loss has no gradient: {CUT}")
    flat = not np.isfinite(slopes[0]).all() or np.abs(slopes[0]).max() < 1e-6
    refuse(flat, "where D is sure (logits of -200) nothing tells G what to change: compare with "
           "ones, from the logits (from_logits=True); a sigmoid is rounded to 0")  # fmt: skip
    right = all(close(slope, np.full(slope.shape, x)) for slope, x in zip(slopes, (-0.5, 0.5)))
    refuse(not right or not close(value, 206.0), "the loss is wrong: see the check of its values")
    passed("G is told what to change, however sure D is.")


def _check_sides(function, given, gaps, watched, *mistakes):
    """Check a loss that adds the mean of the absolute gap of two sides."""
    first, second = (np.abs(gap).mean() for gap in gaps)
    joined = np.abs(np.concatenate(gaps)).mean()
    one = "this is one side only: add the other one"
    mistakes = [(first, one), (second, one), *_slips(*gaps), *mistakes]
    mistakes += [(joined, "add the means of both sides"), (2 * joined, "one mean for each side: "
                 "joined, the larger batch counts for more")]  # fmt: skip
    _check_loss(function, given, first + second, mistakes, watched)


def cycle_loss(function):
    """Check ``function(a, a_back, b, b_back)``: values, gradients, batches of unequal size."""
    for seed, count in ((0, 2), (1, 5)):
        a, a_back = _pictures(seed, 2, 2, 4, 6, 3)
        b, b_back = 0.5 * _pictures(seed + 5, 2, count, 4, 6, 3)
        crossed = np.abs(a_back - b[:2]).mean() + np.abs(b_back[:2] - a).mean()
        across = np.abs(b[:2] - a).mean() + np.abs(b_back[:2] - a_back).mean()
        sentence = "compare each picture with itself: a_back with a, b_back with b"
        given = [tf.constant(each) for each in (a, a_back, b, b_back)]
        mistakes, watched = [(crossed, sentence), (across, sentence)], [given[1], given[3]]
        _check_sides(function, given, (a_back - a, b_back - b), watched, *mistakes)
    passed("there and back, from both sides.")


class _Generator:
    """A stand-in: changes the brightness, and refuses pictures of the wrong side."""

    def __init__(self, name, gain, wrong):
        self.name, self.gain, self.wrong = name, tf.Variable(gain), wrong

    def __call__(self, images, *arguments, **options):
        refuse(close(images, self.wrong), f"{self.name} was fed the wrong side: ask what it does "
               f"with pictures that are {self.name[-1]} already")  # fmt: skip
        return self.gain * tf.convert_to_tensor(images) + 0.1


def identity_loss(function):
    """Check ``function(to_b, to_a, a, b)``: values, gradients, and who was fed what."""
    for seed, left, right in ((0, (2, 4, 5, 3), (2, 4, 5, 3)), (1, (1, 6, 4, 1), (3, 6, 4, 1))):
        a, b = _pictures(seed, *left), 0.5 * _pictures(seed + 5, *right)
        to_b, to_a = _Generator("to_b", 0.7, a), _Generator("to_a", 1.4, b)
        gaps, given = (0.1 - 0.3 * b, 0.1 + 0.4 * a), (to_b, to_a, tf.constant(a), tf.constant(b))
        _check_sides(function, given, gaps, [to_b.gain, to_a.gain])
    passed("what is there already is left alone.")


def _shuffled(features, factor, order=(0, 1, 3, 2, 4, 5)):
    """The reference; with another order of the six axes, a mistake."""
    count, height, width, channels = features.shape
    parts = features.reshape(count, height, width, factor, factor, channels // factor**2)
    return parts.transpose(order).reshape(count, height * factor, width * factor, -1)


SHUFFLES = (
    ((0, 1, 2, 3, 4, 5), "a reshape alone tears the pixels apart: bring each factor to its axis"),
    ((0, 1, 4, 2, 3, 5), "rows and columns are swapped: the first factor goes down"),
    ((0, 3, 1, 4, 2, 5), "join height with its factor as (H, factor), not (factor, H)"),
)


def pixel_shuffle(function):
    """Check the values of ``function(features, factor)``, also with its default of 2."""
    for *shape, side in ((2, 3, 4, 12, 2), (3, 2, 5, 9, 3), (1, 4, 2, 64, 4), (2, 1, 3, 8, 2)):
        features = _pictures(0, *shape)
        last = features.reshape(*shape[:3], -1, side**2).swapaxes(3, 4).reshape(shape)
        mistakes = [(_shuffled(features, side, order), told) for order, told in SHUFFLES]
        mistakes += [(_shuffled(last, side), "this is PyTorch's order: here C comes last")]
        found = answer(function, tf.constant(features), *([side] if side > 2 else []))
        _judge(found, _shuffled(features, side), mistakes, "the batch")
    passed("channels became pixels, in the order of depth_to_space.")


def pixel_shuffle_graph(function):
    """Check gradient and graph with an open batch size, and that depth_to_space is not used."""
    own, features, push = verdict.own_work(function), _pictures(4, 3, 2, 4, 18), _pictures(5, 432)
    given, push = tf.constant(features), push.reshape(3, 6, 12, 2)
    with tf.GradientTape() as tape:
        tape.watch(given)
        array(found := call(own, given, 3), push.shape, "the batch")
        value = tf.reduce_sum(tf.cast(found, "float32") * push)
    slope = tape.gradient(value, given)
    refuse(slope is None, f"no gradient comes through: {CUT}")
    right = close(_shuffled(slope.numpy(), 3), push)
    refuse(not right, "wrong channels: see the check of its values")
    # As Keras compiles a training step: without rewriting Python loops.
    traced = tf.function(lambda batch: own(batch, 3), autograph=False)
    try:
        graph = traced.get_concrete_function(tf.TensorSpec((None, 2, 4, 18)))
        again = graph(given)
    except Exception as error:
        line = str(error).strip().splitlines()[-1][:150]
        told = f"in a network the batch size is open, and your function stops ({line}): "
        raise verdict.Wrong(told + "write -1 for it in reshape, and no loop over it") from None
    refuse(not close(again, _shuffled(features, 3)), "in a network it returns something else")
    types = {each.type for each in graph.graph.get_operations()}
    refuse("DepthToSpace" in types, "depth_to_space is what you write: reshape and transpose")
    passed("it works in a network, and gradients find their channel.")


@verdict.compares("the PSNR", "10 log10(4 / error) each.", (3, 4, 5, 3), (2, 6, 3, 1), judge=_judge)
def psnr(*shape):
    """Values of ``function(output, truth)``, images of quite different errors."""
    truth = _pictures(0, *shape)
    output = truth * np.geomspace(0.98, 0.4, shape[0], dtype="float32")[:, None, None, None]
    gap = np.abs(output - truth)
    error, mean = (gap**2).mean((1, 2, 3)), gap.mean((1, 2, 3))
    right = 10 * np.log10(4 / error)
    mistakes = [
        (10 * np.log10(4 / (gap**2).mean()), "keep the images apart: the mean over axes 1, 2, 3"),
        (right.mean(), "return the decibels of each image, not their mean"),
        (10 * np.log10(1 / error), "the peak is 2, the width of [-1, 1], not 1"),
        (10 * np.log10(255**2 / error), "the peak is 2, the width of [-1, 1], not 255"),
        (10 * np.log10(2 / error), "square the peak: 4 stands above the mean squared difference"),
        (10 * np.log(4 / error), "the logarithm to base 10, not the natural one"),
        (2 * right, "10 times the logarithm of the squares' ratio; 20 goes with the root"),
        (-right, "the sign is turned round: the peak stands above, the error below"),
        (10 * np.log10(4 / mean), "square the differences"),
        (right - 10 * np.log10(gap[0].size), "the mean over the pixels, not their sum"),
        (error, "this is the mean squared difference: turn it into decibels"),
    ]
    return [output, truth], right, mistakes


def _ranks(outputs, truths, power=2):
    """The reference, and the distances (N, N), a row for each output."""
    flat = [each.reshape(len(each), -1).astype("float64") for each in (outputs, truths)]
    errors = (np.abs(flat[0][:, None] - flat[1][None]) ** power).mean(axis=-1)
    return (errors < np.diag(errors)[:, None]).sum(axis=1), errors


def rank_of_truth(function):
    """Check ``function(outputs, truths)`` where no two truths are equally near."""
    for seed, shape in ((0, (7, 3, 4, 3)), (1, (12, 2, 2, 1)), (2, (9, 4, 3, 4))):
        truths = _pictures(seed, *shape)
        outputs = 0.2 * truths + 0.8 * _pictures(seed + 5, *shape)
        expected, errors = _ranks(outputs, truths)
        mistakes = [
            (expected + 1, "the best rank is 0: do not count the own truth"),
            (len(truths) - 1 - expected, "count the truths that are nearer, not the farther ones"),
            (_ranks(truths, outputs)[0], "compare each output with all truths, not the reverse"),
            (_ranks(outputs, truths, 1)[0], "the squared difference decides, not its size"),
            (errors.argmin(axis=1), "not which truth is nearest, but how many are nearer"),
            (np.diag(errors.argsort(axis=1)), "argsort names truths: count those that are nearer"),
            (expected > 0, "not only whether another truth is nearer, but how many are"),
        ]
        raw = answer(function, outputs, truths)
        _judge(raw, expected, mistakes, "the array of ranks")
        kind = np.asarray(raw).dtype
        refuse(kind.kind not in "iu", f"the ranks are {kind}, not whole numbers: count")
    passed("0 where no other truth is nearer.")


def rank_of_truth_ties(function):
    """Check truths that are equal, and outputs that are equal to them."""
    truths = np.random.default_rng(3).integers(-2, 3, (6, 3, 2, 3)).astype("float32") / 2
    truths[4] = truths[1]
    for outputs in (truths.copy(), np.roll(truths, 1, axis=0)):
        found = array(answer(function, outputs, truths), (6,), "the ranks")
        refuse(not close(found, _ranks(outputs, truths)[0]), "a truth that is equally near is not "
               "nearer: compare with <, and each output with its own truth")  # fmt: skip
    passed("a truth that is equally near does not count.")
