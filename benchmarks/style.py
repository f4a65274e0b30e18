"""What style transfer costs, beside lecture_style as published; a few minutes a part at most.

step        VGG-19's structure at 400x533 (random weights; timing does not care): the lecture's
            step, which pushes content, style and result through the whole network, against the
            kit's, in turn
rate        the learning rates with which the lecture's SGD gets lowest on the loss of ``race``,
            each for a tenth of the schedule; what does well there may still explode in the whole
race        seconds to the loss that the lecture's optimizer (SGD, its schedule, ``--rate``) has
            after its 4000 steps: SqueezeNet, the cat in strokes at 192 px, the kit's loss. (With
            the lecture's own weights, which belong to VGG-19, SqueezeNet only smooths the picture.)
            All sides use the kit's traced step, so only the optimizers differ; a second ratio
            charges SGD for the lecture's step as published, its time measured on the same network
            and pictures. With ``--steps N`` below 4000 the schedule is squeezed into N steps, the
            decay every N/40, and the goal is the loss after those N: another question than the
            lecture's, as the line says
picture     a 400-px picture and a rough preview, with tracing, in fresh processes
large       1024 px: seconds, and peak memory of the whole process
sheet       every photograph in every manner as one picture, ``--out FOLDER``

usage: python benchmarks/style.py PART ... [--rounds 5] [--steps 4000] [--out outputs/style]
"""

import argparse
import functools
import json
import statistics
import subprocess
import sys
import time
from pathlib import Path

import keras
import numpy as np
import tensorflow as tf
from memory import peak
from PIL import Image

from helpers import config, images
from helpers.networks import features
from lessons import style

LECTURE_STEPS = 4000
LECTURE_SIZE = (400, 533)
RACE_SIDE = 192  # of the race: 4000 steps of SGD must end within minutes
RATES = (2e5, 3e5, 5e5, 6e5, 8e5, 1e6)
RATE = 6e5  # the largest of them whose loss does not explode in 4000 steps
PREVIEW = {"size": 256, "levels": 2, "iterations": 15}
FULL = {"size": 400, "levels": 3, "iterations": 60}
LARGE = {"size": 1024, "levels": 4, "iterations": 40}


# --- the lecture's step as published -----------------------------------------------------------


def published_step(network, layers, content_layer, content, painting):
    """Loss and gradient as in the lecture's program: three pictures through the whole network."""
    names = list(network.layer_names)
    outputs = [network.model.get_layer(name).output for name in names]
    extractor = keras.Model(network.model.inputs, dict(zip(names, outputs)))
    rows, columns = content.shape[:2]

    def gram(features):
        flat = tf.reshape(tf.transpose(features, (2, 0, 1)), (features.shape[-1], -1))
        return tf.matmul(flat, tf.transpose(flat))

    def loss(result):
        together = tf.concat([content[None], painting[None], result[None]], axis=0)
        found = extractor(network.preprocess(together))
        total = 2.5e-8 * tf.reduce_sum((found[content_layer][2] - found[content_layer][0]) ** 2)
        for layer in layers:
            gap = gram(found[layer][1]) - gram(found[layer][2])
            part = tf.reduce_sum(gap**2) / (4.0 * 3**2 * (rows * columns) ** 2)
            total += 1e-6 / len(layers) * part
        return total + 1e-6 * style.total_variation(result)

    @tf.function
    def step(result):
        with tf.GradientTape() as tape:
            tape.watch(result)
            value = loss(result)
        return value, tape.gradient(value, result)

    return step


def kit_step(network, content, painting):
    """The kit's step for the same loss; returns a function of the picture."""
    from lessons.style import objective

    recipe = style.published(network)
    loss = recipe["loss"].resolved(network)
    return objective.Objective(
        network, loss, (*recipe["weights"], recipe["total_variation"]),
        content=objective.content_targets(network, loss, content),
        style=[each[None] for each in objective.style_targets(network, loss, [painting])],
    )  # fmt: skip


