"""A small style studio: choose a photograph, a style and a weight, and press the button."""

import ipywidgets

from lessons import style
from lessons.widgets import panel

OWN = "my own"


class Studio(panel.Studio):
    """Widgets around ``style.transfer``.

    Args:
        contents: ``{name: uint8 (H, W, 3)}``; a picture can also be uploaded in the studio.
        styles: such a dict of style pictures.
        network: from ``features.load``.
        first: the picture shown first, uint8 ``(H, W, 3)``; painted on the spot unless given.
        options: of ``transfer``, for all paintings; ``size`` keeps a press of the button short.
    """

    def __init__(self, contents, styles, network, *, first=None, **options):
        self.contents, self.styles, self.network = dict(contents), dict(styles), network
        self.content = ipywidgets.Dropdown(options=list(self.contents), description="content")
        self.style = ipywidgets.Dropdown(options=list(self.styles), description="style")
        of_content, of_style = options.pop("weights", style.WEIGHTS)
        self.weight = ipywidgets.FloatLogSlider(of_style / of_content, min=-1, max=3, step=0.25)
        self.weight.description = "style weight"
        self.keep_color = ipywidgets.Checkbox(
            options.pop("keep_color", False), description="keep the colors"
        )
        self.options = options
        controls = [self.content, self.style, self.weight, self.keep_color]
        super().__init__(controls, "Paint", first)

    def make(self):
        """The painting that the widgets ask for."""
        return style.transfer(
            self.contents[self.content.value],
            self.styles[self.style.value],
            self.network,
            weights=(1.0, self.weight.value),
            keep_color=self.keep_color.value,
            **self.options,
        )

    def use(self, picture):
        """Add the uploaded picture to the contents, and choose it."""
        self.contents[OWN] = picture
        self.content.options = list(self.contents)
        self.content.value = OWN
