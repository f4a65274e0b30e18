"""Train the networks of notebook 09 that ship in ``data/weights``, and say what they are.

    python tools/train_translation.py outline|pix2pix|cyclegan --run FOLDER [--epochs 60]

Trains the recipe of ``helpers.recipes`` on the bundled emoji with a checkpoint every five epochs in
``FOLDER``: killed, it goes on. The learning rates fall to 0 along a cosine. Writes the averaged
generator as float16 to ``data/weights/emoji_NAME.npz`` and prints its figures on the test things.
"""

import argparse
import math
from pathlib import Path

import keras
import numpy as np

from helpers import datasets, images, recipes, training, weights
from lessons.translation import formulas, pictures

FLOAT = (-1.0, 1.0)
WIDTH = 20  # of the generators


def plan(name):
    """(sources, targets, test sources, test targets, batch size, recipe, rates) of a network."""
    disjoint = name == "cyclegan"
    source, target = datasets.emoji_pairs("noto", "fluent", disjoint=disjoint)
    tests = datasets.emoji_pairs("noto", "fluent", "test")
    if name == "outline":
        target, tests = source, (tests[0], tests[0])
        sources = [pictures.outlines(each.images) for each in (source, tests[0])]
    else:
        sources = [each.images for each in (source, tests[0])]
    truth = images.to_float(tests[1].images, FLOAT)
    recipe = recipes.emoji_cyclegan if disjoint else recipes.emoji_pix2pix
    batch = recipes.PILE_BATCH if disjoint else recipes.PAIR_BATCH
    rates = (6e-4, 6e-4) if disjoint else (2e-3, 1e-3)
    return (
        sources[0],
        target.images,
        images.to_float(sources[1], FLOAT),
        truth,
        batch,
        recipe,
        rates,
    )


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("name", choices=("outline", "pix2pix", "cyclegan"))
    ask.add_argument("--run", required=True, help="folder of the checkpoints")
    ask.add_argument("--epochs", type=int, default=60)
    ask.add_argument("--seed", type=int, default=0)
    options = ask.parse_args()
    sources, targets, tests, truth, batch, recipe, rates = plan(options.name)
    steps = options.epochs * math.ceil(len(sources) / batch)
    schedules = [keras.optimizers.schedules.CosineDecay(rate, steps) for rate in rates]
    extra = {"skip": 0.0} if options.name == "outline" else {}
    model = recipe(*schedules, width=WIDTH, seed=options.seed, **extra)
    training.train(
        model,
        sources,
        targets,
        epochs=options.epochs,
        batch_size=batch,
        flip=True,
        seed=options.seed,
        run_dir=Path(options.run),
        save_every=5,
        verbose=2,
    )
    generator = model.ema_to_b if options.name == "cyclegan" else model.ema_generator
    path = weights.save(generator, weights.bundled(f"emoji_{options.name}"))
    outputs = model.translate(tests)
    near = (formulas.rank_of_truth(outputs, truth) == 0).mean()
    size, distance = path.stat().st_size / 1e6, np.abs(outputs - truth).mean()
    print(f"{path.name} {size:.2f} MB: L1 {distance:.4f}, nearest {near:.0%}")


if __name__ == "__main__":
    main()
