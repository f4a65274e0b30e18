"""One run of a notebook: a quiet start, equal seeds, and results that can be read back."""

import json
import random
import subprocess
import sys
import textwrap

import keras
import numpy as np
import pytest
import tensorflow as tf
from PIL import Image

from helpers import session

LOUD = """
import os
os.write(2, b"start-up note\\n")
"""


def run(code, folder):
    """Run ``code`` in a fresh Python in which ``folder`` may hold a stand-in for TensorFlow."""
    return subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        capture_output=True,
        text=True,
        env={"PYTHONPATH": str(folder), "PATH": ""},
        cwd=folder,
        timeout=60,
        check=False,
    )


def fake_tensorflow(folder, source):
    (folder / "tensorflow.py").write_text(source)


def test_start_up_notes_are_dropped_and_the_stream_comes_back(tmp_path):
    fake_tensorflow(tmp_path, LOUD + "VALUE = 7\n")
    code = """
        import os
        from helpers import session
        print(session.import_tensorflow().VALUE)
        os.write(2, b"after\\n")
    """
    done = run(code, tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, "7\n", "after\n")


def test_the_warning_of_many_compiled_models_is_left_out_and_others_are_not(tmp_path):
    fake_tensorflow(tmp_path, "")
    code = """
        import logging
        from helpers import session
        session.import_tensorflow()
        log = logging.getLogger("tensorflow")
        log.warning("%d out of the last 9 calls triggered tf.function retracing.", 5)
        log.warning("something else")
    """
    done = run(code, tmp_path)
    assert (done.returncode, done.stderr) == (0, "something else\n")


def test_a_failing_import_shows_what_was_written(tmp_path):
    fake_tensorflow(tmp_path, LOUD + "raise ImportError('no such library')\n")
    done = run("from helpers import session; session.import_tensorflow()", tmp_path)
    assert done.returncode != 0
    assert done.stderr.startswith("start-up note\n")
    assert "ImportError: no such library" in done.stderr


def test_an_imported_tensorflow_is_returned_as_it_is(monkeypatch):
    sentinel = object()
    monkeypatch.setitem(sys.modules, "tensorflow", sentinel)
    assert session.import_tensorflow() is sentinel


@pytest.mark.parametrize("name", ["helpers.session", "helpers.plotting"])
def test_importing_the_helper_does_not_import_tensorflow(name, tmp_path):
    done = run(f"import sys, {name}; print('tensorflow' in sys.modules)", tmp_path)
    assert done.stdout == "False\n", done.stderr


def draw():
    layer = keras.layers.Dense(3)
    layer.build((None, 4))
    return [
        random.random(),
        float(np.random.rand()),
        float(tf.random.uniform(())),
        float(keras.random.normal(())),
        *np.asarray(layer.kernel).ravel().tolist(),
    ]


def test_equal_seeds_give_equal_numbers_and_others_do_not():
    assert session.seed_everything(7, deterministic=False) == 7
    first = draw()
    session.seed_everything(7, deterministic=False)
    again = draw()
    session.seed_everything(8, deterministic=False)
    other = draw()
    assert first == again
    assert all(a != b for a, b in zip(first, other, strict=True))


def test_determinism_is_switched_on_only_when_asked(monkeypatch):
    calls = []  # a stand-in, because the real switch cannot be set back
    monkeypatch.setattr(tf.config.experimental, "enable_op_determinism", lambda: calls.append(1))
    session.seed_everything(1, deterministic=False)
    assert calls == []
    session.seed_everything(1)
    assert calls == [1]


@pytest.mark.parametrize("seed", [-1, 2**32, 1.5, "7", None, True])
def test_impossible_seeds_are_named(seed):
    with pytest.raises(ValueError, match="seed must be a whole number from 0"):
        session.seed_everything(seed)


def test_numpy_integers_will_do():
    assert session.seed_everything(np.int64(3), deterministic=False) == 3


def test_networks_pictures_and_facts_come_back(tmp_path):
    model = keras.Sequential([keras.Input((2,)), keras.layers.Dense(3)])
    session.save_results(
        tmp_path,
        networks={"generator": model},
        pictures={"samples": Image.new("RGB", (5, 4), "red")},
        steps=np.int64(7),
        quality={"frechet": np.float32(1.5), "kernel": float("nan")},
    )
    loaded = keras.models.load_model(tmp_path / "generator.keras")
    x = np.ones((1, 2), "float32")
    np.testing.assert_allclose(loaded(x), model(x), rtol=1e-6)
    assert Image.open(tmp_path / "samples.png").size == (5, 4)
    facts = json.loads((tmp_path / "result.json").read_text())
    assert facts == {"steps": 7, "quality": {"frechet": 1.5, "kernel": None}}


def test_later_facts_join_earlier_ones(tmp_path):
    session.save_results(tmp_path, steps=1, seconds=2.0)
    facts = session.save_results(tmp_path, steps=5)
    assert facts == {"steps": 5, "seconds": 2.0}
    assert json.loads((tmp_path / "result.json").read_text()) == facts
