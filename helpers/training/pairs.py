"""Whether two networks fit each other; asked before training, so that a mistake is explained."""

import numpy as np


def output_range(network):
    """The range that a network's last activation can reach, as (low, high), or ``None``."""
    for layer in reversed(network.layers):
        if hasattr(layer, "activation"):
            return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(layer.activation.__name__)
        if layer.weights:
            return None
    return None


def check_pair(generator, discriminator, takes="z", forms=((1, 1),)):
    """Raise ``ValueError`` unless fake images fit D and D gives one number for each image.

    Args:
        takes: the generator's inputs in words, separated by commas.
        forms: allowed numbers of inputs and outputs of the discriminator, one pair each.
    """
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        if not network.built:
            raise ValueError(
                f"the {name} does not know the shape of its input yet: let its layers begin with "
                "keras.Input(...)"
            )
    if len(generator.inputs) != 1 + takes.count(","):
        raise ValueError(
            f"the generator has {len(generator.inputs)} input(s), but this model gives it {takes}: "
            "ConditionalGAN gives z, labels; GAN and ClassSwitchGAN give z alone"
        )
    form = (len(discriminator.inputs), len(discriminator.outputs))
    if form not in forms:
        known = {
            (1, 1): "images -> one logit",
            (2, 1): "images, labels -> one logit",
            (1, 2): "images -> logit, class logits",
        }
        raise ValueError(
            f"the discriminator has {form[0]} input(s) and {form[1]} output(s); wanted: "
            f"{' or '.join(known[each] for each in forms)}"
        )
    made, wanted = generator.output_shape[1:], tuple(discriminator.inputs[0].shape[1:])
    if made != wanted:
        raise ValueError(
            f"the generator makes images of shape {made}, but the discriminator takes {wanted}: "
            "change the last layers of one of them"
        )
    shape = tuple(discriminator.outputs[0].shape)
    if shape[1:] != (1,):
        raise ValueError(
            f"the discriminator returns {int(np.prod(shape[1:]))} numbers for each image (output "
            f"shape {shape}); the loss needs one logit, real or fake: end it in Flatten() and "
            "Dense(1)"
        )
