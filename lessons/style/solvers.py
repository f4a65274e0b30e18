"""Ways downhill: SciPy's L-BFGS and Keras's optimizers. All keep pixels in [0, 255]."""

import math

import numpy as np
import tensorflow as tf
from scipy import fft, optimize

FIRST_MOVE = 4.0  # root mean square of the first step of L-BFGS, pixel values
MIDDLE, EDGE = 127.5, 0.4  # at 0 and 255 themselves a sine has no slope; 0.4 rounds to 0
MEMORY = 12  # steps from which L-BFGS guesses the curvature
LARGE = 400_000  # pixels from which that would be too much to remember
LARGE_MEMORY, LARGE_SHARE = 3, 0.75  # then: so many steps, and this share of the waves each way
FALL = 0.6  # with which power of the frequency L-BFGS's steps become smaller


def minimize(objective, image, optimizer, iterations, *, report, free=None):
    """Move a picture, float32 ``(H, W, 3)`` in [0, 255], downhill.

    Args:
        objective: ``Objective``, or any function of a picture that returns loss, parts, gradient.
        image, optimizer, iterations: as in ``transfer``; of a Keras optimizer a copy is used.
        report: called as ``report(image, loss, parts)`` before the first step and after each.
        free: float32 ``(H, W, 1)`` in [0, 1] by which steps are multiplied; all 1 if ``None``.
    """
    if isinstance(optimizer, str):
        _lbfgs(objective, image, iterations, report, free)
        return
    optimizer = type(optimizer).from_config(optimizer.get_config())
    variable = tf.Variable(image, dtype=tf.float32)
    for step in range(iterations + 1):
        loss, parts, gradient = objective(variable)
        report(variable.numpy(), loss, parts)
        if step < iterations:
            _move(variable, gradient if free is None else gradient * free, optimizer)


def transfer_step(image, loss, optimizer):
    """One step downhill. Written in notebook 06.

    Args:
        image: ``tf.Variable``, float32 ``(H, W, 3)``, moved in place and kept in [0, 255].
        loss: function of a picture that returns a scalar tensor.
        optimizer: of Keras.

    Returns:
        the loss before the step, a scalar tensor.
    """
    with tf.GradientTape() as tape:
        value = loss(image)
    _move(image, tape.gradient(value, image), optimizer)
    return value


def _move(image, gradient, optimizer):
    optimizer.apply([tf.convert_to_tensor(gradient)], [image])
    image.assign(tf.clip_by_value(image, 0.0, 255.0))


def _lbfgs(objective, image, iterations, report, free):
    """SciPy's L-BFGS on angles: a pixel is ``127.5 + 127.5 sin(angle)`` and so stays in its range.

    SciPy's own bounds do the same, but their bookkeeping takes longer than a network. The angles
    are moved by waves (cosine transform), slow waves further than fast ones: a loss of this kind
    is steep for fine detail and flat for large shapes, and evening that out saves most of the way.
    """
    size, last, large = image.shape[:2], {}, image[..., 0].size >= LARGE
    loss, parts, gradient = objective(image)
    report(image, loss, parts)
    begun = np.arcsin((np.clip(image, EDGE, 255 - EDGE) - MIDDLE) / MIDDLE).astype("float32")
    rows, columns = (math.ceil(LARGE_SHARE * side) if large else side for side in size)
    reach = _reach(*size)[:rows, :columns]

    def pixels(flat):
        waves = np.multiply(flat, unit, dtype="float32", casting="same_kind")
        waves = reach * waves.reshape(rows, columns, 3)
        moved = fft.idctn(waves, s=size, axes=(0, 1), norm="ortho", workers=2)
        angles = begun + (moved if free is None else free * moved)
        return MIDDLE + MIDDLE * np.sin(angles), MIDDLE * np.cos(angles)

    def slope(gradient, cosines):
        angular = gradient * cosines if free is None else free * gradient * cosines
        waves = fft.dctn(angular, axes=(0, 1), norm="ortho", workers=2)
        return reach * waves[:rows, :columns]

    # SciPy's first step has length 1, so choose a unit in which that makes sense.
    steepness = float(np.linalg.norm(slope(gradient, MIDDLE * np.cos(begun)).astype("float64")))
    if not steepness > 0:  # already there
        return
    unit = FIRST_MOVE / MIDDLE * np.sqrt(image.size)
    scale = 1 / (unit * steepness)

    def evaluate(flat):
        last["image"], cosines = pixels(flat)
        last["loss"], last["parts"], gradient = objective(last["image"])
        waves = slope(gradient, cosines)
        waves *= np.float32(scale * unit)
        return scale * last["loss"], waves.ravel().astype("float64")

    # SciPy calls this when it has accepted what it evaluated last.
    optimize.minimize(
        evaluate, np.zeros(rows * columns * 3), jac=True, method="L-BFGS-B",
        callback=lambda _: report(last["image"], last["loss"], last["parts"]),
        options={"maxiter": iterations, "maxfun": 4 * iterations + 20, "ftol": 0.0, "gtol": 0.0,
                 "maxcor": LARGE_MEMORY if large else MEMORY},
    )  # fmt: skip


def _reach(height, width):
    """How far a step moves each wave, float32 ``(H, W, 1)`` with root mean square 1.

    Frequencies are counted in cycles per picture, so that small pictures and large ones agree.
    """
    longer = max(height, width)
    rows, columns = np.arange(height) / height, np.arange(width) / width
    frequency = np.hypot(rows[:, None], columns[None, :]) * longer / 2
    reach = (1 + frequency) ** -FALL
    return (reach / np.sqrt(np.mean(reach**2)))[..., None].astype("float32")
