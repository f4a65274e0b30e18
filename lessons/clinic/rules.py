"""What the numbers of a run complain of: rules without a network, and the words for it.

The thresholds are ours, set on a few runs of the patients of notebook 07 and of healthy ones;
``benchmarks/clinic.py`` holds them against more.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from helpers import losses

# Below this sum of its two terms, a loss says that D is sure of nearly every image.
WON = {"non_saturating": 0.1, "minimax": 0.1, "relativistic": 0.1, "least_squares": 0.02,
       "hinge": 0.05}  # fmt: skip
# Above this, D does worse than somebody who guesses: 2 ln 2, ln 2, 1/4 and 2, and a margin.
FOOLED = {"non_saturating": 1.6, "minimax": 1.6, "relativistic": 0.9, "least_squares": 0.35,
          "hinge": 2.1}  # fmt: skip
LOGISTIC = ("non_saturating", "minimax", "relativistic")  # losses whose value at a tie is known
EXPLODED = 30.0  # a logistic loss this large: D is wrong and sure, by e^30 to 1
LASTING = 3  # check-ups in a row that a complaint must last
WARM_UP = 4  # check-ups at the start that no rule but those of scale looks at
NARROW = 0.35  # spread of the samples over that of real images, below: collapse
RESTLESS = 0.65  # change of the same z between check-ups over the spread: at random it is 1.4
GAP = 0.5  # difference of the two modes of the generator over the spread of the images


@dataclass(frozen=True)
class Finding:
    """One complaint."""

    name: str  # a key of RULES
    since: int  # the step (or epoch) of the first check-up of the complaint
    says: str  # what is seen, with its numbers
    tries: tuple[str, ...]  # what to try, the likeliest first

    def __str__(self):
        return f"since step {self.since}: {self.says} Try: {'; '.join(self.tries)}."


TRIES = {
    "range": (
        "scale the images with images.to_float to the range of the generator's last activation",
    ),
    "exploded": (
        "a learning rate ten to a hundred times lower",
        "dropout in the discriminator",
        "a gradient penalty on real images",
    ),
    "discriminator_won": (
        "a lower learning rate for the discriminator",
        "dropout in the discriminator, or fewer filters",
        "noisy or flipped labels",
        "the non-saturating loss, if it is not in use",
    ),
    "generator_won": (
        "a higher learning rate for the discriminator, or a lower one for the generator",
        "more filters or less dropout in the discriminator",
    ),
    "collapse": (
        "a lower learning rate for the generator, or a discriminator that learns faster",
        "a larger batch",
        "a loss that compares pairs (relativistic) with a gradient penalty",
    ),
    "statistics": (
        "training=True for every call inside train_step",
        "a smaller momentum of BatchNorm, such as 0.9",
        "more steps, so that the moving averages catch up",
    ),
    "oscillation": (
        "an averaged copy of the generator",
        "a gradient penalty on real images",
        "no momentum (beta_1 = 0) and a lower learning rate",
    ),
}


def first_run(flags, length):
    """Where ``flags`` ``(N,)`` are first true ``length`` times in a row, or ``None``."""
    count = 0
    for index, flag in enumerate(flags):
        count = count + 1 if flag else 0
        if count == length:
            return index - length + 1
    return None


def diagnose(history, loss="non_saturating"):
    """What the numbers of a run complain of.

    Args:
        history: name -> list with one number for each check-up, such as ``Doctor.history`` or
            the history of ``fit``. Names that it lacks are rules that stay silent:
            ``step``, ``d_loss``, ``g_loss``, ``spread`` (of the samples over that of real
            images), ``change`` (of the same z since the last check-up, over the spread),
            ``mode_gap`` (between training and inference mode, over the spread), ``real_low``,
            ``real_high``, ``fake_low``, ``fake_high`` (values that occur, or can occur).
        loss: the kind of loss, one of ``losses.GAN_LOSSES``.

    Returns:
        list of ``Finding`` in the order in which to treat them; empty for a healthy run.

    Raises:
        ValueError: an unknown loss, or lists of different lengths.
    """
    losses.check_kind(loss)
    series = {name: np.asarray(values, dtype=float) for name, values in history.items()}
    lengths = {len(values) for values in series.values()}
    if len(lengths) > 1:
        raise ValueError(f"the lists of a history must have one length, got {sorted(lengths)}")
    if not lengths or not lengths.pop():
        return []
    count = len(next(iter(series.values())))
    steps = series.get("step", np.arange(1, count + 1)).astype(int)
    found = []
    for name, rule in RULES.items():
        seen = rule(series, loss)
        if seen is not None:
            at, says = seen
            found.append(Finding(name, int(steps[at]), says, TRIES[name]))
        if name == "range" and found:  # whatever else there is follows from it
            break
    return found


def _range(series, loss):
    names = ("real_low", "real_high", "fake_low", "fake_high")
    if not set(names) <= set(series):
        return None
    real_low, real_high, fake_low, fake_high = (float(series[name][-1]) for name in names)
    width = fake_high - fake_low
    if not np.isfinite(width) or width <= 0:
        return None
    inside = real_low > fake_low - 0.05 * width and real_high < fake_high + 0.05 * width
    used = (real_high - real_low) / width
    if inside and used > 0.6:
        return None
    return 0, (
        f"The real images lie in [{real_low:.3g}, {real_high:.3g}], but the generator draws in "
        f"[{fake_low:.3g}, {fake_high:.3g}]: the range alone gives the fakes away."
    )


def _exploded(series, loss):
    known = [series[name] for name in ("d_loss", "g_loss") if name in series]
    for values in known:
        if not np.isfinite(values).all():
            at = int(np.argmin(np.isfinite(values)))
            return at, "A loss is NaN or infinite: some step was far too large."
    if not known or loss not in LOGISTIC:
        return None
    worst = np.max(np.abs(known), axis=0)
    at = first_run(worst > EXPLODED, 2)
    if at is None:
        return None
    return at, (
        f"A loss of {worst[at:].max():.0f}, where guessing costs 0.7 or 1.4: the steps are so "
        "large that the players jump instead of walking."
    )


class Lasting(NamedTuple):
    """A rule about one series: a complaint that began after the warm-up and has lasted."""

    name: str  # of the series
    bad: Callable  # function of its values (N,) and the loss -> booleans (N,)
    says: str  # the words, with {value} for the last value, {lasted} and {limit}
    recent: int = 1  # check-ups at the end of which most must be bad

    def __call__(self, series, loss):
        if self.name not in series:
            return None
        values = series[self.name]
        bad = self.bad(values, loss)
        at = first_run(bad & (np.arange(len(bad)) >= WARM_UP), LASTING)
        if at is None or np.mean(bad[-self.recent :]) < 0.6:
            return None
        words = {"value": values[-1], "lasted": len(bad) - at, "limit": WON.get(loss)}
        return at, self.says.format(**words)


# In the order in which to treat what they find.
RULES = {
    "range": _range,
    "exploded": _exploded,
    "discriminator_won": Lasting(
        "d_loss",
        lambda values, loss: values < WON.get(loss, -np.inf),
        "The discriminator has won: its loss has been below {limit} for {lasted} check-ups, now "
        "{value:.3g}. It tells the generator that everything is wrong, and not what would be "
        "better.",
    ),
    "generator_won": Lasting(
        "d_loss",
        lambda values, loss: values > FOOLED.get(loss, np.inf),
        "The generator has won: the discriminator's loss is {value:.3g}, worse than guessing. It "
        "learns too slowly to say what is wrong, and the generator draws whatever it happens to "
        "like.",
    ),
    "collapse": Lasting(
        "spread",
        lambda values, loss: values < NARROW,
        "The samples are nearly the same picture: they differ from each other by {value:.0%} of "
        "what real images differ. This is mode collapse.",
    ),
    "statistics": Lasting(
        "mode_gap",
        lambda values, loss: values > GAP,
        "The generator draws other pictures in training mode than in inference mode (they differ "
        "by {value:.0%} of the spread of real images): the statistics of BatchNorm do not fit.",
    ),
    "oscillation": Lasting(
        "change",
        lambda values, loss: values > RESTLESS,
        "The players go round in circles: from one check-up to the next the same z changes its "
        "picture by {value:.0%} of the spread of real images, and it does not settle.",
        recent=2 * LASTING,
    ),
}
