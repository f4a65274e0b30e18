"""One seed call makes every generator of random numbers start again."""

import random

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import session


def draw():
    layer = keras.layers.Dense(3)
    layer.build((None, 4))
    return [
        random.random(),
        float(np.random.rand()),
        float(tf.random.uniform(())),
        float(keras.random.normal(())),
        *np.asarray(layer.kernel).ravel().tolist(),
    ]


def test_equal_seeds_give_equal_numbers_and_others_do_not():
    assert session.seed_everything(7, deterministic=False) == 7
    first = draw()
    session.seed_everything(7, deterministic=False)
    again = draw()
    session.seed_everything(8, deterministic=False)
    other = draw()
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_determinism_is_switched_on_only_when_asked(monkeypatch):
    calls = []  # a stand-in, because the real switch cannot be set back
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: calls.append(1))
    session.seed_everything(1, deterministic=False)
    assert calls == []
    session.seed_everything(1)
    assert calls == [1]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "7", None, True])
def test_impossible_seeds_are_named(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        session.seed_everything(seed)


def test_numpy_integers_will_do():
    assert session.seed_everything(np.int64(3), deterministic=False) == 3
