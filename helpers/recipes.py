"""Recipes: a network, its optimizers and its loss, put together as they are trained.

Notebooks 01 to 03 build theirs cell by cell; benchmarks and the tools that train shipped weights
take them from here. A test compares the two.
"""

import keras

from helpers import networks, training

MNIST_BATCH = 32
CIFAR10_BATCH = 32
FASHION_BATCH = 32
PICTURE_BATCH = 32
PUBLISHED = ("lab_dcgan", "lab_cifar", "assignment_cifar")
CONDITIONAL_FORMS = {
    "projection": networks.conditional.projection_discriminator,
    "planes": networks.conditional.plane_discriminator,
    "auxiliary": networks.conditional.auxiliary_discriminator,
}
VAE_BATCH = 100


def _compiled(gan, learning_rate, real_penalty, **choices):
    """``gan`` with what the kit's recipes share; ``choices`` replace or add to it."""
    optimizers = [keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=0.95) for _ in ("g", "d")]
    options = {"loss": "relativistic", "real_penalty": real_penalty, "penalty_every": 4}
    gan.compile(*optimizers, **(options | choices))
    return gan


def _networks(system, generator, discriminator):
    """Both networks; those that are ``None`` come from ``system``."""
    return (
        system.generator() if generator is None else generator,
        system.discriminator() if discriminator is None else discriminator,
    )


def mnist_gan(*, learning_rate=2e-3, real_penalty=2.0, ema_momentum=0.998, seed=0):
    """The kit's fast DCGAN of notebook 01, compiled; train it with batches of ``MNIST_BATCH``.

    Relativistic pairing loss, zero-centered gradient penalty on real images in every fourth step,
    Adam without momentum. Sources: Jolicoeur-Martineau 2018 (arXiv:1807.00734), Mescheder et al.
    2018 (arXiv:1801.04406), Karras et al. 2020 (lazy penalty, arXiv:1912.04958).
    """
    system = networks.laptop_dcgan
    gan = training.GAN(
        system.generator(), system.discriminator(), ema_momentum=ema_momentum, seed=seed
    )
    return _compiled(gan, learning_rate, real_penalty)


def cifar10_gan(
    generator=None,
    discriminator=None,
    *,
    learning_rate=2e-3,
    real_penalty=0.5,
    ema_momentum=0.998,
    seed=0,
    **choices,
):
    """The kit's GAN for 32x32 color of notebook 02, compiled.

    Train it with labels, mirrored images and batches of ``CIFAR10_BATCH``.

    Args:
        generator, discriminator: other networks than new ones of ``networks.laptop_color``.
        choices: further or other arguments of ``GAN.compile``, such as ``augment``.

    Sources: those of ``mnist_gan``.
    """
    pair = _networks(networks.laptop_color, generator, discriminator)
    gan = training.ClassSwitchGAN(*pair, ema_momentum=ema_momentum, seed=seed)
    return _compiled(gan, learning_rate, real_penalty, **choices)


def fashion_cgan(
    form="projection", *, learning_rate=2e-3, real_penalty=2.0, ema_momentum=0.998, seed=0
):
    """The kit's conditional GAN for Fashion-MNIST of notebook 03, compiled.

    Train it with labels and batches of ``FASHION_BATCH``.

    Args:
        form: how the discriminator meets the label: ``"projection"``, ``"planes"`` or
            ``"auxiliary"``.

    Sources: those of ``mnist_gan``, and of ``networks.conditional``.
    """
    if form not in CONDITIONAL_FORMS:
        raise ValueError(f"form must be one of {', '.join(CONDITIONAL_FORMS)}, got {form!r}")
    generator, discriminator = networks.conditional.generator(), CONDITIONAL_FORMS[form]()
    gan = training.ConditionalGAN(generator, discriminator, ema_momentum=ema_momentum, seed=seed)
    return _compiled(gan, learning_rate, real_penalty)


def picture_gan(
    generator=None,
    discriminator=None,
    *,
    learning_rate=2e-3,
    real_penalty=0.5,
    ema_momentum=0.998,
    seed=0,
    **choices,
):
    """The kit's GAN for a folder of color pictures of notebook 08, compiled.

    Train it on mirrored images with batches of ``PICTURE_BATCH``.

    Args:
        generator, discriminator: other networks than new ones of ``networks.laptop_pictures``,
            such as those of homework_gan.
        choices: as for ``cifar10_gan``; ``augment=augment.Augment()`` for few pictures.

    Sources: those of ``mnist_gan``; homework_gan.
    """
    pair = _networks(networks.laptop_pictures, generator, discriminator)
    gan = training.GAN(*pair, ema_momentum=ema_momentum, seed=seed)
    return _compiled(gan, learning_rate, real_penalty, **choices)


def published_gan(system, seed=0):
    """lab_dcgan, lab_cifar or assignment_cifar to the letter, compiled; train it with batches of 256.

    Two Adam(1e-4), cross-entropy, both gradients at once, no averaged generator. lab_cifar and assignment_cifar keep
    lab_dcgan's losses and optimizers.

    Args:
        system: ``"lab_dcgan"``, ``"lab_cifar"`` or ``"assignment_cifar"``.

    Source: lab_dcgan, lab_cifar, assignment_cifar.
    """
    if system not in PUBLISHED:
        raise ValueError(f"system must be one of {', '.join(PUBLISHED)}, got {system!r}")
    system = networks.CATALOGUE[system]
    gan = training.GAN(system.generator(), system.discriminator(), ema_momentum=None, seed=seed)
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), simultaneous=True)
    return gan


def lab_dcgan_gan(seed=0):
    """lab_dcgan to the letter: two Adam(1e-4), cross-entropy, both gradients at once (lab_dcgan)."""
    return published_gan("lab_dcgan", seed)


def mnist_vae(latent_dim, steps, *, learning_rate=2e-3, beta=1.0, warmup_steps=0, seed=0):
    """The kit's VAE of notebook 04, compiled; train it for ``steps`` batches of ``VAE_BATCH``.

    Dense networks, Bernoulli pixels drawn anew in every step, Adam whose rate falls along a
    cosine to 0 at the last step. Source: Kingma & Welling 2013 (arXiv:1312.6114).
    """
    system = networks.laptop_vae
    vae = training.VAE(
        system.encoder(latent_dim),
        system.decoder(latent_dim),
        beta=beta,
        warmup_steps=warmup_steps,
        binarize="stochastic",
        seed=seed,
    )
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)))
    return vae
