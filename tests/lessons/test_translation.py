"""What notebook 09 brings along, by hand; tests/exercises takes it through the checks as well."""

import keras
import numpy as np
import pytest
import tensorflow as tf

from lessons.translation import formulas


def flat(*values):
    """Images (N, 2, 2, 3) of one brightness each."""
    return np.full((2, 2, 3, len(values)), values, "float32").transpose(3, 0, 1, 2)


@pytest.mark.parametrize(
    ("layers", "side"),
    [
        ([], 1),
        ([(1, 1), (1, 1)], 1),
        ([(3, 2), (3, 1)], 7),
        ([(4, 2), (4, 1), (4, 1)], 16),
        ([(4, 2), (4, 2), (4, 1), (4, 1)], 34),
        ([(4, 2), (4, 2), (4, 2), (4, 1), (4, 1)], 70),
    ],
)
def test_the_receptive_field_is_where_the_output_changes(layers, side):
    assert formulas.receptive_field(layers) == side
    stack = [keras.layers.Conv1D(1, k, s, kernel_initializer="ones") for k, s in layers]
    model = keras.Sequential([keras.Input((200, 1)), *stack])
    line = tf.zeros((1, 200, 1))
    with tf.GradientTape() as tape:
        tape.watch(line)
        middle = (model(line) if layers else line)[0, 5, 0]
    assert np.count_nonzero(tape.gradient(middle, line)) == side


def test_the_loss_by_hand():
    logits = np.zeros((1, 2, 2, 1), "float32")
    found = formulas.pix2pix_loss(logits, flat(0.5), flat(0.0), 10.0)
    assert float(found) == pytest.approx(np.log(2) + 5)
    default = formulas.pix2pix_loss(logits, flat(0.5), flat(0.0))
    assert float(default) == pytest.approx(np.log(2) + 50)


class Coins:
    """A generator of random numbers that says what it was told to."""

    def __init__(self, coins, places):
        self.coins, self.places = iter(coins), iter(places)

    def random(self):
        return next(self.coins)

    def integers(self, high):
        assert high == 2
        return next(self.places)


def test_the_pool_by_hand():
    pool, fakes = [], flat(1, 2, 3, 4, 5)
    shown = formulas.exchange(pool, fakes, 2, Coins([0.1, 0.9, 0.4], [0, 1]))
    np.testing.assert_array_equal(shown, flat(1, 2, 1, 4, 2))
    np.testing.assert_array_equal(np.stack(pool), flat(3, 5))
    np.testing.assert_array_equal(fakes, flat(1, 2, 3, 4, 5))
    fakes[:] = 9
    np.testing.assert_array_equal(np.stack(pool), flat(3, 5))


def test_ranks_by_hand():
    found = formulas.rank_of_truth(flat(0.1, 0.9, 0.6, 0.25), flat(0, 0.5, 1, 0.5))
    np.testing.assert_array_equal(found, [0, 1, 2, 0])
    assert found.dtype.kind == "i"
