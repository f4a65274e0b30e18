"""Encoders and decoders, layer by layer, against figures of docs/SOURCES.md."""

import keras
import numpy as np
import pytest

from helpers import networks, weights
from helpers.networks import autoencoders

# Of every layer but inputs: class, output shape without the batch, number of parameters.
PLANS = {
    ("homework_vae", "encoder"): [
        ("Conv2D", (28, 28, 32), 9 * 32 + 32),
        ("Conv2D", (14, 14, 64), 9 * 32 * 64 + 64),
        ("Conv2D", (14, 14, 64), 9 * 64 * 64 + 64),
        ("Conv2D", (14, 14, 64), 9 * 64 * 64 + 64),
        ("Flatten", (12544,), 0),
        ("Dense", (32,), 12544 * 32 + 32),
        ("Dense", (2,), 32 * 2 + 2),
        ("Dense", (2,), 32 * 2 + 2),
    ],
    ("homework_vae", "decoder"): [
        ("Dense", (12544,), 2 * 12544 + 12544),
        ("Reshape", (14, 14, 64), 0),
        ("Conv2DTranspose", (28, 28, 32), 9 * 64 * 32 + 32),
        ("Conv2D", (28, 28, 1), 9 * 32 + 1),
    ],
    ("homework_autoencoder", "encoder"): [
        ("Conv2D", (28, 28, 16), 9 * 16 + 16),
        ("MaxPooling2D", (14, 14, 16), 0),
        ("Conv2D", (14, 14, 8), 9 * 16 * 8 + 8),
        ("MaxPooling2D", (7, 7, 8), 0),
        ("Conv2D", (7, 7, 8), 9 * 8 * 8 + 8),
        ("MaxPooling2D", (4, 4, 8), 0),
    ],
    ("homework_autoencoder", "decoder"): [
        ("Resizing", (7, 7, 8), 0),
        ("Conv2D", (7, 7, 8), 9 * 8 * 8 + 8),
        ("Resizing", (14, 14, 8), 0),
        ("Conv2D", (14, 14, 8), 9 * 8 * 8 + 8),
        ("Resizing", (28, 28, 8), 0),
        ("Conv2D", (28, 28, 16), 9 * 8 * 16 + 16),
        ("Conv2D", (28, 28, 1), 9 * 16 + 1),
    ],
    ("homework_denoiser", "encoder"): [
        ("Conv2D", (28, 28, 32), 9 * 32 + 32),
        ("MaxPooling2D", (14, 14, 32), 0),
        ("Conv2D", (14, 14, 32), 9 * 32 * 32 + 32),
        ("MaxPooling2D", (7, 7, 32), 0),
        ("Conv2D", (7, 7, 16), 9 * 32 * 16 + 16),
        ("MaxPooling2D", (4, 4, 16), 0),
    ],
    ("homework_denoiser", "decoder"): [
        ("Resizing", (7, 7, 16), 0),
        ("Conv2D", (7, 7, 16), 9 * 16 * 16 + 16),
        ("Resizing", (14, 14, 16), 0),
        ("Conv2D", (14, 14, 32), 9 * 16 * 32 + 32),
        ("Resizing", (28, 28, 32), 0),
        ("Conv2D", (28, 28, 32), 9 * 32 * 32 + 32),
        ("Conv2D", (28, 28, 1), 9 * 32 + 1),
    ],
}


@pytest.mark.parametrize(("system", "part"), PLANS)
def test_every_layer_has_the_published_shape_and_parameters(system, part):
    model = getattr(networks.CATALOGUE[system], part)()
    built = [
        (type(layer).__name__, layer.output.shape[1:], layer.count_params())
        for layer in model.layers
        if not isinstance(layer, keras.layers.InputLayer)
    ]
    assert built == PLANS[system, part]


def activations(model):
    return [layer.activation.__name__ for layer in model.layers if hasattr(layer, "activation")]


def test_activations_kernels_strides_and_resizing():
    l1, l2, l3 = (
        networks.CATALOGUE[name]
        for name in ("homework_vae", "homework_autoencoder", "homework_denoiser")
    )
    assert activations(l1.encoder()) == ["relu"] * 5 + ["linear"] * 2
    assert activations(l1.decoder()) == ["relu", "relu", "sigmoid"]
    for system in (l2, l3):
        assert activations(system.encoder()) == ["relu"] * 3
        assert activations(system.decoder()) == ["relu"] * 3 + ["linear"]
        resizing = [x for x in system.decoder().layers if isinstance(x, keras.layers.Resizing)]
        assert [x.interpolation for x in resizing] == ["nearest"] * 3
    for system in (l1, l2, l3):
        for model in (system.encoder(), system.decoder()):
            for layer in model.layers:
                if isinstance(layer, (keras.layers.Conv2D, keras.layers.Conv2DTranspose)):
                    assert layer.kernel_size == (3, 3) and layer.padding == "same"
    strides = [x.strides for x in l1.encoder().layers if isinstance(x, keras.layers.Conv2D)]
    assert strides == [(1, 1), (2, 2), (1, 1), (1, 1)]
    assert l1.decoder().layers[2].strides == (2, 2)


def test_homework_vae_names_its_second_output_what_it_is():
    """exp(log sigma) is no exp(log variance): training.VAE reads the name."""
    names = [output.name for output in networks.CATALOGUE["homework_vae"].encoder().outputs]
    shapes = [output.shape for output in networks.CATALOGUE["homework_vae"].encoder(3).outputs]
    layers = [layer.name for layer in networks.CATALOGUE["homework_vae"].encoder().layers[-2:]]
    assert layers == ["z_mean", "z_log_sigma"] and len(names) == 2
    assert shapes == [(None, 3), (None, 3)]