def step(options):
    network = features.load("vgg19", weights="random", pooling="avg")
    random = np.random.default_rng(0)
    content, painting, result = random.uniform(0, 255, (3, *LECTURE_SIZE, 3)).astype("float32")
    loss = style.published(network)["loss"]
    theirs = published_step(network, loss.style_layers, loss.content_layers[0], content, painting)
    ours = kit_step(network, content, painting)
    a, b = float(theirs(tf.constant(result))[0]), ours(result)[0]
    assert abs(a / b - 1) < 1e-3, f"the two losses differ: {a} and {b}"
    seconds = {"published": [], "kit": []}
    for _ in range(options.rounds):
        for name, run in (("published", lambda: theirs(tf.constant(result))[1].numpy()),
                          ("kit", lambda: ours(result))):  # fmt: skip
            started = time.perf_counter()
            run()
            seconds[name].append(time.perf_counter() - started)
    ratios = [a / b for a, b in zip(seconds["published"], seconds["kit"])]
    medians = {name: statistics.median(each) for name, each in seconds.items()}
    height, width = LECTURE_SIZE
    print(
        f"VGG-19, {height}x{width}: a step takes {medians['published']:.2f} s as "
        f"published, {medians['kit']:.2f} s in the kit: ratio {statistics.median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f})"
    )


# --- the race ---------------------------------------------------------------------------------


@functools.cache
def squeezenet():
    """One network, so that its functions are traced once."""
    return features.load("squeezenet")


def descend(optimizer, steps, levels=1):
    """History of one optimizer on the kit's loss, strokes on the cat."""
    content = images.photograph("cat", RACE_SIDE)
    painting = images.painting("strokes", RACE_SIDE)
    record = style.Record()
    style.transfer(
        content, painting, squeezenet(), optimizer=optimizer, iterations=steps, levels=levels,
        record=record,
    )  # fmt: skip
    return record.history


