"""Systems that train in turns on one machine, so that all see the same load, and their comparison.

Seconds are training alone: tracing the step, drawing and measuring are not counted for anyone.
"""

import time

import keras

from helpers import datasets, metrics


class Budget(keras.callbacks.Callback):
    """Stops ``fit`` when its seconds are used, and counts them.

    ``fade`` = (learning rate, seconds at which it begins to fall, seconds at which it is 0); the
    rate may be a dict, one for each of the model's optimizers by name.
    """

    def __init__(self, fade=None):
        super().__init__()
        self.used, self.fade = 0.0, fade

    def grant(self, seconds):
        self.left = seconds
        return self

    def on_train_begin(self, logs=None):
        self.last = time.perf_counter()

    def on_train_batch_end(self, batch, logs=None):
        now = time.perf_counter()
        spent, self.last = now - self.last, now
        self.used, self.left = self.used + spent, self.left - spent
        if self.left <= 0:
            self.model.stop_training = True
        if self.fade and self.used > self.fade[1]:
            rate, start, stop = self.fade
            left = max(0.0, (stop - self.used) / (stop - start))
            for name, optimizer in self.model.optimizers().items():
                full = rate[name] if isinstance(rate, dict) else rate
                optimizer.learning_rate.assign(full * left)


def quality_of(dataset, samples):
    """A measure for ``Contender``: the kit's quality figures of that many samples."""

    def measure(gan):
        return metrics.quality(gan.generate(samples, seed=1), dataset, value_range=(-1, 1))

    return measure


class Contender:
    """One compiled GAN with its clock, its place in the data and its curve.

    ``measure(gan)`` returns a dictionary of figures, of which ``shown`` are printed; ``labels`` are
    for systems that learn from them, or the targets of those that translate; ``flip`` mirrors half
    of the real images; ``fade`` is that of ``Budget``.
    """

    shown = ("frechet", "confident", "coverage", "class_min", "class_max")

    def __init__(
        self,
        name,
        gan,
        images,
        batch_size,
        measure,
        *,
        labels=None,
        flip=False,
        fade=None,
        seed=0,
        shown=None,
    ):
        self.name, self.gan, self.measure, self.budget = name, gan, measure, Budget(fade)
        self.images, self.labels, self.batch_size = images, labels, batch_size
        self.options = {"flip": flip, "seed": seed}
        self.shown = shown or self.shown
        self.turns, self.rows = 0, []
        self._fit(
            min(batch_size, len(images)), 1, callbacks=()
        )  # traces the step, one step of training

    def _fit(self, count, steps, callbacks):
        self.turns += 1
        batches = datasets.batches(
            self.images[:count],
            self.batch_size,
            labels=None if self.labels is None else self.labels[:count],
            aligned=getattr(self.gan, "aligned", True),
            start_epoch=self.turns,
            **self.options,
        )
        self.gan.fit(batches, steps_per_epoch=steps, callbacks=list(callbacks), verbose=0)

    def advance(self, seconds):
        """Train for that long, then measure."""
        self._fit(len(self.images), 10**6, [self.budget.grant(seconds)])
        figures = self.measure(self.gan)
        self.rows.append({"seconds": self.budget.used, **figures})
        shown = ", ".join(f"{key} {figures[key]:.3f}" for key in self.shown)
        print(f"{self.name:4} {self.budget.used:6.1f} s: {shown}", flush=True)


def take_turns(contenders, turn, first=5.0):
    """Let ``[(contender, seconds), ...]`` train in turns until each has used its seconds.

    The first turns are shorter, ``first`` seconds and then as long as all before, because that is
    when a quick system changes most.
    """
    while waiting := [pair for pair in contenders if pair[0].budget.used < pair[1]]:
        for contender, seconds in waiting:
            used = contender.budget.used
            contender.advance(min(turn, max(first, used), seconds - used))


def best_of(contender, key="frechet", best=min):
    """The row of the curve with the best figure; ``best`` is ``min`` or ``max``."""
    return best(contender.rows, key=lambda row: row[key])


def compare(kit, published, key="frechet", best=min):
    """One line: when the kit first reached the best figure that the published system has."""
    goal = best_of(published, key, best)
    text = f"{key}: {published.name}'s best is {goal[key]:.3f}, after {goal['seconds']:.0f} s; "
    reached = [row for row in kit.rows if best(row[key], goal[key]) == row[key]]
    if not reached:
        return text + "the kit did not reach it"
    ratio = goal["seconds"] / reached[0]["seconds"]
    return text + (
        f"the kit was at {reached[0][key]:.3f} after {reached[0]['seconds']:.0f} s: at least "
        f"{ratio:.1f} times faster"
    )
