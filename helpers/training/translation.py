"""pix2pix and super-resolution: a generator that is shown pairs, and a critic of patches.

Notebook 09 takes the step apart.
"""

import tensorflow as tf

from helpers import checking, distances, losses
from helpers.training.base import (
    GenerativeModel,
    averaged_copy,
    check_built,
    check_images,
    move_average,
    output_range,
)
from helpers.training.gan import GAN, as_logits, share_right, two_optimizers


class ImageToImage(GenerativeModel):
    """pix2pix: draws the target for a source, near the true one and such that D believes it.

    Train it on pairs: ``training.train(model, sources, targets, ...)``.

    Args:
        generator: source images -> images like the targets, ``(batch, H, W, C)``.
        discriminator: (sources, images) -> logits of any shape, one for each patch; ``None`` to
            train with the distance to the target alone.
        ema_momentum: of the averaged copy of the generator that ``translate`` draws with.
        value_range: (low, high) of all images. ``"auto"`` reads it off the generator's last
            activation.
        seed: saved with the model.

    Raises:
        ValueError: the discriminator doesn't take what the generator draws.

    Source: Isola et al. 2016 (arXiv:1611.07004), zoo_pix2pix.
    """

    LOSSES = ("g_loss", "distance", "adversarial", "d_loss", "d_accuracy")
    takes_source = True  # the discriminator sees the source beside the image

    def __init__(
        self,
        generator,
        discriminator=None,
        *,
        ema_momentum=0.99,
        value_range="auto",
        seed=0,
        name="image_to_image",
    ):
        check_built(generator=generator)
        if discriminator is not None:
            check_critic(generator, discriminator, self.takes_source)
        checking.number(ema_momentum, "ema_momentum", at_least=0, below=1)
        value_range = output_range(generator) if value_range == "auto" else value_range
        super().__init__(value_range=value_range, seed=seed, name=name)
        self.generator, self.discriminator = generator, discriminator
        self.image_shape = tuple(generator.inputs[0].shape[1:])
        self.ema_momentum, self.ema_generator = ema_momentum, averaged_copy(generator)
        self.draw_image = graph(self.ema_generator)

    def compile(
        self,
        g_optimizer=None,
        d_optimizer=None,
        loss="non_saturating",
        *,
        distance_weight=100.0,
        distance=distances.mean_absolute,
        adversarial_weight=1.0,
        generator_loss=None,
        augment=None,
        **keras_options,
    ):
        """Choose the optimizers and what G minimizes.

        Args:
            g_optimizer, d_optimizer: two Keras optimizers; Adam(2e-4, beta_1=0.5) unless given.
            loss: one of ``losses.GAN_LOSSES``.
            distance_weight: of the distance to the target; 0 leaves the GAN alone.
            distance: function (images, targets) -> a number.
            adversarial_weight: of D's opinion; 0 leaves the distance alone, and D untrained.
            generator_loss: function (fake_logits, fake, target, distance_weight) -> a number, to
                take the place of the sum of both.
            augment: function (sources, targets) -> both, changed alike, such as
                ``augment.PairAugment()``.
            keras_options: of ``keras.Model.compile``, such as ``run_eagerly``.
        """
        self.loss_kind = losses.check_kind(loss)
        self.distance, self.generator_loss = distance, generator_loss
        self.augment = augment or (lambda sources, targets: (sources, targets))
        self.distance_weight = checking.number(distance_weight, "distance_weight", at_least=0)
        self.adversarial_weight = checking.number(
            adversarial_weight, "adversarial_weight", at_least=0
        )
        if self.discriminator is None:
            self.adversarial_weight = 0.0
        if not self.distance_weight + self.adversarial_weight:
            raise ValueError(
                "distance_weight and adversarial_weight are both 0 (the latter always is without "
                "a discriminator): set one above 0, or there is nothing to learn from"
            )
        if generator_loss is not None and not self.adversarial_weight:
            raise ValueError(
                "generator_loss needs the logits of a discriminator: give the model one, and "
                "leave adversarial_weight above 0"
            )
        self.g_optimizer, self.d_optimizer = two_optimizers(g_optimizer, d_optimizer)
        super().compile(self.g_optimizer, **keras_options)
        self.g_optimizer.build(self.generator.trainable_variables)
        if self.discriminator is not None:
            self.d_optimizer.build(self.discriminator.trainable_variables)

    def check_images(self, x):
        check_two_sets(self, x, (self.image_shape, self.generator.output_shape[1:]))

    def optimizers(self):
        return {"g_optimizer": self.g_optimizer, "d_optimizer": self.d_optimizer}

    def call(self, inputs, training=False):
        return self.generator(inputs, training=training)

    def train_step(self, data):
        """One step of G and one of D, from the same fake images; then one of the average."""
        source, target = self.augment(*data)
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = self.generator(source, training=True)
            distance = self.distance(fake, target)
            d_loss = adversarial = accuracy = 0.0
            if self.adversarial_weight:
                real_logits = self.judge(source, target)
                fake_logits = self.judge(source, fake)
                terms = losses.discriminator_terms(self.loss_kind, real_logits, fake_logits)
                d_loss = sum(terms)
                adversarial = losses.generator_loss(self.loss_kind, fake_logits, real_logits)
                accuracy = share_right(real_logits, fake_logits)
            g_loss = self.distance_weight * distance + self.adversarial_weight * adversarial
            if self.generator_loss is not None:
                g_loss = self.generator_loss(fake_logits, fake, target, self.distance_weight)
        GAN.update(self.generator, self.g_optimizer, g_tape, g_loss)
        if self.adversarial_weight:
            GAN.update(self.discriminator, self.d_optimizer, d_tape, d_loss)
        move_average(self.ema_generator, self.generator, self.ema_momentum, self.step_count)
        self.step_count.assign_add(1)
        values = (g_loss, distance, adversarial, d_loss, accuracy)
        return self.log(dict(zip(self.LOSSES, values, strict=True)))

    def judge(self, source, images):
        """Logits of the patches, large where D says "real"."""
        inputs = [source, images] if self.takes_source else images
        return as_logits(self.discriminator, self.discriminator(inputs, training=True))

    def translate(self, sources, batch_size=None):
        """What the averaged generator draws for sources, float32 ``(N, H, W, C)``."""
        sources = checking.images(sources, self.image_shape, self.value_range, "sources")
        return self.in_batches(
            lambda part: self.draw_image(sources[part]), len(sources), batch_size
        )

    def generate(self, sources, **options):
        """As ``translate``, under the name that ``callbacks.SampleGrid`` calls."""
        return self.translate(sources, **options)


