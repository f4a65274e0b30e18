"""Wet paint: thick strokes along a field, and washes that run into each other."""

import numpy as np
from PIL import Image, ImageDraw
from scipy.ndimage import gaussian_filter

from style_painters.shared import colors, grid, noise, ramp

# --- strokes: thick paint along a swirling field --------------------------------------------

NIGHT = colors("0b1d4d", "143a7b", "1f5fa8", "3f8fc4", "86bfd0", "d9dcae")
FLAME = colors("f7f0c3", "f9d65c", "f0a830", "d9772b")
SUNS = ((0.27, 0.70, 0.17), (0.62, 0.28, 0.24), (0.85, 0.80, 0.11))  # y, x, radius
WHIRLS = ((0.52, 0.36, 1.0), (0.22, 0.20, -0.8), (0.80, 0.62, -0.9))


def strokes(side, random):
    """A night sky that turns: bristles of wet paint, lit from the upper left."""
    y, x = grid(side)
    angle = 0.35 * noise(side, 2, random, 2) + 0.15
    flow_x, flow_y = np.cos(angle), np.sin(angle)
    wash = 0.36 + 0.15 * noise(side, 3, random, 3) - 0.22 * (y - 0.35)
    glow = np.zeros((side, side))
    for cy, cx, radius in SUNS:
        away = np.hypot(y - cy, x - cx)
        pull = 2.6 * np.exp(-((away / (1.25 * radius)) ** 2))
        flow_x, flow_y = flow_x - pull * (y - cy) / away, flow_y + pull * (x - cx) / away
        glow = np.maximum(glow, np.exp(-((away / (0.62 * radius)) ** 2)))
        wash = wash + 0.22 * np.exp(-((away / (1.4 * radius)) ** 2)) * np.cos(38 * away)
    for cy, cx, turn in WHIRLS:
        away = np.hypot(y - cy, x - cx) + 1e-6
        pull = 2.2 * turn * np.exp(-((away / 0.17) ** 2))
        flow_x, flow_y = flow_x - pull * (y - cy) / away, flow_y + pull * (x - cx) / away
        wash = wash + 0.2 * np.exp(-((away / 0.19) ** 2)) * np.cos(42 * away)
    direction = np.arctan2(flow_y, flow_x)
    base = ramp(wash, NIGHT)
    hot = ramp(1 - glow, FLAME)
    share = np.clip(2.2 * glow - 0.45, 0, 1)[..., None]
    return _impasto((1 - share) * base + share * hot, direction, side, random)


def _impasto(base, direction, side, random):
    picture = Image.fromarray((255 * np.clip(base * 0.8, 0, 1)).astype("uint8"))
    height = Image.new("L", (side, side), 90)
    paint, relief = ImageDraw.Draw(picture), ImageDraw.Draw(height)
    for length, width, count in ((0.12, 0.020, 1500), (0.085, 0.013, 3600), (0.055, 0.009, 4200)):
        for _ in range(count):
            path = _path(random.uniform(0, side, 2), direction, length * side, random)
            _stroke(paint, relief, path, width * side, base, random)
    relief_map = gaussian_filter(np.asarray(height, float), 1.0) / 255
    down, right = np.gradient(relief_map)
    light = np.clip(1 + 3.2 * (-down - right) * side / 1024, 0.62, 1.42)[..., None]
    pixels = np.asarray(picture, float) / 255 * light
    return pixels + 0.10 * np.clip(light - 1.12, 0, 1)


def _path(start, direction, length, random):
    """Points along the field, about as far as a hand moves: list of (x, y)."""
    side, (px, py) = len(direction), start
    points, step = [(px, py)], length / 8
    for _ in range(int(8 * random.uniform(0.6, 1.2))):
        row, column = (int(np.clip(v, 0, side - 1)) for v in (py, px))
        px, py = (
            px + step * np.cos(direction[row, column]),
            py + step * np.sin(direction[row, column]),
        )
        points.append((px, py))
    return points


