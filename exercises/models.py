"""What the checks of several notebooks ask of a network: its layers, and its answers."""

import warnings

import keras
import numpy as np

from exercises.answers import answer, own_work
from exercises.verdict import Wrong, close


def built(build, kind, *arguments, **references):
    """The Keras model that ``build(*arguments)`` returns; ``Wrong`` if it is something else.

    Args:
        build: the student's function.
        kind: what the model is called in the message, such as ``"generator"``.
        references: what shall stand for other names of the notebook, as in ``own_work``.
    """
    model = answer(own_work(build, **references), *arguments)
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"your function returns {type(model).__name__}, not a Keras model: end it with "
            f"`return {kind}`"
        )
    if not model.built:
        raise Wrong(
            f"your {kind} does not know the shape of its input yet: let the list of layers begin "
            "with keras.Input(...)"
        )
    return model


def run(model, inputs, training=False):
    """What a network makes of ``inputs``: an array, or a list of them if it has more outputs.

    Keras warns of harmless things, such as inputs given as a list; a warning would cost points.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = model(inputs, training=training)
    many = isinstance(found, (list, tuple))
    return [np.asarray(each) for each in found] if many else np.asarray(found)


def answers(model, inputs, what, training=False):
    """What a network makes of ``inputs``, as an array; ``Wrong`` if it does not take them."""
    try:
        return run(model, inputs, training=training)
    except Exception as error:
        raise Wrong(f"your network does not accept {what}: {str(error)[:200]}") from None


def leaves(model):
    """The layers that hold no other layers, in the order of the data."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def count(model, layer_type):
    """How many layers of a type a model has, at any depth."""
    return sum(isinstance(layer, layer_type) for layer in leaves(model))


def check_one_logit(logits, images, ending="end in Flatten() and Dense(1)"):
    """Raise ``Wrong`` unless there is one number for each image, shape ``(batch, 1)``."""
    if logits.shape == (images, 1):
        return
    per_image = int(np.prod(logits.shape)) // images
    raise Wrong(
        f"your discriminator returns {per_image} numbers for each image (shape {logits.shape}); "
        f"the loss needs one logit: {ending}"
    )


def check_no_sigmoid(logits):
    """Raise ``Wrong`` if the answers to extreme images stay within [0, 1]."""
    if logits.min() >= 0.0 and logits.max() <= 1.0:
        raise Wrong(
            "your discriminator returns probabilities between 0 and 1: leave the sigmoid out, "
            "the loss takes logits"
        )


def check_tanh(images):
    """Raise ``Wrong`` unless images made of extreme z use [-1, 1] and stay inside."""
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


def check_parameters(model, reference, kind):
    """Raise ``Wrong`` unless both networks have weights of the same shapes in the same order."""
    found, wanted = (
        [tuple(weight.shape) for weight in network.weights] for network in (model, reference)
    )
    if found != wanted:
        raise Wrong(
            f"your {kind} has {model.count_params():,} parameters, the one described has "
            f"{reference.count_params():,}: compare widths, kernels, biases and the order of the "
            "layers"
        )


def agree(model, reference, inputs):
    """Whether both networks, given the same random weights, give the same outputs."""
    random = np.random.default_rng(1)
    values = []
    for weight in reference.weights:
        value = 0.05 * random.normal(size=weight.shape)
        scale = weight.path.endswith(("variance", "gamma"))  # of BatchNorm: about 1
        values.append(1.0 + np.abs(value) if scale else value)
    for network in (model, reference):
        network.set_weights(values)
    return close(run(model, inputs), run(reference, inputs))


def wrong_activation(model, wanted, order):
    """The likely reason why a network with the right weights gives other numbers."""
    slopes = [
        round(float(layer.negative_slope), 3)
        for layer in leaves(model)
        if isinstance(layer, keras.layers.LeakyReLU)
    ]
    if len(slopes) != wanted:
        return f"your network has {len(slopes)} LeakyReLU, wanted {wanted}: {order}"
    if any(slope != 0.3 for slope in slopes):
        return f"the slopes of your LeakyReLU are {slopes}, wanted Keras's own, 0.3: LeakyReLU()"
    return (
        "with the weights of the reference your network gives other numbers: check the order "
        f"({order}), the strides, and that no layer has another activation"
    )


def check_normalized(model, reference, *, norms, order):
    """Raise ``Wrong`` unless a generator is the reference: BatchNorm, LeakyReLU, weights, order."""
    found = count(model, keras.layers.BatchNormalization)
    if found != norms:
        raise Wrong(
            f"your generator has {found} BatchNormalization, wanted {norms}: one behind each of "
            "the first three layers with weights, none at the end"
        )
    if count(model, keras.layers.Dropout):
        raise Wrong("your generator has Dropout: in this one only the discriminator drops")
    if model.output_shape[1:] != reference.output_shape[1:]:
        raise Wrong(
            f"your generator draws images of shape {model.output_shape[1:]}, wanted "
            f"{reference.output_shape[1:]}: look at the strides, at padding and at the filters"
        )
    check_parameters(model, reference, "generator")
    z = np.random.default_rng(0).normal(size=(4, *model.input_shape[1:])).astype("float32")
    if not agree(model, reference, z):
        raise Wrong(wrong_activation(model, norms, order))


def check_dropped(model, reference):
    """Raise ``Wrong`` unless a discriminator is the reference, with its two dropouts of 0.3."""
    if count(model, keras.layers.BatchNormalization):
        raise Wrong(
            "your discriminator has BatchNormalization: this one has none, because the images of "
            "a batch shall be judged one by one"
        )
    if model.input_shape != reference.input_shape:
        raise Wrong(
            f"your discriminator takes images of shape {model.input_shape[1:]}, wanted "
            f"{reference.input_shape[1:]}"
        )
    shape = (4, *model.input_shape[1:])
    images = np.random.default_rng(0).uniform(-1, 1, shape).astype("float32")
    check_one_logit(run(model, images, training=False), 4)
    check_no_sigmoid(run(model, 200 * images, training=False))
    check_parameters(model, reference, "discriminator")
    if not agree(model, reference, images):
        raise Wrong(wrong_activation(model, 2, "convolution, LeakyReLU, Dropout"))
    rates = [layer.rate for layer in leaves(model) if isinstance(layer, keras.layers.Dropout)]
    if len(rates) != 2 or not np.allclose(rates, 0.3):
        raise Wrong(
            f"the rates of your Dropout layers are {rates}, wanted [0.3, 0.3]: there is one "
            "dropout behind each LeakyReLU"
        )
