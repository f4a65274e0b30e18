"""How long until clothing on demand is good: D3 trained as published against the kit's recipe.

SPEC D3 asks for a label in both networks and names no layers, so the published side is R1 with a
label (``networks.CATALOGUE["D3"]``), batches of 256 and Adam(1e-4). Both train on the bundled
Fashion-MNIST images in turns of ``--turn`` seconds in one process, so that both see the same
machine. After each turn 2,000 samples, 200 a class, are measured: Frechet distance, label
fidelity (over all and of the worst class) and coverage. Seconds are training alone.

usage: python benchmarks/conditional_quality.py [--kit-seconds 180] [--d3-seconds 480]
           [--turn 20] [--samples 2000] [--seed 0]
"""

import argparse

import keras
import numpy as np
from time_to_quality import Budget

from helpers import datasets, metrics, networks, recipes, training

DATASET = "fashion_mnist"
KIT_BATCH, D3_BATCH = 32, 256
SHOWN = ("frechet", "fidelity", "fidelity_min", "coverage", "class_min", "class_max")


def d3_gan(seed=0):
    """R1 with a label, compiled as SPEC R1 says: cross-entropy, both gradients at once."""
    system = networks.CATALOGUE["D3"]
    gan = training.ConditionalGAN(
        system.generator(), system.discriminator(), ema_momentum=None, seed=seed
    )
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), simultaneous=True)
    return gan


class Contender:
    """One conditional GAN with its clock, its place in the data and its curve."""

    def __init__(self, name, gan, data, batch_size, options):
        self.name, self.gan, self.data, self.batch_size = name, gan, data, batch_size
        self.seed, self.samples = options.seed, options.samples
        self.budget, self.turns, self.rows = Budget(), 0, []
        self._fit(batch_size, 1, callbacks=())  # traces the step, one step of training

    def _fit(self, count, steps, callbacks):
        self.turns += 1
        batches = datasets.batches(
            self.data.images[:count],
            self.batch_size,
            labels=self.data.labels[:count],
            seed=self.seed,
            start_epoch=self.turns,
        )
        self.gan.fit(batches, steps_per_epoch=steps, callbacks=list(callbacks), verbose=0)

    def advance(self, seconds):
        """Train for that long, then measure."""
        self._fit(len(self.data), 10**6, [self.budget.grant(seconds)])
        asked = np.arange(self.samples) % self.gan.num_classes
        judged = metrics.judge(self.gan.generate(len(asked), asked, seed=1), DATASET, (-1, 1))
        figures = metrics.figures(judged, metrics.reference(DATASET))
        found = metrics.label_fidelity(judged.probabilities, asked, self.gan.num_classes)
        figures |= {"fidelity": found.overall, "fidelity_min": float(found.per_class.min())}
        self.rows.append({"seconds": self.budget.used, **figures})
        shown = ", ".join(f"{key} {figures[key]:.3f}" for key in SHOWN)
        print(f"{self.name:3} {self.budget.used:6.1f} s: {shown}", flush=True)


def compare(kit, d3, key, best, reached):
    """One line: when the kit first reached what D3 reached at best."""
    goal = best(d3.rows, key=lambda row: row[key])
    first = next((row for row in kit.rows if reached(row[key], goal[key])), None)
    text = f"{key}: D3's best is {goal[key]:.3f}, after {goal['seconds']:.0f} s; "
    if first is None:
        return text + "the kit did not reach it"
    ratio = goal["seconds"] / first["seconds"]
    return text + (
        f"the kit was at {first[key]:.3f} after {first['seconds']:.0f} s: at least "
        f"{ratio:.1f} times faster"
    )


def main():
    ask = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    ask.add_argument("--kit-seconds", type=float, default=180)
    ask.add_argument("--d3-seconds", type=float, default=480)
    ask.add_argument("--turn", type=float, default=20)
    ask.add_argument("--samples", type=int, default=2000)
    ask.add_argument("--seed", type=int, default=0)
    options = ask.parse_args()
    data = datasets.load(DATASET, limit=10_000)
    keras.utils.set_random_seed(options.seed)
    kit = Contender("kit", recipes.fashion_cgan(seed=options.seed), data, KIT_BATCH, options)
    d3 = Contender("D3", d3_gan(options.seed), data, D3_BATCH, options)
    while kit.budget.used < options.kit_seconds or d3.budget.used < options.d3_seconds:
        for side, limit in ((kit, options.kit_seconds), (d3, options.d3_seconds)):
            if side.budget.used < limit:
                side.advance(min(options.turn, limit - side.budget.used))
    print(compare(kit, d3, "frechet", min, lambda ours, theirs: ours <= theirs))
    print(compare(kit, d3, "fidelity", max, lambda ours, theirs: ours >= theirs))


if __name__ == "__main__":
    main()
