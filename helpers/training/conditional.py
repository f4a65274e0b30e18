"""GANs that know classes: one is asked for a class by a label, the other by z itself."""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import checking
from helpers.training.base import check_pair
from helpers.training.gan import GAN

LABEL_LAYERS = (keras.layers.Embedding, keras.layers.CategoryEncoding)


class ConditionalGAN(GAN):
    """A GAN whose generator is asked for a class, trained by ``compile`` and ``fit`` with labels.

    Args:
        generator: inputs ``[z, labels]``, labels int ``(batch,)`` -> images ``(batch, H, W, C)``.
        discriminator: one of three forms. Inputs ``[images, labels]`` -> one logit (label planes,
            projection); or inputs ``images`` -> ``[logit, class_logits]``, the auxiliary
            classifier, which must find the label itself.
        num_classes: labels run from 0 to ``num_classes - 1``.
        options: as ``GAN``.

    ``fit`` takes images and as many integer labels.

    Source: Mirza & Osindero 2014 (arXiv:1411.1784), assignment_cgan; auxiliary classifier: Odena
    et al. 2016 (arXiv:1610.09585). Taught in notebook 03.
    """

    def __init__(
        self, generator, discriminator, *, num_classes=10, name="conditional_gan", **options
    ):
        super().__init__(generator, discriminator, name=name, **options)
        self.num_classes = checking.whole(num_classes, "num_classes", at_least=2)
        check_classes(generator, discriminator, num_classes)

    @staticmethod
    def check_networks(generator, discriminator):
        check_pair(generator, discriminator, "z, labels", forms=((2, 1), (1, 2)))

    @property
    def is_auxiliary(self):
        """Whether the discriminator names the class itself instead of being told."""
        return len(self.discriminator.outputs) == 2

    def fit(self, x=None, y=None, *args, **options):
        if isinstance(x, tf.data.Dataset):
            first = next(iter(x.take(1)))
            if not isinstance(first, tuple) or len(first) < 2:
                raise ValueError("the data set must give pairs (images, labels)")
            self.check_labels(first[1], len(first[0]))
        else:
            self.check_labels(y, len(x))
        return super().fit(x, y, *args, **options)

    def check_labels(self, labels, count):
        """Raise ``ValueError`` unless all labels are classes; ``training.train`` calls it."""
        if labels is None:
            raise ValueError("a GAN with classes needs labels: give them after the images")
        return checking.labels(labels, count, self.num_classes)

    def unpack(self, data):
        images, labels = data[:2]
        return images, ops.cast(labels, "int32")

    def generator_inputs(self, z, labels):
        return [z, labels]

    def discriminator_inputs(self, images, labels):
        return images if self.is_auxiliary else [images, labels]

    def class_loss(self, images, labels):
        """Cross-entropy of the class that an auxiliary discriminator reads off images, else 0."""
        if not self.is_auxiliary:
            return 0.0
        class_logits = self.discriminator(self.augment(images), training=True)[1]
        return ops.mean(ops.sparse_categorical_crossentropy(labels, class_logits, from_logits=True))

    def generate(self, z, labels=None, *, seed=0, batch_size=None):
        """Images of the wanted classes, drawn by the averaged generator: float32 ``(N, H, W, C)``.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            labels: int array ``(N,)``, one label for all, or ``None`` for all classes in turn.
            batch_size: images drawn at once; bounds the memory.
        """
        z = self.rows_of_z(z, seed)
        labels = np.arange(len(z)) % self.num_classes if labels is None else labels
        labels = self.labels_for(z, labels)

        def draw(part):
            return self.draw_z(self.generator_inputs(z[part], labels[part]))

        return self.in_batches(draw, len(z), batch_size)

    def labels_for(self, z, labels):
        """``labels``, or one label for all, as int32 ``(N,)``."""
        labels = np.full(len(z), labels) if np.ndim(labels) == 0 else labels
        return self.check_labels(labels, len(z)).astype("int32")


class ClassSwitchGAN(ConditionalGAN):
    """A GAN whose z switches the class: the largest of its first ``num_classes`` numbers decides.

    While it trains, the discriminator sees the label of each real image, and z is drawn such that
    it asks the generator for the same class. Afterwards z alone is enough, as for any GAN: each
    class is equally likely to have the largest number.

    Args:
        generator: z, float32 ``(batch, latent_dim)`` -> images ``(batch, H, W, C)``; it must find
            the largest of the first ``num_classes`` numbers itself.
        discriminator: inputs ``[images, labels]`` -> one logit.
        num_classes: labels run from 0 to ``num_classes - 1``; at most ``latent_dim``.
        options: as ``GAN``.

    Source: the kit's own; labels for the discriminator: Miyato & Koyama 2018 (arXiv:1802.05637).
    Taught in notebook 02.
    """

    def __init__(self, generator, discriminator, *, name="class_switch_gan", **options):
        super().__init__(generator, discriminator, name=name, **options)
        if self.latent_dim < self.num_classes:
            raise ValueError(
                f"z has {self.latent_dim} numbers, too few to switch {self.num_classes} classes"
            )

    @staticmethod
    def check_networks(generator, discriminator):
        check_pair(generator, discriminator, "z", forms=((2, 1),))

    def generator_inputs(self, z, labels):
        return self.switch(z, labels)

    def switch(self, z, labels):
        """z with the largest of its first numbers exchanged with the one at the label's place.

        Every z stays as likely as it was, given its label.
        """
        first = z[:, : self.num_classes]
        wanted = ops.one_hot(labels, self.num_classes)
        largest = ops.one_hot(ops.argmax(first, axis=1), self.num_classes)
        rise = ops.max(first, axis=1) - ops.sum(first * wanted, axis=1)
        first = first + rise[:, None] * (wanted - largest)
        return ops.concatenate([first, z[:, self.num_classes :]], axis=1)

    def generate(self, z, labels=None, *, seed=0, batch_size=None):
        """As ``ConditionalGAN.generate``: z is switched to the labels; ``None`` leaves it alone."""
        z = self.rows_of_z(z, seed)
        if labels is not None:
            z = ops.convert_to_numpy(self.switch(z, self.labels_for(z, labels)))
        return self.in_batches(lambda part: self.draw_z(z[part]), len(z), batch_size)


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
    shape = tuple(discriminator.outputs[-1].shape[1:])
    if len(discriminator.outputs) == 2 and shape != (num_classes,):
        raise ValueError(
            f"the class logits of {discriminator.name} have shape {shape}, but num_classes is "
            f"{num_classes}: end that branch in Dense({num_classes})"
        )
