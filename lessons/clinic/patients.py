"""The patients of notebook 07: six runs that fail, each by one wrong choice, and their treatments.

A patient is a description, nothing more: ``sick`` and ``treated`` are two ``setups.Setup`` and
``cases.train_and_measure`` trains either. ``fails`` and ``recovers`` say what the symptoms must
show; the tests and ``benchmarks/clinic.py`` hold the patients to it over several seeds.
"""

from dataclasses import dataclass, replace

from lessons.clinic.setups import Setup

HEALTHY = Setup()


@dataclass(frozen=True)
class Patient:
    """A run with one wrong choice."""

    sick: Setup
    treated: Setup
    finding: str  # what the doctor should find while it is sick, a key of rules.RULES
    fails: dict  # symptom -> (low, high): where the sick run ends up
    recovers: dict  # symptom -> (low, high): where the treated one does


def out_of_bounds(symptoms, bounds):
    """The symptoms of a ``Case`` outside their bounds, as a list of sentences.

    ``bounds`` is symptom -> (low, high), ends included; ``None`` for an open end.
    """
    broken = []
    for name, (low, high) in bounds.items():
        value = symptoms[name]
        inside = (low is None or value >= low) and (high is None or value <= high)
        if not inside:  # NaN is never inside
            broken.append(f"{name} is {value:.4g}, expected between {low} and {high}")
    return broken


RECOVERED = {"spread": (0.6, None), "classes": (8, None), "frechet": (None, 120)}

PATIENTS = {
    # With Adam's usual momentum, as slides_failure has it; at 0.5 this GAN survives even 0.03.
    "fast": Patient(
        sick=replace(HEALTHY, g_learning_rate=0.03, d_learning_rate=0.03, beta_1=0.9),
        treated=replace(HEALTHY, dropout=0.25),
        finding="exploded",
        fails={"loss_peak": (30, None)},
        recovers={"loss_peak": (None, 5), **RECOVERED},
    ),
    # D too strong. The bounds are far from both: five sick runs had a signal of 0.018 at most,
    # five treated ones 0.26 at least.
    "critic": Patient(
        sick=replace(HEALTHY, loss="minimax", d_learning_rate=2e-2),
        treated=replace(HEALTHY, loss="minimax", dropout=0.3, label_flips=0.05),
        finding="discriminator_won",
        fails={"d_loss": (None, 0.1), "signal": (None, 0.05), "classes": (None, 3)},
        recovers={"signal": (0.1, None), **RECOVERED},
    ),
    # G too strong.
    "collapse": Patient(
        sick=replace(HEALTHY, d_learning_rate=2e-5),
        treated=HEALTHY,
        finding="generator_won",
        fails={"d_loss": (1.6, None), "class_max": (0.8, None), "coverage": (None, 0.02)},
        recovers=RECOVERED,
    ),
    # Oscillation.
    "circles": Patient(
        sick=replace(
            HEALTHY, beta_1=0.9, g_learning_rate=1e-2, d_learning_rate=1e-2, ema_momentum=None
        ),
        treated=replace(HEALTHY, beta_1=0.0, real_penalty=1.0),
        finding="oscillation",
        fails={"change": (0.65, None)},
        recovers={"change": (None, 0.55), **RECOVERED},
    ),
    # Images left in [0, 255].
    "range": Patient(
        sick=replace(HEALTHY, data_range=(0.0, 255.0)),
        treated=HEALTHY,
        finding="range",
        fails={"d_accuracy": (0.98, None)},
        recovers=RECOVERED,
    ),
    # BatchNorm's statistics lag behind.
    "statistics": Patient(
        sick=replace(HEALTHY, norm_momentum=0.999),
        treated=HEALTHY,
        finding="statistics",
        fails={"mode_gap": (0.5, None)},
        recovers={"mode_gap": (None, 0.3), **RECOVERED},
    ),
}
