"""How much of the picture a unit sees, worked out from the layers' kernels and strides."""

import keras

_WINDOWED = (
    keras.layers.Conv2D,
    keras.layers.MaxPooling2D,
    keras.layers.AveragePooling2D,
)


def fields(model):
    """Receptive field and stride of every layer of a functional model.

    Walks the layers in order. A window of ``k`` units adds ``(k - 1) * stride so far`` pixels to
    the field; of branches that meet, the largest counts.

    Returns:
        ``{layer name: (side of the field in pixels, stride in pixels)}``.
    """
    found = {}
    for layer in model.layers:
        before = [found[parent] for parent in _parents(layer) if parent in found]
        field = max((side for side, _ in before), default=1)
        stride = max((step for _, step in before), default=1)
        if isinstance(layer, _WINDOWED):
            window = getattr(layer, "kernel_size", None) or layer.pool_size
            dilation = getattr(layer, "dilation_rate", (1, 1))
            field += (window[0] - 1) * dilation[0] * stride
            stride *= layer.strides[0]
        found[layer.name] = (field, stride)
    return found


def _parents(layer):
    """Names of the layers whose outputs a layer takes, in the model that made it."""
    inputs = layer.input if not isinstance(layer, keras.layers.InputLayer) else []
    for tensor in inputs if isinstance(inputs, (list, tuple)) else [inputs]:
        yield tensor._keras_history.operation.name
