"""From lab_dcgan to the kit's recipe: what each step of notebook 01 gains in equal time.

Every rung adds one change to the rung above and trains on the bundled MNIST for ``--seconds`` of
training alone. The rungs take turns, seed by seed, so that all see the same machine. Writes the
medians to ``data/ladder_mnist.json``, which the notebook shows.

usage: python benchmarks/ladder.py [--seconds 30] [--seeds 3]
"""

import argparse
import json
import statistics
from functools import partial

import keras
from contenders import Contender, quality_of

from helpers import config, datasets, networks, recipes, training

SHOWN = ("frechet", "confident", "coverage", "class_min", "class_max")


def adam(learning_rate, beta_1=0.9, beta_2=0.999):
    return [keras.optimizers.Adam(learning_rate, beta_1=beta_1, beta_2=beta_2) for _ in range(2)]


def small_gan(seed, optimizers, ema_momentum=0.998, **choices):
    """The kit's network with the given optimizers and choices."""
    system = networks.CATALOGUE["laptop_dcgan"]
    gan = training.GAN(
        system.generator(), system.discriminator(), ema_momentum=ema_momentum, seed=seed
    )
    gan.compile(*optimizers, **choices)
    return gan


def pairing(seed, **choices):
    return small_gan(seed, adam(2e-3, 0.0, 0.95), loss="relativistic", real_penalty=2.0, **choices)


# Name of the step, batch size, and a function of the seed that builds the compiled GAN.
RUNGS = [
    ("the lab's DCGAN as published", 256, partial(recipes.published_gan, "lab_dcgan")),
    (
        "a small network",
        256,
        lambda seed: small_gan(seed, adam(1e-4), ema_momentum=None, simultaneous=True),
    ),
    (
        "batches of 32, larger steps, averaged copy",
        32,
        lambda seed: small_gan(seed, adam(5e-4, 0.5), simultaneous=True),
    ),
    (
        "pairing loss and gradient penalty",
        32,
        lambda seed: pairing(seed, simultaneous=True),
    ),
    ("the players move in turn", 32, pairing),
    (
        "the penalty in every fourth step only",
        32,
        lambda seed: pairing(seed, penalty_every=4),
    ),
]


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seconds", type=float, default=30)
    ask.add_argument("--seeds", type=int, default=3)
    args = ask.parse_args()
    images = datasets.load("mnist", limit=10_000).images
    measure = quality_of("mnist", samples=2000)
    found = {name: [] for name, _, _ in RUNGS}
    for seed in range(args.seeds):
        for name, batch_size, build in RUNGS:
            keras.utils.set_random_seed(seed)
            contender = Contender(name, build(seed), images, batch_size, measure, seed=seed)
            contender.advance(args.seconds)
            steps = int(contender.gan.step_count)
            found[name].append({"steps": steps, **contender.rows[-1]})
    rows = []
    for name, runs in found.items():
        medians = {key: statistics.median(run[key] for run in runs) for key in ("steps", *SHOWN)}
        rows.append({"step": name, **{key: round(value, 4) for key, value in medians.items()}})
        print(rows[-1])
    path = config.bundled_data_dir() / "ladder_mnist.json"
    facts = {"dataset": "mnist", "seconds": args.seconds, "seeds": args.seeds, "rows": rows}
    path.write_text(json.dumps(facts, indent=1) + "\n")
    print("written to", path.name)


if __name__ == "__main__":
    main()
