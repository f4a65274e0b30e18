"""Profiles, settings and folders: right values, and errors that name the wrong one."""

import dataclasses
import os
import sys
import tomllib
import types
from pathlib import Path

import pytest

from helpers import config


@pytest.fixture
def profile(monkeypatch):
    """Set COURSE_PROFILE; ``None`` unsets it."""

    def choose(name):
        if name is None:
            monkeypatch.delenv("COURSE_PROFILE", raising=False)
        else:
            monkeypatch.setenv("COURSE_PROFILE", name)

    return choose


# --- profile ---------------------------------------------------------------------------------


@pytest.mark.parametrize("name", config.PROFILES)
def test_profile_is_what_the_environment_says(profile, name):
    profile(name)
    assert config.profile() == name


@pytest.mark.parametrize(("gpu", "expected"), [(True, "full"), (False, "laptop")])
@pytest.mark.parametrize("unset", [None, ""])
def test_without_the_variable_a_gpu_decides(profile, monkeypatch, gpu, expected, unset):
    profile(unset)
    monkeypatch.setattr(config, "_has_gpu", lambda: gpu)
    assert config.profile() == expected


def test_wrong_profile_is_named_with_the_right_ones(profile):
    profile("desktop")
    with pytest.raises(ValueError, match=r"smoke, laptop, full, got 'desktop'"):
        config.profile()


# --- settings --------------------------------------------------------------------------------


@pytest.mark.parametrize("notebook", sorted(config.NOTEBOOKS))
@pytest.mark.parametrize("name", config.PROFILES)
def test_every_notebook_has_valid_settings_at_every_profile(profile, notebook, name):
    profile(name)
    numbers = config.settings(notebook)
    assert (numbers.notebook, numbers.profile) == (notebook, name)
    with pytest.raises(dataclasses.FrozenInstanceError):
        numbers.seed = 1


def test_numbers_follow_the_profile(profile):
    found = {}
    for name in config.PROFILES:
        profile(name)
        found[name] = config.settings("01_dcgan_mnist")
    assert [found[name].train_limit for name in config.PROFILES] == [512, 10_000, None]
    assert [found[name].num_samples for name in config.PROFILES] == [64, 2_000, 10_000]
    assert found["smoke"].epochs < found["laptop"].epochs < found["full"].epochs
    assert {numbers.seed for numbers in found.values()} == {42}


def test_overrides_replace_only_what_they_name(profile):
    profile("laptop")
    usual = dataclasses.asdict(config.settings("01_dcgan_mnist"))
    changed = dataclasses.asdict(
        config.settings("01_dcgan_mnist", epochs=3, learning_rate=1, train_limit=None)
    )
    expected = usual | {"epochs": 3, "learning_rate": 1, "train_limit": None}
    assert changed == expected != usual


@pytest.mark.parametrize(
    ("override", "message"),
    [
        ({"epoch": 3}, "no setting 'epoch'; it has seed, dataset, train_limit"),
        ({"epochs": 2.5}, "epochs must be a whole number, got 2.5"),
        ({"epochs": True}, "epochs must be a whole number, got True"),
        ({"epochs": None}, "epochs must be a whole number, got None"),
        ({"epochs": -1}, "epochs must be a finite number of at least 0, got -1"),
        ({"train_limit": "all"}, "train_limit must be a whole number or None, got 'all'"),
        ({"learning_rate": "fast"}, "learning_rate must be a number, got 'fast'"),
        ({"learning_rate": float("nan")}, "learning_rate must be a finite number .* got nan"),
        ({"real_penalty": float("inf")}, "real_penalty must be a finite number .* got inf"),
        ({"dataset": 3}, "dataset must be a string, got 3"),
        ({"profile": "full"}, "profile cannot be overridden here; set COURSE_PROFILE"),
    ],
)
def test_bad_overrides_are_explained(override, message):
    with pytest.raises(ValueError, match=message):
        config.settings("01_dcgan_mnist", **override)


def test_unknown_notebook_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match=r"'09_nothing'; known are 00_start_here, 01_dcgan_mnist"):
        config.settings("09_nothing")


def test_switches_words_and_tuples_keep_their_kind():
    numbers = config.settings("04_autoencoders_vae", eager=True, betas=(1.0,))
    assert (numbers.eager, numbers.betas) == (True, (1.0,))
    for override, wanted in (({"eager": 1}, "True or False"), ({"betas": 1.0}, "a tuple")):
        with pytest.raises(ValueError, match=f"must be {wanted}, got 1"):
            config.settings("04_autoencoders_vae", **override)


def test_every_setting_is_one_value_or_three_of_a_kind():
    for path in sorted((Path(config.__file__).parent / "settings").glob("*.toml")):
        for name, row in tomllib.loads(path.read_text(encoding="utf-8")).items():
            values = [each for each in row if each != "none"] if isinstance(row, list) else [row]
            assert not isinstance(row, list) or len(row) == len(config.PROFILES), (path, name)
            assert len({type(each) for each in values}) == 1, (path, name)


def test_numbers_print_as_a_dataclass(profile):
    profile("smoke")
    start = "GanClinic(notebook='07_gan_clinic', profile='smoke', seed=42, dataset='mnist', "
    assert repr(config.settings("07_gan_clinic")).startswith(start)


