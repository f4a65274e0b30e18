"""What all checks share: the verdicts."""

import numpy as np


class Wrong(AssertionError):
    """An answer that is not right yet; the message says what to change."""

    def _render_traceback_(self):
        """What a notebook shows: the sentence. The frames are those of the check."""
        return [f"Not right yet: {self}"]


_passed = []  # what the checks of this process have accepted


def passed(what):
    """Print the one line of a right answer; the last thing that a check does."""
    _passed.append(what)
    print(f"Right: {what}")


def passes():
    """How often a check of this process has reached ``passed``: grading asks for it."""
    return len(_passed)


def close(found, expected, atol=1e-4):
    """Whether two arrays have one shape and agree to ``atol``."""
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=atol)


def check_number(found, expected, mistakes, name):
    """Raise ``Wrong`` unless ``found`` is one number, the expected one.

    Args:
        mistakes: pairs of a wrong value and the sentence that explains it.
    """
    try:
        found = np.asarray(found, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"{name} must return one number, yours is {type(found).__name__}") from None
    if found.shape != ():
        raise Wrong(
            f"{name} must return one number, yours has shape {found.shape}: take the mean over "
            "the batch"
        )
    if close(found, expected):
        return
    for value, sentence in mistakes:
        if close(found, value):
            raise Wrong(f"{name}: {sentence} (you got {float(found):.4f}, not {expected:.4f})")
    raise Wrong(f"{name} gives {float(found):.4f} where {expected:.4f} is right")


def check_array(found, expected, mistakes, name):
    """Raise ``Wrong`` unless ``found`` is the expected array, in shape and values.

    Args:
        mistakes: pairs of wrong values and the sentence that explains them.
    """
    if close(found, expected):
        return
    for value, sentence in mistakes:
        if close(found, value):
            raise Wrong(f"{name}: {sentence}")
    if np.shape(found) != np.shape(expected):
        raise Wrong(f"{name} must have shape {np.shape(expected)}, yours has {np.shape(found)}")
    raise Wrong(
        f"{name} starts with {np.ravel(found)[:3].round(4)} where {np.ravel(expected)[:3].round(4)}"
        " is right"
    )
