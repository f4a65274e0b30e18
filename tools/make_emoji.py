#!/usr/bin/env python3
"""Make the bundled emoji: the same things drawn by three artists, 64 x 64 pixels on white paper.

    python tools/make_emoji.py [--out data]        needs npm and node; 13 MB of packages

The drawings come as SVG from npm packages of Iconify, names and groups from emojibase:

    @iconify-json/noto                Noto Emoji, Google, Apache-2.0
    @iconify-json/twemoji             Twemoji, Twitter and contributors, CC BY 4.0
    @iconify-json/fluent-emoji-flat   Fluent Emoji (flat), Microsoft, MIT
    emojibase-data                    groups and tags of the Unicode emoji, MIT
    sharp                             draws the SVG (it brings librsvg)

Kept is what all three artists drew, one row for each thing: no skin tones, no national flags. About
a tenth of the things is set aside for tests, by families, so that "man astronaut" is never learned
while "woman astronaut" is tested. Written are ``emoji_noto.webp``, ``emoji_twemoji.webp``,
``emoji_fluent.webp`` (lossless sheets, things in reading order, the last row filled up with white)
and ``emoji.json`` with names, groups, tags, the split and the sha256 of each artist's pixels. Equal
versions of the packages give equal pixels.
"""

import argparse
import hashlib
import json
import re
import subprocess
import sys
import tempfile
import zlib
from pathlib import Path

import numpy as np
from PIL import Image

DATA = Path(__file__).resolve().parents[1] / "data"
ICONS = {"noto": "noto", "twemoji": "twemoji", "fluent": "fluent-emoji-flat"}
VERSIONS = {
    "@iconify-json/noto": "1.2.9",
    "@iconify-json/twemoji": "1.2.5",
    "@iconify-json/fluent-emoji-flat": "1.2.6",
    "emojibase-data": "17.0.0",
    "sharp": "0.35.5",
}
SIZE = 64
COLUMNS = 40
TEST_SHARE = 0.1
# emojibase numbers its groups; 2 holds components such as skin tones.
GROUPS = {
    0: "smileys", 1: "people", 3: "animals", 4: "food", 5: "travel", 6: "activities",
    7: "objects", 8: "symbols", 9: "flags",
}  # fmt: skip
DRAW = """
const fs = require('fs'), sharp = require('sharp')
const [size, name, out] = process.argv.slice(2)
const set = JSON.parse(fs.readFileSync(`node_modules/@iconify-json/${name}/icons.json`))
async function main() {
  const file = fs.openSync(out, 'w')
  for (const thing of JSON.parse(fs.readFileSync('things.json'))) {
    const icon = set.icons[thing]
    const width = icon.width ?? set.width ?? 16, height = icon.height ?? set.height ?? 16
    const box = `${icon.left ?? 0} ${icon.top ?? 0} ${width} ${height}`
    const svg = `<svg xmlns="http://www.w3.org/2000/svg"
      xmlns:xlink="http://www.w3.org/1999/xlink" width="${size}" height="${size}"
      viewBox="${box}">${icon.body}</svg>`
    const drawn = sharp(Buffer.from(svg)).flatten({ background: '#ffffff' }).resize(+size, +size)
    fs.writeSync(file, await drawn.removeAlpha().raw().toBuffer())
  }
}
main()
"""


def install(folder):
    """Install the packages below ``folder``; returns the versions that came."""
    wanted = [f"{name}@{version}" for name, version in VERSIONS.items()]
    subprocess.run(["npm", "init", "-y"], cwd=folder, check=True, stdout=subprocess.DEVNULL)
    subprocess.run(["npm", "install", "--silent", "--no-audit", *wanted], cwd=folder, check=True)
    return {name: read(folder, name, "package.json")["version"] for name in VERSIONS}


def read(folder, *parts):
    return json.loads((folder / "node_modules").joinpath(*parts).read_text(encoding="utf-8"))


