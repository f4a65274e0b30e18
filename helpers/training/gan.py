"""The GAN training rule: two networks, two optimizers, one ``train_step``.

Notebook 01 builds this step by step; the class is the same rule with the choices that the
literature offers as arguments of ``compile``.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import losses
from helpers.training import guard


class GAN(keras.Model):
    """A generator and a discriminator, trained against each other by ``compile`` and ``fit``.

    Args:
        generator: z, float32 ``(batch, latent_dim)`` -> images ``(batch, H, W, C)``.
        discriminator: images -> one number for each image, ``(batch, 1)``: a logit, or a
            probability if its last activation is a sigmoid (lecture_dcgan).
        ema_momentum: share of the old weights that the averaged copy of the generator keeps at
            each step, 0 to below 1, or ``None`` for no copy. The copy draws the samples.
        value_range: (low, high) of the training images. ``"auto"`` reads it off the generator's
            last activation; ``None`` switches the check off.
        seed: seed of z, of label noise and of penalties; saved with the model.

    Raises:
        ValueError: the generator's images do not fit the discriminator, or the discriminator
            does not return one number for each image.

    Source: Goodfellow et al. 2014 (arXiv:1406.2661), lab_dcgan; averaging: Yazici et al. 2019
    (arXiv:1806.04498).
    """

    def __init__(
        self,
        generator,
        discriminator,
        *,
        ema_momentum=0.999,
        value_range="auto",
        seed=0,
        name="gan",
    ):
        super().__init__(name=name)
        self.check_networks(generator, discriminator)
        if ema_momentum is not None and not 0.0 <= ema_momentum < 1.0:
            raise ValueError(f"ema_momentum must be None or in [0, 1), got {ema_momentum}")
        self.generator = generator
        self.discriminator = discriminator
        self.ema_momentum = ema_momentum
        self.ema_generator = generator if ema_momentum is None else self._copy(generator)
        # One graph for all batch sizes: called layer by layer from Python, drawing costs more.
        self._drawing = tf.function(self._ema_draw, reduce_retracing=True)
        self.value_range = guard.output_range(generator) if value_range == "auto" else value_range
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.step_count = self.add_weight(
            shape=(), dtype="int64", initializer="zeros", trainable=False, name="step_count"
        )
        self.built = True

    check_networks = staticmethod(guard.check_networks)

    @staticmethod
    def _copy(generator):
        copy = keras.models.clone_model(generator)
        copy.set_weights(generator.get_weights())
        copy.trainable = False
        return copy

    @property
    def latent_dim(self):
        """Length of z."""
        return self.generator.input_shape[-1]

    @property
    def image_shape(self):
        """Shape of one image, (height, width, channels)."""
        return self.discriminator.input_shape[1:]

    def compile(
        self,
        g_optimizer=None,
        d_optimizer=None,
        loss="non_saturating",
        *,
        label_smoothing=0.0,
        label_noise=0.0,
        label_flips=0.0,
        inverted_labels=False,
        discriminator_steps=1,
        simultaneous=False,
        real_penalty=0.0,
        fake_penalty=0.0,
        gradient_penalty=None,
        penalty_every=1,
        augment=None,
        **keras_options,
    ):
        """Choose the optimizers, the loss and the tricks.

        Args:
            g_optimizer, d_optimizer: Keras optimizers; Adam(2e-4, beta_1=0.5) unless given.
            loss: one of ``losses.GAN_LOSSES``.
            label_smoothing: real images get the target 1 - label_smoothing (lecture_tricks), below 0.5.
            label_noise: targets move by a uniform amount up to this towards each other.
            label_flips: share of targets that are exchanged, 0 to 1.
            inverted_labels: real is 0 and fake is 1, as in slides_gan.
            discriminator_steps: steps of D for each step of G.
            simultaneous: take both gradients at the same weights and from the same fakes, as SPEC
                lab_dcgan does; otherwise G answers the discriminator that has just moved.
            real_penalty, fake_penalty: weight of the zero-centered gradient penalty.
            gradient_penalty: weight of the WGAN-GP penalty; 10 with ``loss="wasserstein"``
                unless given, otherwise 0.
            penalty_every: apply the penalties in every n-th step only, n times as strong.
            augment: function of images applied to all that D sees; must be differentiable.
            keras_options: passed to ``keras.Model.compile`` (``jit_compile``,
                ``steps_per_execution``, ``run_eagerly``).
        """
        self.loss_kind = losses.check_kind(loss)
        self._check_choices(label_smoothing, label_noise, label_flips, discriminator_steps)
        self.g_optimizer = g_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5)
        self.d_optimizer = d_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5)
        if self.g_optimizer is self.d_optimizer:
            raise ValueError("g_optimizer and d_optimizer must be two optimizers, not one twice")
        self.label_smoothing, self.label_noise = label_smoothing, label_noise
        self.label_flips, self.inverted_labels = label_flips, inverted_labels
        self.discriminator_steps, self.simultaneous = discriminator_steps, simultaneous
        self.real_penalty, self.fake_penalty = real_penalty, fake_penalty
        wasserstein_default = 10.0 if loss == "wasserstein" else 0.0
        self.gradient_penalty = (
            wasserstein_default if gradient_penalty is None else gradient_penalty
        )
        if penalty_every < 1:
            raise ValueError(f"penalty_every must be at least 1, got {penalty_every}")
        self.penalty_every = penalty_every
        self.augment = augment or (lambda images: images)
        super().compile(optimizer=self.d_optimizer, **keras_options)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)
        names = ("d_loss", "d_loss_real", "d_loss_fake", "g_loss", "d_accuracy")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}

    def _check_choices(self, smoothing, noise, flips, discriminator_steps):
        if (smoothing or noise or flips) and self.loss_kind not in losses.TARGET_LOSSES:
            raise ValueError(
                f"label smoothing, noise and flips need a loss with targets "
                f"({', '.join(losses.TARGET_LOSSES)}), not {self.loss_kind!r}"
            )
        for name, value, limit in (
            ("label_smoothing", smoothing, 0.5),
            ("label_noise", noise, 0.5),
            ("label_flips", flips, 1.0),
        ):
            if not 0.0 <= value < limit:
                raise ValueError(f"{name} must be in [0, {limit}), got {value}")
        if discriminator_steps < 1:
            raise ValueError(f"discriminator_steps must be at least 1, got {discriminator_steps}")

    @property
    def metrics(self):
        return list(getattr(self, "trackers", {}).values())

    def optimizers(self):
        """Name -> optimizer; what a checkpoint must hold besides the weights."""
        return {"g_optimizer": self.g_optimizer, "d_optimizer": self.d_optimizer}

    def call(self, z, training=False):
        return self.generator(z, training=training)

    def fit(self, x=None, *args, callbacks=None, **options):
        """``keras.Model.fit`` after a look at the images; stops at the first NaN."""
        guard.checked(x, self.image_shape, self.value_range)
        callbacks = [*(callbacks or []), guard.StopOnNaN()]
        if isinstance(x, tf.data.Dataset):
            options.setdefault("shuffle", False)  # a Dataset has its own order; Keras would warn
        return super().fit(x, *args, callbacks=callbacks, **options)

    def train_step(self, data):
        """One step of D (or ``discriminator_steps``) and one of G on a batch of real images."""
        images, labels = self.unpack(data)
        for _ in range(self.discriminator_steps - 1):
            self._penalty_when_due(lambda due: self._move_discriminator(images, labels, due))
        move = self._move_both if self.simultaneous else self._move_in_turn
        values = self._penalty_when_due(lambda due: move(images, labels, due))
        self._update_average()
        self.step_count.assign_add(1)
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {metric.name: metric.result() for metric in self.metrics}

    def _penalty_when_due(self, move):
        """Run ``move(weight)`` with the penalties' factor for this step: 0 in those that skip."""
        if self.penalty_every == 1:
            return move(1)
        due = ops.equal(self.step_count % self.penalty_every, 0)
        return tf.cond(due, lambda: move(self.penalty_every), lambda: move(0))

    def unpack(self, data):
        """Images and labels of a batch; a plain GAN ignores labels."""
        return (data[0] if isinstance(data, tuple) else data), None

    def draw(self, z, labels, training):
        """Fake images for z."""
        return self.generator(z, training=training)

    def judge(self, images, labels):
        """Logits of the discriminator in training mode, positive where it says "real"."""
        # A layer called inside train_step does not know that this is training: without the
        # flag, dropout would never drop.
        return self.as_logit(self.discriminator(self.augment(images), training=True))

    def as_logit(self, output):
        """The discriminator's output as a logit that is large for real, whatever its form."""
        if guard.output_range(self.discriminator) == (0.0, 1.0):
            output = ops.clip(output, 1e-7, 1.0 - 1e-7)
            output = ops.log(output) - ops.log(1.0 - output)
        return -output if self.inverted_labels else output

    def sample_z(self, count, seed=None):
        """``count`` rows of z from the standard normal distribution, float32."""
        seed = self.seed_generator if seed is None else seed
        return keras.random.normal((count, self.latent_dim), seed=seed)

    def _move_discriminator(self, images, labels, strength):
        fake = self.draw(self.sample_z(ops.shape(images)[0]), labels, training=True)
        with tf.GradientTape() as tape:
            values, real_logits, fake_logits = self._judge_both(images, fake, labels, strength)
        variables = self.discriminator.trainable_variables
        self.d_optimizer.apply(tape.gradient(values["d_loss"], variables), variables)
        return {**values, "d_accuracy": self._accuracy(real_logits, fake_logits)}

    def _move_in_turn(self, images, labels, strength):
        values = self._move_discriminator(images, labels, strength)
        z = self.sample_z(ops.shape(images)[0])
        paired = self.loss_kind == "relativistic"
        real_logits = self.judge(images, labels) if paired else None
        with tf.GradientTape() as tape:
            fake = self.draw(z, labels, training=True)
            loss = self._generator_side(fake, self.judge(fake, labels), real_logits, labels)
        variables = self.generator.trainable_variables
        self.g_optimizer.apply(tape.gradient(loss, variables), variables)
        return {**values, "g_loss": loss}

    def _move_both(self, images, labels, strength):
        z = self.sample_z(ops.shape(images)[0])
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.draw(z, labels, training=True)
            values, real_logits, fake_logits = self._judge_both(images, fake, labels, strength)
            g_loss = self._generator_side(fake, fake_logits, real_logits, labels)
        g_variables = self.generator.trainable_variables
        d_variables = self.discriminator.trainable_variables
        g_gradients = g_tape.gradient(g_loss, g_variables)
        d_gradients = d_tape.gradient(values["d_loss"], d_variables)
        self.g_optimizer.apply(g_gradients, g_variables)
        self.d_optimizer.apply(d_gradients, d_variables)
        accuracy = self._accuracy(real_logits, fake_logits)
        return {**values, "g_loss": g_loss, "d_accuracy": accuracy}

    def _generator_side(self, fake, fake_logits, real_logits, labels):
        """The generator's loss; a subclass adds what it wants of ``fake`` and ``labels``."""
        return losses.generator_loss(self.loss_kind, fake_logits, real_logits)

    @staticmethod
    def _accuracy(real_logits, fake_logits):
        right = [ops.mean(ops.cast(x, "float32")) for x in (real_logits > 0, fake_logits < 0)]
        return 0.5 * (right[0] + right[1])

    def _judge_both(self, images, fake, labels, strength):
        """What D's step needs: its loss with the terms, and the logits of real and of fake."""
        real_penalty, real_logits = self._penalized(images, labels, strength * self.real_penalty)
        fake_penalty, fake_logits = self._penalized(fake, labels, strength * self.fake_penalty)
        real_targets, fake_targets = self._targets(ops.shape(real_logits))
        real_term, fake_term = losses.discriminator_terms(
            self.loss_kind, real_logits, fake_logits, real_targets, fake_targets
        )
        d_loss = real_term + fake_term + real_penalty + fake_penalty
        if strength * self.gradient_penalty:
            mix = keras.random.uniform((ops.shape(images)[0], 1, 1, 1), seed=self.seed_generator)
            d_loss += (strength * self.gradient_penalty) * losses.unit_gradient_penalty(
                lambda x: self.judge(x, labels), images, fake, mix
            )
        values = {"d_loss": d_loss, "d_loss_real": real_term, "d_loss_fake": fake_term}
        return values, real_logits, fake_logits

    def _penalized(self, images, labels, weight):
        """The weighted zero-centered penalty and the logits, from one pass."""
        if not weight:
            return 0.0, self.judge(images, labels)
        penalty, logits = losses.zero_centered_penalty(lambda x: self.judge(x, labels), images)
        return weight * penalty, logits

    def _targets(self, shape):
        """Targets of real and of fake logits after smoothing, noise and flips."""
        real, fake = 1.0 - self.label_smoothing, 0.0
        if self.label_noise:
            noise = keras.random.uniform((2, *shape), seed=self.seed_generator)
            real, fake = real - self.label_noise * noise[0], fake + self.label_noise * noise[1]
        if self.label_flips:
            flip = keras.random.uniform((2, *shape), seed=self.seed_generator) < self.label_flips
            real, fake = ops.where(flip[0], fake, real), ops.where(flip[1], real, fake)
        return real, fake

    def _update_average(self):
        if self.ema_momentum is None:
            return
        # The first steps change much: a young average must forget the random start.
        step = ops.cast(self.step_count, "float32")
        keep = ops.minimum(self.ema_momentum, (1.0 + step) / (10.0 + step))
        for average, weight in zip(self.ema_generator.weights, self.generator.weights, strict=True):
            average.assign(weight + keep * (average - weight))

    def generate(self, z, *, seed=0, batch_size=250):
        """Images drawn by the averaged generator, as a float32 array ``(N, H, W, C)``.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            batch_size: images drawn at once; bounds the memory.
        """
        z = self.checked_z(z, seed)
        return self.in_batches(lambda part: self._drawing(z[part]), len(z), batch_size)

    def _ema_draw(self, inputs):
        return self.ema_generator(inputs, training=False)

    def checked_z(self, z, seed):
        """``z`` as a float32 array ``(N, latent_dim)``; a number stands for that many rows."""
        if isinstance(z, int):
            if z < 1:
                raise ValueError(f"the number of images must be at least 1, got {z}")
            z = self.sample_z(z, seed=seed)
        z = ops.convert_to_numpy(z).astype("float32")
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"z must have shape (N, {self.latent_dim}), got {z.shape}")
        return z

    @staticmethod
    def in_batches(draw, count, batch_size):
        """Join what ``draw`` gives for each slice of at most ``batch_size`` rows."""
        starts = range(0, count, batch_size)
        parts = [ops.convert_to_numpy(draw(slice(at, at + batch_size))) for at in starts]
        return np.concatenate(parts)
