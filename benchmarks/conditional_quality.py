"""How long until clothing on demand is good: assignment_cgan against the kit's recipe.

The assignment asks for a label in both networks and names no layers, so the published side is
lab_dcgan with a label (``networks.CATALOGUE["assignment_cgan"]``), batches of 256 and Adam(1e-4).
Both train on the bundled Fashion-MNIST images in turns of ``--turn`` seconds in one process. After
each turn 2,000 samples, 200 a class, are measured: Frechet distance, label fidelity (over all and
of the worst class) and coverage.

usage: python benchmarks/conditional_quality.py [--kit-seconds 180] [--published-seconds 480]
           [--turn 20] [--samples 2000] [--seed 0]
"""

import argparse

import keras
import numpy as np
from contenders import Contender, compare, take_turns

from helpers import datasets, metrics, networks, recipes, training

DATASET = "fashion_mnist"
KIT_BATCH, PUBLISHED_BATCH = 32, 256
SHOWN = ("frechet", "fidelity", "fidelity_min", "coverage", "class_min", "class_max")


def published_gan(seed=0):
    """lab_dcgan with a label, compiled as lab_dcgan says: cross-entropy, both gradients at once."""
    system = networks.CATALOGUE["assignment_cgan"]
    gan = training.ConditionalGAN(
        system.generator(), system.discriminator(), ema_momentum=None, seed=seed
    )
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), simultaneous=True)
    return gan


def fidelity_of(samples):
    """A measure for ``Contender``: quality, and how often the wanted class is drawn."""

    def measure(gan):
        asked = np.arange(samples) % gan.num_classes
        judged = metrics.judge(gan.generate(samples, asked, seed=1), DATASET, (-1, 1))
        found = metrics.label_fidelity(judged.probabilities, asked, gan.num_classes)
        figures = metrics.figures(judged, metrics.reference(DATASET))
        worst = float(found.per_class.min())
        return figures | {"fidelity": found.overall, "fidelity_min": worst}

    return measure


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--kit-seconds", type=float, default=180)
    ask.add_argument("--published-seconds", type=float, default=480)
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--samples", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=0)
    args = ask.parse_args()
    data = datasets.load(DATASET, limit=10_000)
    options = {"labels": data.labels, "seed": args.seed, "shown": SHOWN}
    measure = fidelity_of(args.samples)
    keras.utils.set_random_seed(args.seed)
    gan = recipes.fashion_cgan(seed=args.seed)
    kit = Contender("kit", gan, data.images, KIT_BATCH, measure, **options)
    gan = published_gan(args.seed)
    published = Contender("assignment_cgan", gan, data.images, PUBLISHED_BATCH, measure, **options)
    take_turns([(kit, args.kit_seconds), (published, args.published_seconds)], args.turn)
    print(compare(kit, published))
    print(compare(kit, published, "fidelity", max))


if __name__ == "__main__":
    main()
