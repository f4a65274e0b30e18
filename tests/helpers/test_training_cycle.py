"""CycleGAN and DiscoGAN: values of one step, the pool of old fakes, and what it refuses."""

import keras
import numpy as np
import pytest
import tensorflow as tf
from keras import layers

from helpers import distances, training

SIDE = 6
RATES = (0.02, 0.05)  # of the generators, of the discriminators


def generator(channels_in=1, channels_out=3, last="tanh"):
    return keras.Sequential(
        [
            keras.Input((SIDE, SIDE, channels_in)),
            layers.Conv2D(4, 3, padding="same"),
            layers.BatchNormalization(),  # so that the training flag shows
            layers.LeakyReLU(),
            layers.Conv2D(channels_out, 3, padding="same", activation=last),
        ]
    )


def judge(channels=1, last="linear", side=SIDE):
    return keras.Sequential(
        [
            keras.Input((side, side, channels)),
            layers.Conv2D(4, 3, strides=2, padding="same"),
            layers.BatchNormalization(),
            layers.LeakyReLU(),
            layers.Conv2D(1, 3, padding="same", activation=last),
        ]
    )


def tiny(a=1, b=3, last="tanh", **options):
    """Gray pictures (domain A) and colored ones (B), so that no side can stand for the other."""
    keras.utils.set_random_seed(7)
    return training.CycleGAN(
        generator(a, b, last), generator(b, a, last), judge(a), judge(b), **options
    )


def sgd(rate=RATES[0]):
    return keras.optimizers.SGD(rate)


def domains(count=8, a=1, b=3, seed=0):
    random = np.random.default_rng(seed)
    return tuple(
        tf.constant(random.uniform(-1, 1, (count, SIDE, SIDE, channels)), tf.float32)
        for channels in (a, b)
    )


def pixels(count, channels, seed=0):
    shape = (count, SIDE, SIDE, channels)
    return np.random.default_rng(seed).integers(0, 256, shape, dtype=np.uint8)


def copy_of(network):
    copy = keras.models.clone_model(network)
    copy.set_weights(network.get_weights())
    return copy


NETWORKS = ("to_b", "to_a", "judge_a", "judge_b")


def softplus(x):
    return tf.math.softplus(x)


# Loss -> (what D pays for one domain, what G pays for it), as functions of (real, fake) logits.
FORMULAS = {
    "least_squares": (
        lambda real, fake: (tf.reduce_mean((real - 1) ** 2) + tf.reduce_mean(fake**2)) / 2,
        lambda real, fake: tf.reduce_mean((fake - 1) ** 2) / 2,
    ),
    "non_saturating": (
        lambda real, fake: tf.reduce_mean(softplus(-real)) + tf.reduce_mean(softplus(fake)),
        lambda real, fake: tf.reduce_mean(softplus(-fake)),
    ),
    "relativistic": (
        lambda real, fake: tf.reduce_mean(softplus(fake - real)),
        lambda real, fake: tf.reduce_mean(softplus(real - fake)),
    ),
}


def absolute(x, y):
    return tf.reduce_mean(tf.abs(x - y))


def squared(x, y):
    return tf.reduce_mean((x - y) ** 2)


