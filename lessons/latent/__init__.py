"""Ways through latent space: paths, arithmetic, directions, truncation and the way back.

Everything works on z, float arrays ``(N, latent_dim)`` from a standard normal distribution, and on
generators, which are Keras models or functions of z. Taught in notebook 08. Source: lecture_latent.
"""

from lessons.latent.arithmetic import combine, noisy_neighbors
from lessons.latent.attributes import ink, slant, sleeves
from lessons.latent.directions import Components, Direction, principal, probe, without
from lessons.latent.drawing import draw
from lessons.latent.inversion import Inversion, inversion_step, invert, masked_error
from lessons.latent.paths import spherical, step_sizes, straight, walk
from lessons.latent.truncation import scaled_normal, truncated_normal

__all__ = [
    "Components",
    "Direction",
    "Inversion",
    "combine",
    "draw",
    "ink",
    "inversion_step",
    "invert",
    "masked_error",
    "noisy_neighbors",
    "principal",
    "probe",
    "scaled_normal",
    "slant",
    "sleeves",
    "spherical",
    "step_sizes",
    "straight",
    "truncated_normal",
    "walk",
    "without",
]
