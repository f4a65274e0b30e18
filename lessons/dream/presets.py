"""The eight result recipes of lab_dream, by name, for InceptionV1 and matched for SqueezeNet."""

COLUMNS = (
    "layer", "channels", "num_iterations", "step_size", "rescale_factor", "num_repeats", "blend",
    "color",
)  # fmt: skip
# Layers by lab_dream's numbers, in InceptionV1. Without ``color`` only brightness is dreamed.
ROWS = {
    "a": (3, None, 15, 6.0, None, 0, None, False),
    "b": (3, None, 10, 3.0, 0.6, 5, 0.2, False),
    "c": (7, None, 10, 4.0, 0.5, 4, 0.2, False),
    "d": (8, tuple(range(6)), 10, 3.0, 0.7, 4, 0.2, False),
    "e": (9, None, 15, 4.0, 0.7, 4, 0.2, True),
    "f": (12, None, 10, 3.0, 0.5, 4, 0.2, False),
    "g": (11, None, 15, 4.0, 0.7, 4, 0.2, True),
    "h": (12, tuple(range(120, 126)), 10, 6.0, 0.7, 5, 0.2, True),
}
PRESETS = {
    name: {key: value for key, value in zip(COLUMNS, row, strict=True) if value is not None}
    for name, row in ROWS.items()
}

# lab_dream's numbers of layers -> layers of SqueezeNet that are as deep and see about as much.
MATCHED = {
    "squeezenet": {
        1: "conv1", 2: "fire2", 3: "fire3", 4: "fire4", 5: "fire5", 6: "fire6",
        7: "fire6", 8: "fire7", 9: "fire7", 10: "fire8", 11: "fire8", 12: "fire9",
    },
    "inception_v1": {number: number for number in range(1, 13)},
}  # fmt: skip


def preset(name, network):
    """The arguments of ``dream`` for a recipe of lab_dream.

    Args:
        name: ``"a"`` to ``"h"``.
        network: SqueezeNet or InceptionV1 from ``features.load``.

    Returns:
        a new dict, for ``dream.dream(image, network, **dream.preset("e", network))``.

    Raises:
        ValueError: no such recipe, or none for this network.
    """
    if name not in PRESETS:
        raise ValueError(f"no recipe {name!r}; lab_dream has {', '.join(PRESETS)}")
    if network.name not in MATCHED:
        raise ValueError(
            f"lab_dream's layers are matched for {' and '.join(MATCHED)}, not for {network.name}"
        )
    numbers = dict(PRESETS[name])
    numbers["layer"] = network.layer(MATCHED[network.name][numbers["layer"]])
    return numbers
