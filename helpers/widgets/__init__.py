"""Front ends for looking into a network by hand, each with a static first frame.

``controls`` holds the general ones; the studio of notebook 05 is ``helpers.widgets.dream``.
"""

from helpers.widgets.controls import Explorer, class_picker, explorer, numbered_z

__all__ = ["Explorer", "class_picker", "explorer", "numbered_z"]
