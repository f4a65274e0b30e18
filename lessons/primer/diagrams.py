"""Boxes and arrows: the GAN, a graph of gradients, the map of the course.

Every function returns the matplotlib ``Figure``.
"""

import itertools

from matplotlib.colors import to_rgb
from matplotlib.patches import FancyArrowPatch, FancyBboxPatch

from helpers import checking
from helpers.plotting.canvas import BLACK, BLUE, GRAY, GREEN, ORANGE, PURPLE, RED, SKY, new_figure

# Boxes of the map: text, column, row, color. A lesson points to those that build on it.
COURSE = {
    "00": ("00  Start here\nthe words, in pictures", 0, 2, GRAY),
    "01": ("01  DCGAN\nhandwritten digits", 1, 0, BLUE),
    "02": ("02  DCGAN\ncolor images", 2, 0, BLUE),
    "03": ("03  Conditional GAN\nimages on demand", 2, 1, BLUE),
    "04": ("04  Autoencoders, VAE\nsqueeze, clean, invent", 1, 2, GREEN),
    "05": ("05  DeepDream\nwhat a layer sees", 1, 3, ORANGE),
    "06": ("06  Style transfer\na photo, painted", 2, 3, ORANGE),
    "07": ("07  GAN clinic\nfailures and cures", 3, 0, RED),
    "08": ("08  Latent space\nwalk and steer", 3, 1.5, PURPLE),
}
COURSE_ARROWS = ("00 > 01 > 02 > 07", "00 > 04 > 08", "00 > 05 > 06", "01 > 03 > 08")

# The label in orange, what is trained in the color of its network.
LABEL_FORMS = {
    "generator": (
        {
            "label": (0.8, 1.6, "label y\n7", ORANGE),
            "vector": (2.7, 1.6, "vector e(y)\none a class", BLUE),
            "z": (2.7, 0.5, "noise z", GRAY),
            "joined": (4.6, 1.05, "joined", GRAY),
            "rest": (6.4, 1.05, "dense and\nconvolutions", BLUE),
            "image": (8.2, 1.05, "image\n28 x 28", SKY),
        },
        ("label > vector > joined > rest > image", "z > joined"),
    ),
    "planes": (
        {
            "label": (0.8, 1.6, "label y\n7", ORANGE),
            "planes": (2.7, 1.6, "10 planes\n28 x 28 x 10", ORANGE),
            "image": (2.7, 0.5, "image x\n28 x 28 x 1", SKY),
            "joined": (4.7, 1.05, "joined\n28 x 28 x 11", GRAY),
            "rest": (6.6, 1.05, "convolutions\nand dense", RED),
            "logit": (8.2, 1.05, "one logit", GRAY),
        },
        ("label > planes > joined > rest > logit", "image > joined"),
    ),
    "projection": (
        {
            "label": (0.8, 1.7, "label y\n7", ORANGE),
            "vector": (3.9, 1.7, "vector v(y)\none a class", RED),
            "image": (0.8, 0.5, "image x\n28 x 28", SKY),
            "rest": (2.3, 0.5, "convolutions\nand dense", RED),
            "features": (4.2, 0.5, "features\nf(x)", GRAY),
            "dot": (5.9, 1.7, "dot product\nf(x) . v(y)", RED),
            "plain": (6.3, 0.5, "dense, 1\nreal at all?", RED),
            "logit": (8.2, 1.1, "sum: logit", GRAY),
        },
        (
            "label > vector > dot > logit",
            "image > rest > features > plain > logit",
            "features > dot",
        ),
    ),
    "auxiliary": (
        {
            "image": (0.8, 1.05, "image x\n28 x 28", SKY),
            "rest": (2.6, 1.05, "convolutions\nand dense", RED),
            "logit": (4.8, 0.5, "one logit\nreal or fake?", GRAY),
            "classes": (4.8, 1.6, "10 logits\nwhich class?", GRAY),
            "label": (8.2, 1.6, "label y\n7", ORANGE),
            "loss": (6.7, 1.6, "compared", RED),
        },
        ("image > rest > logit", "rest > classes > loss", "label > loss"),
    ),
}


def diagram(boxes, arrows, *, width=8.0, height=3.0, title=None):
    """Draw boxes joined by arrows.

    Args:
        boxes: ``{name: (x, y, text, color)}``, the center in inches from the lower left corner.
        arrows: chains of names of boxes, such as ``("z > generator > image", "data > image")``.
        width, height: of the drawing, inches.
        title: line above it.

    Raises:
        ValueError: an arrow from or to a box that is not there.
    """
    figure, axes = new_figure(width, height)
    ax = axes[0, 0]
    ax.set(xlim=(0, width), ylim=(0, height), aspect="equal")
    ax.set_axis_off()
    patches = {name: _box(ax, *box) for name, box in boxes.items()}
    for chain in arrows:
        for start, end in itertools.pairwise(chain.split(" > ")):
            _arrow(ax, *(patches[checking.choice(name, "box", boxes)] for name in (start, end)))
    if title:
        ax.set_title(title, fontsize=11)
    return figure


