"""Kill it at any moment: the run goes on, and ends where an uninterrupted one ends."""

import json
import random
import signal
import subprocess
import sys
from pathlib import Path

import keras
import numpy as np
import pytest

from helpers import training
from helpers.training.checkpoint import Checkpoint, state_variables
from tests.helpers import resume_child

CHILD = Path(resume_child.__file__)


def child(run_dir, *options, steps=None):
    """Run the child; with ``steps``, kill it after it has printed that many steps."""
    command = [sys.executable, "-m", "tests.helpers.resume_child", str(run_dir), *options]
    process = subprocess.Popen(
        command,
        cwd=CHILD.parents[2],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    seen = 0
    for line in process.stdout:
        seen += line.startswith("step")
        if steps is not None and seen == steps:
            process.send_signal(signal.SIGKILL)
            break
    errors = process.stderr.read()
    return process.wait(), errors


def state_of(model):
    return [np.asarray(variable) for variable in state_variables(model)]


def assert_same_state(first, second):
    assert len(first) == len(second)
    for index, (a, b) in enumerate(zip(first, second, strict=True)):
        np.testing.assert_array_equal(a, b, err_msg=f"variable {index}")


@pytest.fixture(scope="module")
def uninterrupted(tmp_path_factory):
    model, history = resume_child.run(tmp_path_factory.mktemp("whole"))
    return state_of(model), history


def test_killed_at_random_and_while_writing_it_ends_with_equal_weights(tmp_path, uninterrupted):
    model = killed_twice(tmp_path, *uninterrupted)
    assert len(state_of(model)) > 40


@pytest.mark.parametrize("kind", ["pix2pix", "cycle"])
def test_from_picture_to_picture_it_ends_with_equal_weights_too(tmp_path, kind):
    whole, history = resume_child.run(tmp_path / "whole", kind=kind)
    model = killed_twice(tmp_path / "killed", state_of(whole), history, kind)
    saved = {id(variable) for variable in state_variables(model)}
    needed = [model.step_count, model.seed_generator.state]
    moments = [v for optimizer in model.optimizers().values() for v in optimizer.variables[2:]]
    assert len(moments) == 2 * len(model.trainable_variables), "two of Adam for every weight"
    needed += moments
    needed += (model.ema_to_b if kind == "cycle" else model.ema_generator).variables
    if kind == "cycle":
        needed += [*model.ema_to_a.variables, *model.pools.values(), model.seen]
        assert int(model.seen) == 20 and np.asarray(model.pools["a"]).any()
    assert saved.issuperset(map(id, needed))


def killed_twice(tmp_path, state, whole_history, kind="gan"):
    """Kill a run after a random step and while it writes; the model that ends like the whole."""
    code, _ = child(tmp_path, "--kind", kind, steps=random.Random().randint(9, 30))
    assert code == -signal.SIGKILL
    kept = Checkpoint(tmp_path).saved()
    assert kept, "at least one epoch was saved before the kill"
    last = int(kept[-1].name.split("-")[1])
    code, _ = child(tmp_path, "--kind", kind, "--die-writing", "1")
    assert code == -signal.SIGKILL
    assert [p.name for p in Checkpoint(tmp_path).saved()] == [p.name for p in kept]
    assert list(tmp_path.glob(".writing-*")), "it died in the middle of writing"

    model, history = resume_child.run(tmp_path, kind=kind)
    assert last < resume_child.EPOCHS
    assert_same_state(state_of(model), state)
    del history["seconds"]
    # Weights are equal to the last bit. TensorFlow adds the terms of a mean that it only prints in
    # an order of its own.
    assert history.keys() == whole_history.keys() - {"seconds"}
    for name, values in history.items():
        assert values == pytest.approx(whole_history[name], rel=1e-6), name
    assert not list(tmp_path.glob(".writing-*"))
    return model


def test_a_resumed_run_needs_its_optimizers(tmp_path, uninterrupted):
    """Guards the test above: without Adam's moments the end would differ."""
    resume_child.run(tmp_path, epochs=3)
    real = Checkpoint.restore

    def forgetful(self, model):
        epoch = real(self, model)
        for optimizer in model.optimizers().values():
            for variable in optimizer.variables[2:]:
                variable.assign(keras.ops.zeros_like(variable))
        return epoch

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Checkpoint, "restore", forgetful)
        model, _ = resume_child.run(tmp_path)
    differences = [
        np.abs(a - b).max() for a, b in zip(state_of(model), uninterrupted[0], strict=True)
    ]
    assert max(differences) > 1e-4


def test_a_damaged_newest_checkpoint_gives_way_to_the_one_before(tmp_path, capsys):
    resume_child.run(tmp_path, epochs=3)
    newest = Checkpoint(tmp_path).saved()[-1]
    raw = (newest / "state.npz").read_bytes()
    (newest / "state.npz").write_bytes(raw[: len(raw) // 2])
    checkpoint = Checkpoint(tmp_path)
    assert checkpoint.restore(resume_child.build()) == 2
    assert len(checkpoint.history["d_loss"]) == 2
    assert "epoch-000003 is damaged" in capsys.readouterr().out
    (Checkpoint(tmp_path).saved()[0] / "note.json").write_text("{")
    assert Checkpoint(tmp_path).restore(resume_child.build()) == 0


def test_only_the_newest_are_kept_and_the_last_epoch_always_is(tmp_path):
    model = resume_child.build()
    training.train(
        model, resume_child.images()[:64], epochs=5, run_dir=tmp_path, save_every=3, verbose=0
    )
    assert [p.name for p in Checkpoint(tmp_path).saved()] == ["epoch-000003", "epoch-000005"]
    note = json.loads((tmp_path / "epoch-000005/note.json").read_text())
    assert note["epoch"] == 5 and len(note["history"]["g_loss"]) == 5


def test_a_complete_run_is_not_trained_again_and_says_so(tmp_path, capsys):
    small = resume_child.images()[:64]
    first = training.train(resume_child.build(), small, epochs=2, run_dir=tmp_path, verbose=0)
    again = resume_child.build()
    assert training.train(again, small, epochs=2, run_dir=tmp_path, verbose=0) == first
    assert "complete (2 of 2 epochs" in capsys.readouterr().out
    more = training.train(again, small, epochs=3, run_dir=tmp_path, verbose=0)
    assert "Going on after epoch 2 of 3" in capsys.readouterr().out
    assert [more["g_loss"][:2], len(more["g_loss"])] == [first["g_loss"], 3]


def test_a_checkpoint_of_another_network_is_explained(tmp_path):
    small = resume_child.images()[:64]
    training.train(resume_child.build(), small, epochs=1, run_dir=tmp_path, verbose=0)
    other = training.GAN(resume_child.build().generator, resume_child.build().discriminator)
    other.compile(keras.optimizers.SGD(0.1), keras.optimizers.SGD(0.1))
    with pytest.raises(ValueError, match=r"another network or optimizer.*delete the folder"):
        training.train(other, small, epochs=2, run_dir=tmp_path, verbose=0)


def test_senseless_intervals(tmp_path):
    with pytest.raises(ValueError, match="every must be a whole number of at least 1"):
        Checkpoint(tmp_path, every=0)


def test_zero_epochs_are_refused():
    with pytest.raises(ValueError, match="epochs must be a whole number of at least 1"):
        training.train(resume_child.build(), resume_child.images(), epochs=0)
