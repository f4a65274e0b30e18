"""Which folk remedies help? The table of notebook 07, measured.

Trains every trick of ``clinic.tricks.TRICKS`` with every seed for the same processor time on
2,000 bundled digits and writes the figures of each cell to ``data/tricks_mnist.json``. A table
that is there already is completed: cells that it holds are not measured again, so the script can
be stopped and started. The tricks take turns, seed by seed, so that all see the same machine.

usage: python benchmarks/tricks.py [--seconds 8] [--seeds 5] [--only LABEL] [--fresh]
"""

import argparse
import json
import os

# One thread for each operation: processor time then means the same on every machine.
os.environ.setdefault("TF_NUM_INTRAOP_THREADS", "1")
os.environ.setdefault("TF_NUM_INTEROP_THREADS", "1")

from helpers import config, datasets
from lessons.clinic import tricks


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seconds", type=float, default=8)
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--only", choices=list(tricks.TRICKS), metavar="LABEL")
    ask.add_argument("--fresh", action="store_true", help="forget the cells that are there")
    args = ask.parse_args()
    path = config.bundled_data_dir() / "tricks_mnist.json"
    table = {"dataset": "mnist", "seconds": args.seconds, "images": 2_000, "cells": []}
    if path.exists() and not args.fresh:
        table = json.loads(path.read_text())
        if table["seconds"] != args.seconds:
            ask.error(f"the table was begun with --seconds {table['seconds']:g}; or use --fresh")
    images = datasets.load("mnist", limit=table["images"]).images
    done = {(cell["label"], cell["seed"]) for cell in table["cells"]}
    for seed in range(args.seeds):
        for label in [args.only] if args.only else tricks.TRICKS:
            if (label, seed) in done:
                continue
            cell = tricks.run_cell(label, seed, images, seconds=args.seconds)
            print(cell, flush=True)
            table["cells"].append(cell)
            rows = ",\n  ".join(json.dumps(each) for each in table["cells"])
            facts = json.dumps({k: v for k, v in table.items() if k != "cells"})[:-1]
            path.write_text(f'{facts}, "cells": [\n  {rows}\n]}}\n')
    for row in tricks.rows(table["cells"]) if len({s for _, s in done}) >= 3 else []:
        print(f"{row['label']:40} {row['median']:7.1f} {row['verdict']}")


if __name__ == "__main__":
    main()
