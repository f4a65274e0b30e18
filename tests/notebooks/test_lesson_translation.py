"""Where notebook 09 and the kit say the same thing, they must not drift apart."""

import pytest

from helpers import config, recipes


@pytest.fixture
def cfg(monkeypatch):
    monkeypatch.setenv("COURSE_PROFILE", "laptop")
    return config.settings("09_image_to_image")


def rates(model):
    return [float(optimizer.learning_rate) for optimizer in model.optimizers().values()]


def test_the_settings_are_those_of_the_recipes(cfg):
    pairs, piles = recipes.emoji_pix2pix(), recipes.emoji_cyclegan()
    assert rates(pairs) == pytest.approx([cfg.learning_rate, cfg.d_learning_rate])
    assert rates(piles) == pytest.approx([cfg.cycle_learning_rate, cfg.cycle_d_learning_rate])
    assert pairs.distance_weight == cfg.distance_weight
    assert piles.cycle_weight == cfg.cycle_weight
    assert (cfg.batch_size, cfg.cycle_batch) == (recipes.PAIR_BATCH, recipes.PILE_BATCH)
    assert rates(recipes.emoji_resnet())[0] == pytest.approx(cfg.sr_learning_rate)
