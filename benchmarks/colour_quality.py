"""How long until the colour images are good: R2 and D2 as published against the kit's recipe.

The kit's recipe is told the labels of the training images; R2 and D2 have no use for them. All
three train on the bundled CIFAR-10 images in turns of ``--turn`` seconds in one process, so
that all see the same machine. After each turn samples are measured. Seconds are training alone:
tracing the step, drawing and measuring are not counted for any of them.

At the end: for each published system the time to its best Frechet distance against the kit's time
to the same distance; and the kit's last distance as a share of R2's best. The aims are a ratio of
at least 10, a share below one quarter, and no class rarer than 3 %.

usage: python benchmarks/colour_quality.py [--kit-seconds 240] [--published-seconds 480]
                                           [--against R2 D2] [--turn 20] [--samples 2000] [--seed 0]
"""

import argparse

import keras
from time_to_quality import Contender

from helpers import datasets, recipes


def make_contenders(args, data):
    """The kit's recipe, R2 and D2, each freshly seeded: name -> (contender, its seconds)."""
    plans = {
        "kit": (recipes.cifar10_gan, recipes.CIFAR10_BATCH, True, args.kit_seconds),
        "R2": (lambda seed: recipes.published_gan("R2", seed), 256, False, args.published_seconds),
        "D2": (lambda seed: recipes.published_gan("D2", seed), 256, False, args.published_seconds),
    }
    contenders = {}
    plans = {name: plan for name, plan in plans.items() if name in ("kit", *args.against)}
    for name, (make, batch_size, flip, seconds) in plans.items():
        keras.utils.set_random_seed(args.seed)
        options = {"dataset": "cifar10", "flip": flip, "samples": args.samples}
        options["labels"] = data.labels if name == "kit" else None
        gan = make(seed=args.seed)
        contender = Contender(name, gan, data.images, batch_size, args.seed, **options)
        contenders[name] = contender, seconds
    return contenders


def run(contenders, turn):
    """Let the contenders take turns until each has used its seconds."""
    waiting = True
    while waiting:
        waiting = [pair for pair in contenders.values() if pair[0].budget.used < pair[1]]
        for contender, seconds in waiting:
            contender.advance(min(turn, seconds - contender.budget.used))


def best_of(contender):
    return min(contender.rows, key=lambda row: row["frechet"])


def compare(kit, published):
    """Print the ratio of times to the best distance that a published system reached."""
    best, name = best_of(published), published.name
    first = next((row for row in kit.rows if row["frechet"] <= best["frechet"]), None)
    reached = f"{name}'s best Frechet distance is {best['frechet']:.1f} ({best['seconds']:.0f} s)"
    if first is None:
        print(f"{reached}; the kit did not reach it")
        return
    print(
        f"{reached}; the kit: {first['frechet']:.1f} after {first['seconds']:.0f} s, at least "
        f"{best['seconds'] / first['seconds']:.1f} times faster"
    )


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--kit-seconds", type=float, default=240)
    ask.add_argument("--published-seconds", type=float, default=480)
    ask.add_argument("--against", nargs="+", choices=("R2", "D2"), default=("R2", "D2"))
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--samples", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=0)
    args = ask.parse_args()
    contenders = make_contenders(args, datasets.load("cifar10", limit=10_000))
    run(contenders, args.turn)
    kit = contenders["kit"][0]
    for name in args.against:
        published = contenders[name][0]
        compare(kit, published)
        last, share = kit.rows[-1], kit.rows[-1]["frechet"] / best_of(published)["frechet"]
        print(
            f"the kit after {last['seconds']:.0f} s: Frechet distance {last['frechet']:.1f}, "
            f"{share:.2f} of {name}'s best, rarest class {last['class_min']:.1%}"
        )


if __name__ == "__main__":
    main()