class SuperResolution(ImageToImage):
    """SRGAN: draws a large image for a small one; D sees the large one alone.

    As ``ImageToImage``; the distance may look at features: see ``distances.feature_distance``.

    Source: Ledig et al. 2016 (arXiv:1609.04802), zoo_srgan.
    """

    takes_source = False


# --- What this model shares with CycleGAN ---


def check_two_sets(model, x, shapes):
    """Raise ``ValueError`` unless the first batch of a data set holds images of two shapes.

    Args:
        model: a model that learns from sources and targets, or from two domains.
        x: what ``fit`` was given; anything but a ``tf.data.Dataset`` is left to Keras.
        shapes: wanted (H, W, C) of both.
    """
    if not isinstance(x, tf.data.Dataset):
        return
    batch = next(iter(x.take(1)))
    if not isinstance(batch, tuple) or batch[1].shape.rank != 4:
        raise ValueError(
            f"{model.name} learns from two sets of images: training.train(model, sources, "
            "targets, ...)"
        )
    for images, shape in zip(batch, shapes, strict=True):
        check_images(images, shape, model.value_range)


def check_critic(generator, discriminator, takes_source):
    """Raise ``ValueError`` unless the discriminator takes what the generator draws."""
    check_built(generator=generator, discriminator=discriminator)
    wanted = [generator.output_shape[1:]]
    if takes_source:
        wanted.insert(0, generator.input_shape[1:])
    found = [tuple(each.shape[1:]) for each in discriminator.inputs]
    if found != wanted:
        raise ValueError(
            f"the discriminator takes images of {' and '.join(map(str, found))}; wanted are "
            f"{' and '.join(map(str, wanted))}: "
            + ("the source and the generator's image" if takes_source else "the generator's image")
        )


def graph(network):
    """One graph of a network for all batch sizes: called from Python, drawing costs more."""
    return tf.function(lambda images: network(images, training=False), reduce_retracing=True)
