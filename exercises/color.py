"""Checks of notebook 02: assignment_cifar layer by layer, a larger network, hinge, shifts."""

import keras
import numpy as np
import tensorflow as tf
from keras import layers

from exercises import digits, models, verdict
from exercises.models import built
from exercises.verdict import Wrong, answer, check_number, close, compares, explain, passed, refuse
from helpers import networks

assignment_cifar = networks.CATALOGUE["assignment_cifar"]
IMAGE = (32, 32, 3)
WEIGHTED = (layers.Dense, layers.Conv2D, layers.Conv2DTranspose)


def generator_images(build):
    """Check that z of 100 numbers becomes a picture of 32x32x3 in [-1, 1], and that z matters."""
    digits.generator(build, latent_dim=100, image_shape=IMAGE)


def generator_layers(build):
    """Check type, output, kernel and bias of the four layers with a kernel (assignment_cifar)."""
    _check_plan(built(build, "generator"), assignment_cifar.generator())
    passed("a dense layer and three transposed convolutions, each of the wanted size.")


def generator_normalizes(build):
    """Check BatchNorm and LeakyReLU: equal weights must give the images of assignment_cifar."""
    models.check_generator(built(build, "generator"), assignment_cifar.generator())
    passed("BatchNorm and LeakyReLU stand where they should, 2,733,504 parameters.")


def discriminator_logit(build):
    """Check that the discriminator gives one logit for each image, not squashed."""
    digits.discriminator(build, image_shape=IMAGE)


def discriminator_layers(build):
    """Check type, output, kernel and bias of the three layers with a kernel (assignment_cifar)."""
    _check_plan(built(build, "discriminator"), assignment_cifar.discriminator())
    passed("two convolutions that halve the picture and a dense layer.")


def discriminator_drops(build):
    """Check LeakyReLU and dropout: equal weights must give the logits of assignment_cifar."""
    digits.discriminator_drops(build, assignment_cifar.discriminator)


def _check_plan(model, reference):
    """Raise ``Wrong`` at the first layer with a kernel that is not the one of ``reference``."""
    found, plan = (models.of_type(each, WEIGHTED) for each in (model, reference))
    for number, pair in enumerate(zip(found, plan, strict=False), start=1):
        _check_layer(f"layer {number} of those with a kernel", *pair)
    names, wanted = (", ".join(type(layer).__name__ for layer in each) for each in (found, plan))
    refuse(len(found) != len(plan), f"your network has {len(found)} layers with a kernel "
           f"({names or 'none'}), wanted {len(plan)}: {wanted}")  # fmt: skip


def _check_layer(place, layer, reference):
    name, kind = (type(each).__name__ for each in (layer, reference))
    refuse(name != kind, f"{place} is {name}, wanted {kind}")
    try:
        found, shape = (tuple(each.output.shape[1:]) for each in (layer, reference))
    except AttributeError:
        raise Wrong("the sizes cannot be read: write the network as keras.Sequential") from None
    size, kernel = (getattr(each, "kernel_size", ()) for each in (layer, reference))
    bias = reference.use_bias
    refuse(found != shape, f"{place} gives {_size(found)}, wanted {_size(shape)}: "
           f"{_cause(found, shape)}")  # fmt: skip
    refuse(size != kernel, f"{place} has a kernel of {_size(size)}, wanted {_size(kernel)}")
    refuse(layer.use_bias and not bias, f"{place} has a bias, the generator's four have none: "
           "use_bias=False")  # fmt: skip
    refuse(bias and not layer.use_bias, f"{place} has no bias: the discriminator's layers keep "
           "theirs")  # fmt: skip


def _size(shape):
    return " x ".join(map(str, shape))


def _cause(found, wanted):
    """What to change when a layer's output is not the wanted one."""
    if len(found) != len(wanted):
        return "look at Reshape and Flatten in front of it"
    if len(wanted) == 1:
        return "change its number of units"
    if found[:2] == wanted[:2]:
        return "change its number of filters"
    return 'look at its stride, at padding="same", and at the size in front of it'


def reference_even_generator(latent_dim=42):
    """z -> images (64, 64, 3) in [-1, 1], by resize and convolution from 8x8."""
    body = [layers.Dense(8 * 8 * 32, use_bias=False), layers.Reshape((8, 8, 32))]
    for filters in (32, 16):
        body += [layers.BatchNormalization(), layers.LeakyReLU(), layers.UpSampling2D()]
        body.append(layers.Conv2D(filters, 3, padding="same", use_bias=False))
    body += [layers.BatchNormalization(), layers.LeakyReLU(), layers.UpSampling2D()]
    body.append(layers.Conv2D(3, 3, padding="same", activation="tanh"))
    return keras.Sequential([keras.Input((latent_dim,)), *body])


