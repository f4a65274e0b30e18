"""Sliders and menus above one picture, which is drawn again whenever one of them moves.

``Explorer`` is the general one: give it a function that draws and the controls of its arguments.
Images are clipped to their ``value_range``.
"""

import functools
import io

import ipywidgets
import matplotlib.pyplot as plt
import numpy as np
from PIL import Image

from helpers import images
from helpers.plotting.canvas import ORANGE, PAGE_WIDTH, new_figure
from lessons.widgets.panel import Panel, drawn, png

SCALE = 8  # pixels of the screen for each pixel of a generated image
LIMIT = 3.0  # of the sliders, on either side


class Explorer(Panel):
    """Controls, one picture below them, and the picture again as a static PNG.

    Args:
        draw: called with one value for each control, by name; returns a PIL image. It should
            take less than a tenth of a second.
        controls: ``{name: widget with a value}``.

    What ``draw`` raises for the first frame goes on; later errors are written below the picture.
    """

    def __init__(self, draw, controls):
        self.draw, self.controls = draw, dict(controls)
        self.picture = self._drawn()
        self.view = ipywidgets.Image(value=png(self.picture), format="png")
        self.message = ipywidgets.HTML()
        for control in self.controls.values():
            control.observe(self._redraw, names="value")
        super().__init__([*self.controls.values(), self.view, self.message])
        # The picture keeps its own size instead of being stretched to the page.
        self.view.layout = ipywidgets.Layout(width=f"{self.picture.width}px", max_width="100%")

    def frame(self):
        return self.picture

    def _drawn(self):
        return self.draw(**{name: control.value for name, control in self.controls.items()})

    def _redraw(self, change):
        try:
            self.picture = self._drawn()
        except Exception as error:  # in a callback it would end in a log that nobody reads
            self.message.value = f"{type(error).__name__}: {error}"
            return
        self.message.value = ""
        self.view.value = png(self.picture)


