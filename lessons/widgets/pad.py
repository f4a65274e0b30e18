"""A drawing pad: an outline drawn by hand goes through a network, and the painted picture appears.

``doodle_pad`` is the pad, ``read_doodle`` reads a photograph or a scan of a drawing instead. Both
give the network the same kind of image: a dark pen, -1, on white paper, 1. Taught in notebook 09.
"""

from pathlib import Path

import anywidget
import numpy as np
import traitlets
from PIL import Image, ImageDraw
from scipy import ndimage

from helpers import checking, images
from lessons.widgets.panel import Panel, png

SIDE = 256  # pixels of the paper on the screen
FINE = 4  # the pen is drawn this many times larger and averaged, which smooths its edges
DARK = 64  # a median gray below this is no paper
FAINT = 0.03  # contrast below which nothing was drawn


class Canvas(anywidget.AnyWidget):
    """Paper and pen in the browser, ``pad.js``; what it draws on comes from ``DoodlePad``.

    ``strokes``: ``{"width": w, "points": [[x, y], ...]}``; one without points is a fresh sheet.
    """

    _esm = Path(__file__).with_name("pad.js").read_text(encoding="utf-8")
    strokes = traitlets.List().tag(sync=True)
    pen = traitlets.Int(8).tag(sync=True)
    paper = traitlets.Bytes().tag(sync=True)
    painted = traitlets.Bytes().tag(sync=True)
    message = traitlets.Unicode().tag(sync=True)