def sgd(rate, steps):
    """lecture_style's optimizer; its schedule may be squeezed into fewer than 4000 steps."""
    schedule = keras.optimizers.schedules.ExponentialDecay(rate, max(1, steps // 40), 0.96)
    return keras.optimizers.SGD(schedule)


def rate(options):
    """Try rates for a tenth of the schedule; the lowest loss wins."""
    steps = max(1, min(options.steps, LECTURE_STEPS) // 10)
    for each in RATES:
        history = descend(sgd(each, steps), steps)
        print(f"rate {each:7g}: loss {history['loss'][-1]:.3f} after {steps} steps", flush=True)


def published_seconds(count=60):
    """Median time of the lecture's step, on the network and the pictures of the race."""
    network = squeezenet()
    content = images.photograph("cat", RACE_SIDE).astype("float32")
    painting = Image.fromarray(images.painting("strokes")).resize(content.shape[1::-1])
    loss = style.published(network)["loss"]
    run = published_step(
        network, loss.style_layers, loss.content_layers[0], content,
        np.asarray(painting, "float32"),
    )  # fmt: skip
    seconds = []
    for _ in range(count):
        started = time.perf_counter()
        run(tf.constant(content))[1].numpy()
        seconds.append(time.perf_counter() - started)
    return statistics.median(seconds)


def race(options):
    descend("lbfgs", 2)  # tracing
    steps, step_seconds = options.steps, published_seconds()
    slowest = descend(sgd(options.rate, steps), steps)
    goal, spent = slowest["loss"][-1], slowest["seconds"][-1]
    slow = step_seconds * steps
    print(
        f"SGD, rate {options.rate:g}: {goal:.3f} after {steps} steps, {spent:.1f} s with the kit's "
        f"step, {slow:.0f} s with the lecture's ({1000 * step_seconds:.0f} ms each)",
        flush=True,
    )
    short = (
        "" if steps == LECTURE_STEPS else f" (the lecture's schedule squeezed into {steps} steps)"
    )
    found = {"sgd": slowest}
    for name, ways in {
        "L-BFGS": {"optimizer": "lbfgs"},
        "L-BFGS, 2 levels": {"optimizer": "lbfgs", "levels": 2},
        "Adam": {"optimizer": keras.optimizers.Adam(12.0)},
    }.items():
        history = found[name] = descend(steps=max(60, steps // 10), **ways)
        reached = [
            i for i, loss in enumerate(history["loss"])
            if loss <= goal and history["side"][i] == RACE_SIDE
        ]  # fmt: skip
        if not reached:
            print(f"{name} has not reached it: {min(history['loss']):.3f}")
            continue
        seconds = history["seconds"][reached[0]]
        print(
            f"{name}: below it after {reached[0]} iterations, {seconds:.2f} s: ratio "
            f"{spent / seconds:.1f} with the same step, {slow / seconds:.0f} with the lecture's"
            f"{short}",
            flush=True,
        )
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "race.json").write_text(json.dumps(found))


# --- whole pictures ----------------------------------------------------------------------------


def child(name, folder):
    """Paint once in a fresh process; returns seconds (tracing included), peak and base memory."""
    command = [sys.executable, __file__, "--child", name]
    command += ["--out", str(folder)] if folder else []
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def paint(name, folder):
    options = {"preview": PREVIEW, "full": FULL, "large": LARGE}[name]
    network = features.load("squeezenet")
    content, painting = images.photograph("astronaut"), images.painting("strokes")
    started = time.perf_counter()
    result = style.transfer(content, painting, network, **options)
    seconds = time.perf_counter() - started
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        Image.fromarray(result).save(folder / f"{name}.png")
    print(json.dumps({"seconds": seconds, "megabytes": peak(), "shape": result.shape[:2]}))


def picture(options):
    for name in ("preview", "full"):
        found = [child(name, options.out) for _ in range(min(3, options.rounds))]
        seconds = [each["seconds"] for each in found]
        height, width = found[0]["shape"]
        print(
            f"{name}, {height}x{width}: median {statistics.median(seconds):.1f} s "
            f"({min(seconds):.1f} to {max(seconds):.1f}), tracing included"
        )


def large(options):
    found = child("large", options.out)
    height, width = found["shape"]
    print(
        f"{height}x{width}: {found['seconds']:.0f} s, peak of the process "
        f"{found['megabytes']:.0f} MB"
    )


def sheet(options):
    network, folder = features.load("squeezenet"), options.out or config.output_dir("style")
    rows, started = [], time.perf_counter()
    for name in images.photographs():
        content = images.photograph(name)
        edge = min(content.shape[:2])
        top, left = (content.shape[0] - edge) // 2, (content.shape[1] - edge) // 2
        content = content[top : top + edge, left : left + edge]
        painted = [
            style.transfer(
                content, images.painting(manner), network, size=224, levels=2, iterations=30
            )
            for manner in images.paintings()
        ]
        rows.append(np.concatenate(painted, axis=1))
    folder.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.concatenate(rows)).save(folder / "sheet.png")
    print(f"24 pictures of 224 px in {time.perf_counter() - started:.0f} s: sheet.png")


PARTS = {
    "step": step, "rate": rate, "race": race, "picture": picture, "large": large, "sheet": sheet,
}  # fmt: skip


def main():
    ask = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    ask.add_argument("parts", nargs="*", metavar="part", help=f"of {', '.join(PARTS)}")
    ask.add_argument("--rounds", type=int, default=5)
    ask.add_argument("--steps", type=int, default=LECTURE_STEPS)
    ask.add_argument("--rate", type=float, default=RATE)
    ask.add_argument("--out", type=Path)
    ask.add_argument("--child", help=argparse.SUPPRESS)
    options = ask.parse_args()
    if options.child:
        paint(options.child, options.out)
        return
    unknown = sorted(set(options.parts) - set(PARTS))
    if unknown or not options.parts:
        ask.error(f"name one of the parts {', '.join(PARTS)}")
    for part in options.parts:
        PARTS[part](options)


if __name__ == "__main__":
    main()
