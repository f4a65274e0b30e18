"""Do the patients of notebook 07 fail and recover, and does the doctor stay calm when all is well?

Trains every patient sick and treated with ``--seeds`` seeds, and ten healthy runs of `HEALTHY` and
of notebook 01's recipe, and prints each symptom that leaves its bounds, each finding that is
missing and each false alarm. ``--write-runs`` also records the three runs without a name of the
exercise, ``data/clinic_runs.json``.

usage: python benchmarks/clinic.py [--seeds 5] [--steps 200] [--patients fast,critic]
                                   [--healthy 10] [--write-runs]
"""

import argparse
import json
import math
import time

import numpy as np

from exercises import clinic as check
from helpers import config, datasets, recipes, training
from lessons.clinic import cases
from lessons.clinic.doctor import Doctor
from lessons.clinic.patients import HEALTHY, PATIENTS, out_of_bounds

# Which run stands behind each letter of the exercise: a patient, or "healthy", and its seed.
RECORDED = {"A": ("collapse", 11), "B": ("healthy", 12), "C": ("critic", 13)}
KEPT = ("step", "d_loss", "g_loss", "d_accuracy", "spread", "change")


def examine(name, treated, images, steps, seed):
    """Train one patient and print how it went; returns whether all is as described."""
    patient, began = PATIENTS[name], time.process_time()
    setup = patient.treated if treated else patient.sick
    case = cases.train_and_measure(setup, images, steps=steps, seed=seed)
    wrong = out_of_bounds(case.symptoms, patient.recovers if treated else patient.fails)
    found = [finding.name for finding in case.findings]
    if treated and found:
        wrong.append(f"false alarm: {', '.join(found)}")
    if not treated and patient.finding not in found:
        wrong.append(f"the doctor finds {found or 'nothing'} instead of {patient.finding}")
    state = "treated" if treated else "sick"
    seconds = time.process_time() - began
    print(
        f"{name:11} {state:8} seed {seed} {seconds:5.1f} s of processor time  "
        f"{'; '.join(wrong) or 'as described'}",
        flush=True,
    )
    print("   ", {name: round(value, 3) for name, value in case.symptoms.items()})
    return not wrong


def healthy_runs(images, steps, count):
    """Findings in runs that are well: `HEALTHY` and notebook 01's recipe in turn."""
    calm = 0
    for seed in range(count):
        if seed % 2:
            gan = recipes.mnist_gan(seed=seed)
            doctor = Doctor(images[:256], every=max(1, steps // cases.CHECK_UPS), verbose=False)
            epochs = max(1, steps * recipes.MNIST_BATCH // len(images))
            training.train(
                gan,
                images,
                epochs=epochs,
                batch_size=recipes.MNIST_BATCH,
                seed=seed,
                callbacks=[doctor],
                verbose=0,
            )
            found = doctor.findings()
        else:
            found = cases.train_and_measure(HEALTHY, images, steps=steps, seed=seed).findings
        calm += not found
        print(f"healthy run {seed}: {[str(each) for each in found] or 'no complaint'}", flush=True)
    return calm


def record(images, steps):
    """Write the runs without a name, and print the hashes that ``exercises.clinic`` needs."""
    histories = {}
    for letter, (word, seed) in RECORDED.items():
        setup = HEALTHY if word == "healthy" else PATIENTS[word].sick
        history = cases.train_and_measure(setup, images, steps=steps, seed=seed).history
        histories[letter] = {
            name: [None if math.isnan(x) else float(np.round(x, 4)) for x in history[name]]
            for name in KEPT
        }
        print(f'    "{letter}": "{check.fingerprint(letter, word)}",')
    path = config.bundled_data_dir() / "clinic_runs.json"
    path.write_text(json.dumps(histories, indent=1) + "\n")
    print("written to", path.name)


def main():
    ask = argparse.ArgumentParser(description=__doc__)
    ask.add_argument("--seeds", type=int, default=5)
    ask.add_argument("--steps", type=int, default=200)
    ask.add_argument("--patients", default=",".join(PATIENTS))
    ask.add_argument("--healthy", type=int, default=10)
    ask.add_argument("--write-runs", action="store_true")
    args = ask.parse_args()
    images = datasets.load("mnist", limit=2_000).images
    if args.write_runs:
        record(images, args.steps)
        return
    right = [
        examine(name, treated, images, args.steps, seed)
        for name in filter(None, args.patients.split(","))
        for treated in (False, True)
        for seed in range(args.seeds)
    ]
    calm = healthy_runs(images, args.steps, args.healthy)
    print(f"{sum(right)} of {len(right)} cases as described")
    print(f"{calm} of {args.healthy} healthy runs without a complaint")


if __name__ == "__main__":
    main()
