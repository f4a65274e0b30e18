"""Front ends for looking into a network by hand: sliders and menus above one picture.

Each function returns an ipywidgets box whose first frame is also a plain PNG. Where a live kernel
and a widget manager are, the box appears; where they are not (GitHub, nbviewer, a notebook
converted to HTML, a test), the PNG stands in its place. Nothing here needs a kernel to be made.

``explorer`` is the general one: give it a function that draws and the controls of its arguments.
"""

import ipywidgets
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import images as pixels
from lessons.widgets import drawing


class Explorer(ipywidgets.VBox):
    """Controls, one picture below them, and the picture again as a static PNG.

    Made by ``explorer``. ``controls`` maps a name to its widget, ``frame`` is the PIL image that
    is shown, ``message`` the widget that holds the last error, if drawing failed.
    """

    # ipywidgets 7 would show the box by this method and leave the PNG out.
    _ipython_display_ = None

    def __init__(self, draw, controls):
        self.draw, self.controls = draw, dict(controls)
        self.frame = self._drawn()
        self.picture = ipywidgets.Image(value=drawing.png(self.frame), format="png")
        self.message = ipywidgets.HTML()
        for control in self.controls.values():
            control.observe(self._redraw, names="value")
        super().__init__([*self.controls.values(), self.picture, self.message])
        # The picture keeps its own size instead of being stretched to the page.
        self.picture.layout = ipywidgets.Layout(width=f"{self.frame.width}px", max_width="100%")

    def _drawn(self):
        frame = self.draw(**{name: control.value for name, control in self.controls.items()})
        if not isinstance(frame, Image.Image):
            raise ValueError(f"draw must return a PIL image, got {type(frame).__name__}")
        return frame

    def _redraw(self, change):
        try:
            self.frame = self._drawn()
        except Exception as error:  # in a callback it would end in a log that nobody reads
            self.message.value = f"{type(error).__name__}: {error}"
            return
        self.message.value = ""
        self.picture.value = drawing.png(self.frame)

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        """The live box and, for readers without one, its present frame as a PNG."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": drawing.png(self.frame),
            "text/plain": f"explorer of {', '.join(self.controls)}",
        }


def explorer(draw, **controls):
    """A box that redraws one picture whenever a control moves.

    Args:
        draw: called with one value for each control, by name; returns a PIL image. It should
            take less than a tenth of a second.
        controls: name -> an ipywidgets widget with a ``value``, or a short form: ``(low, high)``
            or ``(low, high, step)`` for a slider (whole numbers if all are whole), a list of
            words or ``(word, value)`` pairs for a menu.

    Returns:
        ``Explorer``; end the cell with it to show it.

    Raises:
        ValueError: no controls, a short form that is none of these, or ``draw`` returns
            something else than a PIL image. What ``draw`` itself raises for the first frame
            goes on; later errors are written below the picture.

    >>> widgets.explorer(draw, label=["trouser", "coat"], walk=(0.0, 1.0, 0.05))
    """
    if not controls:
        raise ValueError("an explorer needs at least one control, such as walk=(0.0, 1.0, 0.1)")
    return Explorer(draw, {name: _control(name, form) for name, form in controls.items()})


def class_picker(generate, class_names, latent_dim, *, value_range=(-1.0, 1.0), scale=8, seeds=99):
    """Ask a conditional generator: a class, two z, and the way between them.

    The chosen class stands large; beside it every class is drawn from the same z, so that it
    can be seen what the label changes and what z keeps. Taught in notebook 03.

    Args:
        generate: function of z, float32 ``(N, latent_dim)``, and labels, int ``(N,)``, that
            returns images ``(N, H, W, 1 or 3)`` in ``value_range``; for example
            ``ConditionalGAN.generate``.
        class_names: one word for each class, in the order of the labels.
        latent_dim: length of z.
        value_range: of the images; they are clipped to it.
        scale: screen pixels for each pixel of the large image.
        seeds: the sliders pick z number 0 to ``seeds``; number n is the same z everywhere.

    Returns:
        ``Explorer`` with the controls ``label``, ``z``, ``other_z`` and ``walk``.
    """
    labels = np.arange(len(class_names))

    def draw(label, z, other_z, walk):
        point = (1 - walk) * numbered_z(z, latent_dim) + walk * numbered_z(other_z, latent_dim)
        drawn = np.asarray(generate(np.repeat(point[None], len(labels), axis=0), labels))
        drawn = pixels.to_uint8(np.clip(drawn, *value_range), value_range)
        return _with_all(drawn, label, str(class_names[label]), scale)

    options = [(str(name), index) for index, name in enumerate(class_names)]
    return explorer(
        draw,
        label=ipywidgets.Dropdown(options=options, value=0, description="class"),
        z=ipywidgets.IntSlider(value=1, min=0, max=seeds, description="z number"),
        other_z=ipywidgets.IntSlider(value=2, min=0, max=seeds, description="toward z"),
        walk=ipywidgets.FloatSlider(value=0.0, min=0.0, max=1.0, step=0.05, description="walk"),
    )


def numbered_z(number, latent_dim):
    """z number ``number``: float32 ``(latent_dim,)``, standard normal, the same in every run."""
    return np.random.default_rng(number).normal(size=latent_dim).astype("float32")


def _control(name, form):
    """A widget for the short forms that ``explorer`` takes; widgets go through."""
    if isinstance(form, ipywidgets.Widget):
        return form
    numbers = isinstance(form, tuple) and all(isinstance(x, (int, float)) for x in form)
    if numbers and len(form) in (2, 3):
        whole = all(isinstance(x, int) for x in form)
        slider = ipywidgets.IntSlider if whole else ipywidgets.FloatSlider
        step = form[2] if len(form) == 3 else (1 if whole else (form[1] - form[0]) / 20)
        return slider(value=form[0], min=form[0], max=form[1], step=step, description=name)
    if isinstance(form, list) and form:
        return ipywidgets.Dropdown(options=form, description=name)
    raise ValueError(
        f"{name} must be a widget, (low, high), (low, high, step) or a list of choices, "
        f"got {form!r}"
    )


def _with_all(pictures, chosen, caption, scale):
    """One image large with a caption, all of them small in two rows beside it, one framed."""
    height, width = pictures.shape[1:3]
    small = max(1, scale * 3 // 8)
    columns, across, down = -(-len(pictures) // 2), width * small + 8, height * small + 8
    left, top = width * scale + 20, 24
    size = (left + columns * across, top + max(height * scale, 2 * down) + 4)
    sheet = Image.new("RGB", size, "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(16)
    draw.text((4, 2), caption, "black", font)
    draw.text((left + 4, 2), "the same z, all classes", "black", font)
    sheet.paste(drawing.enlarged(pictures[chosen], scale), (2, top))
    for index, picture in enumerate(pictures):
        x, y = left + index % columns * across + 4, top + index // columns * down + 4
        if index == chosen:
            box = (x - 4, y - 4, x + width * small + 3, y + height * small + 3)
            draw.rectangle(box, fill="#D55E00")
        sheet.paste(drawing.enlarged(picture, small), (x, y))
    return sheet
