"""Small images with their numbers printed on the pixels: the arithmetic of layers, made visible.

What a convolution and a transposed convolution do to a small image, step by step (notebook 00).
Every picture is a matplotlib ``Figure``. Source: slides_convolutions.
"""

import numpy as np
from matplotlib.patches import Rectangle

from helpers.plotting.canvas import BLUE, GRAY, ORANGE, PAGE_WIDTH, new_figure

MAX_SIDE = 16  # more numbers than this in a row cannot be read
CENTERED = {"ha": "center", "va": "center"}


def number_grids(
    arrays, *, titles, value_range=None, symbols=None, boxes=None, cmap="gray", height=2.4
):
    """Draw matrices in one row, each number on its pixel.

    Args:
        arrays: matrices, at most 16 x 16; NaN leaves a cell empty.
        titles: one text for each matrix.
        value_range: ``(low, high)`` drawn as black and white for all of them; by default each
            matrix spans its own values, since the numbers are there to be read.
        symbols: texts between neighboring matrices, such as ``["x", "="]``.
        boxes: ``{matrix index: [(row, column, height, width), ...]}`` framed in orange.
        cmap: color map.
        height: of the figure, inches.

    Raises:
        ValueError: an array is no matrix or too large.
    """
    arrays = [_matrix(array) for array in arrays]
    ratios = [array.shape[1] for array in arrays]
    width = min(PAGE_WIDTH, sum(ratio * 0.45 for ratio in ratios) + 0.6 * len(arrays))
    figure, axes = new_figure(width, height, 1, len(arrays), width_ratios=ratios)
    _titles(axes[0], titles)
    for index, (ax, array) in enumerate(zip(axes[0], arrays, strict=True)):
        _draw_numbers(ax, array, value_range, cmap)
        for box in (boxes or {}).get(index, ()):
            _frame(ax, *box)
    for ax, symbol in zip(axes[0][1:], symbols or (), strict=False):
        _symbol(ax, symbol)
    return figure


def tensor_picture(image, *, value_range, window):
    """A gray image with a frame, and the framed part with its numbers on the pixels.

    Args:
        image: ``(H, W)``.
        value_range: ``(low, high)``, drawn as black and white.
        window: ``(row, column, height, width)`` of the part to enlarge, at most 16 x 16.

    Raises:
        ValueError: the image is no matrix, or the window leaves it or is too large.
    """
    image = np.asarray(image)
    row, column, height, width = window
    part = image[row : row + height, column : column + width]
    if image.ndim != 2 or part.shape != (height, width):
        raise ValueError(f"window {window} does not lie in an image of shape {image.shape}")
    figure, axes = new_figure(PAGE_WIDTH, 4.2, 1, 2)
    low, high = value_range
    axes[0, 0].imshow(image, cmap="gray", vmin=low, vmax=high, interpolation="nearest")
    axes[0, 0].set(xlabel="column", ylabel="row")
    _frame(axes[0, 0], row, column, height, width)
    _draw_numbers(axes[0, 1], _matrix(part), value_range, "gray")
    inside = f"rows {row} to {row + height - 1}, columns {column} to {column + width - 1}"
    _titles(axes[0], (f"all {image.shape[0]} x {image.shape[1]} pixels", inside))
    return figure


def convolution_steps(image, kernel, output, positions):
    """One row of pictures for each chosen step of a convolution.

    Each row shows where the kernel lies, the kernel, the products, and the output so far.

    Args:
        image: ``(H, W)``, already padded if the convolution pads.
        kernel: ``(h, w)``.
        output: the whole result, ``(H - h + 1, W - w + 1)``.
        positions: ``(row, column)`` pairs of output cells, in the order of the sweep.

    Raises:
        ValueError: the output's shape does not fit, a position lies outside it, or its number
            is not the sum of the products.
    """
    image, kernel, output = _matrix(image), _matrix(kernel), _matrix(output)
    size = tuple(n - k + 1 for n, k in zip(image.shape, kernel.shape, strict=True))
    if output.shape != size:
        raise ValueError(f"output must have shape {size}, got {output.shape}")
    lines, widths = len(positions), [each.shape[1] for each in (image, kernel, kernel, output)]
    figure, axes = new_figure(PAGE_WIDTH, 2.3 * lines, lines, 4, width_ratios=widths)
    for line, (row, column) in zip(axes, positions, strict=True):
        if not (0 <= row < size[0] and 0 <= column < size[1]):
            raise ValueError(f"position {(row, column)} is outside the output {size}")
        _draw_step(line, image, kernel, output, (row, column))
    _titles(axes[0], ("image", "kernel", "products", "output so far"))
    return figure


