"""What a dream costs: seconds, memory, and both against the way that tutorials write it.

Prints, for SqueezeNet on the bundled photograph:

speed       a dream on 640x427 pixels, 4 octaves of 10 steps, after tracing
memory      peak memory of dreaming 16 megapixels above the resting process, and the time per
            megapixel at 16 against that at 1
tutorial    at 4 megapixels, the kit against three common ways, in turn in one process: the
            gradient of the whole picture; one tile after the other, cut out and put together
            (both retraced whenever a shape is new); and one tile after the other, each
            differentiated with respect to the whole rolled picture and added up, as the
            best-known tutorial has it (its last tile is not left out here). The kit runs a second
            time with a network that computes in bfloat16. Peak memory of each, measured in a
            process of its own
structures  the first figure for InceptionV1 and InceptionV3 with random weights

usage: python benchmarks/dream.py [speed] [memory] [tutorial] [structures] [--rounds 3]
"""

import argparse
import functools
import itertools
import json
import statistics
import subprocess
import sys
import time

import keras
import numpy as np
import tensorflow as tf
from memory import peak, resident
from PIL import Image

from helpers import images
from helpers.networks import features
from lessons import dream

LAYERS = {"squeezenet": "fire6", "inception_v1": "mixed4c", "inception_v3": "mixed3"}
STEP, FACTOR = 3.0, 0.7


@functools.cache
def network_of(name, dtype="float32"):
    return features.load(name, weights=None if name == "squeezenet" else "random", dtype=dtype)


def picture(megapixels):
    """The photograph of the rocket, enlarged to a square of so many million pixels.

    By Pillow, in bytes: an enlargement in floats would itself set the mark for the memory.
    """
    side = round((megapixels * 1e6) ** 0.5)
    return np.asarray(Image.fromarray(images.photograph("rocket")).resize((side, side)))


def kit(network, image, iterations, repeats):
    return dream.dream(
        image,
        network,
        LAYERS[network.name],
        num_iterations=iterations,
        num_repeats=repeats,
        step_size=STEP,
        rescale_factor=FACTOR,
    )


def kit_bfloat16(network, image, iterations, repeats):
    return kit(network_of(network.name, "bfloat16"), image, iterations, repeats)


# --- the common ways --------------------------------------------------------------------


def octave_loop(image, step, iterations, repeats):
    """Octaves as tutorials write them: resize, then steps of ascent at that size."""
    size = tf.cast(tf.shape(image)[:2], tf.float32)
    current = tf.cast(image, tf.float32)
    for octave in range(repeats, -1, -1):
        current = tf.image.resize(current, tf.cast(size * FACTOR**octave, tf.int32))
        for _ in range(iterations):
            current = step(current)
    return current.numpy()


def slope_function(network):
    """A plain ``tf.function``: no signature, so every new shape is traced again.

    Preprocessing is Keras's own for networks of this kind: BGR, mean subtracted.
    """
    prepare = keras.applications.vgg19.preprocess_input
    extractor = network.extractor([LAYERS[network.name]])

    @tf.function
    def slope(image):
        with tf.GradientTape() as tape:
            tape.watch(image)
            score = tf.reduce_mean(extractor(prepare(image)[None], training=False))
        return tape.gradient(score, image)

    return slope


def move(image, slope):
    slope /= tf.math.reduce_std(slope) + 1e-8
    return tf.clip_by_value(image + STEP * slope, 0.0, 255.0)


def whole(network, image, iterations, repeats):
    slope = slope_function(network)
    return octave_loop(image, lambda x: move(x, slope(x)), iterations, repeats)


def tile_by_tile(network, image, iterations, repeats, tile=512):
    slope, random = slope_function(network), np.random.default_rng(0)

    def step(current):
        shift = random.integers(-tile, tile, 2)
        rolled = tf.roll(current, shift, (0, 1))
        rows = []
        for y in range(0, rolled.shape[0], tile):
            row = [
                slope(rolled[y : y + tile, x : x + tile]) for x in range(0, rolled.shape[1], tile)
            ]
            rows.append(tf.concat(row, 1))
        return move(current, tf.roll(tf.concat(rows, 0), -shift, (0, 1)))

    return octave_loop(image, step, iterations, repeats)


