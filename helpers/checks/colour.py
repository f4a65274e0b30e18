"""Checks of notebook 02: the generator and the discriminator of SPEC D2, layer by layer."""

import keras

from helpers import networks
from helpers.checks import digits, models
from helpers.checks.models import built
from helpers.checks.verdict import Wrong, passed

D2 = networks.CATALOGUE["D2"]
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
    model = built(build, "generator")
    order = "layer, BatchNormalization, LeakyReLU"
    models.check_normalised(model, D2.generator(), norms=3, order=order)
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
    digits.discriminator_drops(build, D2.discriminator)


def _check_plan(model, plan):
    """Raise ``Wrong`` at the first layer with a kernel that is not the one of ``plan``."""
    layers = [layer for layer in models.leaves(model) if isinstance(layer, WEIGHTED)]
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
