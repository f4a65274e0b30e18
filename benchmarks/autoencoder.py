"""The kit's autoencoder against homework_autoencoder as published, with equal bottlenecks.

Both have a code of 4 x 4 x 8 numbers and learn to restore the same images with the loss of
homework_autoencoder (sigmoid cross-entropy, the mean over all pixels) and the same batches, in one
run: the epochs of the two alternate until ours has had its number, then the homework's goes on
alone. It keeps its published optimizer, Adam with a rate of 0.001; ours has Adam whose rate falls
along a cosine. Printed: the training loss of every epoch of both.

usage: python benchmarks/autoencoder.py [--epochs 5] [--homework-epochs 20] [--batch 32] [--limit N]

Set ``COURSE_DATA_DIR`` for all 60,000 images. The homework reports 0.094 to 0.101 after its 20
epochs; ours must be below 0.090 after 5.
"""

import argparse
import math
import time

import keras

from helpers import datasets, networks, session

LEARNING_RATE = 2e-3
TARGET = 0.090


def build(system, learning_rate):
    """The encoder and the decoder of a system in a row, compiled with the homework's loss."""
    model = keras.Sequential([system.encoder(), system.decoder()])
    model.compile(
        keras.optimizers.Adam(learning_rate), keras.losses.BinaryCrossentropy(from_logits=True)
    )
    return model


def one_epoch(model, images, batch, epoch):
    """Train one epoch, its order given by its number; returns its training loss and seconds."""
    stream = datasets.batches(images, batch, start_epoch=epoch, value_range=(0, 1))
    pairs = stream.map(lambda pixels: (pixels, pixels))
    started = time.perf_counter()
    history = model.fit(
        pairs, epochs=1, steps_per_epoch=math.ceil(len(images) / batch), shuffle=False, verbose=0
    ).history
    return history["loss"][0], time.perf_counter() - started


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--epochs", type=int, default=5, help="of ours")
    ask.add_argument("--homework-epochs", type=int, default=20)
    ask.add_argument("--batch", type=int, default=32)
    ask.add_argument("--limit", type=int, help="take only so many images")
    args = ask.parse_args()
    images = datasets.load("mnist", limit=args.limit).images
    session.seed_everything(0)
    steps = args.epochs * math.ceil(len(images) / args.batch)
    schedule = keras.optimizers.schedules.CosineDecay(LEARNING_RATE, steps)
    runs = {
        "homework": (
            build(networks.CATALOGUE["homework_autoencoder"], 1e-3),
            args.homework_epochs,
        ),
        "ours": (build(networks.CATALOGUE["laptop_autoencoder"], schedule), args.epochs),
    }
    for name, (model, _) in runs.items():
        code = model.layers[0].output.shape[1:]
        print(f"{name}: {model.count_params():,} parameters, code {code}", flush=True)
    losses = {name: [] for name in runs}
    for epoch in range(max(args.epochs, args.homework_epochs)):
        for name, (model, epochs) in runs.items():
            if epoch < epochs:
                loss, seconds = one_epoch(model, images, args.batch, epoch)
                losses[name].append(loss)
                print(f"epoch {epoch + 1:2d} {name:8s} {loss:.4f}  {seconds:.1f} s", flush=True)
    ours, homework = (losses[name][-1] for name in ("ours", "homework"))
    verdict = "below" if ours < TARGET else "NOT below"
    print(
        f"ours {ours:.4f} after {args.epochs} epochs ({verdict} {TARGET}), homework_autoencoder "
        f"{homework:.4f} after {args.homework_epochs}; ratio {ours / homework:.3f}"
    )


if __name__ == "__main__":
    main()
