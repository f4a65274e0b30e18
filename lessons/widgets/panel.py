"""What all widgets share: a live box, a static picture of it, and drawing for both.

Where a live kernel and a widget manager are, the box appears; where they are not (GitHub,
nbviewer, a notebook converted to HTML, a test), a PNG stands in its place.
"""

import io

import ipywidgets
import numpy as np
from PIL import Image

from helpers import images


class Panel(ipywidgets.VBox):
    """A box of widgets. A subclass has ``frame()``: its present state as one PIL image."""

    # ipywidgets 7 would show the box by this method and leave the PNG out.
    _ipython_display_ = None

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        """The live box and, for readers without one, its present frame as a PNG."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": png(self.frame()),
            "text/plain": type(self).__name__,
        }


class Studio(Panel):
    """Controls, an upload and a button at the left, the picture that they make at the right.

    A subclass has ``make()``, which returns a picture, uint8 ``(H, W, 3)``, and ``use(picture)``
    for an uploaded one. A mistake is written below the button instead of being raised.

    Args:
        controls: the widgets above the button.
        verb: what the button says.
        first: the picture shown first; made on the spot unless given.
    """

    largest = None  # side to which an uploaded picture is shrunk

    def __init__(self, controls, verb, first):
        self.upload = ipywidgets.FileUpload(accept="image/*", multiple=False)
        self.button = ipywidgets.Button(description=verb, button_style="primary")
        self.message = ipywidgets.Label()
        self.view = ipywidgets.Image(format="png")
        self.button.on_click(self.press)
        self.upload.observe(self.take, names="value")
        left = ipywidgets.VBox([*controls, self.upload, self.button, self.message])
        super().__init__([ipywidgets.HBox([left, self.view])])
        self.show(self.make() if first is None else first)

    def show(self, picture):
        """Put a picture, uint8 ``(H, W, 3)``, into the view."""
        self.picture = Image.fromarray(np.asarray(picture))
        self.view.value = png(self.picture)

    def frame(self):
        return self.picture

    def press(self, button=None):
        """What the button does."""
        self.message.value, self.button.disabled = "at work ...", True
        try:
            self.show(self.make())
            self.message.value = ""
        except ValueError as error:
            self.message.value = str(error)
        finally:
            self.button.disabled = False

    def take(self, change):
        """Use the uploaded picture."""
        if not change["new"]:
            return
        try:
            picture = images.read(change["new"], self.largest)
        except ValueError as error:
            self.message.value = str(error)
            return
        self.use(picture)
        self.show(picture)
        self.message.value = f"press {self.button.description}"


def png(picture):
    """The bytes of a PIL image as a PNG file."""
    buffer = io.BytesIO()
    picture.save(buffer, format="PNG")
    return buffer.getvalue()


def drawn(draw, z, value_range):
    """uint8 images ``(N, H, W, 1 or 3)`` that the function ``draw`` makes of z ``(N, ...)``."""
    return images.to_uint8(np.asarray(draw(np.asarray(z, "float32")), "float32"), value_range)
