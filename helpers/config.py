"""What this run is allowed to cost, and where files go.

The only module that reads environment variables:

======================  ==========================================================================
``COURSE_PROFILE``      ``smoke`` (seconds, for tests), ``laptop`` (minutes on two cores) or
                        ``full`` (the published schedule); unset: ``full`` with a GPU, else
                        ``laptop``
``COURSE_DATA_DIR``     folder with full data sets (``mnist.npz`` and so on)
``COURSE_OFFLINE``      ``1``: never touch the network (profile ``smoke`` never does)
``COURSE_OUTPUT_DIR``   where the notebooks leave their results, instead of ``outputs/``
``COURSE_QUIET``        ``1``: no live pictures or progress bars
``KERAS_HOME``          Keras's own folder; its cache of data sets is used if it is there
======================  ==========================================================================
"""

import functools
import math
import os
import re
import shutil
import sys
import tempfile
import tomllib
from dataclasses import make_dataclass
from pathlib import Path

PROFILES = ("smoke", "laptop", "full")
_SETTINGS = Path(__file__).parent / "settings"
NOTEBOOKS = tuple(sorted(path.stem for path in _SETTINGS.glob("*.toml")))

_WORDS = {"1": True, "true": True, "yes": True, "on": True,
          "": False, "0": False, "false": False, "no": False, "off": False}  # fmt: skip


def settings(notebook, **overrides):
    """Every number that a notebook uses, at the active profile.

    Args:
        notebook: its file name without ``.ipynb``, for example ``"01_dcgan_mnist"``; the numbers
            stand in ``helpers/settings/01_dcgan_mnist.toml``.
        overrides: values that replace the profile's, by the names in that file.

    Returns:
        frozen dataclass; ``.profile`` says which profile the numbers belong to.

    Raises:
        ValueError: no such notebook or setting, or an override of the wrong kind, below 0 or not
            finite.
    """
    if notebook not in NOTEBOOKS:
        raise ValueError(f"no settings for notebook {notebook!r}; known are {', '.join(NOTEBOOKS)}")
    rows = tomllib.loads((_SETTINGS / f"{notebook}.toml").read_text(encoding="utf-8"))
    known = {name: _by_profile(row) for name, row in rows.items()}
    for name, value in overrides.items():
        if name in ("notebook", "profile"):
            raise ValueError(f"{name} cannot be overridden here; set COURSE_PROFILE for a profile")
        if name not in known:
            raise ValueError(f"{notebook} has no setting {name!r}; it has {', '.join(known)}")
        _check(name, value, known[name])
    active = profile()
    values = {"notebook": notebook, "profile": active}
    values |= {name: row[PROFILES.index(active)] for name, row in known.items()}
    title = "".join(word.capitalize() for word in notebook.split("_")[1:])
    return make_dataclass(title, values, frozen=True)(**values | overrides)


def _by_profile(row):
    """The three values of a setting in a TOML file: a list has one for each profile."""
    values = row if isinstance(row, list) else [row] * len(PROFILES)
    values = [tuple(value) if isinstance(value, list) else value for value in values]
    return [None if value == "none" else value for value in values]


def _check(name, value, known):
    """Refuse an override that is not of a kind that the profiles have there."""
    kinds = {type(each) for each in known}
    if type(value) not in kinds and not (type(value) is int and float in kinds):
        words = {int: "a whole number", float: "a number", bool: "True or False", str: "a string"}
        wanted = [words.get(each, f"a {each.__name__}") for each in kinds - {type(None)}]
        wanted += ["None"] if None in known else []
        raise ValueError(f"{name} must be {' or '.join(wanted)}, got {value!r}")
    if isinstance(value, (int, float)) and not 0 <= value < math.inf:
        raise ValueError(f"{name} must be a finite number of at least 0, got {value!r}")


# --- The environment ---


def profile():
    """The active profile: ``"smoke"``, ``"laptop"`` or ``"full"``.

    Raises:
        ValueError: ``COURSE_PROFILE`` is set to something else.
    """
    name = os.environ.get("COURSE_PROFILE", "")
    if not name:
        return "full" if _has_gpu() else "laptop"
    if name not in PROFILES:
        raise ValueError(f"COURSE_PROFILE must be one of {', '.join(PROFILES)}, got {name!r}")
    return name


