"""Directions in latent space that mean something: found from labels, or without any."""

from typing import NamedTuple

import keras
import numpy as np
from sklearn.decomposition import PCA
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split

from helpers import checking
from lessons.latent import sampling


class Direction(NamedTuple):
    """A direction of latent space."""

    vector: np.ndarray  # a unit vector (latent_dim,), float32
    accuracy: float  # share of held-out z on the right side; guessing: the commoner label's share


class Components(NamedTuple):
    """Directions in order of the change that they make in a generator's first layer."""

    vectors: np.ndarray  # unit rows (count, latent_dim), float32
    shares: np.ndarray  # of the variance of the activations that each carries, (count,)


def probe(z, labels, *, seed=0):
    """The direction along which a yes-or-no attribute changes, by a linear probe.

    A logistic regression looks for the plane in z that best parts "yes" from "no"; the direction
    is the plane's normal, toward "yes".

    Args:
        z: ``(N, latent_dim)``, at least 20.
        labels: ``(N,)`` booleans, or 0s and 1s; both must occur at least 5 times.
        seed: of the split; a quarter of the z is held out for the test.

    Returns:
        ``Direction``.

    Source: Shen et al. 2019 (arXiv:1907.10786).
    """
    z, labels = checking.z(z, at_least=20), np.asarray(labels)
    if labels.shape != (len(z),) or not np.isin(labels, (0, 1)).all():
        raise ValueError(f"labels must be {len(z)} times yes or no, got {labels.shape}")
    labels = labels.astype(bool)
    if min(labels.sum(), (~labels).sum()) < 5:
        raise ValueError(
            f"{labels.sum()} of {len(z)} labels are yes: a probe needs at least 5 of each kind; "
            "draw more z, or move the border between yes and no"
        )
    known, unseen, answers, truth = train_test_split(
        z, labels, test_size=0.25, random_state=seed, stratify=labels
    )
    fitted = LogisticRegression(max_iter=1000).fit(known, answers)
    normal = fitted.coef_[0]
    unit = normal / np.linalg.norm(normal)
    return Direction(unit.astype("float32"), float(fitted.score(unseen, truth)))


def without(direction, *others):
    """What is left of a direction when others are taken out of it; a unit vector, float32.

    Two attributes that go together in the pictures have directions that point partly the same
    way. What is left is at right angles to all ``others``.

    Raises:
        ValueError: nothing is left: the direction is a mixture of the others.
    """
    left = checking.direction(direction, "direction")
    left = left / np.linalg.norm(left)
    if others:
        others = [checking.direction(other, "another") for other in others]
        basis, _ = np.linalg.qr(np.stack(others, axis=1))
        left = left - basis @ (basis.T @ left)
    length = np.linalg.norm(left)
    if length < 1e-6:
        raise ValueError("nothing is left: the direction is a mixture of the others")
    return (left / length).astype("float32")


def principal(generator, count=8, *, labels=None, samples=2000, seed=0):
    """Directions without labels: PCA of the activations of a generator's first layer.

    z itself has no preferred direction. The first layer stretches it: its activations vary much
    along some directions and hardly along others. PCA finds the former, and a linear regression
    finds the z that moves along them.

    Args:
        generator: Keras model; inputs z, or z and labels.
        count: number of directions, at most latent_dim.
        labels: one class (an int) for a generator that takes labels.
        samples: z drawn; more than latent_dim.
        seed: of z.

    Returns:
        ``Components``. Each vector's largest number is positive, so that signs do not flip.

    Source: Härkönen et al. 2020, GANSpace (arXiv:2004.02546).
    """
    latent_dim = generator.inputs[0].shape[-1]
    checking.whole(count, "count", at_most=latent_dim)
    checking.whole(samples, "samples", at_least=latent_dim + 1)
    z = np.random.default_rng(seed).standard_normal((samples, latent_dim)).astype("float32")
    first = keras.Model(generator.inputs, _first_activation(generator).output)
    activations = sampling.draw(first, z, labels).reshape(samples, -1)
    pca = PCA(count, random_state=seed).fit(activations)
    coordinates = pca.transform(activations)
    toward, *_ = np.linalg.lstsq(coordinates, z - z.mean(axis=0), rcond=None)
    toward /= np.linalg.norm(toward, axis=1, keepdims=True)
    largest = np.take_along_axis(toward, np.abs(toward).argmax(axis=1)[:, None], axis=1)
    vectors = (toward * np.sign(largest)).astype("float32")
    return Components(vectors, pca.explained_variance_ratio_)


def _first_activation(generator):
    """The first layer behind z that ends in a non-linearity."""
    for layer in generator.layers:
        own = getattr(layer, "activation", None)
        bends = own is not None and own not in (keras.activations.linear, keras.activations.softmax)
        if bends or isinstance(layer, (keras.layers.LeakyReLU, keras.layers.ReLU)):
            return layer
    raise ValueError(f"{generator.name} has no layer with a non-linearity")