def even_generator(build):
    """Check ``build(latent_dim)``: images of 64x64x3 in [-1, 1], and that z matters."""
    for latent_dim in (42, 6):
        model = built(build, "generator", latent_dim)
        z = models.normal(latent_dim, 4, latent_dim)
        sentence = ("four z give images of shape {found}, wanted {wanted}: 8 pixels must double "
                    "three times")  # fmt: skip
        models.check_pictures(model, z, (64, 64, 3), sentence)
    passed("64x64 in color, in [-1, 1].")


def even_generator_is_even(build):
    """Check that no stride leaves a grid, and that the picture grows from a small one."""
    model = built(build, "generator", 6)
    for layer in models.of_type(model, layers.Conv2DTranspose):
        kernel, strides = layer.kernel_size, layer.strides
        uneven = any(k % s for k, s in zip(kernel, strides, strict=True))
        refuse(uneven, f"a transposed convolution has a kernel of {_size(kernel)} and a stride of "
               f"{_size(strides)}: the kernel is no multiple of the stride, which is the "
               "checkerboard. Resize first, then convolve, or change the kernel")  # fmt: skip
    pictures = [layer.output.shape[1:] for layer in models.leaves(model)]
    smallest = min((shape[0] for shape in pictures if len(shape) == 3), default=64)
    convolutions = models.of_type(model, (layers.Conv2D, layers.Conv2DTranspose))
    refuse(smallest > 16, f"the smallest picture in your generator has {smallest} pixels a side: "
           "begin with a small one, such as 8x8, and let it grow")  # fmt: skip
    refuse(not convolutions, "there is no convolution in your generator: after each resize comes "
           "one")  # fmt: skip
    refuse(len(models.of_type(model, layers.BatchNormalization)) < 2, "BatchNormalization is "
           "missing: put one behind each layer but the last")  # fmt: skip
    passed(f"no stride leaves a grid; the picture grows from {smallest} to 64 pixels.")


def _relu(x):
    return np.maximum(x, 0.0)


@compares("hinge_discriminator_loss", "the discriminator's hinge, {0:.4f} on the last test logits.",
          *digits.LOGITS, judge=check_number)  # fmt: skip
def hinge_discriminator(real, fake):
    """Check ``function(real_logits, fake_logits)``: each side is content beyond a margin of 1."""
    of_real, of_fake = _relu(1 - real).mean(), _relu(1 + fake).mean()
    expected = of_real + of_fake
    return (real, fake), expected, [
        (_relu(1 + real).mean() + _relu(1 - fake).mean(), "the signs are swapped: real logits "
         "should lie above 1, fake ones below -1"),
        (of_real, "the fake images are missing: add their term"),
        (of_fake, "the real images are missing: add their term"),
        (_relu(-real).mean() + _relu(fake).mean(), "the margin is missing: a real logit costs "
         "nothing only from 1 on"),
        ((1 - real).mean() + (1 + fake).mean(), "without relu this is the Wasserstein loss: what "
         "lies beyond the margin must cost nothing"),
        (_relu(1 - real).mean() + _relu(1 - fake).mean(), "fake logits should lie below -1: their "
         "term is relu(1 + logit)"),
        (_relu(1 - real.mean()) + _relu(1 + fake.mean()), "relu comes first, then the mean: "
         "otherwise one sure image pays for another"),
        (np.square(_relu(1 - real)).mean() + np.square(_relu(1 + fake)).mean(), "the hinge is not "
         "squared"),
        (len(real) * expected, "take the mean over the batch, not the sum"),
        (expected / 2, "the two terms are added, not averaged"),
    ]  # fmt: skip


@compares("hinge_generator_loss", "the generator's side, {0:.4f} on the last test logits.",
          *digits.LOGITS, judge=check_number)  # fmt: skip
def hinge_generator(_, fake):
    """Check ``function(fake_logits)``: the generator wants logits as large as they can get."""
    expected = -fake.mean()
    return (fake,), expected, [
        (fake.mean(), "the sign is wrong: a loss is made small, the logits shall grow"),
        (_relu(1 - fake).mean(), "the generator has no margin: beyond it, it would learn nothing "
         "more"),
        (_relu(1 + fake).mean(), "that is the discriminator's term for fakes"),
        (_relu(-fake).mean(), "no relu here: where the logit is large it would learn nothing"),
        (np.logaddexp(0, -fake).mean(), "that is the cross-entropy of notebook 01"),
        (-fake.sum(), "take the mean over the batch, not the sum"),
        (1 - fake.mean(), "no margin of 1 here"),
    ]  # fmt: skip


def _shift(pictures, down, right):
    """Pictures moved by whole pixels, zeros at the edge: a product with two shifted units."""
    rows, columns = (np.eye(n, k=-k) for n, k in zip(pictures.shape[1:3], (down, right)))
    moved = tf.einsum("yi,bijc->byjc", tf.constant(rows, "float32"), pictures)
    return tf.einsum("xj,byjc->byxc", tf.constant(columns, "float32"), moved)


def _some_pictures(seed, count=3):
    random = np.random.default_rng(seed)
    return tf.constant(random.uniform(0.1, 1, (count, 6, 9, 3)).astype("float32"))