def gan_diagram():
    """The two networks of a GAN, what flows forward and which answer teaches which network.

    Source: Goodfellow et al. 2014 (arXiv:1406.2661); lab_primer.
    """
    boxes = {
        "z": (0.7, 1.2, "noise z", GRAY),
        "generator": (2.4, 1.2, "generator\nG", BLUE),
        "fake": (4.3, 1.2, "fake image\nG(z)", SKY),
        "data": (2.4, 2.7, "training\ndata", GRAY),
        "real": (4.3, 2.7, "real image\nx", GREEN),
        "discriminator": (6.2, 1.95, "discriminator\nD", RED),
        "answer": (8.2, 1.95, "real or\nfake?", ORANGE),
    }
    arrows = ("z > generator > fake > discriminator > answer", "data > real > discriminator")
    figure = diagram(boxes, arrows, width=9.0, height=3.4)
    ax = figure.axes[0]
    _elbow(ax, [(8.2, 2.29), (8.2, 2.8), (6.2, 2.8), (6.2, 2.3)], RED)
    ax.text(7.2, 2.88, "D learns to answer right", ha="center", fontsize=9, color=RED)
    _elbow(ax, [(8.2, 1.61), (8.2, 0.35), (2.4, 0.35), (2.4, 0.85)], BLUE)
    ax.text(5.3, 0.43, "G learns to make D answer wrong", ha="center", fontsize=9, color=BLUE)
    return figure


def label_diagram(form):
    """Where the label enters: ``generator``, ``planes``, ``projection`` or ``auxiliary``.

    Sources: Mirza & Osindero 2014 (arXiv:1411.1784), Miyato & Koyama 2018 (arXiv:1802.05637),
    Odena et al. 2016 (arXiv:1610.09585). Taught in notebook 03.
    """
    checking.choice(form, "form", LABEL_FORMS)
    return diagram(*LABEL_FORMS[form], width=9.0, height=2.2)


def gradient_graph(steps, *, title=None):
    """A chain of computations: values flow right (black), gradients flow back (red).

    Args:
        steps: ``(name, value, gradient)`` in order of the computation; ``gradient`` is that of
            the last value with respect to this one.
        title: line above the drawing.
    """
    spacing = 9.0 / checking.whole(len(steps), "the number of steps")
    boxes = {
        str(index): ((index + 0.5) * spacing, 0.95, f"{name}\n{value:.3f}", GRAY)
        for index, (name, value, _) in enumerate(steps)
    }
    figure = diagram(boxes, [" > ".join(boxes)], width=9.0, height=1.7, title=title)
    ax = figure.axes[0]
    for index, (_, _, gradient) in enumerate(steps):
        center = (index + 0.5) * spacing
        ax.text(center, 0.33, f"{gradient:.3f}", ha="center", color=RED, fontsize=10)
        if index:
            tip, tail = (center - spacing + 0.35, 0.38), (center - 0.35, 0.38)
            ax.annotate("", tip, tail, arrowprops={"arrowstyle": "->", "color": RED})
    return figure


def course_map():
    """The nine notebooks and which builds on which."""
    boxes = {
        name: (1.1 + 2.3 * column, 3.2 - 0.9 * row, text, color)
        for name, (text, column, row, color) in COURSE.items()
    }
    return diagram(boxes, COURSE_ARROWS, width=9.0, height=3.7)


def _box(ax, x, y, text, color):
    """A rounded box around a text; sized by its longest line, so that nothing sticks out."""
    lines = text.split("\n")
    width, height = 0.2 + 0.078 * max(map(len, lines)), 0.28 + 0.19 * len(lines)
    corner, pale = (x - width / 2, y - height / 2), [0.82 + 0.18 * part for part in to_rgb(color)]
    style = {"facecolor": pale, "edgecolor": color, "linewidth": 1.6, "zorder": 2}
    style["boxstyle"] = "round,pad=0,rounding_size=0.08"
    ax.text(x, y, text, ha="center", va="center", fontsize=9.5, zorder=3)
    return ax.add_patch(FancyBboxPatch(corner, width, height, **style))


def _arrow(ax, start, end):
    ends = (patch.get_bbox().get_points().mean(axis=0) for patch in (start, end))
    style = {"arrowstyle": "-|>", "mutation_scale": 13, "color": BLACK, "zorder": 1}
    ax.add_patch(FancyArrowPatch(*ends, patchA=start, patchB=end, shrinkA=1, shrinkB=1, **style))


def _elbow(ax, points, color):
    """A dashed line with corners that ends in an arrow."""
    ax.plot(*zip(*points[:-1], strict=True), "--", color=color, lw=1.2, zorder=1)
    style = {"arrowstyle": "-|>", "linestyle": "--", "color": color, "mutation_scale": 13}
    ax.add_patch(FancyArrowPatch(*points[-2:], shrinkA=0, shrinkB=0, zorder=1, **style))
