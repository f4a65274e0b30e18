"""A small dream studio: choose a layer, channels, octaves and step, and press the button."""

import ipywidgets
import numpy as np
from PIL import Image

from lessons import dream
from lessons.widgets import panel


def channel_numbers(text):
    """Channels as a student types them: ``""`` or ``"all"``, ``"3"``, ``"0-5"``, ``"1, 4, 7-9"``.

    Returns ``None`` for all, else a list of whole numbers. Raises ``ValueError`` with an example.
    """
    if text.strip().lower() in ("", "all"):
        return None
    channels = []
    try:
        for part in text.split(","):
            first, _, last = part.partition("-")
            channels += range(int(first), int(last or first) + 1)
    except ValueError:
        raise ValueError(f"channels are written as 3 or 0-5 or 1, 4, 7-9, got {text!r}") from None
    return channels


class Studio(panel.Studio):
    """Widgets around ``dream.dream``.

    Args:
        image: uint8 ``(H, W, 3)``; a picture can also be uploaded in the studio.
        network: from ``features.load``.
        layer: chosen at the start, name or number.
        largest: pictures are shrunk to this side, so that a press of the button takes seconds.
        first: the picture shown first, uint8 ``(H, W, 3)``; dreamed on the spot unless given.
        options: of ``dream``, for all dreams; those that have a control are its first value.
    """

    def __init__(self, image, network, layer, *, largest=320, first=None, **options):
        small = Image.fromarray(np.asarray(image, "uint8"))
        small.thumbnail((largest, largest), Image.Resampling.LANCZOS)
        self.image, self.network, self.largest = np.asarray(small), network, largest
        self.layer = ipywidgets.Dropdown(
            options=network.layer_names, value=network.layer(layer), description="layer"
        )
        self.channels = ipywidgets.Text(value="all", description="channels")
        first_values = {"num_repeats": 3, "num_iterations": 10, "step_size": 3.0, "color": True}
        repeats, steps, size, color = (options.pop(*each) for each in first_values.items())
        self.octaves = ipywidgets.IntSlider(repeats + 1, 1, 8, description="octaves")
        self.steps = ipywidgets.IntSlider(steps, 1, 40, description="steps")
        span = {"min": 0.5, "max": 10, "step": 0.5}
        self.step_size = ipywidgets.FloatSlider(size, **span, description="step size")
        self.color = ipywidgets.Checkbox(bool(color), description="color")
        self.options = options
        controls = [self.layer, self.channels, self.octaves, self.steps, self.step_size, self.color]
        super().__init__(controls, "Dream", first)

    def make(self):
        """The dream that the widgets ask for."""
        return dream.dream(
            self.image,
            self.network,
            self.layer.value,
            channel_numbers(self.channels.value),
            num_repeats=self.octaves.value - 1,
            num_iterations=self.steps.value,
            step_size=self.step_size.value,
            color=self.color.value,
            **self.options,
        )

    def use(self, picture):
        self.image = picture
