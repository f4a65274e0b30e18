"""Walks through latent space by hand: sliders for directions, and a path between two anchors.

Both boxes show a static first frame where no kernel answers, as all widgets of the kit do. They
are made of plain ipywidgets, which JupyterLab and Colab both have. Taught in notebook 08.
"""

from pathlib import Path

import ipywidgets
import numpy as np
from PIL import Image, ImageDraw, ImageFont

from helpers import images
from lessons import dream, latent
from lessons.widgets import drawing
from lessons.widgets.controls import explorer

ANCHOR_COLORS = {"A": "#D55E00", "B": "#0072B2"}


def direction_explorer(
    draw, z, directions, *, names=None, value_range=(-1.0, 1.0), limit=3.0, scale=8
):
    """One slider for each direction; the picture of the moved z beside that of z itself.

    Args:
        draw: function of z, float32 ``(N, latent_dim)``, -> images ``(N, H, W, 1 or 3)``.
        z: where all sliders at 0 stand, ``(latent_dim,)``.
        directions: ``(K, latent_dim)``, such as ``latent.principal(...).vectors``.
        names: a word for each slider; "direction 1" and so on unless given.
        value_range: of the images; they are clipped to it.
        limit: the sliders run from ``-limit`` to ``limit``.
        scale: screen pixels for each pixel.

    Returns:
        ``Explorer`` with a control for each name.

    Raises:
        ValueError: directions that do not fit z, or another number of names.
    """
    z, directions = np.asarray(z, "float32"), np.asarray(directions, "float32")
    if z.ndim != 1 or directions.ndim != 2 or directions.shape[1] != len(z):
        raise ValueError(
            f"directions must have shape (K, {z.shape[-1]}) for this z, got {directions.shape}"
        )
    names = [f"direction {k + 1}" for k in range(len(directions))] if names is None else names
    if len(names) != len(directions):
        raise ValueError(f"{len(directions)} directions need as many names, got {len(names)}")

    def picture(**steps):
        moved = z + np.array([steps[name] for name in names], "float32") @ directions
        here, there = _drawn(draw, np.stack([z, moved]), value_range)
        return _sheet([here, there], ["all sliders at 0", "moved"], scale)

    sliders = {
        name: ipywidgets.FloatSlider(value=0.0, min=-limit, max=limit, step=0.1, description=name)
        for name in names
    }
    return explorer(picture, **sliders)


