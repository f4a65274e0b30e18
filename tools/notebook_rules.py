"""What every notebook of the course keeps to as a document: no rule here executes a cell.

    python tools/notebook_rules.py [NOTEBOOK ...]

prints each breach as ``notebook, cell: what is wrong`` and exits with 1 if there is one.
tests/notebooks runs the same rules, and breaks each of them on purpose.
"""

import json
import re
import sys
import warnings
from pathlib import Path

import nbformat
from address import address, path_of

ROOT = Path(__file__).resolve().parents[1]
MAX_LINES = 25  # of a code cell: what a screen shows above its output
MAX_CODE_RUN = 2  # code cells in a row without text; tests of an exercise do not count
READABLE_ID = re.compile(r"[a-z][a-z0-9]*(?:[-_][a-z0-9]+)*\Z")
RANDOM_ID = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){0,3}(?:-[0-9a-f]{12})?\Z")
SHELL_PIP = re.compile(r"^\s*!\s*(?:python\S*\s+-m\s+)?pip\b", re.M)
ABSOLUTE_PATH = re.compile(
    r"""(?:^|[\s"'`(=\[])((?:/(?:home|root|Users|content|tmp|mnt|opt|usr|var|work)/|[A-Z]:\\)\S*)""",
    re.M,
)
QUIET_START = "session.import_tensorflow()"  # sets TensorFlow's start-up lines aside
EARLY_IMPORT = re.compile(
    r"^(?:from|import) (?:tensorflow|keras|exercises|lessons|helpers(?! import session$))\b.*$",
    re.M,
)
BADGE = re.compile(r"https://colab\.research\.google\.com/github/\S+?\.ipynb")
COLAB = f"https://colab.research.google.com/github/{path_of(address())}/blob/main/notebooks/"


def problems(notebook, name):
    """Every breach of a rule.

    Args:
        notebook: the notebook as a dict (parsed JSON), so that invalid ones can be checked too.
        name: its file name without ``.ipynb``; the Colab badge must lead to it.

    Returns:
        a list of strings ``"cell 'id': what is wrong"``, empty for a good notebook.
    """
    version = (notebook.get("nbformat"), notebook.get("nbformat_minor"))
    if version != (4, 5):
        return [f"is nbformat {version[0]}.{version[1]}, must be 4.5 (cells need ids)"]
    try:
        with warnings.catch_warnings():  # of equal ids, which have a rule of their own
            warnings.simplefilter("ignore")
            nbformat.validate(nbformat.from_dict(notebook))
    except nbformat.ValidationError as error:
        return [f"is not valid: {str(error).splitlines()[0]}"]
    cells = [dict(cell, source=source(cell)) for cell in notebook["cells"]]
    found = [*_document(notebook, cells, name)]
    for cell in cells:
        found += [f"cell {cell['id']!r}: {message}" for message in _cell(cell)]
    found += _ids(cells)
    found += _code_runs(cells)
    return found


def source(cell):
    """The text of a cell, which the file may hold as a list of lines."""
    text = cell.get("source", "")
    return text if isinstance(text, str) else "".join(text)


def headings(text):
    """The level-1 headings in markdown, those in code fences left out."""
    text = re.sub(r"^(```|~~~).*?^\1", "", text, flags=re.M | re.S)
    return re.findall(r"^#\s+\S.*$", text, flags=re.M)


def _document(notebook, cells, name):
    """Rules about the whole notebook."""
    titles = [(cell["id"], h) for cell in cells if is_text(cell) for h in headings(cell["source"])]
    if len(titles) != 1:
        places = ", ".join(repr(cell_id) for cell_id, _ in titles) or "none"
        yield f"has {len(titles)} level-1 headings, must have one (cells: {places})"
    if not cells or not is_text(cells[0]) or not cells[0]["source"].startswith("# "):
        yield "must begin with its level-1 heading"
    badges = [url for cell in cells[:3] if is_text(cell) for url in BADGE.findall(cell["source"])]
    if not badges:
        yield "has no Colab badge in its first three cells"
    for url in badges:
        if url != f"{COLAB}{name}.ipynb":
            yield f"has a Colab badge that leads elsewhere: {url}"
    code = "\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code")
    for early in EARLY_IMPORT.findall(code.partition(QUIET_START)[0]):
        yield f"has {early!r} before {QUIET_START}: TensorFlow's notes would be shown in red"
    tagged = [cell["id"] for cell in cells if "parameters" in cell["metadata"].get("tags", [])]
    if len(tagged) != 1:
        yield f"has {len(tagged)} cells tagged 'parameters', must have one"
    kernel = notebook["metadata"].get("kernelspec", {}).get("name")
    if kernel != "python3":
        yield f"has kernelspec {kernel!r}, must be 'python3' (JupyterLab would ask otherwise)"


def _cell(cell):
    """Rules about one cell."""
    text = cell["source"]
    if cell["cell_type"] == "code":
        if cell["outputs"] or cell["execution_count"] is not None:
            yield "has output or a count; strip it: nbstripout --keep-id notebooks/*.ipynb"
        lines = len(text.splitlines())
        if lines > MAX_LINES:
            yield f"has {lines} lines, {MAX_LINES} at most"
        if not text.strip():
            yield "is empty"
        if SHELL_PIP.search(text):
            yield "calls !pip, which installs into whatever Python is first on PATH; use %pip"
        if "sys.path" in text:
            yield "changes sys.path; the kit is installed (pip install -e .)"
    for path in ABSOLUTE_PATH.findall(text):
        yield f"names a path of one machine: {path}"


def _ids(cells):
    """Cell ids tell exercises and reviews apart, so they are words, and unique."""
    seen = set()
    for cell in cells:
        if cell["id"] in seen:
            yield f"cell {cell['id']!r}: another cell has the same id"
        seen.add(cell["id"])
        if not READABLE_ID.match(cell["id"]) or RANDOM_ID.match(cell["id"]):
            yield f"cell {cell['id']!r}: the id is not readable; use words like 'train-run'"


def _code_runs(cells):
    """A reader needs words between code; each run that is too long is reported once."""
    run = 0
    for cell in cells:
        if is_text(cell):
            run = 0
        elif not cell["metadata"].get("nbgrader", {}).get("grade"):
            run += 1
            if run == MAX_CODE_RUN + 1:
                yield f"cell {cell['id']!r}: more than {MAX_CODE_RUN} code cells without text"


def is_text(cell):
    """Whether ``cell`` is prose."""
    return cell["cell_type"] == "markdown"


def main(arguments=None):
    """Check the notebooks named on the command line, else all; returns the exit status."""
    named = [Path(argument) for argument in (sys.argv[1:] if arguments is None else arguments)]
    found = 0
    for path in named or sorted((ROOT / "notebooks").glob("*.ipynb")):
        for message in problems(json.loads(path.read_text(encoding="utf-8")), path.stem):
            print(f"{path.stem}, {message}")
            found += 1
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
