"""Train the generators and discriminators that ship in ``data/weights``, and say what they are.

    python tools/train_pretrained.py mnist --run FOLDER [--epochs 12] [--fade 0] [--barely]

Trains the recipe of ``helpers.recipes`` on what ``datasets.load`` finds (set ``COURSE_DATA_DIR``
for the full set), with a checkpoint after every epoch in ``FOLDER``: killed, it goes on, and with
more ``--epochs`` it trains on. In the last ``--fade`` epochs the learning rates fall to 0 along a
line; at a constant rate a long run goes round in circles. ``FOLDER/quality.jsonl`` is the log.

Writes the averaged generator and the discriminator as float16 to ``data/weights/``. ``--barely``
trains one epoch and writes only ``NAME_generator_barely.npz``, for the tests of quality figures.
"""

import argparse
from dataclasses import dataclass
from pathlib import Path

from helpers import callbacks, datasets, metrics, recipes, training, weights


@dataclass(frozen=True)
class Plan:
    """How one data set's GAN is trained."""

    build: callable
    batch_size: int
    labels: bool = False
    flip: bool = False


PLANS = {
    "mnist": Plan(recipes.mnist_gan, recipes.MNIST_BATCH),
    "fashion_mnist": Plan(recipes.fashion_cgan, recipes.FASHION_BATCH, labels=True),
    "cifar10": Plan(recipes.cifar10_gan, recipes.CIFAR10_BATCH, labels=True, flip=True),
}


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("name", choices=sorted(PLANS))
    ask.add_argument("--run", required=True, help="folder of the checkpoints and the log")
    ask.add_argument("--epochs", type=int, default=12)
    ask.add_argument("--fade", type=int, default=0)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--barely", action="store_true", help="one epoch, for the tests")
    options = ask.parse_args()
    plan, run, data = PLANS[options.name], Path(options.run), datasets.load(options.name)
    gan = plan.build(seed=options.seed)
    rate = float(gan.g_optimizer.learning_rate)
    fade = training.Fade(rate, options.epochs, options.fade)

    def train(epochs, log=()):
        labels = data.labels if plan.labels else None
        choices = {"batch_size": plan.batch_size, "flip": plan.flip, "seed": options.seed}
        choices |= {"run_dir": run, "callbacks": log, "verbose": 2}
        training.train(gan, data.images, labels, epochs=epochs, **choices)

    if options.barely:
        train(1)
        weights.save(gan.ema_generator, weights.bundled(f"{options.name}_generator_barely"))
        return
    log = callbacks.QualityLog(options.name, num_samples=2000, path=run / "quality.jsonl")
    train(options.epochs, [log, fade])
    for part, model in (("generator", gan.ema_generator), ("discriminator", gan.discriminator)):
        path = weights.save(model, weights.bundled(f"{options.name}_{part}"))
        print(path.name, f"{path.stat().st_size / 1e6:.2f} MB")
    weights.load(gan.ema_generator, weights.bundled(f"{options.name}_generator"))
    print(metrics.quality(gan.generate(2000, seed=1), options.name, value_range=(-1, 1)))


if __name__ == "__main__":
    main()
