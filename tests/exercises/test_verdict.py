"""Whose work an answer is, what it returns, and how values are compared."""

import functools
from pathlib import Path

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from exercises import Wrong, conditional, digits, exercise, models, verdict
from helpers import augment, images, losses, networks
from lessons.style import objective


def imports_inside():
    from helpers.networks import gan

    return gan.lab_dcgan_discriminator()


def calls_another():
    return imports_inside()


def by_eval():
    return eval("networks.CATALOGUE")["lab_dcgan"].discriminator()


@pytest.mark.parametrize(
    ("borrowed", "words"),
    [
        (losses.generator_loss, r"takes generator_loss from the kit \(helpers.losses\)"),
        (functools.partial(losses.generator_loss), r"from the kit \(helpers.losses\)"),
        (lambda x: losses.generator_loss(x), r"takes losses from the kit \(helpers.losses\)"),
        (lambda x: objective.gram_matrix(x), r"from the kit \(lessons.style.objective\)"),
        (lambda x: digits.reference_step(x), r"from the kit \(exercises.digits\)"),
        (lambda: [augment for _ in range(1)], "takes augment from the kit"),
        (lambda: networks.CATALOGUE, "takes networks from the kit"),
        (imports_inside, "takes helpers.networks from the kit"),
        (calls_another, "takes helpers.networks from the kit"),
        (by_eval, "eval has no place"),
    ],
)
def test_an_answer_from_any_package_of_the_kit_is_refused(borrowed, words):
    for take in (verdict.own_work, verdict.answer):
        with pytest.raises(Wrong, match=words):
            take(borrowed)


def test_tools_of_the_kit_are_allowed_and_exist():
    def uses_a_tool(x):
        return images.to_float(x, value_range=(-1, 1))

    assert verdict.own_work(uses_a_tool) is uses_a_tool
    helpers = Path(losses.__file__).parent
    for name in verdict.TOOLS:
        assert (helpers / name).is_dir() or (helpers / f"{name}.py").is_file(), name


def test_a_reference_stands_for_what_the_student_wrote_elsewhere():
    space = {}
    exec("def other(): return 1\ndef function(x, *, more=2): return other() + x + more", space)
    right = verdict.answer(space["function"], 3, other=lambda: 10)
    assert (right, space["function"](3)) == (15, 6)


def test_an_exception_and_a_missing_return_become_sentences():
    for function, words in (
        (lambda: 1 / 0, "your function stops with ZeroDivisionError: division by zero"),
        (lambda: None, "your function returns nothing"),
    ):
        with pytest.raises(Wrong, match=words):
            verdict.answer(function)
    with pytest.raises(NotImplementedError):
        verdict.answer(lambda: (_ for _ in ()).throw(NotImplementedError()))


def test_a_wrong_answer_shows_as_one_line():
    assert Wrong("swap them")._render_traceback_() == ["Not right yet: swap them"]


def test_passes_counts_what_was_accepted(capsys):
    before = verdict.passes()
    verdict.passed("this")
    assert verdict.passes() == before + 1
    assert capsys.readouterr().out == "Right: this\n"


def test_a_fault_that_is_there_is_told():
    verdict.refuse(False, "no")
    verdict.refuse(None, "no")
    with pytest.raises(Wrong, match=r"^first$"):
        verdict.refuse(True, "first")


def test_a_table_of_values_becomes_a_check(capsys):
    @verdict.compares("it", "doubled, {0:.1f} at the end.", (1.0,), (2.0,))
    def double(x):
        """Check ``function(values)``."""
        return (np.array([x]), 3), np.float32(2 * x), [(x * x, "do not square")]

    double(lambda values, three: np.float32(2 * values[0] * three / 3))
    assert capsys.readouterr().out == "Right: doubled, 4.0 at the end.\n"
    assert double.__doc__ == "Check ``function(values)``."
    with pytest.raises(Wrong, match="it: do not square"):
        double(lambda values, three: np.float32(values[0] ** 2))


