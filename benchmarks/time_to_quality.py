"""How long until the digits are good: lab_dcgan as published against the kit's recipe.

Both train on the bundled MNIST images in turns of ``--turn`` seconds in one process. After each
turn 2,000 samples are measured.

usage: python benchmarks/time_to_quality.py [--kit-seconds 60] [--published-seconds 480] [--turn 20]
"""

import argparse

import keras
from contenders import Contender, compare, quality_of, take_turns

from helpers import datasets, recipes


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--kit-seconds", type=float, default=60)
    ask.add_argument("--published-seconds", type=float, default=480)
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--seed", type=int, default=0)
    args = ask.parse_args()
    images = datasets.load("mnist", limit=10_000).images
    measure = quality_of("mnist", samples=2000)
    keras.utils.set_random_seed(args.seed)
    kit = recipes.mnist_gan(seed=args.seed)
    kit = Contender("kit", kit, images, recipes.MNIST_BATCH, measure, seed=args.seed)
    published = recipes.published_gan("lab_dcgan", args.seed)
    published = Contender("lab_dcgan", published, images, 256, measure, seed=args.seed)
    take_turns([(kit, args.kit_seconds), (published, args.published_seconds)], args.turn)
    print(compare(kit, published))


if __name__ == "__main__":
    main()
