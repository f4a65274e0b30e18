"""Train the small classifiers whose features measure generated images, and save their weights.

    python tools/train_classifiers.py mnist fashion_mnist cifar10 --data FOLDER
    python tools/train_classifiers.py emoji

``FOLDER`` holds the full data sets as ``<name>.npz`` with the arrays ``x_train``, ``y_train``,
``x_test`` and ``y_test`` (uint8); the emoji are the bundled ones. Adam with a learning rate that
decays along a cosine, plain cross-entropy and light augmentation; no label smoothing and no
temperature, so that a confidence of 0.9 means what it says. The 4,227 emoji are few: they are
also turned, scaled and recolored. The weights go to ``data/weights/<name>_classifier.npz`` as
float16; the figures printed last come from a fresh model that was loaded from that file.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from helpers import augment as color
from helpers import datasets, weights
from helpers.datasets import emoji
from helpers.networks import classifiers

# Largest shift in pixels and whether to mirror; a mirrored digit is no digit.
AUGMENTATION = {"mnist": (2, False), "fashion_mnist": (1, True), "cifar10": (4, True)}
EPOCHS = {"mnist": 6, "fashion_mnist": 8, "cifar10": 13, "emoji": 50}
# Of the emoji, at most: turn in radians, share of the size, shift in pixels of 64, and the color
# changes of helpers.augment. Artists differ by palette: with color changes of 0.1, 0.25 and 0.15
# 85 % of the artists were right instead of 89 %, on a part of the training things set aside.
TURN, SCALE, SHIFT = 0.17, 0.1, 4.0
BRIGHTNESS, SATURATION, CONTRAST = 0.02, 0.05, 0.02


def read(folder, name):
    """Full data set as ``(x_train, y_train, x_test, y_test)``; images float32 in [-1, 1]."""
    if name == "emoji":
        return read_emoji("train", size=64) + read_emoji("test")
    path = Path(folder) / f"{name}.npz"
    if not path.is_file():
        raise FileNotFoundError(f"{path} is missing; --data must hold the full {name}.npz")
    with np.load(path) as file:
        arrays = [file[key] for key in ("x_train", "y_train", "x_test", "y_test")]
    shape = classifiers.SHAPES[name]
    for index in (0, 2):
        arrays[index] = arrays[index].reshape(-1, *shape).astype("float32") / 127.5 - 1.0
        arrays[index + 1] = arrays[index + 1].reshape(-1).astype("int64")
    return arrays


def read_emoji(split, size=32):
    """All three artists' drawings as ``(images, labels)``; a label is artist * 9 + group."""
    data = datasets.load("emoji", split, artist="all", size=size)
    artists = np.array([list(emoji.ARTISTS).index(artist) for artist in data.artists])
    return data.images.astype("float32") / 127.5 - 1.0, artists * len(emoji.GROUPS) + data.labels


def augment_emoji(images):
    """Mirror, turn, scale, shift and recolor each drawing by amounts of its own, on white.

    It is made half as high and wide in the end: turned at its final size it would blur, and how
    sharp it is tells one artist from another.
    """
    count = tf.shape(images)[0]

    def between(low, high):
        return tf.random.uniform((count,), low, high)

    side = tf.sign(between(-1.0, 1.0))  # -1 mirrors
    turn, scale = between(-TURN, TURN), between(1.0 - SCALE, 1.0 + SCALE)
    cosine, sine = tf.cos(turn) / scale, tf.sin(turn) / scale
    # Output pixel (x, y) takes its color from input (ax + by + c, dx + ey + f), about the center.
    a, b, d, e = cosine * side, -sine, sine * side, cosine
    center, zero = (images.shape[1] - 1) / 2, tf.zeros((count,))
    c = center * (1.0 - a - b) + between(-SHIFT, SHIFT)
    f = center * (1.0 - d - e) + between(-SHIFT, SHIFT)
    images = tf.raw_ops.ImageProjectiveTransformV3(
        images=images,
        transforms=tf.stack([a, b, c, d, e, f, zero, zero], axis=1),
        output_shape=images.shape[1:3],
        fill_value=1.0,
        interpolation="BILINEAR",
    )
    images = tf.nn.avg_pool2d(images, 2, 2, "VALID")
    images = color.brightness(images, between(-BRIGHTNESS, BRIGHTNESS))
    images = color.saturation(images, between(1.0 - SATURATION, 1.0 + SATURATION))
    images = color.contrast(images, between(1.0 - CONTRAST, 1.0 + CONTRAST))
    return tf.clip_by_value(images, -1.0, 1.0)


