"""Whose notebook is it? Folders, zips and names as students and platforms make them."""

import os
import zipfile

import pytest

from grading import intake
from tests.grading.test_repair import handed_in, released

NAME = "01_dcgan_mnist"
RELEASES = {NAME: None, "02_dcgan_cifar10": None}


@pytest.mark.parametrize(
    "path, student",
    [
        (f"submitted/jane/{NAME}/{NAME}.ipynb", "jane"),
        (f"jane.doe@example.org/{NAME}/{NAME}.ipynb", "jane.doe@example.org"),
        (f"Jane Doe_12345_assignsubmission_file_/{NAME}.ipynb", "Jane_Doe_12345"),
        ("Jane Doe_12345_assignsubmission_file_/final version.ipynb", "Jane_Doe_12345"),
        (f"doejane_12345_67890_{NAME}.ipynb", "doejane"),
        (f"doejane_LATE_12345_67890_{NAME}-1.ipynb", "doejane"),
        (f"{NAME}_jane_doe.ipynb", "jane_doe"),
        (f"jane doe {NAME} (1).ipynb", "jane_doe"),
        (f"Copy of {NAME} - Jane.ipynb", "Jane"),
        (f"Kopie von {NAME}_Jürgen.ipynb", "Jürgen"),
        (f"jane/{NAME}.ipynb", "jane"),
        (f"jane/{NAME}-Copy1.ipynb", "jane"),
        ("jane/my solution final.ipynb", "jane"),
        ("homework/jane.ipynb", "jane"),
        ("01_jane.ipynb", "jane"),
        (f"{NAME}.ipynb", ""),
        (f"../../etc/{NAME}.ipynb", "etc"),
    ],
)
def test_student_of(path, student):
    assert intake.student_of(path.split("/"), NAME, RELEASES) == student


def test_slug_is_a_safe_name():
    assert intake.slug("../a b/c*") == "a_b_c"
    assert intake.slug("x" * 200) == "x" * 80


@pytest.fixture
def text():
    import json

    return json.dumps(handed_in())


def test_folders_zips_and_files_are_found(tmp_path, text):
    box, inner = tmp_path / "in", tmp_path / "inner.zip"
    (box / "ann" / NAME).mkdir(parents=True)
    (box / "ann" / NAME / f"{NAME}.ipynb").write_text(text)
    (box / f"bob {NAME}.ipynb").write_text(text)
    (box / "notes.txt").write_text("no notebook")
    (box / "broken dave.ipynb").write_text("{")
    (box / f"{NAME}.ipynb").write_text(text)
    with zipfile.ZipFile(inner, "w") as archive:
        archive.writestr("whatever.ipynb", text)
        archive.writestr("../../evil.ipynb", text)
    with zipfile.ZipFile(box / "moodle.zip", "w") as archive:
        archive.writestr("Cy Roe_77_assignsubmission_file_/solution.ipynb", text)
        archive.write(inner, "Di Poe_78_assignsubmission_file_/work.zip")
    (tmp_path / "zips").mkdir()
    found, problems = intake.collect(box, {NAME: released()}, tmp_path / "zips")
    assert [each.student for each in found] == ["Cy_Roe_77", "Di_Poe_78", "ann", "bob"]
    assert {each.notebook for each in found} == {NAME}
    assert len(problems) == 2
    assert any("broken dave.ipynb: is no notebook file" in each for each in problems)
    assert any(each.startswith(f"{NAME}.ipynb: nothing says whose") for each in problems)
    assert not list(tmp_path.glob("**/evil.ipynb"))


def test_the_latest_of_several_files_counts(tmp_path, text):
    for number, name in enumerate((f"ann {NAME}.ipynb", f"ann {NAME} (1).ipynb")):
        (tmp_path / name).write_text(text)
        os.utime(tmp_path / name, (1000 * number + 1000,) * 2)
    (tmp_path / "zips").mkdir()
    (only,), problems = intake.collect(tmp_path, {NAME: released()}, tmp_path / "zips")
    assert only.path == f"ann {NAME} (1).ipynb" and problems == []
    assert only.notes == [f"several files were handed in; the latest counts, not ann {NAME}.ipynb"]


def test_a_folder_that_is_not_there(tmp_path):
    with pytest.raises(FileNotFoundError, match="no such folder"):
        intake.collect(tmp_path / "nope", {}, tmp_path)


def test_a_foreign_notebook_is_no_submission(tmp_path):
    (tmp_path / "jane.ipynb").write_text('{"cells": [{"cell_type": "code", "source": "x"}]}')
    (tmp_path / "zips").mkdir()
    found, problems = intake.collect(tmp_path, {NAME: released()}, tmp_path / "zips")
    assert found == [] and problems == ["jane.ipynb: is none of the notebooks that were released"]