def _draw_step(line, image, kernel, output, position):
    """One row of ``convolution_steps``, on its four axes."""
    row, column = position
    products = image[row : row + kernel.shape[0], column : column + kernel.shape[1]] * kernel
    if not np.isclose(products.sum(), output[row, column], atol=1e-4):
        raise ValueError(
            f"output{position} is {output[row, column]:.4g}, but the products sum to "
            f"{products.sum():.4g}"
        )
    _draw_numbers(line[0], image, None, "gray")
    _frame(line[0], row, column, *kernel.shape)
    _draw_numbers(line[1], kernel, None, "PuOr_r", symmetric=True)
    _draw_numbers(line[2], products, None, "PuOr_r", symmetric=True)
    order = np.arange(output.size).reshape(output.shape)
    done = np.where(order <= order[row, column], output, np.nan)
    limit = 2 * max(abs(output).max(), 1e-9)  # twice: pale colors under the numbers
    _draw_numbers(line[3], done, (-limit, limit), "PuOr_r")
    _frame(line[3], row, column, 1, 1)
    for ax, symbol in zip(line[1:], ("x", "=", f"sum {_text(products.sum())}"), strict=True):
        _symbol(ax, symbol)


def transposed_steps(image, kernel, *, stride=2):
    """A transposed convolution, one row of pictures for each input pixel.

    Each row shows the input pixel, its stamp (the kernel times that pixel, laid down ``stride``
    pixels further for every pixel of the input) and the sum of all stamps so far.

    Args:
        image: ``(H, W)``, few pixels: there is one row for each.
        kernel: ``(h, w)``.
        stride: distance between two stamps.

    The last sum is the result, of shape ``((H - 1) * stride + h, (W - 1) * stride + w)``.

    Raises:
        ValueError: the image has more than nine pixels.
    """
    image, kernel = _matrix(image), _matrix(kernel)
    if image.size > 9:
        raise ValueError(f"image has {image.size} pixels; at most 9 rows of pictures are readable")
    size = tuple((n - 1) * stride + k for n, k in zip(image.shape, kernel.shape, strict=True))
    height, widths = 1.75 * image.size + 0.3, [0.6 * size[1], size[1], size[1]]
    figure, axes = new_figure(0.9 * PAGE_WIDTH, height, image.size, 3, width_ratios=widths)
    corners = [(row * stride, column * stride) for row, column in np.ndindex(image.shape)]
    stamps = np.full((image.size, *size), np.nan)
    for stamp, (top, left), pixel in zip(stamps, corners, image.ravel(), strict=True):
        stamp[top : top + kernel.shape[0], left : left + kernel.shape[1]] = pixel * kernel
    totals = np.nancumsum(stamps, axis=0)
    limit = 1.5 * max(totals[-1].max(), 1e-9)  # pale colors under the numbers
    steps = zip(axes, np.ndindex(image.shape), corners, stamps, totals, strict=True)
    for line, (row, column), (top, left), stamp, total in steps:
        _draw_numbers(line[0], image, None, "gray")
        _frame(line[0], row, column, 1, 1)
        _draw_numbers(line[1], stamp, (0, limit), "Blues")
        _frame(line[1], top, left, *kernel.shape)
        _draw_numbers(line[2], total, (0, limit), "Blues")
        _symbol(line[1], f"{_text(image[row, column])} x kernel")
        _symbol(line[2], "add")
    _titles(axes[0], ("input", "its stamp", "sum so far"))
    return figure


