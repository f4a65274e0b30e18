"""TensorBoard for a GAN, as slides_gan shows it; needs the extra ``tensorboard``."""

import keras
import numpy as np
import tensorflow as tf

SCALARS = {"D_loss_real": "d_loss_real", "D_loss_fake": "d_loss_fake", "G_loss": "g_loss"}


class TensorBoardGAN(keras.callbacks.Callback):
    """Logs the losses, some training images and as many generated ones after every epoch.

    Args:
        folder: the log folder, as in ``tensorboard --logdir folder``.
        images: some training images, float in the model's range, ``(N, H, W, C)``.
        z: the z of the generated images.
    """

    def __init__(self, folder, images, z):
        super().__init__()
        try:
            import tensorboard  # noqa: F401
        except ImportError as error:
            raise ImportError(
                'TensorBoardGAN needs TensorBoard: pip install "generative-course-kit[tensorboard]"'
            ) from error
        self.images, self.z = images, z
        self.writer = tf.summary.create_file_writer(str(folder))

    def on_epoch_end(self, epoch, logs=None):
        pictures = {"Input_images": self.images, "Generated_images": self.model.generate(self.z)}
        low, high = self.model.value_range or (-1.0, 1.0)
        with self.writer.as_default(step=epoch + 1):
            for shown, key in SCALARS.items():
                tf.summary.scalar(shown, logs[key])
            for shown, images in pictures.items():
                unit = np.clip((np.asarray(images) - low) / (high - low), 0.0, 1.0)
                tf.summary.image(shown, unit, max_outputs=len(unit))

    def on_train_end(self, logs=None):
        self.writer.close()
