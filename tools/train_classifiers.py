"""Train the small classifiers whose features measure generated images, and save their weights.

    python tools/train_classifiers.py mnist fashion_mnist cifar10 --data FOLDER

``FOLDER`` holds the full data sets as ``<name>.npz`` with the arrays ``x_train``, ``y_train``,
``x_test`` and ``y_test`` (uint8). Adam with a learning rate that decays along a cosine, plain
cross-entropy and light augmentation; no label smoothing and no temperature, so that a
confidence of 0.9 means what it says. The weights go to ``data/weights/<name>_classifier.npz``
as float16; the figures printed last come from a fresh model that was loaded from that file.
"""

import argparse
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf

from helpers import weights
from helpers.networks import classifiers

# Largest shift in pixels and whether to mirror; a mirrored digit is no digit.
AUGMENTATION = {"mnist": (2, False), "fashion_mnist": (1, True), "cifar10": (4, True)}
EPOCHS = {"mnist": 6, "fashion_mnist": 8, "cifar10": 13}


def read(folder, name):
    """Full data set as ``(x_train, y_train, x_test, y_test)``; images float32 in [-1, 1]."""
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
    shift, mirror = AUGMENTATION[name]
    data = tf.data.Dataset.range(len(images)).shuffle(len(images), seed=seed).repeat()
    data = data.batch(batch_size, drop_remainder=True)
    images, labels = tf.constant(images), tf.constant(labels)

    def fetch(index):
        return augment(tf.gather(images, index), shift, mirror), tf.gather(labels, index)

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


def judge(model, images, labels):
    """Accuracy, and the share of the images that get a confidence above 0.9."""
    probabilities = keras.ops.softmax(model.predict(images, batch_size=500, verbose=0))
    probabilities = np.asarray(probabilities)
    accuracy = np.mean(probabilities.argmax(axis=1) == labels)
    return float(accuracy), float(np.mean(probabilities.max(axis=1) > 0.9))


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="+", choices=sorted(classifiers.SHAPES), metavar="name")
    parser.add_argument("--data", required=True, help="folder with the full <name>.npz files")
    parser.add_argument("--epochs", type=int, help=f"default: {EPOCHS}")
    parser.add_argument("--batch-size", type=int, default=128)
    parser.add_argument("--learning-rate", type=float, default=3e-3)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
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


if __name__ == "__main__":
    main()
