"""Find notebooks in what students hand in, and tell whose and which they are.

Accepted: nbgrader's folders (``submitted/ID/NOTEBOOK/...``), zips of a learning platform (Moodle's
folders, Canvas's file names), zips and folders of each student, loose files named by students.
Which notebook a file is is seen from its content, not its name.
"""

import json
import os
import re
import time
import unicodedata
import zipfile
from dataclasses import dataclass, field
from pathlib import Path

import nbformat

from grading import cells as cell_tools
from grading.run import limits

MOODLE = re.compile(r"(.+)_assignsubmission_.*")
CANVAS = re.compile(r"([a-z0-9-]+?)(?:_late)?_\d+_\d+_(.+)", re.I)
COPY = re.compile(
    r"(?:\b(?:copy|kopie|copie|copia)\s*(?:of|von|de|di)?\s)|(?:[-_ ]?copy\d*$)|(?:\s*\(\d+\)$)"
    r"|(?:[-_ ]v?\d+$)",
    re.I,
)
EMPTY_WORDS = (
    "my the a solution solutions submission submitted final homework hw exercise exercises "
    "assignment version new done notebook late abgabe colab ipynb answer answers"
)
CELL_TYPES = ("code", "markdown", "raw")


@dataclass
class Submission:
    """One notebook of one student."""

    student: str
    notebook: str
    book: object  # nbformat notebook, without outputs
    path: str  # where it came from, for the report
    time: float = 0.0  # seconds since 1970
    notes: list = field(default_factory=list)


def collect(folder, releases, scratch):
    """All submissions below ``folder``, the last one of each student for each notebook.

    Args:
        folder: a folder, a zip or a notebook.
        releases: dict, notebook -> its release.
        scratch: an empty folder for what the zips hold.

    Returns:
        list of ``Submission`` and list of sentences on files that cannot be graded.

    Raises:
        FileNotFoundError: there is no such folder.
    """
    folder, found, problems = Path(folder), {}, []
    if not folder.exists():
        raise FileNotFoundError(f"SUBMISSIONS={folder}: there is no such folder or file")
    for path, parts in _files(folder, (), Path(scratch), problems):
        label = "/".join(parts)
        try:
            book = read(path)
        except ValueError as error:
            problems.append(f"{label}: {error}")
            continue
        named = (name for name in releases if name in parts[-1])
        notebook = recognize(book, releases) or next(named, None)
        if notebook is None:
            problems.append(f"{label}: is none of the notebooks that were released")
            continue
        student = student_of(parts, notebook, releases)
        if not student:
            problems.append(f"{label}: nothing says whose it is; put it into a folder of that name")
            continue
        new = Submission(student, notebook, book, label, path.stat().st_mtime)
        old = found.get((student, notebook))
        if old is not None:
            new, old = (new, old) if (new.time, new.path) >= (old.time, old.path) else (old, new)
            new.notes.append(f"several files were handed in; the latest counts, not {old.path}")
        found[student, notebook] = new
    return [found[key] for key in sorted(found)], problems


def _files(path, parts, scratch, problems, depth=0):
    """Every notebook below ``path``, with the names of the folders and zips that lead to it."""
    if path.is_dir():
        for each in sorted(path.iterdir()):
            if not each.name.startswith(".") and not each.is_symlink():
                yield from _files(each, (*parts, each.name), scratch, problems, depth)
    elif path.suffix.lower() == ".ipynb":
        yield path, parts or (path.name,)
    elif path.suffix.lower() == ".zip" and depth < 3:
        target = scratch / f"zip{sum(1 for _ in scratch.iterdir())}"
        try:
            _unzip(path, target)
        except (zipfile.BadZipFile, ValueError, OSError, RuntimeError) as error:
            problems.append(f"{'/'.join(parts) or path.name}: {error}")
        else:
            yield from _files(target, (*parts[:-1], path.stem), scratch, problems, depth + 1)


def _unzip(path, target):
    """Unpack the notebooks and zips in a zip; ``ValueError`` if it holds too much."""
    target.mkdir(parents=True)
    with zipfile.ZipFile(path) as archive:
        wanted = [i for i in archive.infolist() if i.filename.lower().endswith((".ipynb", ".zip"))]
        if len(wanted) > 10_000 or sum(i.file_size for i in wanted) > 4000 * 2**20:
            raise ValueError("the zip holds too much")
        for info in wanted:
            if ".." in info.filename.split("/") or "__MACOSX" in info.filename:
                continue
            place = Path(archive.extract(info, target))  # drops leading / and drive letters
            stamp = time.mktime((*info.date_time, 0, 0, -1))
            os.utime(place, (stamp, stamp))


