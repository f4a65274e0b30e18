"""The ward of notebook 07: six runs that fail, each by one wrong choice, and their treatments.

A patient is a description, nothing more: ``sick`` and ``treated`` are two ``ward.Setup`` and
``stay`` trains either. ``fails`` and ``recovers`` say what the symptoms must show; the tests and
``benchmarks/clinic.py`` hold the patients to it over several seeds.
"""

from dataclasses import dataclass, fields, replace

from lessons.clinic.ward import Setup

HEALTHY = Setup()


@dataclass(frozen=True)
class Patient:
    """A run with one wrong choice.

    Attributes:
        name: key in ``PATIENTS``.
        title: what is wrong, in a few words.
        sick, treated: the two setups.
        finding: what the doctor should find while it is sick (a key of ``doctor.rules.RULES``).
        fails: symptom -> (low, high): where the sick run ends up.
        recovers: symptom -> (low, high): where the treated one does.
    """

    name: str
    title: str
    sick: Setup
    treated: Setup
    finding: str
    fails: dict
    recovers: dict


def differences(setup, other=HEALTHY):
    """Where two setups differ: name -> (value in ``setup``, value in ``other``)."""
    pairs = {each.name: (getattr(setup, each.name), getattr(other, each.name))
             for each in fields(Setup)}  # fmt: skip
    return {name: pair for name, pair in pairs.items() if pair[0] != pair[1]}


def holds(symptoms, bounds):
    """The symptoms outside their bounds, as a list of sentences; empty if all hold.

    Args:
        symptoms: of a ``Case``.
        bounds: symptom -> (low, high), ends included; ``None`` for an open end.
    """
    broken = []
    for name, (low, high) in bounds.items():
        value = symptoms[name]
        inside = (low is None or value >= low) and (high is None or value <= high)
        if not inside:  # NaN is never inside
            broken.append(f"{name} is {value:.4g}, expected between {low} and {high}")
    return broken


ALIVE = {"spread": (0.6, None), "classes": (8, None), "frechet": (None, 120)}

_T2 = Patient(
    name="fast",
    title="learning rate 0.03",
    # With Adam's usual momentum, as slides_failure has it; at 0.5 this small GAN survives even 0.03.
    sick=replace(HEALTHY, g_learning_rate=0.03, d_learning_rate=0.03, beta_1=0.9),
    treated=replace(HEALTHY, dropout=0.25),
    finding="exploded",
    fails={"loss_peak": (30, None)},
    recovers={"loss_peak": (None, 5), **ALIVE},
)
_D_WINS = Patient(
    name="critic",
    title="D too strong",
    sick=replace(HEALTHY, loss="minimax", d_learning_rate=2e-2),
    treated=replace(HEALTHY, loss="minimax", dropout=0.3, label_flips=0.05),
    finding="discriminator_won",
    # Far from both: five sick runs had 0.018 at most, five treated ones 0.26 at least.
    fails={"d_loss": (None, 0.1), "signal": (None, 0.05), "classes": (None, 3)},
    recovers={"signal": (0.1, None), **ALIVE},
)
_G_WINS = Patient(
    name="collapse",
    title="G too strong",
    sick=replace(HEALTHY, d_learning_rate=2e-5),
    treated=HEALTHY,
    finding="generator_won",
    fails={"d_loss": (1.6, None), "class_max": (0.8, None), "coverage": (None, 0.02)},
    recovers=ALIVE,
)
_CIRCLES = Patient(
    name="circles",
    title="oscillation",
    sick=replace(
        HEALTHY, beta_1=0.9, g_learning_rate=1e-2, d_learning_rate=1e-2, ema_momentum=None
    ),
    treated=replace(HEALTHY, beta_1=0.0, real_penalty=1.0),
    finding="oscillation",
    fails={"change": (0.65, None)},
    recovers={"change": (None, 0.55), **ALIVE},
)
_RANGE = Patient(
    name="range",
    title="images left in [0, 255]",
    sick=replace(HEALTHY, data_range=(0.0, 255.0)),
    treated=HEALTHY,
    finding="range",
    fails={"d_accuracy": (0.98, None)},
    recovers=ALIVE,
)
_STATISTICS = Patient(
    name="statistics",
    title="BatchNorm's statistics lag behind",
    sick=replace(HEALTHY, norm_momentum=0.999),
    treated=HEALTHY,
    finding="statistics",
    fails={"mode_gap": (0.5, None)},
    recovers={"mode_gap": (None, 0.3), **ALIVE},
)

PATIENTS = {
    patient.name: patient for patient in (_T2, _D_WINS, _G_WINS, _CIRCLES, _RANGE, _STATISTICS)
}
