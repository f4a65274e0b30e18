"""The conditional GAN: the same game, with a label that both players are told."""

import numpy as np
import tensorflow as tf
from keras import ops

from helpers.training import guard
from helpers.training.gan import GAN


class ConditionalGAN(GAN):
    """A GAN whose generator is asked for a class, trained by ``compile`` and ``fit`` with labels.

    Args:
        generator: inputs ``[z, labels]``, labels int ``(batch,)`` -> images ``(batch, H, W, C)``.
        discriminator: one of three forms. Inputs ``[images, labels]`` -> one logit (label planes,
            projection); or inputs ``images`` -> ``[logit, class_logits]``, the auxiliary
            classifier, which must find the label itself.
        num_classes: labels run from 0 to ``num_classes - 1``.
        auxiliary_weight: weight of the class cross-entropy of the auxiliary form, for both sides.
        options: as ``GAN``.

    ``fit`` takes images and integer labels of the same number; labels that are floats or outside
    the classes raise ``ValueError`` before training starts.

    Source: Mirza & Osindero 2014 (arXiv:1411.1784), assignment_cgan; auxiliary classifier: Odena et al.
    2016 (arXiv:1610.09585). Taught in notebook 03.
    """

    def __init__(
        self, generator, discriminator, *, num_classes=10, auxiliary_weight=1.0, **options
    ):
        if num_classes < 2:
            raise ValueError(f"num_classes must be at least 2, got {num_classes}")
        if auxiliary_weight < 0:
            raise ValueError(f"auxiliary_weight must be at least 0, got {auxiliary_weight}")
        super().__init__(generator, discriminator, name="conditional_gan", **options)
        guard.check_classes(generator, discriminator, num_classes)
        self.num_classes, self.auxiliary_weight = num_classes, auxiliary_weight

    @staticmethod
    def check_networks(generator, discriminator):
        guard.check_conditional_networks(generator, discriminator)

    @property
    def latent_dim(self):
        """Length of z."""
        return self.generator.inputs[0].shape[-1]

    @property
    def image_shape(self):
        return self.discriminator.inputs[0].shape[1:]

    @property
    def is_auxiliary(self):
        """Whether the discriminator names the class itself instead of being told."""
        return len(self.discriminator.outputs) == 2

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def fit(self, x=None, y=None, *args, **options):
        if y is not None:
            guard.check_labels(y, len(x), self.num_classes)
        elif not isinstance(x, tf.data.Dataset):
            raise ValueError("a conditional GAN needs labels: fit(images, labels)")
        else:
            for first in x.take(1):
                if not isinstance(first, tuple) or len(first) < 2:
                    raise ValueError("the data set must give pairs (images, labels)")
                guard.check_labels(first[1], len(first[0]), self.num_classes)
        return super().fit(x, y, *args, **options)

    def check_labels(self, labels, count):
        """Raise ``ValueError`` unless all labels are classes; ``training.train`` calls it."""
        if labels is None:
            raise ValueError("a conditional GAN needs labels: train(gan, images, labels, ...)")
        guard.check_labels(labels, count, self.num_classes)

    def unpack(self, data):
        images, labels = data[:2]
        return images, ops.cast(labels, "int32")

    def draw(self, z, labels, training):
        return self.generator([z, labels], training=training)

    def judge(self, images, labels):
        inputs = self.augment(images) if self.is_auxiliary else [self.augment(images), labels]
        output = self.discriminator(inputs, training=True)
        return self.as_logit(output[0] if self.is_auxiliary else output)

    def _class_loss(self, images, labels):
        """Cross-entropy of the class that the auxiliary discriminator reads off images."""
        class_logits = self.discriminator(self.augment(images), training=True)[1]
        return self.auxiliary_weight * ops.mean(
            ops.sparse_categorical_crossentropy(labels, class_logits, from_logits=True)
        )

    def _judge_both(self, images, fake, labels, strength):
        values, real_logits, fake_logits = super()._judge_both(images, fake, labels, strength)
        if self.is_auxiliary:
            values["d_loss"] += self._class_loss(images, labels) + self._class_loss(fake, labels)
        return values, real_logits, fake_logits

    def _generator_side(self, fake, fake_logits, real_logits, labels):
        loss = super()._generator_side(fake, fake_logits, real_logits, labels)
        return loss + self._class_loss(fake, labels) if self.is_auxiliary else loss

    def generate(self, z, labels=None, *, seed=0, batch_size=250):
        """Images of the wanted classes, drawn by the averaged generator: float32 ``(N, H, W, C)``.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            labels: int array ``(N,)``, one label for all, or ``None`` for all classes in turn.
        """
        z = self.checked_z(z, seed)
        if labels is None:
            labels = np.arange(len(z)) % self.num_classes
        labels = np.broadcast_to(np.asarray(labels), (len(z),)) if np.ndim(labels) == 0 else labels
        guard.check_labels(labels, len(z), self.num_classes)
        labels = np.asarray(labels, "int32")
        return self.in_batches(
            lambda part: self._drawing([z[part], labels[part]]), len(z), batch_size
        )
