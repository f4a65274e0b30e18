"""Build the student versions of notebooks with nbgrader.

python -m grading.release 01 | 01_dcgan_mnist | all
"""

import copy
import sys

from nbgrader.preprocessors import IncludeHeaderFooter, SaveCells
from traitlets.config import Config

from grading import config
from grading import course as courses


def student_version(book):
    """The release of a notebook without a gradebook, for tests and simulations."""
    settings, book = Config(), copy.deepcopy(book)
    config.configure(settings)
    steps = settings.GenerateAssignment.preprocessors
    for step in [each for each in steps if each not in (IncludeHeaderFooter, SaveCells)]:
        book, _ = step(config=settings).preprocess(book, {})
    return book


def main(arguments=None):
    """The command line; returns the exit status."""
    (wanted,) = (sys.argv[1:] if arguments is None else arguments) or ["all"]
    from grading import grade

    course = courses.default()
    try:
        names = course.choose(wanted)
        grade.release(course, names)
    except (ValueError, RuntimeError) as error:
        print(f"release: {error}", file=sys.stderr)
        return 1
    for name in names:
        print(course.release(name))
    return 0


if __name__ == "__main__":
    sys.exit(main())