def read(path):
    """A notebook file as nbformat 4.5, sources and metadata only.

    Raises:
        ValueError: it is too large, no JSON, or no notebook.
    """
    path = Path(path)
    if path.stat().st_size > limits.NOTEBOOK_MB * 2**20:
        raise ValueError(f"is larger than {limits.NOTEBOOK_MB} MB; clear its outputs")
    try:
        raw = json.loads(path.read_bytes().decode("utf-8-sig"))
    except (UnicodeDecodeError, json.JSONDecodeError, RecursionError) as error:
        raise ValueError(f"is no notebook file ({error})") from None
    if isinstance(raw, dict) and isinstance(raw.get("worksheets"), list):  # nbformat 3
        cells = [cell for sheet in raw["worksheets"] for cell in sheet.get("cells", [])]
    elif isinstance(raw, dict) and isinstance(raw.get("cells"), list):
        cells = raw["cells"]
    else:
        raise ValueError("is no notebook file (it has no cells)")
    book = nbformat.v4.new_notebook(metadata=_dict(raw.get("metadata")))
    book.cells = [_cell(cell) for cell in cells if isinstance(cell, dict)]
    return book


def _dict(value):
    return value if isinstance(value, dict) else {}


def _cell(cell):
    kind = cell.get("cell_type")
    source = cell.get("source", cell.get("input", ""))
    text = "".join(map(str, source)) if isinstance(source, list) else str(source or "")
    kind = kind if kind in CELL_TYPES else "markdown"
    make = getattr(nbformat.v4, f"new_{kind}_cell")
    return make(text, metadata=_dict(cell.get("metadata")))


def recognize(book, releases):
    """Which notebook this is, by the graded cells and the texts that it shares with a release."""

    def likeness(release):
        theirs = {cell_tools.grade_id(c) for c in book.cells} - {None}
        texts = {c.source.strip() for c in book.cells}
        ids = sum(cell_tools.grade_id(c) in theirs for c in release.cells)
        same = sum(c.source.strip() in texts for c in release.cells if len(c.source) > 40)
        return ids + 2 * same

    scores = {name: likeness(release) for name, release in releases.items()}
    best = max(scores, key=scores.get, default=None)
    return best if best is not None and scores[best] > 2 else None


def student_of(parts, notebook, releases):
    """The student's id from the names of folders and file; empty if nothing tells.

    Args:
        parts: names of folders and zips, then the file's.
        notebook: what the file is.
    """
    parts = [part for part in parts if part not in ("submitted", ".")]
    *folders, name = parts
    if folders and folders[-1] in releases:  # nbgrader: ID/NOTEBOOK/NOTEBOOK.ipynb
        return slug(folders[-2]) if len(folders) > 1 else ""
    for folder in reversed(folders):
        if match := MOODLE.fullmatch(folder):
            return slug(match[1])
    stem = re.sub(r"\.ipynb$", "", name, flags=re.I)
    if match := CANVAS.fullmatch(stem):
        return slug(match[1])
    rests = (_without_notebook(part, notebook) for part in (stem, *reversed(folders)))
    return slug(next(filter(None, rests), ""))


def _without_notebook(text, notebook):
    """What is left of a name when the notebook's, copy marks and empty words are taken out."""
    text = unicodedata.normalize("NFC", text).replace(notebook, " ")
    number, _, words = notebook.partition("_")
    text = re.sub(rf"\b{re.escape(words)}\b", " ", text.replace(words, " "))
    previous = None
    while text != previous:
        previous, text = text, COPY.sub(" ", text.strip(" -_.")).strip(" -_.")
    left = [word for word in re.split(r"[\s_]+|-(?=-)", text) if word]
    return "_".join(w for w in left if w.lower() not in EMPTY_WORDS.split() and w != number)


def slug(text):
    """An id that is safe as the name of a folder and in nbgrader's patterns."""
    text = re.sub(r"[^\w.@-]+", "_", unicodedata.normalize("NFC", text).strip())
    return text.strip("._-")[:80]
