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


# ---------------------------------------------------------------------------------------------
# Hints.


def hint(name, step=None):
    """Print the next of the three hints of an exercise; none of them is the solution.

    Args:
        name: the exercise's name (the ``grade_id`` of its cell); ``"02.make_generator"`` where
            several notebooks have one of that name and this kernel runs none of them.
        step: 1, 2 or 3 to see that one again.

    Raises:
        ValueError: no such exercise or step, or several of that name.
    """
    running = getattr(sys._getframe(1).f_globals.get("cfg"), "notebook", None)
    notebook, name = _choose(name, running)
    hints = hints_of(notebook)[name]
    if step is not None and step not in range(1, len(hints) + 1):
        raise ValueError(f"{name} has hints 1 to {len(hints)}, not {step!r}")
    shown = _asked.get((notebook, name), 0)
    number = step or min(shown + 1, len(hints))
    _asked[notebook, name] = max(shown, number)
    print(f"Hint {number} of {len(hints)}: {hints[number - 1]}")
    if step is None and shown == len(hints):
        print("There are no more; the text above the exercise and the message of its check help.")


def hints_of(notebook):
    """The hints of a notebook's exercises: ``{grade_id: [three sentences]}``; empty if none."""
    path = HINTS / f"{notebook}.toml"
    if not path.is_file():
        return {}
    return {name: entry["hints"] for name, entry in tomllib.loads(path.read_text("utf-8")).items()}


def _choose(name, running):
    """Notebook and grade_id for what a student typed; the running notebook's own come first."""
    prefix, _, short = str(name).rpartition(".")
    notebooks = [path.stem for path in sorted(HINTS.glob("*.toml"))]
    fitting = [book for book in notebooks if book.startswith(prefix) and short in hints_of(book)]
    if not prefix and running in fitting:
        return running, short
    if len(fitting) == 1:
        return fitting[0], short
    if fitting:
        ways = " or ".join(f'hint("{book[:2]}.{short}")' for book in fitting)
        raise ValueError(f"several notebooks have an exercise {short!r}: write {ways}")
    known = sorted(hints_of(running)) if running else [f"{book[:2]}.*" for book in notebooks]
    raise ValueError(f"no hints for {name!r}; there are some for {', '.join(known) or 'none'}")