@pytest.mark.parametrize(
    ("choices", "kind", "way", "cycle_weight", "identity_weight", "pool_size"),
    [
        ({}, "least_squares", absolute, 10.0, 0.0, 50),
        ({"identity_weight": 5.0}, "least_squares", absolute, 10.0, 5.0, 0),
        ({"loss": "relativistic", "cycle_weight": 2}, "relativistic", absolute, 2.0, 0.0, 8),
        (
            {"loss": "non_saturating", "cycle_loss": distances.cycle_squared, "cycle_weight": 1.0},
            "non_saturating",
            squared,
            1.0,
            0.0,
            0,
        ),
        ({"cycle_weight": 0.0}, "least_squares", absolute, 0.0, 0.0, 0),
    ],
    ids=["cyclegan", "identity", "relativistic", "discogan", "no cycle"],
)
def test_one_step_equals_the_formula(choices, kind, way, cycle_weight, identity_weight, pool_size):
    channels = (3, 3) if identity_weight else (1, 3)
    model = tiny(*channels, pool_size=pool_size)
    model.compile(*map(sgd, RATES), **choices)
    to_b, to_a, judge_a, judge_b = written = [copy_of(getattr(model, name)) for name in NETWORKS]
    before = [[np.array(w) for w in network.get_weights()] for network in written]
    a, b = domains(8, *channels)
    logs = model.train_step((a, b))

    of_d, of_g = FORMULAS[kind]
    with tf.GradientTape(persistent=True) as tape:
        fake_b, fake_a = to_b(a, training=True), to_a(b, training=True)
        cycle = way(to_a(fake_b, training=True), a) + way(to_b(fake_a, training=True), b)
        identity = 0.0
        if identity_weight:
            identity = absolute(to_b(b, training=True), b) + absolute(to_a(a, training=True), a)
        real_a, real_b = judge_a(a, training=True), judge_b(b, training=True)
        logits_a, logits_b = judge_a(fake_a, training=True), judge_b(fake_b, training=True)
        adversarial = of_g(real_a, logits_a) + of_g(real_b, logits_b)
        g_loss = adversarial + cycle_weight * cycle + identity_weight * identity
        d_loss = of_d(real_a, logits_a) + of_d(real_b, logits_b)
    for pair, loss, rate in ((written[:2], g_loss, RATES[0]), (written[2:], d_loss, RATES[1])):
        variables = [variable for network in pair for variable in network.trainable_variables]
        for variable, slope in zip(variables, tape.gradient(loss, variables), strict=True):
            variable.assign_sub(rate * slope)

    for name, network, old in zip(NETWORKS, written, before, strict=True):
        ours = getattr(model, name)
        for found, expected in zip(
            ours.trainable_variables, network.trainable_variables, strict=True
        ):
            np.testing.assert_allclose(found, expected, atol=1e-6, err_msg=name)
        moved = [np.abs(x - y).max() for x, y in zip(old, ours.get_weights(), strict=True)]
        assert max(moved) > 1e-4, f"{name} learns"
    right = np.mean([np.mean(x > 0) for x in (real_a, real_b)])
    right = (right + np.mean([np.mean(x < 0) for x in (logits_a, logits_b)])) / 2
    values = (g_loss, adversarial, cycle, identity, d_loss, right)
    expected = dict(zip(model.LOSSES, map(float, values), strict=True))
    assert {name: float(x) for name, x in logs.items()} == pytest.approx(expected, rel=1e-5)


def test_losses_of_ones_own_get_what_they_say_and_are_minimized():
    seen = {}

    def cycle_loss(a, a_back, b, b_back):
        seen["cycle"] = [np.asarray(each) for each in (a, a_back, b, b_back)]
        return tf.reduce_sum(a_back) + 0.0 * tf.reduce_sum(b_back)

    def identity_loss(to_b, to_a, a, b):
        seen["identity"] = to_b, to_a, np.asarray(a), np.asarray(b)
        return 3.0 * tf.reduce_sum(to_a(b, training=True))

    model = tiny(pool_size=0)
    model.compile(
        sgd(),
        sgd(0.0),
        cycle_weight=1.0,
        cycle_loss=cycle_loss,
        identity_weight=0.5,
        identity_loss=identity_loss,
    )
    to_b, to_a = copy_of(model.to_b), copy_of(model.to_a)
    a, b = domains()
    bias = model.to_a.layers[-1].bias.numpy()
    logs = model.train_step((a, b))
    fake_b, fake_a = to_b(a, training=True), to_a(b, training=True)
    expected = a, to_a(fake_b, training=True), b, to_b(fake_a, training=True)
    for found, wanted in zip(seen["cycle"], expected, strict=True):
        np.testing.assert_allclose(found, wanted, atol=1e-6)
    assert seen["identity"][0] is model.to_b and seen["identity"][1] is model.to_a
    np.testing.assert_array_equal(seen["identity"][2], a)
    np.testing.assert_array_equal(seen["identity"][3], b)
    cycle, identity = tf.reduce_sum(expected[1]), 3.0 * tf.reduce_sum(fake_a)
    assert float(logs["cycle"]) == pytest.approx(float(cycle), rel=1e-3)
    assert float(logs["identity"]) == pytest.approx(float(identity), rel=1e-3)
    total = float(logs["adversarial"]) + float(cycle) + 0.5 * float(identity)
    assert float(logs["g_loss"]) == pytest.approx(total, rel=1e-3)
    assert (model.to_a.layers[-1].bias.numpy() < bias - 0.1).all(), "both pull its images down"


def test_identity_is_not_asked_for_without_its_weight():
    model = tiny(pool_size=0)  # gray and color: to_b could not even take b
    model.compile(sgd(), sgd(), identity_loss=lambda *_: 1 / 0)
    assert float(model.train_step(domains())["identity"]) == 0.0


