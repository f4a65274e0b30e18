"""From picture to picture: U-Nets, residual generators, PatchGANs and super-resolution.

The four published systems are built to the letter and need a GPU; the kit's own, ``laptop_*``,
have the same parts and learn in a minute or two on two cores. Notebook 09 uses them.
"""

import keras
from keras import layers, ops

from helpers import checking
from helpers.networks.blocks import chain, sequential

# Receptive field in pixels -> convolutions of stride 2 in a PatchGAN.
PATCHES = {16: 1, 34: 2, 70: 3, 142: 4, 286: 5}


@keras.saving.register_keras_serializable("helpers")
class PixelShuffle(layers.Layer):
    """Turns groups of ``factor * factor`` channels into squares of pixels.

    ``(N, H, W, C * factor**2)`` -> ``(N, H * factor, W * factor, C)``, in the order of
    ``tf.nn.depth_to_space``. Source: Shi et al. 2016 (arXiv:1609.05158).

    Args:
        factor: how many times as high and wide.
        function: of (features, factor), to use in place of the kit's own.

    Raises:
        ValueError: channels that are no multiple of ``factor**2``.
    """

    def __init__(self, factor=2, function=None, **options):
        super().__init__(**options)
        self.factor, self.function = checking.whole(factor, "factor"), function

    def build(self, shape):
        if shape[-1] % self.factor**2:
            raise ValueError(
                f"features must have a multiple of {self.factor**2} channels to become "
                f"{self.factor} times as high and wide, got {shape[-1]}"
            )

    def compute_output_shape(self, shape):
        count, height, width, channels = shape
        return count, height * self.factor, width * self.factor, channels // self.factor**2

    def call(self, features):
        if self.function is not None:
            return self.function(features, self.factor)
        height, width, channels = features.shape[1:]
        side = self.factor
        squares = ops.reshape(features, (-1, height, width, side, side, channels // side**2))
        squares = ops.transpose(squares, (0, 1, 3, 2, 4, 5))
        return ops.reshape(squares, (-1, height * side, width * side, channels // side**2))

    def get_config(self):
        return super().get_config() | {"factor": self.factor, "function": self.function}

    @classmethod
    def from_config(cls, config):
        function = config.get("function")
        if isinstance(function, dict):  # read from a file; a copy gets the function itself
            function = keras.saving.deserialize_keras_object(function)
        return super().from_config(config | {"function": function})


@keras.saving.register_keras_serializable("helpers")
class MirrorPadding(layers.Layer):
    """Pads height and width by ``size`` pixels that mirror the image, so that no border shows."""

    def __init__(self, size=1, **options):
        super().__init__(**options)
        self.size = checking.whole(size, "size")

    def call(self, images):
        border = (self.size, self.size)
        return ops.pad(images, ((0, 0), border, border, (0, 0)), mode="reflect")

    def get_config(self):
        return super().get_config() | {"size": self.size}


def instance_norm():
    """Every channel of every image to mean 0 and variance 1. Source: Ulyanov et al. 2016
    (arXiv:1607.08022)."""
    return layers.GroupNormalization(groups=-1, center=False, scale=False, epsilon=1e-5)


# --- PatchGAN ---


def patch_discriminator(inputs, receptive_field=70, width=64, norm=layers.BatchNormalization):
    """The PatchGAN: one logit for every patch of the image, ``(batch, H', W', 1)``.

    Args:
        inputs: list of ``keras.Input``; joined along the channels if there are several.
        receptive_field: side in pixels of what one logit sees: 1, 16, 34, 70, 142 or 286.
        width: channels of the first layer; they double up to eight times as many.
        norm: makes the normalization between the first and the last convolution.

    Source: Isola et al. 2016 (arXiv:1611.07004), zoo_pix2pix.
    """
    checking.choice(receptive_field, "receptive_field", (1, *PATCHES))
    x = layers.Concatenate()(inputs) if len(inputs) > 1 else inputs[0]
    halvings = PATCHES.get(receptive_field)
    kernel = 1 if halvings is None else 4
    steps = [(width, 1 if halvings is None else 2)]
    steps += [(width * min(2**n, 8), 2) for n in range(1, halvings or 1)]
    steps += [(width * min(2 ** (halvings or 1), 8), 1)]
    for number, (filters, strides) in enumerate(steps):
        bias = number == 0 or norm is instance_norm  # a norm with a shift has its own
        x = layers.Conv2D(filters, kernel, strides, padding="same", use_bias=bias)(x)
        x = layers.LeakyReLU(negative_slope=0.2)(x if number == 0 else norm()(x))
    x = layers.Conv2D(1, kernel, padding="same", name="logits")(x)
    inputs = inputs if len(inputs) > 1 else inputs[0]  # Keras warns if a list takes no list
    return keras.Model(inputs, x, name=f"patch_discriminator_{receptive_field}")


# --- pix2pix ---


def zoo_pix2pix_generator(image_shape=(256, 256, 3)):
    """U-Net: image -> image in [-1, 1]; dropout in three blocks is its only noise.

    Smaller images than 256x256 leave out the innermost layers.

    Source: zoo_pix2pix. The innermost layer has no BatchNorm, as in the authors' code: with one
    image a batch it would set a 1x1 map to zero.
    """
    image = keras.Input(image_shape)
    widths = (64, 128, 256, 512, 512, 512, 512, 512)[: image_shape[0].bit_length() - 1]
    x, skips = image, []
    for number, filters in enumerate(widths):
        outer, inner = number == 0, number == len(widths) - 1
        x = layers.LeakyReLU(negative_slope=0.2)(x) if not outer else x
        x = layers.Conv2D(filters, 4, 2, padding="same", use_bias=outer or inner)(x)
        x = x if outer or inner else layers.BatchNormalization()(x)
        skips.append(x)
    skips.pop()
    for number, filters in enumerate(widths[-2::-1]):
        x = layers.Conv2DTranspose(filters, 4, 2, padding="same", use_bias=False)(layers.ReLU()(x))
        x = layers.BatchNormalization()(x)
        x = layers.Dropout(0.5)(x) if number < 3 else x
        x = layers.Concatenate()([x, skips.pop()])
    last = layers.Conv2DTranspose(image_shape[-1], 4, 2, padding="same", activation="tanh")
    return keras.Model(image, last(layers.ReLU()(x)), name="zoo_pix2pix_generator")


def zoo_pix2pix_discriminator(image_shape=(256, 256, 3), receptive_field=70):
    """(input, output) -> logits of patches. Source: zoo_pix2pix."""
    inputs = [keras.Input(image_shape), keras.Input(image_shape)]
    return patch_discriminator(inputs, receptive_field)


def laptop_pix2pix_generator(
    image_shape=(32, 32, 3), width=24, skip=1.5, dropout=0.0, norm=layers.BatchNormalization
):
    """The kit's U-Net: image -> image in [-1, 1].

    Args:
        image_shape: height and width are multiples of 16.
        width: channels at full size; 2, 3, 4 and 4 times as many below.
        skip: share of the input that is added before the tanh, for outputs that resemble their
            inputs; 0 draws everything anew. It needs as many channels in as out.
        dropout: in the two innermost blocks of the way up.
        norm: makes the normalization after each convolution.
    """
    image = keras.Input(image_shape)
    momentum = {"momentum": 0.95} if norm is layers.BatchNormalization else {}

    def block(x, filters, strides=1):
        conv = layers.Conv2D(filters, 3, strides, padding="same", use_bias=False)
        return chain(x, conv, norm(**momentum), layers.LeakyReLU(negative_slope=0.2))

    x, skips = block(image, width), []
    for times in (2, 3, 4, 4):
        skips.append(x)
        x = block(x, width * times, strides=2)
        x = block(x, width * times) if times > 2 else x
    for number, times in enumerate((4, 3, 2, 1)):
        x = layers.Concatenate()([layers.UpSampling2D(2)(x), skips.pop()])
        x = block(x, width * times)
        x = layers.Dropout(dropout)(x) if dropout and number < 2 else x
    x = layers.Conv2D(3, 3, padding="same")(x)
    x = layers.Add()([x, layers.Rescaling(skip)(image)]) if skip else x
    return keras.Model(image, layers.Activation("tanh")(x), name="laptop_pix2pix_generator")


def laptop_pix2pix_discriminator(image_shape=(32, 32, 3), receptive_field=16, width=32):
    """(input, output) -> logits of patches; 1, 16 or 34 pixels, which is the whole of 32."""
    inputs = [keras.Input(image_shape), keras.Input((*image_shape[:2], 3))]
    return patch_discriminator(inputs, receptive_field, width, instance_norm)


# --- CycleGAN and DiscoGAN ---


def zoo_cyclegan_generator(image_shape=(256, 256, 3), blocks=9):
    """Image -> image in [-1, 1] through residual blocks; six of them for 128 pixels, else nine.

    Source: zoo_cyclegan; instance norm without scale and shift, as in the authors' code.
    """
    image = keras.Input(image_shape)
    x = MirrorPadding(3)(image)
    x = layers.ReLU()(instance_norm()(layers.Conv2D(64, 7)(x)))
    for filters in (128, 256):
        x = layers.Conv2D(filters, 3, 2, padding="same")(x)
        x = layers.ReLU()(instance_norm()(x))
    for _ in range(blocks):
        y = chain(x, MirrorPadding(1), layers.Conv2D(256, 3), instance_norm(), layers.ReLU())
        y = chain(y, MirrorPadding(1), layers.Conv2D(256, 3), instance_norm())
        x = layers.Add()([x, y])
    for filters in (128, 64):
        x = layers.Conv2DTranspose(filters, 3, 2, padding="same")(x)
        x = layers.ReLU()(instance_norm()(x))
    last = layers.Conv2D(image_shape[-1], 7, activation="tanh")
    return keras.Model(image, last(MirrorPadding(3)(x)), name="zoo_cyclegan_generator")


def zoo_cyclegan_discriminator(image_shape=(256, 256, 3)):
    """Image -> logits of 70x70 patches. Source: zoo_cyclegan."""
    return patch_discriminator([keras.Input(image_shape)], 70, 64, instance_norm)


def laptop_cyclegan_generator(image_shape=(32, 32, 3), width=24, skip=1.5):
    """The kit's U-Net with instance norm, which starts near a copy of its input."""
    return laptop_pix2pix_generator(image_shape, width, skip, norm=instance_norm)


def laptop_cyclegan_discriminator(image_shape=(32, 32, 3), receptive_field=16, width=32):
    """Image -> logits of patches."""
    return patch_discriminator([keras.Input(image_shape)], receptive_field, width, instance_norm)


def zoo_discogan_generator(image_shape=(64, 64, 3)):
    """Image -> image in [0, 1] through a 4x4 map, no skips. Source: zoo_discogan."""
    options = {"strides": 2, "padding": "same", "use_bias": False}
    steps = [layers.Conv2D(64, 4, **options), layers.LeakyReLU(negative_slope=0.2)]
    for filters in (128, 256, 512):
        steps += [layers.Conv2D(filters, 4, **options), layers.BatchNormalization()]
        steps += [layers.LeakyReLU(negative_slope=0.2)]
    for filters in (256, 128, 64):
        steps += [layers.Conv2DTranspose(filters, 4, **options), layers.BatchNormalization()]
        steps += [layers.ReLU()]
    last = layers.Conv2DTranspose(image_shape[-1], 4, activation="sigmoid", **options)
    return sequential("zoo_discogan_generator", image_shape, *steps, last)


def zoo_discogan_discriminator(image_shape=(64, 64, 3)):
    """Image in [0, 1] -> probability that it is real. Source: zoo_discogan."""
    options = {"padding": "same", "use_bias": False}
    steps = [layers.Conv2D(64, 4, 2, **options), layers.LeakyReLU(negative_slope=0.2)]
    for filters in (128, 256, 512):
        steps += [layers.Conv2D(filters, 4, 2, **options), layers.BatchNormalization()]
        steps += [layers.LeakyReLU(negative_slope=0.2)]
    last = layers.Conv2D(1, 4, use_bias=False, activation="sigmoid")
    return sequential("zoo_discogan_discriminator", image_shape, *steps, last)


def laptop_discogan_generator(image_shape=(28, 28, 1), width=32):
    """Image -> image in [-1, 1] through a 4x4 map: what a shoe is has to fit in there."""
    options = {"strides": 2, "padding": "same", "use_bias": False}
    valid = {"use_bias": False}
    steps = [layers.Conv2D(width, 4, **options), layers.LeakyReLU(negative_slope=0.2)]
    for conv in (layers.Conv2D(2 * width, 4, **options), layers.Conv2D(4 * width, 4, **valid)):
        steps += [conv, layers.BatchNormalization(momentum=0.95)]
        steps += [layers.LeakyReLU(negative_slope=0.2)]
    for conv in (
        layers.Conv2DTranspose(2 * width, 4, **valid),
        layers.Conv2DTranspose(width, 4, **options),
    ):
        steps += [conv, layers.BatchNormalization(momentum=0.95), layers.ReLU()]
    last = layers.Conv2DTranspose(image_shape[-1], 4, 2, padding="same", activation="tanh")
    return sequential("laptop_discogan_generator", image_shape, *steps, last)


def laptop_discogan_discriminator(image_shape=(28, 28, 1), width=32):
    """Image -> one logit for the whole of it."""
    steps = []
    for filters in (width, 2 * width, 4 * width):
        steps += [layers.Conv2D(filters, 4, 2, padding="same")]
        steps += [layers.LeakyReLU(negative_slope=0.2)]
    last = [layers.Flatten(), layers.Dense(1)]
    return sequential("laptop_discogan_discriminator", image_shape, *steps, *last)


# --- Super-resolution ---


def zoo_srgan_generator(image_shape=(24, 24, 3), blocks=16):
    """Small image -> four times as large, in [-1, 1]: SRResNet. Source: zoo_srgan."""
    small = keras.Input(image_shape)

    def conv(filters, kernel=3):
        return layers.Conv2D(filters, kernel, padding="same")

    def prelu():
        return layers.PReLU(shared_axes=[1, 2])

    x = start = chain(small, conv(64, 9), prelu())
    for _ in range(blocks):
        norms = [layers.BatchNormalization() for _ in range(2)]
        x = layers.Add()([x, chain(x, conv(64), norms[0], prelu(), conv(64), norms[1])])
    x = layers.Add()([start, chain(x, conv(64), layers.BatchNormalization())])
    for _ in range(2):
        x = chain(x, conv(256), PixelShuffle(2), prelu())
    large = layers.Conv2D(image_shape[-1], 9, padding="same", activation="tanh")(x)
    return keras.Model(small, large, name="zoo_srgan_generator")


def zoo_srgan_discriminator(image_shape=(96, 96, 3)):
    """Large image -> probability that it is real. Source: zoo_srgan."""
    steps = [layers.Conv2D(64, 3, padding="same"), layers.LeakyReLU(negative_slope=0.2)]
    for filters, strides in ((64, 2), (128, 1), (128, 2), (256, 1), (256, 2), (512, 1), (512, 2)):
        steps += [layers.Conv2D(filters, 3, strides, padding="same"), layers.BatchNormalization()]
        steps += [layers.LeakyReLU(negative_slope=0.2)]
    steps += [layers.Flatten(), layers.Dense(1024), layers.LeakyReLU(negative_slope=0.2)]
    last = layers.Dense(1, activation="sigmoid")
    return sequential("zoo_srgan_discriminator", image_shape, *steps, last)


def laptop_srgan_generator(image_shape=(16, 16, 3), width=48, blocks=6, shuffle=None):
    """The kit's SRResNet without BatchNorm: it adds what a bilinear enlargement lacks.

    Args:
        image_shape: of the small image; the result is four times as large, in [-1, 1].
        width: channels of the residual blocks.
        blocks: number of residual blocks.
        shuffle: function of (features, factor) to use in place of ``PixelShuffle``.
    """
    small = keras.Input(image_shape)

    def conv(filters):
        return layers.Conv2D(filters, 3, padding="same")

    x = start = layers.LeakyReLU(negative_slope=0.2)(conv(width)(small))
    for _ in range(blocks):
        x = layers.Add()([x, chain(x, conv(width), layers.ReLU(), conv(width))])
    x = layers.Add()([start, conv(width)(x)])
    for filters in (width, width // 2):
        x = PixelShuffle(2, shuffle)(conv(4 * filters)(x))
        x = layers.LeakyReLU(negative_slope=0.2)(x)
    enlarged = layers.UpSampling2D(4, interpolation="bilinear")(small)
    x = layers.Add()([conv(image_shape[-1])(x), layers.Rescaling(1.5)(enlarged)])
    return keras.Model(small, layers.Activation("tanh")(x), name="laptop_srgan_generator")


def laptop_srgan_discriminator(image_shape=(64, 64, 3), receptive_field=34, width=24):
    """Large image -> logits of patches."""
    return patch_discriminator([keras.Input(image_shape)], receptive_field, width, instance_norm)
