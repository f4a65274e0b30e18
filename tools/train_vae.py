"""Train the VAEs that ship in ``data/weights``, and say how good they are.

    python tools/train_vae.py --run FOLDER [--latent-dims 2 16] [--epochs 60]

Trains the recipe of ``helpers.recipes`` on what ``datasets.load`` finds (set ``COURSE_DATA_DIR``
for the full 60,000 images), with a checkpoint after every epoch in ``FOLDER``: killed, it goes
on. The epochs belong to the schedule of the learning rate: to go on with a run, name the same
number. Writes ``mnist_vae2.npz`` and ``mnist_vae16.npz`` as float16. The figures printed last
come from networks that were loaded from these files, on test images that were binarized once.
"""

import argparse
import math
from pathlib import Path

import numpy as np

from helpers import datasets, images, recipes, session, training, weights
from helpers.networks import autoencoders


def train(latent_dim, data, options):
    """Train one VAE, or go on with it, and write its weights; returns the path of the file."""
    session.seed_everything(options.seed)
    steps = options.epochs * math.ceil(len(data) / options.batch_size)
    vae = recipes.mnist_vae(
        latent_dim, steps, learning_rate=options.learning_rate, seed=options.seed
    )
    training.train(
        vae,
        data.images,
        epochs=options.epochs,
        batch_size=options.batch_size,
        seed=options.seed,
        run_dir=Path(options.run) / f"vae{latent_dim}",
        verbose=2,
    )
    model = autoencoders.joined(vae.encoder, vae.decoder)
    return weights.save(model, weights.bundled(autoencoders.PRETRAINED[latent_dim]))


def report(latent_dim, path, test):
    """Print the bounds of the shipped network on ``test``, floats of 0 and 1."""
    vae = training.VAE(*autoencoders.load_vae(latent_dim))
    score = {name: values.mean() for name, values in vae.score(test).items()}
    bound = np.mean(vae.log_likelihood(test[:1000], samples=500))
    print(
        f"{path.name} {path.stat().st_size / 1e6:.2f} MB: negative ELBO "
        f"{score['negative_elbo']:.2f} nats on {len(test):,} test images (reconstruction "
        f"{score['reconstruction']:.2f}, KL {score['kl']:.2f}); importance-weighted bound of 500 "
        f"samples on 1,000 of them {-bound:.2f}",
        flush=True,
    )


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--run", required=True, help="folder of the checkpoints")
    ask.add_argument(
        "--latent-dims",
        type=int,
        nargs="+",
        default=[2, 16],
        choices=sorted(autoencoders.PRETRAINED),
    )
    ask.add_argument("--epochs", type=int, default=60)
    ask.add_argument("--batch-size", type=int, default=recipes.VAE_BATCH)
    ask.add_argument("--learning-rate", type=float, default=2e-3)
    ask.add_argument("--seed", type=int, default=0)
    options = ask.parse_args()
    data = datasets.load("mnist")
    test = images.to_float(datasets.load("mnist", split="test").images, (0, 1))
    test = images.binarize(test, seed=1)
    for latent_dim in options.latent_dims:
        report(latent_dim, train(latent_dim, data, options), test)


if __name__ == "__main__":
    main()
