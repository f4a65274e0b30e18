"""How the checks of notebook 08 read an answer."""

import numpy as np

from exercises.verdict import Wrong, close


def numbers(value, name):
    """An answer as a float array of any shape."""
    try:
        return np.asarray(value, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"{name} must be numbers, yours is {type(value).__name__}") from None


def array(value, shape, name):
    """An answer as a float array of the wanted shape, without NaN."""
    found = numbers(value, name)
    if found.shape != shape:
        raise Wrong(f"{name} must have shape {shape}, yours has {found.shape}")
    if not np.isfinite(found).all():
        raise Wrong(f"{name} holds NaN or infinity: something was divided by 0")
    return found


def explain(found, expected, mistakes, name, atol=1e-4):
    """Raise ``Wrong`` with the sentence of the mistake that gives the numbers found."""
    if close(found, expected, atol):
        return
    for value, sentence in mistakes:
        if close(found, value, atol):
            raise Wrong(f"{name}: {sentence}")
    raise Wrong(
        f"{name} starts with {np.ravel(found)[:3].round(3)} where "
        f"{np.ravel(expected)[:3].round(3)} is right"
    )
