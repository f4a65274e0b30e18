"""docs/SOURCES.md: every reference system that the project names, with the right sizes."""

import io
import re
import subprocess
import tokenize
from pathlib import Path

import nbformat
import pytest

from helpers import networks

ROOT = Path(__file__).resolve().parents[1]
SOURCES = (ROOT / "docs/SOURCES.md").read_text(encoding="utf-8")
# In prose: no quoted key, no part of a longer name or path.
NAME = re.compile(
    r"""(?<![\w./"'-])(?:lab|slides|lecture|homework|assignment|zoo)_[a-z0-9]+\b(?![(.=/])"""
)
SECTIONS = dict(
    re.findall(r"^###+ (\w+)\n(.*?)(?=^##|\Z)", SOURCES, flags=re.MULTILINE | re.DOTALL)
)
# The others are the kit's own.
REFERENCES = [name for name in networks.CATALOGUE if not name.startswith("laptop")]


def prose(path):
    """What a file says to its reader: comments and strings, text cells, or all of it."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        tokens = tokenize.generate_tokens(io.StringIO(text).readline)
        kinds = (tokenize.COMMENT, tokenize.STRING)
        return "\n".join(token.string for token in tokens if token.type in kinds)
    if path.suffix == ".ipynb":
        cells = nbformat.reads(text, 4).cells
        return "\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return text


def files():
    listed = subprocess.run(
        ["git", "ls-files", "*.py", "*.ipynb", "*.md"], cwd=ROOT, capture_output=True, text=True
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_every_system_of_the_catalogue_has_a_section_and_every_section_a_paper_and_a_place():
    assert set(REFERENCES) <= set(SECTIONS)
    assert len(SECTIONS) == len(re.findall(r"^###+ ", SOURCES, flags=re.MULTILINE))
    for name, section in SECTIONS.items():
        assert re.search(r"\*Papers?\.\*", section), f"{name}: no papers"
        missing = name.startswith("zoo_") and name not in REFERENCES
        place = "Not in the kit yet" if missing else "- *In the kit.*"
        assert place in section, f"{name}: where in the kit?"


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="the names are searched in git's files")
def test_every_system_that_is_named_anywhere_has_a_section():
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in files()
        for name in NAME.findall(prose(path))
        if name not in SECTIONS
    }
    assert not unknown


def test_every_link_to_a_section_leads_there():
    links = {
        (path.name, anchor)
        for path in files()
        for anchor in re.findall(r"\]\((?:[\w./]*SOURCES\.md)?#(\w+)\)", prose(path))
        if NAME.fullmatch(anchor)
    }
    assert len(links) > 20
    assert {anchor for _, anchor in links} <= set(SECTIONS)


@pytest.mark.parametrize("name", REFERENCES)
def test_the_sizes_are_those_of_the_networks(name):
    [line] = re.findall(r"^Parameters: (.*)\.$", SECTIONS[name], flags=re.MULTILINE)
    written = {part: int(number.replace(",", "")) for part, number in re.findall(
        r"(\w+) (\d[\d,]*\d)", line
    )}  # fmt: skip
    builders = {part: getattr(networks.CATALOGUE[name], part) for part in written}
    assert len(written) == 2
    assert written == {part: build().count_params() for part, build in builders.items()}