def augment(images, shift, mirror):
    """Shift every image of a batch by its own random offset; mirror half of them if asked."""
    count, height, width = tf.shape(images)[0], images.shape[1], images.shape[2]
    margins = [[0, 0], [shift, shift], [shift, shift], [0, 0]]
    images = tf.pad(images, margins, constant_values=-1.0)
    rows = tf.random.uniform((count, 1), 0, 2 * shift + 1, tf.int32) + tf.range(height)
    columns = tf.random.uniform((count, 1), 0, 2 * shift + 1, tf.int32) + tf.range(width)
    images = tf.gather(images, rows, axis=1, batch_dims=1)
    images = tf.gather(images, columns, axis=2, batch_dims=1)
    if mirror:
        flip = tf.random.uniform((count, 1, 1, 1)) < 0.5
        images = tf.where(flip, tf.reverse(images, [2]), images)
    return images


def batches(images, labels, batch_size, name, seed):
    """Endless shuffled, augmented training batches."""
    data = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).repeat()
    data = data.batch(batch_size, drop_remainder=True)
    images, labels = tf.constant(images), tf.constant(labels)

    def fetch(index):
        chosen = tf.gather(images, index)
        changed = augment_emoji(chosen) if name == "emoji" else augment(chosen, *AUGMENTATION[name])
        return changed, tf.gather(labels, index)

    return data.map(fetch, num_parallel_calls=1).prefetch(2)


def train(name, data, epochs, batch_size, learning_rate, seed):
    """Train one classifier; returns it and its accuracy on the test images."""
    keras.utils.set_random_seed(seed)
    x_train, y_train, x_test, y_test = data
    model = classifiers.build(name)
    steps = len(x_train) // batch_size
    schedule = keras.optimizers.schedules.CosineDecay(
        0.0, epochs * steps, alpha=0.0, warmup_target=learning_rate, warmup_steps=steps // 2
    )
    model.compile(
        keras.optimizers.Adam(schedule),
        keras.losses.SparseCategoricalCrossentropy(from_logits=True),
        metrics=["accuracy"],
    )
    training = batches(x_train, y_train, batch_size, name, seed)
    model.fit(training, epochs=epochs, steps_per_epoch=steps, verbose=2)
    return model, judge(model, x_test, y_test)[0]


def predict(model, images):
    """Class probabilities, float array ``(images, classes)``."""
    return np.asarray(keras.ops.softmax(model.predict(images, batch_size=500, verbose=0)))


def judge_emoji(model, images, labels):
    """Accuracy of the groups and of the artists, each from sums of the 27 probabilities."""
    table = predict(model, images).reshape(-1, len(emoji.ARTISTS), len(emoji.GROUPS))
    artists, groups = np.divmod(labels, len(emoji.GROUPS))
    group = np.mean(table.sum(axis=1).argmax(axis=1) == groups)
    return float(group), float(np.mean(table.sum(axis=2).argmax(axis=1) == artists))


def judge(model, images, labels):
    """Accuracy, and the share of the images that get a confidence above 0.9."""
    probabilities = predict(model, images)
    accuracy = np.mean(probabilities.argmax(axis=1) == labels)
    return float(accuracy), float(np.mean(probabilities.max(axis=1) > 0.9))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(classifiers.SHAPES), metavar="name")
    parser.add_argument("--data", help="folder with the full <name>.npz files; not for emoji")
    parser.add_argument("--epochs", type=int, help=f"default: {EPOCHS}")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    if options.data is None and set(options.names) != {"emoji"}:
        parser.error("--data FOLDER is needed for every data set but emoji")
    for name in options.names:
        data = read(options.data, name)
        start = time.perf_counter()
        epochs = options.epochs or EPOCHS[name]
        model, accuracy = train(
            name, data, epochs, options.batch_size, options.learning_rate, options.seed
        )
        seconds = time.perf_counter() - start
        path = weights.save(model, weights.bundled(f"{name}_classifier"))
        again, confident = judge(classifiers.load(name), data[2], data[3])
        print(
            f"{name}: {model.count_params():,} parameters, {epochs} epochs in {seconds:.0f} s; "
            f"test accuracy {accuracy:.4f}, from the float16 file {again:.4f}; "
            f"confidence > 0.9 on {confident:.4f} of the test images; "
            f"{path.name} {path.stat().st_size / 1e6:.2f} MB",
            flush=True,
        )
        if name == "emoji":
            groups, artists = judge_emoji(classifiers.load(name), data[2], data[3])
            print(f"  groups {groups:.4f}, artists {artists:.4f}")


if __name__ == "__main__":
    main()