def common_things(folder):
    """Names such as ``red-apple`` that all three artists drew, sorted."""
    sets = [
        set(read(folder, "@iconify-json", icons, "icons.json")["icons"]) for icons in ICONS.values()
    ]
    names = set.intersection(*sets)
    return sorted(n for n in names if "skin-tone" not in n and not n.startswith("flag"))


def groups_and_tags(folder, names):
    """The group (a word of ``GROUPS``) and the tags of each thing."""
    characters = read(folder, "@iconify-json", "noto", "chars.json")
    code = {name: plain(character) for character, name in characters.items()}
    known = {plain(e["hexcode"]): e for e in read(folder, "emojibase-data", "en", "data.json")}
    entries = [known.get(code.get(name), {}) for name in names]
    # The few faces whose names the two sources spell differently are the only ones without entry.
    groups = [GROUPS[entry.get("group", 0)] for entry in entries]
    if odd := [n for n, e in zip(names, entries) if not e and not n.endswith("-face")]:
        raise ValueError(f"no group is known for {', '.join(odd)}")
    return groups, [entry.get("tags") or [] for entry in entries]


def plain(hexcode):
    """A code point sequence without the variation selector, in capitals."""
    return hexcode.upper().replace("-FE0F", "")


def family(name):
    """The thing without who does it, which way it faces, or what the clock says."""
    hours = "one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve"
    words = re.sub(f"({hours})-(oclock|thirty)", "clock", name).split("-")
    people = {"man", "woman", "men", "women", "person", "people", "boy", "girl", "mx", "mrs",
              "prince", "princess", "facing", "right", "left"}  # fmt: skip
    rest = [word for word in words if word not in people]
    return "-".join(rest) or "person"


def is_test(name):
    """Whether a thing is set aside; a function of its family's name alone."""
    return zlib.crc32(family(name).encode()) / 2**32 < TEST_SHARE


def draw(folder, icons, count):
    """The drawings of one artist, uint8 ``(count, SIZE, SIZE, 3)``."""
    command = ["node", "draw.js", str(SIZE), icons, "drawn.raw"]
    subprocess.run(command, cwd=folder, check=True)
    return np.fromfile(folder / "drawn.raw", np.uint8).reshape(count, SIZE, SIZE, 3)


def write_sheet(path, images):
    """Write images in reading order as one lossless WebP, and read it back to compare."""
    rows = -(-len(images) // COLUMNS)
    full = np.full((rows * COLUMNS, SIZE, SIZE, 3), 255, np.uint8)
    full[: len(images)] = images
    grid = full.reshape(rows, COLUMNS, SIZE, SIZE, 3).transpose(0, 2, 1, 3, 4)
    sheet = np.ascontiguousarray(grid.reshape(rows * SIZE, COLUMNS * SIZE, 3))
    Image.fromarray(sheet).save(path, lossless=True, quality=100, method=6)
    with Image.open(path) as stored:
        if not np.array_equal(np.asarray(stored), sheet):
            raise ValueError(f"{path} was not stored losslessly")


def main(arguments=None):
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, default=DATA, help="where to write (default: data/)")
    options = parser.parse_args(arguments)
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        versions = install(folder)
        names = common_things(folder)
        (folder / "things.json").write_text(json.dumps(names), encoding="utf-8")
        (folder / "draw.js").write_text(DRAW, encoding="utf-8")
        groups, tags = groups_and_tags(folder, names)
        sha256 = {}
        for artist, icons in ICONS.items():
            print(f"{artist} ...", flush=True)
            images = draw(folder, icons, len(names))
            write_sheet(options.out / f"emoji_{artist}.webp", images)
            sha256[artist] = hashlib.sha256(images.tobytes()).hexdigest()
    about = {
        "packages": versions,
        "sha256": sha256,
        "names": names,
        "groups": groups,
        "tags": [" ".join(each) for each in tags],
        "test": [is_test(name) for name in names],
    }
    text = json.dumps(about, ensure_ascii=False, indent=0)
    (options.out / "emoji.json").write_text(text + "\n", encoding="utf-8")
    print(f"{len(names)} things, {sum(about['test'])} of them for tests")
    return 0


if __name__ == "__main__":
    sys.exit(main())
