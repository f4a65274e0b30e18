"""Submissions that cheat or break things, made on purpose; none of them may earn a point by it.

``ALL`` maps a name to what takes the place of every answer of notebook 01 (``{name}`` stands for
the function that the answer must define) and to words of which one must be in the report. All
functions here return nothing useful: every point would be one that the trick has earned.
"""

EMPTY = "def {name}(*arguments, **options):\n    return None\n"


def _everywhere(trick):
    return trick.strip("\n") + "\n\n" + EMPTY


def _inside(trick):
    """The trick runs when a check calls the function."""
    body = "\n".join(f"    {line}" for line in trick.strip("\n").split("\n"))
    return f"def {{name}}(*arguments, **options):\n{body}\n    return None\n"


ALL = {
    "replaces_the_checks": (
        _everywhere(
            "from helpers import checks\n"
            "for _key in list(vars(checks)):\n"
            "    if not _key.startswith('_'):\n"
            "        setattr(checks, _key, lambda *a, **k: print('Right: everything'))"
        ),
        ("replaced exercises",),
    ),
    "replaces_the_name_checks": (
        _everywhere(
            "class checks:\n"
            "    def __getattr__(self, key):\n"
            "        return lambda *a, **k: print('Right: everything')\n"
            "checks = checks()"
        ),
        ("gave the name checks",),
    ),
    "replaces_wrong": (
        _everywhere(
            "from exercises import verdict\n"
            "verdict.Wrong.__init__ = lambda self, *a: print('Right: everything')\n"
            "import exercises.digits as _d\n"
            "class _Nothing(Exception): pass\n"
            "_d.Wrong = verdict.Wrong = _Nothing"
        ),
        ("replaced exercises",),
    ),
    "rewrites_a_check": (
        _everywhere(
            "from exercises import digits\n"
            "for _f in list(vars(digits).values()):\n"
            "    if hasattr(_f, '__code__'):\n"
            "        _f.__code__ = (lambda *a, **k: print('Right')).__code__"
        ),
        ("changes the code of a function", "replaced exercises"),
    ),
    "prints_what_checks_print": (
        _everywhere("print('Right: z of 100 numbers becomes an image (28, 28, 1) in [-1, 1].')"),
        ("printed what a check prints",),
    ),
    "replaces_allclose": (
        _everywhere(
            "import numpy as np\n"
            "np.allclose = lambda *a, **k: True\n"
            "np.shape = lambda *a: ()\n"
            "np.testing.assert_allclose = lambda *a, **k: None"
        ),
        ("replaced numpy",),
    ),
    "replaces_keras": (
        _everywhere("import keras\nkeras.Sequential = keras.Model = object"),
        ("replaced keras",),
    ),
    "replaces_builtins": (
        _everywhere(
            "import builtins\nbuiltins.abs = lambda x: 0\nbuiltins.sum = lambda *a, **k: 0"
        ),
        ("replaced builtins",),
    ),
    "counts_a_pass_itself": (
        _inside("import sys\nsys.modules['exercises.verdict'].passed('this')\nraise SystemExit"),
        ("called for an exit",),
    ),
    "removes_the_tests": (
        _everywhere(
            "get_ipython().input_transformers_post.append(\n"
            "    lambda lines: ['pass\\n'] if 'checks.' in ''.join(lines) else lines)\n"
            "get_ipython().ast_transformers.append(None)"
        ),
        ("changed how cells are executed",),
    ),
    "hides_tracebacks": (
        _everywhere("get_ipython().showtraceback = lambda *a, **k: None"),
        ("changed how cells are executed",),
    ),
    "ends_the_process": (_everywhere("import os\nos._exit(0)"), ("ended the process",)),
    "ends_the_process_in_a_check": (_inside("import os\nos._exit(0)"), ("ended the process",)),
    "raises_system_exit": (_inside("raise SystemExit(0)"), ("called for an exit",)),
    "loops_for_ever": (_everywhere("while True: pass"), ("processor time", "not done after")),
    "loops_and_will_not_stop": (
        _everywhere(
            "while True:\n    try:\n        while True: pass\n    except BaseException: pass"
        ),
        ("processor time", "not done after"),
    ),
    "eats_memory": (
        _everywhere("_all = []\nwhile True: _all.append(bytearray(200_000_000))"),
        ("ran out of memory", "ended the process", "processor time", "not done after"),
    ),
    "floods_the_output": (
        _everywhere("while True: print('x' * 10_000)"),
        ("characters of output",),
    ),
    "writes_over_the_kit": (
        _everywhere(
            "import exercises.digits as _d\n"
            "open(_d.__file__, 'w').write('def generator(*a, **k): pass')"
        ),
        ("writes to",),
    ),
    "removes_the_kit": (
        _everywhere("import os, shutil, helpers\nshutil.rmtree(os.path.dirname(helpers.__file__))"),
        ("removes a folder",),
    ),
    "reads_the_hidden_tests": (
        _everywhere(
            "import glob, os\n"
            "_root = os.environ.get('GRADING_ROOT', '{root}')\n"
            "for _f in glob.glob(_root + '/source/**/*.ipynb', recursive=True) + [\n"
            "        _root + '/gradebook.db']:\n"
            "    print(open(_f).read())"
        ),
        ("reads",),
    ),
    "opens_a_socket": (
        _everywhere(
            "import socket\nsocket.create_connection(('192.0.2.1', 80), timeout=2).send(b'x')"
        ),
        ("network",),
    ),
    "starts_a_program": (
        _everywhere("import subprocess\nsubprocess.run(['curl', 'http://192.0.2.1'])"),
        ("starts another program",),
    ),
    "kills_everybody": (
        _everywhere("import os, signal\nos.kill(-1, signal.SIGKILL)"),
        ("sends a signal",),
    ),
    "forks": (_everywhere("import os\nwhile True: os.fork()"), ("forks",)),
    "looks_at_the_check": (
        _inside(
            "import sys\nframe = sys._getframe(1)\n"
            "return frame.f_locals.get('expected') or frame.f_locals.get('reference')"
        ),
        ("frames of its caller",),
    ),
    "leaves_a_thread": (
        _everywhere(
            "import threading, time\n"
            "def _run():\n    time.sleep(1000)\n"
            "threading.Thread(target=_run, daemon=True).start()"
        ),
        ("left a thread running",),
    ),
    "traces_the_check": (
        _everywhere("import sys\nsys.settrace(lambda *a: None)"),
        ("traces other code", "changed how cells are executed"),
    ),
}


def answer(trick, names, root=""):
    """The source of a solution cell that must define ``names`` and does ``trick`` instead."""
    source, _ = ALL[trick]
    head, _, _ = source.partition("def {name}")
    if head.strip():
        return head.replace("{root}", str(root)) + "".join(
            "\n\n" + EMPTY.replace("{name}", name) for name in names
        )
    return "\n\n".join(
        source.replace("{name}", name).replace("{root}", str(root)) for name in names
    )
