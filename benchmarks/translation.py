"""From picture to picture: the kit's recipes of notebook 09 against the published settings.

Every task trains the kit's small networks and the published ones (cut to 32 pixels where they are
made for 256) for equally many seconds, in turns in one process, and scores both on the 153 test
things after each turn: L1 on [-1, 1], PSNR, and for how many the true drawing is the nearest. The
row "copy" is the input itself (bicubic enlargement for ``enlarge``).

The aims after 240 s on two cores: outline 0.15, pix2pix 0.16 and nearest for 60 %, cyclegan a fifth
below copying, enlarge 26.5 dB.

usage: python benchmarks/translation.py [--tasks outline pix2pix cyclegan enlarge]
           [--seconds 240] [--turn 40] [--seed 0] [--kit-only]
"""

import argparse

import keras
import numpy as np
from contenders import Contender, take_turns

from helpers import datasets, images, metrics, recipes
from lessons.translation import formulas, pictures

TASKS = ("outline", "pix2pix", "cyclegan", "enlarge")
SHOWN = ("l1", "psnr", "nearest")
FLOAT = (-1.0, 1.0)


def figures(outputs, truth):
    """L1, PSNR and the share whose true drawing is the nearest."""
    return {
        "l1": float(np.abs(outputs - truth).mean()),
        "psnr": float(metrics.psnr(outputs, truth, FLOAT).mean()),
        "nearest": float((formulas.rank_of_truth(outputs, truth) == 0).mean()),
    }


def data_of(task):
    """(sources, targets) of training as bytes, (sources, targets) of the test as floats."""
    if task == "enlarge":
        parts = [
            [datasets.load("emoji", split, size=size).images for size in (16, 64)]
            for split in ("train", "test")
        ]
    elif task == "outline":
        parts = [datasets.load("emoji", split).images for split in ("train", "test")]
        parts = [(pictures.outlines(each), each) for each in parts]
    else:
        disjoint = task == "cyclegan"
        parts = [
            [side.images for side in datasets.emoji_pairs("noto", "fluent", split, disjoint=both)]
            for split, both in (("train", disjoint), ("test", False))
        ]
    return parts[0], [images.to_float(each, FLOAT) for each in parts[1]]


def contenders(task, seconds, seed, published):
    """The kit's recipe and, if wanted, the published one."""
    train, (source, truth) = data_of(task)
    copied = pictures.enlarged(source, "bicubic") if task == "enlarge" else source
    print(task, "copy:", ", ".join(f"{k} {v:.3f}" for k, v in figures(copied, truth).items()))
    kit, batch, rates = {
        "outline": (lambda: recipes.emoji_pix2pix(skip=0.0), recipes.PAIR_BATCH, (2e-3, 1e-3)),
        "pix2pix": (recipes.emoji_pix2pix, recipes.PAIR_BATCH, (2e-3, 1e-3)),
        "cyclegan": (recipes.emoji_cyclegan, recipes.PILE_BATCH, (6e-4, 6e-4)),
        "enlarge": (recipes.emoji_resnet, recipes.PAIR_BATCH, (1e-3, 1e-3)),
    }[task]
    theirs, their_batch = {
        "outline": (recipes.published_pix2pix, 1),
        "pix2pix": (recipes.published_pix2pix, 1),
        "cyclegan": (recipes.published_cyclegan, 1),
        "enlarge": (recipes.published_resnet, 16),
    }[task]
    fade = dict(zip(("g_optimizer", "d_optimizer"), rates, strict=True)), seconds / 3, seconds
    found = []
    for name, build, size, falls in (
        ("kit", kit, batch, fade),
        ("published", theirs, their_batch, None),
    ):
        if name == "kit" or published:
            keras.utils.set_random_seed(seed)
            options = {"labels": train[1], "flip": True, "fade": falls, "seed": seed}
            model = build(seed=seed) if task != "outline" or name != "kit" else build()
            measure = lambda model: figures(model.translate(source), truth)  # noqa: E731
            who = Contender(
                f"{task} {name}", model, train[0], size, measure, shown=SHOWN, **options
            )
            found.append((who, seconds))
    return found


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--tasks", nargs="+", choices=TASKS, default=TASKS)
    ask.add_argument("--seconds", type=float, default=240)
    ask.add_argument("--turn", type=float, default=40)
    ask.add_argument("--seed", type=int, default=0)
    ask.add_argument("--kit-only", action="store_true")
    args = ask.parse_args()
    for task in args.tasks:
        pairs = contenders(task, args.seconds, args.seed, not args.kit_only)
        take_turns(pairs, args.turn, first=args.turn)
        rows = {who.name: who.rows[-1] for who, _ in pairs}
        for name, row in rows.items():
            print(f"{name} after {row['seconds']:.0f} s: "
                  + ", ".join(f"{key} {row[key]:.3f}" for key in SHOWN))  # fmt: skip


if __name__ == "__main__":
    main()
