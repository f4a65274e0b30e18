"""How a check meets a student's function: is it their own, and what does it return?

``own_work`` refuses an answer that was taken from the kit, ``answer`` calls the function and turns
an exception into a sentence.
"""

import dis
import functools
import inspect
import types
import warnings

from exercises.verdict import Wrong
from helpers import PACKAGES

# Modules of the kit that hold no answer, so that an exercise may use them.
TOOLS = ("config", "datasets", "images", "metrics", "plotting", "session")
DOORS = ("__import__", "eval", "exec", "globals", "importlib")  # ways round this look


def own_work(function, **references):
    """The student's function, ready to be checked; ``Wrong`` if its result comes from the kit.

    It looks at the names that the function's code uses, at functions of the notebook that it
    calls, and at imports inside. This finds an answer that was borrowed, not every disguise.

    Args:
        function: the answer of a student.
        references: global names of the notebook and what shall stand for them in the function
            that is returned, so that the check of one exercise does not depend on another.
    """
    if hasattr(function, "open_exercise"):  # the kit's version stands in: it refuses a check
        return function
    _look(function, set(), references)
    return _given(function, references) if references else function


def _look(value, seen, known=()):
    value = inspect.unwrap(value) if callable(value) else value
    if id(value) in seen:
        return
    seen.add(id(value))
    _refuse(getattr(value, "__name__", "this"), value)
    if isinstance(value, functools.partial):
        return _look(value.func, seen, known)
    if not isinstance(value, types.FunctionType):
        return
    for name, used in _used(value):
        if name in known:
            continue
        used = inspect.unwrap(used) if callable(used) else used
        _refuse(name, used)
        if getattr(used, "__globals__", None) is value.__globals__:  # of the same notebook
            _look(used, seen, known)


def _used(function):
    """Names and values that a function takes from outside."""
    yield from inspect.getclosurevars(function).nonlocals.items()
    for code in _codes(function.__code__):
        for step in dis.get_instructions(code):
            if step.opname == "IMPORT_NAME":
                yield step.argval, types.ModuleType(step.argval)
            elif step.opname in ("LOAD_GLOBAL", "LOAD_NAME"):
                if step.argval in DOORS:
                    raise Wrong(f"{step.argval} has no place in this answer: write it yourself")
                if step.argval in function.__globals__:
                    yield step.argval, function.__globals__[step.argval]


def _codes(code):
    """A code object and those inside it: comprehensions, inner functions."""
    yield code
    for constant in code.co_consts:
        if isinstance(constant, types.CodeType):
            yield from _codes(constant)


def _refuse(name, value):
    if isinstance(value, types.ModuleType):
        place = value.__name__
    else:
        place = getattr(value, "__module__", None) or ""
    if _holds_answers(place):
        raise Wrong(
            f"your answer takes {name} from the kit ({place}): here you are asked to write it "
            "yourself"
        )


def _holds_answers(place):
    parts = place.split(".")
    if parts[0] == "helpers":
        return len(parts) == 1 or parts[1] not in TOOLS
    return parts[0] in PACKAGES


def _given(function, references):
    function = inspect.unwrap(function)
    if not isinstance(function, types.FunctionType):
        return function
    names = {**function.__globals__, **references}
    copy = types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def answer(function, *arguments, **options):
    """What ``function`` returns; ``Wrong`` if it raises or returns nothing.

    ``NotImplementedError`` passes: it means that nobody has written an answer yet.
    """
    name = getattr(function, "__name__", "<lambda>").replace("<lambda>", "your function")
    try:
        with warnings.catch_warnings():  # a warning is no error, but would cost points
            warnings.simplefilter("ignore")
            found = function(*arguments, **options)
    except (NotImplementedError, Wrong):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise Wrong(f"{name} stops with {type(error).__name__}: {lines[0][:200]}") from None
    if found is None:
        raise Wrong(f"{name} returns nothing: end it with `return`")
    return found
