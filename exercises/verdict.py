"""How an answer is judged: whose work it is, what it returns, and what the verdict says."""

import dis
import functools
import inspect
import types
import warnings

import numpy as np
import tensorflow as tf

from helpers import PACKAGES

# Modules of helpers that contain no answer, so that an exercise may use them.
TOOLS = ("config", "datasets", "images", "plotting", "session")
DOORS = ("__import__", "eval", "exec", "globals", "importlib")  # ways round this look


class Wrong(AssertionError):
    """An answer that is not right yet; the message says what to change."""

    def _render_traceback_(self):
        """What a notebook shows: the sentence. The frames are those of the check."""
        return [f"Not right yet: {self}"]


_passed = []  # what the checks of this process have accepted


def passed(what):
    """Print the one line of a right answer; the last thing that a check does."""
    _passed.append(what)
    print(f"Right: {what}")


def passes():
    """How often a check of this process has reached ``passed``: grading asks for it."""
    return len(_passed)


# --- Values ---


def refuse(there, sentence):
    """Raise ``Wrong`` with ``sentence`` if a fault is there."""
    if there:
        raise Wrong(sentence)


def close(found, expected, atol=1e-4, rtol=1e-5):
    """Whether two arrays have one shape and agree to ``atol`` and ``rtol``."""
    same = np.shape(found) == np.shape(expected)
    return same and np.allclose(found, expected, rtol=rtol, atol=atol)


def is_pair(found):
    """Whether an answer is a list or a tuple of two things."""
    return isinstance(found, (list, tuple)) and len(found) == 2


def explain(found, expected, mistakes, name="", otherwise="", same=close):
    """Raise ``Wrong`` unless ``found`` is the expected array, in shape and values.

    Args:
        mistakes: pairs of wrong values and the sentence that explains them.
        name: what the sentences begin with; empty if they need no subject.
        otherwise: the sentence for values that no mistake explains; default: their beginning.
        same: ``same(found, value)`` decides whether two arrays are equal.
    """
    found = np.asarray(found)
    if same(found, expected):
        return
    for value, sentence in mistakes:
        # Wrong formulas may blow up rounding errors, so this comparison is looser.
        if same(found, value) or (same is close and close(found, value, rtol=1e-3)):
            raise Wrong(f"{name}: {sentence}" if name else sentence)
    shapes = np.shape(found), np.shape(expected)
    begin, right = (np.ravel(each)[:3].round(4) for each in (found, expected))
    refuse(otherwise, otherwise)
    refuse(shapes[0] != shapes[1], f"{name} must have shape {shapes[1]}, yours has {shapes[0]}")
    raise Wrong(f"{name} starts with {begin} where {right} is right")


def check_number(found, expected, mistakes, name):
    """Raise ``Wrong`` unless ``found`` is one number, the expected one; ``mistakes`` as above."""
    try:
        found = np.asarray(found, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"{name} must return one number, yours is {type(found).__name__}") from None
    refuse(found.shape != (), f"{name} must return one number, yours has shape {found.shape}: take "
           "the mean over the batch")  # fmt: skip
    if close(found, expected):
        return
    for value, sentence in mistakes:
        if close(found, value):
            raise Wrong(f"{name}: {sentence} (you got {float(found):.4f}, not {expected:.4f})")
    raise Wrong(f"{name} gives {float(found):.4f} where {expected:.4f} is right")


def array(value, shape, name, cause="something was divided by 0"):
    """An answer as a float64 array; ``Wrong`` unless it has ``shape`` and is finite.

    Args:
        shape: ``None`` takes any, and NaN too.
        cause: where NaN would come from.
    """
    try:
        found = np.asarray(value, "float64")
    except (TypeError, ValueError):
        raise Wrong(f"{name} must be numbers, yours is {type(value).__name__}") from None
    if shape is not None:
        refuse(found.shape != shape, f"{name} must have shape {shape}, yours has {found.shape}")
        refuse(not np.isfinite(found).all(), f"{name} holds NaN or infinity: {cause}")
    return found


