"""The game of a GAN with two numbers instead of two networks, in NumPy.

``x`` plays the generator and makes ``f(x, y) = x * y`` small, ``y`` plays the discriminator and
makes it large. The only equilibrium is (0, 0). With f = x * y this is the Dirac GAN of Mescheder
et al. 2018 (arXiv:1801.04406) close to its equilibrium. lecture_games; taught in notebook 07.
"""

import numpy as np

from helpers import checking

RULES = ("simultaneous", "alternating", "extragradient", "penalized")


def field(point):
    """Where each player wants to move at ``point`` ``(..., 2)``: downhill for x, uphill for y.

    Returns ``(-y, x)`` for ``(x, y)``, a float array of the same shape.
    """
    point = _points(point)
    return np.stack([-point[..., 1], point[..., 0]], axis=-1)


def step(point, rule, learning_rate, penalty=0.0):
    """One move of both players.

    Args:
        point: ``(..., 2)``.
        rule: one of ``RULES``. ``"simultaneous"`` moves both from the same point;
            ``"alternating"`` lets y answer the x that has just moved; ``"extragradient"`` takes a
            trial step and then moves from ``point`` along the field found there;
            ``"penalized"`` is simultaneous, but y also pays ``penalty / 2 * y**2``, what a
            gradient penalty amounts to here.
        learning_rate: of both players, above 0.
        penalty: weight of the penalty; only ``"penalized"`` has one.

    Returns:
        the next point, float array ``(..., 2)``.

    Raises:
        ValueError: an unknown rule, a learning rate that is not above 0, a penalty below 0, or a
            penalty for a rule without one.

    Source: extragradient for GANs: Gidel et al. 2018 (arXiv:1802.10551).
    """
    checking.choice(rule, "rule", RULES)
    checking.number(learning_rate, "learning_rate", above=0)
    checking.number(penalty, "penalty", at_least=0)
    if penalty and rule != "penalized":
        raise ValueError(f"only the rule penalized has a penalty, got {penalty} for {rule}")
    point = _points(point)
    if rule == "extragradient":
        return extragradient_step(point, field, learning_rate)
    if rule == "alternating":
        x = point[..., 0] - learning_rate * point[..., 1]
        return np.stack([x, point[..., 1] + learning_rate * x], axis=-1)
    move = field(point)
    if rule == "penalized":
        move[..., 1] -= penalty * point[..., 1]
    return point + learning_rate * move


def extragradient_step(point, field, learning_rate):
    """Look ahead along ``field``, then move from ``point`` along the field found there.

    Args:
        point: array ``(..., 2)``, or of any shape that ``field`` takes.
        field: function of a point: the direction in which the players want to move.
        learning_rate: of the trial step and of the real one.

    Source: Korpelevich 1976; for GANs Gidel et al. 2018 (arXiv:1802.10551).
    """
    ahead = point + learning_rate * field(point)
    return point + learning_rate * field(ahead)


def play(start, rule, learning_rate, steps, penalty=0.0):
    """The whole game: float array ``(steps + 1, 2)``, the start first; arguments as ``step``."""
    path = [_points(start)]
    for _ in range(checking.whole(steps, "steps")):
        path.append(step(path[-1], rule, learning_rate, penalty))
    return np.stack(path)


def running_mean(path):
    """Mean of all points ``(T, 2)`` up to each one: what averaging the players' weights gives."""
    path = _points(path)
    return np.cumsum(path, axis=0) / np.arange(1, len(path) + 1)[:, None]


def growth(rule, learning_rate, penalty=0.0):
    """By what factor the distance to the equilibrium changes with each step, in the long run.

    Every rule is linear here, so the factor is the largest absolute eigenvalue of its matrix.
    Above 1 the players spiral outward, below 1 inward.
    """
    columns = [step(unit, rule, learning_rate, penalty) for unit in np.eye(2)]
    return float(np.abs(np.linalg.eigvals(np.stack(columns, axis=-1))).max())


def _points(point):
    point = np.asarray(point, dtype=float)
    if point.ndim < 1 or point.shape[-1] != 2:
        raise ValueError(f"a point has two numbers, (x, y); got shape {point.shape}")
    return point