def _stroke(paint, relief, path, width, base, random):
    """A stroke is a bundle of bristles, each with a little more or less of the color."""
    side, points = len(base), np.array(path)
    middle = points[len(points) // 3]
    row, column = (int(np.clip(v, 0, side - 1)) for v in middle[::-1])
    color = base[row, column] * random.uniform(0.86, 1.14) + random.normal(0, 0.025, 3)
    along = np.gradient(points, axis=0)
    across = np.stack([-along[:, 1], along[:, 0]], -1)
    across /= np.linalg.norm(across, axis=1, keepdims=True) + 1e-9
    bristles = max(5, round(width / 1.7))
    taper = np.sin(np.linspace(0.35, np.pi - 0.15, len(points)))[:, None]
    level = random.integers(80, 200)
    for offset in np.linspace(-0.5, 0.5, bristles):
        shade = color * random.uniform(0.86, 1.14)
        line = points + across * offset * width * (0.55 + 0.45 * taper)
        xy = [tuple(point) for point in line]
        thick = max(1, round(1.5 * width / bristles))
        fill = tuple(int(255 * min(max(c, 0), 1)) for c in shade)
        paint.line(xy, fill=fill, width=thick, joint="curve")
        crest = int(np.clip(level + 55 * (1 - (2 * offset) ** 2) + random.normal(0, 26), 0, 255))
        relief.line(xy, fill=crest, width=thick, joint="curve")


# --- watercolor: transparent washes ----------------------------------------------------------

PIGMENTS = colors("1d5f8a", "2f9c95", "e0607e", "f2a541", "6d4fa3", "94b84a", "1f3a6e", "e58a6a")


def watercolor(side, random):
    """Blots that ran into each other on rough paper, darker where a wash dried."""
    paper_grain = 0.5 * noise(side, 90, random, 3) + 0.5 * noise(side, 160, random, 2)
    density = np.zeros((side, side, 3))  # what each pigment swallows of red, green, blue
    small = side // 2
    places = [(row, column) for row in range(5) for column in range(5)]
    for index, place in enumerate(random.permutation(places)):
        pigment = PIGMENTS[(2 * place[0] + place[1] + index % 2) % len(PIGMENTS)]
        center = (place + 0.5) / 5 + random.normal(0, 0.05, 2)
        radius = random.uniform(0.085, 0.17)
        wash = _wash(small, center, radius, random)
        wash = np.asarray(Image.fromarray(wash.astype("float32")).resize((side, side), 2), float)
        wash = gaussian_filter(wash, side / 500)
        blurred = gaussian_filter(wash, side / 110)
        edge = np.clip(wash - blurred, 0, 1)
        strength = random.uniform(0.45, 0.95)
        flow = 1 + 0.35 * noise(side, 5, random, 3)
        amount = strength * np.clip(wash * np.clip(flow, 0.3, 2) * 0.75 + 1.5 * edge, 0, 2.0)
        amount = amount * (1 + 0.16 * paper_grain)
        density += amount[..., None] * -np.log(np.clip(pigment, 0.03, 0.98))
    paper = colors("fbf7ee")[0] * (1 + 0.02 * paper_grain[..., None])
    return paper * np.exp(-0.62 * density)


def _wash(side, center, radius, random, layers=22):
    """Share of paint ``(side, side)``: many thin polygons whose outlines all wander differently."""
    angles = np.linspace(0, 2 * np.pi, 11)[:-1]
    reach = radius * random.uniform(0.75, 1.25, 10)
    outline = np.stack([center[1] + reach * np.cos(angles), center[0] + reach * np.sin(angles)], -1)
    outline = _wander(outline, 3, 0.20, random)
    total = np.zeros((side, side))
    for _ in range(layers):
        polygon = _wander(outline, 2, 0.16, random) * side
        layer = Image.new("L", (side, side), 0)
        ImageDraw.Draw(layer).polygon([tuple(point) for point in polygon], fill=255)
        total += np.asarray(layer, float) / 255
    return total / layers


def _wander(polygon, rounds, size, random):
    """Every edge gets a point that strays from its middle, several times over."""
    for _ in range(rounds):
        after = np.roll(polygon, -1, axis=0)
        length = np.linalg.norm(after - polygon, axis=1, keepdims=True)
        middle = (polygon + after) / 2 + random.normal(0, size, polygon.shape) * length
        polygon = np.stack([polygon, middle], 1).reshape(-1, 2)
    return polygon
