"""A small dream studio: choose a layer, channels, octaves and step, and press the button.

The first frame is also displayed as a plain picture, so that the notebook shows something on
GitHub, in a rendered copy and wherever no kernel answers.
"""

import numpy as np
from PIL import Image

from helpers import images
from lessons import dream
from lessons.widgets import studio as base


def channel_text(text):
    """Channels as a student types them: ``""`` or ``"all"``, ``"3"``, ``"0-5"``, ``"1, 4, 7-9"``.

    Returns:
        ``None`` for all, else a list of whole numbers.

    Raises:
        ValueError: it cannot be read; the message gives an example.
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


def studio(image, network, layer, *, largest=320, first=None, show=True, **options):
    """Widgets around ``dream.dream``.

    Args:
        image: uint8 ``(H, W, 3)``; a picture can also be uploaded in the studio.
        network: from ``features.load``.
        layer: chosen at the start, name or number.
        largest: pictures are shrunk to this side, so that a press of the button takes seconds.
        first: the picture shown first, uint8 ``(H, W, 3)``; dreamed on the spot unless given.
        show: also display the first frame as a plain picture.
        options: of ``dream``, for all dreams.

    Returns:
        ``ipywidgets.VBox``; its attribute ``studio`` is the ``Studio`` behind it.
    """
    controls = Studio(_small(image, largest), network, layer, largest, options)
    picture = controls.dream() if first is None else np.asarray(first)
    controls.show(picture)
    if show:
        from IPython.display import display

        display(Image.fromarray(picture))
    return controls.box


class Studio(base.Studio):
    """The widgets, and what they do. ``box`` holds them all."""

    doing = "dreaming ..."

    def __init__(self, image, network, layer, largest, options):
        import ipywidgets as widgets

        self.image, self.network, self.largest, self.options = image, network, largest, options
        self.layer = widgets.Dropdown(
            options=network.layer_names, value=network.layer(layer), description="layer"
        )
        self.channels = widgets.Text(value="all", description="channels")
        self.octaves = widgets.IntSlider(4, 1, 8, description="octaves")
        self.steps = widgets.IntSlider(
            options.pop("num_iterations", 10), 1, 40, description="steps"
        )
        self.step_size = widgets.FloatSlider(
            value=options.pop("step_size", 3.0), min=0.5, max=10, step=0.5, description="step size"
        )
        self.octaves.value = options.pop("num_repeats", 3) + 1
        self.color = widgets.Checkbox(value=bool(options.pop("color", True)), description="color")
        self.upload = widgets.FileUpload(accept="image/*", multiple=False)
        self.button = widgets.Button(description="Dream", button_style="primary")
        self.message = widgets.Label()
        self.view = widgets.Image(format="png")
        self.button.on_click(self.press)
        self.upload.observe(self.take, names="value")
        left = [self.layer, self.channels, self.octaves, self.steps, self.step_size, self.color]
        left = widgets.VBox([*left, self.upload, self.button, self.message])
        self.box = widgets.VBox([widgets.HBox([left, self.view])])
        self.box.studio = self

    def dream(self):
        """The dream that the widgets ask for; uint8 ``(H, W, 3)``."""
        return dream.dream(
            self.image,
            self.network,
            self.layer.value,
            channel_text(self.channels.value),
            num_repeats=self.octaves.value - 1,
            num_iterations=self.steps.value,
            step_size=self.step_size.value,
            color=self.color.value,
            **self.options,
        )

    def make(self):
        return self.dream()

    def take(self, change):
        """Use the uploaded picture."""
        if not change["new"]:
            return
        try:
            self.image = images.read(change["new"], self.largest)
            self.show(self.image)
            self.message.value = "press Dream"
        except ValueError as error:
            self.message.value = str(error)


def _small(image, largest):
    picture = Image.fromarray(np.asarray(image, "uint8"))
    picture.thumbnail((largest, largest), Image.Resampling.LANCZOS)
    return np.asarray(picture)
