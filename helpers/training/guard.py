"""Checks before and during training: what does not fit stops at once, with the cause named."""

import keras
import numpy as np
import tensorflow as tf

from helpers import checking

LABEL_LAYERS = (keras.layers.Embedding, keras.layers.CategoryEncoding)


class TrainingDiverged(RuntimeError):
    """A loss became NaN or infinite; the message names the step and the likely cause."""


def output_range(network):
    """The range that a network's last activation can reach, as (low, high), or ``None``."""
    for layer in reversed(network.layers):
        if hasattr(layer, "activation"):
            return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(layer.activation.__name__)
        if layer.weights:
            return None
    return None


def check_networks(generator, discriminator):
    """Raise ``ValueError`` unless fake images fit D and D gives one number for each image."""
    for name, network in (("generator", generator), ("discriminator", discriminator)):
        if not network.built:
            raise ValueError(
                f"the {name} does not know the shape of its input yet: let its layers begin with "
                "keras.Input(...)"
            )
    _check_fit(generator.output_shape, discriminator.input_shape)
    _check_one_logit(discriminator.output_shape)


def check_conditional_networks(generator, discriminator):
    """Raise ``ValueError`` unless both networks have the inputs of a conditional GAN."""
    if len(generator.inputs) != 2:
        raise ValueError(
            f"a conditional generator takes [z, labels], this one has {len(generator.inputs)} "
            "input(s): without the label it cannot be asked for a class"
        )
    forms = (len(discriminator.inputs), len(discriminator.outputs))
    if forms not in ((2, 1), (1, 2)):
        raise ValueError(
            f"the discriminator has {forms[0]} input(s) and {forms[1]} output(s); wanted: inputs "
            "[images, labels] and one logit, or input images and outputs [logit, class_logits]"
        )
    _check_fit(generator.output_shape, tuple(discriminator.inputs[0].shape))
    _check_one_logit(tuple(discriminator.outputs[0].shape))


def check_classes(generator, discriminator, num_classes):
    """Raise ``ValueError`` unless the networks' own tables of classes hold ``num_classes``.

    A label beyond an embedding's table is an error on a processor and zeros on a GPU.
    """
    for network in (generator, discriminator):
        for layer in network._flatten_layers():
            rows = getattr(layer, "input_dim", None) or getattr(layer, "num_tokens", None)
            if isinstance(layer, LABEL_LAYERS) and rows < num_classes:
                raise ValueError(
                    f"{layer.name} of {network.name} knows {rows} classes, but num_classes is "
                    f"{num_classes}: build the network for {num_classes} classes"
                )
    if len(discriminator.outputs) == 2 and discriminator.outputs[1].shape[1:] != (num_classes,):
        raise ValueError(
            f"the class logits of {discriminator.name} have shape "
            f"{tuple(discriminator.outputs[1].shape[1:])}, but num_classes is {num_classes}: "
            f"end that branch in Dense({num_classes})"
        )


def check_sorted_networks(generator, discriminator):
    """Raise ``ValueError`` unless G takes z alone and D takes images and labels."""
    if len(generator.inputs) != 1:
        raise ValueError(
            f"the generator has {len(generator.inputs)} inputs, wanted is one: z, which says by "
            "its first numbers which class is meant (for [z, labels] use ConditionalGAN)"
        )
    forms = (len(discriminator.inputs), len(discriminator.outputs))
    if forms != (2, 1):
        raise ValueError(
            f"the discriminator has {forms[0]} input(s) and {forms[1]} output(s); wanted: inputs "
            "[images, labels] and one logit"
        )
    _check_fit(generator.output_shape, tuple(discriminator.inputs[0].shape))
    _check_one_logit(tuple(discriminator.outputs[0].shape))


def _check_fit(made, wanted):
    if made[1:] != wanted[1:]:
        raise ValueError(
            f"the generator makes images of shape {made[1:]}, but the discriminator takes "
            f"{wanted[1:]}: change the last layers of one of them"
        )


def _check_one_logit(shape):
    if shape[1:] != (1,):
        raise ValueError(
            f"the discriminator returns {int(np.prod(shape[1:]))} numbers for each image (output "
            f"shape {shape}); the loss needs one logit, real or fake: end it in Flatten() and "
            "Dense(1)"
        )


