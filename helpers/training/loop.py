"""``train``: Keras's ``fit`` with an exact data order and resume. Taught in notebook 01."""

import math
import time

import keras

from helpers import checking, datasets
from helpers.training.checkpoint import Checkpoint


class Seconds(keras.callbacks.Callback):
    """Logs the seconds of each epoch's training alone, without pictures or checkpoints."""

    def on_epoch_begin(self, epoch, logs=None):
        self.started = time.perf_counter()

    def on_epoch_end(self, epoch, logs=None):
        logs["seconds"] = time.perf_counter() - self.started


def train(
    model,
    images,
    labels=None,
    *,
    epochs,
    batch_size=64,
    seed=0,
    flip=False,
    run_dir=None,
    save_every=1,
    callbacks=(),
    verbose="auto",
):
    """Train a compiled model up to ``epochs`` epochs; go on from ``run_dir`` if it has a run.

    Args:
        model: a compiled ``GAN`` (or another model of ``helpers.training``).
        images: uint8 ``(N, H, W, C)``; scaled to the model's ``value_range`` on the way.
        labels: optional integers ``(N,)``; a ``ConditionalGAN`` needs them and checks them all.
            Models from picture to picture take target images here, uint8 ``(N, H, W, C)``.
        epochs: epochs in all, those of an earlier, interrupted run included.
        seed: the order of epoch e is a function of (seed, e) alone, so a resumed run sees the
            same batches as one that was never stopped.
        flip: mirror images left to right at random.
        run_dir: folder of the checkpoints, or ``None`` for a run that cannot be resumed.
        save_every: epochs between checkpoints.
        callbacks: Keras callbacks. One with a method ``resume(epoch, history)`` is told where
            a run goes on.

    Returns:
        dict of name -> list, one number for each epoch from the first on, with ``seconds``.
    """
    callbacks, start = list(callbacks), 0
    checking.whole(epochs, "epochs")
    if hasattr(model, "check_labels"):  # all of them: fit sees the first batch only
        model.check_labels(labels, len(images))
    checkpoint = None
    if run_dir is not None:
        checkpoint = Checkpoint(run_dir, every=save_every)
        start = checkpoint.restore(model)
        _announce(start, epochs, run_dir)
    for callback in callbacks:
        if hasattr(callback, "resume"):
            callback.resume(start, checkpoint.history if checkpoint else {})
    if start >= epochs:
        return checkpoint.history
    value_range = model.value_range or (-1.0, 1.0)
    batches = datasets.batches(
        images,
        batch_size,
        labels=labels,
        seed=seed,
        start_epoch=start,
        value_range=value_range,
        flip=flip,
        aligned=getattr(model, "aligned", True),
    )
    history = model.fit(
        batches,
        epochs=epochs,
        initial_epoch=start,
        steps_per_epoch=math.ceil(len(images) / batch_size),
        callbacks=[Seconds(), *callbacks, *([checkpoint] if checkpoint else [])],
        verbose=verbose,
    ).history
    return checkpoint.history if checkpoint else history


def _announce(start, epochs, run_dir):
    if start >= epochs:
        print(
            f"This run is complete ({start} of {epochs} epochs in {run_dir}). "
            "Raise epochs to go on, or delete the folder to start anew."
        )
    elif start:
        print(f"Going on after epoch {start} of {epochs} from {run_dir}.")
