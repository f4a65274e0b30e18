"""What exercises of notebook 09 ask for and no helper has: open ones run on these.

Images are float ``(N, H, W, C)`` in ``[-1, 1]``.
"""

import numpy as np

from helpers import distances, losses


def receptive_field(layers):
    """Side in pixels of the patch that one output sees; 1 without layers.

    Args:
        layers: pairs ``(kernel, stride)`` of convolutions, from the image up.
    """
    side, jump = 1, 1
    for kernel, stride in layers:
        side += (kernel - 1) * jump
        jump *= stride
    return side


def pix2pix_loss(fake_logits, fake, target, weight=100.0):
    """What pix2pix's generator minimizes, a scalar: fool D, and stay near the true picture.

    Source: Isola and others 2017 (arXiv:1611.07004), equations 2 to 4; 100 is theirs.
    """
    distance = distances.mean_absolute(fake, target)
    return losses.generator_loss("non_saturating", fake_logits) + weight * distance


def exchange(pool, fakes, size, random):
    """Pass fakes through a pool of at most ``size`` old ones; the array that D shall see.

    While the pool is not full, a fake is stored and returned. After that it is returned with
    probability 1/2, and else takes the place of a random old one, which is returned.

    Args:
        pool: list of images, changed in place.
        fakes: array ``(N, H, W, C)``, left as it is.
        random: ``np.random.Generator``.

    Source: Shrivastava and others 2017 (arXiv:1612.07828), in the form that CycleGAN uses.
    """
    shown = []
    for fake in np.array(fakes):
        if len(pool) < size:
            pool.append(fake)
        elif random.random() < 0.5:
            place = random.integers(size)
            fake, pool[place] = pool[place], fake
        shown.append(fake)
    return np.stack(shown)


def rank_of_truth(outputs, truths):
    """How many other truths are nearer to each output than its own: int64 ``(N,)``, 0 is best.

    Near is a small mean squared difference. Truths that are equally near do not count.
    """
    outputs, truths = (np.asarray(each).reshape(len(each), -1) for each in (outputs, truths))
    errors = np.stack([np.square(truths - output).mean(axis=1) for output in outputs])
    return (errors < np.diag(errors)[:, None]).sum(axis=1)
