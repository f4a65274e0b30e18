"""The checks behind the exercises: values first, and a sentence that says what is wrong.

A check compares a student's function with an independent reference on random input of a fixed
seed, prints one line when it passes and raises ``Wrong`` when it does not. It never trains and
never prints to the error stream, because a grader counts that as a failure.

One module a notebook: ``digits`` (01; its checks are also here, as ``exercises.generator`` and so
on), ``color`` (02), ``conditional`` (03), ``autoencoders`` (04),
``dream`` (05), ``style`` (06), ``games``, ``clinic`` and ``runs`` (07), ``latent`` (08). A cell
writes ``exercises.color.generator_images(make_generator)``.
"""

from exercises import (
    autoencoders,
    clinic,
    color,
    conditional,
    dream,
    games,
    latent,
    runs,
    style,
)
from exercises.digits import (
    discriminator,
    discriminator_drops,
    discriminator_loss,
    generator,
    generator_loss,
    generator_normalizes,
    sized_generator,
    sized_generator_grows,
    smoothed_loss,
    train_step,
)
from exercises.exercise import exercise, hint
from exercises.verdict import Wrong

__all__ = [
    "Wrong",
    "autoencoders",
    "clinic",
    "color",
    "conditional",
    "discriminator",
    "discriminator_drops",
    "discriminator_loss",
    "dream",
    "exercise",
    "games",
    "generator",
    "generator_loss",
    "generator_normalizes",
    "hint",
    "latent",
    "runs",
    "sized_generator",
    "sized_generator_grows",
    "smoothed_loss",
    "style",
    "train_step",
]