def test_a_nearest_resize_repeats_pixels():
    decoder = networks.CATALOGUE["homework_autoencoder"].decoder()
    code = np.arange(16, dtype="float32").reshape(1, 4, 4, 1)
    wide = np.asarray(decoder.layers[0](code))[0, :, :, 0]
    assert wide.shape == (7, 7) and set(wide.ravel()) == set(range(16))
    assert (np.diff(wide, axis=1) >= 0).all() and (np.diff(wide, axis=0) >= 0).all()


def test_the_kits_autoencoder_has_the_bottleneck_of_homework_autoencoder():
    ours, l2 = networks.CATALOGUE["laptop_autoencoder"], networks.CATALOGUE["homework_autoencoder"]
    assert ours.encoder().output_shape == l2.encoder().output_shape == (None, 4, 4, 8)
    assert ours.decoder().input_shape == l2.decoder().input_shape
    assert ours.decoder().output_shape == (None, 28, 28, 1)
    assert ours.encoder(code_channels=16).output_shape == (None, 4, 4, 16)
    convolutions = 9 * 16 + 16 + 9 * 16 * 32 + 32 + 9 * 32 * 8 + 8
    assert ours.encoder().count_params() == convolutions
    convolutions = 9 * 8 * 64 + 64 + 9 * 64 * 32 + 32 + 9 * 32 * 16 + 16 + 9 * 16 + 1
    assert ours.decoder().count_params() == convolutions
    assert ours.decoder(transposed=True).count_params() == convolutions


def test_the_kits_code_uses_negative_numbers_too():
    """homework_autoencoder's code ends in a ReLU; ours is linear."""
    images = np.random.default_rng(0).uniform(0, 1, (4, 28, 28, 1)).astype("float32")
    assert np.asarray(networks.CATALOGUE["homework_autoencoder"].encoder()(images)).min() >= 0
    assert np.asarray(networks.CATALOGUE["laptop_autoencoder"].encoder()(images)).min() < 0


def test_the_kits_vae_is_deeper_for_a_plane():
    heads = 2 * (129 * 2)
    plane = 785 * 512 + 513 * 256 + 257 * 128 + heads
    assert networks.CATALOGUE["laptop_vae"].encoder(2).count_params() == plane
    assert (
        networks.CATALOGUE["laptop_vae"].encoder(16).count_params()
        == 785 * 512 + 513 * 256 + 2 * 257 * 16
    )
    back = 3 * 128 + 129 * 256 + 257 * 512 + 513 * 784
    assert networks.CATALOGUE["laptop_vae"].decoder(2).count_params() == back
    assert (
        networks.CATALOGUE["laptop_vae"].decoder(16).count_params()
        == 17 * 256 + 257 * 512 + 513 * 784
    )


@pytest.mark.parametrize("latent_dim", [2, 16])
def test_the_kits_vae_fits_together(latent_dim):
    encoder = networks.CATALOGUE["laptop_vae"].encoder(latent_dim)
    decoder = networks.CATALOGUE["laptop_vae"].decoder(latent_dim)
    assert [tuple(x.shape) for x in encoder.outputs] == [(None, latent_dim)] * 2
    assert [layer.name for layer in encoder.layers[-2:]] == ["z_mean", "z_log_var"]
    assert decoder.input_shape == (None, latent_dim)
    assert decoder.output_shape == (None, 28, 28, 1)
    assert activations(decoder)[-1] == "linear"


@pytest.mark.parametrize("latent_dim", [0, -1, 2.0, True, "2"])
def test_a_code_without_numbers_is_refused(latent_dim):
    for builder in (
        networks.CATALOGUE["laptop_vae"].encoder,
        networks.CATALOGUE["laptop_vae"].decoder,
        networks.CATALOGUE["homework_vae"].encoder,
        networks.CATALOGUE["homework_vae"].decoder,
    ):
        with pytest.raises(ValueError, match="latent_dim must be a whole number of at least 1"):
            builder(latent_dim)


def test_shipped_vaes_are_loaded_into_the_kits_networks(tmp_path, monkeypatch):
    keras.utils.set_random_seed(1)
    encoder, decoder = (
        networks.CATALOGUE["laptop_vae"].encoder(2),
        networks.CATALOGUE["laptop_vae"].decoder(2),
    )
    monkeypatch.setattr(weights, "bundled", lambda name: tmp_path / f"{name}.npz")
    with pytest.raises(FileNotFoundError, match="mnist_vae2"):
        autoencoders.load_vae(2)
    weights.save(autoencoders.joined(encoder, decoder), tmp_path / "mnist_vae2.npz")
    loaded = autoencoders.load_vae(2)
    images = np.random.default_rng(0).uniform(0, 1, (3, 28, 28, 1)).astype("float32")
    for ours, theirs in zip(loaded[0](images), encoder(images), strict=True):
        np.testing.assert_allclose(ours, theirs, atol=0.01)
    z = np.ones((2, 2), "float32")
    np.testing.assert_allclose(loaded[1](z), decoder(z), atol=0.01)
    with pytest.raises(ValueError, match="latent_dim must be one of 2, 16, got 3"):
        autoencoders.load_vae(3)
