"""What the studios of notebooks 05 and 06 share: one button, one view, mistakes in words."""

import io

from PIL import Image


class Studio:
    """A subclass has ``doing``, ``make()`` and the widgets ``button``, ``message`` and ``view``."""

    doing = "working ..."

    def press(self, button=None):
        """What the button does. A mistake is written below it instead of being raised."""
        self.message.value, self.button.disabled = self.doing, True
        try:
            self.show(self.make())
            self.message.value = ""
        except ValueError as error:
            self.message.value = str(error)
        finally:
            self.button.disabled = False

    def show(self, picture):
        """Put a picture, uint8 ``(H, W, 3)``, into the view."""
        buffer = io.BytesIO()
        Image.fromarray(picture).save(buffer, "PNG")
        self.view.value = buffer.getvalue()
