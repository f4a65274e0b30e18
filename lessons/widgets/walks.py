"""A path between two samples that are chosen by hand, and its film. Taught in notebook 08."""

from pathlib import Path

import ipywidgets
import numpy as np
from PIL import Image

from helpers import checking, images
from lessons.latent import interpolation
from lessons.widgets.panel import Panel, drawn, png

ANCHOR_COLORS = {"A": "#D55E00", "B": "#0072B2"}
SCALE, GAP = 6, 8  # of the large picture; between thumbnails, half of it the frame
WAYS = {"spherical": interpolation.spherical, "straight": interpolation.straight}


class WalkStudio(Panel):
    """Choose two samples by the buttons below them, walk from one to the other, save the film.

    Args:
        draw: function of z, float32 ``(N, latent_dim)``, -> images ``(N, H, W, 1 or 3)``.
        latent_dim: length of z.
        count: samples to choose from, at least 2.
        steps: frames of the way from A to B, at least 2; the film also walks back.
        value_range: of the images; they are clipped to it.
        folder: where "save the walk" writes; a GIF.

    Attributes:
        anchors: the numbers of the samples that "A" and "B" stand for.
        path: z of the walk, float32 ``(steps, latent_dim)``.
    """

    def __init__(self, draw, latent_dim, *, count=12, steps=24, value_range=(-1, 1), folder="."):
        self.draw, self.latent_dim, self.value_range = draw, latent_dim, value_range
        self.count = checking.whole(count, "count", at_least=2)
        self.steps = checking.whole(steps, "steps", at_least=2)
        self.folder, self.times_drawn = Path(folder), 0
        self.thumbnails = [ipywidgets.Image(format="png") for _ in range(count)]
        self.buttons = [ipywidgets.Button(description="take") for _ in range(count)]
        for index, button in enumerate(self.buttons):
            button.layout = ipywidgets.Layout(width=f"{30 * SCALE}px")
            button.on_click(lambda _, index=index: self.take(index))
        self.share = ipywidgets.FloatSlider(min=0, max=1, step=0.02, description="A to B")
        self.way = ipywidgets.Dropdown(options=list(WAYS), description="way")
        self.more = ipywidgets.Button(description="new samples")
        self.save_button = ipywidgets.Button(description="save the walk", button_style="primary")
        self.file = ipywidgets.Text(value="walk.gif", description="file")
        self.message = ipywidgets.HTML()
        self.here, self.strip = ipywidgets.Image(format="png"), ipywidgets.Image(format="png")
        self.share.observe(lambda change: self._show_point(), names="value")
        self.way.observe(lambda change: self._show_path(), names="value")
        self.more.on_click(self.resample)
        self.save_button.on_click(self.save)
        cells = map(ipywidgets.VBox, zip(self.thumbnails, self.buttons, strict=True))
        rows = [
            ipywidgets.Box(list(cells), layout=ipywidgets.Layout(flex_flow="row wrap")),
            ipywidgets.HBox([self.more, self.way, self.share]),
            ipywidgets.HBox([self.here, self.strip]),
            ipywidgets.HBox([self.file, self.save_button]),
        ]
        super().__init__([*rows, self.message])
        self.resample()

    def resample(self, button=None):
        """Draw new samples; the first two become the anchors."""
        random = np.random.default_rng((0, self.times_drawn))
        self.times_drawn += 1
        self.z = random.standard_normal((self.count, self.latent_dim)).astype("float32")
        self.samples = drawn(self.draw, self.z, self.value_range)
        self.anchors, self.next_anchor = {"A": 0, "B": 1}, "A"
        self._show_thumbnails()
        self._show_path()

    def take(self, index):
        """Make sample ``index`` an anchor: A and B in turn."""
        self.anchors[self.next_anchor] = index
        self.next_anchor = "B" if self.next_anchor == "A" else "A"
        self._show_thumbnails()
        self._show_path()

    def save(self, button=None):
        """Write the walk from A to B and back as GIF; a mistake is written, not raised."""
        try:
            self.message.value = f"saved as {self.write(self.file.value).name}"
        except (ValueError, OSError) as error:
            self.message.value = f"{type(error).__name__}: {error}"

    def write(self, name):
        """Write the walk to ``folder / name`` (``.gif``); returns the path."""
        if Path(name).name != name or Path(name).suffix != ".gif":
            raise ValueError(f"the file must be a plain name such as walk.gif, got {name!r}")
        frames = drawn(self.draw, self.path, self.value_range)
        frames = [np.asarray(images.sheet([frame], 1, scale=SCALE, gap=0)) for frame in frames]
        return images.write_gif([*frames, *frames[-2:0:-1]], self.folder / name)

    def _show_thumbnails(self):
        names = {index: name for name, index in self.anchors.items()}
        for index, (image, button) in enumerate(zip(self.thumbnails, self.buttons, strict=True)):
            image.value = png(self._samples([index], 1))
            button.description = f"is {names[index]}" if index in names else "take"

    def _samples(self, chosen, columns):
        """Samples on one sheet, the anchors framed in their colors."""
        colors = {at: ANCHOR_COLORS[name] for name, at in reversed(self.anchors.items())}
        frames = {place: colors[at] for place, at in enumerate(chosen) if at in colors}
        shown = self.samples[chosen]
        return images.sheet(shown, columns, scale=SCALE // 2, gap=GAP, frames=frames)

    def _walk(self, shares):
        a, b = self.z[[self.anchors["A"]]], self.z[[self.anchors["B"]]]
        return WAYS[self.way.value](a, b, shares)[0]

    def _show_path(self):
        self.path = self._walk(np.linspace(0.0, 1.0, self.steps))
        self.strip.value = png(self._strip())
        self._show_point()

    def _strip(self):
        """Eight pictures of the path in a row."""
        some = self.path[np.linspace(0, self.steps - 1, 8).round().astype(int)]
        pictures = drawn(self.draw, some, self.value_range)
        captions = ["A", *[""] * 6, "B"]
        return images.sheet(pictures, 8, scale=SCALE // 2, captions=captions)

    def _show_point(self):
        picture = drawn(self.draw, self._walk([self.share.value]), self.value_range)
        caption = f"{self.share.value:.2f}"
        self.here.value = png(images.sheet(picture, 1, scale=SCALE, captions=[caption]))

    def frame(self):
        """Everything as one PIL image: what stands there without a kernel."""
        samples, strip = self._samples(range(self.count), min(self.count, 6)), self._strip()
        size = (max(samples.width, strip.width), samples.height + strip.height + 8)
        both = Image.new("RGB", size, "white")
        both.paste(samples, (0, 0))
        both.paste(strip, (0, samples.height + 8))
        return both
