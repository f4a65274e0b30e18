"""What imports what in the kit, read from the code without running it.

    python tools/import_graph.py            prints the graph and what each notebook loads
    python tools/import_graph.py --write    writes the graph into CONTRIBUTING.md

tests/test_house.py takes the layers, the size of what a notebook loads, and the freshness of the
drawing from here.
"""

import ast
import json
import re
import sys
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("helpers", "lessons", "exercises")
BEGIN, END = "<!-- graph: make graph writes this -->", "<!-- end of graph -->"


@cache
def modules():
    """Name -> file of every module of the kit: ``helpers.plotting.grids``, ``helpers``."""
    found = {}
    for path in (path for name in PACKAGES for path in sorted((ROOT / name).rglob("*.py"))):
        name = ".".join(path.relative_to(ROOT).with_suffix("").parts)
        found[name.removesuffix(".__init__")] = path
    return found


def imported(source):
    """The modules of the kit that a source text imports, anywhere in it, with their packages."""
    names = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            names |= {each.name for each in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names |= {f"{node.module}.{each.name}" for each in node.names}
    parents = {".".join(name.split(".")[:n]) for name in names for n in range(1, 9)}
    return (names | parents) & set(modules())


@cache
def imports_of(module):
    return frozenset(imported(modules()[module].read_text(encoding="utf-8")) - {module})


def unit(module):
    """The box of the graph that a module lies in: ``helpers.plotting``, ``lessons.dream``."""
    parts = module.split(".")
    return parts[0] if parts[0] == "exercises" else ".".join(parts[:2])


def graph():
    """Unit -> the units that it imports directly."""
    arrows = {}
    for module in modules():
        if unit(module) not in ("helpers", "lessons"):
            targets = {unit(each) for each in imports_of(module)} - {"helpers", "lessons"}
            arrows.setdefault(unit(module), set()).update(targets - {unit(module)})
    return arrows


def loads(notebook):
    """The modules that the code of a notebook (a path) imports, directly or not."""
    cells = json.loads(Path(notebook).read_text(encoding="utf-8"))["cells"]
    code = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "code")
    todo = list(imported(re.sub(r"^(\s*)[%!].*", r"\1pass", code, flags=re.M)))
    seen = set()
    while todo:
        module = todo.pop()
        if module not in seen:
            seen.add(module)
            todo += imports_of(module)
    return seen


def lines(names):
    """How many lines the files of some modules have."""
    return sum(len(modules()[name].read_text(encoding="utf-8").splitlines()) for name in names)


def drawing():
    """The graph as a block of mermaid; an arrow that others imply is left out."""
    arrows = graph()

    def below(name):
        return {each for target in arrows[name] for each in {target} | below(target)}

    rows = ["```mermaid", "graph BT"]
    for name, targets in sorted(arrows.items()):
        implied = {each for target in targets for each in below(target)}
        rows += [f"  {name} --> {target}" for target in sorted(targets - implied)]
    return "\n".join([*rows, "```"])


def written(text):
    """``text`` of CONTRIBUTING.md with the graph of today between the markers."""
    before, _, rest = text.partition(BEGIN)
    return f"{before}{BEGIN}\n{drawing()}\n{END}{rest.partition(END)[2]}"


def main():
    if "--write" in sys.argv[1:]:
        path = ROOT / "CONTRIBUTING.md"
        path.write_text(written(path.read_text(encoding="utf-8")), encoding="utf-8")
        return
    print(drawing())
    for path in sorted((ROOT / "notebooks").glob("*.ipynb")):
        print(f"{path.stem:28} {len(loads(path)):3} modules {lines(loads(path)):6,} lines")


if __name__ == "__main__":
    main()
