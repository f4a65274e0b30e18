"""The training rule of the variational autoencoder, and the bounds that judge it.

Notebook 04 builds the loss piece by piece; the class is the same rule with a choice of
likelihood, weight and warm-up.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import variational
from helpers.images import BINARIZATIONS
from helpers.training import guard

LIKELIHOODS = ("bernoulli", "gaussian")
SPREADS = ("log_var", "log_sigma")
ROWS = 4000  # codes decoded at once when a bound is computed; bounds the memory


class VAE(keras.Model):
    """An encoder and a decoder, trained together on the evidence lower bound (ELBO).

    The loss of an image is ``-log p(image | z) + beta * KL(q(z | image) || N(0, I))`` with one
    z drawn from q. Reduction: **sum** over pixels and over latent axes, then **mean** over the
    batch; all figures are nats an image.

    Args:
        encoder: images ``(batch, H, W, C)`` -> ``[z_mean, second]``, each ``(batch, d)``.
        decoder: z ``(batch, d)`` -> ``(batch, H, W, C)``: logits or, with a sigmoid at its end,
            probabilities (Bernoulli); means (Gaussian).
        likelihood: ``"bernoulli"`` (pixels are coins, images in [0, 1]) or ``"gaussian"``.
        sigma: standard deviation of a pixel under the Gaussian likelihood.
        beta: weight of the KL term; 1 gives the ELBO (Higgins et al. 2017 for others).
        warmup_steps: beta rises from 0 to its value over so many steps, in a straight line
            (Bowman et al. 2015, arXiv:1511.06349).
        binarize: how a training batch of gray images becomes 0s and 1s, anew in every step:
            ``"stochastic"``, ``"threshold"`` (see ``images.binarize``), or ``None`` to train on
            the gray values.
        spread: what the encoder's second output is, ``"log_var"`` or ``"log_sigma"`` (homework_vae).
        value_range: (low, high) of the images; (0, 1) unless given, and always for Bernoulli.
        seed: of all sampling in training; its state is saved with the model.

    Raises:
        ValueError: networks that do not fit each other, or a choice that makes no sense.

    Source: Kingma & Welling 2013 (arXiv:1312.6114), homework_vae.
    """

    def __init__(
        self,
        encoder,
        decoder,
        *,
        likelihood="bernoulli",
        sigma=0.1,
        beta=1.0,
        warmup_steps=0,
        binarize=None,
        spread="log_var",
        value_range=(0.0, 1.0),
        seed=0,
        name="vae",
    ):
        super().__init__(name=name)
        guard.check_autoencoder(encoder, decoder, spread)
        _check_choices(likelihood, sigma, beta, warmup_steps, binarize, spread)
        if likelihood == "bernoulli" and tuple(value_range) != (0.0, 1.0):
            raise ValueError(
                f"a Bernoulli likelihood needs images in [0, 1], not value_range {value_range}: "
                'scale them so, or choose likelihood="gaussian"'
            )
        self.encoder, self.decoder = encoder, decoder
        self.likelihood, self.sigma, self.spread = likelihood, sigma, spread
        self.beta, self.warmup_steps, self.binarize = beta, warmup_steps, binarize
        self.value_range = tuple(value_range)
        self.ends_in_sigmoid = guard.output_range(decoder) == (0.0, 1.0)
        self.seed_generator = keras.random.SeedGenerator(seed)
        self.step_count = self.add_weight(
            shape=(), dtype="int64", initializer="zeros", trainable=False, name="step_count"
        )
        self.built = True

    @property
    def latent_dim(self):
        """Length of z."""
        return self.decoder.input_shape[-1]

    @property
    def image_shape(self):
        """Shape of one image, (height, width, channels)."""
        return self.encoder.input_shape[1:]

    def compile(self, optimizer=None, **keras_options):
        """Choose the optimizer (Adam(1e-3) unless given); the rest goes to ``keras.Model``."""
        super().compile(optimizer=optimizer or keras.optimizers.Adam(1e-3), **keras_options)
        self.optimizer.build(self.trainable_variables)
        names = ("loss", "negative_elbo", "reconstruction", "kl")
        self.trackers = {name: keras.metrics.Mean(name=name) for name in names}

    @property
    def metrics(self):
        return list(getattr(self, "trackers", {}).values())

    def optimizers(self):
        """Name -> optimizer; what a checkpoint must hold besides the weights."""
        return {"optimizer": self.optimizer}

    def fit(self, x=None, *args, callbacks=None, **options):
        """``keras.Model.fit`` after a look at the images; stops at the first NaN."""
        guard.checked(x, self.image_shape, self.value_range)
        callbacks = [*(callbacks or []), guard.StopOnNaN()]
        if isinstance(x, tf.data.Dataset):
            options.setdefault("shuffle", False)  # a Dataset has its own order; Keras would warn
        return super().fit(x, *args, callbacks=callbacks, **options)

    def evaluate(self, x=None, *args, **options):
        """``keras.Model.evaluate`` after a look at the images: 0s and 1s if they were trained on.

        Every batch is met with the same noise, so two calls give the same figures.
        """
        guard.checked(x, self.image_shape, self.value_range)
        if self.binarize is not None and isinstance(x, (np.ndarray, tf.Tensor)):
            self._require_binary(np.asarray(x))
        return super().evaluate(x, *args, **options)

    def train_step(self, data):
        """One step of the optimizer on a batch of images."""
        images = self._binarized(data[0] if isinstance(data, tuple) else data)
        with tf.GradientTape() as tape:
            terms = self.terms(images, seed=self.seed_generator, training=True)
            values = self._averages(terms, self.present_beta())
        gradients = tape.gradient(values["loss"], self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.step_count.assign_add(1)
        return self._log(values)

    def test_step(self, data):
        """The same figures without a step, at the full beta."""
        images = data[0] if isinstance(data, tuple) else data
        terms = self.terms(images, seed=0, training=False)
        return self._log(self._averages(terms, self.beta))

    def terms(self, images, seed, training=False):
        """-log p(image | z) with one z drawn, and the KL, each ``(batch,)``, in nats.

        Args:
            images: tensor ``(batch, H, W, C)``, as the likelihood takes them.
            seed: a number or a ``SeedGenerator``, of z.
        """
        z_mean, z_log_var = self.encode(images, training=training)
        noise = keras.random.normal(ops.shape(z_mean), seed=seed)
        z = variational.reparameterize(z_mean, z_log_var, noise)
        reconstruction = self.negative_log_likelihood(images, self.decode(z, training=training))
        return reconstruction, variational.kl_divergence(z_mean, z_log_var)

    @staticmethod
    def _averages(terms, beta):
        reconstruction, kl = (ops.mean(term) for term in terms)
        loss, negative_elbo = reconstruction + beta * kl, reconstruction + kl
        return {
            "loss": loss,
            "negative_elbo": negative_elbo,
            "reconstruction": reconstruction,
            "kl": kl,
        }

    def _log(self, values):
        for name, value in values.items():
            self.trackers[name].update_state(value)
        return {metric.name: metric.result() for metric in self.metrics}

    def present_beta(self):
        """The weight of the KL term in this step: beta, or less of it during the warm-up."""
        if not self.warmup_steps:
            return self.beta
        share = ops.cast(self.step_count, "float32") / self.warmup_steps
        return self.beta * ops.minimum(1.0, share)

    def _binarized(self, images):
        if self.binarize is None:
            return images
        if self.binarize == "threshold":
            return ops.cast(images > 0.5, "float32")
        draw = keras.random.uniform(ops.shape(images), seed=self.seed_generator)
        return ops.cast(draw < images, "float32")

    def encode(self, images, training=False):
        """``(z_mean, z_log_var)`` of images, whatever form the encoder gives the spread."""
        z_mean, second = self.encoder(images, training=training)
        return z_mean, 2.0 * second if self.spread == "log_sigma" else second

    def decode(self, z, training=False):
        """The parameters of the likelihood for z: logits (Bernoulli) or means (Gaussian)."""
        output = self.decoder(z, training=training)
        if self.likelihood == "bernoulli" and self.ends_in_sigmoid:
            output = ops.clip(output, 1e-6, 1.0 - 1e-6)
            return ops.log(output) - ops.log(1.0 - output)
        return output

    def negative_log_likelihood(self, images, output):
        """-log p(images) ``(batch,)`` under what ``decode`` gave."""
        if self.likelihood == "bernoulli":
            return variational.bernoulli_nll(images, output)
        return variational.gaussian_nll(images, output, self.sigma)

    def call(self, images, training=False):
        """Reconstructions through the mean of q, as images."""
        z_mean, _ = self.encode(images, training=training)
        return self._as_images(self.decode(z_mean, training=training))

    def _as_images(self, output):
        return ops.sigmoid(output) if self.likelihood == "bernoulli" else output

    # -----------------------------------------------------------------------------------------
    # What the notebooks ask of a trained model: arrays in, arrays out.

    def sample_z(self, count, seed=None):
        """``count`` rows of z from the standard normal distribution, float32."""
        seed = self.seed_generator if seed is None else seed
        return keras.random.normal((count, self.latent_dim), seed=seed)

    def generate(self, z, *, seed=0, batch_size=500):
        """Decoded z as a float32 array ``(N, H, W, C)``: probabilities or means, no pixel noise.

        Args:
            z: array ``(N, latent_dim)``, or a number of images to draw with ``seed``.
            batch_size: images drawn at once; bounds the memory.
        """
        if isinstance(z, int):
            if z < 1:
                raise ValueError(f"the number of images must be at least 1, got {z}")
            z = self.sample_z(z, seed=seed)
        z = ops.convert_to_numpy(z).astype("float32")
        if z.ndim != 2 or z.shape[1] != self.latent_dim:
            raise ValueError(f"z must have shape (N, {self.latent_dim}), got {z.shape}")
        return _joined(lambda part: self._as_images(self.decode(z[part])), len(z), batch_size)

    def codes(self, images, batch_size=500):
        """``(z_mean, z_log_var)`` of images as float32 arrays ``(N, latent_dim)``."""
        images = self._checked(images)
        pairs = _joined(
            lambda part: ops.stack(self.encode(images[part]), axis=1), len(images), batch_size
        )
        return pairs[:, 0], pairs[:, 1]

    def reconstruct(self, images, batch_size=500):
        """Images decoded from the mean of their q, float32 ``(N, H, W, C)``."""
        images = self._checked(images)
        return _joined(lambda part: self(images[part], training=False), len(images), batch_size)

    def score(self, images, *, seed=0, batch_size=500):
        """The terms of the negative ELBO of each image, with one z each.

        Args:
            images: float ``(N, H, W, C)``; only 0s and 1s under the Bernoulli likelihood, where
                gray pixels have no probability (``images.binarize`` makes them).
            seed: of z; the same seed gives the same figures, whatever ``batch_size``.

        Returns:
            dict of float arrays ``(N,)``, in nats: ``negative_elbo``, ``reconstruction``, ``kl``.
        """
        images = self._checked(images, for_a_bound=True)
        random = np.random.default_rng(seed)
        parts = []
        for start in range(0, len(images), batch_size):
            batch = images[start : start + batch_size]
            noise = random.standard_normal((len(batch), self.latent_dim)).astype("float32")
            z_mean, z_log_var = self.encode(batch)
            z = variational.reparameterize(z_mean, z_log_var, noise)
            reconstruction = self.negative_log_likelihood(batch, self.decode(z))
            kl = variational.kl_divergence(z_mean, z_log_var)
            parts.append(np.stack([reconstruction, kl]))
        reconstruction, kl = np.concatenate(parts, axis=1)
        return {"negative_elbo": reconstruction + kl, "reconstruction": reconstruction, "kl": kl}

    def log_likelihood(self, images, *, samples=64, seed=0):
        """The importance-weighted bound on log p(image), in nats, float array ``(N,)``.

        ``log mean_k p(image | z_k) p(z_k) / q(z_k | image)`` with ``samples`` draws of z: on
        average it is the ELBO for one draw, rises with their number and tends to log p(image).

        Args:
            images: as for ``score``.
            samples: z drawn for each image, at least 1.

        Source: Burda et al. 2015 (arXiv:1509.00519).
        """
        if samples < 1:
            raise ValueError(f"samples must be at least 1, got {samples}")
        images = self._checked(images, for_a_bound=True)
        random = np.random.default_rng(seed)
        at_once, parts = max(1, ROWS // samples), []
        for start in range(0, len(images), at_once):
            batch = images[start : start + at_once]
            noise = random.standard_normal((len(batch), samples, self.latent_dim))
            parts.append(ops.convert_to_numpy(self._weighted(batch, noise.astype("float32"))))
        return np.concatenate(parts)

    def _weighted(self, images, noise):
        """The importance-weighted bound ``(batch,)`` for noise ``(batch, samples, d)``."""
        batch, samples, latent_dim = noise.shape
        z_mean, z_log_var = (ops.expand_dims(part, 1) for part in self.encode(images))
        z = variational.reparameterize(z_mean, z_log_var, noise)
        output = self.decode(ops.reshape(z, (batch * samples, latent_dim)))
        repeated = np.repeat(images, samples, axis=0)
        log_p_image = -self.negative_log_likelihood(repeated, output)
        nothing = ops.zeros_like(z)
        log_ratio = variational.log_normal(z, nothing, nothing) - variational.log_normal(
            z, z_mean, z_log_var
        )
        log_weights = ops.reshape(log_p_image, (batch, samples)) + log_ratio
        return ops.logsumexp(log_weights, axis=1) - np.log(samples)

    def _checked(self, images, for_a_bound=False):
        images = np.asarray(images)
        guard.check_batch(images, self.image_shape, self.value_range)
        if for_a_bound and self.likelihood == "bernoulli":
            self._require_binary(images)
        return images

    def _require_binary(self, images):
        gray = np.mean((images != 0.0) & (images != 1.0))
        if gray:
            raise ValueError(
                f"{100 * gray:.1f} % of the pixels are neither 0 nor 1: under a Bernoulli "
                "likelihood they have no probability, and the bound would mean nothing; "
                "binarize them first with images.binarize"
            )


def _check_choices(likelihood, sigma, beta, warmup_steps, binarize, spread):
    for name, value, choices in (
        ("likelihood", likelihood, LIKELIHOODS),
        ("binarize", binarize, (None, *BINARIZATIONS)),
        ("spread", spread, SPREADS),
    ):
        if value not in choices:
            raise ValueError(f"{name} must be one of {choices}, got {value!r}")
    if binarize is not None and likelihood != "bernoulli":
        raise ValueError("binarize is for the Bernoulli likelihood: 0 and 1 are no Gaussian")
    for name, value in (("beta", beta), ("warmup_steps", warmup_steps)):
        if not (np.isfinite(value) and value >= 0):
            raise ValueError(f"{name} must be at least 0, got {value}")
    if not (np.isfinite(sigma) and sigma > 0):
        raise ValueError(f"sigma must be above 0, got {sigma}")


def _joined(draw, count, batch_size):
    """Join what ``draw`` gives for each slice of at most ``batch_size`` rows."""
    starts = range(0, count, batch_size)
    return np.concatenate([ops.convert_to_numpy(draw(slice(at, at + batch_size))) for at in starts])
