"""A GAN that learns from labels, but whose generator is asked for nothing: it takes z alone."""

import numpy as np
from keras import ops

from helpers.training import guard
from helpers.training.conditional import ConditionalGAN
from helpers.training.gan import GAN


class SortedGAN(ConditionalGAN):
    """A GAN whose z is sorted by class: the largest of its first ``num_classes`` numbers decides.

    While it trains, the discriminator sees the label of each real image, and z is drawn such that
    it asks the generator for the same class. Afterwards z alone is enough, as for any GAN: each
    class is equally likely to have the largest number.

    Args:
        generator: z, float32 ``(batch, latent_dim)`` -> images ``(batch, H, W, C)``; it must find
            the largest of the first ``num_classes`` numbers itself.
        discriminator: inputs ``[images, labels]`` -> one logit.
        num_classes: labels run from 0 to ``num_classes - 1``; below ``latent_dim``.
        options: as ``GAN``.

    Source: the kit's own; labels for the discriminator: Miyato & Koyama 2018 (arXiv:1802.05637).
    Taught in notebook 02.
    """

    def __init__(self, generator, discriminator, *, num_classes=10, **options):
        super().__init__(generator, discriminator, num_classes=num_classes, **options)
        if self.latent_dim < num_classes:
            raise ValueError(
                f"z has {self.latent_dim} numbers, too few to sort it into {num_classes} classes"
            )

    @staticmethod
    def check_networks(generator, discriminator):
        guard.check_sorted_networks(generator, discriminator)

    call = GAN.call

    def generate(self, z, labels=None, *, seed=0, batch_size=250):
        """Images drawn by the averaged generator, float32 ``(N, H, W, C)``.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            labels: int array ``(N,)`` or one label for all: z is sorted such that it asks for
                them. ``None`` leaves z as it is.
        """
        z = self.checked_z(z, seed)
        if labels is not None:
            labels = np.broadcast_to(labels, (len(z),)) if np.ndim(labels) == 0 else labels
            guard.check_labels(labels, len(z), self.num_classes)
            z = ops.convert_to_numpy(self.sort(z, np.asarray(labels, "int32")))
        return GAN.generate(self, z, batch_size=batch_size)

    def draw(self, z, labels, training):
        return self.generator(self.sort(z, labels), training=training)

    def sort(self, z, labels):
        """z with the largest of its first numbers exchanged with the one at the label's place.

        Every z stays as likely as it was, given its label.
        """
        first = z[:, : self.num_classes]
        there = ops.one_hot(labels, self.num_classes)
        top = ops.one_hot(ops.argmax(first, axis=1), self.num_classes)
        rise = ops.max(first, axis=1) - ops.sum(first * there, axis=1)
        first = first + rise[:, None] * (there - top)
        return ops.concatenate([first, z[:, self.num_classes :]], axis=1)
