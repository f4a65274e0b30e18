"""One run of a notebook from start to end: a quiet start, equal seeds, and what it leaves behind.

TensorFlow's C++ part writes a page of notes to the error stream before any logging setting can
reach it. They worry newcomers, and an autograder takes any line on that stream for a failure.
"""

import importlib
import json
import logging
import os
import sys
import tempfile
from pathlib import Path

import numpy as np

from helpers import checking


def import_tensorflow():
    """Import TensorFlow with the process's error stream set aside; returns the module.

    Call it before the first ``import keras``. If the import fails, what TensorFlow wrote is
    written out after all and the error goes on. From then on TensorFlow no longer warns that many
    models were compiled, which is what a lesson does; its other warnings stay.
    """
    if "tensorflow" in sys.modules:
        return sys.modules["tensorflow"]
    sys.stderr.flush()
    kept = os.dup(2)
    with tempfile.TemporaryFile() as notes:
        os.dup2(notes.fileno(), 2)
        try:
            tensorflow = importlib.import_module("tensorflow")
            logging.getLogger("tensorflow").addFilter(_is_no_retracing)
            return tensorflow
        except BaseException:
            notes.seek(0)
            os.write(kept, notes.read())
            raise
        finally:
            os.dup2(kept, 2)
            os.close(kept)


def _is_no_retracing(record):
    """Leave out one warning: a lesson compiles many small models, which is no mistake."""
    return "triggered tf.function retracing" not in record.getMessage()


def seed_everything(seed, deterministic=True):
    """Seed Python, NumPy, TensorFlow and Keras, and ask TensorFlow for repeatable operations.

    Equal seeds on the same machine with the same versions then give equal losses; another
    processor or version may differ in the last digits.

    Args:
        seed: whole number from 0 to 2**32 - 1.
        deterministic: also switch ``tf.config.experimental.enable_op_determinism`` on, which
            costs some speed on a GPU. It cannot be switched off again in the same process, so
            ``False`` only means not to switch it on.

    Returns:
        the seed.

    Raises:
        ValueError: not such a number.
    """
    seed = checking.whole(seed, "seed", 0, 2**32 - 1)
    tensorflow = import_tensorflow()
    # Imported here: the quiet start comes before Keras.
    import keras
    from keras.src.backend.common import global_state

    keras.utils.set_random_seed(seed)
    # Keras 3.10 lets its global generator go on where it was; later versions reset it themselves.
    global_state.set_global_attribute("global_seed_generator", None)
    if deterministic:
        tensorflow.config.experimental.enable_op_determinism()
    return seed


def save_results(folder, *, networks=None, pictures=None, **facts):
    """Write networks (``NAME.keras``), pictures (``NAME.png``) and ``result.json`` to a folder.

    Args:
        folder: usually ``config.output_dir(...)``.
        networks: name -> Keras model.
        pictures: name -> matplotlib figure or PIL image.
        facts: figures and words for ``result.json``; those of an earlier call stay unless they
            are given again.

    Returns:
        the facts now in ``result.json``.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for name, model in (networks or {}).items():
        model.save(folder / f"{name}.keras")
    for name, picture in (pictures or {}).items():
        write = picture.savefig if hasattr(picture, "savefig") else picture.save
        write(folder / f"{name}.png")
    path = folder / "result.json"
    known = json.loads(path.read_text()) if path.exists() else {}
    known.update(_plain(facts))
    path.write_text(json.dumps(known, indent=2) + "\n")
    return known


def _plain(value):
    """``value`` as something that JSON has: NumPy numbers and arrays, paths and dicts."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(item) for item in value]
    if isinstance(value, (np.integer, np.floating, np.bool_)):
        value = value.item()
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value.name if isinstance(value, Path) else value
