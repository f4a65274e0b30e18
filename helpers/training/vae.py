"""The training rule of the variational autoencoder, and the bounds that judge it.

Notebook 04 builds the loss piece by piece; the class is the same rule with its options.
"""

import keras
import numpy as np
import tensorflow as tf
from keras import ops

from helpers import checking, variational
from helpers.training.base import GenerativeModel, check_images, output_range

ROWS = 4000  # codes decoded at once when a bound is computed; bounds the memory


class VAE(GenerativeModel):
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
        binarize: ``"stochastic"`` makes 0s and 1s of a training batch of gray images, anew in
            every step (see ``images.binarize``); ``None`` trains on the gray values.
        spread: what the encoder's second output is, ``"log_var"`` or ``"log_sigma"``
            (homework_vae).
        value_range: (low, high) of the images; (0, 1) unless given, and always for Bernoulli.
        seed: of all sampling in training; its state is saved with the model.

    Raises:
        ValueError: networks that do not fit each other, or a choice that makes no sense.

    Source: Kingma & Welling 2013 (arXiv:1312.6114), homework_vae.
    """

    LOSSES = ("loss", "negative_elbo", "reconstruction", "kl")
    ROWS_AT_ONCE = 500

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
        check_halves(encoder, decoder, spread)
        checking.choice(likelihood, "likelihood", ("bernoulli", "gaussian"))
        checking.choice(spread, "spread", ("log_var", "log_sigma"))
        checking.choice(binarize, "binarize", (None, "stochastic"))
        if likelihood == "bernoulli" and tuple(value_range) != (0.0, 1.0):
            raise ValueError(
                f"a Bernoulli likelihood needs images in [0, 1], not value_range {value_range}: "
                'scale them so, or choose likelihood="gaussian"'
            )
        super().__init__(value_range=tuple(value_range), seed=seed, name=name)
        self.encoder, self.decoder = encoder, decoder
        self.latent_dim, self.image_shape = decoder.input_shape[-1], encoder.input_shape[1:]
        self.likelihood, self.spread, self.binarize = likelihood, spread, binarize
        self.sigma = checking.number(sigma, "sigma", above=0)
        self.beta = checking.number(beta, "beta", at_least=0)
        self.warmup_steps = checking.whole(warmup_steps, "warmup_steps", at_least=0)
        self.ends_in_sigmoid = output_range(decoder) == (0.0, 1.0)

    def compile(self, optimizer=None, **keras_options):
        """Choose the optimizer; Adam(1e-3) unless given."""
        super().compile(optimizer or keras.optimizers.Adam(1e-3), **keras_options)
        self.optimizer.build(self.trainable_variables)

    def train_step(self, data):
        """One step of the optimizer on a batch of images."""
        images = self.binarized(data[0] if isinstance(data, tuple) else data)
        with tf.GradientTape() as tape:
            noise = self.sample_z(ops.shape(images)[0])
            terms = self.terms(images, noise, training=True)
            values = self.averages(terms, self.beta_now())
        gradients = tape.gradient(values["loss"], self.trainable_variables)
        self.optimizer.apply(gradients, self.trainable_variables)
        self.step_count.assign_add(1)
        return self.log(values)

    def test_step(self, data):
        """The same figures without a step, at the full beta."""
        images = data[0] if isinstance(data, tuple) else data
        terms = self.terms(images, self.sample_z(ops.shape(images)[0], seed=0))
        return self.log(self.averages(terms, self.beta))

    def terms(self, images, noise, training=False):
        """-log p(image | z) with one z drawn, and the KL, each ``(batch,)``, in nats.

        Args:
            images: ``(batch, H, W, C)``, as the likelihood takes them.
            noise: from the standard normal distribution, ``(batch, latent_dim)``.
        """
        z_mean, z_log_var = self.encode(images, training=training)
        z = variational.reparameterize(z_mean, z_log_var, noise)
        reconstruction = self.negative_log_likelihood(images, self.decode(z, training=training))
        return reconstruction, variational.kl_divergence(z_mean, z_log_var)

    @staticmethod
    def averages(terms, beta):
        """The loss and its parts, averaged over the batch, under their names in the logs."""
        reconstruction, kl = (ops.mean(term) for term in terms)
        return {
            "loss": reconstruction + beta * kl,
            "negative_elbo": reconstruction + kl,
            "reconstruction": reconstruction,
            "kl": kl,
        }

    def beta_now(self):
        """The weight of the KL term in this step: beta, or less of it during the warm-up."""
        if not self.warmup_steps:
            return self.beta
        return self.beta * ops.minimum(
            1.0, ops.cast(self.step_count, "float32") / self.warmup_steps
        )

    def binarized(self, images):
        """Each pixel as 1 with the probability that is its gray value, else 0."""
        if self.binarize is None:
            return images
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
        return self.as_images(self.decode(z_mean, training=training))

    def as_images(self, output):
        """Images in ``value_range`` from what ``decode`` gave."""
        return ops.sigmoid(output) if self.likelihood == "bernoulli" else output

    # --- What the notebooks ask of a trained model: arrays in, arrays out ---

    def draw_z(self, z):
        """Decoded z: probabilities or means, no pixel noise."""
        return self.as_images(self.decode(z))

    def codes(self, images):
        """``(z_mean, z_log_var)`` of images as float32 arrays ``(N, latent_dim)``."""
        images = self._checked(images)
        both = self.in_batches(
            lambda part: ops.stack(self.encode(images[part]), axis=1), len(images)
        )
        return both[:, 0], both[:, 1]

    def reconstruct(self, images):
        """Images decoded from the mean of their q, float32 ``(N, H, W, C)``."""
        images = self._checked(images)
        return self.in_batches(lambda part: self(images[part], training=False), len(images))

    def score(self, images, *, seed=0):
        """The terms of the negative ELBO of each image, with one z each.

        Args:
            images: float ``(N, H, W, C)``; only 0s and 1s under the Bernoulli likelihood, where
                gray pixels have no probability (``images.binarize`` makes them).
            seed: of z; the same seed gives the same figures, whatever ``ROWS_AT_ONCE``.

        Returns:
            dict of float arrays ``(N,)``, in nats: ``negative_elbo``, ``reconstruction``, ``kl``.
        """
        images = self._checked(images, for_a_bound=True)
        random = np.random.default_rng(seed)

        def terms(part):
            noise = random.standard_normal((len(images[part]), self.latent_dim)).astype("float32")
            return ops.stack(self.terms(images[part], noise), axis=1)

        reconstruction, kl = self.in_batches(terms, len(images)).T
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
        samples = checking.whole(samples, "samples")
        images = self._checked(images, for_a_bound=True)
        random = np.random.default_rng(seed)

        def bound(part):
            noise = random.standard_normal((len(images[part]), samples, self.latent_dim))
            return self._weighted(images[part], noise.astype("float32"))

        return self.in_batches(bound, len(images), max(1, ROWS // samples))

    def _weighted(self, images, noise):
        """The importance-weighted bound ``(batch,)`` for noise ``(batch, samples, d)``."""
        batch, samples, latent_dim = noise.shape
        z_mean, z_log_var = (ops.expand_dims(part, 1) for part in self.encode(images))
        z = variational.reparameterize(z_mean, z_log_var, noise)
        output = self.decode(ops.reshape(z, (batch * samples, latent_dim)))
        log_p_image = -self.negative_log_likelihood(np.repeat(images, samples, axis=0), output)
        log_prior = variational.log_normal(z, ops.zeros_like(z), ops.zeros_like(z))
        log_ratio = log_prior - variational.log_normal(z, z_mean, z_log_var)
        log_weights = ops.reshape(log_p_image, (batch, samples)) + log_ratio
        return ops.logsumexp(log_weights, axis=1) - np.log(samples)

    def _checked(self, images, for_a_bound=False):
        images = np.asarray(images)
        check_images(images, self.image_shape, self.value_range)
        gray = np.mean((images != 0.0) & (images != 1.0))
        if gray and for_a_bound and self.likelihood == "bernoulli":
            raise ValueError(
                f"{100 * gray:.1f} % of the pixels are neither 0 nor 1: under a Bernoulli "
                "likelihood they have no probability, and the bound would mean nothing; "
                "binarize them first with images.binarize"
            )
        return images


def check_halves(encoder, decoder, spread):
    """Raise ``ValueError`` unless encoder and decoder are the two halves of one VAE."""
    shapes = [tuple(output.shape[1:]) for output in encoder.outputs]
    if len(shapes) != 2 or shapes[0] != shapes[1] or len(shapes[0]) != 1 or shapes[0][0] < 1:
        raise ValueError(
            f"the encoder's outputs have the shapes {shapes}; wanted are two of one shape "
            "(latent_dim,), latent_dim at least 1: the mean and the spread of z"
        )
    if tuple(decoder.input_shape[1:]) != shapes[0]:
        raise ValueError(
            f"the encoder makes z of {shapes[0][0]} numbers, but the decoder takes "
            f"{tuple(decoder.input_shape[1:])}: give both the same latent_dim"
        )
    if decoder.output_shape[1:] != encoder.input_shape[1:]:
        raise ValueError(
            f"the decoder makes images of shape {decoder.output_shape[1:]}, but the encoder "
            f"takes {encoder.input_shape[1:]}"
        )
    other = {"log_var": "log_sigma", "log_sigma": "log_var"}.get(spread)
    if any(other in layer.name for layer in encoder.layers if other):
        raise ValueError(
            f'the encoder has an output named after {other}: say spread="{other}", or its '
            "numbers are read as something else"
        )
