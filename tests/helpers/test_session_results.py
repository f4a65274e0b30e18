"""Output folders: what is written can be read back."""

import json

import keras
import numpy as np
from PIL import Image

from helpers import session


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
