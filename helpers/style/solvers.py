"""Three ways downhill: L-BFGS (SciPy's), Adam and SGD (Keras's). All keep pixels in [0, 255]."""

import keras
import numpy as np
import tensorflow as tf
from scipy import optimize

FIRST_MOVE = 4.0  # root mean square of the first step of L-BFGS, pixel values
MIDDLE, EDGE = 127.5, 0.4  # at 0 and 255 themselves a sine has no slope; 0.4 rounds to 0
MEMORY = 8  # steps from which L-BFGS guesses the curvature
RATES = {"adam": 12.0, "sgd": 100.0}  # of Adam in pixel values a step, of SGD as in SPEC Z1


def minimise(objective, image, optimizer, iterations, *, report, free=None, rate=None, decay=None):
    """Move a picture downhill.

    Args:
        objective: ``Objective``, or any function of a picture that returns loss, parts, gradient.
        image: float32 ``(H, W, 3)`` in [0, 255], where to start.
        optimizer: ``"lbfgs"``, ``"adam"`` or ``"sgd"``.
        iterations: how many steps.
        report: called as ``report(image, loss, parts)`` before the first step and after each.
        free: float32 ``(H, W, 1)`` in [0, 1] by which gradients are multiplied; all 1 if ``None``.
        rate: learning rate of Adam or SGD, ``RATES`` unless given.
        decay: factor by which the rate falls every 100 steps; none unless given.

    Returns:
        the picture after the last step, float32 ``(H, W, 3)``.
    """
    if free is not None:
        objective = _held(objective, free)
    if optimizer == "lbfgs":
        return _lbfgs(objective, image, iterations, report)
    rate = RATES[optimizer] if rate is None else rate
    if decay is not None:
        rate = keras.optimizers.schedules.ExponentialDecay(rate, 100, decay)
    kinds = {"adam": keras.optimizers.Adam, "sgd": keras.optimizers.SGD}
    return _descend(objective, image, kinds[optimizer](rate), iterations, report)


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


def _held(objective, free):
    def partly(image):
        loss, parts, gradient = objective(image)
        return loss, parts, gradient * free

    return partly


def _descend(objective, image, optimizer, iterations, report):
    variable = tf.Variable(image, dtype=tf.float32)
    loss, parts, gradient = objective(variable)
    report(image, loss, parts)
    for _ in range(iterations):
        _move(variable, gradient, optimizer)
        loss, parts, gradient = objective(variable)
        report(variable.numpy(), loss, parts)
    return variable.numpy()


def _lbfgs(objective, image, iterations, report):
    """SciPy's L-BFGS on angles: a pixel is ``127.5 + 127.5 sin(angle)`` and so stays in its range.

    SciPy's own bounds do the same, but their bookkeeping takes longer than a network.
    """
    shape, last = image.shape, {}
    loss, parts, gradient = objective(image)
    report(image, loss, parts)
    # SciPy's first step has length 1, so choose a unit in which that makes sense.
    size = float(np.linalg.norm(gradient.astype("float64")))
    if not size > 0:  # already there
        return image
    unit = FIRST_MOVE * np.sqrt(image.size)
    scale = 1 / (unit * size)

    def pixels(flat):
        return (MIDDLE + MIDDLE * np.sin(unit * flat / MIDDLE)).reshape(shape).astype("float32")

    def evaluate(flat):
        loss, parts, gradient = objective(pixels(flat))
        last.update(loss=loss, parts=parts)
        slope = gradient.ravel() * np.cos(unit * flat / MIDDLE)
        return scale * loss, scale * unit * slope.astype("float64")

    def after(flat):
        report(pixels(flat), last["loss"], last["parts"])

    inside = np.clip(image.ravel().astype("float64"), EDGE, 255 - EDGE)
    found = optimize.minimize(
        evaluate, MIDDLE * np.arcsin((inside - MIDDLE) / MIDDLE) / unit, jac=True,
        method="L-BFGS-B", callback=after,
        options={"maxiter": iterations, "maxfun": 4 * iterations + 20, "maxcor": MEMORY,
                 "ftol": 0.0, "gtol": 0.0},
    )  # fmt: skip
    return pixels(found.x)
