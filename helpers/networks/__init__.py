"""Networks of the course: ``CATALOGUE`` maps a reference id to the builders of that system.

>>> from helpers import networks
>>> generator = networks.CATALOGUE["R1"].generator()
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
    System("R1", "DCGAN on MNIST", gan.r1_generator, gan.r1_discriminator),
    System("Z3", "DCGAN on MNIST, second form", gan.z3_generator, gan.z3_discriminator),
    System("T1", "DCGAN with dense layers and ELU", gan.t1_generator, gan.t1_discriminator),
    System("R2", "GAN on CIFAR-10", color.r2_generator, color.r2_discriminator),
    System("D2", "GAN on CIFAR-10, assignment", color.d2_generator, color.d2_discriminator),
    System(
        "D3",
        "conditional GAN on Fashion-MNIST",
        conditional.d3_generator,
        conditional.d3_discriminator,
    ),
    System(
        "L1",
        "variational autoencoder",
        encoder=autoencoders.l1_encoder,
        decoder=autoencoders.l1_decoder,
    ),
    System(
        "L2",
        "convolutional autoencoder",
        encoder=autoencoders.l2_encoder,
        decoder=autoencoders.l2_decoder,
    ),
    System(
        "L3",
        "denoising autoencoder",
        encoder=autoencoders.l3_encoder,
        decoder=autoencoders.l3_decoder,
    ),
    System("L4", "GAN for 28x28 digits or faces", gan.l4_generator, gan.l4_discriminator),
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
