"""How long until the digits are good: R1 as published against the kit's recipe.

Both train on the bundled MNIST images in turns of ``--turn`` seconds in one process, so that
both see the same machine. After each turn 2,000 samples are measured. Seconds are training
alone: tracing the step, drawing and measuring are not counted for either.

usage: python benchmarks/time_to_quality.py [--kit-seconds 60] [--r1-seconds 480] [--turn 20]
"""

import argparse
import time

import keras

from helpers import datasets, metrics, recipes


class Budget(keras.callbacks.Callback):
    """Stops ``fit`` when its seconds are used, and counts them."""

    def __init__(self):
        super().__init__()
        self.used = 0.0

    def grant(self, seconds):
        self.left = seconds
        return self

    def on_train_begin(self, logs=None):
        self.last = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        self.used, self.left, self.last = (
            self.used + now - self.last,
            self.left - now + self.last,
            now,
        )
        if self.left <= 0:
            self.model.stop_training = True


class Contender:
    """One recipe with its clock, its place in the data and its curve.

    ``dataset`` names whose classifier measures ``samples`` images; ``flip`` mirrors the real ones;
    ``labels`` are for recipes that learn from them.
    """

    def __init__(
        self,
        name,
        gan,
        images,
        batch_size,
        seed,
        *,
        labels=None,
        dataset="mnist",
        flip=False,
        samples=2000,
    ):
        self.name, self.gan, self.budget = name, gan, Budget()
        self.images, self.labels, self.batch_size, self.seed = images, labels, batch_size, seed
        self.dataset, self.flip, self.samples = dataset, flip, samples
        self.turns, self.rows = 0, []
        self._fit(images[:batch_size], callbacks=())  # traces the step, one step of training

    def _fit(self, images, callbacks):
        self.turns += 1
        batches = datasets.batches(
            images,
            self.batch_size,
            labels=None if self.labels is None else self.labels[: len(images)],
            seed=self.seed,
            start_epoch=self.turns,
            flip=self.flip,
        )
        steps = 1 if len(images) == self.batch_size else 10**6
        self.gan.fit(batches, steps_per_epoch=steps, callbacks=list(callbacks), verbose=0)

    def advance(self, seconds):
        """Train for that long, then measure."""
        self._fit(self.images, [self.budget.grant(seconds)])
        samples = self.gan.generate(self.samples, seed=1)
        figures = metrics.quality(samples, self.dataset, value_range=(-1, 1))
        self.rows.append({"seconds": self.budget.used, **figures})
        keys = ("frechet", "confident", "coverage", "class_min", "class_max")
        shown = ", ".join(f"{key} {figures[key]:.3f}" for key in keys)
        print(f"{self.name:4} {self.budget.used:6.1f} s: {shown}", flush=True)


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--kit-seconds", type=float, default=60)
    ask.add_argument("--r1-seconds", type=float, default=480)
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--seed", type=int, default=0)
    args = ask.parse_args()
    images = datasets.load("mnist", limit=10_000).images
    keras.utils.set_random_seed(args.seed)
    kit = recipes.mnist_gan(seed=args.seed)
    kit = Contender("kit", kit, images, recipes.MNIST_BATCH, args.seed)
    r1 = Contender("R1", recipes.r1_gan(args.seed), images, 256, args.seed)
    while (more := kit.budget.used < args.kit_seconds) or r1.budget.used < args.r1_seconds:
        if more:
            kit.advance(min(args.turn, args.kit_seconds - kit.budget.used))
        if r1.budget.used < args.r1_seconds:
            r1.advance(args.turn)
    best = min(r1.rows, key=lambda row: row["frechet"])
    first = next((row for row in kit.rows if row["frechet"] <= best["frechet"]), None)
    if first is None:
        print(f"the kit did not reach R1's best Frechet distance, {best['frechet']:.1f}")
        return
    print(
        f"R1's best Frechet distance is {best['frechet']:.1f}, after {best['seconds']:.0f} s; the "
        f"kit was at {first['frechet']:.1f} after {first['seconds']:.0f} s: at least "
        f"{best['seconds'] / first['seconds']:.0f} times faster"
    )


if __name__ == "__main__":
    main()
