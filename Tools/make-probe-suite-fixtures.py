#!/usr/bin/python3
"""Writes Tests/Fixtures/probe-suite: a folder of small features with three splits, and expected.json, what scikit-learn makes of
them by the paper's procedure: logistic regression on the training split for each C of the search, the C with the highest
score on the validation split, a last fit on both, one score on the test split.

The features overlap, so that the search has a peak inside the grid. scikit-learn 1.2 is Debian 12's python3-sklearn; newton-cg is asked for the optimum, not for a number of iterations.
"""
import json
import pathlib

import numpy as np
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/probe-suite"
CLASSES, WIDTH = 4, 8
SIZES = {"train": 90, "val": 60, "test": 80}
GRID = [10 ** (-6 + j / 8) for j in range(97)]


def draw(random, centres, count):
    """The features of a split, and its labels in an order that is no class after another. Half of the samples are of the
    first class: with a strong penalty all are taken for it."""
    classes = centres.shape[0]
    labels = np.where(np.arange(count) % 2 == 0, 0, np.arange(count) // 2 % classes)
    features = centres[labels] + random.normal(size=(len(labels), centres.shape[1])) * 1.3
    return features.astype(np.float32), labels.astype(np.int64)


def write(folder, split, features, labels):
    folder.mkdir(parents=True, exist_ok=True)
    np.save(folder / f"{split}.npy", features)
    np.save(folder / f"{split}.labels.npy", labels)
    ids = "".join(f"{split}/{row:03d}.png\n" for row in range(len(labels)))
    (folder / f"{split}.ids.txt").write_text(ids)


def fit(features, labels, C):
    model = LogisticRegression(C=C, solver="newton-cg", tol=1e-7, max_iter=300)
    return model.fit(features.astype(np.float64), labels)


def objective(model, features, labels, C):
    logits = features.astype(np.float64) @ model.coef_.T + model.intercept_
    if logits.shape[1] == 1:
        loss = np.logaddexp(0, np.where(labels == 1, -logits[:, 0], logits[:, 0])).sum()
    else:
        top = logits.max(axis=1)
        loss = (np.log(np.exp(logits - top[:, None]).sum(axis=1)) + top).sum()
        loss -= logits[np.arange(len(labels)), labels].sum()
    return loss + (model.coef_ ** 2).sum() / (2 * C)


def search(score):
    """The halving search over the points of the grid; of equal scores the lowest C."""
    found, step = {}, 16
    points = list(range(0, 97, step))
    while True:
        for point in points:
            found[point] = score(GRID[point])
        best = min(found, key=lambda point: (-found[point], point))
        step //= 2
        if step == 0:
            return found, best
        points = [p for p in (best - step, best + step) if 0 <= p < 97 and p not in found]


def neighbours(train, labels, test, k, temperature, classes):
    """DINO's weighted vote, in float64."""
    unit = [x.astype(np.float64) / np.linalg.norm(x.astype(np.float64), axis=1)[:, None] for x in (train, test)]
    similarities = unit[1] @ unit[0].T
    nearest = np.argsort(-similarities, axis=1, kind="stable")[:, :k]
    votes = np.zeros((len(test), classes))
    for row in range(len(test)):
        for column in nearest[row]:
            votes[row, labels[column]] += np.exp(similarities[row, column] / temperature)
    return votes.argmax(axis=1)


def problem(name, random, centres):
    splits = {split: draw(random, centres, count) for split, count in SIZES.items()}
    for split, (features, labels) in splits.items():
        write(OUT / "features" / name, split, features, labels)
    (train, y), (val, z), (test, t) = (splits[split] for split in ("train", "val", "test"))
    both, both_y = np.concatenate([train, val]), np.concatenate([y, z])
    result = {}

    def score(C):
        return float((fit(train, y, C).predict(val) == z).mean())

    curve, best = search(score)
    result["curve"] = [{"C": GRID[p], "score": curve[p]} for p in sorted(curve)]
    result["C"] = GRID[best]
    for key, C in (("searched", GRID[best]), ("given", 0.316)):
        model = fit(both, both_y, C)
        result[key] = {
            "accuracy": float((model.predict(test) == t).mean()),
            "objective": float(objective(model, both, both_y, C)),
        }
        if len(centres) == 2:
            result[key]["auc"] = float(roc_auc_score(t, model.decision_function(test)))
    votes = neighbours(both, both_y, test, 7, 0.07, len(centres))
    result["knn"] = float((votes == t).mean())
    return result


def main():
    random = np.random.default_rng(20211)
    expected = {
        "Four": problem("Four", random, random.normal(size=(CLASSES, WIDTH))),
        "Two": problem("Two", random, random.normal(size=(2, WIDTH)) * 0.5),
    }
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


main()
