"""What all checks share: the verdicts, and a look at what a student's function returns."""

import keras
import numpy as np


class Wrong(AssertionError):
    """An answer that is not right yet; the message says what to change."""

    def _render_traceback_(self):
        """What a notebook shows: the sentence. The frames are those of the check."""
        return [f"Not right yet: {self}"]


def passed(what):
    """Print the one line of a right answer."""
    print(f"Right: {what}")


def close(found, expected, atol=1e-4):
    """Whether two arrays have one shape and agree to ``atol``."""
    return np.shape(found) == np.shape(expected) and np.allclose(found, expected, atol=atol)


def built(build, kind):
    """The Keras model that ``build()`` returns; ``Wrong`` if it is something else.

    Args:
        build: the student's function, without arguments.
        kind: what the model is called in the message, such as ``"generator"``.
    """
    model = build()
    if not isinstance(model, keras.Model):
        raise Wrong(
            f"your function returns {type(model).__name__}, not a Keras model: end it with "
            f"`return {kind}`"
        )
    if not model.built:
        raise Wrong(
            f"your {kind} does not know the shape of its input yet: let the list of layers begin "
            "with keras.Input(...)"
        )
    return model
