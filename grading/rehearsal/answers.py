"""Wrong answers that must lose their points and correct ones that must not.

    python -m grading.rehearsal.answers [NOTEBOOK ...]

runs all of them in this process and prints what each one lost and was told.

A file holds the answers for one notebook:

    [[wrong]]
    cell = "gan_losses"                     # grade_id of the solution cell
    loses = ["discriminator_loss_values"]   # exactly the graded cells that must fail
    find = "from_logits=True"               # occurs exactly once in the reference solution
    replace = "from_logits=False"
    says = "logits"                         # in the message of every lost cell

Instead of ``find`` and ``replace``: ``edits``, a list of such pairs, or ``source``, the whole
cell. ``says`` may be a table with a text for each lost cell. A ``[[correct]]`` answer has ``cell``,
``why``, and one of the three.
"""

import contextlib
import io
import sys
import tomllib
from dataclasses import dataclass
from pathlib import Path

import nbformat

from grading import cells as cell_tools

ROOT = Path(__file__).resolve().parents[2]
NOTEBOOKS = ROOT / "notebooks"
FOLDER = Path(__file__).resolve().parent


class BadAnswer(ValueError):
    """An entry of a file of answers that cannot be used as it is written."""


@dataclass(frozen=True)
class Answer:
    """One other answer to an exercise: what replaces the reference, and what must come of it."""

    notebook: str
    number: int  # its place in the file, from 1
    cell: str
    source: str  # the whole cell
    loses: tuple = ()  # grade_ids; empty for a correct answer
    says: tuple = ()  # pairs of grade_id and text
    why: str = ""

    @property
    def name(self):
        """What a report calls it."""
        kind = "wrong" if self.loses else "correct"
        return f"{self.notebook} {kind} {self.number} ({self.cell})"


def read_notebook(name):
    """The reference notebook, by its file name without ``.ipynb``."""
    return nbformat.read(NOTEBOOKS / f"{name}.ipynb", 4)


def notebooks():
    """Names of the notebooks that have exercises."""
    found = sorted(NOTEBOOKS.glob("*.ipynb"))
    return [p.stem for p in found if cell_tools.exercises(nbformat.read(p, 4).cells)]


def load(notebook, kind):
    """The answers to ``notebook`` in the file of ``kind``, ``"wrong"`` or ``"correct"``.

    Raises:
        BadAnswer: unknown cell, a ``find`` that does not occur exactly once, a missing key.
    """
    path = FOLDER / f"{kind}_answers" / f"{notebook}.toml"
    if not path.is_file():
        return []
    entries = tomllib.loads(path.read_text(encoding="utf-8")).get(kind, [])
    book = read_notebook(notebook)
    sources = {cell_tools.grade_id(c): c.source for c in book.cells if cell_tools.is_solution(c)}
    graded = {cell_tools.grade_id(c) for c in book.cells if cell_tools.is_test(c)}
    about = (f"{path.name}, {kind} answer", sources, graded, kind)
    return [_answer(entry, notebook, i, *about) for i, entry in enumerate(entries, start=1)]


def _answer(entry, notebook, number, label, sources, graded, kind):
    label, cell = f"{label} {number}", entry.get("cell")
    if cell not in sources:
        raise BadAnswer(f"{label}: {notebook} has no solution cell {cell!r}")
    required = {"loses", "says"} if kind == "wrong" else {"why"}
    if missing := sorted(required - entry.keys()):
        raise BadAnswer(f"{label} ({cell}): {', '.join(missing)} missing")
    loses = tuple(entry.get("loses", ()))
    if unknown := sorted(set(loses) - graded):
        raise BadAnswer(f"{label} ({cell}): no graded cell {', '.join(unknown)}")
    if kind == "wrong" and not loses:
        raise BadAnswer(f"{label} ({cell}): a wrong answer must lose something")
    says = entry.get("says", "")
    says = says if isinstance(says, dict) else dict.fromkeys(loses, says)
    if kind == "wrong" and (set(says) != set(loses) or not all(says.values())):
        raise BadAnswer(f"{label} ({cell}): `says` needs a text for each lost cell")
    source = _changed(entry, sources[cell], f"{label} ({cell})")
    return Answer(notebook, number, cell, source, loses, tuple(says.items()), entry.get("why", ""))


