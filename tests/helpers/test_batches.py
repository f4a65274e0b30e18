"""The stream of batches: each image once an epoch, in an order that can be taken up anywhere."""

import math

import keras
import numpy as np
import pytest
import tensorflow as tf

from helpers import datasets, images

COUNT, BATCH = 23, 5
STEPS = math.ceil(COUNT / BATCH)
# Image i is filled with the byte i, but for its left column, which is 255.
PICTURES = np.repeat(np.arange(COUNT, dtype="uint8"), 6 * 4).reshape(COUNT, 6, 4, 1)
PICTURES[:, :, 0] = 255


def take(batches, steps=STEPS):
    return [np.asarray(batch) for batch in batches.take(steps)]


def order(batches, steps=STEPS):
    """Which image stands where, read from a pixel that no mirroring moves to the edge."""
    pixels = np.concatenate(take(batches, steps))[:, 0, 1, 0]
    return np.rint(pixels * 255).astype(int).tolist()


def stream(**options):
    return datasets.batches(PICTURES, BATCH, **{"value_range": (0, 1), "seed": 3} | options)


def test_an_epoch_has_every_image_once_and_a_short_last_batch():
    shown = take(stream(), 2 * STEPS)
    assert [len(batch) for batch in shown] == [5, 5, 5, 5, 3] * 2
    first, second = order(stream(), 2 * STEPS)[:COUNT], order(stream(), 2 * STEPS)[COUNT:]
    assert sorted(first) == sorted(second) == list(range(COUNT))
    assert first != second != list(range(COUNT))


def test_the_stream_is_a_function_of_its_seed():
    assert order(stream()) == order(stream())
    assert order(stream(seed=4)) != order(stream())


@pytest.mark.parametrize("flip", [False, True])
def test_a_later_start_gives_the_batches_of_the_uninterrupted_run(flip):
    whole = take(stream(flip=flip), 4 * STEPS)
    for epoch in range(4):
        resumed = take(stream(flip=flip, start_epoch=epoch), (4 - epoch) * STEPS)
        for left, right in zip(whole[epoch * STEPS :], resumed, strict=True):
            np.testing.assert_array_equal(left, right)


def test_global_seeds_change_nothing():
    keras.utils.set_random_seed(1)
    first = order(stream())
    keras.utils.set_random_seed(2)
    tf.random.uniform((3,))
    assert order(stream()) == first


def test_batches_do_not_depend_on_what_flipping_draws():
    assert order(stream(flip=True)) == order(stream(flip=False))


def test_a_batch_of_everything_and_more():
    assert [len(batch) for batch in take(stream(), 0)] == []
    both = take(datasets.batches(PICTURES, 100, value_range=(0, 1)), 2)
    assert [len(batch) for batch in both] == [COUNT, COUNT]


@pytest.mark.parametrize("value_range", [(-1, 1), (0, 1), (0, 255)])
def test_floats_are_exactly_those_of_to_float(value_range):
    pictures = np.arange(256, dtype="uint8").reshape(64, 2, 2, 1)
    batch = next(iter(datasets.batches(pictures, 64, value_range=value_range)))
    assert batch.dtype == tf.float32
    found = np.sort(np.asarray(batch).ravel())
    expected = images.to_float(np.arange(256, dtype="uint8"), value_range)
    np.testing.assert_array_equal(found, expected)
    assert (found[0], found[-1]) == value_range


def test_flipping_mirrors_about_half_of_the_images_anew_each_epoch():
    pictures = np.zeros((1000, 4, 4, 3), "uint8")
    pictures[:, :, 0] = 255
    batches = datasets.batches(pictures, 1000, value_range=(0, 1), flip=True, seed=1)
    first, second = (np.asarray(batch) for batch in batches.take(2))
    for epoch in (first, second):
        left, right = epoch[:, :, 0].mean(axis=(1, 2)), epoch[:, :, 3].mean(axis=(1, 2))
        np.testing.assert_array_equal(left + right, 1.0)  # whole images, either way round
        assert set(left.tolist()) == {0.0, 1.0} and 0.45 < left.mean() < 0.55
        assert epoch[:, :, 1:3].max() == 0 and epoch[:, 0].std() == epoch[:, 3].std()
    assert (first != second).any()


