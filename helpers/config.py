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
import os
import re
import shutil
import sys
import tempfile
from dataclasses import fields
from pathlib import Path

from helpers.lesson_settings import NOTEBOOKS, PROFILES

_WORDS = {"1": True, "true": True, "yes": True, "on": True,
          "": False, "0": False, "false": False, "no": False, "off": False}  # fmt: skip


def settings(notebook, **overrides):
    """Every number that a notebook uses, at the active profile.

    Args:
        notebook: its file name without ``.ipynb``, for example ``"01_dcgan_mnist"``.
        overrides: values that replace the profile's, by the names of the dataclass.

    Returns:
        frozen dataclass; ``.profile`` says which profile the numbers belong to.

    Raises:
        ValueError: no such notebook or setting, or an override of the wrong type or range.
    """
    if notebook not in NOTEBOOKS:
        raise ValueError(f"no settings for notebook {notebook!r}; known are {', '.join(NOTEBOOKS)}")
    kind, active = NOTEBOOKS[notebook], profile()
    own = {each.name: each.metadata for each in fields(kind) if "by_profile" in each.metadata}
    for name in overrides:
        if name in ("notebook", "profile"):
            raise ValueError(f"{name} cannot be overridden here; set COURSE_PROFILE for a profile")
        if name not in own:
            raise ValueError(f"{notebook} has no setting {name!r}; it has {', '.join(own)}")
    values = {name: bounds["by_profile"][active] for name, bounds in own.items()}
    values |= {name: _override(name, value, own[name]) for name, value in overrides.items()}
    return kind(notebook=notebook, profile=active, **values)


def _override(name, value, bounds):
    """``value`` if it is of the kind that the profiles have there, and within its bounds."""
    from helpers import checking  # brings NumPy along, which reading a path does not need

    known = list(bounds["by_profile"].values())
    if value is None and None in known:
        return None
    example = next(each for each in known if each is not None)
    if "choices" in bounds:
        return checking.choice(value, name, bounds["choices"])
    if isinstance(example, bool):
        return checking.choice(value, name, (True, False))
    if isinstance(example, int):
        return checking.whole(value, name, bounds.get("minimum", 1))
    if isinstance(example, float):
        limit = {"at_least": bounds["minimum"]} if "minimum" in bounds else {"above": 0}
        return checking.number(value, name, **limit)
    if not isinstance(value, type(example)):
        raise ValueError(f"{name} must be a {type(example).__name__}, got {value!r}")
    return value


# ---------------------------------------------------------------------------------------------
# The environment.


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


# ---------------------------------------------------------------------------------------------
# Folders.


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
