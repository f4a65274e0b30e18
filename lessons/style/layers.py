"""The layers that play the same part in SqueezeNet and in VGG-19."""

LAYERS = {
    "vgg19": {
        "style": ("block1_conv1", "block2_conv1", "block3_conv1", "block4_conv1", "block5_conv1"),
        "content": ("block4_conv2",),
        "lecture_content": ("block5_conv2",),  # lecture_style's
        # lecture_style's panels: one content layer each, growing sets of style layers.
        "content_panel": tuple(f"block{block}_conv2" for block in range(1, 6)),
        "style_panel": tuple(f"block{block}_conv1" for block in range(1, 6)),
    },
    "squeezenet": {
        "style": ("conv1", "fire2", "fire3", "fire4"),
        "content": ("fire5",),
        "lecture_content": ("fire8",),
        "content_panel": ("conv1", "fire2", "fire3", "fire4", "fire6"),
        "style_panel": ("conv1", "fire2", "fire3", "fire4", "fire5"),
    },
}
