"""The GAN clinic of notebook 07: the game on a plane, tiny GANs, patients, and folk remedies.

``plane``: the game with two numbers; ``points``: GANs for one and two numbers; ``ward``: one
small GAN for digits with a switch for every choice; ``patients``: six wrong choices and their
treatments; ``cases``: train and measure one; ``tricks``: which folk remedies help.
"""

from lessons.clinic import cases, exercises, patients, plane, points, tricks, ward
from lessons.clinic.cases import Case, stay
from lessons.clinic.patients import HEALTHY, PATIENTS, Patient, differences, holds

__all__ = [
    "HEALTHY",
    "PATIENTS",
    "Case",
    "Patient",
    "cases",
    "differences",
    "exercises",
    "holds",
    "patients",
    "plane",
    "points",
    "stay",
    "tricks",
    "ward",
]
