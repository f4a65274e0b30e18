"""The numbers of every notebook: one frozen dataclass each, and one row in ``NOTEBOOKS``.

``config.settings("01_dcgan_mnist")`` picks the values of the active profile.
"""

from dataclasses import dataclass, field

PROFILES = ("smoke", "laptop", "full")


def by_profile(smoke, laptop, full, **bounds):
    """A setting whose value depends on the profile.

    ``bounds`` hold for a value that a user passes instead: ``minimum=`` of a number (unless it is
    given, whole numbers must be at least 1 and others above 0), ``choices=``, the words allowed.
    """
    values = dict(zip(PROFILES, (smoke, laptop, full), strict=True))
    return field(metadata={"by_profile": values, **bounds})


def same(value, **bounds):
    """A setting with one value for all profiles. ``bounds`` are those of ``by_profile``."""
    return by_profile(value, value, value, **bounds)


@dataclass(frozen=True, kw_only=True)
class Settings:
    """What all notebooks share. Made by ``config.settings``."""

    notebook: str
    profile: str
    seed: int = same(42, minimum=0)


@dataclass(frozen=True, kw_only=True)
class StartHere(Settings):
    """00_start_here: a line fitted by SGD, a tiny classifier, one that overfits, an RNN.

    The limits fit the bundled images, so that the notebook never needs a download.
    """

    train_limit: int = by_profile(1_000, 10_000, 10_000)
    test_limit: int = by_profile(500, 2_000, 2_000)
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
    """01_dcgan_mnist: lab_dcgan on ``published_images`` images, then the kit's faster network."""

    dataset: str = same("mnist", choices=("mnist", "fashion_mnist"))
    train_limit: int | None = by_profile(512, 10_000, None)
    # 8 steps of 256 at laptop; None: all
    published_images: int | None = by_profile(256, 2_048, None)
    published_epochs: int = by_profile(1, 1, 50)
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
    tune_images: int = by_profile(512, 2_048, 10_000)
    tune_epochs: int = by_profile(1, 3, 5)


@dataclass(frozen=True, kw_only=True)
class CifarDcgan(Settings):
    """02_dcgan_cifar10: two published pairs on ``published_images`` images, then the kit's own.

    The published ones are lab_cifar and assignment_cifar. The four trials share ``trial_images``
    and ``trial_epochs``; the failure learns ``failure_images`` pictures by heart.
    ``neighbor_images`` is the number of digits in the comparison of the data sets.
    """

    dataset: str = same("cifar10", choices=("cifar10",))
    train_limit: int | None = by_profile(512, 10_000, None)
    compare_images: int = by_profile(64, 1_000, 2_000)
    neighbor_images: int = by_profile(200, 10_000, 10_000)
    published_images: int | None = by_profile(32, 512, None)  # None: all
    published_epochs: int = by_profile(1, 2, 100)
    published_every: int = by_profile(1, 1, 10)
    spectrum_images: int = by_profile(64, 1_000, 2_000)
    latent_dim: int = same(42)
    batch_size: int = same(32)
    epochs: int = by_profile(3, 13, 100)
    fade_epochs: int = by_profile(1, 2, 30, minimum=0)
    learning_rate: float = same(2e-3)
    ema_momentum: float = same(0.998)
    real_penalty: float = same(0.5, minimum=0)
    save_every: int = by_profile(1, 1, 5)
    grid_every: int = by_profile(1, 1, 10)
    epoch_samples: int = by_profile(64, 1_000, 2_000)
    num_samples: int = by_profile(64, 2_000, 10_000)
    trial_images: int = by_profile(32, 256, 1_000)
    trial_epochs: int = by_profile(1, 16, 50)
    failure_images: int = same(8)
    failure_copies: int = by_profile(4, 64, 128)  # of each picture, in one epoch
    failure_epochs: int = by_profile(1, 20, 40)
    tune_class: str = same("horse")
    tune_epochs: int = by_profile(1, 4, 20)
    tune_images: int | None = by_profile(32, 1_000, None)
    tune_rate: float = same(1e-4)
    eager_trials: bool = by_profile(True, False, False)  # tracing takes longer than one step


