"""Recipes by name, each for SqueezeNet and for VGG-19."""

# The layers that play the same part in both networks.
LAYERS = {
    "vgg19": {
        "style": ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        "content": ("block4_conv2",),
        "content_z1": ("block5_conv2",),
        # The lecture's panels: one content layer each, and growing sets of style layers.
        "content_panel": tuple(f"block{block}_conv2" for block in range(1, 6)),
        "style_panel": tuple(f"block{block}_conv1" for block in range(1, 6)),
    },
    "squeezenet": {
        "style": ("conv1", "fire2", "fire3", "fire4"),
        "content": ("fire5",),
        "content_z1": ("fire8",),
        "content_panel": ("conv1", "fire2", "fire3", "fire4", "fire6"),
        "style_panel": ("conv1", "fire2", "fire3", "fire4", "fire5"),
    },
}
PRESETS = {
    # The kit's: relative losses, so that the weights suit every picture and network.
    "kit": {
        "weights": (1.0, 20.0), "total_variation": 30.0, "losses": "relative",
        "optimizer": "lbfgs", "iterations": 60, "levels": 2,
    },
    # lecture_style as published: 4000 steps of plain gradient descent from the photograph.
    "z1": {
        "weights": (2.5e-8, 1e-6), "total_variation": 1e-6, "losses": "published",
        "optimizer": "sgd", "learning_rate": 100.0, "decay": 0.96, "iterations": 4000, "levels": 1,
    },
    # The same loss in Gatys's way: L-BFGS.
    "z1_lbfgs": {
        "weights": (2.5e-8, 1e-6), "total_variation": 1e-6, "losses": "published",
        "optimizer": "lbfgs", "iterations": 200, "levels": 1,
    },
}  # fmt: skip


def preset(name, network):
    """The arguments of ``transfer`` for a recipe.

    Args:
        name: ``"kit"`` (what ``transfer`` does by itself), ``"z1"`` or ``"z1_lbfgs"``.
        network: SqueezeNet or VGG-19 from ``features.load``.

    Returns:
        a new dict; use it as ``style.transfer(content, painting, network, **preset)``.

    Raises:
        ValueError: no such recipe, or none for this network.
    """
    if name not in PRESETS:
        raise ValueError(f"no recipe {name!r}; there are {', '.join(PRESETS)}")
    if network.name not in LAYERS:
        raise ValueError(
            f"the recipes know the layers of {' and '.join(LAYERS)}, not of {network.name}: "
            "name content_layers and style_layers"
        )
    layers = LAYERS[network.name]
    content = layers["content_z1" if name.startswith("z1") else "content"]
    return {"content_layers": content, "style_layers": layers["style"], **PRESETS[name]}
