"""The numbers of every notebook: one frozen dataclass each, and one row in ``NOTEBOOKS``.

``config.settings("01_dcgan_mnist")`` picks the values of the active profile and checks them.
"""

from dataclasses import dataclass, field

PROFILES = ("smoke", "laptop", "full")


def by_profile(smoke, laptop, full, **bounds):
    """A setting whose value depends on the profile. ``bounds`` are those of ``same``."""
    values = dict(zip(PROFILES, (smoke, laptop, full), strict=True))
    return field(metadata={"by_profile": values, **bounds})


def same(value, **bounds):
    """A setting with one value for all profiles.

    ``minimum=`` bounds a number (unless it is given, whole numbers must be at least 1 and others
    above 0), ``choices=`` names the words that are allowed.
    """
    return field(default=value, metadata=bounds)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What all notebooks share. Made by ``settings``, which also checks types and ranges."""

    notebook: str
    profile: str
    seed: int = same(42, minimum=0)


@dataclass(frozen=True, kw_only=True)
class StartHere(Settings):
    """00_start_here: a line fitted by SGD, a tiny classifier, one that overfits, an RNN.

    The limits fit the bundled images, so that the notebook never needs a download.
    """

    train_limit: int | None = by_profile(1_000, 10_000, 10_000)
    test_limit: int | None = by_profile(500, 2_000, 2_000)
    timing_steps: int = by_profile(5, 20, 20)
    line_epochs: int = by_profile(40, 10, 10)
    unit_steps: int = by_profile(60, 150, 150)
    batch_size: int = same(64)
    epochs: int = by_profile(3, 3, 3)
    learning_rate: float = same(2e-3, minimum=0)
    least_accuracy: float = by_profile(0.5, 0.9, 0.9, minimum=0)
    overfit_images: int = by_profile(150, 300, 300)
    overfit_epochs: int = by_profile(12, 30, 30)
    rnn_units: int = by_profile(32, 64, 64)
    rnn_epochs: int = by_profile(3, 2, 2)


@dataclass(frozen=True, kw_only=True)
class DcganMnist(Settings):
    """01_dcgan_mnist: SPEC R1 on ``r1_images`` images, then the kit's own, faster network."""

    dataset: str = same("mnist", choices=("mnist", "fashion_mnist"))
    train_limit: int | None = by_profile(512, 10_000, None)
    r1_images: int | None = by_profile(256, 2_048, None)  # 8 steps of 256 at laptop; None: all
    r1_epochs: int = by_profile(1, 1, 50)
    latent_dim: int = same(8)
    batch_size: int = same(32)
    epochs: int = by_profile(2, 13, 40)
    learning_rate: float = same(2e-3)
    ema_momentum: float = same(0.998)
    real_penalty: float = same(2.0, minimum=0)
    save_every: int = by_profile(1, 1, 5)
    epoch_samples: int = by_profile(64, 1_000, 2_000)
    num_samples: int = by_profile(64, 2_000, 10_000)
    grid: int = same(16)
    failure_images: int = by_profile(256, 2_048, 10_000)
    failure_epochs: int = by_profile(1, 3, 5)


@dataclass(frozen=True, kw_only=True)
class AutoencodersVae(Settings):
    """04_autoencoders_vae: L2 beside the kit's autoencoder, denoising, and VAEs of 2 and 16-D."""

    dataset: str = same("mnist", choices=("mnist", "fashion_mnist"))
    train_limit: int | None = by_profile(512, 10_000, None)
    test_limit: int | None = by_profile(200, 2_000, None)
    batch_size: int = same(100)
    learning_rate: float = same(2e-3)
    autoencoder_batch: int = same(32)
    autoencoder_epochs: int = by_profile(1, 4, 20)
    checkerboard_epochs: int = by_profile(1, 1, 5)
    denoise_epochs: int = by_profile(1, 2, 10)
    eager: bool = by_profile(True, False, False)  # no graphs: they do not pay for a few steps
    l1_images: int | None = by_profile(32, 640, None)  # 40 steps of 16 at laptop; None: all
    l1_epochs: int = by_profile(1, 1, 10)
    plane_epochs: int = by_profile(1, 5, 20)
    vae_epochs: int = by_profile(2, 35, 60)
    wide_epochs: int = by_profile(2, 30, 60)
    wide_latent_dim: int = same(16)
    sweep_epochs: int = by_profile(1, 6, 10)
    betas: tuple = by_profile((0.1, 10.0), (0.1, 0.5, 1.0, 3.0, 10.0), (0.1, 0.5, 1.0, 3.0, 10.0))
    collapse_epochs: int = by_profile(1, 5, 10)
    fashion_epochs: int = by_profile(1, 15, 30)
    save_every: int = by_profile(1, 10, 10)
    num_samples: int = by_profile(64, 2_000, 10_000)
    bound_samples: int = by_profile(8, 64, 100)
    tsne_images: int = by_profile(100, 1_500, 5_000)


NOTEBOOKS = {
    "00_start_here": StartHere,
    "01_dcgan_mnist": DcganMnist,
    "04_autoencoders_vae": AutoencodersVae,
}
