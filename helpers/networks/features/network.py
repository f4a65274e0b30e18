"""One interface for every feature network: pixels in, named layers out."""

from dataclasses import dataclass, field

import keras
import numpy as np
import tensorflow as tf

from helpers import checking

_WINDOWED = (keras.layers.Conv2D, keras.layers.MaxPooling2D, keras.layers.AveragePooling2D)


@dataclass(eq=False)
class FeatureNetwork:
    """A frozen network with selectable layers.

    Attributes:
        name: as in ``features.load``.
        model: Keras model of preprocessed images, float32 ``(batch, height, width, 3)`` of any
            size; its output is the last thing that the network computes.
        layer_names: the selectable layers in order; their numbers, from 1, also select them.
        mean, scale, bgr: preprocessing is ``(pixels - mean) / scale``, in BGR order if ``bgr``.
        origin: one sentence that says where the weights come from.
    """

    name: str
    model: keras.Model
    layer_names: tuple[str, ...]
    mean: tuple[float, float, float]
    scale: float = 1.0
    bgr: bool = False
    origin: str = ""
    _extractors: dict = field(default_factory=dict, repr=False)
    traced: dict = field(default_factory=dict, repr=False)  # functions that others compiled for it

    def __post_init__(self):
        self.model.trainable = False
        self.channels = {
            name: int(self.model.get_layer(name).output.shape[-1]) for name in self.layer_names
        }
        self._fields = _fields(self.model)

    def preprocess(self, images):
        """RGB pixels in [0, 255], any float or uint8 tensor ``(..., 3)`` -> the model's input."""
        pixels = tf.cast(images, tf.float32)
        # tf.reverse and its gradient are several times as fast as pixels[..., ::-1].
        pixels = tf.reverse(pixels, [-1]) if self.bgr else pixels
        return (pixels - self.mean) / self.scale

    def layer(self, layer):
        """The name of a layer given by name or by number from 1.

        Raises:
            ValueError: there is no such layer; the message lists those that there are.
        """
        if isinstance(layer, str) and layer in self.layer_names:
            return layer
        if checking.is_whole(layer) and 1 <= layer <= len(self.layer_names):
            return self.layer_names[layer - 1]
        known = ", ".join(f"{i} {name}" for i, name in enumerate(self.layer_names, start=1))
        raise ValueError(f"{self.name} has no layer {layer!r}; its layers are {known}")

    def channel_list(self, layer, channels):
        """Channels of a layer as a tuple of ints; ``None`` stands for all of them.

        Args:
            layer: name or number.
            channels: ``None``, one number, a range, a slice or a sequence of numbers.

        Raises:
            ValueError: none, or one outside the layer.
        """
        layer = self.layer(layer)
        count = self.channels[layer]
        if channels is None:
            return tuple(range(count))
        if isinstance(channels, slice):
            channels = range(count)[channels]
        chosen = np.atleast_1d(np.asarray(channels, dtype=object)).tolist()
        if not chosen:
            raise ValueError(f"channels must name at least one channel of {layer}")
        for channel in chosen:
            if not checking.is_whole(channel) or not 0 <= channel < count:
                raise ValueError(
                    f"layer {layer} of {self.name} has the channels 0 to {count - 1}, "
                    f"got {channel!r}"
                )
        return tuple(int(channel) for channel in chosen)

    def receptive_field(self, layer):
        """Side of the square of pixels that one unit of a layer can see (its largest branch)."""
        return self._fields[self.layer(layer)][0]

    def stride(self, layer):
        """Pixels between two neighboring units of a layer."""
        return self._fields[self.layer(layer)][1]

    def linear(self, layer):
        """Name of what a layer's ReLU is applied to, or the layer itself if that is not kept.

        A silent channel of the layer has no gradient; here it has one.
        """
        name = self.layer(layer)
        known = {each.name for each in self.model.layers}
        return f"{name}_linear" if f"{name}_linear" in known else name

    def extractor(self, layers):
        """Keras model of preprocessed images that computes ``layers`` and nothing beyond them.

        Args:
            layers: names or numbers; names that ``linear`` gave are understood too.

        Returns:
            a model of the float32 maps in the order of ``layers``; call it by ``outputs``.
        """
        hidden = {self.linear(layer) for layer in self.layer_names}
        names = tuple(each if each in hidden else self.layer(each) for each in layers)
        if not names:
            raise ValueError(f"name at least one layer of {self.name}")
        if names not in self._extractors:
            outputs = [self.model.get_layer(name).output for name in names]
            self._extractors[names] = keras.Model(self.model.inputs, outputs)
        return self._extractors[names]

    def outputs(self, inputs, layers):
        """Activations of ``layers`` for preprocessed images, float32, as a list."""
        outputs = self.extractor(layers)(inputs, training=False)
        # Keras may unwrap a list of one.
        outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
        return [tf.cast(output, tf.float32) for output in outputs]

    def features(self, images, layers):
        """Activations of ``layers`` for RGB images ``(N, H, W, 3)`` in [0, 255], as a dict."""
        outputs = self.outputs(self.preprocess(images), layers)
        return {self.layer(layer): output for layer, output in zip(layers, outputs, strict=True)}


def _fields(model):
    """``{layer name: (side of its receptive field, stride)}`` of a functional model, in pixels.

    A window of ``k`` units adds ``(k - 1) * stride so far`` to the field; of branches that meet,
    the largest counts.
    """
    found = {}
    for layer in model.layers:
        inputs = [] if isinstance(layer, keras.layers.InputLayer) else layer.input
        inputs = inputs if isinstance(inputs, (list, tuple)) else [inputs]
        parents = [each._keras_history.operation.name for each in inputs]
        before = [found[name] for name in parents if name in found]
        field = max((side for side, _ in before), default=1)
        stride = max((step for _, step in before), default=1)
        if isinstance(layer, _WINDOWED):
            window = getattr(layer, "kernel_size", None) or layer.pool_size
            dilation = getattr(layer, "dilation_rate", (1, 1))
            field += (window[0] - 1) * dilation[0] * stride
            stride *= layer.strides[0]
        found[layer.name] = (field, stride)
    return found
