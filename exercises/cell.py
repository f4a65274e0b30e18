"""What an exercise's cells call: open ones do not stop the lesson, and hints come on request.

In a notebook:

    @exercise(kit="losses.generator_loss")
    def generator_loss(fake_logits):
        ...

    hint("generator_loss")  # one step more with every call
"""

import ast
import functools
import importlib
import inspect
import sys
import textwrap
import tomllib
from pathlib import Path

from helpers import PACKAGES

HINTS = Path(__file__).parent / "hints"
_asked = {}  # (notebook, exercise) -> how many hints this kernel has shown


def exercise(kit=None):
    """Decorator of an answer: while it is open, the rest of the notebook runs on the kit's version.

    A finished function is returned as it is, so that nothing stands between it and its caller. An
    open one (its body is empty or still reaches ``raise NotImplementedError``) is replaced by the
    kit's version, and a line says so. A check never accepts that one.

    Args:
        kit: the kit's version, with the same arguments: a function, or its dotted name, such as
            ``"losses.generator_loss"`` (below ``helpers``) or ``"lessons.style.gram_matrix"``,
            looked up when it is needed. ``None``: there is none, and an open exercise raises
            ``NotImplementedError`` when it is called.

    Raises:
        ValueError: ``kit`` is neither, or no such name exists (when the exercise is open).
    """
    if not (kit is None or callable(kit) or isinstance(kit, str)):
        raise ValueError(f"kit must be a function or a dotted name, got {kit!r}")

    def decorate(function):
        if not is_open(function):
            return function
        name = function.__name__
        version = kits_version(kit) if isinstance(kit, str) else kit
        rest = ": using the kit's version for now" if version else ""
        print(f"{name} is still open{rest}")

        @functools.wraps(function)
        def stand_in(*arguments, **options):
            if version is None:
                raise NotImplementedError(f"{name} is still open: write its body first")
            return version(*arguments, **options)

        stand_in.open_exercise = name
        return stand_in

    return decorate


def is_open(function):
    """Whether nobody has written ``function`` yet, by its source; False if that is not to be had.

    What else stands around ``raise NotImplementedError`` changes nothing, unless it returns
    before: that is an answer.
    """
    try:
        (definition,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, TypeError, ValueError, SyntaxError):
        return False
    body = getattr(definition, "body", [])
    if isinstance(definition, ast.FunctionDef) and all(_does_nothing(each) for each in body):
        return True
    for statement in body:
        if isinstance(statement, ast.Raise):
            return "NotImplementedError" in ast.unparse(statement)
        inside = () if isinstance(statement, ast.FunctionDef) else ast.walk(statement)
        if any(isinstance(each, ast.Return | ast.Yield | ast.YieldFrom) for each in inside):
            return False
    return False


def _does_nothing(statement):
    constant = isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Constant)
    return constant or ast.unparse(statement) in ("pass", "return", "return None")


def kits_version(dotted):
    """The function that ``dotted`` names, in a package of the kit or below ``helpers``.

    Raises:
        ValueError: there is no such function.
    """
    module, _, name = dotted.rpartition(".")
    if dotted.split(".")[0] not in PACKAGES:
        module = f"helpers.{module}"
    try:
        found = getattr(importlib.import_module(module), name)
    except (ImportError, AttributeError):
        found = None
    if not callable(found):
        raise ValueError(f"the kit has no function {module}.{name} (kit={dotted!r})")
    return found


# --- Hints ---


def hint(name):
    """Print the next of the three hints of an exercise; none of them is the solution.

    Args:
        name: the exercise's name (the ``grade_id`` of its cell) in the notebook that calls.

    Raises:
        ValueError: the notebook, or its ``cfg``, knows no hints for that name.
    """
    notebook = getattr(sys._getframe(1).f_globals.get("cfg"), "notebook", None)
    known = hints_of(notebook)
    if name not in known:
        raise ValueError(f"no hints for {name!r}; there are some for {', '.join(known) or 'none'}")
    hints, shown = known[name], _asked.get((notebook, name), 0)
    number = _asked[notebook, name] = min(shown + 1, len(hints))
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if shown == len(hints):
        print("There are no more; the text above the exercise and the message of its check help.")


def hints_of(notebook):
    """The hints of a notebook's exercises: ``{grade_id: [three sentences]}``; empty if none."""
    path = HINTS / f"{notebook}.toml"
    if not path.is_file():
        return {}
    return {name: entry["hints"] for name, entry in tomllib.loads(path.read_text("utf-8")).items()}
