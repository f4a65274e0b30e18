"""Submissions that cheat or break things, made on purpose; none of them may earn a point by it.

``ALL`` has them by name, from ``hostile.toml``. Every function that an answer must define returns
nothing useful: every point would be one that the trick has earned.
"""

import textwrap
import tomllib
from pathlib import Path

ALL = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))


def answer(trick, names, root=""):
    """The source of a solution cell that must define ``names`` and does ``trick`` instead.

    Args:
        root: the course's folder, which some tricks look into.
    """
    body = textwrap.indent(ALL[trick].get("body", ""), "    ")
    functions = [f"def {name}(*arguments, **options):\n{body}    return None\n" for name in names]
    return "\n\n".join([ALL[trick].get("cell", ""), *functions]).replace("{root}", str(root))
