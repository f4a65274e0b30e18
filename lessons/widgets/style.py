"""A small style studio: choose a photograph, a manner and a weight, and press the button.

The first frame is also displayed as a plain picture, so that the notebook shows something on
GitHub, in a rendered copy and wherever no kernel answers.
"""

import numpy as np
from PIL import Image

from helpers import images
from lessons import style
from lessons.widgets import studio as base

OWN = "my own"


def studio(contents, manners, network, *, first=None, show=True, **options):
    """Widgets around ``style.transfer``.

    Args:
        contents: ``{name: uint8 (H, W, 3)}``; a picture can also be uploaded in the studio.
        manners: such a dict of style pictures.
        network: from ``features.load``.
        first: the picture shown first, uint8 ``(H, W, 3)``; painted on the spot unless given.
        show: also display the first frame as a plain picture.
        options: of ``transfer``, for all paintings; ``size`` keeps a press of the button short.

    Returns:
        ``ipywidgets.VBox``; its attribute ``studio`` is the ``Studio`` behind it.
    """
    controls = Studio(contents, manners, network, options)
    picture = controls.paint() if first is None else np.asarray(first)
    controls.show(picture)
    if show:
        from IPython.display import display

        display(Image.fromarray(picture))
    return controls.box


class Studio(base.Studio):
    """The widgets, and what they do. ``box`` holds them all."""

    doing = "painting ..."

    def __init__(self, contents, manners, network, options):
        import ipywidgets as widgets

        self.contents, self.manners, self.network = dict(contents), dict(manners), network
        self.options = dict(options)
        self.content = widgets.Dropdown(options=list(self.contents), description="content")
        self.manner = widgets.Dropdown(options=list(self.manners), description="style")
        weight = self.options.pop("weights", style.PRESETS["kit"]["weights"])
        self.weight = widgets.FloatLogSlider(
            value=weight[1] / weight[0], min=-1, max=3, step=0.25, description="style weight"
        )
        self.keep_color = widgets.Checkbox(
            value=self.options.pop("keep_color", False), description="keep the colors"
        )
        self.upload = widgets.FileUpload(accept="image/*", multiple=False)
        self.button = widgets.Button(description="Paint", button_style="primary")
        self.message = widgets.Label()
        self.view = widgets.Image(format="png")
        self.button.on_click(self.press)
        self.upload.observe(self.take, names="value")
        left = [self.content, self.upload, self.manner, self.weight, self.keep_color]
        left = widgets.VBox([*left, self.button, self.message])
        self.box = widgets.VBox([widgets.HBox([left, self.view])])
        self.box.studio = self

    def paint(self):
        """The painting that the widgets ask for; uint8 ``(H, W, 3)``."""
        return style.transfer(
            self.contents[self.content.value],
            self.manners[self.manner.value],
            self.network,
            weights=(1.0, self.weight.value),
            keep_color=self.keep_color.value,
            **self.options,
        )

    def make(self):
        return self.paint()

    def take(self, change):
        """Add the uploaded picture to the contents, and choose it."""
        if not change["new"]:
            return
        try:
            self.contents[OWN] = images.read(change["new"])
        except ValueError as error:
            self.message.value = str(error)
            return
        self.content.options = list(self.contents)
        self.content.value = OWN
        self.show(self.contents[OWN])
        self.message.value = "press Paint"
