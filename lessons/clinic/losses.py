"""The kit's versions of what notebook 07 asks for, under the names and arguments used there."""

import tensorflow as tf
from keras import ops

from helpers import losses


def generator_losses(fake_logits):
    """The generator's loss in both forms: (minimax, non-saturating), one number each."""
    return (
        losses.generator_loss("minimax", fake_logits),
        losses.generator_loss("non_saturating", fake_logits),
    )


def generator_gradients(fake_logits):
    """Derivative of each of them by each fake's own logit, both like the logits.

    -D(fake) for the minimax loss, D(fake) - 1 for the non-saturating one.
    """
    return -ops.sigmoid(fake_logits), -ops.sigmoid(-ops.convert_to_tensor(fake_logits))


def gradient_penalty(discriminator, images):
    """Half the mean squared norm of the gradient of D(images) by the images: one number."""
    penalty, _ = losses.zero_centered_penalty(
        lambda x: discriminator(x, training=True), tf.convert_to_tensor(images)
    )
    return penalty


def hinge_losses(real_logits, fake_logits):
    """(d_loss, g_loss) of the hinge game, one number each."""
    return (
        sum(losses.discriminator_terms("hinge", real_logits, fake_logits)),
        losses.generator_loss("hinge", fake_logits),
    )
