"""The hands behind ``tools/make_styles.py``: each function paints one square picture.

A painter takes the side in pixels and a NumPy generator, and returns float ``(side, side, 3)``, RGB
in about [0, 1].
"""

from style_painters.brush import strokes, watercolor
from style_painters.lines import marbling, woodcut
from style_painters.stones import glass, mosaic

PAINTERS = {
    "glass": glass,
    "marbling": marbling,
    "mosaic": mosaic,
    "strokes": strokes,
    "watercolor": watercolor,
    "woodcut": woodcut,
}