@dataclass(frozen=True, kw_only=True)
class FashionCgan(Settings):
    """03_cgan_fashion_mnist: ``short_*`` are the runs that compare, ``tune_*`` the last one.

    The task is that of assignment_cgan. The limits fit the bundled images, so that only profile
    ``full`` asks for more.
    """

    dataset: str = same("fashion_mnist", choices=("fashion_mnist", "mnist"))
    train_limit: int | None = by_profile(512, 10_000, None)
    test_limit: int = by_profile(500, 2_000, 2_000)
    latent_dim: int = same(16)
    batch_size: int = same(32)
    epochs: int = by_profile(2, 12, 60)
    learning_rate: float = same(2e-3)
    ema_momentum: float = same(0.998)
    real_penalty: float = same(2.0, minimum=0)
    save_every: int = by_profile(1, 2, 5)
    epoch_samples: int = by_profile(100, 1_000, 2_000)
    num_samples: int = by_profile(200, 2_000, 10_000)
    columns: int = same(8)
    short_images: int = by_profile(64, 4_000, 20_000)
    short_epochs: int = by_profile(1, 3, 5)
    run_eagerly: bool = by_profile(True, False, False)
    tune_images: int = by_profile(64, 4_000, 20_000)
    tune_epochs: int = by_profile(1, 2, 3)


@dataclass(frozen=True, kw_only=True)
class Deepdream(Settings):
    """05_deepdream: lab_dream on photographs; sides in pixels."""

    network: str = same("squeezenet", choices=("squeezenet", "inception_v1"))
    largest: int = by_profile(96, 400, 640)
    small_largest: int = by_profile(96, 300, 400)
    num_iterations: int = by_profile(2, 10, 10)
    num_repeats: int = by_profile(1, 4, 4, minimum=0)
    rescale_factor: float = same(0.7)
    blend: float = same(0.2, minimum=0)
    step_size: float = same(3.0)
    sheet_channels: int = by_profile(2, 8, 10)
    sheet_size: int = by_profile(32, 112, 160)
    sheet_iterations: int = by_profile(2, 16, 30)
    recipe_iterations: int | None = by_profile(1, None, None)  # None: those of lab_dream
    zoom_largest: int = by_profile(64, 240, 400)
    zoom_frames: int = by_profile(3, 30, 120)


@dataclass(frozen=True, kw_only=True)
class StyleTransfer(Settings):
    """06_style_transfer: lecture_style on photographs; sides in pixels, iterations at each size."""

    network: str = same("squeezenet", choices=("squeezenet", "vgg19"))
    largest: int = by_profile(64, 400, 640)
    small_largest: int = by_profile(64, 208, 400)
    sheet_largest: int = by_profile(48, 160, 256)
    levels: int = by_profile(1, 3, 3)
    small_levels: int = by_profile(1, 2, 2)
    iterations: int = by_profile(3, 60, 120)
    small_iterations: int = by_profile(2, 40, 80)
    own_steps: int = by_profile(3, 60, 200)
    panel_layers: int = by_profile(2, 5, 5)
    panel_iterations: int = by_profile(2, 60, 150)
    race_iterations: int = by_profile(3, 60, 200)
    sheet_iterations: int = by_profile(1, 25, 50)
    film_every: int = by_profile(1, 4, 4)