def shift(function):
    """Check ``function(pictures, down, right)`` pixel by pixel."""
    for seed, (down, right) in enumerate(((2, 1), (-1, 3), (1, -2), (0, 0), (-3, 0))):
        pictures, where = _some_pictures(seed), f"down={down}, right={right}"
        found = np.asarray(answer(function, pictures, down, right))
        refuse(found.shape != pictures.shape, f"{where}: pictures of shape {tuple(pictures.shape)} "
               f"come back as {found.shape}: what leaves on one side makes room on the other, the "
               "size stays")  # fmt: skip
        mistakes = [
            (_shift(pictures, -down, -right), "you move the opposite way: down and right are "
             "positive"),
            (_shift(pictures, -down, right), "rows move the opposite way: down is positive"),
            (_shift(pictures, down, -right), "columns move the opposite way: right is positive"),
            (_shift(pictures, right, down), "rows and columns are swapped: axis 1 is the height"),
            (np.roll(pictures, (down, right), (1, 2)), "what leaves on one side comes in on the "
             "other: zeros must come in"),
        ]  # fmt: skip
        expected = np.asarray(_shift(pictures, down, right))
        inside = expected != 0.0
        entered = np.where(inside, 0.0, found).ravel()
        strange = entered[np.argmax(np.abs(entered) > 1e-4)]  # the first, or 0
        otherwise = "a pixel at (y, x) must come from (y - down, x - right)"
        if strange:
            otherwise = f"the pixels that come in must be 0, not {strange:.2f}"
        explain(found, expected, mistakes, where, f"{where}: {otherwise}")
    passed("moved by whole pixels both ways, zeros at the edge.")


def shift_gradient(function):
    """Check that the generator can learn through the shift."""
    pictures, weight = _some_pictures(7), _some_pictures(8)
    with tf.GradientTape() as tape:
        tape.watch(pictures)
        moved = tf.convert_to_tensor(answer(function, pictures, 2, -1))
        shapes = [tuple(each.shape) for each in (weight, moved)]
        refuse(shapes[0] != shapes[1], f"pictures of shape {shapes[0]} come back as {shapes[1]}")
        total = tf.reduce_sum(weight * moved)
    slope = tape.gradient(total, pictures)
    refuse(slope is None, "no gradient comes through your shift: use operations of keras.ops, "
           "NumPy's cut the tape, and the generator would learn nothing")  # fmt: skip
    right = close(slope, _shift(weight, -2, 1))
    refuse(not right, "the gradient does not arrive at the pixels that it belongs to")
    passed("the gradient goes back to where each pixel came from.")


def moved_logits(function):
    """Check ``function(discriminator, real, fake, down, right)``: both are moved alike.

    The shift that it calls is the right one, whatever the student's is.
    """
    for seed, (down, right) in ((1, (2, -1)), (2, (-1, 3))):
        # A small discriminator with random weights that depends on where things are.
        judge = keras.Sequential([keras.Input((6, 9, 3)), layers.Flatten(), layers.Dense(1)])
        random = np.random.default_rng(seed)
        judge.set_weights([random.normal(size=weight.shape) for weight in judge.weights])
        real, fake = _some_pictures(10 + seed, 4), _some_pictures(20 + seed, 3)
        with tf.GradientTape() as tape:
            tape.watch(fake)
            found = answer(function, judge, real, fake, down, right, shift_pictures=_shift)
            refuse(not verdict.is_pair(found), "return two things, (real_logits, fake_logits)")
            total = tf.reduce_sum(found[1])
        _check_moved(found, judge, real, fake, (down, right))
        refuse(tape.gradient(total, fake) is None, "the generator gets no gradient: do not cut the "
               "tape between fake and logit")  # fmt: skip
    passed("real and fake images pass through the same shift.")


def _check_moved(found, judge, real, fake, move):
    found = [np.asarray(each) for each in found]
    both = [np.asarray(judge(_shift(each, *move))) for each in (real, fake)]
    plain = [np.asarray(judge(each)) for each in (real, fake)]
    back = np.asarray(judge(_shift(fake, *(-step for step in move))))
    for (a, b), sentence in (
        (plain, "nothing was moved: send both through shift_pictures before they are judged"),
        ((both[0], plain[1]), "only the real images were moved: then \"moved\" is a sign of real, "
         "and the generator has to paint moved pictures"),
        ((plain[0], both[1]), "only the fake images were moved: real ones must be, too"),
        (both[::-1], "the logits come in the wrong order: real first"),
        ((both[0], back), "both must be moved the same way"),
    ):  # fmt: skip
        refuse(close(found[0], a) and close(found[1], b), sentence)
    for name, one, right in zip(("real", "fake"), found, both, strict=True):
        refuse(one.shape != right.shape, f"the {name} logits have shape {one.shape}, wanted "
               f"{right.shape}")  # fmt: skip
        refuse(not close(one, right), f"the {name} logits are not those of the {name} images moved "
               f"by {move}")  # fmt: skip
