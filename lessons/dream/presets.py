"""The eight result recipes of lab_dream, by name, for InceptionV1 and matched for SqueezeNet."""

# Layers by lab_dream's numbers, in InceptionV1. Without ``color`` only brightness is dreamed.
PRESETS = {
    "a": {"layer": 3, "num_iterations": 15, "step_size": 6.0, "num_repeats": 0, "color": False},
    "b": {
        "layer": 3, "num_iterations": 10, "step_size": 3.0, "rescale_factor": 0.6,
        "num_repeats": 5, "blend": 0.2, "color": False,
    },
    "c": {
        "layer": 7, "num_iterations": 10, "step_size": 4.0, "rescale_factor": 0.5,
        "num_repeats": 4, "blend": 0.2, "color": False,
    },
    "d": {
        "layer": 8, "channels": tuple(range(6)), "num_iterations": 10, "step_size": 3.0,
        "rescale_factor": 0.7, "num_repeats": 4, "blend": 0.2, "color": False,
    },
    "e": {
        "layer": 9, "num_iterations": 15, "step_size": 4.0, "rescale_factor": 0.7,
        "num_repeats": 4, "blend": 0.2, "color": True,
    },
    "f": {
        "layer": 12, "num_iterations": 10, "step_size": 3.0, "rescale_factor": 0.5,
        "num_repeats": 4, "blend": 0.2, "color": False,
    },
    "g": {
        "layer": 11, "num_iterations": 15, "step_size": 4.0, "rescale_factor": 0.7,
        "num_repeats": 4, "blend": 0.2, "color": True,
    },
    "h": {
        "layer": 12, "channels": tuple(range(120, 126)), "num_iterations": 10, "step_size": 6.0,
        "rescale_factor": 0.7, "num_repeats": 5, "blend": 0.2, "color": True,
    },
}  # fmt: skip

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
        a new dict with ``layer`` (a name of this network) and lab_dream's numbers; use it as
        ``dream.dream(image, network, **dream.preset("e", network))``.

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