@dataclass(frozen=True, kw_only=True)
class AutoencodersVae(Settings):
    """04_autoencoders_vae: two autoencoders, denoising, and VAEs of 2 and 16 numbers.

    ``published_images`` and ``published_epochs`` are for homework_vae.
    """

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
    published_images: int | None = by_profile(32, 640, None)  # 40 steps of 16 at laptop; None: all
    published_epochs: int = by_profile(1, 1, 10)
    plane_epochs: int = by_profile(1, 5, 20)
    vae_epochs: int = by_profile(2, 35, 60)
    wide_epochs: int = by_profile(2, 30, 60)
    wide_latent_dim: int = same(16)
    sweep_epochs: int = by_profile(1, 5, 10)
    betas: tuple = by_profile((0.1, 10.0), (0.1, 0.5, 1.0, 3.0, 10.0), (0.1, 0.5, 1.0, 3.0, 10.0))
    collapse_epochs: int = by_profile(1, 5, 10)
    fashion_epochs: int = by_profile(1, 10, 30)
    save_every: int = by_profile(1, 10, 10)
    num_samples: int = by_profile(64, 2_000, 10_000)
    bound_samples: int = by_profile(8, 64, 100)
    tsne_images: int = by_profile(100, 1_500, 5_000)


@dataclass(frozen=True, kw_only=True)
class GanClinic(Settings):
    """07_gan_clinic: GANs of one and two numbers, six patients, one cell of the remedies' table.

    ``patient_steps`` are those of each patient, sick or treated.
    """

    dataset: str = same("mnist", choices=("mnist",))
    train_limit: int | None = by_profile(256, 2_000, 10_000)
    game_steps: int = same(200)
    game_rate: float = same(0.1)
    line_steps: int = by_profile(20, 2_000, 5_000)
    line_frames: tuple = by_profile((5, 10), (60, 250), (60, 250))
    ring_steps: int = by_profile(20, 2_000, 5_000)
    ring_frames: int = by_profile(4, 20, 40)
    grid: int = by_profile(24, 64, 96)  # points a side at which D's surface is drawn
    patient_steps: int = by_profile(3, 200, 1_000)
    num_samples: int = by_profile(64, 500, 2_000)
    eager: bool = by_profile(True, False, False)  # tracing takes longer than a few steps
    cell_seconds: float = by_profile(0.5, 8.0, 8.0)


@dataclass(frozen=True, kw_only=True)
class LatentSpace(Settings):
    """08_latent_space: shipped generators, then ``picture_*``, a GAN on a folder of pictures.

    ``published`` takes homework_gan's networks for the folder instead of the kit's.
    """

    bank: int = by_profile(400, 2_000, 5_000)  # z among which attributes are looked for
    num_samples: int = by_profile(200, 1_000, 5_000)
    known_images: int = by_profile(500, 10_000, 10_000)
    walk_steps: int = by_profile(6, 24, 48)
    trials: int = by_profile(20, 200, 500)
    limits: tuple = by_profile(
        (0.25, 1.0, 3.0), (0.25, 0.5, 1.0, 1.5, 2.0, 3.0), (0.25, 0.5, 1.0, 1.5, 2.0, 3.0)
    )
    invert_images: int = by_profile(4, 8, 8)
    invert_starts: int = by_profile(3, 12, 24)
    invert_steps: int = by_profile(30, 200, 400)
    plain_steps: int = by_profile(20, 150, 300)
    picture_class: str = same("horse")
    picture_count: int = by_profile(60, 1_200, 1_200)  # a sixth is held out
    picture_size: int = by_profile(32, 32, 28)
    published: bool = by_profile(False, False, True)
    picture_epochs: int = by_profile(1, 50, 600)
    batch_size: int = same(32)
    learning_rate: float = same(2e-3)
    real_penalty: float = same(0.5, minimum=0)
    ema_momentum: float = same(0.998)
    run_eagerly: bool = by_profile(True, False, False)


NOTEBOOKS = {
    "00_start_here": StartHere,
    "01_dcgan_mnist": DcganMnist,
    "02_dcgan_cifar10": CifarDcgan,
    "03_cgan_fashion_mnist": FashionCgan,
    "04_autoencoders_vae": AutoencodersVae,
    "05_deepdream": Deepdream,
    "06_style_transfer": StyleTransfer,
    "07_gan_clinic": GanClinic,
    "08_latent_space": LatentSpace,
}
