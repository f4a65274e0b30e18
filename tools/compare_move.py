"""What must not change while the house is rebuilt: record it before, record it after, compare.

    python tools/compare_move.py record FOLDER [notebooks] [answers] [grading] [weights]
    python tools/compare_move.py compare BEFORE AFTER

A tool for the time of the move; it goes when the move is done.
"""

import argparse
import copy
import hashlib
import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PARTS = ("notebooks", "answers", "grading", "weights")
# Figures that depend on the clock or the machine, and British spelling made American.
TIMED = re.compile(
    r"\d+(\.\d+)?( |\u00a0)?(ms|s|seconds|minutes|MB|min)\b|\d+/\d+ \[.*?\]|0x[0-9a-f]+|\d+%\|.*"
)
SPELLING = (
    ("colour", "color"), ("Colour", "Color"), ("grey", "gray"), ("Grey", "Gray"),
    ("behaviour", "behavior"), ("neighbour", "neighbor"), ("centre", "center"),
    ("optimis", "optimiz"), ("normalis", "normaliz"), ("binaris", "binariz"),
    ("reparameteris", "reparameteriz"), ("regularis", "regulariz"), ("memoris", "memoriz"),
)  # fmt: skip


def first(*names):
    """The first of several modules that is there: the tree before and after the move."""
    for name in names:
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError:
            continue
    raise SystemExit(f"none of {names} can be imported")


def record_notebooks(folder):
    """Execute each notebook at ``smoke``; keep its printed text, pictures and result.json."""
    import nbformat
    from nbclient import NotebookClient

    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        with tempfile.TemporaryDirectory() as place:
            os.environ |= {"COURSE_PROFILE": "smoke", "COURSE_OUTPUT_DIR": place}
            book = nbformat.read(path, 4)
            NotebookClient(
                book, timeout=None, allow_errors=True, resources={"metadata": {"path": str(ROOT)}}
            ).execute()
            results = {
                each.relative_to(place).as_posix(): json.loads(each.read_text())
                for each in Path(place).rglob("result.json")
            }
        cells = {}
        for cell in book.cells:
            if cell.cell_type != "code":
                continue
            text, pictures = [], []
            for out in cell.outputs:
                if out.output_type == "stream":
                    text.append(f"[{out.name}] {out.text}")
                elif out.output_type == "error":
                    text.append(f"[error] {out.ename}: {out.evalue}")
                else:
                    data = out.data
                    if "image/png" in data:
                        pictures.append(hashlib.sha256(data["image/png"].encode()).hexdigest()[:16])
                    else:
                        text.append(str(data.get("text/plain", "")))
            cells[cell.id] = {"text": "\n".join(text), "pictures": pictures}
        write(folder / "notebooks" / f"{path.stem}.json", {"cells": cells, "results": results})
        print(path.stem, len(cells), "cells", flush=True)


def record_answers(folder):
    """The verdict and message of every wrong and correct answer."""
    answers = first("grading.rehearsal.answers", "grading.answers")
    os.environ["COURSE_PROFILE"] = "smoke"
    for notebook in answers.notebooks():
        bench, found = answers.Workbench(notebook), {"reference": None}
        found["reference"] = bench.lost()
        for kind in ("wrong", "correct"):
            for each in answers.load(notebook, kind):
                found[f"{kind} {each.number} {each.cell}"] = bench.lost(each)
        write(folder / "answers" / f"{notebook}.json", found)
        print(notebook, len(found), "answers", flush=True)


