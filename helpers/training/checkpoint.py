"""Checkpoints that a killed kernel can trust.

Keras's ``BackupAndRestore`` saves one ``optimizer``: a restored GAN would quietly train with fresh
Adam moments. This one keeps every variable: networks, averaged copy, all optimizers, random state,
and the history. It is written beside the last one and then renamed, so a kill loses nothing.
"""

import hashlib
import json
import os
import shutil
from pathlib import Path

import keras
import numpy as np

from helpers import checking, weights

KEPT = 2  # checkpoints: should the newest be damaged, the one before it is there


def state_variables(model):
    """Every variable that the next training step depends on, each once, in a fixed order."""
    variables = [*model.variables]
    for optimizer in model.optimizers().values():
        variables += optimizer.variables
    unique = {id(variable): variable for variable in variables}
    metric_ids = {id(v) for metric in model.metrics for v in metric.variables}
    return [variable for key, variable in unique.items() if key not in metric_ids]


class Checkpoint(keras.callbacks.Callback):
    """Saves the whole training state every ``every`` epochs and restores the newest good one.

    Args:
        folder: where the checkpoints live; one run, one folder.
        every: epochs between two checkpoints. The last epoch is always saved.

    Call ``restore(model)`` before ``fit``; it returns the epoch to go on from (0 if there is
    nothing), and ``history`` then holds the epochs so far. ``training.train`` does both.
    """

    def __init__(self, folder, every=1):
        super().__init__()
        self.folder, self.every = Path(folder), checking.whole(every, "every")
        self.history, self.epoch = {}, 0

    def saved(self):
        """Folders of the checkpoints, oldest first."""
        return sorted(self.folder.glob("epoch-[0-9]*[0-9]"))

    def restore(self, model):
        """Fill ``model`` from the newest readable checkpoint; returns its epoch, or 0.

        Raises:
            ValueError: the checkpoint was written by another network or optimizer.
        """
        for unfinished in self.folder.glob(".writing-*"):
            shutil.rmtree(unfinished, ignore_errors=True)
        for path in reversed(self.saved()):
            state = self._read(path)
            if state is None:
                print(f"Checkpoint {path.name} is damaged; trying the one before it.")
                continue
            arrays, note = state
            self._assign(model, arrays, path)
            self.history, self.epoch = note["history"], note["epoch"]
            break
        return self.epoch

    @staticmethod
    def _read(path):
        try:
            note = json.loads((path / "note.json").read_text())
            raw = (path / "state.npz").read_bytes()
            if hashlib.sha256(raw).hexdigest() != note["sha256"]:
                return None
            with np.load(path / "state.npz") as file:
                return [file[name] for name in sorted(file.files)], note
        except weights.DAMAGE:
            return None

    def _assign(self, model, arrays, path):
        variables = state_variables(model)
        shapes = [tuple(variable.shape) for variable in variables]
        if [array.shape for array in arrays] != shapes:
            raise ValueError(
                f"the checkpoint {path} was written by another network or optimizer than "
                f"{model.name} has now ({len(arrays)} arrays there, {len(shapes)} here): delete "
                f"the folder {self.folder} to start anew, or use another run folder"
            )
        for variable, array in zip(variables, arrays, strict=True):
            variable.assign(array)

    def on_epoch_end(self, epoch, logs=None):
        for name, value in (logs or {}).items():
            self.history.setdefault(name, []).append(float(value))
        self.epoch = epoch + 1
        if self.epoch % self.every == 0 or self.epoch == self.params.get("epochs"):
            self.save()

    def save(self):
        """Write the present state as one new checkpoint folder, then drop the oldest."""
        target = self.folder / f"epoch-{self.epoch:06d}"
        partial = self.folder / f".writing-{os.getpid()}"
        shutil.rmtree(partial, ignore_errors=True)
        partial.mkdir(parents=True)
        arrays = [np.asarray(variable) for variable in state_variables(self.model)]
        np.savez(partial / "state.npz", **{f"{i:05d}": array for i, array in enumerate(arrays)})
        digest = hashlib.sha256((partial / "state.npz").read_bytes()).hexdigest()
        note = {"epoch": self.epoch, "history": self.history, "sha256": digest}
        (partial / "note.json").write_text(json.dumps(note))
        for name in ("state.npz", "note.json"):
            with open(partial / name, "rb") as file:
                os.fsync(file.fileno())
        shutil.rmtree(target, ignore_errors=True)
        partial.rename(target)
        for old in self.saved()[:-KEPT]:
            shutil.rmtree(old, ignore_errors=True)
