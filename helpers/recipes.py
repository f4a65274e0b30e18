"""Recipes: networks, optimizers and losses, put together as they are trained.

Notebooks 01 to 04 build theirs cell by cell; benchmarks and the tools that train shipped weights
take them from here. A test compares the two.
"""

import keras

from helpers import augment, checking, distances, networks, training
from helpers.networks import conditional

MNIST_BATCH = CIFAR10_BATCH = FASHION_BATCH = PICTURE_BATCH = 32
VAE_BATCH = 100
PAIR_BATCH, PILE_BATCH = 32, 8
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


# --- From picture to picture, notebook 09 ---


def _two_adams(g_rate, d_rate):
    """Adam for G and for D; a rate may be a schedule."""
    return [keras.optimizers.Adam(rate, beta_1=0.5, beta_2=0.99) for rate in (g_rate, d_rate)]


def emoji_pix2pix(g_rate=2e-3, d_rate=1e-3, *, skip=1.5, width=20, seed=0, **options):
    """The kit's pix2pix for 32x32 emoji, compiled; train it with batches of ``PAIR_BATCH``.

    Args:
        g_rate, d_rate: learning rates or schedules.
        skip, width: of the generator; ``skip=0`` for line drawings.
        options: of ``ImageToImage.compile``; ``distance_weight`` is 100 and ``augment`` is a
            ``PairAugment`` unless given.
    """
    system = networks.CATALOGUE["laptop_pix2pix"]
    generator = system.generator(skip=skip, width=width)
    model = training.ImageToImage(generator, system.discriminator(receptive_field=34), seed=seed)
    choices = {"distance_weight": 100.0, "augment": augment.PairAugment(seed=seed)} | options
    model.compile(*_two_adams(g_rate, d_rate), **choices)
    return model


def emoji_cyclegan(g_rate=6e-4, d_rate=6e-4, *, width=16, seed=0, **options):
    """The kit's CycleGAN for 32x32 emoji, compiled; train it with batches of ``PILE_BATCH``.

    Args:
        g_rate, d_rate: learning rates or schedules.
        width: of the generators.
        options: of ``CycleGAN.compile``; ``cycle_weight`` is 4 unless given.
    """
    system = networks.CATALOGUE["laptop_cyclegan"]
    generators = [system.generator(width=width) for _ in "ab"]
    judges = [system.discriminator(receptive_field=34) for _ in "ab"]
    model = training.CycleGAN(*generators, *judges, seed=seed)
    model.compile(
        *_two_adams(g_rate, d_rate), **{"loss": "relativistic", "cycle_weight": 4.0} | options
    )
    return model


def emoji_resnet(g_rate=1e-3, *, seed=0):
    """The kit's SRResNet from 16 to 64 pixels with the distance alone, compiled."""
    generator = networks.CATALOGUE["laptop_srgan"].generator()
    model = training.SuperResolution(generator, seed=seed)
    model.compile(*_two_adams(g_rate, g_rate), distance_weight=1.0)
    return model


def published_pix2pix(image_shape=(32, 32, 3), seed=0):
    """zoo_pix2pix with as many layers as ``image_shape`` allows; train it with single pairs."""
    system = networks.CATALOGUE["zoo_pix2pix"]
    pair = system.generator(image_shape), system.discriminator(image_shape)
    model = training.ImageToImage(*pair, ema_momentum=0, seed=seed)
    model.compile()
    return model


def published_cyclegan(image_shape=(32, 32, 3), seed=0):
    """zoo_cyclegan with six residual blocks; train it with single images."""
    system = networks.CATALOGUE["zoo_cyclegan"]
    generators = [system.generator(image_shape, blocks=6) for _ in "ab"]
    judges = [system.discriminator(image_shape) for _ in "ab"]
    model = training.CycleGAN(*generators, *judges, ema_momentum=0, seed=seed)
    model.compile(identity_weight=5.0)
    return model


def published_resnet(image_shape=(16, 16, 3), seed=0):
    """zoo_srgan's first stage, SRResNet with squared error; train it with batches of 16."""
    generator = networks.CATALOGUE["zoo_srgan"].generator(image_shape)
    model = training.SuperResolution(generator, ema_momentum=0, seed=seed)
    model.compile(keras.optimizers.Adam(1e-4), distance=distances.mean_squared, distance_weight=1.0)
    return model
