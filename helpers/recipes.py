"""Recipes: a network, its optimisers and its loss, put together as they are trained.

Notebooks 01 to 03 build theirs cell by cell; benchmarks and the tools that train shipped weights
take them from here. A test compares the two.
"""

import keras

from helpers import networks, training

MNIST_BATCH = 32
VAE_BATCH = 100


def mnist_gan(*, learning_rate=2e-3, real_penalty=2.0, ema_momentum=0.998, seed=0):
    """The kit's fast DCGAN of notebook 01, compiled; train it with batches of ``MNIST_BATCH``.

    Relativistic pairing loss, zero-centred gradient penalty on real images in every fourth step,
    Adam without momentum. Sources: Jolicoeur-Martineau 2018 (arXiv:1807.00734), Mescheder et al.
    2018 (arXiv:1801.04406), Karras et al. 2020 (lazy penalty, arXiv:1912.04958).
    """
    system = networks.laptop_dcgan
    gan = training.GAN(
        system.generator(), system.discriminator(), ema_momentum=ema_momentum, seed=seed
    )
    gan.compile(
        keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=0.95),
        keras.optimizers.Adam(learning_rate, beta_1=0.0, beta_2=0.95),
        loss="relativistic",
        real_penalty=real_penalty,
        penalty_every=4,
    )
    return gan


def r1_gan(seed=0):
    """R1 to the letter: two Adam(1e-4), cross-entropy, both gradients at once (SPEC R1)."""
    system = networks.CATALOGUE["R1"]
    gan = training.GAN(system.generator(), system.discriminator(), ema_momentum=None, seed=seed)
    gan.compile(keras.optimizers.Adam(1e-4), keras.optimizers.Adam(1e-4), simultaneous=True)
    return gan


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
        binarise="stochastic",
        seed=seed,
    )
    vae.compile(keras.optimizers.Adam(keras.optimizers.schedules.CosineDecay(learning_rate, steps)))
    return vae