def test_flipping_is_left_to_right_not_upside_down():
    picture = np.arange(12, dtype="uint8").reshape(1, 2, 2, 3)
    seen = {
        tuple(np.asarray(batch).astype(int).ravel().tolist())
        for batch in datasets.batches(picture, 1, value_range=(0, 255), flip=True).take(40)
    }
    mirrored = picture[:, :, ::-1]
    assert seen == {tuple(picture.ravel().tolist()), tuple(mirrored.ravel().tolist())}


def test_labels_stay_with_their_images():
    labels = (np.arange(COUNT) * 7 % 10).astype("uint8")
    seen = 0
    for pixels, label in stream(labels=labels, flip=True).take(2 * STEPS):
        index = np.rint(np.asarray(pixels)[:, 0, 1, 0] * 255).astype(int)
        assert label.dtype == tf.int64
        np.testing.assert_array_equal(label, labels[index])
        seen += len(index)
    assert seen == 2 * COUNT


# Target i is smaller, in three colors, and filled with 200 - i but for its left column.
TARGETS = np.repeat(200 - np.arange(COUNT, dtype="uint8"), 4 * 4 * 3).reshape(COUNT, 4, 4, 3)
TARGETS[:, :, 0] = 255


def read_pairs(batches, steps):
    """(index of the image, of the target, image mirrored?, target mirrored?) of every row."""
    rows = []
    for pixels, targets in batches.take(steps):
        left, right = np.asarray(pixels) * 255, np.asarray(targets) * 255
        image = np.rint(left[:, 0, 1, 0]).astype(int)
        target = 200 - np.rint(right[:, 0, 1, 0]).astype(int)
        mirrored = left[:, 0, -1, 0] == 255, right[:, 0, -1, 0] == 255
        # Every picture is one of the set, whole, either way round.
        for shown, known, index, turned in (
            (left, PICTURES, image, mirrored[0]),
            (right, TARGETS, target, mirrored[1]),
        ):
            expected = np.where(turned[:, None, None, None], known[index, :, ::-1], known[index])
            np.testing.assert_allclose(shown, expected, atol=1e-3)
        rows += zip(image.tolist(), target.tolist(), *(each.tolist() for each in mirrored))
    return rows


def test_target_images_are_shuffled_and_mirrored_with_their_row():
    rows = read_pairs(stream(labels=TARGETS, flip=True), 2 * STEPS)
    assert all(image == target and left == right for image, target, left, right in rows)
    assert {left for _, _, left, _ in rows} == {False, True}
    assert [row[0] for row in rows] == order(stream(), 2 * STEPS), "the order is as without them"
    straight = read_pairs(stream(labels=TARGETS), STEPS)
    assert not any(left or right for _, _, left, right in straight)


def test_targets_that_are_not_aligned_have_an_order_and_mirrors_of_their_own():
    rows = read_pairs(stream(labels=TARGETS, flip=True, aligned=False), 3 * STEPS)
    sides = [[row[side] for row in rows] for side in (0, 1)]
    for side in sides:
        for epoch in range(3):
            assert sorted(side[epoch * COUNT : (epoch + 1) * COUNT]) == list(range(COUNT))
    assert sides[0] == order(stream(), 3 * STEPS), "the images don't notice"
    together = sum(image == target for image, target, _, _ in rows)
    assert together < 12  # 3 of 69 by chance
    alike = sum(left == right for _, _, left, right in rows)
    assert 18 < alike < 51  # half of 69 by chance
    assert sides[1][:COUNT] != sides[1][COUNT : 2 * COUNT]


@pytest.mark.parametrize("aligned", [True, False])
def test_target_images_can_be_taken_up_at_any_epoch(aligned):
    options = {"labels": TARGETS, "flip": True, "aligned": aligned}
    whole = list(stream(**options).take(4 * STEPS))
    for epoch in (1, 3):
        resumed = list(stream(start_epoch=epoch, **options).take((4 - epoch) * STEPS))
        for one, other in zip(whole[epoch * STEPS :], resumed, strict=True):
            np.testing.assert_array_equal(one[0], other[0])
            np.testing.assert_array_equal(one[1], other[1])


