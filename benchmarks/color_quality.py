"""How long until color images are good: lab_cifar and assignment_cifar against the kit's recipe.

The kit's recipe is told the labels of the training images; the published pairs have no use for
them. Its learning rates fade to 0 in the last sixth of its seconds, as in notebook 02. All three
train on the bundled CIFAR-10 images in turns of ``--turn`` seconds in one process. After each turn
samples are measured.

At the end: for each published system the time to its best Frechet distance against the kit's time
to the same distance; and the kit's last distance as a share of that best. The aims are a ratio of
at least 10, a share below one quarter, and no class rarer than 3 %.

usage: python benchmarks/color_quality.py [--kit-seconds 240] [--published-seconds 480]
           [--against lab_cifar assignment_cifar] [--turn 20] [--samples 2000] [--seed 0]
"""

import argparse

import keras
from contenders import Contender, best_of, compare, quality_of, take_turns

from helpers import datasets, recipes


def make_contenders(args, data):
    """The kit's recipe and those it is compared with, each freshly seeded: [(who, seconds)]."""
    measure = quality_of("cifar10", args.samples)
    keras.utils.set_random_seed(args.seed)
    gan = recipes.cifar10_gan(seed=args.seed)
    fade = float(gan.g_optimizer.learning_rate), args.kit_seconds * 5 / 6, args.kit_seconds
    kit = Contender(
        "kit",
        gan,
        data.images,
        recipes.CIFAR10_BATCH,
        measure,
        labels=data.labels,
        flip=True,
        fade=fade,
        seed=args.seed,
    )
    pairs = [(kit, args.kit_seconds)]
    for name in args.against:
        keras.utils.set_random_seed(args.seed)
        gan = recipes.published_gan(name, args.seed)
        published = Contender(name, gan, data.images, 256, measure, seed=args.seed)
        pairs.append((published, args.published_seconds))
    return pairs


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--kit-seconds", type=float, default=240)
    ask.add_argument("--published-seconds", type=float, default=480)
    ask.add_argument(
        "--against",
        nargs="+",
        choices=("lab_cifar", "assignment_cifar"),
        default=("lab_cifar", "assignment_cifar"),
    )
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--samples", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=0)
    args = ask.parse_args()
    pairs = make_contenders(args, datasets.load("cifar10", limit=10_000))
    take_turns(pairs, args.turn)
    kit, *rivals = (who for who, _ in pairs)
    last = kit.rows[-1]
    for rival in rivals:
        print(compare(kit, rival))
        share = last["frechet"] / best_of(rival)["frechet"]
        print(
            f"the kit after {last['seconds']:.0f} s: Frechet distance {last['frechet']:.1f}, "
            f"{share:.2f} of {rival.name}'s best, rarest class {last['class_min']:.1%}"
        )


if __name__ == "__main__":
    main()
