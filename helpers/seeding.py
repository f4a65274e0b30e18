"""One call that makes a notebook print the same numbers twice."""

import keras
import numpy as np
import tensorflow as tf
from keras.src.backend.common import global_state

LARGEST_SEED = 2**32 - 1


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
    whole = isinstance(seed, (int, np.integer)) and not isinstance(seed, bool)
    if not whole or not 0 <= seed <= LARGEST_SEED:
        raise ValueError(f"seed must be a whole number from 0 to {LARGEST_SEED}, got {seed!r}")
    keras.utils.set_random_seed(int(seed))
    # Keras 3.10 lets its global generator go on where it was; later versions reset it themselves.
    global_state.set_global_attribute("global_seed_generator", None)
    if deterministic:
        tf.config.experimental.enable_op_determinism()
    return int(seed)
