"""The simulated class: every kind of submission, and what each should get."""

import csv

from grading.rehearsal import simulate


def test_a_class_of_twelve_has_every_kind_and_a_row_for_each(tmp_path):
    rows = simulate.make(tmp_path / "class", students=12, root=tmp_path)
    with open(tmp_path / "class" / "expected.csv", newline="", encoding="utf-8") as file:
        expected = list(csv.DictReader(file))
    assert len({row["student"] for row in expected}) == len(rows) == 12
    assert {row["kind"] for row in expected} == {"right", "wrong", "damaged", "hostile", "open"}
    assert all(float(row["least"]) <= float(row["most"]) for row in expected)
    assert (tmp_path / "class" / "moodle.zip").is_file()
    # Every fifth place is inside the zip: three of twelve.
    assert len(list((tmp_path / "class").rglob("*.ipynb"))) == 9
