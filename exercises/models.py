"""What the checks of several notebooks ask of a network: its layers, and its answers."""

import warnings

import keras
import numpy as np

from exercises.verdict import Wrong, answer, close, refuse


def built(build, kind, *arguments, **references):
    """The Keras model that ``build(*arguments)`` returns; ``Wrong`` if it is something else.

    Args:
        build: the student's function.
        kind: what the model is called in the message, such as ``"generator"``.
        references: what shall stand for other names of the notebook, as in ``verdict.answer``.
    """
    model = answer(build, *arguments, **references)
    refuse(not isinstance(model, keras.Model), f"your function returns {type(model).__name__}, not "
           f"a Keras model: end it with `return {kind}`")  # fmt: skip
    refuse(not model.built, f"your {kind} does not know the shape of its input yet: let the list "
           "of layers begin with keras.Input(...)")  # fmt: skip
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


def answers(model, inputs, what, kind="network", training=False):
    """What a network makes of ``inputs``, as an array; ``Wrong`` if it does not take them."""
    try:
        return run(model, inputs, training=training)
    except Exception as error:
        raise Wrong(f"your {kind} does not accept {what}: {str(error)[:200]}") from None


def leaves(model):
    """The layers that contain no other layers, in the order of the data."""
    for layer in model.layers:
        if isinstance(layer, keras.Model):
            yield from leaves(layer)
        elif not isinstance(layer, keras.layers.InputLayer):
            yield layer


def of_type(model, layer_type):
    """The layers of a type that a model has, at any depth."""
    return [layer for layer in leaves(model) if isinstance(layer, layer_type)]


def normal(seed, *shape):
    """Standard normal numbers, float32."""
    return np.random.default_rng(seed).normal(size=shape).astype("float32")


def uniform(seed, *shape):
    """Images with values in [-1, 1], float32."""
    return np.random.default_rng(seed).uniform(-1, 1, shape).astype("float32")


# --- By what it draws or answers ---


def check_pictures(model, z, shape, sentence):
    """Raise ``Wrong`` unless ``z`` become images of ``shape`` in [-1, 1], each its own.

    Args:
        sentence: ``sentence.format(found=..., wanted=...)`` is said of a wrong shape.
    """
    what = f"z of shape {z.shape} for latent_dim={z.shape[1]}"
    found, wanted = answers(model, z, what, "generator").shape, (len(z), *shape)
    refuse(found != wanted, sentence.format(found=found, wanted=wanted))
    check_tanh(run(model, 1000 * z))
    moving = run(model, z, training=True)
    alike = np.abs(moving[0] - moving[1]).max() < 1e-5
    refuse(alike, "two different z give the same image: z must reach the output")


def check_tanh(images):
    """Raise ``Wrong`` unless images made of extreme z use [-1, 1] and stay inside."""
    low, high = images.min(), images.max()
    refuse(low < -1.0001 or high > 1.0001, f"your generator leaves [-1, 1] (it reached {low:.1f} "
           f"and {high:.1f}): the last activation must be tanh")  # fmt: skip
    refuse(low >= -0.01, "your generator never draws below 0, but the data goes down to -1: the "
           "last activation must be tanh, not sigmoid or relu")  # fmt: skip


def check_logits(model, images):
    """Raise ``Wrong`` unless a discriminator gives one logit for each image; returns them."""
    what = f"images of shape {images.shape}"
    logits = answers(model, images, what, "discriminator")
    check_one_logit(logits, len(images))
    check_no_sigmoid(run(model, 200 * images))
    return logits


def check_one_logit(logits, images):
    """Raise ``Wrong`` unless there is one number for each image, shape ``(batch, 1)``."""
    refuse(logits.shape != (images, 1), f"your discriminator returns {logits.size // images} "
           f"numbers for each image (shape {logits.shape}); the loss needs one logit: end in "
           "Flatten() and Dense(1)")  # fmt: skip


def check_no_sigmoid(logits):
    """Raise ``Wrong`` if the answers to extreme images stay within [0, 1]."""
    squashed = logits.min() >= 0.0 and logits.max() <= 1.0
    refuse(squashed, "your discriminator returns probabilities between 0 and 1: leave the sigmoid "
           "out, the loss takes logits")  # fmt: skip


