"""Helpers of the course on generative deep learning: networks, training loops, pictures.

Import the module that you need (``from helpers import datasets``). Importing the package itself
does no work and does not import TensorFlow.
"""

import importlib

__version__ = "0.1.0"

# The packages of the kit, as the wheel ships them and the grader watches them.
PACKAGES = ("helpers", "lessons", "exercises")


def on_demand(package, names):
    """The ``__getattr__`` of a package that loads some of its modules when they are first needed.

    Args:
        package: its ``__name__``.
        names: what the package offers -> the module of the package that defines it.
    """

    def load(name):
        if name not in names:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        return getattr(importlib.import_module(f"{package}.{names[name]}"), name)

    return load
