"""The recipes of color images: what is published to the letter, and what may be exchanged."""

import pytest

from helpers import networks, recipes


@pytest.mark.parametrize("system", recipes.PUBLISHED)
def test_published_pairs_keep_the_losses_and_optimizers_of_lab_dcgan(system):
    gan = recipes.published_gan(system)
    for optimizer in (gan.g_optimizer, gan.d_optimizer):
        assert type(optimizer).__name__ == "Adam"
        assert float(optimizer.learning_rate) == pytest.approx(1e-4)
        assert optimizer.beta_1 == 0.9
    assert gan.loss_kind == "non_saturating" and gan.simultaneous
    assert gan.real_penalty == 0
    assert gan.ema_generator is gan.generator
    expected = networks.CATALOGUE[system].generator().count_params()
    assert gan.generator.count_params() == expected


def test_a_system_that_is_no_published_gan_is_explained():
    with pytest.raises(
        ValueError,
        match="system must be one of lab_dcgan, lab_cifar, assignment_cifar, got 'homework_vae'",
    ):
        recipes.published_gan("homework_vae")


def test_networks_and_choices_of_the_color_recipe_can_be_exchanged():
    system = networks.CATALOGUE["laptop_color"]
    generator, discriminator = system.generator(latent_dim=50), system.discriminator()

    def darker(images):
        return images - 0.5

    gan = recipes.cifar10_gan(
        generator, discriminator, real_penalty=3.0, loss="hinge", augment=darker
    )
    assert gan.generator is generator and gan.discriminator is discriminator
    assert gan.loss_kind == "hinge" and gan.augment is darker
    assert (gan.real_penalty, gan.penalty_every) == (3.0, 4)