def window_map(size, kernel_size, *, stride=1, padding="valid"):
    """Where a kernel stops on a square image, and the size of what comes out.

    Args:
        size: side of the image, 2 to 12.
        kernel_size: side of the kernel.
        stride: distance between two stops.
        padding: ``"valid"`` (none) or ``"same"`` (zeros, as Keras lays them: the output's side is
            ``ceil(size / stride)`` and the odd zero goes below and to the right).

    On the left the padded image with the kernel at its first stop and, below it, a bar for each
    stop of the first sweep; on the right the output in the colors of the bars.

    Raises:
        ValueError: sizes below 1, an unknown padding, or a kernel larger than the image.
    """
    before, after, out = padded_size(size, kernel_size, stride, padding)
    total = before + size + after
    figure, axes = new_figure(0.8 * PAGE_WIDTH, 3.6, 1, 2, width_ratios=[total, max(out, 4)])
    left, right = axes[0]
    for row, column in np.ndindex(total, total):
        inside = before <= row < before + size and before <= column < before + size
        shade = "0.82" if inside else "w"
        left.add_patch(Rectangle((column, row), 1, 1, fc=shade, ec="0.6", lw=0.5))
        if not inside:
            left.text(column + 0.5, row + 0.5, "0", fontsize=8, color="0.5", **CENTERED)
    left.add_patch(Rectangle((0, 0), kernel_size, kernel_size, fill=False, ec=ORANGE, lw=3))
    bar = total / 24  # height of a stop's bar, so that the bars never outgrow the image
    for stop in range(out):
        corner = (stop * stride + 0.06, total + 0.3 + 1.5 * bar * stop)
        color = (ORANGE, BLUE)[stop % 2]
        left.add_patch(Rectangle(corner, kernel_size - 0.12, bar, fc=color, ec="none"))
        right.add_patch(Rectangle((stop, 0), 1, 1, fc=color, ec="w"))
    for row, column in np.ndindex(out - 1, out):
        right.add_patch(Rectangle((column, row + 1), 1, 1, fc="0.82", ec="w"))
    left.set(xlim=(-0.2, total + 0.2), ylim=(total + 0.3 + 1.5 * bar * out, -0.2))
    right.set(xlim=(0, max(out, 4)), ylim=(max(out, 4), 0))
    asked = f'{size} x {size}, kernel {kernel_size}, stride {stride}, "{padding}"'
    _titles(axes[0], (asked, f"output {out} x {out}"))
    for ax in (left, right):
        ax.set_aspect("equal")
        ax.set_axis_off()
    return figure


def padded_size(size, kernel_size, stride, padding):
    """Zeros before, zeros after and the output's side for one axis of a convolution, as Keras.

    Raises ``ValueError`` as ``window_map`` says.
    """
    if min(size, kernel_size, stride) < 1:
        raise ValueError(f"sizes must be at least 1, got {size}, {kernel_size} and {stride}")
    if padding == "same":
        out = -(-size // stride)
        zeros = max((out - 1) * stride + kernel_size - size, 0)
        return zeros // 2, zeros - zeros // 2, out
    if padding != "valid":
        raise ValueError(f'padding must be "valid" or "same", got {padding!r}')
    if kernel_size > size:
        raise ValueError(f"a kernel of {kernel_size} does not fit into {size} pixels unpadded")
    return 0, 0, (size - kernel_size) // stride + 1


def _matrix(array):
    array = np.asarray(array, dtype=float)
    if array.ndim != 2 or 0 in array.shape or max(array.shape) > MAX_SIDE:
        most = f"at most {MAX_SIDE} x {MAX_SIDE}"
        raise ValueError(f"a number grid needs a matrix of {most}, got shape {array.shape}")
    return array


def _titles(axes, titles):
    for ax, title in zip(axes, titles, strict=True):
        ax.set_title(title, fontsize=10)


def _text(number):
    """At most two decimals, without trailing zeros and without a negative zero."""
    return f"{round(float(number), 2) + 0.0:.2f}".rstrip("0").rstrip(".")


def _draw_numbers(ax, array, value_range, cmap, symmetric=False):
    low, high = value_range or (np.nanmin(array), np.nanmax(array))
    if symmetric:
        high = 2 * max(abs(low), abs(high), 1e-9)  # twice: pale colors under the numbers
        low = -high
    picture = ax.imshow(array, cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
    size = 9 if max(array.shape) <= 8 else 7
    for (row, column), number in np.ndenumerate(array):
        if np.isnan(number):
            continue
        light = np.dot(picture.cmap(picture.norm(number))[:3], (0.3, 0.59, 0.11))
        color = "w" if light < 0.5 else "k"
        ax.text(column, row, _text(number), fontsize=size, color=color, **CENTERED)
    height, width = array.shape
    ax.hlines(np.arange(height + 1) - 0.5, -0.5, width - 0.5, color=GRAY, lw=0.5)
    ax.vlines(np.arange(width + 1) - 0.5, -0.5, height - 0.5, color=GRAY, lw=0.5)
    ax.set(xlim=(-0.6, width - 0.4), ylim=(height - 0.4, -0.6), xticks=[], yticks=[])
    ax.spines[:].set_visible(False)


def _frame(ax, row, column, height, width):
    style = {"fill": False, "ec": ORANGE, "lw": 3, "zorder": 5}
    ax.add_patch(Rectangle((column - 0.5, row - 0.5), width, height, **style))


def _symbol(ax, text):
    """Write an operator at the left of a panel; its room comes from the axis label."""
    ax.set_ylabel(text, rotation=0, ha="right", va="center", fontsize=11, labelpad=6)
