"""Training rules as ``keras.Model`` subclasses, and the loop that can be killed and resumed."""

from helpers.training.checkpoint import Checkpoint
from helpers.training.conditional import ConditionalGAN
from helpers.training.gan import GAN
from helpers.training.guard import TrainingDiverged
from helpers.training.loop import train
from helpers.training.sorted import SortedGAN
from helpers.training.vae import VAE

__all__ = [
    "GAN",
    "VAE",
    "Checkpoint",
    "ConditionalGAN",
    "SortedGAN",
    "TrainingDiverged",
    "train",
]