# --- switches --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [("1", True), ("true", True), ("YES", True), ("0", False), ("False", False), ("", False)],
)
def test_offline_reads_yes_and_no(profile, monkeypatch, value, expected):
    profile("laptop")
    monkeypatch.setenv("COURSE_OFFLINE", value)
    assert config.offline() is expected


def test_smoke_is_offline_and_laptop_is_not(profile, monkeypatch):
    monkeypatch.delenv("COURSE_OFFLINE")
    profile("smoke")
    assert config.offline() is True
    profile("laptop")
    assert config.offline() is False


@pytest.mark.parametrize("value", ["maybe", "2"])
def test_a_switch_that_is_neither_yes_nor_no_is_named(monkeypatch, value):
    monkeypatch.setenv("COURSE_OFFLINE", value)
    with pytest.raises(ValueError, match=f"COURSE_OFFLINE must be 1 or 0.*got '{value}'"):
        config.offline()


def test_interactive_only_in_a_live_notebook(profile, monkeypatch):
    profile("laptop")
    shell = types.SimpleNamespace()
    ipython = types.SimpleNamespace(get_ipython=lambda: shell)
    monkeypatch.setitem(sys.modules, "IPython", ipython)
    assert config.interactive() is False  # a terminal's IPython has no kernel
    shell.kernel = object()
    assert config.interactive() is True
    monkeypatch.setenv("COURSE_QUIET", "1")
    assert config.interactive() is False
    monkeypatch.setenv("COURSE_QUIET", "0")
    profile("smoke")
    assert config.interactive() is False
    profile("laptop")
    monkeypatch.delitem(sys.modules, "IPython")
    assert config.interactive() is False


# --- folders ---------------------------------------------------------------------------------


def test_data_dir_is_none_unless_set(monkeypatch, tmp_path):
    monkeypatch.delenv("COURSE_DATA_DIR", raising=False)
    assert config.data_dir() is None
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    assert config.data_dir() == tmp_path


def test_data_dir_pointing_nowhere_at_a_file_or_at_a_locked_folder(monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "gone"))
    with pytest.raises(FileNotFoundError, match=r"gone does not exist: set it to a folder"):
        config.data_dir()
    (tmp_path / "file").touch()
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path / "file"))
    with pytest.raises(NotADirectoryError, match=r"file is not a folder"):
        config.data_dir()
    monkeypatch.setenv("COURSE_DATA_DIR", str(tmp_path))
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(PermissionError, match=r"may not be read by this user"):
        config.data_dir()


def test_bundled_data_lies_in_the_checkout_or_in_the_package(monkeypatch):
    assert (config.bundled_data_dir() / "mnist.npz").is_file()
    monkeypatch.setattr(config, "_repository", lambda: None)
    assert config.bundled_data_dir() == Path(config.__file__).resolve().parent / "_data"


def test_keras_dir_follows_keras(monkeypatch, tmp_path):
    monkeypatch.setenv("KERAS_HOME", str(tmp_path))
    assert config.keras_dir() == tmp_path
    monkeypatch.delenv("KERAS_HOME")
    monkeypatch.setenv("HOME", str(tmp_path))
    assert config.keras_dir() == tmp_path / ".keras"


def test_output_dir_is_made_where_the_variable_says(profile, monkeypatch, tmp_path):
    profile("laptop")
    monkeypatch.setenv("COURSE_OUTPUT_DIR", str(tmp_path / "mine"))
    folder = config.output_dir("01_dcgan_mnist")
    assert folder == tmp_path / "mine" / "01_dcgan_mnist"
    (folder / "kept.txt").touch()
    config.output_dir("01_dcgan_mnist")
    assert (folder / "kept.txt").exists()


def test_output_dir_without_the_variable(profile, monkeypatch, tmp_path):
    profile("laptop")
    monkeypatch.delenv("COURSE_OUTPUT_DIR")
    (tmp_path / "checkout").mkdir()
    monkeypatch.setattr(config, "_repository", lambda: tmp_path / "checkout")
    assert config.output_dir("nb") == tmp_path / "checkout" / "outputs" / "nb"
    monkeypatch.setattr(config, "_repository", lambda: None)
    monkeypatch.chdir(tmp_path)
    assert config.output_dir("nb") == tmp_path / "outputs" / "nb"
    assert (tmp_path / "outputs" / "nb").is_dir()


def test_smoke_has_its_own_output_folder_emptied_each_time(profile, monkeypatch, tmp_path):
    monkeypatch.setenv("COURSE_OUTPUT_DIR", str(tmp_path))
    profile("laptop")
    (config.output_dir("nb") / "result.json").touch()
    profile("smoke")
    folder = config.output_dir("nb")
    assert folder == tmp_path / "smoke" / "nb"
    (folder / "run").mkdir()
    (folder / "run" / "old.txt").touch()
    config.output_dir("other")
    assert (folder / "run" / "old.txt").exists()
    assert list(config.output_dir("nb").iterdir()) == []
    assert (tmp_path / "nb" / "result.json").exists()


@pytest.mark.parametrize("name", ["", "../up", "a/b", ".", "..", None])
def test_output_dir_wants_a_plain_name(name):
    with pytest.raises(ValueError, match="plain name"):
        config.output_dir(name)


def test_output_dir_behind_a_file(profile, monkeypatch, tmp_path):
    profile("laptop")
    (tmp_path / "nb").touch()
    monkeypatch.setenv("COURSE_OUTPUT_DIR", str(tmp_path))
    with pytest.raises(NotADirectoryError, match="a file is in the way"):
        config.output_dir("nb")
