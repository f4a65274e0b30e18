"""The checks of notebook 07 about the game: the extragradient step and the best discriminator.

As in ``exercises``: values first, and ``Wrong`` with a sentence that says what to change.
"""

import numpy as np

from exercises.answers import answer, own_work
from exercises.verdict import Wrong, close, passed


def explain(found, expected, mistakes, name):
    """Raise ``Wrong`` with the sentence of the mistake that gives the numbers found."""
    if close(found, expected):
        return
    for value, sentence in mistakes:
        # Wrong formulas may blow up rounding errors, so these comparisons are looser.
        if np.shape(found) == np.shape(value) and np.allclose(found, value, rtol=1e-3, atol=1e-4):
            raise Wrong(f"{name}: {sentence}")
    if np.shape(found) != np.shape(expected):
        raise Wrong(f"{name} must have shape {np.shape(expected)}, yours has {np.shape(found)}")
    raise Wrong(
        f"{name} starts with {np.ravel(found)[:3].round(4)} where "
        f"{np.ravel(expected)[:3].round(4)} is right"
    )


def _linear_field(seed, dims):
    """A field v(p) = A p and a list that counts its calls."""
    matrix = np.random.default_rng(seed).normal(size=(dims, dims))
    calls = []

    def field(point):
        calls.append(np.array(point))
        return matrix @ np.asarray(point)

    return field, matrix, calls


def extragradient_step(function):
    """Check ``function(point, field, learning_rate)`` on linear fields."""
    own_work(function)
    for seed, dims, rate in ((0, 2, 0.3), (1, 5, 0.1)):
        field, matrix, _ = _linear_field(seed, dims)
        point = np.random.default_rng(seed + 10).normal(size=dims)
        found = np.asarray(answer(function, point.copy(), field, rate))
        ahead = point + rate * matrix @ point
        expected = point + rate * matrix @ ahead
        mistakes = [
            (ahead, "this is the plain step: look at the field at the point ahead"),
            (ahead + rate * matrix @ ahead, "these are two plain steps: the trial step is undone, "
             "the real one starts from point again"),
            (point - rate * matrix @ (point - rate * matrix @ point), "field says where the "
             "players want to go: add it, do not subtract it"),
            (point - rate * matrix @ ahead, "the real step goes along the field: add it"),
            (point + rate * matrix @ (point - rate * matrix @ point), "the trial step goes along "
             "the field too: add it"),
            (point + 0.5 * rate * (matrix @ point + matrix @ ahead), "the field is asked half "
             "a step ahead, or averaged with the one here: look a whole step ahead, and use the "
             "direction found there alone"),
            (matrix @ ahead, "this is a direction, not a point: add it, times learning_rate"),
            (point + matrix @ ahead, "learning_rate is missing in the real step"),
            (point + rate * matrix @ (point + matrix @ point), "learning_rate is missing in the "
             "trial step"),
            (point, "the point did not move: return the new one"),
        ]  # fmt: skip
        explain(found, expected, mistakes, "the step")
    passed("a trial step, and then the real one from the old point.")


def extragradient_calls(function):
    """Check that the step asks the field twice, in the right places, and leaves the point alone."""
    own_work(function)
    field, matrix, calls = _linear_field(4, 3)
    point = np.array([1.0, -2.0, 0.5])
    given = point.copy()
    answer(function, given, field, 0.2)
    if not close(given, point):
        raise Wrong("your function changes the point it was given: build a new one, without +=")
    if len(calls) != 2:
        raise Wrong(
            f"your function asks the field {len(calls)} time(s); an extragradient step asks "
            "twice: here and at the point ahead"
        )
    if not close(calls[0], point):
        raise Wrong("the first question is asked at the given point, yours is asked elsewhere")
    if not close(calls[1], point + 0.2 * matrix @ point):
        raise Wrong("the second question is asked at the point ahead, yours is asked elsewhere")
    passed("two questions to the field, and the old point is still there.")


# ---------------------------------------------------------------------------------------------
# The best discriminator.


def _densities(seed, shape):
    random = np.random.default_rng(seed)
    return random.uniform(0.01, 3, shape), random.uniform(0.01, 3, shape)


def optimal_discriminator(function):
    """Check ``function(p_data, p_model)`` on densities along a line and on a grid."""
    own_work(function)
    for seed, shape in ((0, (7,)), (1, (4, 5))):
        p_data, p_model = _densities(seed, shape)
        found = np.asarray(answer(function, p_data.copy(), p_model.copy()))
        expected = p_data / (p_data + p_model)
        mistakes = [
            (1 - expected, "this is the probability of fake: D says how likely real is"),
            (p_data / p_model, "this is the density ratio, which has no upper end: divide by the "
             "sum of both densities"),
            (np.log(p_data / p_model), "this is the logit of the best D: return the probability"),
            (p_data / (p_data + p_model).sum(), "divide at each point by the sum of the two "
             "densities there, not by the sum over all points"),
            (p_data / p_data.sum() / (p_data / p_data.sum() + p_model / p_model.sum()), "the "
             "densities are used as they are: do not normalize them again"),
            (p_data - p_model, "a difference is no probability: p_data over the sum"),
            (p_data, "p_model is missing"),
            (0.5 * expected, "without the factor 1/2: where only data lives D is 1"),
            ((p_data > p_model).astype(float), "D is not a yes or no: it says how likely real is"),
        ]  # fmt: skip
        explain(found, expected, mistakes, "D")
    passed("p_data over p_data + p_model.")


def optimal_discriminator_zeros(function):
    """Check the points where one density or both are 0."""
    own_work(function)
    p_data, p_model = np.array([0.0, 0.0, 2.0, 1.0]), np.array([0.0, 3.0, 0.0, 1.0])
    caught = []
    with np.errstate(divide="call", invalid="call", call=lambda kind, flag: caught.append(kind)):
        found = np.asarray(answer(function, p_data.copy(), p_model.copy()))
    if found.shape != (4,):
        raise Wrong(f"four points need four probabilities, yours have shape {found.shape}")
    if np.isnan(found).any():
        raise Wrong("where both densities are 0, 0 / 0 gives NaN: say 1/2 there (np.where)")
    if not close(found[1:], [0.0, 1.0, 0.5]):
        raise Wrong(
            f"where only the model, only data, or both alike have points, D is 0, 1 and 1/2; "
            f"yours is {found[1:].round(3)}"
        )
    if not close(found[0], 0.5):
        raise Wrong(
            f"where nothing lives D has nothing to learn from: say 1/2 there, yours is {found[0]:g}"
        )
    if caught:
        raise Wrong(
            f"NumPy warns ({caught[0]}): divide only where the sum is above 0, with "
            "np.divide(..., where=...) or by replacing the zeros first"
        )
    passed("1 where only data lives, 0 where only fakes do, 1/2 where nothing is known.")
