"""A doctor for GANs: watches a run, says in words what it sees and what to try.

``Doctor`` is a Keras callback for every notebook; it takes a ``check_up`` every so many steps.
``diagnose`` is the other half, a function of the recorded numbers alone: the same rules work on
a history that somebody else wrote down. A rule speaks only when what it looks for has lasted for
several check-ups, because every healthy run has odd moments. slides_reasons, lecture_tricks; taught in notebook 07.
"""

from lessons.doctor.checkup import Doctor, examine
from lessons.doctor.rules import Finding, diagnose, first_run

__all__ = ["Doctor", "Finding", "diagnose", "examine", "first_run"]
