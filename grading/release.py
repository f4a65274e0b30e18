"""Build the student versions of notebooks with nbgrader.

python -m grading.release 01 | 01_dcgan_mnist | all
"""

import copy
import sys

from grading import course as courses


def student_version(book):
    """The release of a notebook without a gradebook, for tests and simulations."""
    from nbgrader import preprocessors as nbgrader
    from traitlets.config import Config

    from grading import config
    from grading.run import plugins

    settings = Config()
    config.configure(settings)
    book = copy.deepcopy(book)
    steps = (
        nbgrader.LockCells,
        nbgrader.ClearSolutions,
        nbgrader.ClearOutput,
        plugins.TagTests,
        nbgrader.ComputeChecksums,
        plugins.LastLook,
    )
    for step in steps:
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
