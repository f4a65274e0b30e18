"""Pieces with joints: a rose window in lead, and fans of small stones."""

import numpy as np
from scipy.spatial import cKDTree

from style_painters.shared import colors, grid, noise, ramp

# --- glass: a rose window --------------------------------------------------------------------

JEWELS = colors(
    "b3122b", "d9372c", "ef8a1d", "f6c63a", "1f7a4c",
    "3aa66b", "123f8c", "2a6fc9", "6fb3e0", "5b2a86",
)  # fmt: skip
RINGS = (  # radius, panes, turn (in panes), colors that alternate
    (0.000, 1, 0.0, (3,)),
    (0.085, 8, 0.0, (0, 7)),
    (0.165, 8, 0.5, (3, 2)),
    (0.245, 16, 0.5, (6, 8)),
    (0.325, 16, 0.0, (0, 4, 1, 5)),
    (0.405, 32, 0.5, (7, 6, 9)),
    (0.485, 32, 0.0, (2, 3)),
    (0.570, 24, 0.5, (6, 9, 7)),
    (0.660, 28, 0.0, (0, 6, 4, 6)),
)


def glass(side, random):
    """Panes of a rose window, Voronoi cells of seeds on rings, in lead."""
    seeds, choice = [], []
    for radius, count, turn, picks in RINGS:
        for index in range(count):
            at = 2 * np.pi * (index + turn) / count
            wobble = random.normal(0, 0.003, 2)
            seeds.append(
                (0.5 + radius * np.sin(at) + wobble[0], 0.5 + radius * np.cos(at) + wobble[1])
            )
            choice.append(picks[index % len(picks)])
    y, x = grid(side)
    bend = 0.004
    points = np.stack(
        [y + bend * noise(side, 6, random, 2), x + bend * noise(side, 6, random, 2)], -1
    )
    away, nearest = cKDTree(np.array(seeds)).query(points.reshape(-1, 2), k=2)
    away, nearest = away.reshape(side, side, 2), nearest.reshape(side, side, 2)
    border = away[..., 1] - away[..., 0]
    pane = nearest[..., 0]
    tint = JEWELS[np.array(choice)[pane]]
    tint = tint * random.uniform(0.8, 1.18, len(seeds))[pane][..., None]
    slant = random.uniform(0, 2 * np.pi, len(seeds))[pane]
    streaks = noise(side, 40, random, 2) * 0.045 + 0.05 * noise(side, 10, random, 3)
    sweep = 0.10 * np.sin(30 * (x * np.cos(slant) + y * np.sin(slant)) + 4 * slant)
    depth = np.clip(border / 0.05, 0, 1)
    shine = 0.72 + 0.42 * depth**0.7 + streaks + sweep * 0.7
    light = 1.12 - 0.5 * np.hypot(y - 0.5, x - 0.5)
    pixels = tint * (shine * light)[..., None] + 0.12 * np.clip(shine - 1.05, 0, 1)[..., None]
    lead = 0.011 + 0.0015 * noise(side, 30, random, 2)
    bar = np.clip((lead - border) / 0.002 + 0.5, 0, 1)[..., None]
    round_bar = 0.10 + 0.16 * np.clip(1 - border / lead, 0, 1) ** 2
    metal = round_bar[..., None] * np.array([0.95, 0.97, 1.05])
    return (1 - bar) * pixels + bar * metal


# --- mosaic: fans of small stones -------------------------------------------------------------

STONES = (
    colors("0f4c5c", "176d7d", "2b8f97", "74b9ad", "d8e2c4"),
    colors("7a1f1f", "a8412c", "cf6f3a", "e5a65a", "f2dfae"),
    colors("1d2d5a", "31508f", "5a86bd", "a3c1d6", "eee6cf"),
    colors("3d4a22", "6b7a35", "a2a654", "d3c27a", "f3ead0"),
)
FAN = 0.16  # radius of a fan, of the picture's side


def mosaic(side, random):
    """Overlapping fans, as in paving: rings of stones around the foot of each fan."""
    y, x = grid(side)
    y, x = y + 0.0016 * noise(side, 12, random, 2), x + 0.0016 * noise(side, 12, random, 2)
    away = np.full((side, side), np.inf)
    turn, fan = np.zeros((side, side)), np.zeros((side, side), int)
    number = 0
    rows = int(2 / FAN) + 4
    for row in range(rows, -3, -1):  # upper fans lie below
        for column in range(-1, int(1 / (2 * FAN)) + 2):
            cx, cy = (2 * column + row % 2) * FAN, row * FAN / 2
            distance = np.hypot(y - cy, x - cx)
            inside = distance < FAN
            away[inside], fan[inside] = distance[inside], number
            turn[inside] = np.arctan2((x - cx)[inside], (cy - y)[inside])
            number += 1
    return _stones(away, turn, fan, number, side, random)


def _stones(away, turn, fan, fans, side, random):
    rings = 8
    place = away / FAN * rings
    ring = np.minimum(place.astype(int), rings - 1)
    count = np.maximum(3, np.round(2 * np.pi * (ring + 0.5))).astype(int)
    shift = random.uniform(0, 1, (fans, rings))[fan, ring]
    across = turn / (2 * np.pi) * count + shift
    stone = np.floor(across).astype(int)
    u, v = place - ring, across - stone
    joint = np.minimum(np.minimum(u, 1 - u), np.minimum(v, 1 - v)) * FAN / rings
    key = (fan * 97 + ring * 1013 + stone * 7919) % 65536
    draw = random.uniform(-1, 1, (65536, 4))[key]
    family = random.integers(0, len(STONES), fans)
    family[::3] = 0
    pixels = np.zeros((side, side, 3))
    tone = 1 - (ring + 0.5) / rings + 0.14 * draw[..., 0] + 0.1 * np.sin(fan)
    for index, palette in enumerate(STONES):
        chosen = family[fan] == index
        pixels[chosen] = ramp(tone, palette)[chosen]
    gold = (ring == rings - 1) | (ring == 2)
    rim = ramp(0.5 + 0.4 * draw[..., 1], colors("b98a2e", "dcb04a", "f4dc8a"))
    pixels = np.where((gold & (draw[..., 3] > -0.7))[..., None], rim, pixels)
    pixels = pixels * (1 + 0.07 * draw[..., 2:3] + 0.035 * noise(side, 80, random, 2)[..., None])
    tilt = draw[..., 1] * (u - 0.5) + draw[..., 3] * (v - 0.5)  # every stone lies a little askew
    pixels = pixels * (1 + 0.22 * tilt[..., None])
    bevel = np.clip(joint / 0.0034, 0, 1) ** 0.6
    grout = colors("3b342c")[0] * (1 + 0.1 * noise(side, 100, random, 2)[..., None])
    solid = np.clip((joint - 0.0011) / 0.0011, 0, 1)[..., None]
    return (1 - solid) * grout + solid * pixels * (0.66 + 0.4 * bevel[..., None])
