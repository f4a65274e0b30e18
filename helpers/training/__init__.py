"""Training rules as ``keras.Model`` subclasses, and the loop that can be killed and resumed."""

import helpers
from helpers.training.base import GenerativeModel, TrainingDiverged
from helpers.training.checkpoint import Checkpoint
from helpers.training.gan import GAN
from helpers.training.loop import train

# Loaded by those who use them: a lesson on GANs does not need the VAE.
OTHERS = {
    "ConditionalGAN": "conditional",
    "ClassSwitchGAN": "conditional",
    "Fade": "fade",
    "TensorBoardGAN": "tensorboard",
    "VAE": "vae",
    "ImageToImage": "translation",
    "SuperResolution": "translation",
    "CycleGAN": "cycle",
}

__getattr__ = helpers.on_demand(__name__, OTHERS)
__all__ = ["GAN", "Checkpoint", "GenerativeModel", "TrainingDiverged", "train", *OTHERS]
