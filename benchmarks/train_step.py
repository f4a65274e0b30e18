"""The kit's loop against the bare tutorial loop, on the same network (lab_dcgan).

Both train the lab_dcgan generator and discriminator (batch 256, Adam 1e-4) on the same images. The
tutorial loop is the plain one: a ``tf.function`` step with two tapes, called for each batch of a
shuffled ``tf.data`` set; it draws and saves nothing. Ours is ``fit`` as ``training.train`` calls
it, with its callbacks: seconds, the sample grid after each epoch, a checkpoint every 15 epochs as
lab_dcgan has it, all inside one call. Epochs of the two alternate; the median of the ratios of the
pairs is printed.

usage: python benchmarks/train_step.py [--rounds 7] [--steps 39]
"""

import argparse
import statistics
import tempfile
import time

import keras
import numpy as np
import tensorflow as tf

from helpers import callbacks, datasets, networks, recipes, training

BATCH = 256


def tutorial_loop(images):
    """The published loop; returns a function that trains one epoch and gives its seconds."""
    system = networks.CATALOGUE["lab_dcgan"]
    generator, discriminator = system.generator(), system.discriminator()
    g_optimizer, d_optimizer = keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4)
    cross_entropy = keras.losses.BinaryCrossentropy(from_logits=True)
    scaled = (images.astype("float32") - 127.5) / 127.5
    batches = tf.data.Dataset.from_tensor_slices(scaled).shuffle(60000).batch(BATCH)

    @tf.function
    def step(real):
        z = tf.random.normal([BATCH, 100])
        with tf.GradientTape() as g_tape, tf.GradientTape() as d_tape:
            fake = generator(z, training=True)
            real_logits = discriminator(real, training=True)
            fake_logits = discriminator(fake, training=True)
            g_loss = cross_entropy(tf.ones_like(fake_logits), fake_logits)
            d_loss = cross_entropy(tf.ones_like(real_logits), real_logits) + cross_entropy(
                tf.zeros_like(fake_logits), fake_logits
            )
        g_gradients = g_tape.gradient(g_loss, generator.trainable_variables)
        d_gradients = d_tape.gradient(d_loss, discriminator.trainable_variables)
        g_optimizer.apply_gradients(zip(g_gradients, generator.trainable_variables, strict=True))
        d_optimizer.apply_gradients(
            zip(d_gradients, discriminator.trainable_variables, strict=True)
        )

    def epoch():
        started = time.perf_counter()
        for real in batches:
            step(real)
        return time.perf_counter() - started

    return epoch


class Rival(keras.callbacks.Callback):
    """Times each epoch of ``fit`` and lets the other loop run one in between."""

    def __init__(self, tutorial):
        super().__init__()
        self.tutorial, self.pairs = tutorial, []

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        kit, tutorial = time.perf_counter() - self.started, self.tutorial()
        if epoch > 0:  # the first epoch of each traces its step
            self.pairs.append((kit, tutorial))
            print(f"round {epoch}: kit {kit:.2f} s, tutorial {tutorial:.2f} s", flush=True)


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--rounds", type=int, default=7)
    ask.add_argument("--steps", type=int, default=39)
    args = ask.parse_args()
    images = datasets.load("mnist").images[: BATCH * args.steps]
    gan, rival = recipes.published_gan("lab_dcgan"), Rival(tutorial_loop(images))
    with tempfile.TemporaryDirectory() as run_dir:
        grid = callbacks.SampleGrid(gan.sample_z(16, seed=0), run_dir)
        checkpoint = training.Checkpoint(run_dir, every=15)
        gan.fit(
            datasets.batches(images, BATCH),
            epochs=args.rounds + 1,
            steps_per_epoch=args.steps,
            # The rival comes last, so that the kit's time holds all that the others do.
            callbacks=[training.loop.Seconds(), grid, checkpoint, rival],
            verbose=0,
        )
    ratios = [kit / tutorial for kit, tutorial in rival.pairs]
    per_step = np.median(np.array(rival.pairs), axis=0) / args.steps * 1000
    print(
        f"median per step: kit {per_step[0]:.0f} ms, tutorial {per_step[1]:.0f} ms; "
        f"ratio kit / tutorial {statistics.median(ratios):.3f} "
        f"(from {min(ratios):.3f} to {max(ratios):.3f})"
    )


if __name__ == "__main__":
    main()
