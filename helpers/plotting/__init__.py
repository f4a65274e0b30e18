"""Pictures of the course: image grids, curves, and the drawings of the primer.

Every function returns the matplotlib ``Figure`` that it drew. Functions that draw images take
their ``value_range`` explicitly and refuse images that do not fit it: a guessed range is the
classic way to look at the wrong picture.

The figures belong to pyplot, so a notebook shows them at the end of the cell; end the call with a
semicolon, or the figure appears twice. Code outside a notebook should ``plt.close(figure)``.
Importing this package does not import TensorFlow.
"""

from helpers.plotting.classes import class_panels, confusion
from helpers.plotting.clinic import (
    chart,
    density,
    game_panels,
    line_game,
    remedies,
    run_panels,
    surface_frames,
    surface_panels,
)
from helpers.plotting.curves import class_bars, loss_curves, quality_curves
from helpers.plotting.diagrams import (
    course_map,
    diagram,
    gan_diagram,
    gradient_graph,
    label_diagram,
)
from helpers.plotting.grids import grid_panels, neighbors, show_grid
from helpers.plotting.latent import anomaly_panels, labeled_curve, latent_maps
from helpers.plotting.lessons import (
    answers,
    bar_panels,
    descent_paths,
    line_panels,
    linear_fit,
    reading_rows,
    scatter_classes,
    two_views,
)
from helpers.plotting.numbers import (
    convolution_steps,
    number_grids,
    padded_size,
    tensor_picture,
    transposed_steps,
    window_map,
)

__all__ = [
    "anomaly_panels",
    "answers",
    "bar_panels",
    "chart",
    "class_bars",
    "class_panels",
    "confusion",
    "convolution_steps",
    "course_map",
    "density",
    "descent_paths",
    "diagram",
    "game_panels",
    "gan_diagram",
    "gradient_graph",
    "grid_panels",
    "label_diagram",
    "labeled_curve",
    "latent_maps",
    "line_game",
    "line_panels",
    "linear_fit",
    "loss_curves",
    "neighbors",
    "number_grids",
    "padded_size",
    "quality_curves",
    "reading_rows",
    "remedies",
    "run_panels",
    "scatter_classes",
    "show_grid",
    "surface_frames",
    "surface_panels",
    "tensor_picture",
    "transposed_steps",
    "two_views",
    "window_map",
]
