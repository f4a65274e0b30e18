"""The exercises: this package grades answers. (``helpers.checking`` validates arguments.)

One module for each notebook, and a notebook loads only its own: ``digits`` (01), ``color`` (02),
``conditional`` (03), ``autoencoders`` (04), ``dream`` (05), ``style`` (06), ``clinic`` (07),
``latent`` (08) and ``translation`` (09). Its setup cell says
``from exercises import digits as check``.

A check compares a student's function with an independent reference on random input of a fixed
seed, prints one line when the answer is right and raises ``Wrong`` with a sentence that says what
to change when it is not. It never trains and never prints to the error stream, because a grader
counts that as a failure.
"""

from exercises.cell import exercise, hint
from exercises.verdict import Wrong

__all__ = ["Wrong", "exercise", "hint"]
