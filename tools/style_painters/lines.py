"""Lines: hatching cut into wood, and ink on water that a comb has drawn out."""

import numpy as np
from scipy.ndimage import gaussian_filter

from style_painters.shared import colors, grid, noise

# --- woodcut: hatching that follows hills -----------------------------------------------------

PAPER, INK, SUN = colors("f3e8cf", "1a1714", "c8452d")


def woodcut(side, random):
    """Hills, a sun and clouds in cut lines: thicker where it is darker."""
    y, x = grid(side)
    shake = 0.006 * noise(side, 8, random, 2)
    center = (0.30, 0.64)
    away = np.hypot(y - center[0], x - center[1])
    turn = np.arctan2(y - center[0], x - center[1])
    # The sky: rings around the sun, broken by rays.
    phase = 46 * (away + 0.5 * shake) + 0.0 * turn
    tone = 0.30 + 0.55 * np.clip(away - 0.12, 0, 1) + 0.10 * np.sin(24 * turn) * np.exp(-away * 2)
    ink = _hatch(phase, tone, side, random)
    disc = away < 0.115
    ridges = (
        (0.50, 0.050, 3, 60, 0.55, -0.5), (0.60, 0.060, 4, 52, 0.62, 0.7),
        (0.71, 0.055, 3, 46, 0.55, -0.9), (0.83, 0.060, 2, 40, 0.66, 0.5),
    )  # fmt: skip
    for level, swing, cells, density, dark, lean in ridges:
        crest = level + swing * noise(side, cells, random, 3)[0][None, :]
        inside = y > crest
        below = y - crest
        bulge = np.gradient(gaussian_filter(np.repeat(crest, side, 0), side / 60), axis=1) * side
        phase = density * (below * (1 + 0.4 * np.sin(9 * x)) + 0.35 * lean * x + shake)
        shade = dark - 2.2 * below * (0.5 - 0.3 * lean) + 0.9 * lean * bulge
        hill = _hatch(phase, np.clip(shade, 0.16, 0.93), side, random)
        outline = np.abs(below) < 0.0042 + 0.001 * noise(side, 12, random, 2)
        ink = np.where(inside, np.maximum(hill, outline), ink)
        disc = disc & ~inside
    sun_lines = _hatch(60 * (y - center[0]) + 2 * shake, 0.16 + 1.6 * (y - center[0]), side, random)
    rim = np.abs(away - 0.115) < 0.004
    paper = PAPER * (1 + 0.018 * noise(side, 60, random, 3)[..., None])
    worn = (noise(side, 90, random, 2) > 2.1)[..., None]
    ink = np.where(disc, 0, ink)[..., None]
    ink = np.where(worn, 0, ink)
    pixels = (1 - ink) * paper + ink * INK
    red = SUN * (1 + 0.03 * noise(side, 40, random, 2)[..., None])
    ring = (disc & rim)[..., None]
    return np.where(disc[..., None] & ~ring, red * (1 - 0.55 * sun_lines[..., None]), pixels)


def _hatch(phase, tone, side, random):
    """1 where ink is: cut lines along ``phase``, covering the share ``tone`` of the paper."""
    wave = np.abs((phase % 1.0) - 0.5) * 2
    rough = 0.07 * noise(side, 70, random, 2) + 0.05 * noise(side, 14, random, 2)
    return np.clip((tone + rough - wave) * 9, 0, 1)


# --- marbling: drops of ink, combed -----------------------------------------------------------

INKS = colors("14213d", "b5382a", "f1e3c6", "e0a030", "2f6f73", "f6efe0", "7b1e3a", "89b0ae")


def marbling(side, random):
    """Drops on water push each other aside; combs then draw them out (Lu et al. 2012).

    Every pixel is followed back through all of it to the drop that it came from.
    """
    y, x = grid(side)
    combs = [_comb(0, 0.14, 0.09), _comb(1, 0.075, 0.05)]
    for cy, cx, turn in ((0.36, 0.33, 1.0), (0.70, 0.72, -1.0)):
        away = np.hypot(y - cy, x - cx)
        angle = turn * 1.5 * np.exp(-((away / 0.17) ** 2))
        dy, dx = y - cy, x - cx
        y = cy + np.cos(angle) * dy - np.sin(angle) * dx
        x = cx + np.sin(angle) * dy + np.cos(angle) * dx
    for comb in reversed(combs):
        y, x = comb(y, x)
    return _drops(y, x, side, random)


def _comb(axis, spacing, pull):
    """A comb drawn across, every second tooth the other way: it drags the ink that is near."""

    def inverse(y, x):
        along = x if axis == 0 else y
        wave = np.cos(np.pi * along / spacing)
        drag = pull * np.sign(wave) * np.abs(wave) ** 2.2  # ink far from a tooth stays
        return (y - drag, x) if axis == 0 else (y, x - drag)

    return inverse


def _drops(y, x, side, random):
    places = [((i + 0.5 * (j % 2)) / 4, j / 5) for i in range(-1, 6) for j in range(-1, 7)]
    places = np.array(places) + random.normal(0, 0.03, (len(places), 2))
    rings = []
    for index, place in enumerate(places):  # drop into drop: rings of ink
        inks = random.permutation(len(INKS))[:7]
        rings += [(index + 60 * k, *place, random.uniform(0.045, 0.075), ink) for k, ink in
                  enumerate(inks)]  # fmt: skip
    found = np.full((side, side), -1)
    for _, cy, cx, radius, ink in sorted(rings, reverse=True):  # the last drop lies on top
        squared = (y - cy) ** 2 + (x - cx) ** 2
        found[(squared < radius**2) & (found < 0)] = ink
        shrink = np.sqrt(np.clip(1 - radius**2 / np.maximum(squared, 1e-9), 0, 1))
        y, x = cy + (y - cy) * shrink, cx + (x - cx) * shrink
    found[found < 0] = 0
    return INKS[found] * (1 + 0.02 * noise(side, 60, random, 3)[..., None])
