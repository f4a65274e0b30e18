"""Networks of the course: ``CATALOGUE`` maps a reference id to the builders of that system.

>>> from helpers import networks
>>> generator = networks.CATALOGUE["lab_dcgan"].generator()
"""

from collections.abc import Callable
from dataclasses import dataclass
from types import MappingProxyType

from helpers.networks import autoencoders, color, conditional, gan


@dataclass(frozen=True)
class System:
    """Builders of one reference system; each call returns a new, untrained ``keras.Model``."""

    id: str
    title: str
    generator: Callable | None = None
    discriminator: Callable | None = None
    encoder: Callable | None = None
    decoder: Callable | None = None


class Catalogue(dict):
    """A dict whose missing key is explained instead of being a bare ``KeyError``."""

    def __missing__(self, key):
        raise ValueError(f"no reference system {key!r}; the kit has {', '.join(self)}")


def _catalogue(*systems):
    return MappingProxyType(Catalogue((system.id, system) for system in systems))


CATALOGUE = _catalogue(
    System("lab_dcgan", "DCGAN on MNIST", gan.lab_dcgan_generator, gan.lab_dcgan_discriminator),
    System(
        "lecture_dcgan",
        "DCGAN on MNIST, second form",
        gan.lecture_dcgan_generator,
        gan.lecture_dcgan_discriminator,
    ),
    System(
        "slides_gan",
        "DCGAN with dense layers and ELU",
        gan.slides_gan_generator,
        gan.slides_gan_discriminator,
    ),
    System(
        "lab_cifar", "GAN on CIFAR-10", color.lab_cifar_generator, color.lab_cifar_discriminator
    ),
    System(
        "assignment_cifar",
        "GAN on CIFAR-10, assignment",
        color.assignment_cifar_generator,
        color.assignment_cifar_discriminator,
    ),
    System(
        "assignment_cgan",
        "conditional GAN on Fashion-MNIST",
        conditional.assignment_cgan_generator,
        conditional.assignment_cgan_discriminator,
    ),
    System(
        "homework_vae",
        "variational autoencoder",
        encoder=autoencoders.homework_vae_encoder,
        decoder=autoencoders.homework_vae_decoder,
    ),
    System(
        "homework_autoencoder",
        "convolutional autoencoder",
        encoder=autoencoders.homework_autoencoder_encoder,
        decoder=autoencoders.homework_autoencoder_decoder,
    ),
    System(
        "homework_denoiser",
        "denoising autoencoder",
        encoder=autoencoders.homework_denoiser_encoder,
        decoder=autoencoders.homework_denoiser_decoder,
    ),
    System(
        "homework_gan",
        "GAN for 28x28 digits or faces",
        gan.homework_gan_generator,
        gan.homework_gan_discriminator,
    ),
)

# The kit's own network for 28x28 digits, convincing after a minute on two cores (notebook 01).
laptop_dcgan = System(
    "laptop", "DCGAN for two cores", gan.laptop_generator, gan.laptop_discriminator
)

# The kit's own network for 32x32 color (notebook 02).
laptop_color = System(
    "laptop", "color GAN for two cores", color.laptop_generator, color.laptop_discriminator
)

# The same without classes, for a folder of one's own pictures (notebook 08).
laptop_pictures = System(
    "laptop", "GAN for a folder of pictures", color.picture_generator, color.picture_discriminator
)

# The kit's own autoencoder and VAE for 28x28 images (notebook 04).
laptop_autoencoder = System(
    "laptop",
    "autoencoder for two cores",
    encoder=autoencoders.laptop_encoder,
    decoder=autoencoders.laptop_decoder,
)
laptop_vae = System(
    "laptop",
    "VAE for two cores",
    encoder=autoencoders.laptop_vae_encoder,
    decoder=autoencoders.laptop_vae_decoder,
)
load_vae = autoencoders.load_vae  # the shipped ones
