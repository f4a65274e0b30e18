"""The check of notebook 07 that grades a diagnosis: three recorded runs without a name."""

import hashlib

from exercises.answers import answer
from exercises.verdict import Wrong, passed

# What a run without this complaint lacks; it says nothing about what the run has.
LACKS = {
    "fast": "steps that are too large throw a loss far above 10 again and again, and here none is",
    "critic": "when D has won, its loss lies near 0 and its accuracy near 1 to the very end, and "
    "here they do not",
    "collapse": "when the generator has won, D does worse than guessing: its loss stays above "
    "1.39, and here it does not",
    "circles": "going in circles means that the same z never comes to rest: the change stays as "
    "high as the spread, and here it does not",
    "healthy": "in a healthy run neither player is stuck: D's loss lies between 0.3 and 1.39, and "
    "here it does not",
}
RIGHT = {
    "A": "1b1e0e06056a16ac",
    "B": "3376adc72c13f25d",
    "C": "ad5e1b142c7fb988",
}


def diagnosis(function, run):
    """Check what ``function()`` says of one of the runs ``"A"``, ``"B"``, ``"C"``.

    The right words stand here as hashes only, so that a glance at this file spoils nothing.
    """
    found = answer(function)
    if not isinstance(found, dict):
        raise Wrong(f"return a dict such as {{'A': 'healthy', ...}}, not {type(found).__name__}")
    if run not in found:
        raise Wrong(f"your dict has no entry for run {run!r}")
    word = found[run]
    if word not in LACKS:
        raise Wrong(f"run {run}: {word!r} is none of {', '.join(LACKS)}")
    if fingerprint(run, word) != RIGHT[run]:
        raise Wrong(f"run {run} is not {word!r}: {LACKS[word]}. Look again")
    passed(f"run {run}.")


def fingerprint(run, word):
    """Hash of one answer, 16 hexadecimal digits."""
    return hashlib.sha256(f"07 {run} {word}".encode()).hexdigest()[:16]
