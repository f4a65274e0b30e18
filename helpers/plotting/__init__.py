"""Pictures of the course: image grids and curves.

Every function returns the matplotlib ``Figure`` that it drew. Functions that draw images take
their ``value_range`` explicitly and refuse images that do not fit it: a guessed range is the
classic way to look at the wrong picture.

The figures belong to pyplot, so a notebook shows them at the end of the cell; end the call with a
semicolon, or the figure appears twice. Code outside a notebook should ``plt.close(figure)``.
Importing this package does not import TensorFlow.
"""

import helpers
from helpers.plotting.curves import class_bars, loss_curves, quality_curves
from helpers.plotting.grids import neighbors, show_grid

# Loaded by the lessons that use them.
OTHERS = dict.fromkeys(
    ("bar_panels", "class_panels", "confusion", "grid_panels", "labeled_curve", "line_panels"),
    "panels",
)

__getattr__ = helpers.on_demand(__name__, OTHERS)
__all__ = [
    "class_bars",
    "loss_curves",
    "neighbors",
    "quality_curves",
    "show_grid",
    *OTHERS,
]
