"""A small training run in a process of its own, for the tests to kill.

usage: resume_child.py RUN_DIR [--kind KIND] [--die-writing N]
"""

import argparse
import os
import signal

import keras
import numpy as np
from keras import layers

from helpers import session, training
from helpers.networks import translation

EPOCHS = 6


def build(kind="gan"):
    session.seed_everything(3)
    return {"gan": gan, "pix2pix": pix2pix, "cycle": cycle}[kind]()


def gan():
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
    model = training.GAN(generator, discriminator, seed=11)
    model.compile(loss="relativistic", real_penalty=1.0)
    return model


def translator():
    """Dropout, BatchNorm: what they remember has to be saved too."""
    return keras.Sequential(
        [
            keras.Input((8, 8, 3)),
            layers.Conv2D(8, 3, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Dropout(0.3),
            layers.Conv2D(3, 3, padding="same", activation="tanh"),
        ]
    )


def critic(*inputs):
    return translation.patch_discriminator([*inputs], 16, width=4)


def pix2pix():
    discriminator = critic(keras.Input((8, 8, 3)), keras.Input((8, 8, 3)))
    model = training.ImageToImage(translator(), discriminator, seed=11)
    model.compile()
    return model


def cycle():
    critics = [critic(keras.Input((8, 8, 3))) for _ in "ab"]
    model = training.CycleGAN(translator(), translator(), *critics, pool_size=20, seed=11)
    model.compile(identity_weight=1.0)
    return model


def images():
    return np.random.default_rng(0).integers(0, 256, (500, 28, 28, 1), dtype=np.uint8)


def data(kind):
    """(images, targets or ``None``, batch size): eight steps an epoch, the last one short."""
    if kind == "gan":
        return images(), None, 64
    both = np.random.default_rng(0).integers(0, 256, (2, 61, 8, 8, 3), dtype=np.uint8)
    return *both, 8


def run(run_dir, callbacks=(), epochs=EPOCHS, kind="gan"):
    model = build(kind)
    sources, targets, batch_size = data(kind)
    history = training.train(
        model,
        sources,
        targets,
        epochs=epochs,
        batch_size=batch_size,
        seed=2,
        flip=True,
        run_dir=run_dir,
        callbacks=callbacks,
        verbose=0,
    )
    return model, history


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
    ask.add_argument("--kind", default="gan")
    ask.add_argument("--die-writing", type=int)
    ask.add_argument("--weights")
    args = ask.parse_args()
    if args.die_writing:
        die_at_write(args.die_writing)

    class Tell(keras.callbacks.Callback):
        def on_train_batch_end(self, batch, logs=None):
            print("step", batch, flush=True)

    model, _ = run(args.run_dir, [Tell()], kind=args.kind)
    if args.weights:
        state = training.checkpoint.state_variables(model)
        np.savez(args.weights, *[np.asarray(variable) for variable in state])
