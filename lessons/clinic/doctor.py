"""A doctor for GANs: watches a run, says in words what it sees and what to try.

``Doctor`` is a Keras callback for every notebook; ``examine`` takes one of its check-ups, and
``rules.diagnose`` reads the recorded numbers. Taught in notebook 07.
Source: slides_reasons, lecture_tricks.
"""

import keras
import numpy as np
import tensorflow as tf

from helpers import checking, losses
from helpers.images import to_float
from helpers.training.base import output_range
from lessons.clinic.rules import diagnose


def examine(gan, images, z, before=None):
    """One check-up of the players: a dict of floats, and the pictures of ``z`` for the next one.

    The run is left as it was: moving averages and random states are put back.

    Args:
        gan: a ``training.GAN`` or one of its subclasses.
        images: float array, real images as the discriminator gets them, ``(N, H, W, C)``.
        z: float array ``(N, latent_dim)``, the same at every check-up.
        before: the pictures that the last check-up returned.

    Returns:
        (numbers, pictures). The numbers are those that ``diagnose`` knows, and ``signal``: the
        mean norm of the gradient of the generator's loss by a fake image, times the number of
        images: all that the generator learns from. ``nan`` where there is nothing to compare.
    """
    state = [(each, keras.ops.convert_to_numpy(each)) for each in gan.non_trainable_variables]
    labels = None
    if hasattr(gan, "num_classes"):
        labels = np.arange(len(z), dtype="int32") % gan.num_classes
    try:
        pictures = gan.generate(z)
        inferred = np.asarray(gan.draw(tf.constant(z), labels, training=False))
        trained = np.asarray(gan.draw(tf.constant(z), labels, training=True))
        signal = _signal(gan, tf.constant(trained), images, labels)
    finally:  # BatchNorm's averages have moved
        for variable, value in state:
            variable.assign(value)
    low, high = output_range(gan.generator) or (np.nan, np.nan)
    unit = _unit(images, (low, high))
    return {
        "spread": _spread(_coarse(pictures)) / (unit * _spread(_coarse(images)) / _spread(images)),
        "change": np.nan if before is None else _rms(pictures - before) / unit,
        "mode_gap": _rms(trained - inferred) / unit,
        "signal": signal,
        "real_low": float(images.min()),
        "real_high": float(images.max()),
        "fake_low": low,
        "fake_high": high,
    }, pictures


def _signal(gan, fake, images, labels):
    real = tf.constant(images[: len(fake)])
    fake = fake[: len(real)]
    labels = None if labels is None else labels[: len(real)]
    with tf.GradientTape() as tape:
        tape.watch(fake)
        logits = gan.judge(fake, labels), gan.judge(real, labels)
        loss = losses.generator_loss(gan.loss_kind, *logits)
    gradient = tape.gradient(loss, fake)
    each = tf.sqrt(tf.reduce_sum(tf.square(gradient), axis=(1, 2, 3)))
    return float(len(real) * tf.reduce_mean(each))


def _spread(images):
    """Root of the mean variance of a pixel over the images."""
    return float(np.sqrt(np.mean(np.var(images, axis=0)))) + 1e-12


def _rms(difference):
    return float(np.sqrt(np.mean(np.square(difference))))


def _coarse(images):
    """Means of 4x4 pixels: whether shapes differ, and not only their grain."""
    count, height, width, channels = images.shape
    rows, columns = height // 4, width // 4
    if min(rows, columns) < 2:
        return images
    cut = images[:, : 4 * rows, : 4 * columns]
    return cut.reshape(count, rows, 4, columns, 4, channels).mean(axis=(2, 4))


def _unit(images, reach):
    """Spread of real images stretched to the generator's range: a wrong scale changes nothing."""
    low, high = reach
    stretch = (high - low) / max(float(np.ptp(images)), 1e-12) if np.isfinite(high) else 1.0
    return _spread(images) * stretch


class Doctor(keras.callbacks.Callback):
    """Takes a check-up every ``every`` steps and says when it sees something.

    Args:
        images: some hundred training images: uint8, then they are scaled to the model's
            ``value_range`` as ``training.train`` does; or floats as the model gets them.
        every: steps between two check-ups.
        count: images and samples that a check-up looks at.
        verbose: print a finding as soon as it is there, and the verdict at the end.

    Attributes:
        history: name -> list with one number for each check-up, for ``diagnose``.
        curves: name -> list with one number for each step of training: the losses.

    It works with every model of ``helpers.training`` that has a generator and a discriminator,
    and does not change the run that it watches.
    """

    def __init__(self, images, *, every=100, count=64, verbose=True):
        super().__init__()
        self.count = checking.whole(count, "count", at_least=2)
        self.every = checking.whole(every, "every")
        self.images, self.verbose = checking.images(images)[:count], verbose
        self.resume()

    def resume(self, epoch=0, history=None):
        """Forget the run so far; ``training.train`` calls this when it starts or goes on."""
        self.history, self.curves = {}, {}
        self.step, self.pictures, self.reported = 0, None, set()

    def on_train_begin(self, logs=None):
        if self.images.dtype == np.uint8:
            value_range = self.model.value_range or (-1.0, 1.0)
            self.images = to_float(self.images, value_range)
        self.images = self.images.astype("float32")
        self.z = np.asarray(self.model.sample_z(self.count, seed=0))

    def on_epoch_begin(self, epoch, logs=None):
        self.done, self.sums = 0, {}

    def on_train_batch_end(self, batch, logs=None):
        # The logs are means since the start of the epoch; wanted is this step alone.
        done, new = batch + 1, batch + 1 - self.done
        for name in ("d_loss", "g_loss", "d_accuracy"):
            if name in (logs or {}):
                total = done * float(logs[name])
                self.curves.setdefault(name, []).append((total - self.sums.get(name, 0.0)) / new)
                self.sums[name] = total
        self.done, before = done, self.step
        self.step += new
        if self.step // self.every > before // self.every:
            self._check_up()

    def _check_up(self):
        numbers, self.pictures = examine(self.model, self.images, self.z, self.pictures)
        for name, values in self.curves.items():
            numbers[name] = float(np.mean(values[-self.every :]))
        for name, value in (("step", self.step), *numbers.items()):
            self.history.setdefault(name, []).append(value)
        for finding in self.findings():
            if self.verbose and finding.name not in self.reported:
                print(f"\nDoctor, {finding}")
            self.reported.add(finding.name)

    def findings(self):
        """What the numbers so far complain of: a list of ``Finding``."""
        return diagnose(self.history, self.model.loss_kind)

    def on_train_end(self, logs=None):
        if self.verbose:
            print("\n" + self.report())

    def report(self):
        """The verdict in words, one line for each finding."""
        healthy = f"Doctor: no complaint in {len(self.history.get('step', []))} check-ups."
        return "\n".join(f"Doctor, {finding}" for finding in self.findings()) or healthy
