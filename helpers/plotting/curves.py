"""Numbers against time: losses, quality figures, shares of the classes."""

import itertools

import numpy as np

from helpers.plotting.canvas import GRAY, PAGE_WIDTH, PALETTE, RED, new_figure, one_each, tidy


def loss_curves(
    history, *, keys=None, labels=None, title=None, x_label="epoch", reference=None, log=False
):
    """Draw what ``fit`` logged, one point an epoch.

    Args:
        history: a dict of lists (``fit(...).history``), the ``History`` itself, or a list of
            either to compare runs: then there is one panel a key and one line a run.
        keys: which entries to draw; all by default. A ``val_`` entry is drawn dashed in the
            color of its training curve.
        labels: names of the runs, when ``history`` is a list.
        title: line above the figure.
        x_label: what one entry stands for.
        reference: ``{text: value}`` drawn as dotted horizontal lines.
        log: logarithmic vertical axis.

    Returns the matplotlib ``Figure``; nothing to draw, unknown keys, or labels that do not fit the
    runs are a ``ValueError``.
    """
    several = isinstance(history, (list, tuple))
    runs = [_entries(run) for run in (history if several else [history])]
    if not runs:
        raise ValueError("history is an empty list: there is no run to draw")
    keys = _keys(runs, keys)
    if labels is not None and len(labels) != len(runs):
        raise ValueError(f"labels must name {len(runs)} runs, got {len(labels)}")
    if several:
        labels = labels or [f"run {index + 1}" for index in range(len(runs))]
        named = list(zip(labels, runs, strict=True))
        panels = {key: {label: run[key] for label, run in named if key in run} for key in keys}
        columns, rows = min(len(keys), 3), -(-len(keys) // 3)
        size = min(PAGE_WIDTH, 4.5 * len(keys)), 2.9 * rows
    else:
        panels = {"value": {key: runs[0][key] for key in keys}}
        columns, rows, size = 1, 1, (0.75 * PAGE_WIDTH, 3.2)
    figure, axes = new_figure(*size, rows, columns)
    for ax in axes.flat[len(panels) :]:
        ax.set_axis_off()
    colors = _colors(labels if several else keys)
    for ax, (y_label, curves) in zip(axes.flat, panels.items(), strict=False):
        for label, values in curves.items():
            style = "--" if label.startswith("val_") else "-"
            marker = "o" if len(values) < 15 else None
            epochs = np.arange(1, len(values) + 1)
            ax.plot(epochs, values, style, color=colors[label], label=label, marker=marker, ms=3.5)
        _finish(ax, x_label, y_label, reference, log)
    if title:
        figure.suptitle(title, fontsize=11)
    return figure


def quality_curves(rows, *, keys=("frechet", "coverage", "confident"), x="epoch", targets=None):
    """Small multiples of quality figures, one panel for each figure.

    Args:
        rows: a list of dicts, one for each time of measuring, each holding ``x`` and the
            ``keys``; or ``{name: such a list}`` to compare runs.
        keys: the figures to draw.
        x: entry of the horizontal axis, ``"epoch"`` or ``"seconds"``.
        targets: ``{key: value}`` drawn as dotted lines, for example what real images score.

    Returns the matplotlib ``Figure``, one axes a key; no rows, or rows without ``x`` or one of the
    keys, are a ``ValueError``.
    """
    runs = rows if isinstance(rows, dict) else {"": rows}
    for name, run in runs.items():
        if not run:
            raise ValueError(f"no rows to draw{' for ' + repr(name) if name else ''}")
        missing = {key for row in run for key in (x, *keys) if key not in row}
        if missing:
            raise ValueError(f"rows lack {sorted(missing)}; the first holds {sorted(run[0])}")
    figure, axes = new_figure(PAGE_WIDTH, 2.6, 1, len(keys))
    for ax, key in zip(axes[0], keys, strict=True):
        for (name, run), color in zip(runs.items(), itertools.cycle(PALETTE), strict=False):
            numbers = [row[key] for row in run]
            ax.plot([row[x] for row in run], numbers, "o-", ms=3, color=color, label=name)
        if targets and key in targets:
            ax.axhline(targets[key], color=GRAY, linestyle=":")
        ax.set(title=key, xlabel=x)
        ax.set_ylim(bottom=0)
        tidy(ax)
    if len(runs) > 1:
        axes[0, 0].legend(frameon=False, fontsize=9)
    return figure


def class_bars(shares, class_names, *, band=None, title=None):
    """Share of each class as a bar; bars outside ``band`` are colored as a warning.

    Args:
        shares: one number in [0, 1] for each class.
        class_names: as many names.
        band: ``(low, high)`` that a healthy share keeps to, shaded.
        title: line above the figure.

    Returns the matplotlib ``Figure``; counts that differ or shares outside [0, 1] are a
    ``ValueError``.
    """
    shares = one_each(shares, class_names, "shares")
    if not ((shares >= 0) & (shares <= 1)).all():
        raise ValueError(f"shares must lie in [0, 1], got {shares.min():.3g} to {shares.max():.3g}")
    low, high = band if band is not None else (0.0, 1.0)
    figure, axes = new_figure(0.75 * PAGE_WIDTH, 2.8)
    ax = axes[0, 0]
    colors = [PALETTE[0] if low <= share <= high else RED for share in shares]
    bars = ax.bar(range(len(shares)), 100 * shares, color=colors)
    ax.bar_label(bars, fmt="%.0f", fontsize=8, padding=1)
    if band is not None:
        ax.axhspan(100 * low, 100 * high, color="0.9", zorder=0)
    ax.set_xticks(range(len(shares)), [str(name) for name in class_names])
    if max(len(str(name)) for name in class_names) > 4:
        ax.tick_params(axis="x", rotation=35)
    ax.set_ylabel("share in %")
    ax.spines[["top", "right"]].set_visible(False)
    if title:
        ax.set_title(title, fontsize=11)
    return figure


def _entries(history):
    """The dict of lists of one run, without empty entries."""
    entries = getattr(history, "history", history)
    if not isinstance(entries, dict):
        raise ValueError(
            f"history must be a dict of lists, a Keras History or a list of those, "
            f"got {type(history).__name__}"
        )
    return {key: np.asarray(values, dtype=float) for key, values in entries.items() if len(values)}


def _keys(runs, keys):
    known = list(dict.fromkeys(key for run in runs for key in run))
    if not known:
        raise ValueError("history holds no values: nothing was trained yet")
    unknown = [key for key in keys or () if any(key not in run for run in runs)]
    if unknown:
        raise ValueError(f"history has no {unknown}; it holds {known}")
    return list(keys) if keys else known


def _colors(labels):
    """One color for each curve, shared by a training curve and its ``val_`` curve."""
    names = dict.fromkeys(label.removeprefix("val_") for label in labels)
    by_name = dict(zip(names, itertools.cycle(PALETTE), strict=False))
    return {label: by_name[label.removeprefix("val_")] for label in labels}


def _finish(ax, x_label, y_label, reference, log):
    for text, value in (reference or {}).items():
        ax.axhline(value, color=GRAY, linestyle=":", label=text)
    ax.set(xlabel=x_label, ylabel=y_label)
    ax.xaxis.get_major_locator().set_params(integer=True)
    if log:
        ax.set_yscale("log")
    tidy(ax)
    ax.legend(frameon=False, fontsize=9)