def test_targets_depend_on_the_seed():
    def targets(seed):
        pairs = stream(seed=seed, labels=TARGETS, aligned=False)
        return [row[1] for row in read_pairs(pairs, STEPS)]

    assert targets(3) == targets(3) != targets(4)


def test_target_images_are_scaled_like_the_images():
    batches = stream(labels=TARGETS, value_range=(-1, 1))
    pixels, targets = batches.element_spec
    assert (targets.shape, targets.dtype) == ((None, 4, 4, 3), tf.float32)
    assert pixels.shape == (None, 6, 4, 1)
    shown = np.concatenate([np.asarray(each) for _, each in batches.take(STEPS)])
    expected = np.sort(images.to_float(TARGETS, (-1, 1)).ravel())
    np.testing.assert_array_equal(np.sort(shown.ravel()), expected)


def test_the_order_of_the_other_recipes_is_what_it_was():
    """Runs of the notebooks before 09, and their checkpoints, rest on it."""
    known = [20, 15, 3, 18, 21, 0, 5, 12, 4, 7, 16, 14, 10, 9, 22, 2, 8, 17, 1, 6, 11, 19, 13]
    assert order(stream()) == known
    assert order(stream(labels=np.arange(COUNT)).map(lambda pixels, _: pixels)) == known
    same = stream(labels=np.arange(COUNT), aligned=False).map(lambda pixels, _: pixels)
    assert order(same) == known


def test_it_tells_keras_what_it_is():
    batches = stream(labels=np.zeros(COUNT, int))
    assert batches.cardinality() == tf.data.INFINITE_CARDINALITY
    pixels, label = batches.element_spec
    assert pixels.shape == (None, 6, 4, 1) and pixels.dtype == tf.float32
    assert label.shape == (None,) and label.dtype == tf.int64


def test_fit_sees_whole_epochs():
    class Counter(keras.Model):
        """Adds up the images that it is shown."""

        def __init__(self):
            super().__init__()
            self.total = self.add_weight(shape=(), initializer="zeros", trainable=False)

        def train_step(self, batch):
            self.total.assign_add(tf.cast(tf.shape(batch)[0], tf.float32))
            return {"total": self.total}

    model = Counter()
    model.compile()
    # shuffle=False: Keras would warn that it leaves the order of a tf.data.Dataset alone.
    run = model.fit(stream(), epochs=3, steps_per_epoch=STEPS, shuffle=False, verbose=0)
    history = run.history
    assert [int(total) for total in history["total"]] == [COUNT, 2 * COUNT, 3 * COUNT]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"images": PICTURES / 255.0}, r"images must be uint8.*got float64 \(23, 6, 4, 1\)"),
        ({"images": PICTURES[0]}, r"got uint8 \(6, 4, 1\)"),
        ({"images": PICTURES[:0]}, r"got uint8 \(0, 6, 4, 1\)"),
        ({"batch_size": 0}, "batch_size must be a whole number of at least 1, got 0"),
        ({"batch_size": 2.0}, "batch_size must be a whole number"),
        ({"seed": -1}, "seed must be a whole number of at least 0, got -1"),
        ({"start_epoch": -1}, "start_epoch must be a whole number of at least 0"),
        ({"start_epoch": True}, "start_epoch must be a whole number"),
        ({"value_range": (1, 0)}, "low < high"),
        (
            {"labels": np.zeros(22, int)},
            r"labels must have shape \(23,\), one an image, got \(22,\)",
        ),
        ({"labels": np.zeros(23)}, "labels must be integers, got float64"),
        ({"labels": np.full(23, -1)}, "labels run from -1 to -1"),
        ({"labels": TARGETS[:22]}, r"one for each of the 23 images, got uint8 \(22, 4, 4, 3\)"),
        ({"labels": TARGETS / 255.0}, r"target images must be uint8.*got float64"),
        ({"labels": TARGETS[..., 0]}, r"labels must have shape \(23,\)"),
    ],
)
def test_wrong_arguments_are_named(arguments, message):
    usual = {"images": PICTURES, "batch_size": BATCH}
    with pytest.raises(ValueError, match=message):
        datasets.batches(**usual | arguments)
