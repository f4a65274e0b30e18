"""Recipes: networks, optimizers and losses, put together as they are trained.

Notebooks 01 to 04 build theirs cell by cell; benchmarks and the tools that train shipped weights
take them from here. A test compares the two.
"""

import keras

from helpers import checking, networks, training
from helpers.networks import conditional

MNIST_BATCH = CIFAR10_BATCH = FASHION_BATCH = PICTURE_BATCH = 32
VAE_BATCH = 100
PUBLISHED = ("lab_dcgan", "lab_cifar", "assignment_cifar")
CONDITIONAL_FORMS = {
    "projection": conditional.projection_discriminator,
    "planes": conditional.plane_discriminator,
    "auxiliary": conditional.auxiliary_discriminator,
}


def _fast(kind, pair, real_penalty, options):
    """A compiled GAN of the class ``kind`` with what the kit's recipes share.

    Relativistic pairing loss, zero-centered gradient penalty on real images in every fourth step,
    Adam without momentum. Sources: Jolicoeur-Martineau 2018 (arXiv:1807.00734), Mescheder et al.
    2018 (arXiv:1801.04406), Karras et al. 2020 (lazy penalty, arXiv:1912.04958).
    """
    learning_rate = options.pop("learning_rate", 2e-3)
    averaged = {"ema_momentum": options.pop("ema_momentum", 0.998), "seed": options.pop("seed", 0)}
    gan = kind(*pair, **averaged)
    choices = {"loss": "relativistic", "real_penalty": real_penalty, "penalty_every": 4}
    optimizers = [keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=0.95) for _ in ("g", "d")]
    gan.compile(*optimizers, **(choices | options))
    return gan


def _pair(name, generator=None, discriminator=None):
    """Both networks; those that are ``None`` are new ones of the system ``name``."""
    system = networks.CATALOGUE[name]
    return (
        system.generator() if generator is None else generator,
        system.discriminator() if discriminator is None else discriminator,
    )


def mnist_gan(**options):
    """The kit's fast DCGAN of notebook 01, compiled; train it with batches of ``MNIST_BATCH``.

    Args:
        options: ``learning_rate`` (0.002), ``ema_momentum`` (0.998), ``seed`` (0), and arguments
            of ``GAN.compile`` such as ``real_penalty`` (2).
    """
    return _fast(training.GAN, _pair("laptop_dcgan"), 2.0, options)


def cifar10_gan(generator=None, discriminator=None, **options):
    """The kit's GAN for 32x32 color of notebook 02, compiled.

    Train it with labels, mirrored images and batches of ``CIFAR10_BATCH``.

    Args:
        generator, discriminator: other networks than new ones of ``laptop_color``.
        options: as for ``mnist_gan``; ``real_penalty`` is 0.5 unless given.
    """
    pair = _pair("laptop_color", generator, discriminator)
    return _fast(training.ClassSwitchGAN, pair, 0.5, options)


def fashion_cgan(form="projection", **options):
    """The kit's conditional GAN for Fashion-MNIST of notebook 03, compiled.

    Train it with labels and batches of ``FASHION_BATCH``.

    Args:
        form: how the discriminator is told the label: ``"projection"``, ``"planes"`` or
            ``"auxiliary"``.
        options: as for ``mnist_gan``.
    """
    checking.choice(form, "form", CONDITIONAL_FORMS)
    pair = conditional.generator(), CONDITIONAL_FORMS[form]()
    return _fast(training.ConditionalGAN, pair, 2.0, options)


def picture_gan(generator=None, discriminator=None, **options):
    """The kit's GAN for a folder of color pictures of notebook 08, compiled.

    Train it on mirrored images with batches of ``PICTURE_BATCH``.

    Args:
        generator, discriminator: other networks than new ones of ``laptop_pictures``, such as
            those of homework_gan.
        options: as for ``cifar10_gan``; ``augment=augment.Augment()`` for few pictures.
    """
    pair = _pair("laptop_pictures", generator, discriminator)
    return _fast(training.GAN, pair, 0.5, options)


def published_gan(system, seed=0):
    """A published GAN to the letter, compiled; train it with batches of 256.

    Two Adam(1e-4), cross-entropy, both gradients at once, no averaged generator; lab_cifar and
    assignment_cifar keep lab_dcgan's losses and optimizers.

    Args:
        system: ``"lab_dcgan"``, ``"lab_cifar"`` or ``"assignment_cifar"``.
    """
    checking.choice(system, "system", PUBLISHED)
    system = networks.CATALOGUE[system]
    gan = training.GAN(system.generator(), system.discriminator(), ema_momentum=None, seed=seed)
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), simultaneous=True)
    return gan


def mnist_vae(latent_dim, steps, *, learning_rate=2e-3, beta=1.0, warmup_steps=0, seed=0):
    """The kit's VAE of notebook 04, compiled; train it for ``steps`` batches of ``VAE_BATCH``.

    Dense networks, Bernoulli pixels drawn anew in every step, Adam whose rate falls along a
    cosine to 0 at the last step. Source: Kingma & Welling 2013 (arXiv:1312.6114).
    """
    system = networks.CATALOGUE["laptop_vae"]
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
