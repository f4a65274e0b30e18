"""A picture in a notebook's output that changes while a cell runs."""

from helpers import config


class LiveOutput:
    """One place in the notebook's output, redrawn in place instead of growing.

    Args:
        enabled: whether anything is displayed; only in an interactive notebook unless given.
    """

    def __init__(self, enabled=None):
        self.enabled = config.interactive() if enabled is None else bool(enabled)
        self._handle = None

    def show(self, thing):
        """Display ``thing`` in the place of what was shown last; does nothing unless enabled."""
        if not self.enabled:
            return
        from IPython.display import display

        if self._handle is None:
            self._handle = display(thing, display_id=True)
        else:
            self._handle.update(thing)
