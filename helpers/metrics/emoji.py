"""What the emoji classifier sees in a drawing: its group, and the artist.

The classifier tells 27 classes apart, every group of each artist; index artist * 9 + group, in
the orders of ``helpers.datasets.emoji``. Sums of its probabilities answer one question at a time:
of the 459 test drawings 67 % get their group and 90 % their artist. That, and not 100 %, is what
the true drawings score beside a translation. Take a group with care: food is often taken for
objects, activities for travel, and there is no flag among the test drawings.

How far is a set of outputs from what one artist draws?

    truth = reference("emoji").class_moments[list(ARTISTS).index("fluent")]
    frechet_distance(features(outputs, "emoji", (-1, 1)), truth)

Translations of the test things may reach 0: the truth shows the same things. The floor for
pictures of other things is what 153 training things of the artist score: 11 for Noto, 12 for
Twemoji, 11 for Fluent, give or take 2. Smaller sets score higher: half of an artist's test
drawings against the other half 25, 24 and 20. Copying the input scores 192 between Noto and
Twemoji, 195 between Noto and Fluent, 268 between Twemoji and Fluent. About a third of the 64
features never fires, so that the covariance is singular; the distance allows for it.
``tools/make_reference.py emoji`` prints these figures.
"""

from helpers.datasets.emoji import ARTISTS, GROUPS
from helpers.metrics.scoring import Judgment, judge


def group_probabilities(images, value_range=None):
    """Probability of each group, whoever drew it: ``(images, 9)``, float32.

    Args:
        images: uint8, or floats within ``value_range``, ``(images, 32, 32, 3)``; or a
            ``Judgment`` by the emoji classifier.
        value_range: ``(lowest, highest)`` value of float images; ignored for the others.

    Raises:
        ValueError: as for ``judge``; a ``Judgment`` by another classifier.
    """
    return _table(images, value_range).sum(axis=1)


def artist_probabilities(images, value_range=None):
    """Probability of each artist, whatever is drawn: ``(images, 3)``; as group_probabilities."""
    return _table(images, value_range).sum(axis=2)


def _table(images, value_range):
    """Probabilities as ``(images, artists, groups)``."""
    judged = images if isinstance(images, Judgment) else judge(images, "emoji", value_range)
    width = len(ARTISTS) * len(GROUPS)
    if judged.probabilities.shape[1:] != (width,):
        raise ValueError(
            f"the Judgment has probabilities of shape {judged.probabilities.shape}, the emoji "
            f'classifier gives {width} a drawing: make it with judge(images, "emoji")'
        )
    return judged.probabilities.reshape(-1, len(ARTISTS), len(GROUPS))
