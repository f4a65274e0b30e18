"""The address of the repository: badges, install cells, README. It is set in pyproject.toml.

python tools/address.py                                      lists the places
python tools/address.py --change https://github.com/you/it   changes all of them
"""

import re
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
ADDRESS = re.compile(r"https://github\.com/[\w.-]+/[\w.-]*\w")
SUFFIXES = ("*.md", "*.toml", "*.cff", "*.yml", "*.ipynb")


def address(root=ROOT):
    """What pyproject.toml says: ``https://github.com/OWNER/NAME``."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    return project["urls"]["Repository"]


def files(root=ROOT):
    """The files that may name the address: those at the top, notebooks, docs and .github."""
    for folder in (root, root / "notebooks", root / "docs"):
        yield from (path for suffix in SUFFIXES for path in sorted(folder.glob(suffix)))
    yield from (path for suffix in SUFFIXES for path in sorted((root / ".github").rglob(suffix)))


def path_of(url):
    """``OWNER/NAME``, which stands in the address of a badge too."""
    return url.removeprefix("https://github.com/")


def change(new, root=ROOT):
    """Put ``new`` in the place of the address everywhere; returns the files that changed."""
    if not ADDRESS.fullmatch(new):
        raise ValueError(f"an address looks like https://github.com/you/your-course, got {new!r}")
    old, changed = path_of(address(root)), []
    place = re.compile(rf"(github\.com/|google\.com/github/){re.escape(old)}(?![\w-])")
    for path in files(root):
        text = path.read_text(encoding="utf-8")
        replaced = place.sub(rf"\g<1>{path_of(new)}", text)
        if replaced != text:
            path.write_text(replaced, encoding="utf-8")
            changed.append(path)
    return changed


def main():
    arguments = sys.argv[1:]
    if arguments[:1] == ["--change"] and len(arguments) == 2:
        try:
            changed = change(arguments[1])
        except ValueError as error:
            sys.exit(f"address: {error}")
        print("\n".join(f"changed {path.relative_to(ROOT)}" for path in changed) or "no change")
        return
    print(address())
    for path in files():
        count = path.read_text(encoding="utf-8").count(path_of(address()))
        if count:
            print(f"  {path.relative_to(ROOT)}: {count}")


if __name__ == "__main__":
    main()
