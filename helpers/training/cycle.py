"""CycleGAN and DiscoGAN: two generators that undo each other, trained without a single pair.

Notebook 09 takes the step apart.
"""

import keras
import tensorflow as tf
from keras import ops

from helpers import checking, distances, losses
from helpers.training.base import (
    GenerativeModel,
    averaged_copy,
    move_average,
    output_range,
)
from helpers.training.gan import as_logits, share_right, two_optimizers
from helpers.training.translation import check_critic, check_two_sets, graph


class CycleGAN(GenerativeModel):
    """Learns to translate domain A into B and back from images of both that don't belong together.

    Train it on two sets: ``training.train(model, images_a, images_b, ...)``; each is shuffled on
    its own. With ``distances.cycle_squared``, the loss ``"non_saturating"`` and no pool it is a
    DiscoGAN.

    Args:
        to_b, to_a: generators, images of one domain -> images of the other.
        judge_a, judge_b: discriminators, images of a domain -> logits of any shape.
        pool_size: old fakes of each domain that are kept for the discriminators; 0 for none.
        ema_momentum, value_range, seed: as for ``ImageToImage``.

    Raises:
        ValueError: networks that don't fit each other.

    Source: Zhu et al. 2017 (arXiv:1703.10593), zoo_cyclegan; Kim et al. 2017 (arXiv:1703.05192),
    zoo_discogan; pool: Shrivastava et al. 2017 (arXiv:1612.07828).
    """

    LOSSES = ("g_loss", "adversarial", "cycle", "identity", "d_loss", "d_accuracy")
    aligned = False  # row i of one domain has nothing to do with row i of the other

    def __init__(
        self,
        to_b,
        to_a,
        judge_a,
        judge_b,
        *,
        pool_size=50,
        ema_momentum=0.99,
        value_range="auto",
        seed=0,
        name="cycle_gan",
    ):
        for generator, judge in ((to_b, judge_b), (to_a, judge_a)):
            check_critic(generator, judge, takes_source=False)
        if to_b.input_shape != to_a.output_shape or to_a.input_shape != to_b.output_shape:
            raise ValueError(
                f"to_b makes {to_b.output_shape[1:]} of {to_b.input_shape[1:]}, to_a makes "
                f"{to_a.output_shape[1:]} of {to_a.input_shape[1:]}: each must take what the "
                "other draws"
            )
        checking.number(ema_momentum, "ema_momentum", at_least=0, below=1)
        self.pool_size = checking.whole(pool_size, "pool_size", 0)
        if value_range == "auto":
            value_range = output_range(to_b)
            if output_range(to_a) != value_range:
                raise ValueError(
                    f"to_b draws in {value_range}, to_a in {output_range(to_a)}: end both in the "
                    "same activation, or pass value_range"
                )
        super().__init__(value_range=value_range, seed=seed, name=name)
        self.to_b, self.to_a, self.judge_a, self.judge_b = to_b, to_a, judge_a, judge_b
        self.image_shape = tuple(to_b.inputs[0].shape[1:])
        self.ema_momentum = ema_momentum
        self.ema_to_b, self.ema_to_a = averaged_copy(to_b), averaged_copy(to_a)
        self.draw_b, self.draw_a = graph(self.ema_to_b), graph(self.ema_to_a)
        shapes = {"a": to_b.input_shape[1:], "b": to_a.input_shape[1:]} if pool_size else {}
        self.pools = {
            side: self.add_weight(
                shape=(pool_size, *shape), initializer="zeros", trainable=False, name=f"pool_{side}"
            )
            for side, shape in shapes.items()
        }
        self.seen = self.add_weight(
            shape=(), dtype="int32", initializer="zeros", trainable=False, name="seen"
        )

    def compile(
        self,
        g_optimizer=None,
        d_optimizer=None,
        loss="least_squares",
        *,
        cycle_weight=10.0,
        cycle_loss=distances.cycle_absolute,
        identity_weight=0.0,
        identity_loss=distances.identity,
        **keras_options,
    ):
        """Choose the optimizers and what the generators minimize.

        Args:
            g_optimizer, d_optimizer: two Keras optimizers, one for both generators and one for
                both discriminators; Adam(2e-4, beta_1=0.5) unless given.
            loss: one of ``losses.GAN_LOSSES``.
            cycle_weight: of ``cycle_loss``; 0 lets the generators forget their input.
            cycle_loss: function (a, a_back, b, b_back) -> a number.
            identity_weight: of ``identity_loss``; above 0 where colors must stay.
            identity_loss: function (to_b, to_a, a, b) -> a number.
            keras_options: of ``keras.Model.compile``, such as ``run_eagerly``.
        """
        self.loss_kind = losses.check_kind(loss)
        self.cycle_weight = checking.number(cycle_weight, "cycle_weight", at_least=0)
        self.identity_weight = checking.number(identity_weight, "identity_weight", at_least=0)
        self.cycle_loss, self.identity_loss = cycle_loss, identity_loss
        self.g_optimizer, self.d_optimizer = two_optimizers(g_optimizer, d_optimizer)
        super().compile(self.g_optimizer, **keras_options)
        self.g_optimizer.build(self.weights_of(self.to_b, self.to_a))
        self.d_optimizer.build(self.weights_of(self.judge_a, self.judge_b))

    def check_images(self, x):
        check_two_sets(self, x, (self.image_shape, self.to_a.input_shape[1:]))
        if isinstance(x, tf.data.Dataset):
            count = len(next(iter(x.take(1)))[0])
            if 0 < self.pool_size < count:
                raise ValueError(
                    f"a batch of {count} doesn't fit a pool of {self.pool_size} old fakes: "
                    f"pool_size must be 0 or at least {count}"
                )

    def optimizers(self):
        return {"g_optimizer": self.g_optimizer, "d_optimizer": self.d_optimizer}

    @staticmethod
    def weights_of(*networks):
        """The trainable variables of several networks."""
        return [variable for network in networks for variable in network.trainable_variables]

    def train_step(self, data):
        """One step of both generators, then one of both discriminators."""
        a, b = data
        with tf.GradientTape() as tape:
            fake_b, fake_a = self.to_b(a, training=True), self.to_a(b, training=True)
            a_back, b_back = self.to_a(fake_b, training=True), self.to_b(fake_a, training=True)
            cycle = self.cycle_loss(a, a_back, b, b_back)
            identity = 0.0
            if self.identity_weight:
                identity = self.identity_loss(self.to_b, self.to_a, a, b)
            adversarial = sum(self.opinion(*each) for each in self.sides(a, b, fake_a, fake_b))
            g_loss = adversarial + self.cycle_weight * cycle + self.identity_weight * identity
        variables = self.weights_of(self.to_b, self.to_a)
        self.g_optimizer.apply(tape.gradient(g_loss, variables), variables)

        old_a, old_b = self.exchange("a", fake_a), self.exchange("b", fake_b)
        with tf.GradientTape() as tape:
            judged = [self.verdict(*each) for each in self.sides(a, b, old_a, old_b)]
            d_loss = judged[0][0] + judged[1][0]
        variables = self.weights_of(self.judge_a, self.judge_b)
        self.d_optimizer.apply(tape.gradient(d_loss, variables), variables)
        self.seen.assign(ops.minimum(self.seen + ops.shape(a)[0], self.pool_size))
        self.update_averages()
        accuracy = 0.5 * (judged[0][1] + judged[1][1])
        values = (g_loss, adversarial, cycle, identity, d_loss, accuracy)
        return self.log(dict(zip(self.LOSSES, values, strict=True)))

    def sides(self, a, b, fake_a, fake_b):
        """(discriminator, real, fake) of both domains."""
        return (self.judge_a, a, fake_a), (self.judge_b, b, fake_b)

    def opinion(self, judge, real, fake):
        """What a generator pays for fakes that its discriminator recognizes."""
        fake_logits = as_logits(judge, judge(fake, training=True))
        real_logits = None
        if self.loss_kind == "relativistic":
            real_logits = as_logits(judge, judge(real, training=True))
        return losses.generator_loss(self.loss_kind, fake_logits, real_logits)

    def verdict(self, judge, real, fake):
        """A discriminator's loss, and the share of patches that it judges rightly."""
        real_logits, fake_logits = (
            as_logits(judge, judge(images, training=True)) for images in (real, fake)
        )
        terms = losses.discriminator_terms(self.loss_kind, real_logits, fake_logits)
        return sum(terms), share_right(real_logits, fake_logits)

    def exchange(self, side, fakes):
        """Fakes for the discriminator: about half of them old ones, once the pool is full.

        A random place of the pool for each fake; empty places are filled first, in order. The
        fakes of one batch get places of their own, so a batch may not be larger than the pool.
        """
        if not self.pool_size:
            return fakes
        pool, count = self.pools[side], ops.shape(fakes)[0]
        numbers = ops.arange(self.pool_size)
        order = keras.random.shuffle(numbers, seed=self.seed_generator)
        order = ops.where(numbers < self.seen, order, numbers - self.pool_size)  # empty ones first
        places = ops.argsort(order)[:count]
        empty = places >= self.seen
        chance = keras.random.uniform((count,), seed=self.seed_generator)
        old = ops.logical_and(chance < 0.5, ops.logical_not(empty))
        known = ops.take(pool, places, axis=0)
        kept = ops.where(ops.logical_or(old, empty)[:, None, None, None], fakes, known)
        pool.assign(ops.scatter_update(pool, places[:, None], kept))
        return ops.where(old[:, None, None, None], known, fakes)

    def update_averages(self):
        for average, network in ((self.ema_to_b, self.to_b), (self.ema_to_a, self.to_a)):
            move_average(average, network, self.ema_momentum, self.step_count)
        self.step_count.assign_add(1)

    def call(self, inputs, training=False):
        return self.to_b(inputs, training=training)

    def translate(self, images, to="b", batch_size=None):
        """What the averaged generator draws in the other domain, float32 ``(N, H, W, C)``."""
        checking.choice(to, "to", ("a", "b"))
        draw, network = (self.draw_b, self.to_b) if to == "b" else (self.draw_a, self.to_a)
        images = checking.images(images, network.input_shape[1:], self.value_range)
        return self.in_batches(lambda part: draw(images[part]), len(images), batch_size)

    def generate(self, images, **options):
        """``translate`` to B, under the name that ``callbacks.SampleGrid`` calls."""
        return self.translate(images, **options)