@pytest.mark.parametrize(
    ("found", "words"),
    [
        ("a", "it must return one number, yours is str"),
        ([1.0, 2.0], r"yours has shape \(2,\): take the mean"),
        (-2.0, r"it: a sign \(you got -2.0000, not 2.0000\)"),
        (3.0, "it gives 3.0000 where 2.0000 is right"),
    ],
)
def test_numbers(found, words):
    verdict.check_number(np.float32(2.0), 2.0, [], "it")
    with pytest.raises(Wrong, match=words):
        verdict.check_number(found, 2.0, [(-2.0, "a sign")], "it")


@pytest.mark.parametrize(
    ("found", "options", "words"),
    [
        (np.ones(3), {"name": "it"}, r"it must have shape \(3, 1\), yours has \(3,\)"),
        (-np.ones((3, 1)), {"name": "it"}, "^it: a sign$"),
        (-1.0009 * np.ones((3, 1)), {}, "^a sign$"),
        (2 * np.ones((3, 1)), {"name": "it"}, r"it starts with \[2. 2. 2.\] where \[1. 1. 1.\]"),
        (2 * np.ones((3, 1)), {"otherwise": "no idea"}, "^no idea$"),
    ],
)
def test_arrays(found, options, words):
    right = np.ones((3, 1))
    verdict.explain(right + 5e-5, right, [], "it")
    with pytest.raises(Wrong, match=words):
        verdict.explain(found, right, [(-right, "a sign")], **options)


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("text", "it must be numbers, yours is str"),
        ([1.0], r"it must have shape \(2,\), yours has \(1,\)"),
        ([1.0, np.nan], "it holds NaN or infinity: a division"),
    ],
)
def test_what_is_read_as_an_array(value, words):
    assert verdict.array([1, 2], (2,), "it").dtype == np.float64
    with pytest.raises(Wrong, match=words):
        verdict.array(value, (2,), "it", "a division")


def test_an_open_exercise_is_refused_by_every_kind_of_check(capsys):
    @exercise(kit="networks.gan.lab_dcgan_discriminator")
    def make_discriminator():
        """Images -> logits."""
        raise NotImplementedError

    @exercise(kit="exercises.digits.reference_step")
    def train_step(images, z, generator, discriminator, g_optimizer, d_optimizer):
        """One step."""
        raise NotImplementedError

    for check, answer in (
        (digits.discriminator, make_discriminator),
        (digits.train_step, train_step),
    ):
        with pytest.raises(Wrong, match="is still open: write its body and run its cell again"):
            check(answer)
    assert capsys.readouterr().out.count("using the kit's version") == 2


# ---------------------------------------------------------------------------------------------
# Networks.


def test_a_harmless_warning_of_a_network_stays_away(recwarn):
    z = keras.Input((3,))
    model = keras.Model([z], layers.Dense(1)(z))
    assert models.run(model, np.ones((2, 3), "float32")).shape == (2, 1)
    assert len(recwarn) == 0


def test_layers_are_found_at_any_depth():
    inner = keras.Sequential([keras.Input((2,)), layers.Dense(3), layers.ReLU()])
    model = keras.Sequential([keras.Input((2,)), inner, layers.Dense(1)])
    assert [type(each).__name__ for each in models.leaves(model)] == ["Dense", "ReLU", "Dense"]
    assert len(models.of_type(model, layers.Dense)) == 2


@pytest.mark.parametrize(
    ("found", "words"),
    [(7, "returns int, not a Keras model"), (keras.Sequential([layers.Dense(1)]), "shape of its")],
)
def test_what_is_no_network_yet_is_explained(found, words):
    with pytest.raises(Wrong, match=words):
        models.built(lambda: found, "generator")


def test_the_rank_of_a_label_does_not_matter():
    """Labels (batch, 1) are as good as (batch,): Keras's Input decides."""

    def build():
        image, label = keras.Input((28, 28, 1)), keras.Input((1,), dtype="int32")
        features = layers.Dense(8, activation="tanh")(layers.Flatten()(image))
        code = layers.Flatten()(layers.Embedding(10, 8)(label))
        return keras.Model([image, label], layers.Dense(1)(layers.Multiply()([features, code])))

    conditional.conditional_discriminator(build)


def test_no_check_writes_to_the_error_stream(capfd):
    digits.generator_loss(lambda logits: tf.reduce_mean(tf.nn.softplus(-logits)))
    printed = capfd.readouterr()
    assert printed.out.startswith("Right: generator_loss") and printed.err == ""