def record_grading(folder):
    """Damaged and hostile submissions of a small notebook through the whole pipeline."""
    import nbformat

    os.environ["GRADING_CELL_SECONDS"] = "10"
    os.environ["COURSE_PROFILE"] = "smoke"
    name, kept = "01_dcgan_mnist", ("gan_losses", "train_step")
    answers = first("grading.rehearsal.answers", "grading.answers")
    damaged = first("grading.rehearsal.damaged", "grading.damaged")
    hostile = first("grading.rehearsal.hostile", "grading.hostile")
    packs = first("grading.rehearsal.packs", "grading.packs")
    cells = first("grading.cells")
    book = answers.read_notebook(name)
    tests = {t for exercise in kept for t in cells.exercises(book.cells)[exercise]}
    chosen = set(cells.needed(book.cells))
    book.cells = [
        cell
        for index, cell in enumerate(book.cells)
        if index == 0
        or cells.grade_id(cell) in tests | set(kept)
        or (index in chosen and not cells.nbgrader_of(cell))
    ]
    with tempfile.TemporaryDirectory() as place:
        place = Path(place)
        (place / "notebooks").mkdir()
        nbformat.write(book, place / "notebooks" / f"{name}.ipynb")
        environment = dict(os.environ, GRADING_CELL_SECONDS="10")

        def call(tool, *arguments):
            # The paths of tests/grading: notebooks from here, the course beside them.
            code = (
                "import sys; from pathlib import Path\n"
                "from grading import course, grade\n"
                f"c = course.Course(Path({str(place / 'course')!r}), "
                f"notebooks=Path({str(place / 'notebooks')!r}))\n"
            )
            code += (
                f"grade.release(c, [{name!r}])\n"
                if tool == "release"
                else "import json\nresults, problems = grade.grade(c, Path(sys.argv[1]), 2)\n"
                "print('RESULT' + json.dumps([results, [str(p) for p in problems]], default=str))"
            )
            done = subprocess.run(
                [sys.executable, "-c", code, *map(str, arguments)],
                capture_output=True, text=True, env=environment, cwd=ROOT,
            )  # fmt: skip
            assert done.returncode == 0, done.stderr[-3000:]
            return done.stdout

        call("release")
        release = nbformat.read(place / "course" / "release" / name / f"{name}.ipynb", 4)
        whole = {
            cells.grade_id(c): packs.without_markers(c.source)
            for c in book.cells
            if cells.is_solution(c)
        }

        def hand_in(student, notebook):
            where = place / "in" / student / name
            where.mkdir(parents=True)
            damaged.write(notebook, where / f"{name}.ipynb")

        for kind in damaged.ALL:
            notebook = packs.fill(copy.deepcopy(release), whole)
            damaged.ALL[kind](notebook)
            hand_in(f"damaged_{kind}", notebook)
        for trick in hostile.ALL:
            tricks = {
                each: hostile.answer(trick, sorted(cells.names(source)[0]), place / "course")
                for each, source in whole.items()
            }
            hand_in(f"hostile_{trick}", packs.fill(copy.deepcopy(release), tricks))
        printed = call("grade", place / "in")
        results, problems = json.loads(printed.split("RESULT", 1)[1])
    found = {}
    for each in results:
        scores = [(c["cell"], c["score"]) for c in each["cells"]]
        rest = {k: each[k] for k in each if k in ("ok", "error", "incidents", "repairs", "notes")}
        found[each["student"]] = {"scores": scores, **rest}
    write(folder / "grading.json", {"students": found, "problems": problems})
    print("grading", len(found), flush=True)


def record_weights(folder):
    """Hashes of the weights after a short training, whole and in two pieces."""
    os.environ["COURSE_PROFILE"] = "smoke"
    first("helpers.session", "helpers.quiet").import_tensorflow()
    import numpy as np

    from helpers import datasets, recipes, training

    session = first("helpers.session", "helpers.seeding")
    found = {}
    systems = {
        "mnist_gan": (lambda: recipes.mnist_gan(seed=1), "mnist", False),
        "cifar10_gan": (lambda: recipes.cifar10_gan(seed=1), "cifar10", True),
        "fashion_cgan": (lambda: recipes.fashion_cgan(seed=1), "fashion_mnist", True),
        "mnist_vae": (lambda: recipes.mnist_vae(2, 12, seed=1), "mnist", False),
    }
    for name, (build, dataset, labels) in systems.items():
        data = datasets.load(dataset, "train", limit=64)
        told = data.labels if labels else None
        for pieces in ((4,), (2, 4)):
            with tempfile.TemporaryDirectory() as place:
                for epochs in pieces:
                    session.seed_everything(7)
                    model = build()
                    training.train(
                        model, data.images, told, epochs=epochs, batch_size=16, seed=3,
                        run_dir=place, verbose=0,
                    )  # fmt: skip
                total = hashlib.sha256()
                for weight in model.get_weights():
                    total.update(np.ascontiguousarray(weight).tobytes())
                found[f"{name} {pieces}"] = total.hexdigest()[:20]
        print(name, flush=True)
    write(folder / "weights.json", found)


def write(path, value):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=1, sort_keys=True))


def plain(value):
    """A recorded value without clocks, in American spelling."""
    if isinstance(value, dict):
        return {plain(k): plain(v) for k, v in value.items() if "second" not in str(k)}
    if isinstance(value, list):
        return [plain(each) for each in value]
    if not isinstance(value, str):
        return value
    for british, american in SPELLING:
        value = value.replace(british, american)
    return TIMED.sub("#", value)


def differences(before, after, where=""):
    if isinstance(before, dict) and isinstance(after, dict):
        for key in sorted(set(before) | set(after)):
            if key not in before or key not in after:
                yield f"{where}/{key}: {'new' if key in after else 'gone'}"
            else:
                yield from differences(before[key], after[key], f"{where}/{key}")
    elif before != after:
        yield f"{where}:\n    - {str(before)[:700]}\n    + {str(after)[:700]}"


def compare(before, after):
    count = 0
    for path in sorted(Path(before).rglob("*.json")):
        other = Path(after) / path.relative_to(before)
        if not other.is_file():
            print(f"not recorded after the move: {path.relative_to(before)}")
            continue
        for line in differences(
            plain(json.loads(path.read_text())), plain(json.loads(other.read_text())), path.stem
        ):
            print(line)
            count += 1
    print(f"{count} differences")


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("command", choices=("record", "compare"))
    parser.add_argument("arguments", nargs="+")
    chosen = parser.parse_args()
    sys.path.insert(0, str(ROOT))
    if chosen.command == "compare":
        compare(*chosen.arguments)
        return
    folder, *parts = chosen.arguments
    for part in parts or PARTS:
        globals()[f"record_{part}"](Path(folder))


if __name__ == "__main__":
    main()
