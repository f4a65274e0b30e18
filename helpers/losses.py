"""Loss functions of generative models, as pure functions of logits.

Every function takes logits (any real numbers, shape ``(batch,)`` or ``(batch, 1)``; large means
"real") and returns one float32 number: the **mean over the batch**. Nothing here is random and
nothing is kept between calls. Notebook 01 derives the first three.
"""

import tensorflow as tf
from keras import ops

from helpers import checking

TARGET_LOSSES = ("non_saturating", "minimax", "least_squares")
GAN_LOSSES = (*TARGET_LOSSES, "hinge", "wasserstein", "relativistic")


def check_kind(kind):
    """Raise ``ValueError`` unless ``kind`` is one of ``GAN_LOSSES``; returns it."""
    return checking.choice(kind, "loss", GAN_LOSSES)


def binary_cross_entropy(logits, targets):
    """Cross-entropy of sigmoid(logits) against targets in [0, 1], from the logits.

    ``softplus(logit) - target * logit``: the form that neither overflows nor takes log(0).
    """
    return ops.mean(ops.softplus(logits) - targets * logits)


def least_squares(logits, targets):
    """Half the squared distance to the targets (Mao et al. 2017, arXiv:1611.04076)."""
    return 0.5 * ops.mean(ops.square(logits - targets))


def discriminator_terms(kind, real_logits, fake_logits, real_targets=1.0, fake_targets=0.0):
    """The two terms of the discriminator's loss, for real and for fake images.

    Their sum is what the discriminator minimizes. The targets matter for ``TARGET_LOSSES`` only:
    0.9 for real images is one-sided label smoothing. The relativistic loss compares pairs and
    cannot be split: each term holds one half of it.

    Source: lab_dcgan (Goodfellow et al. 2014, arXiv:1406.2661); hinge: Lim & Ye 2017
    (arXiv:1705.02894); Wasserstein: Arjovsky et al. 2017 (arXiv:1701.07875); relativistic
    pairing: Jolicoeur-Martineau 2018 (arXiv:1807.00734), Huang et al. 2025 (arXiv:2501.05441).
    """
    check_kind(kind)
    if kind in ("non_saturating", "minimax"):
        return (
            binary_cross_entropy(real_logits, real_targets),
            binary_cross_entropy(fake_logits, fake_targets),
        )
    if kind == "least_squares":
        return least_squares(real_logits, real_targets), least_squares(fake_logits, fake_targets)
    if kind == "hinge":
        return ops.mean(ops.relu(1.0 - real_logits)), ops.mean(ops.relu(1.0 + fake_logits))
    if kind == "wasserstein":
        return -ops.mean(real_logits), ops.mean(fake_logits)
    half = 0.5 * ops.mean(ops.softplus(fake_logits - real_logits))
    return half, half


def generator_loss(kind, fake_logits, real_logits=None, real_targets=1.0):
    """What the generator minimizes; ``real_logits`` are needed by ``"relativistic"`` only.

    ``"minimax"`` is the generator's side of the original game, mean log(1 - D(fake)): it is
    negative, and flat where the discriminator is sure. ``"non_saturating"`` replaces it by
    -log D(fake), which is steep there. Sources as in ``discriminator_terms``.
    """
    check_kind(kind)
    if kind == "non_saturating":
        return binary_cross_entropy(fake_logits, real_targets)
    if kind == "minimax":
        return -ops.mean(ops.softplus(fake_logits))
    if kind == "least_squares":
        return least_squares(fake_logits, real_targets)
    if kind == "relativistic":
        if real_logits is None:
            raise ValueError("the relativistic loss compares fake with real: pass real_logits")
        return ops.mean(ops.softplus(real_logits - fake_logits))
    return -ops.mean(fake_logits)


def zero_centered_penalty(logits_of, images):
    """Half the mean squared norm of the gradient of the logits by the images, and the logits.

    On real images this is the penalty R1, on fake ones R2, of Mescheder et al. 2018
    (arXiv:1801.04406). ``logits_of`` maps images to logits, shape ``(batch, 1)``.
    """
    with tf.GradientTape() as tape:
        tape.watch(images)
        logits = logits_of(images)
    gradients = tape.gradient(logits, images)
    return 0.5 * ops.mean(ops.sum(ops.square(gradients), axis=(1, 2, 3))), logits
