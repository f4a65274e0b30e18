"""The GAN training rule: two networks, two optimizers, one ``train_step``.

Notebook 01 builds this step by step; the class is the same rule with the choices that the
literature offers as arguments of ``compile``.
"""

from dataclasses import dataclass

import keras
import tensorflow as tf
from keras import ops

from helpers import checking, losses
from helpers.training.base import (
    GenerativeModel,
    averaged_copy,
    check_pair,
    move_average,
    output_range,
)


@dataclass(frozen=True)
class Targets:
    """What D shall answer for real and for fake images; see ``GAN.compile``."""

    smoothing: float = 0.0
    noise: float = 0.0
    flips: float = 0.0

    def __post_init__(self):
        checking.number(self.smoothing, "label_smoothing", at_least=0, below=0.5)
        checking.number(self.noise, "label_noise", at_least=0, below=0.5)
        checking.number(self.flips, "label_flips", at_least=0, below=1)

    def draw(self, shape, seed):
        """Targets of real and of fake logits, numbers or tensors of ``shape``."""
        real, fake = 1.0 - self.smoothing, 0.0
        if self.noise:
            noise = keras.random.uniform((2, *shape), seed=seed)
            real, fake = real - self.noise * noise[0], fake + self.noise * noise[1]
        if self.flips:
            flip = keras.random.uniform((2, *shape), seed=seed) < self.flips
            real, fake = ops.where(flip[0], fake, real), ops.where(flip[1], real, fake)
        return real, fake


