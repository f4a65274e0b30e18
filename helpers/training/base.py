"""What all models of the course share: networks and images that are checked first, z, batches."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import checking


class TrainingDiverged(RuntimeError):
    """A loss became NaN or infinite; the message names the step and the likely cause."""


class GenerativeModel(keras.Model):
    """The base of the training rules: a subclass brings networks, ``train_step`` and ``draw_z``.

    It names its losses in ``LOSSES`` and returns ``self.log(values)`` from the step (or leaves the
    step to Keras and writes ``compute_loss``); ``latent_dim`` and ``image_shape`` say what its
    networks take.

    Args:
        value_range: (low, high) of the training images, or ``None`` to train on any.
        seed: of all that is drawn in training; its state is saved with the model.
        name: of the model.
    """

    LOSSES = ("loss",)
    ROWS_AT_ONCE = 250  # images drawn at once; bounds the memory

    def __init__(self, *, value_range, seed, name):
        super().__init__(name=name)
        self.value_range = value_range
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.step_count = self.add_weight(
            shape=(), dtype="int64", initializer="zeros", trainable=False, name="step_count"
        )
        self.built = True

    def compile(self, optimizer, **keras_options):
        super().compile(optimizer=optimizer, **keras_options)
        self.trackers = {name: keras.metrics.Mean(name=name) for name in self.LOSSES}

    @property
    def metrics(self):
        return list(getattr(self, "trackers", {}).values())

    def optimizers(self):
        """Name -> optimizer; what a checkpoint saves besides the weights."""
        return {"optimizer": self.optimizer}

    def log(self, values):
        """Add the numbers of one step to the epoch's means; returns these, as Keras wants them."""
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {metric.name: metric.result() for metric in self.metrics}

    def fit(self, x=None, *args, callbacks=None, **options):
        """``keras.Model.fit`` after a look at the images; stops at the first NaN."""
        self.check_images(x)
        if isinstance(x, tf.data.Dataset):
            options.setdefault("shuffle", False)  # a Dataset has its own order; Keras would warn
        return super().fit(x, *args, callbacks=[*(callbacks or []), StopOnNaN()], **options)

    def check_images(self, x):
        """Raise ``ValueError`` unless an array, or the first batch of a data set, can be used."""
        if isinstance(x, tf.data.Dataset):
            x = next(iter(x.take(1)))
            x = x[0] if isinstance(x, tuple) else x
        if isinstance(x, (np.ndarray, tf.Tensor)):
            check_images(x, self.image_shape, self.value_range)

    def sample_z(self, count, seed=None):
        """``count`` rows of z from the standard normal distribution, float32."""
        seed = self.seed_generator if seed is None else seed
        return keras.random.normal((count, self.latent_dim), seed=seed)

    def rows_of_z(self, z, seed):
        """``z`` as a float32 array ``(N, latent_dim)``; a number stands for that many rows."""
        if isinstance(z, int):
            z = self.sample_z(checking.whole(z, "the number of images"), seed=seed)
        return checking.z(ops.convert_to_numpy(z), latent_dim=self.latent_dim)

    def generate(self, z, *, seed=0, batch_size=None):
        """Images drawn from z, as a float32 array ``(N, H, W, C)``.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            batch_size: images drawn at once; bounds the memory.
        """
        z = self.rows_of_z(z, seed)
        return self.in_batches(lambda part: self.draw_z(z[part]), len(z), batch_size)

    def in_batches(self, function, count, batch_size=None):
        """Join what ``function`` gives for each slice of at most ``batch_size`` rows."""
        size = batch_size or self.ROWS_AT_ONCE
        parts = [function(slice(start, start + size)) for start in range(0, count, size)]
        return np.concatenate([ops.convert_to_numpy(part) for part in parts])


def averaged_copy(network):
    """A frozen copy of a network, for the average of its weights."""
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    copy.trainable = False
    return copy


def move_average(average, network, momentum, step_count):
    """Move the weights of an averaged copy toward the network's; ``momentum`` is what it keeps."""
    # The first steps change much: a young average must forget the random start.
    step = ops.cast(step_count, "float32")
    keep = ops.minimum(momentum, (1.0 + step) / (10.0 + step))
    for mean, weight in zip(average.weights, network.weights, strict=True):
        mean.assign(weight + keep * (mean - weight))


def output_range(network):
    """The range that a network's last activation can reach, as (low, high), or ``None``."""
    for layer in reversed(network.layers):
        if hasattr(layer, "activation"):
            return {"tanh": (-1.0, 1.0), "sigmoid": (0.0, 1.0)}.get(layer.activation.__name__)
        if layer.weights:
            return None
    return None


def check_built(**networks):
    """Raise ``ValueError`` unless every network knows the shape of its input."""
    for name, network in networks.items():
        if not network.built:
            raise ValueError(
                f"the {name} does not know the shape of its input yet: let its layers begin with "
                "keras.Input(...)"
            )


def check_pair(generator, discriminator, takes="z", forms=((1, 1),)):
    """Raise ``ValueError`` unless fake images fit D and D gives one number for each image.

    Args:
        takes: the generator's inputs in words, separated by commas.
        forms: allowed numbers of inputs and outputs of the discriminator, one pair each.
    """
    check_built(generator=generator, discriminator=discriminator)
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


def check_images(images, shape, value_range):
    """Raise ``ValueError`` unless a batch of training images fits the networks."""
    images, name = np.asarray(images), "training images"
    if np.issubdtype(images.dtype, np.integer):
        raise ValueError(f"{name} are {images.dtype}: scale them with images.to_float")
    images = checking.images(images, shape=shape, value_range=value_range, name=name)
    if value_range is not None and len(images) > 1 and value_range[0] < 0 <= images.min():
        low, high = value_range
        raise ValueError(
            f"training images lie in [{images.min():.2f}, {images.max():.2f}], but the "
            f"generator draws in [{low:g}, {high:g}]: scale them with images.to_float, or "
            "pass value_range=None to the model to train all the same"
        )


class StopOnNaN(keras.callbacks.Callback):
    """Raises ``TrainingDiverged`` at the first step whose losses are not finite."""

    def on_epoch_begin(self, epoch, logs=None):
        self.epoch = epoch

    def on_train_batch_end(self, batch, logs=None):
        broken = [name for name, value in (logs or {}).items() if not np.isfinite(float(value))]
        if not broken:
            return
        parts = [
            part.name
            for part in self.model.layers
            if not all(np.isfinite(np.asarray(w)).all() for w in part.weights)
        ]
        where = "All weights are still finite, so the loss itself overflowed"
        if parts:
            where = f"Weights of {' and '.join(parts)} are not finite"
        rates = ", ".join(
            f"{name} {float(optimizer.learning_rate):.2g}"
            for name, optimizer in self.model.optimizers().items()
        )
        raise TrainingDiverged(
            f"{', '.join(broken)} became NaN or infinite in epoch {self.epoch + 1}, step "
            f"{batch + 1}. {where}; learning rates: {rates}. Usual causes: a learning rate that is "
            "too high, or images that are not in the generator's range. Lower the rates and start "
            "again from the last checkpoint."
        )
