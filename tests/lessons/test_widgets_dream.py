"""The dream studio: a static first frame, dreams on demand, mistakes in words."""

import io

import numpy as np
import pytest
from PIL import Image

from helpers import images
from helpers.networks import features
from lessons.widgets import dream as dream_widgets

FAST = {"num_iterations": 1, "num_repeats": 0}


@pytest.fixture(scope="module")
def network():
    return features.load("squeezenet")


def seen(studio):
    return np.asarray(Image.open(io.BytesIO(studio.view.value)))


def test_channels_as_they_are_typed():
    assert [dream_widgets.channel_numbers(text) for text in (" All ", "")] == [None, None]
    assert dream_widgets.channel_numbers("3") == [3]
    assert dream_widgets.channel_numbers("1, 4,7-9") == [1, 4, 7, 8, 9]
    for wrong in ("one", "1;2", "-", "3-x"):
        with pytest.raises(ValueError, match="channels are written as 3 or 0-5"):
            dream_widgets.channel_numbers(wrong)


def test_the_first_frame_is_dreamed_or_given(network):
    image = images.photograph("cat")
    studio = dream_widgets.Studio(image, network, "fire3", largest=64, **FAST)
    assert seen(studio).shape == (43, 64, 3)
    static = studio._repr_mimebundle_()["image/png"]
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(static))), seen(studio))
    assert studio.octaves.value == 1 and studio.steps.value == 1
    given = images.photograph("rocket", 64)
    studio = dream_widgets.Studio(image, network, "fire3", first=given)
    np.testing.assert_array_equal(seen(studio), given)


def test_the_button_dreams_what_the_controls_say(network):
    image = images.photograph("cat", 64)
    studio = dream_widgets.Studio(image, network, 2, first=image, **FAST)
    studio.layer.value, studio.channels.value = "fire4", "0-3"
    studio.press()
    dreamed = seen(studio)
    assert (dreamed != image).any() and studio.message.value == "" and not studio.button.disabled
    studio.layer.value = "fire2"
    studio.press()
    assert (seen(studio) != dreamed).any()


def test_mistakes_are_written_and_nothing_breaks(network):
    image = images.photograph("cat", 64)
    studio = dream_widgets.Studio(image, network, "fire2", first=image, **FAST)
    for text, message in (("500", "channels 0 to 127"), ("x", "written as")):
        studio.channels.value = text
        studio.press()
        assert message in studio.message.value and not studio.button.disabled
    np.testing.assert_array_equal(seen(studio), image)
    studio.take({"new": ({"name": "a.png", "content": b"none"},)})
    assert "a.png is not a readable picture" in studio.message.value


def test_an_uploaded_picture_is_dreamed_on(network):
    image, buffer = images.photograph("cat", 64), io.BytesIO()
    studio = dream_widgets.Studio(image, network, "fire2", first=image, largest=48, **FAST)
    Image.fromarray(images.photograph("rocket")).save(buffer, "PNG")
    studio.take({"new": ({"name": "r.png", "content": buffer.getvalue()},)})
    assert studio.image.shape == (32, 48, 3)
    studio.press()
    assert seen(studio).shape == (32, 48, 3)