class GAN(GenerativeModel):
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

    LOSSES = ("d_loss", "d_loss_real", "d_loss_fake", "g_loss", "d_accuracy")

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
        self.check_networks(generator, discriminator)
        if ema_momentum is not None:
            checking.number(ema_momentum, "ema_momentum", at_least=0, below=1)
        if value_range == "auto":
            value_range = output_range(generator)
        super().__init__(value_range=value_range, seed=seed, name=name)
        self.generator, self.discriminator = generator, discriminator
        self.latent_dim = generator.inputs[0].shape[-1]
        self.image_shape = tuple(discriminator.inputs[0].shape[1:])
        self.ema_momentum, self.ema_generator = ema_momentum, generator
        if ema_momentum is not None:
            self.ema_generator = averaged_copy(generator)
        # One graph for all batch sizes: called layer by layer from Python, drawing costs more.
        self.draw_z = tf.function(
            lambda inputs: self.ema_generator(inputs, training=False), reduce_retracing=True
        )

    check_networks = staticmethod(check_pair)

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
        simultaneous=False,
        real_penalty=0.0,
        penalty_every=1,
        augment=None,
        **keras_options,
    ):
        """Choose the optimizers, the loss and the tricks.

        Args:
            g_optimizer, d_optimizer: two Keras optimizers; Adam(2e-4, beta_1=0.5) unless given.
            loss: one of ``losses.GAN_LOSSES``.
            label_smoothing: real images get the target 1 - label_smoothing (lecture_tricks),
                below 0.5.
            label_noise: targets move by a uniform amount up to this toward each other.
            label_flips: share of targets that are exchanged, 0 to below 1.
            inverted_labels: real is 0 and fake is 1, as in slides_gan.
            simultaneous: take both gradients at the same weights and from the same fakes, as
                lab_dcgan does; otherwise G answers the discriminator that has just moved.
            real_penalty: weight of the zero-centered gradient penalty on real images.
            penalty_every: apply the penalty in every n-th step only, n times as strong.
            augment: function of images applied to all that D sees; must be differentiable.
            keras_options: of ``keras.Model.compile``, such as ``run_eagerly``.
        """
        self.loss_kind = losses.check_kind(loss)
        self.targets = Targets(label_smoothing, label_noise, label_flips)
        if self.targets != Targets() and loss not in losses.TARGET_LOSSES:
            raise ValueError(
                f"label smoothing, noise and flips need a loss with targets "
                f"({', '.join(losses.TARGET_LOSSES)}), not {loss!r}"
            )
        self.penalty_every = checking.whole(penalty_every, "penalty_every")
        self.inverted_labels, self.simultaneous = inverted_labels, simultaneous
        self.real_penalty, self.augment = real_penalty, augment or (lambda images: images)
        self.g_optimizer, self.d_optimizer = two_optimizers(g_optimizer, d_optimizer)
        super().compile(self.d_optimizer, **keras_options)
        self.g_optimizer.build(self.generator.trainable_variables)
        self.d_optimizer.build(self.discriminator.trainable_variables)

    def optimizers(self):
        return {"g_optimizer": self.g_optimizer, "d_optimizer": self.d_optimizer}

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    # --- One step ---

    def train_step(self, data):
        """One step of both players on a batch of real images, then one of the averaged copy."""
        images, labels = self.unpack(data)
        weight = self.penalty_every * self.real_penalty
        if self.real_penalty and self.penalty_every > 1:
            due = ops.equal(self.step_count % self.penalty_every, 0)
            values = tf.cond(
                due, lambda: self.step(images, labels, weight), lambda: self.step(images, labels, 0)
            )
        else:
            values = self.step(images, labels, weight)
        self.update_average()
        self.step_count.assign_add(1)
        return self.log(values)

    def step(self, images, labels, penalty_weight):
        """One step of D, then one of G; returns the losses."""
        count = ops.shape(images)[0]
        z = self.sample_z(count)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.draw(z, labels)
            penalty, real_logits = self.judge_penalized(images, labels, penalty_weight)
            fake_logits = self.judge(fake, labels)
            targets = self.targets.draw(ops.shape(real_logits), self.seed_generator)
            real_loss, fake_loss = losses.discriminator_terms(
                self.loss_kind, real_logits, fake_logits, *targets
            )
            class_losses = self.class_loss(images, labels), self.class_loss(fake, labels)
            d_loss = real_loss + fake_loss + penalty + sum(class_losses)
            g_loss = losses.generator_loss(self.loss_kind, fake_logits, real_logits)
            g_loss += class_losses[1]
        self.update(self.discriminator, self.d_optimizer, d_tape, d_loss)
        accuracy = share_right(real_logits, fake_logits)

        if not self.simultaneous:  # G answers the discriminator that has just moved
            z = self.sample_z(count)
            if self.loss_kind == "relativistic":
                real_logits = self.judge(images, labels)
            with tf.GradientTape() as g_tape:
                fake = self.draw(z, labels)
                fake_logits = self.judge(fake, labels)
                g_loss = losses.generator_loss(self.loss_kind, fake_logits, real_logits)
                g_loss += self.class_loss(fake, labels)
        self.update(self.generator, self.g_optimizer, g_tape, g_loss)
        return dict(zip(self.LOSSES, (d_loss, real_loss, fake_loss, g_loss, accuracy), strict=True))

    @staticmethod
    def update(network, optimizer, tape, loss):
        """Move the weights of one network down the slope of its own loss."""
        variables = network.trainable_variables
        optimizer.apply(tape.gradient(loss, variables), variables)

    def update_average(self):
        """Move the averaged generator toward the generator."""
        if self.ema_momentum is not None:
            move_average(self.ema_generator, self.generator, self.ema_momentum, self.step_count)

    def judge(self, images, labels):
        """Logits of the discriminator in training mode, large where it says "real"."""
        # A layer called inside train_step does not know that this is training: without the
        # flag, dropout would never drop.
        inputs = self.discriminator_inputs(self.augment(images), labels)
        output = self.discriminator(inputs, training=True)
        if isinstance(output, (list, tuple)):  # the logit, and what class it sees
            output = output[0]
        return self.as_logit(output)

    def as_logit(self, output):
        """The discriminator's output as a logit that is large for real, whatever its form."""
        output = as_logits(self.discriminator, output)
        return -output if self.inverted_labels else output

    def judge_penalized(self, images, labels, weight):
        """The weighted zero-centered penalty and the logits, from one pass."""
        if not weight:
            return 0.0, self.judge(images, labels)
        penalty, logits = losses.zero_centered_penalty(lambda x: self.judge(x, labels), images)
        return weight * penalty, logits

    # --- What a GAN that knows classes does otherwise ---

    def unpack(self, data):
        """Images and labels of a batch; a plain GAN ignores labels."""
        return (data[0] if isinstance(data, tuple) else data), None

    def generator_inputs(self, z, labels):
        """What the generator is given to draw images of the classes ``labels``."""
        return z

    def discriminator_inputs(self, images, labels):
        """What the discriminator is given to judge images of the classes ``labels``."""
        return images

    def class_loss(self, images, labels):
        """What both players pay for images that aren't recognized as their class."""
        return 0.0

    def draw(self, z, labels, training=True):
        """Fake images for z, of the classes ``labels``."""
        return self.generator(self.generator_inputs(z, labels), training=training)


def two_optimizers(g_optimizer, d_optimizer):
    """Both optimizers, where ``None`` stands for that of the papers."""
    g_optimizer = g_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5)
    d_optimizer = d_optimizer or keras.optimizers.Adam(2e-4, beta_1=0.5)
    if g_optimizer is d_optimizer:
        raise ValueError("g_optimizer and d_optimizer must be two optimizers, not one twice")
    return g_optimizer, d_optimizer


def as_logits(discriminator, output):
    """The discriminator's output as logits; a sigmoid at its end is undone."""
    if output_range(discriminator) != (0.0, 1.0):
        return output
    output = ops.clip(output, 1e-7, 1.0 - 1e-7)
    return ops.log(output) - ops.log(1.0 - output)


def share_right(real_logits, fake_logits):
    """Share of the images or patches that D judges rightly, real and fake ones counted alike."""
    right = ops.mean(ops.cast(real_logits > 0, "float32"))
    return 0.5 * (right + ops.mean(ops.cast(fake_logits < 0, "float32")))
