"""Checks of notebook 02: the generator and the discriminator of SPEC D2, layer by layer."""

import keras
import numpy as np

from helpers import networks
from helpers.checks import digits
from helpers.checks.verdict import Wrong, built, close, passed

IMAGE = (32, 32, 3)
WEIGHTED = (keras.layers.Dense, keras.layers.Conv2D, keras.layers.Conv2DTranspose)
# Layers with a kernel: type, output of one image, kernel size, bias.
GENERATOR = (
    ("Dense", (8 * 8 * 256,), None, False),
    ("Conv2DTranspose", (8, 8, 128), (5, 5), True),
    ("Conv2DTranspose", (16, 16, 64), (5, 5), True),
    ("Conv2DTranspose", (32, 32, 3), (5, 5), True),
)
DISCRIMINATOR = (
    ("Conv2D", (16, 16, 64), (5, 5), True),
    ("Conv2D", (8, 8, 128), (5, 5), True),
    ("Dense", (1,), None, True),
)


def generator_images(build):
    """Check that z of 100 numbers becomes a picture of 32x32x3 in [-1, 1], and that z matters."""
    digits.generator(build, latent_dim=100, image_shape=IMAGE)


def generator_layers(build):
    """Check type, output, kernel and bias of the four layers with a kernel (SPEC D2)."""
    _check_plan(built(build, "generator"), GENERATOR)
    passed("a dense layer and three transposed convolutions, each of the wanted size.")


def generator_normalises(build):
    """Check BatchNorm and LeakyReLU: with equal weights the images must be those of SPEC D2."""
    model, reference = built(build, "generator"), networks.CATALOGUE["D2"].generator()
    found = _count(model, keras.layers.BatchNormalization)
    if found != 3:
        raise Wrong(
            f"your generator has {found} BatchNormalization, wanted 3: one behind each of the "
            "first three layers with weights, none at the end"
        )
    if _count(model, keras.layers.Dropout):
        raise Wrong("your generator has Dropout: in this one only the discriminator drops")
    _check_parameters(model, reference, "generator")
    z = np.random.default_rng(0).normal(size=(4, 100)).astype("float32")
    if not _agree(model, reference, z):
        raise Wrong(_wrong_activation(model, 3, "layer, BatchNormalization, LeakyReLU"))
    passed("BatchNorm and LeakyReLU stand where they should, 2,733,699 parameters.")


def discriminator_logit(build):
    """Check that the discriminator gives one logit for each image, not squashed."""
    digits.discriminator(build, image_shape=IMAGE)


def discriminator_layers(build):
    """Check type, output, kernel and bias of the three layers with a kernel (SPEC D2)."""
    _check_plan(built(build, "discriminator"), DISCRIMINATOR)
    passed("two convolutions that halve the picture and a dense layer.")


def discriminator_drops(build):
    """Check LeakyReLU and dropout: with equal weights the logits must be those of SPEC D2."""
    model, reference = built(build, "discriminator"), networks.CATALOGUE["D2"].discriminator()
    if _count(model, keras.layers.BatchNormalization):
        raise Wrong(
            "your discriminator has BatchNormalization: this one has none, because the images of "
            "a batch shall be judged one by one"
        )
    _check_parameters(model, reference, "discriminator")
    images = np.random.default_rng(0).uniform(-1, 1, (4, *IMAGE)).astype("float32")
    if not _agree(model, reference, images):
        raise Wrong(_wrong_activation(model, 2, "convolution, LeakyReLU, Dropout"))
    rates = [layer.rate for layer in _leaves(model) if isinstance(layer, keras.layers.Dropout)]
    if len(rates) != 2 or not np.allclose(rates, 0.3):
        raise Wrong(
            f"the rates of your Dropout layers are {rates}, wanted [0.3, 0.3]: one behind each "
            "LeakyReLU"
        )
    digits.discriminator_drops(build)


def _leaves(model):
    """The layers that hold no other layers, in the order of the data."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from _leaves(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def _count(model, layer_type):
    return sum(isinstance(layer, layer_type) for layer in _leaves(model))


def _check_plan(model, plan):
    """Raise ``Wrong`` at the first layer with a kernel that is not the one of ``plan``."""
    layers = [layer for layer in _leaves(model) if isinstance(layer, WEIGHTED)]
    for number, (layer, wanted) in enumerate(zip(layers, plan, strict=False), start=1):
        _check_layer(f"layer {number} of those with a kernel", layer, wanted)
    if len(layers) != len(plan):
        names = ", ".join(type(layer).__name__ for layer in layers) or "none"
        raise Wrong(
            f"your network has {len(layers)} layers with a kernel ({names}), wanted {len(plan)}: "
            f"{', '.join(name for name, *_ in plan)}"
        )


def _check_layer(place, layer, wanted):
    kind, shape, kernel, bias = wanted
    if type(layer).__name__ != kind:
        raise Wrong(f"{place} is {type(layer).__name__}, wanted {kind}")
    try:
        found = tuple(layer.output.shape[1:])
    except AttributeError:
        raise Wrong("the sizes cannot be read: write the network as keras.Sequential") from None
    if found != shape:
        raise Wrong(f"{place} gives {_size(found)}, wanted {_size(shape)}: {_cause(found, shape)}")
    if kernel and layer.kernel_size != kernel:
        raise Wrong(f"{place} has a kernel of {_size(layer.kernel_size)}, wanted {_size(kernel)}")
    if layer.use_bias and not bias:
        raise Wrong(
            f"{place} has a bias, which the BatchNorm behind it subtracts again: use_bias=False"
        )
    if bias and not layer.use_bias:
        raise Wrong(f"{place} has no bias: only the dense layer of the generator goes without")


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


def _check_parameters(model, reference, kind):
    found, wanted = (
        [tuple(weight.shape) for weight in network.weights] for network in (model, reference)
    )
    if found != wanted:
        raise Wrong(
            f"your {kind} has {model.count_params():,} parameters, the one described has "
            f"{reference.count_params():,}: compare widths, kernels, biases and the order of the "
            "layers"
        )


def _agree(model, reference, inputs):
    """Whether both networks, given the same random weights, give the same outputs."""
    random = np.random.default_rng(1)
    values = []
    for weight in reference.weights:
        value = 0.05 * random.normal(size=weight.shape)
        values.append(1.0 + np.abs(value) if "variance" in weight.path else value)
    for network in (model, reference):
        network.set_weights(values)
    return close(model(inputs, training=False), reference(inputs, training=False))


def _wrong_activation(model, wanted, order):
    slopes = [
        round(float(layer.negative_slope), 3)
        for layer in _leaves(model)
        if isinstance(layer, keras.layers.LeakyReLU)
    ]
    if len(slopes) != wanted:
        return f"your network has {len(slopes)} LeakyReLU, wanted {wanted}: {order}"
    if any(slope != 0.3 for slope in slopes):
        return f"the slopes of your LeakyReLU are {slopes}, wanted Keras's own, 0.3: LeakyReLU()"
    return (
        "with the weights of the reference your network gives other numbers: check the order "
        f"({order}) and that no layer has a second activation"
    )