def check_autoencoder(encoder, decoder, spread):
    """Raise ``ValueError`` unless encoder and decoder are the two halves of one VAE."""
    shapes = [tuple(output.shape[1:]) for output in encoder.outputs]
    if len(shapes) != 2 or shapes[0] != shapes[1] or len(shapes[0]) != 1:
        raise ValueError(
            f"the encoder's outputs have the shapes {shapes}; wanted are two of one shape "
            "(latent_dim,): the mean and the spread of z"
        )
    if shapes[0][0] < 1:
        raise ValueError("the encoder's z has 0 numbers: latent_dim must be at least 1")
    if tuple(decoder.input_shape[1:]) != shapes[0]:
        raise ValueError(
            f"the encoder makes z of {shapes[0][0]} numbers, but the decoder takes "
            f"{tuple(decoder.input_shape[1:])}: give both the same latent_dim"
        )
    if decoder.output_shape[1:] != encoder.input_shape[1:]:
        raise ValueError(
            f"the decoder makes images of shape {decoder.output_shape[1:]}, but the encoder "
            f"takes {encoder.input_shape[1:]}"
        )
    other = {"log_var": "log_sigma", "log_sigma": "log_var"}.get(spread)
    if any(other in layer.name for layer in encoder.layers if other):
        raise ValueError(
            f'the encoder has an output named after {other}: say spread="{other}", or its '
            "numbers are read as something else"
        )


def check_labels(labels, count, num_classes):
    """Raise ``ValueError`` unless labels are ``count`` integers from 0 to num_classes - 1."""
    labels = np.asarray(labels)
    if not np.issubdtype(labels.dtype, np.integer):
        raise ValueError(f"labels must be integers, got {labels.dtype}: use labels.astype(int)")
    if labels.shape != (count,):
        raise ValueError(f"{count} images need labels of shape ({count},), got {labels.shape}")
    if labels.min() < 0 or labels.max() >= num_classes:
        raise ValueError(
            f"labels run from {labels.min()} to {labels.max()}, but there are {num_classes} "
            f"classes: 0 to {num_classes - 1}"
        )


def check_batch(images, shape, value_range):
    """Raise ``ValueError`` unless a batch of training images fits the networks."""
    images = np.asarray(images)
    if images.ndim != 4 or images.shape[1:] != tuple(shape):
        raise ValueError(
            f"training images must have shape (batch, {', '.join(map(str, shape))}), "
            f"got {images.shape}"
        )
    if not np.issubdtype(images.dtype, np.floating):
        raise ValueError(
            f"training images must be float in {list(value_range or (-1, 1))}, got "
            f"{images.dtype}: scale them with images.to_float"
        )
    if not np.isfinite(images).all():
        raise ValueError("training images hold NaN or infinite values")
    if value_range is not None:
        checking.images(images, value_range=value_range, name="training images")
        low, high = value_range
        if len(images) > 1 and low < 0 and images.min() >= 0:
            raise ValueError(
                f"training images lie in [{images.min():.2f}, {images.max():.2f}], but the "
                f"generator draws in [{low:g}, {high:g}]: scale them with images.to_float, or "
                "pass value_range=None to GAN to train all the same"
            )


def checked(x, shape, value_range):
    """``x`` (an array or a ``tf.data.Dataset``) after ``check_batch`` on it or its first batch."""
    if isinstance(x, tf.data.Dataset):
        for first in x.take(1):
            check_batch(first[0] if isinstance(first, tuple) else first, shape, value_range)
    elif isinstance(x, (np.ndarray, tf.Tensor)):
        check_batch(x, shape, value_range)
    return x


class StopOnNaN(keras.callbacks.Callback):
    """Raises ``TrainingDiverged`` at the first step whose losses are not finite."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        values = {name: float(value) for name, value in (logs or {}).items()}
        if np.isfinite(list(values.values())).all():
            return
        broken = [name for name, value in values.items() if not np.isfinite(value)]
        raise TrainingDiverged(
            f"{', '.join(broken)} became NaN or infinite in epoch {self.epoch + 1}, step "
            f"{batch + 1}. {self._cause()}"
        )

    def _cause(self):
        parts = [
            part.name
            for part in self.model.layers
            if not all(np.isfinite(np.asarray(w)).all() for w in part.weights)
        ]
        rates = ", ".join(
            f"{name} {float(optimizer.learning_rate):.2g}"
            for name, optimizer in self.model.optimizers().items()
        )
        where = (
            f"Weights of {' and '.join(parts)} are not finite"
            if parts
            else ("All weights are still finite, so the loss itself overflowed")
        )
        return (
            f"{where}; learning rates: {rates}. Usual causes: a learning rate that is too high, "
            "or images that are not in the generator's range. Lower the rates and start again "
            "from the last checkpoint."
        )
