"""Train the generators and discriminators that ship in ``data/weights``, and say what they are.

    python tools/train_pretrained.py mnist --run FOLDER [--epochs 12]

Trains the recipe of ``helpers.recipes`` on what ``datasets.load`` finds (set ``COURSE_DATA_DIR``
for the full set), with a checkpoint after every epoch in ``FOLDER``: killed, it goes on. Writes
the averaged generator, the discriminator, and the generator after the first epoch (for the tests
of the quality figures) as float16 to ``data/weights/``.
"""

import argparse

from helpers import callbacks, datasets, metrics, recipes, training, weights

RECIPES = {"mnist": (recipes.mnist_gan, recipes.MNIST_BATCH)}


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("name", choices=sorted(RECIPES))
    ask.add_argument("--run", required=True, help="folder of the checkpoints")
    ask.add_argument("--epochs", type=int, default=12)
    ask.add_argument("--seed", type=int, default=0)
    options = ask.parse_args()
    build, batch_size = RECIPES[options.name]
    data = datasets.load(options.name)
    gan = build(seed=options.seed)
    train = {"batch_size": batch_size, "seed": options.seed, "run_dir": options.run, "verbose": 2}
    log = callbacks.QualityLog(options.name, num_samples=2000, every=5)
    training.train(gan, data.images, epochs=1, **train)
    weights.save(gan.ema_generator, weights.bundled(f"{options.name}_generator_barely"))
    training.train(gan, data.images, epochs=options.epochs, callbacks=[log], **train)
    for part, model in (("generator", gan.ema_generator), ("discriminator", gan.discriminator)):
        path = weights.save(model, weights.bundled(f"{options.name}_{part}"))
        print(path.name, f"{path.stat().st_size / 1e6:.2f} MB")
    weights.load(gan.ema_generator, weights.bundled(f"{options.name}_generator"))
    print(metrics.quality(gan.generate(2000, seed=1), options.name, value_range=(-1, 1)))


if __name__ == "__main__":
    main()