def tile_sums(network, image, iterations, repeats, tile=512):
    prepare = keras.applications.vgg19.preprocess_input
    extractor = network.extractor([LAYERS[network.name]])
    picture_and_tile = [tf.TensorSpec([None, None, 3]), tf.TensorSpec([], tf.int32)]

    @tf.function(input_signature=picture_and_tile)
    def slope(image, tile):
        shift = tf.random.uniform([2], -tile, tile, tf.int32)
        rolled = tf.roll(image, shift, [0, 1])
        total = tf.zeros_like(rolled)
        for y in tf.range(0, tf.shape(rolled)[0], tile):
            for x in tf.range(0, tf.shape(rolled)[1], tile):
                with tf.GradientTape() as tape:
                    tape.watch(rolled)
                    cut = rolled[y : y + tile, x : x + tile]
                    score = tf.reduce_mean(extractor(prepare(cut)[None], training=False))
                total += tape.gradient(score, rolled)
        return tf.roll(total, -shift, [0, 1])

    tile = tf.constant(tile)
    return octave_loop(image, lambda x: move(x, slope(x, tile)), iterations, repeats)


OURS = {"kit": kit, "kit_bfloat16": kit_bfloat16}
WAYS = {**OURS, "whole": whole, "tile_by_tile": tile_by_tile, "tile_sums": tile_sums}


# --- measuring ------------------------------------------------------------------------------


def child(way, megapixels, iterations, repeats):
    """Run one way in a process of its own; returns seconds and megabytes above the rest."""
    arguments = [way, str(megapixels), str(iterations), str(repeats)]
    command = [sys.executable, __file__, "--child", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def measure(way, megapixels, iterations, repeats):
    """What the child does: everything warm on a small picture, then the large one."""
    network, image = network_of("squeezenet"), picture(megapixels)
    WAYS[way](network, picture(0.3), 1, 1)
    resting, started = resident(), time.perf_counter()
    WAYS[way](network, image, iterations, repeats)
    seconds = time.perf_counter() - started
    print(json.dumps({"seconds": seconds, "megabytes": peak() - resting}))


def speed(rounds, name="squeezenet"):
    network, image = network_of(name), images.photograph("rocket")
    found = []
    for _ in range(rounds + 1):
        started = time.perf_counter()
        kit(network, image, 10, 3)
        found.append(time.perf_counter() - started)
    print(
        f"{name}, {image.shape[1]}x{image.shape[0]}, 4 octaves of 10 steps: median "
        f"{statistics.median(found[1:]):.2f} s (first call, with tracing, {found[0]:.2f} s)"
    )


def memory(rounds):
    small = [child("kit", 1, 3, 2) for _ in range(rounds)]
    large = child("kit", 16, 3, 2)
    per_megapixel = min(each["seconds"] for each in small), large["seconds"] / 16
    print(
        f"16 megapixels: {large['megabytes']:.0f} MB above the resting process; seconds per "
        f"megapixel (3 octaves of 3 steps) {per_megapixel[1]:.2f} at 16, {per_megapixel[0]:.2f} "
        f"at 1: ratio {per_megapixel[1] / per_megapixel[0]:.2f}"
    )


def tutorial(rounds, megapixels=4, iterations=3, repeats=3):
    network, image = network_of("squeezenet"), picture(megapixels)
    for warm in OURS.values():
        warm(network, picture(0.3), 1, 1)
    seconds = {way: [] for way in WAYS}
    for index in range(rounds):
        for way, run in WAYS.items():
            started = time.perf_counter()
            run(network, image, iterations, repeats)
            seconds[way].append(time.perf_counter() - started)
        print(f"round {index + 1}:", {way: round(each[-1], 2) for way, each in seconds.items()})
    megabytes = {way: child(way, megapixels, iterations, repeats)["megabytes"] for way in WAYS}
    print(f"{megapixels} megapixels, {repeats + 1} octaves of {iterations} steps")
    for ours, way in itertools.product(OURS, [way for way in WAYS if way not in OURS]):
        ratios = [a / b for a, b in zip(seconds[way], seconds[ours])]
        print(
            f"{way} / {ours}: {statistics.median(ratios):.2f} in time ({min(ratios):.2f} to "
            f"{max(ratios):.2f}), peak memory {megabytes[way]:.0f} MB against "
            f"{megabytes[ours]:.0f} MB"
        )


def structures(rounds):
    for name in ("inception_v1", "inception_v3"):
        speed(rounds, name)


PARTS = {"speed": speed, "memory": memory, "tutorial": tutorial, "structures": structures}


def main():
    ask = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ask.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}; or all")
    ask.add_argument("--rounds", type=int, default=3)
    ask.add_argument("--child", nargs=4, help=argparse.SUPPRESS)
    options = ask.parse_args()
    if options.child:
        way, *numbers = options.child
        measure(way, *(int(number) for number in numbers))
        return
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown:
        ask.error(f"no part {', '.join(unknown)}")
    for part in options.parts or PARTS:
        PARTS[part](options.rounds)


if __name__ == "__main__":
    main()
