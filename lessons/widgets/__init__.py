"""Front ends for looking into a network by hand, each with a static first frame.

``controls`` holds the general ones; ``latent`` the sliders of notebook 04; ``dream`` the studio of
notebook 05; ``walks`` the directions and anchors of notebook 08.
"""

from lessons.widgets.controls import Explorer, class_picker, explorer, numbered_z

__all__ = ["Explorer", "class_picker", "explorer", "numbered_z"]