class WalkStudio(ipywidgets.VBox):
    """Thumbnails to choose two anchors from, the path between them, and its film.

    Made by ``walk_studio``. ``anchors`` maps "A" and "B" to z, ``path`` holds the z of the walk.
    """

    # Old ipywidgets display themselves by this method, without the still form.
    _ipython_display_ = None

    def __init__(self, draw, latent_dim, count, steps, value_range, scale, folder, seed):
        self.draw, self.latent_dim, self.count = draw, latent_dim, count
        self.steps, self.value_range, self.scale = steps, value_range, scale
        self.folder, self.seed = Path(folder), seed
        self.next_anchor, self.drawn_before = "A", 0
        self.thumbnails = [ipywidgets.Image(format="png") for _ in range(count)]
        self.buttons = [ipywidgets.Button(description="take") for _ in range(count)]
        for index, button in enumerate(self.buttons):
            button.layout = ipywidgets.Layout(width=f"{max(56, 3 * scale * 10)}px")
            button.on_click(lambda _, index=index: self.take(index))
        self.share = ipywidgets.FloatSlider(
            value=0.0, min=0.0, max=1.0, step=0.02, description="A to B"
        )
        self.way = ipywidgets.Dropdown(options=["spherical", "straight"], description="way")
        self.more = ipywidgets.Button(description="new samples")
        self.save_button = ipywidgets.Button(description="save the walk", button_style="primary")
        self.file = ipywidgets.Text(value="walk.gif", description="file")
        self.message = ipywidgets.HTML()
        self.here, self.strip = ipywidgets.Image(format="png"), ipywidgets.Image(format="png")
        self.share.observe(lambda change: self._show_point(), names="value")
        self.way.observe(lambda change: self._show_path(), names="value")
        self.more.on_click(self.resample)
        self.save_button.on_click(self.save)
        cells = [
            ipywidgets.VBox([image, button])
            for image, button in zip(self.thumbnails, self.buttons, strict=True)
        ]
        wrap = ipywidgets.Layout(flex_flow="row wrap")
        super().__init__(
            [
                ipywidgets.Box(cells, layout=wrap),
                ipywidgets.HBox([self.more, self.way, self.share]),
                ipywidgets.HBox([self.here, self.strip]),
                ipywidgets.HBox([self.file, self.save_button]),
                self.message,
            ]
        )
        self.resample()

    # -----------------------------------------------------------------------------------------
    # What the buttons do.

    def resample(self, button=None):
        """Fill the thumbnails with new z; the first two become the anchors."""
        random = np.random.default_rng((self.seed, self.drawn_before))
        self.drawn_before += 1
        self.z = random.standard_normal((self.count, self.latent_dim)).astype("float32")
        self.samples = _drawn(self.draw, self.z, self.value_range)
        self.anchors = {"A": self.z[0], "B": self.z[1]}
        self.chosen, self.next_anchor = {"A": 0, "B": 1}, "A"
        self._show_thumbnails()
        self._show_path()

    def take(self, index):
        """Make thumbnail ``index`` an anchor: A and B in turn."""
        name = self.next_anchor
        self.anchors[name], self.chosen[name] = self.z[index], index
        self.next_anchor = "B" if name == "A" else "A"
        self._show_thumbnails()
        self._show_path()

    def save(self, button=None):
        """Write the walk from A to B and back as GIF or MP4; a mistake is written, not raised."""
        try:
            self.message.value = f"saved as {self.write(self.file.value).name}"
        except (ValueError, OSError, ImportError) as error:
            self.message.value = f"{type(error).__name__}: {error}"

    def write(self, name):
        """Write the walk to ``folder / name`` (``.gif`` or ``.mp4``); returns the path."""
        if Path(name).name != name or not name:
            raise ValueError(f"the file must be a plain name such as walk.gif, got {name!r}")
        frames = _drawn(self.draw, self.path, self.value_range)
        frames = [np.asarray(drawing.enlarged(frame, self.scale)) for frame in frames]
        return dream.write_video([*frames, *frames[-2:0:-1]], self.folder / name)

    # -----------------------------------------------------------------------------------------
    # Drawing.

    def _show_thumbnails(self):
        for index, image in enumerate(self.thumbnails):
            image.value = drawing.png(self._thumbnail(index))
        names = {index: name for name, index in self.chosen.items()}
        for index, button in enumerate(self.buttons):
            button.description = f"is {names[index]}" if index in names else "take"

    def _thumbnail(self, index):
        """A sample with a frame in its anchor's color."""
        small = drawing.enlarged(self.samples[index], max(1, self.scale // 2))
        colors = [ANCHOR_COLORS[name] for name, at in self.chosen.items() if at == index]
        sheet = Image.new("RGB", (small.width + 8, small.height + 8), (colors or ["white"])[0])
        sheet.paste(small, (4, 4))
        return sheet

    def _show_path(self):
        shares = np.linspace(0.0, 1.0, self.steps)
        way = getattr(latent, self.way.value)
        self.path = way(self.anchors["A"][None], self.anchors["B"][None], shares)[0]
        self.strip.value = drawing.png(self._strip())
        self._show_point()

    def _strip(self):
        """Eight pictures of the path in a row."""
        some = self.path[np.linspace(0, self.steps - 1, 8).round().astype(int)]
        pictures = _drawn(self.draw, some, self.value_range)
        return _sheet(pictures, ["A", *[""] * 6, "B"], max(1, self.scale // 2))

    def _point(self):
        way = getattr(latent, self.way.value)
        z = way(self.anchors["A"][None], self.anchors["B"][None], [self.share.value])[0]
        return _drawn(self.draw, z, self.value_range)

    def _show_point(self):
        self.here.value = drawing.png(
            _sheet(self._point(), [f"{self.share.value:.2f}"], self.scale)
        )

    def frame(self):
        """Everything as one PIL image: what stands there without a kernel."""
        tiles = [self._thumbnail(index) for index in range(self.count)]
        columns = min(self.count, 6)
        rows = -(-self.count // columns)
        width, height = tiles[0].size
        strip = self._strip()
        size = (max(columns * width, strip.width), rows * height + strip.height + 8)
        sheet = Image.new("RGB", size, "white")
        for index, tile in enumerate(tiles):
            sheet.paste(tile, (index % columns * width, index // columns * height))
        sheet.paste(strip, (0, rows * height + 8))
        return sheet

    def _repr_mimebundle_(self, include=None, exclude=None, **options):
        """The live box and, for readers without one, a picture of its present state."""
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {
            "application/vnd.jupyter.widget-view+json": view,
            "image/png": drawing.png(self.frame()),
            "text/plain": "walk between two anchors",
        }


def walk_studio(
    draw,
    latent_dim,
    *,
    count=12,
    steps=24,
    value_range=(-1.0, 1.0),
    scale=6,
    folder=".",
    seed=0,
):
    """Choose two samples by the buttons below them, walk from one to the other, save the film.

    Args:
        draw: function of z, float32 ``(N, latent_dim)``, -> images ``(N, H, W, 1 or 3)``.
        latent_dim: length of z.
        count: thumbnails, at least 2.
        steps: frames of the way from A to B, at least 2; the film also walks back.
        value_range: of the images; they are clipped to it.
        scale: screen pixels for each pixel of the large picture.
        folder: where "save the walk" writes; GIF, or MP4 with the extra ``video``.
        seed: of the samples.

    Returns:
        ``WalkStudio``; end the cell with it to show it.
    """
    for name, value in (("count", count), ("steps", steps)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 2:
            raise ValueError(f"{name} must be a whole number of at least 2, got {value!r}")
    return WalkStudio(draw, latent_dim, count, steps, value_range, scale, folder, seed)


def _drawn(draw, z, value_range):
    """uint8 images ``(N, H, W, 3)`` of z."""
    drawn = np.clip(np.asarray(draw(np.asarray(z, "float32")), "float32"), *value_range)
    drawn = images.to_uint8(drawn, value_range)
    return np.repeat(drawn, 3, axis=-1) if drawn.shape[-1] == 1 else drawn


def _sheet(pictures, captions, scale):
    """Images in a row with a line of text above each."""
    tiles = [drawing.enlarged(picture, scale) for picture in pictures]
    width, height = tiles[0].size
    sheet = Image.new("RGB", (len(tiles) * (width + 4), height + 22), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for index, (tile, caption) in enumerate(zip(tiles, captions, strict=True)):
        sheet.paste(tile, (index * (width + 4) + 2, 20))
        draw.text((index * (width + 4) + 4, 2), caption, "black", font)
    return sheet
