"""The checks behind the exercises of notebook 08: paths, arithmetic, directions, and the way back.

As in ``exercises``: values against NumPy first, one line when an answer is right, ``Wrong``
with a sentence that says what to change when it is not. Nothing is trained.
"""

from exercises.latent.augmentation import cutout, cutout_gradient
from exercises.latent.directions import probe_direction, probe_direction_points, truncated
from exercises.latent.inversion import inversion_step, inversion_step_rows, masked_error
from exercises.latent.paths import combine, noisy_neighbors, spherical, spherical_is_safe

__all__ = [
    "combine",
    "cutout",
    "cutout_gradient",
    "inversion_step",
    "inversion_step_rows",
    "masked_error",
    "noisy_neighbors",
    "probe_direction",
    "probe_direction_points",
    "spherical",
    "spherical_is_safe",
    "truncated",
]