def test_the_averages_move_after_the_step_and_are_what_translates():
    model = tiny(ema_momentum=0.4)
    model.compile(*map(sgd, RATES))
    averages = {name: model.ema_to_b.get_weights() for name in ("to_b",)}
    averages["to_a"] = model.ema_to_a.get_weights()
    for step in range(3):
        model.train_step(domains(seed=step))
        keep = min(0.4, (1 + step) / (10 + step))
        for name, average in averages.items():
            now = getattr(model, name).get_weights()
            averages[name] = [new + keep * (old - new) for old, new in zip(average, now)]
    assert int(model.step_count) == 3
    for name, average in averages.items():
        found = getattr(model, f"ema_{name}").get_weights()
        for x, y in zip(found, average, strict=True):
            np.testing.assert_allclose(x, y, atol=1e-6)
    a, b = (np.asarray(each) for each in domains(5, seed=9))
    np.testing.assert_array_equal(model.generate(a), model.translate(a))
    there, back = model.translate(a, batch_size=2), model.translate(b, to="a", batch_size=3)
    assert there.dtype == back.dtype == np.float32
    np.testing.assert_allclose(there, model.ema_to_b(a, training=False), atol=1e-6)
    np.testing.assert_allclose(back, model.ema_to_a(b, training=False), atol=1e-6)
    np.testing.assert_allclose(model(a), model.to_b(a), atol=1e-6)
    assert np.abs(there - model(a)).max() > 1e-5


def test_the_optimizers_and_losses_of_the_paper_are_the_default():
    model = tiny()
    model.compile()
    for optimizer in model.optimizers().values():
        assert isinstance(optimizer, keras.optimizers.Adam)
        assert float(optimizer.learning_rate) == pytest.approx(2e-4) and optimizer.beta_1 == 0.5
    assert (model.loss_kind, model.cycle_weight, model.identity_weight, model.pool_size) == (
        "least_squares",
        10.0,
        0.0,
        50,
    )


# --- The pool of old fakes ---


def numbered(first, count, channels=1):
    """Fakes that carry a number in every pixel."""
    numbers = np.arange(first, first + count, dtype="float32")
    return tf.constant(np.tile(numbers[:, None, None, None], (1, SIDE, SIDE, channels)))


def numbers_in(fakes):
    """The numbers of fakes again; each must be one of ``numbered`` as it was."""
    fakes = np.asarray(fakes)
    first = fakes[:, :1, :1, :1]
    np.testing.assert_array_equal(fakes, np.broadcast_to(first, fakes.shape))
    return first.ravel().astype(int).tolist()


def passed_through(model, sizes):
    """What the pool of A gives for numbered batches of these sizes: (fakes in, fakes out)."""
    first, batches = 1, []
    for size in sizes:
        out = numbers_in(model.exchange("a", numbered(first, size)))
        model.seen.assign(min(int(model.seen) + size, model.pool_size))  # as train_step does
        batches.append((list(range(first, first + size)), out))
        first += size
    return batches


def test_an_empty_pool_is_filled_in_order_and_gives_the_new_fakes():
    model = tiny(pool_size=10)
    for new, out in passed_through(model, (4, 1, 3, 2)):
        assert out == new
    assert numbers_in(model.pools["a"]) == list(range(1, 11))
    assert not np.asarray(model.pools["b"]).any(), "the other domain has a pool of its own"


def test_a_full_pool_gives_old_fakes_for_about_half_and_keeps_new_ones_in_their_place():
    model = tiny(pool_size=10)
    new_and_out = passed_through(model, [5] * 202)
    pool, old, waited = set(range(1, 11)), 0, []
    for new, out in new_and_out[2:]:
        for fake, given in zip(new, out, strict=True):
            if given == fake:
                continue
            assert given in pool, "an old fake that the pool holds"
            pool.remove(given)
            pool.add(fake)
            old += 1
            waited.append(fake - given)
        assert len(set(out)) == len(out)
    assert numbers_in(model.pools["a"]) != list(range(1, 11))
    assert set(numbers_in(model.pools["a"])) == pool
    assert 0.44 < old / 1000 < 0.56
    # Half of the fakes come in, at random places of ten: one stays for about 20 more.
    assert 15 < np.mean(waited) < 27


@pytest.mark.parametrize("size", [3, 4, 7])
def test_a_pool_that_is_no_multiple_of_the_batch_never_gives_an_empty_place(size):
    model = tiny(pool_size=10)
    batches = passed_through(model, [size] * 12)
    given = [number for _, out in batches for number in out]
    assert min(given) >= 1
    assert min(numbers_in(model.pools["a"])) >= 1
    filling = 10 // size
    assert all(new == out for new, out in batches[:filling])


