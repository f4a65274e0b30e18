"""A small training run in a process of its own, for the tests to kill.

usage: resume_child.py RUN_DIR [--die-writing N]
"""

import argparse
import os
import signal

import keras
import numpy as np
from keras import layers

from helpers import session, training

EPOCHS = 6


def build():
    session.seed_everything(3)
    generator = keras.Sequential(
        [
            keras.Input((4,)),
            layers.Dense(7 * 7 * 8),
            layers.BatchNormalization(),
            layers.ReLU(),
            layers.Reshape((7, 7, 8)),
            layers.Conv2DTranspose(8, 4, strides=2, padding="same", activation="relu"),
            layers.Conv2DTranspose(1, 4, strides=2, padding="same", activation="tanh"),
        ]
    )
    discriminator = keras.Sequential(
        [
            keras.Input((28, 28, 1)),
            layers.Conv2D(8, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Conv2D(16, 5, strides=2, padding="same"),
            layers.LeakyReLU(),
            layers.Flatten(),
            layers.Dense(1),
        ]
    )
    gan = training.GAN(generator, discriminator, seed=11)
    gan.compile(loss="relativistic", real_penalty=1.0)
    return gan


def images():
    return np.random.default_rng(0).integers(0, 256, (500, 28, 28, 1), dtype=np.uint8)


def run(run_dir, callbacks=(), epochs=EPOCHS):
    gan = build()
    history = training.train(
        gan,
        images(),
        epochs=epochs,
        batch_size=64,
        seed=2,
        flip=True,
        run_dir=run_dir,
        callbacks=callbacks,
        verbose=0,
    )
    return gan, history


def die_at_write(count):
    """Kill this process in the middle of its ``count``-th checkpoint, with no chance to tidy."""
    original, calls = os.fsync, []

    def fsync(descriptor):
        calls.append(descriptor)
        if len(calls) == 2 * count - 1:  # state written, note not yet safe, nothing renamed
            os.kill(os.getpid(), signal.SIGKILL)
        original(descriptor)

    os.fsync = fsync


if __name__ == "__main__":
    ask = argparse.ArgumentParser()
    ask.add_argument("run_dir")
    ask.add_argument("--die-writing", type=int)
    ask.add_argument("--weights")
    args = ask.parse_args()
    if args.die_writing:
        die_at_write(args.die_writing)

    class Tell(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            print("step", batch, flush=True)

    model, _ = run(args.run_dir, [Tell()])
    if args.weights:
        state = training.checkpoint.state_variables(model)
        np.savez(args.weights, *[np.asarray(variable) for variable in state])
