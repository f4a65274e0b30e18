"""The style studio: a static first frame, paintings on demand, mistakes in words."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import images
from helpers.networks import features
from lessons.widgets import style as style_widgets

FAST = {"iterations": 1, "levels": 1, "size": 48}


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


@pytest.fixture
def studio(network):
    photos = {name: images.photograph(name, 64) for name in ("cat", "coffee")}
    styles = {"glass": images.painting("glass", 64)}
    return style_widgets.Studio(photos, styles, network, first=photos["cat"], **FAST)


def seen(studio):
    return np.asarray(Image.open(io.BytesIO(studio.view.value)))


def test_the_button_paints_what_the_controls_say(studio):
    studio.content.value, studio.weight.value = "coffee", 1000.0
    studio.press()
    assert seen(studio).shape == (32, 48, 3) and studio.message.value == ""
    strong = seen(studio)
    studio.weight.value = 1.0
    studio.press()
    assert not np.array_equal(seen(studio), strong) and not studio.button.disabled


def test_mistakes_and_uploads(studio):
    studio.take({"new": ({"name": "own.png", "content": b"no picture"},)})
    assert "own.png is not a readable picture" in studio.message.value
    buffer = io.BytesIO()
    Image.new("RGB", (80, 60), (200, 30, 30)).save(buffer, "PNG")
    studio.take({"new": ({"name": "own.png", "content": buffer.getvalue()},)})
    assert studio.content.value == style_widgets.OWN and seen(studio).shape == (60, 80, 3)
    studio.options["size"] = 8
    studio.press()
    assert "at least 32" in studio.message.value