# --- By comparison with a reference ---


def check_generator(model, reference, *, norms=3):
    """Raise ``Wrong`` unless a generator is the reference: BatchNorm, LeakyReLU, weights, order."""
    found = len(of_type(model, keras.layers.BatchNormalization))
    shape, wanted = model.output_shape[1:], reference.output_shape[1:]
    refuse(found != norms, f"your generator has {found} BatchNormalization, wanted {norms}: one "
           "behind each of the first three layers with weights, none at the end")  # fmt: skip
    refuse(of_type(model, keras.layers.Dropout), "your generator has Dropout: in this one only the "
           "discriminator drops")  # fmt: skip
    refuse(shape != wanted, f"your generator draws images of shape {shape}, wanted {wanted}: look "
           "at the strides, at padding and at the filters")  # fmt: skip
    z = normal(0, 4, *model.input_shape[1:])
    order = "layer, BatchNormalization, LeakyReLU"
    _check_same(model, reference, z, "generator", norms, order)


def check_discriminator(model, reference):
    """Raise ``Wrong`` unless a discriminator is the reference, with its two dropouts of 0.3."""
    shape, wanted = model.input_shape, reference.input_shape
    refuse(of_type(model, keras.layers.BatchNormalization), "your discriminator has "
           "BatchNormalization: this one has none, because the images of a batch shall be judged "
           "one by one")  # fmt: skip
    refuse(shape != wanted, f"your discriminator takes images of shape {shape[1:]}, wanted "
           f"{wanted[1:]}")  # fmt: skip
    images = uniform(0, 4, *shape[1:])
    check_logits(model, images)
    order = "convolution, LeakyReLU, Dropout"
    _check_same(model, reference, images, "discriminator", 2, order)
    rates = [layer.rate for layer in of_type(model, keras.layers.Dropout)]
    still, moving = ([run(model, images, mode) for _ in range(2)] for mode in (False, True))
    refuse(len(rates) != 2 or not np.allclose(rates, 0.3), "the rates of your Dropout layers are "
           f"{rates}, wanted [0.3, 0.3]: there is one dropout behind each LeakyReLU")  # fmt: skip
    refuse(not close(*still), "without training the answer must not be random: let Keras switch "
           "dropout")  # fmt: skip
    refuse(close(*moving), "there is no dropout in your discriminator: add Dropout(0.3) after "
           "LeakyReLU")  # fmt: skip


def _check_same(model, reference, inputs, kind, activations, order):
    """Raise ``Wrong`` unless both have the same weights and, with equal ones, the same outputs."""
    found, wanted = ([tuple(w.shape) for w in each.weights] for each in (model, reference))
    numbers = [f"{each.count_params():,}" for each in (model, reference)]
    refuse(found != wanted, f"your {kind} has {numbers[0]} parameters, the one described has "
           f"{numbers[1]}: compare widths, kernels, biases and the order of "
           "the layers")  # fmt: skip
    random, values = np.random.default_rng(1), []
    for weight in reference.weights:
        value = 0.05 * random.normal(size=weight.shape)
        scale = weight.path.endswith(("variance", "gamma"))  # of BatchNorm: about 1
        values.append(1.0 + np.abs(value) if scale else value)
    for network in (model, reference):
        network.set_weights(values)
    if close(run(model, inputs), run(reference, inputs)):
        return
    bent = of_type(model, keras.layers.LeakyReLU)
    slopes = [round(float(layer.negative_slope), 3) for layer in bent]
    refuse(len(bent) != activations, f"your network has {len(bent)} LeakyReLU, wanted "
           f"{activations}: {order}")  # fmt: skip
    refuse(set(slopes) != {0.3}, f"the slopes of your LeakyReLU are {slopes}, wanted Keras's own, "
           "0.3: LeakyReLU()")  # fmt: skip
    raise Wrong("with the weights of the reference your network gives other numbers: check the "
                f"order ({order}), the strides, and that no layer has "
                "another activation")  # fmt: skip