def test_a_batch_as_large_as_the_pool_may_change_every_place():
    model = tiny(pool_size=4)
    (first, out), (second, mixed) = passed_through(model, [4, 4])
    assert out == first == [1, 2, 3, 4]
    assert {*mixed, *numbers_in(model.pools["a"])} == {*first, *second}


def test_without_a_pool_the_fakes_come_back():
    model = tiny(pool_size=0)
    fakes = numbered(1, 6)
    assert model.exchange("a", fakes) is fakes and not model.pools


def test_the_steps_fill_both_pools_with_fakes_of_their_domain():
    model = tiny(pool_size=10)
    model.compile(sgd(), sgd())
    fakes = {"a": [], "b": []}
    exchange = model.exchange

    def watched(side, new):
        fakes[side].append(np.asarray(new))
        return exchange(side, new)

    model.exchange = watched
    seen = []
    for step in range(3):
        model.train_step(domains(4, seed=step))
        seen.append(int(model.seen))
    assert seen == [4, 8, 10]
    for side, channels in (("a", 1), ("b", 3)):
        pool, known = np.asarray(model.pools[side]), np.concatenate(fakes[side])
        assert pool.shape == (10, SIDE, SIDE, channels)
        differences = np.abs(pool[:, None] - known[None]).max(axis=(2, 3, 4))
        assert (differences.min(axis=1) == 0).all(), "each place holds a fake that was made"
        np.testing.assert_array_equal(differences.argmin(axis=1)[8:], [8, 9])


def test_the_discriminators_learn_from_what_the_pool_gives():
    model = tiny(pool_size=8)
    model.compile(sgd(0.0), sgd())
    a, b = domains()
    old = {"a": tf.zeros_like(a) + 0.5, "b": tf.zeros_like(b) - 0.5}
    model.exchange = lambda side, fakes: old[side]
    judge_a, judge_b = copy_of(model.judge_a), copy_of(model.judge_b)
    logs = model.train_step((a, b))
    of_d, _ = FORMULAS["least_squares"]
    expected = sum(
        of_d(network(real, training=True), network(old[side], training=True))
        for network, real, side in ((judge_a, a, "a"), (judge_b, b, "b"))
    )
    assert float(logs["d_loss"]) == pytest.approx(float(expected), rel=1e-5)


# --- The loop ---


def test_train_shuffles_the_domains_apart_and_takes_a_short_last_batch():
    model = tiny(pool_size=10)
    model.compile(sgd(), sgd(), run_eagerly=True)
    rows = []
    step = model.train_step

    def watched(data):
        rows.append([np.asarray(each)[:, 0, 0, 0] for each in data])
        return step(data)

    model.train_step = watched
    a = np.zeros((10, SIDE, SIDE, 1), "uint8") + np.arange(10, dtype="uint8")[:, None, None, None]
    b = np.repeat(a, 3, axis=-1)
    training.train(model, a, b, epochs=1, batch_size=4, verbose=0)
    assert [len(each) for each, _ in rows] == [4, 4, 2]
    of_a, of_b = (np.concatenate([row[side] for row in rows]) for side in (0, 1))
    assert sorted(of_a) == sorted(of_b) and of_a.tolist() != of_b.tolist()


def test_two_runs_of_one_seed_print_the_same_losses():
    histories = []
    for _ in range(2):
        model = tiny(pool_size=6)
        model.compile(run_eagerly=True)
        history = training.train(
            model, pixels(20, 1), pixels(20, 3, 1), epochs=2, batch_size=6, verbose=0
        )
        histories.append(np.array([history[name] for name in model.LOSSES]))
    np.testing.assert_allclose(histories[0], histories[1], rtol=1e-6)
    assert np.isfinite(histories[0]).all()


def test_the_seed_of_the_model_draws_from_the_pool():
    first, same, other = (
        passed_through(tiny(pool_size=10, seed=seed), [5] * 6) for seed in (0, 0, 1)
    )
    assert first == same != other


def test_a_discogan_trains_in_the_range_of_its_sigmoid():
    model = tiny(last="sigmoid", pool_size=0)
    assert model.value_range == (0.0, 1.0)
    choices = {"loss": "non_saturating", "cycle_loss": distances.cycle_squared, "cycle_weight": 1.0}
    model.compile(**choices, run_eagerly=True)
    history = training.train(
        model, pixels(12, 1), pixels(12, 3, 1), epochs=1, batch_size=6, verbose=0
    )
    assert np.isfinite(history["g_loss"]).all() and int(model.step_count) == 2
    assert model.translate(np.zeros((1, SIDE, SIDE, 1), "float32")).min() > 0


