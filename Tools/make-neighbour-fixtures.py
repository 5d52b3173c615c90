#!/usr/bin/env python3
"""Writes Tests/Fixtures/neighbours/neighbours.json: nearest neighbours by cosine and the classes they vote for.

Neighbours and weighted votes come from NumPy in float64, votes of one each from scikit-learn's KNeighborsClassifier (metric cosine, weights
uniform), which the script also holds its own against, except where classes have as many votes: scikit-learn then takes the lowest class, the
program the one with the nearest neighbour.

Needs numpy and scikit-learn. Run from the project's root.
"""
import json
import pathlib

import numpy as np
from sklearn.neighbors import KNeighborsClassifier

OUT = pathlib.Path("Tests/Fixtures/neighbours")
CLASSES, COLUMNS = 5, 8


def rows(random, centres, labels):
    points = centres[labels] + random.normal(0, 1.2, (len(labels), COLUMNS))
    # Lengths differ, which a cosine must not see.
    return np.round(points * random.uniform(0.1, 40, (len(labels), 1)), 3).astype(np.float32)


def main():
    random = np.random.default_rng(11)
    centres = random.normal(0, 1, (CLASSES, COLUMNS))
    labels = random.integers(0, CLASSES, 120)
    training = rows(random, centres, labels)
    samples = rows(random, centres, random.integers(0, CLASSES, 40))
    unit = training.astype(float) / np.linalg.norm(training.astype(float), axis=1, keepdims=True)
    cases = []
    similarities = np.array([[float(np.dot(u, s / np.linalg.norm(s))) for u in unit] for s in samples.astype(float)])
    order = np.argsort(-similarities, axis=1, kind="stable")
    for k in (1, 5, 20, 120):
        model = KNeighborsClassifier(k, metric="cosine", algorithm="brute").fit(training, labels)
        theirs = model.predict(samples)
        majority = []
        ties = 0
        for sample in range(len(samples)):
            near = order[sample, :k]
            votes = np.bincount(labels[near], minlength=CLASSES)
            winner = next(int(labels[row]) for row in near if votes[labels[row]] == votes.max())
            if (votes == votes.max()).sum() > 1:
                ties += 1
            else:
                assert winner == theirs[sample], sample
            majority.append(winner)
        case = {"k": k, "majority": majority, "ties": ties, "weighted": []}
        for temperature in (0.07, 1.0, 1e-4):
            shares = []
            for sample in range(len(samples)):
                near = order[sample, :k]
                weights = np.exp((similarities[sample, near] - similarities[sample, near[0]]) / temperature)
                shares.append(np.bincount(labels[near], weights=weights, minlength=CLASSES) / weights.sum())
            shares = np.array(shares)
            case["weighted"].append({"temperature": temperature, "predictions": shares.argmax(1).tolist(),
                                     "shares": np.round(shares, 9).ravel().tolist()})
        cases.append(case)
    gaps = np.diff(-np.sort(-similarities, axis=1), axis=1)
    assert np.abs(gaps).min() > 1e-7, "neighbours too close for float32"
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / "neighbours.json").write_text(json.dumps({
        "columns": COLUMNS, "classCount": CLASSES, "training": [float(f"{x:.3f}") for x in training.ravel()],
        "labels": labels.tolist(), "samples": [float(f"{x:.3f}") for x in samples.ravel()],
        "neighbours": order[:, :20].ravel().tolist(),
        "similarities": np.round(np.take_along_axis(similarities, order[:, :20], 1), 9).ravel().tolist(),
        "cases": cases}) + "\n")
    print("smallest gap", np.abs(gaps).min(), "ties", [case["ties"] for case in cases])


if __name__ == "__main__":
    main()
