"""Pictures of z: arrays in, arrays out, whatever the generator's inputs are."""

import keras
import numpy as np
import tensorflow as tf

from lessons.latent.checking import points, whole


def draw(generator, z, labels=None, *, batch_size=250):
    """Images that a generator draws for z, as a float32 array ``(N, H, W, C)``.

    Args:
        generator: Keras model; inputs z, or z and labels.
        z: ``(N, latent_dim)``.
        labels: one class for all (an int) or one for each z ``(N,)``, for a conditional generator.
        batch_size: images drawn at once; bounds the memory.

    Raises:
        ValueError: z of another length, or labels missing or of another number.
    """
    z, inputs = points(z), generator.inputs
    if z.shape[1] != inputs[0].shape[-1]:
        raise ValueError(
            f"{generator.name} takes z of {inputs[0].shape[-1]} numbers, got {z.shape[1]}"
        )
    if len(inputs) == 2 and labels is None:
        raise ValueError(f"{generator.name} is asked for a class: pass labels")
    parts = [tf.constant(z)]
    if len(inputs) == 2:
        if np.ndim(labels) not in (0, 1) or (np.ndim(labels) == 1 and len(labels) != len(z)):
            raise ValueError(f"{len(z)} z need one label or {len(z)}, got {np.shape(labels)}")
        parts.append(tf.constant(np.broadcast_to(labels, (len(z),)).astype("int32")))
    drawn = []
    for start in range(0, len(z), whole(batch_size, "batch_size")):
        batch = [part[start : start + batch_size] for part in parts]
        images = generator(batch if len(batch) == 2 else batch[0], training=False)
        drawn.append(keras.ops.convert_to_numpy(images))
    return np.concatenate(drawn)