# --- What it refuses, before training starts ---


@pytest.mark.parametrize(
    ("networks", "message"),
    [
        (
            lambda: (generator(1, 3), generator(3, 1), judge(3), judge(1)),
            r"takes images of \(6, 6, 1\); wanted are \(6, 6, 3\): the generator's image",
        ),
        (
            lambda: (generator(1, 3), generator(3, 1), judge(1), judge(3, side=8)),
            r"\(8, 8, 3\); wanted are \(6, 6, 3\)",
        ),
        (
            lambda: (generator(1, 3), generator(1, 1), judge(1), judge(3)),
            r"to_b makes \(6, 6, 3\) of \(6, 6, 1\), to_a makes .*: each must take what the other",
        ),
        (
            lambda: (
                keras.Sequential([layers.Conv2D(3, 3)]), generator(3, 1), judge(1), judge(3)
            ),
            r"the generator does not know .* keras\.Input",
        ),
        (
            lambda: (generator(1, 3), generator(3, 1, "sigmoid"), judge(1), judge(3)),
            r"to_b draws in \(-1.0, 1.0\), to_a in \(0.0, 1.0\): end both in the same",
        ),
    ],
)  # fmt: skip
def test_networks_that_do_not_fit_each_other_are_explained(networks, message):
    with pytest.raises(ValueError, match=message):
        training.CycleGAN(*networks())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"pool_size": -1}, "pool_size must be a whole number of at least 0, got -1"),
        ({"pool_size": 2.5}, "pool_size must be a whole number"),
        ({"ema_momentum": 1}, "ema_momentum must be a number at least 0 and below 1"),
    ],
)
def test_sizes_that_make_no_sense(options, message):
    with pytest.raises(ValueError, match=message):
        tiny(**options)


@pytest.mark.parametrize(
    ("choices", "message"),
    [
        ({"loss": "l1"}, r"loss must be one of .*got 'l1'"),
        ({"cycle_weight": -1}, "cycle_weight must be a number at least 0"),
        ({"identity_weight": None}, "identity_weight must be a number at least 0"),
    ],
)
def test_choices_that_make_no_sense(choices, message):
    with pytest.raises(ValueError, match=message):
        tiny().compile(**choices)


def test_one_optimizer_cannot_serve_two_players():
    optimizer = sgd()
    with pytest.raises(ValueError, match="two optimizers, not one twice"):
        tiny().compile(optimizer, optimizer)


GRAY, COLOR = pixels(10, 1), pixels(10, 3, 1)


@pytest.mark.parametrize(
    ("a", "b", "message"),
    [
        (GRAY, None, r"two sets of images: training\.train\(model, sources, targets"),
        (GRAY, COLOR[:7], "one for each of the 10 images.*cut the longer set"),
        (GRAY, COLOR / 255.0, "target images must be uint8.*got float64"),
        (GRAY / 255.0, COLOR, "images must be uint8.*got float64"),
        (COLOR, GRAY, r"must have shape \(6, 6, 1\), got \(6, 6, 3\)"),
        (GRAY, GRAY, r"must have shape \(6, 6, 3\), got \(6, 6, 1\)"),
    ],
)
def test_domains_that_do_not_fit_stop_before_the_first_step(a, b, message):
    model = tiny()
    model.compile()
    with pytest.raises(ValueError, match=message):
        training.train(model, a, b, epochs=1, batch_size=4, verbose=0)
    assert int(model.step_count) == 0


def test_a_batch_larger_than_the_pool_is_refused_with_the_smallest_pool_that_would_do():
    model = tiny(pool_size=4)
    model.compile()
    with pytest.raises(ValueError, match="pool of 4 old fakes: pool_size must be 0 or at least 5"):
        training.train(model, GRAY, COLOR, epochs=1, batch_size=5, verbose=0)
    assert int(model.step_count) == 0


def test_there_is_no_third_domain():
    with pytest.raises(ValueError, match="to must be one of a, b, got 'c'"):
        tiny().translate(np.zeros((1, SIDE, SIDE, 1)), to="c")
    with pytest.raises(ValueError, match=r"must have shape \(6, 6, 3\), got \(6, 6, 1\)"):
        tiny().translate(np.zeros((1, SIDE, SIDE, 1)), to="a")