class DoodlePad(Panel):
    """What ``doodle_pad`` returns; ``picture``, uint8 ``(size, size, 3)``, was painted last."""

    def __init__(self, paint, size, start):
        self.paint, self.size, self.start = paint, size, start
        self.canvas = Canvas(paper=png(Image.fromarray(start)), pen=max(2, SIDE // size))
        self._paint()
        self.canvas.observe(self._redraw, names="strokes")
        super().__init__([self.canvas])

    @property
    def doodle(self):
        """The drawing as ``paint`` gets it, float32 ``(1, size, size, 3)`` in [-1, 1]."""
        return rasterize(self.canvas.strokes, self.start, self.size)[None]

    def frame(self):
        """Drawing and painted picture side by side."""
        both = Image.new("RGB", (2 * SIDE + 12, SIDE), "white")
        drawing = images.to_uint8(rasterize(self.canvas.strokes, self.start, SIDE), (-1, 1))
        both.paste(Image.fromarray(drawing), (0, 0))
        both.paste(enlarged(self.picture), (SIDE + 12, 0))
        return both

    def _paint(self):
        painted, shape = self.paint(self.doodle), (1, self.size, self.size, 3)
        painted = checking.images(painted, shape, name="painted images")
        self.picture = images.to_uint8(painted, (-1, 1))[0]
        self.canvas.painted = png(enlarged(self.picture))

    def _redraw(self, change):
        try:
            self._paint()
        except Exception as error:  # in a callback it would end in a log that nobody reads
            self.canvas.message = f"{type(error).__name__}: {error}".splitlines()[0]
        else:
            self.canvas.message = ""

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        """The bundle of every panel, with what tells Colab to load a widget that isn't its own."""
        return super()._repr_mimebundle_(), self.canvas._repr_mimebundle_()[1]


def doodle_pad(paint, *, size=32, start=None):
    """A pad to draw an outline on, with a finger or a mouse, beside what a network makes of it.

    Errors while painting the first picture are raised, later ones written below the pad.

    Args:
        paint: function of a drawing, float32 ``(1, size, size, 3)``, white paper 1 and pen -1,
            -> image of the same shape, floats in [-1, 1] (what lies outside is clipped). It
            should take less than half a second.
        size: side of the drawing that ``paint`` gets, 8 to 256 pixels; the paper on the screen
            has 256, which are averaged.
        start: drawing on the paper at the beginning, uint8 ``(size, size, 3)``; blank unless given.

    Returns:
        ``DoodlePad``.

    Raises:
        ValueError: a size out of bounds, ``start`` or the painted image not as above.
    """
    size = checking.whole(size, "size", 8, SIDE)
    start = np.full((size, size, 3), 255, "uint8") if start is None else np.asarray(start)
    if start.shape != (size, size, 3) or start.dtype != np.uint8:
        raise ValueError(
            f"start must be uint8 of shape ({size}, {size}, 3), got {start.dtype} {start.shape}: "
            "images.resize and images.to_uint8 make it fit"
        )
    return DoodlePad(paint, size, start)


def rasterize(strokes, paper, side):
    """Strokes on paper, uint8 ``(H, W, 3)``, as float32 ``(side, side, 3)`` in [-1, 1].

    Both are area-averaged. Only what was drawn on the last sheet counts.
    """
    fresh = [index for index, stroke in enumerate(strokes) if not stroke["points"]]
    mask = Image.new("L", (SIDE * FINE, SIDE * FINE))
    draw = ImageDraw.Draw(mask)
    for stroke in strokes[fresh[-1] + 1 if fresh else 0 :]:
        points = [(FINE * x - 0.5, FINE * y - 0.5) for x, y in stroke["points"]]
        draw.line(points, fill=255, width=round(FINE * stroke["width"]))
        reach = FINE * stroke["width"] / 2 - 0.5  # both ends of Pillow's ellipses count
        for x, y in points:  # round ends and corners
            draw.ellipse((x - reach, y - reach, x + reach, y + reach), fill=255)
    ink = images.resize(np.asarray(mask, "float32") / 255, side, "area")[..., None]
    bright = 1.0 if fresh else images.resize(paper, side, "area").astype("float32") / 255
    return (2 * bright * (1 - ink) - 1) * np.ones(3, "float32")


def enlarged(picture):
    """uint8 ``(H, W, 3)`` as a PIL image that fills the square beside the paper."""
    return Image.fromarray(picture).resize((SIDE, SIDE), Image.Resampling.BICUBIC)


def read_doodle(source, size=32):
    """A photograph or a scan of a drawing, as the pad would have sent it.

    The middle square counts. Shadows are evened out, colors become gray, the darkest lines black.

    Args:
        source: path of a picture file of any size, or what else ``images.read`` takes.
        size: side of the result, 8 to 256 pixels.

    Returns:
        float32 ``(1, size, size, 3)``, paper 1 and pen -1.

    Raises:
        FileNotFoundError: no such file.
        ValueError: no readable picture, a dark one, one without a drawing, a size out of bounds.
    """
    size = checking.whole(size, "size", 8, SIDE)
    gray = Image.fromarray(images.read(source, largest=4 * SIDE)).convert("L")
    side = min(gray.size)
    left, top = (gray.width - side) // 2, (gray.height - side) // 2
    gray = np.asarray(gray.crop((left, top, left + side, top + side)), "float32")
    if np.median(gray) < DARK:
        raise ValueError("the picture is dark: draw with a dark pen on white paper, in good light")
    # The paper's own brightness, a quadratic: lines are filled, which fails at the margin.
    filled = images.resize(ndimage.grey_closing(gray, max(3, side // 4)), size, "area")
    y, x = np.mgrid[-1 : 1 : 1j * size, -1 : 1 : 1j * size]
    terms = np.stack([x**0, x, y, x * x, x * y, y * y], axis=-1)
    inner = np.maximum(abs(x), abs(y)) < 0.75
    paper = terms @ np.linalg.lstsq(terms[inner], filled[inner], rcond=None)[0]
    small = images.resize(gray, size, "area") / np.maximum(paper, 1)
    black, white = np.percentile(small, (2, 90))
    if white - black < FAINT:
        raise ValueError(
            f"no drawing found, contrast {white - black:.3f} of 1: draw large, with a thick pen"
        )
    scaled = np.interp(small, (black, 0.9 * white + 0.1 * black), (-1, 1))  # paper has a grain
    return np.repeat(scaled[None, ..., None], 3, axis=-1).astype("float32")
