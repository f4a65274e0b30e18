"""Figures of notebook 07: games on a plane, players over points, patients and folk remedies.

Every function but ``density`` and ``surface_frames`` returns the matplotlib ``Figure``.
"""

import numpy as np

from helpers import images
from helpers.plotting.canvas import (
    BLACK,
    BLUE,
    GRAY,
    GREEN,
    ORANGE,
    PAGE_WIDTH,
    RED,
    new_figure,
    tidy,
)

REAL, FAKE = BLUE, RED  # the same two colors in all figures here
SURFACE = "PRGn"


def game_panels(field, paths, *, limit=2.0):
    """A vector field with the way of a game on it, one panel for each game.

    Args:
        field: function of points ``(..., 2)``: where the players want to move.
        paths: ``{title: path}``, each ``(T, 2)``; what leaves the panel is not drawn.
        limit: the panels show [-limit, limit] in both directions.
    """
    columns = min(len(paths), 3)
    lines = -(-len(paths) // columns)
    figure, axes = new_figure(PAGE_WIDTH, 3.1 * lines, lines, columns)
    ticks = np.linspace(-limit, limit, 11)
    grid = np.stack(np.meshgrid(ticks, ticks), axis=-1)
    arrows = field(grid)
    for ax in axes.flat[len(paths) :]:
        ax.set_axis_off()
    for ax, (title, path) in zip(axes.flat, paths.items(), strict=False):
        ax.quiver(*np.moveaxis(grid, -1, 0), *np.moveaxis(arrows, -1, 0), color="0.6", width=0.006)
        path = np.asarray(path)
        ax.plot(*path.T, color=BLUE, lw=1.2)
        ax.plot(*path[0], "o", color=ORANGE, ms=7, label="start")
        ax.plot(*path[-1], "s", color=RED, ms=6, label="end", clip_on=True)
        ax.plot(0, 0, "+", color=BLACK, ms=10, mew=1.5, label="equilibrium")
        ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal")
        ax.set_title(title, fontsize=10)
    axes[0, 0].legend(fontsize=8, loc="lower left", framealpha=0.9)
    for ax in axes[-1]:
        ax.set_xlabel("x, the generator")
    for row in axes:
        row[0].set_ylabel("y, the discriminator")
    return figure


def line_game(x, frames, p_data, best):
    """A 1-D GAN at some moments: densities above, D and the best D against this generator below.

    Args:
        x: ``(N,)``, ascending.
        frames: ``{title: (samples, probability)}``: points drawn by G ``(M,)``, D at ``x``.
        p_data: density of the data at ``x``.
        best: function of p_data and p_model at ``x``: the optimal D.
    """
    figure, axes = new_figure(PAGE_WIDTH, 4.4, 2, len(frames), sharex=True, sharey="row")
    for (above, below), (title, (samples, probability)) in zip(axes.T, frames.items(), strict=True):
        p_model = density(samples, x)
        above.fill_between(x, p_data, color=REAL, alpha=0.25, label="p_data")
        above.plot(x, p_model, color=FAKE, lw=1.5, label="p_model")
        above.set_title(title, fontsize=10)
        known = np.where(p_data + p_model > 0.02, best(p_data, p_model), np.nan)
        below.plot(x, known, color=GRAY, lw=3, label="best D")
        below.plot(x, probability, color=BLACK, lw=1.5, label="D")
        below.axhline(0.5, color=GRAY, linestyle=":")
        below.set(ylim=(0, 1), xlabel="x")
        for ax in (above, below):
            tidy(ax)
    axes[0, 0].set(ylabel="density", ylim=(0, 2.2 * float(np.max(p_data))))
    axes[1, 0].set_ylabel("probability of real")
    for ax in axes[:, 0]:
        ax.legend(frameon=False, fontsize=8)
    return figure


def density(samples, x):
    """Density of 1-D samples at ``x`` by a Gaussian kernel (Silverman's width)."""
    from scipy.stats import gaussian_kde

    samples = np.asarray(samples, dtype=float).ravel()
    if samples.std() < 1e-6:  # a generator that draws one number has no density to estimate
        return np.zeros_like(np.asarray(x, dtype=float))
    return gaussian_kde(samples, "silverman")(x)


def surface_panels(frames, real, *, extent):
    """D's surface with real points and samples, one panel for each moment.

    Args:
        frames: ``{title: (samples, probability)}``: points of G ``(M, 2)`` and D on a square
            grid, ``(size, size)``, rows from the lowest y up.
        real: real points ``(N, 2)``.
        extent: the panels show [-extent, extent].
    """
    figure, axes = new_figure(PAGE_WIDTH, PAGE_WIDTH / len(frames) + 0.35, 1, len(frames))
    box, options = (-extent, extent, -extent, extent), {"vmin": 0, "vmax": 1, "alpha": 0.8}
    for ax, (title, (samples, probability)) in zip(axes[0], frames.items(), strict=True):
        shade = ax.imshow(probability, SURFACE, origin="lower", extent=box, **options)
        ax.plot(*np.asarray(real).T, ".", color=REAL, ms=2, alpha=0.5)
        ax.plot(*np.asarray(samples).T, ".", color=FAKE, ms=2.5)
        ax.set(xlim=box[:2], ylim=box[2:], xticks=[], yticks=[], aspect="equal")
        ax.set_title(title, fontsize=10)
    figure.colorbar(shade, ax=axes[0, -1], label="D(x)", ticks=[0, 0.5, 1], shrink=0.8)
    return figure


def surface_frames(film, real, *, extent, size=360):
    """Frames of an animation of a 2-D GAN: uint8 arrays ``(size + 24, size, 3)``.

    Drawn with Pillow, many times faster than a figure each.

    Args:
        film: ``steps``, ``samples`` and ``probability`` as ``clinic.points.watch`` returns them.
        real, extent: as in ``surface_panels``.
        size: pixels.
    """
    from matplotlib import colormaps
    from PIL import Image, ImageDraw, ImageFont

    font, frames = ImageFont.load_default(15), []
    for step, samples, probability in zip(*film, strict=True):
        shade = colormaps[SURFACE](np.asarray(probability)[::-1])[..., :3]
        surface = Image.fromarray((255 * (0.2 + 0.8 * shade)).round().astype("uint8"))
        surface = surface.resize((size, size), Image.BILINEAR)
        draw = ImageDraw.Draw(surface)
        for points, color in ((real, REAL), (samples, FAKE)):
            for left, top in size / 2 * (1 + np.asarray(points) / extent * (1, -1)):
                draw.ellipse((left - 1.5, top - 1.5, left + 1.5, top + 1.5), fill=color)
        picture = Image.new("RGB", (size, size + 24), "white")
        picture.paste(surface, (0, 24))
        ImageDraw.Draw(picture).text((4, 3), f"step {step}", "black", font)
        frames.append(np.asarray(picture))
    return frames


def chart(cases):
    """Runs under each other: samples, losses, what D tells G, and the classes.

    Args:
        cases: ``{title: cases.Case}``.

    Each case has a row of four panels.
    """
    size = (PAGE_WIDTH, 2.15 * len(cases) + 0.2, len(cases), 4)
    figure, axes = new_figure(*size, width_ratios=[2.0, 1.2, 1.2, 1.2])
    highest = _loss_limit(cases.values())
    for line, (title, case) in zip(axes, cases.items(), strict=True):
        line[0].imshow(images.sheet(images.to_uint8(case.samples[:32], (-1, 1)), 8, gap=1))
        line[0].set(xticks=[], yticks=[])
        line[0].spines[:].set_visible(False)
        line[0].set_ylabel(title, fontsize=10)
        steps = np.arange(1, len(case.curves["d_loss"]) + 1)
        low = min(0.0, max(-highest, float(np.nanmin(case.curves["g_loss"]))))
        _curves(line[1], steps, case.curves, LOSSES, (low, highest), lw=0.8)
        _curves(line[2], case.history["step"], case.history, ("d_accuracy", "spread"), (0, 1.25))
        line[2].axhline(0.5, color=GRAY, linestyle=":", lw=1)
        line[2].set_yticks([0, 0.5, 1])
        _classes(line[3], case.shares)
    for ax, name in zip(axes[0], ("samples", "losses", "D and variety", "classes, %"), strict=True):
        ax.set_title(name, fontsize=10)
    for ax in axes[0, 1:3]:
        ax.legend(fontsize=8, loc="best", framealpha=0.8)
    for ax, name in zip(axes[-1, 1:], ("step", "step", "digit"), strict=True):
        ax.set_xlabel(name, fontsize=9)
    return figure


LOSSES = ("d_loss", "g_loss")
SERIES = {  # label and color
    "d_loss": ("d_loss", BLUE),
    "g_loss": ("g_loss", RED),
    "d_accuracy": ("D's accuracy", BLACK),
    "spread": ("spread of samples", GREEN),
    "change": ("change", ORANGE),
}


def _loss_limit(cases):
    """A limit that shows all usual losses and cuts those that explode."""
    values = np.concatenate([np.abs(case.curves[name]) for case in cases for name in LOSSES])
    values = values[np.isfinite(values)]
    return float(np.clip(1.1 * np.quantile(values, 0.99), 2.0, 12.0)) if len(values) else 2.0


def _curves(ax, steps, values, names, limits, lw=1.2):
    """Some of ``SERIES`` on one axes; ``None`` among the values leaves a gap."""
    for name in names:
        label, color = SERIES[name]
        ax.plot(steps, np.asarray(values[name], float), color=color, lw=lw, label=label)
    ax.set_ylim(limits)
    tidy(ax)


def _classes(ax, shares):
    low, high = 0.05, 0.15  # the share of a class that counts as healthy
    colors = [BLUE if low <= share <= high else RED for share in shares]
    ax.bar(range(len(shares)), 100 * np.asarray(shares), color=colors)
    ax.axhspan(100 * low, 100 * high, color="0.9", zorder=0)
    ax.set_xticks(range(len(shares)))
    ax.tick_params(labelsize=8)
    ax.spines[["top", "right"]].set_visible(False)


def run_panels(runs):
    """Curves of recorded runs, one row of three panels for each.

    Args:
        runs: ``{name: history}``, a history being lists of equal length: ``step``, ``d_loss``,
            ``g_loss``, ``d_accuracy``, ``spread``, ``change`` (``None`` where there is none yet).
    """
    figure, axes = new_figure(PAGE_WIDTH, 2.0 * len(runs) + 0.3, len(runs), 3, sharex="row")
    for line, (name, run) in zip(axes, runs.items(), strict=True):
        loss_limits = (min(0.0, *run["g_loss"]), max(3.0, *run["g_loss"]))
        _curves(line[0], run["step"], run, LOSSES, loss_limits, lw=1.5)
        _curves(line[1], run["step"], run, ("d_accuracy",), (0, 1.05), lw=1.5)
        line[1].axhline(0.5, color=GRAY, linestyle=":")
        top = max(1.3, *run["spread"])
        _curves(line[2], run["step"], run, ("spread", "change"), (0, top), lw=1.5)
        line[0].set_ylabel(f"run {name}", fontsize=11)
    for ax in axes[0]:
        ax.legend(frameon=False, fontsize=8)
    for ax in axes[-1]:
        ax.set_xlabel("step")
    return figure


def remedies(rows, *, x_label):
    """Median and range of a figure for each remedy, colored by verdict, the base as a line.

    Args:
        rows: dicts with ``label``, ``advice``, ``median``, ``low``, ``high``, ``verdict``; the
            base first.
        x_label: what the figure is; its axis is logarithmic.
    """
    colors = {"better": GREEN, "worse": RED, "no difference": GRAY, "unknown": GRAY, "": BLACK}
    figure, axes = new_figure(PAGE_WIDTH, 0.27 * len(rows) + 0.9)
    ax = axes[0, 0]
    for place, row in enumerate(rows):
        color = colors[row["verdict"]]
        ax.plot([row["low"], row["high"]], [place, place], color=color, lw=4, alpha=0.35)
        ax.plot(row["median"], place, "o", color=color, ms=6)
    ax.axvline(rows[0]["median"], color=GRAY, linestyle=":")
    names = [("" if row["advice"] == "use" else "✗ ") + row["label"] for row in rows]
    ax.set_yticks(range(len(rows)), names)
    ax.invert_yaxis()
    ax.set_xscale("log")
    for word in ("better", "worse", "no difference"):
        ax.plot([], [], "o", color=colors[word], label=word)
    ax.legend(fontsize=9, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3, frameon=False)
    ax.set_xlabel(x_label)
    ax.xaxis.set_major_formatter("{x:g}")
    ax.xaxis.set_minor_formatter("{x:g}")
    tidy(ax)
    return figure
