#!/usr/bin/python3
"""Writes Tests/Fixtures/Metrics/calibration.json: calibration errors and bins of made-up predictions, by NumPy.

Equal width: Guo et al., "On Calibration of Modern Neural Networks", ICML 2017, equation 3, with bins ((m - 1)/M, m/M] found by
numpy.digitize. Equal mass: samples in a stable order of confidence, cut by numpy.array_split.

Run from anywhere with Debian's python3 and python3-numpy. The output is deterministic.
"""
import json
import pathlib

import numpy as np

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/Metrics/calibration.json"
BINS = 15


def summary(groups, confidence, right):
    bins = []
    error = 0.0
    for rows in groups:
        if len(rows) == 0:
            bins.append({"count": 0, "confidence": None, "accuracy": None})
            continue
        mean, accuracy = float(confidence[rows].mean()), float(right[rows].mean())
        bins.append({"count": len(rows), "confidence": mean, "accuracy": accuracy})
        error += len(rows) / len(confidence) * abs(accuracy - mean)
    return {"error": error, "bins": bins}


def case(name, confidence, right):
    stored = confidence.astype(np.float32)
    confidence = stored.astype(np.float64)
    place = np.digitize(confidence * BINS, np.arange(1, BINS), right=True)
    wide = [np.flatnonzero(place == bin) for bin in range(BINS)]
    order = np.argsort(stored, kind="stable")
    mass = [rows for rows in np.array_split(order, BINS) if len(rows)]
    return {
        "name": name,
        "confidence": [float(value) for value in stored],
        "right": [bool(value) for value in right],
        "meanConfidence": float(confidence.mean()),
        "accuracy": float(right.mean()),
        "equalWidth": summary(wide, confidence, right.astype(np.float64)),
        "equalMass": summary(mass, confidence, right.astype(np.float64)),
    }


def main():
    random = np.random.default_rng(2103)
    sure = 1 - random.beta(0.6, 3, 400)
    edges = np.concatenate([np.arange(BINS + 1) / BINS, [0.0, 1.0, 1 / 3, 0.5]])
    cases = [
        case("overconfident", sure, random.random(400) < sure ** 2),
        case("at the edges of bins", edges, random.random(len(edges)) < 0.5),
        case("ties", np.repeat([0.25, 0.75], [37, 23]), np.arange(60) % 3 == 0),
        case("fewer samples than bins", np.array([0.9, 0.2, 0.6, 0.2]), np.array([True, False, False, True])),
        case("all certain", np.ones(20), np.arange(20) < 13),
    ]
    OUT.write_text(json.dumps(cases, indent=1) + "\n")


if __name__ == "__main__":
    main()