def class_picker(generate, class_names, latent_dim, *, value_range=(-1.0, 1.0)):
    """Ask a conditional generator: a class, two z, and the way between them.

    The chosen class stands large, beside it every class from the same z. Taught in notebook 03.

    Args:
        generate: function of z, float32 ``(N, latent_dim)``, and labels, int ``(N,)``, ->
            images ``(N, H, W, 1 or 3)``, such as ``ConditionalGAN.generate``.
        class_names: one word for each class, in the order of the labels.
        latent_dim: length of z.

    Returns:
        ``Explorer`` with the controls ``label``, ``z``, ``other_z`` and ``walk``.
    """
    labels = np.arange(len(class_names))

    def draw(label, z, other_z, walk):
        point = (1 - walk) * numbered_z(z, latent_dim) + walk * numbered_z(other_z, latent_dim)
        z = np.repeat(point[None], len(labels), axis=0)
        pictures = drawn(lambda z: generate(z, labels), z, value_range)
        large = images.sheet(pictures[[label]], 1, scale=SCALE, captions=[class_names[label]])
        columns, frames = -(-len(labels) // 2), {label: ORANGE}
        small = images.sheet(pictures, columns, scale=SCALE * 3 // 8, frames=frames)
        both = Image.new("RGB", (large.width + small.width + 12, large.height), "white")
        both.paste(large, (0, 0))
        both.paste(small, (large.width + 12, large.height - small.height))
        return both

    options = [(str(name), index) for index, name in enumerate(class_names)]
    controls = {
        "label": ipywidgets.Dropdown(options=options, value=0, description="class"),
        "z": ipywidgets.IntSlider(1, 0, 99, description="z number"),
        "other_z": ipywidgets.IntSlider(2, 0, 99, description="towards z"),
        "walk": ipywidgets.FloatSlider(0.0, min=0.0, max=1.0, step=0.05, description="walk"),
    }
    return Explorer(draw, controls)


def numbered_z(number, latent_dim):
    """z number ``number``: float32 ``(latent_dim,)``, standard normal, the same in every run."""
    return np.random.default_rng(number).normal(size=latent_dim).astype("float32")


def direction_explorer(draw, z, directions, *, names, value_range=(-1.0, 1.0)):
    """One slider for each direction; the picture of the moved z beside that of z itself.

    Args:
        draw: function of z, float32 ``(N, latent_dim)``, -> images ``(N, H, W, 1 or 3)``.
        z: where all sliders at 0 stand, ``(latent_dim,)``.
        directions: ``(K, latent_dim)``, such as ``directions.principal(...).vectors``.
        names: a word for each slider.

    Returns:
        ``Explorer`` with a slider from -3 to 3 for each name.

    Raises:
        ValueError: directions that do not fit z, or another number of names.
    """
    z, directions = np.asarray(z, "float32"), np.asarray(directions, "float32")
    wanted = (len(names), len(z))
    if directions.shape != wanted:
        found = directions.shape
        raise ValueError(f"directions must have shape {wanted}, one for each name, got {found}")

    def picture(**steps):
        moved = z + np.array([steps[name] for name in names], "float32") @ directions
        pair = drawn(draw, np.stack([z, moved]), value_range)
        return images.sheet(pair, 2, scale=SCALE, captions=["all sliders at 0", "moved"])

    return Explorer(picture, {name: slider(name) for name in names})


def plane_explorer(decode, points, labels, class_names):
    """Two sliders that move a cross over the latent plane; beside it, the decoded image.

    Taught in notebook 04.

    Args:
        decode: function of z, float32 ``(1, 2)``, -> one image ``(1, H, W, 1)`` in [0, 1].
        points: codes of real images, ``(N, 2)``, drawn as the map behind the cross.
        labels: ``(N,)`` ints, indices into ``class_names``.

    Returns:
        ``Explorer`` with the sliders z1 and z2.

    Raises:
        ValueError: points that are no plane.
    """
    points, labels = np.asarray(points), np.asarray(labels)
    if points.shape != (len(labels), 2):
        raise ValueError(f"points must have shape {(len(labels), 2)}, got {points.shape}")

    def draw(z1, z2):
        figure, axes = new_figure(0.8 * PAGE_WIDTH, 3.4, 1, 2)
        left, right = axes[0]
        _draw_map(left, points, labels, class_names)
        left.plot(z1, z2, "P", ms=13, color="k", mec="w")
        image = np.asarray(decode(np.array([[z1, z2]], "float32")))[0, :, :, 0]
        right.imshow(image, cmap="gray", vmin=0, vmax=1, interpolation="nearest")
        right.set_title(f"decoded from ({z1:.2f}, {z2:.2f})", fontsize=10)
        right.set_axis_off()
        return _from_figure(figure)

    return Explorer(draw, {name: slider(name) for name in ("z1", "z2")})


def _draw_map(ax, points, labels, class_names):
    """The plane behind the cross: a dot for each code, a name in the middle of each class."""
    ax.scatter(*points.T, s=3, c=labels, cmap="tab10", vmin=0, vmax=9, alpha=0.5)
    for index, name in enumerate(class_names):
        middle = np.median(points[labels == index], axis=0)
        ax.text(*middle, str(name), ha="center", va="center", weight="bold", clip_on=True)
    ax.set(xlim=(-LIMIT, LIMIT), ylim=(-LIMIT, LIMIT), xlabel="z1", ylabel="z2")
    ax.set_box_aspect(1)


def slider(name):
    """From ``-LIMIT`` to ``LIMIT``."""
    return ipywidgets.FloatSlider(0.0, min=-LIMIT, max=LIMIT, step=0.1, description=name)


def noise_slider(draw, levels, *, start):
    """One slider over a few fixed levels of noise; each level's picture is drawn once.

    Args:
        draw: function of a level -> matplotlib figure.
        levels: numbers, mildest first.
        start: the level shown first, one of them.
    """
    control = ipywidgets.SelectionSlider(options=levels, value=start, description="noise")
    once = functools.cache(lambda level: _from_figure(draw(level)))
    return Explorer(once, {"level": control})


def _from_figure(figure):
    """A matplotlib figure as a PIL image; the figure is closed."""
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=90)
    plt.close(figure)
    return Image.open(buffer).convert("RGB")
