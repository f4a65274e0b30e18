"""What the studios of notebooks 05 and 06 share: one button, one view, mistakes in words."""

from PIL import Image

from lessons.widgets import drawing


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
        self.view.value = drawing.png(Image.fromarray(picture))
