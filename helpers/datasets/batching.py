"""``batches``: an endless stream whose order is known in advance, so that a run can be resumed."""

import numpy as np
import tensorflow as tf

from helpers import checking
from helpers.images import to_float

OTHER_SEED = 7919  # added for the order of targets that aren't aligned


def batches(
    images,
    batch_size,
    *,
    labels=None,
    seed=0,
    start_epoch=0,
    value_range=(-1, 1),
    flip=False,
    aligned=True,
):
    """Shuffled batches without end, for ``fit(..., steps_per_epoch=ceil(N / batch_size))``.

    Every epoch shows each image once, in an order that depends on ``seed`` and the number of the
    epoch and on nothing else. A run stopped after epoch 7 goes on with ``start_epoch=7`` and sees
    the very batches that it would have seen.

    Args:
        images: uint8, shape (N, H, W, C). Held once in memory as bytes, turned into floats batch
            by batch.
        batch_size: images in a batch. The last one of an epoch is short if N is no multiple.
        labels: optional whole numbers of at least 0, shape (N,); or target images, uint8
            (N, H', W', C'), which are scaled and mirrored with their row of ``images``.
        seed: whole number of at least 0.
        start_epoch: the epoch that the first batch belongs to, counted from 0.
        value_range: (low, high) of the floats, as in ``images.to_float``.
        flip: mirror each image left to right with probability 1/2, drawn anew every epoch (also
            from seed and epoch only).
        aligned: whether row i of the targets belongs to row i of the images; if not, the targets
            are shuffled and mirrored on their own.

    Returns:
        tf.data.Dataset of float32 (batch, H, W, C), or of pairs (images, labels) with int64
        labels (batch,), or (images, targets).

    Raises:
        ValueError: images that are not uint8 of rank 4, labels of another number, or numbers out
            of range.
    """
    images = np.asarray(images)
    if images.dtype != np.uint8 or images.ndim != 4 or images.size == 0:
        raise ValueError(
            f"images must be uint8 with shape (N, H, W, C), got {images.dtype} {images.shape}; "
            "batches scales them itself"
        )
    targets = None
    if labels is not None and np.ndim(labels) == 4:
        targets, labels = _targets(labels, len(images)), None
    labels = None if labels is None else checking.labels(labels, len(images))
    checking.whole(batch_size, "batch_size")
    checking.whole(seed, "seed", 0)
    checking.whole(start_epoch, "start_epoch", 0)
    to_float(images[:1], value_range)  # a wrong range shall fail here, not in the first step
    count = len(images)
    with tf.device("CPU:0"):  # tf.data runs there; on a GPU the bytes would only be copied back
        images = tf.constant(images)
        labels = None if labels is None else tf.constant(labels, tf.int64)
        targets = None if targets is None else tf.constant(targets)

    def pick(images, index, mirror):
        batch = tf.gather(images, index)
        if flip:
            # Whole rows at once: several times faster than tf.where and its broadcasting.
            batch = tf.raw_ops.Select(condition=mirror, x=tf.reverse(batch, [2]), y=batch)
        return to_float(batch, value_range)

    def fill(order, target_order):
        batch = pick(images, *order)
        if targets is not None:
            return batch, pick(targets, *target_order)
        return batch if labels is None else (batch, tf.gather(labels, order[0]))

    def epoch_order(epoch):
        order = _order(count, batch_size, seed, epoch)
        other = order if aligned else _order(count, batch_size, seed + OTHER_SEED, epoch)
        return tf.data.Dataset.zip(order, other)

    stream = tf.data.Dataset.counter(start_epoch).flat_map(epoch_order)
    stream = stream.map(fill, num_parallel_calls=1)
    endless = tf.data.experimental.assert_cardinality(tf.data.INFINITE_CARDINALITY)
    return stream.apply(endless).prefetch(2)


def _targets(targets, count):
    """Target images as uint8 ``(count, H, W, C)``."""
    targets = np.asarray(targets)
    if targets.dtype != np.uint8 or len(targets) != count:
        raise ValueError(
            f"target images must be uint8, one for each of the {count} images, got "
            f"{targets.dtype} {targets.shape}; cut the longer set to the length of the other"
        )
    return targets


def _order(count, batch_size, seed, epoch):
    """The batches of one epoch as (indices, whether to mirror), a function of seed and epoch."""
    key = tf.stack([tf.constant(seed, tf.int64), epoch])
    order_key, mirror_key = tf.unstack(tf.random.experimental.stateless_split(key, 2))
    order = tf.random.experimental.stateless_shuffle(tf.range(count), seed=order_key)
    mirror = tf.random.stateless_uniform([count], seed=mirror_key) < 0.5
    return tf.data.Dataset.from_tensor_slices((order, mirror)).batch(batch_size)