@functools.cache
def _has_gpu():
    # Imported here, because `import helpers` and the readers of paths must stay fast.
    import tensorflow as tf

    return bool(tf.config.list_physical_devices("GPU"))


def _switch(name):
    """A yes-or-no environment variable; unset means no."""
    value = os.environ.get(name, "").strip().lower()
    if value not in _WORDS:
        raise ValueError(f"{name} must be 1 or 0 (or true, false), got {os.environ[name]!r}")
    return _WORDS[value]


def offline():
    """Whether the network must not be touched: ``COURSE_OFFLINE=1``, or profile ``smoke``.

    Raises:
        ValueError: ``COURSE_OFFLINE`` is neither yes nor no.
    """
    return _switch("COURSE_OFFLINE") or os.environ.get("COURSE_PROFILE") == "smoke"


def interactive():
    """Whether someone may be looking: a live notebook, not ``smoke``, not ``COURSE_QUIET=1``."""
    if _switch("COURSE_QUIET") or os.environ.get("COURSE_PROFILE") == "smoke":
        return False
    ipython = sys.modules.get("IPython")  # a notebook's kernel has imported it already
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and hasattr(shell, "kernel")


# --- Folders ---


def data_dir():
    """The folder of full data sets, ``COURSE_DATA_DIR``, or ``None`` if that is not set.

    Raises:
        FileNotFoundError, NotADirectoryError, PermissionError: it is set, but cannot be used.
    """
    name = os.environ.get("COURSE_DATA_DIR", "")
    if not name:
        return None
    folder = Path(name).expanduser()
    advice = "set it to a folder with the full npz files, or unset it to use the bundled images"
    try:
        if not folder.exists():
            raise FileNotFoundError(f"COURSE_DATA_DIR={name} does not exist: {advice}")
        if not folder.is_dir():
            raise NotADirectoryError(f"COURSE_DATA_DIR={name} is not a folder: {advice}")
        readable = os.access(folder, os.R_OK | os.X_OK)
    except PermissionError:
        readable = False
    if not readable:
        raise PermissionError(f"COURSE_DATA_DIR={name} may not be read by this user: {advice}")
    return folder


def keras_dir():
    """Keras's own folder, found as Keras finds it: ``KERAS_HOME``, ``~/.keras``, or in /tmp."""
    if "KERAS_HOME" in os.environ:
        return Path(os.environ["KERAS_HOME"]).expanduser()
    home = Path("~").expanduser()
    if os.access(home, os.W_OK):
        return home / ".keras"
    return Path(tempfile.gettempdir()) / ".keras"


def _repository():
    """The checkout that the package is imported from, or ``None`` if it was installed."""
    root = Path(__file__).resolve().parents[1]
    return root if (root / "pyproject.toml").is_file() else None


def bundled_data_dir():
    """The folder of images and weights that ship with the kit."""
    repository = _repository()
    return repository / "data" if repository else Path(__file__).resolve().parent / "_data"


def output_dir(notebook):
    """The folder where ``notebook`` leaves its results; created if it is not there.

    It is ``COURSE_OUTPUT_DIR``/notebook, else ``outputs``/notebook in the checkout, else in the
    working folder. At profile ``smoke`` a level ``smoke`` comes in between, so that a test never
    touches real results, and the folder is emptied by every call.

    Raises:
        ValueError: ``notebook`` is not a plain name.
        NotADirectoryError: a file is in the way.
    """
    if not isinstance(notebook, str) or not re.fullmatch(r"\w[\w.-]*", notebook):
        raise ValueError(f"notebook must be a plain name such as 01_dcgan_mnist, got {notebook!r}")
    chosen = os.environ.get("COURSE_OUTPUT_DIR", "")
    base = Path(chosen).expanduser() if chosen else (_repository() or Path.cwd()) / "outputs"
    folder = base / notebook
    if profile() == "smoke":
        folder = base / "smoke" / notebook
        if folder.is_dir():
            shutil.rmtree(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except (FileExistsError, NotADirectoryError):
        raise NotADirectoryError(f"{folder} cannot be made: a file is in the way") from None
    return folder