# --- A student's function ---


def answer(function, *arguments, **references):
    """What a student's function returns; ``Wrong`` if it is not their own work, or fails.

    Args:
        references: global names of the notebook and what shall stand for them in the function,
            so that the check of one exercise does not depend on another.
    """
    return call(own_work(function, **references), *arguments)


def call(function, *arguments):
    """What ``function`` returns; ``Wrong`` if it is open, raises, or returns nothing."""
    name = getattr(function, "__name__", "<lambda>").replace("<lambda>", "your function")
    refuse_open(function)
    try:
        with warnings.catch_warnings():  # a warning is no error, but would cost points
            warnings.simplefilter("ignore")
            found = function(*arguments)
    except (NotImplementedError, Wrong):
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [""]
        raise Wrong(f"{name} stops with {type(error).__name__}: {lines[0][:200]}") from None
    if found is None:
        raise Wrong(f"{name} returns nothing: end it with `return`")
    return found


def compares(name, right, *cases, judge=explain, convert=tf.constant, **references):
    """Decorator: makes of a table of values ``check(function)`` for a student's function.

    The table gets a case and returns the arguments of the function, what it shall give for them,
    and the pairs ``(wrong value, sentence)`` of ``explain``.

    Args:
        name: what sentences begin with (``explain``).
        right: what ``passed`` prints; ``{0}`` stands for the last value that was wanted.
        cases: tuples of arguments of the table, such as a seed and a shape.
        judge: ``judge(found, expected, mistakes, name)``, such as ``check_number``.
        convert: what is done to each NumPy array before the student gets it.
        references: as in ``answer``.
    """

    def decorate(table):
        @functools.wraps(table)
        def check(function):
            for case in cases:
                given, expected, mistakes = table(*case)
                given = [convert(x) if isinstance(x, np.ndarray) else x for x in given]
                judge(answer(function, *given, **references), expected, mistakes, name)
            passed(right.format(expected))

        return check

    return decorate


def refuse_open(function):
    """Raise ``Wrong`` if the kit's version stands in for this exercise."""
    name = getattr(function, "open_exercise", None)
    refuse(name, f"{name} is still open: write its body and run its cell again")


def own_work(function, **references):
    """The student's function, ready to be checked; ``Wrong`` if its result comes from the kit.

    It looks at the names that the function's code uses, at functions of the notebook that it
    calls, and at imports inside. This finds an answer that was borrowed, not every disguise.

    Args:
        function: the answer of a student.
        references: as in ``answer``.
    """
    refuse_open(function)
    _look(function, set(), references)
    function = inspect.unwrap(function) if references else function
    if not references or not isinstance(function, types.FunctionType):
        return function
    names = {**function.__globals__, **references}
    copy = types.FunctionType(
        function.__code__, names, function.__name__, function.__defaults__, function.__closure__
    )
    copy.__kwdefaults__ = function.__kwdefaults__
    return copy


def _look(value, seen, known=()):
    value = inspect.unwrap(value) if callable(value) else value
    if id(value) in seen:
        return
    seen.add(id(value))
    _refuse_borrowed(getattr(value, "__name__", "this"), value)
    if isinstance(value, functools.partial):
        return _look(value.func, seen, known)
    if not isinstance(value, types.FunctionType):
        return
    for name, used in _used(value):
        if name in known:
            continue
        used = inspect.unwrap(used) if callable(used) else used
        _refuse_borrowed(name, used)
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


def _refuse_borrowed(name, value):
    is_module = isinstance(value, types.ModuleType)
    place = (value.__name__ if is_module else getattr(value, "__module__", None)) or ""
    package, _, rest = place.partition(".")
    if package in PACKAGES and not (package == "helpers" and rest.split(".")[0] in TOOLS):
        raise Wrong(f"your answer takes {name} from the kit ({place}): here you are asked to write "
                    "it yourself")  # fmt: skip