def _changed(entry, source, label):
    """The solution cell with the entry's changes."""
    if "source" in entry:
        changed = entry["source"].strip("\n")
    else:
        edits = entry.get("edits") or [[entry.get("find"), entry.get("replace")]]
        changed = source
        for find, replace in edits:
            if find is None or replace is None:
                raise BadAnswer(f"{label}: needs source, edits, or find and replace")
            if source.count(find) != 1 or changed.count(find) != 1:
                raise BadAnswer(f"{label}: {find!r} occurs {source.count(find)} times, not once")
            changed = changed.replace(find, replace)
    if changed == source:
        raise BadAnswer(f"{label}: the answer is the reference itself")
    return changed


class Workbench:
    """The fast runner, without a kernel: a notebook in which one answer at a time is changed."""

    def __init__(self, notebook):
        self.notebook = notebook
        self.cells = read_notebook(notebook).cells
        self.space = {"__name__": "__main__"}
        for index in cell_tools.needed(self.cells):
            cell = self.cells[index]
            if not (cell_tools.is_solution(cell) or cell_tools.is_test(cell)):
                _execute(cell.source, self.space, f"{notebook}: {cell.id}")

    def lost(self, answer=None):
        """What failed with ``answer`` in its cell: dict, grade_id of a test -> its message.

        Only the tests that the answer can change are run; all, on the reference, for ``None``.
        """
        space = dict(self.space)
        tests = None if answer is None else cell_tools.depending(self.cells, answer.cell)
        failed = {}
        for cell in (each for each in self.cells if each.cell_type == "code"):
            name = cell_tools.grade_id(cell)
            if cell_tools.is_solution(cell):
                changed = answer is not None and name == answer.cell
                # What goes wrong here is seen by the tests: the name is missing or the old one.
                with contextlib.suppress(Exception) if changed else contextlib.nullcontext():
                    _execute(answer.source if changed else cell.source, space, name)
            elif cell_tools.is_test(cell) and (tests is None or name in tests):
                try:
                    _execute(cell.source, space, name)
                except Exception as error:
                    failed[name] = str(error) or type(error).__name__
        return failed

    def complaints(self, answer):
        """What is not as the answer's entry says: a list of sentences, empty if all is well."""
        possible = set(cell_tools.depending(self.cells, answer.cell))
        return judge(answer, self.lost(answer), possible)


def judge(answer, lost, possible):
    """Compare what an answer lost with what it should lose; a list of sentences.

    ``lost``: dict, grade_id of a failed test -> message; ``possible``: the grade_ids that were run.
    """
    found = []
    if unreachable := sorted(set(answer.loses) - possible):
        found.append(f"{', '.join(unreachable)} does not depend on {answer.cell}")
    for name in sorted(set(lost) - set(answer.loses)):
        found.append(f"{name} must pass, but says: {lost[name]}")
    for name, text in answer.says:
        if name not in lost:
            found.append(f"{name} must fail, but passes")
        elif text not in lost[name]:
            found.append(f"{name} must say {text!r}, but says: {lost[name]}")
    return found


def _execute(source, space, label):
    with contextlib.redirect_stdout(io.StringIO()):
        exec(compile(cell_tools.plain_python(source), f"<{label}>", "exec"), space)


def main(arguments=None):
    """Print every answer, what it lost, and what is not as its entry says; the exit status."""
    wanted = (sys.argv[1:] if arguments is None else arguments) or notebooks()
    bad = 0
    for notebook in wanted:
        answers = load(notebook, "wrong") + load(notebook, "correct")
        bench = Workbench(notebook)
        for answer in answers:
            wrong = bench.complaints(answer)
            print(f"{'BAD ' if wrong else 'ok  '} {answer.name} {answer.why}")
            lines = [f"lost {name}: {message}" for name, message in bench.lost(answer).items()]
            for line in lines + [f"!! {sentence}" for sentence in wrong]:
                print(f"       {line}")
            bad += bool(wrong)
        failing = len(bench.lost())
        print(f"{notebook}: {len(answers)} answers, {failing} tests fail on the reference")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
