"""What a notebook leaves in its output folder: pictures, networks, and ``result.json``."""

import json
from pathlib import Path

import numpy as np


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


def leave(folder, *, networks=None, pictures=None, **facts):
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
