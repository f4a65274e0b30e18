"""Networks of the course: ``CATALOGUE`` maps the name of a system to its builders.

>>> from helpers import networks
>>> generator = networks.CATALOGUE["lab_dcgan"].generator()

``docs/SOURCES.md`` says where each published system is from. The builders of ``lab_dcgan`` are
``lab_dcgan_generator`` and ``lab_dcgan_discriminator`` in the module that its entry names; a
module is loaded when one of its systems is first built.
"""

import importlib
from dataclasses import dataclass
from functools import partialmethod
from types import MappingProxyType

GAN = ("generator", "discriminator")
AUTOENCODER = ("encoder", "decoder")


@dataclass(frozen=True)
class System:
    """The networks of one system; each call returns a new, untrained ``keras.Model``.

    Attributes:
        id: name of the system.
        title: the same in words.
        module: where in this package its builders are.
        parts: the networks that it has.
    """

    id: str
    title: str
    module: str
    parts: tuple[str, str] = GAN

    def build(self, part, *sizes, **options):
        """What the builder of one part gives, such as ``gan.lab_dcgan_generator()``."""
        if part not in self.parts:
            raise ValueError(f"{self.id} has no {part}; it has {' and '.join(self.parts)}")
        module = importlib.import_module(f"{__name__}.{self.module}")
        return getattr(module, f"{self.id}_{part}")(*sizes, **options)

    generator = partialmethod(build, "generator")
    discriminator = partialmethod(build, "discriminator")
    encoder = partialmethod(build, "encoder")
    decoder = partialmethod(build, "decoder")


class Catalogue(dict):
    """A dict whose missing key is explained instead of being a bare ``KeyError``."""

    def __missing__(self, key):
        raise ValueError(f"no system {key!r}; the kit has {', '.join(self)}")


_SYSTEMS = (
    System("lab_dcgan", "DCGAN on MNIST", "gan"),
    System("lecture_dcgan", "DCGAN on MNIST, second form", "gan"),
    System("slides_gan", "DCGAN with dense layers and ELU", "gan"),
    System("lab_cifar", "GAN on CIFAR-10", "color"),
    System("assignment_cifar", "GAN on CIFAR-10, assignment", "color"),
    System("assignment_cgan", "conditional GAN on Fashion-MNIST", "conditional"),
    System("homework_vae", "variational autoencoder", "autoencoders", AUTOENCODER),
    System("homework_autoencoder", "convolutional autoencoder", "autoencoders", AUTOENCODER),
    System("homework_denoiser", "denoising autoencoder", "autoencoders", AUTOENCODER),
    System("homework_gan", "GAN for 28x28 digits or faces", "gan"),
    System("zoo_pix2pix", "from picture to picture with pairs", "translation"),
    System("zoo_cyclegan", "from picture to picture without pairs", "translation"),
    System("zoo_discogan", "two coupled GANs without pairs", "translation"),
    System("zoo_srgan", "super-resolution, four times as large", "translation"),
    # The kit's own, for two cores: notebooks 01, 02, 08, twice 04 and four times 09.
    System("laptop_dcgan", "GAN for 28x28 digits", "gan"),
    System("laptop_color", "GAN for 32x32 color in ten classes", "color"),
    System("laptop_pictures", "GAN for a folder of pictures", "color"),
    System("laptop_autoencoder", "autoencoder for 28x28 images", "autoencoders", AUTOENCODER),
    System("laptop_vae", "VAE for 28x28 images", "autoencoders", AUTOENCODER),
    System("laptop_pix2pix", "one artist's emoji redrawn by another", "translation"),
    System("laptop_cyclegan", "the same without pairs", "translation"),
    System("laptop_discogan", "bags to shoes, 28x28", "translation"),
    System("laptop_srgan", "16 to 64 pixels", "translation"),
)

CATALOGUE = MappingProxyType(Catalogue((system.id, system) for system in _SYSTEMS))
