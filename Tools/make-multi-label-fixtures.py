#!/usr/bin/python3
"""Writes Tests/Fixtures/MultiLabel: average precisions of small multi-label problems, and the scores of a small zero-shot
classifier.

The area comes from scikit-learn's average_precision_score, the eleven-point variant from the definition of VOC2007's development
kit (VOCevalcls.m: difficult images out, precision and recall after each image, mean over t = 0, 0.1, …, 1 of the highest
precision at recall t or more), with images of equal score as one step and recalls compared as fractions, so that a recall of
exactly 3/10 is at least 0.3. Bootstraps draw with xoshiro256** as Sources/Statistics does and give numpy.quantile's limits.

Run from anywhere with Debian's python3, python3-numpy, python3-scipy and python3-sklearn. The output is deterministic.
"""
import json
import pathlib
from fractions import Fraction

import numpy as np
from scipy.special import log_softmax
from sklearn.metrics import average_precision_score

from xoshiro import Xoshiro

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/MultiLabel"
RESAMPLES = 200
SEED = 210300020


def eleven_point(positive, scores):
    """AP of one class: `positive` and `scores` of the images that are not difficult."""
    steps = sorted(set(scores), reverse=True)
    curve = []
    for threshold in steps:
        taken = scores >= threshold
        hits = int(np.sum(positive & taken))
        curve.append((Fraction(hits, int(np.sum(positive))), hits / int(np.sum(taken))))
    best = [max((p for recall, p in curve if recall >= Fraction(k, 10)), default=0.0) for k in range(11)]
    return sum(best) / 11


def per_class(labels, scores, which):
    """[eleven-point, area] of each class among the images `which`; None without a positive one."""
    result = []
    for owner in range(labels.shape[1]):
        column, own = labels[which, owner], scores[which, owner]
        column, own = column[column != 0], own[labels[which, owner] != 0]
        positive = column > 0
        result.append([eleven_point(positive, own), average_precision_score(positive, own)]
                      if positive.any() else None)
    return result


def means(values):
    values = [v for v in values if v]
    return np.mean(values, axis=0).tolist() if values else None


def bootstrap(labels, scores):
    xoshiro = Xoshiro(SEED)
    n = len(labels)
    draws = [means(per_class(labels, scores, [(xoshiro.next() * n) >> 64 for _ in range(n)])) for _ in range(RESAMPLES)]
    draws = np.array([d for d in draws if d])
    return [[[float(np.quantile(draws[:, m], q)) for q in (tail, 1 - tail)] for tail in (0.025, 0.0025)] for m in (0, 1)]


def case(name, labels, scores):
    labels, scores = np.array(labels, dtype=np.int8), np.array(scores, dtype=np.float32)
    values = per_class(labels, scores, np.arange(len(labels)))
    rates = [np.mean(c[c != 0] > 0) for c, v in zip(labels.T, values) if v]
    return {"name": name, "classCount": labels.shape[1], "labels": labels.ravel().tolist(),
            "scores": scores.ravel().tolist(), "perClass": values, "means": means(values),
            "chance": float(np.mean(rates)) if rates else None, "resamples": RESAMPLES,
            "intervals": bootstrap(labels, scores)}


def average_precision():
    random = np.random.RandomState(7)
    cases = []
    labels = np.where(random.rand(60, 4) < [0.05, 0.2, 0.5, 0.9], 1, -1)
    cases.append(case("no ties", labels, labels + 2 * random.randn(60, 4)))
    difficult = np.where(random.rand(60, 4) < 0.15, 0, labels)
    cases.append(case("difficult images", difficult, labels + 2 * random.randn(60, 4)))
    cases.append(case("many ties", difficult, np.round(labels + random.randn(60, 4))))
    # Ten and twenty positives: recalls that are exactly 1/10, 3/10, …
    exact = np.full((40, 2), -1)
    exact[random.permutation(40)[:10], 0] = 1
    exact[random.permutation(40)[:20], 1] = 1
    cases.append(case("recalls on the levels", exact, exact + random.randn(40, 2)))
    empty = labels.copy()
    empty[:, 2] = np.where(random.rand(60) < 0.5, 0, -1)
    cases.append(case("a class without positives", empty, labels + random.randn(60, 4)))
    cases.append(case("all scores equal", labels[:20], np.zeros((20, 4))))
    cases.append(case("one image", [[1, -1, 0]], [[0.5, 0.2, 0.1]]))
    return cases


def zero_shot():
    """A classifier of six classes on 30 images; at scale 100 most probabilities round to 0 or 1 in single precision."""
    random = np.random.RandomState(11)
    weights = random.randn(6, 8)
    weights /= np.linalg.norm(weights, axis=1, keepdims=True)
    weights = weights.astype(np.float32)
    labels = np.where(random.rand(30, 6) < 0.3, 1, -1)
    labels[random.rand(30, 6) < 0.1] = 0
    features = ((labels > 0) @ weights + 0.5 * random.randn(30, 8)).astype(np.float32)
    unit = features / np.linalg.norm(features.astype(np.float64), axis=1, keepdims=True)
    scores = log_softmax(100 * unit @ weights.astype(np.float64).T, axis=1)
    return {"dimension": 8, "classCount": 6, "scale": 100, "weights": weights.ravel().tolist(),
            "features": features.ravel().tolist(), "labels": labels.ravel().tolist(),
            "scores": scores.ravel().tolist(), "prediction": scores.argmax(axis=1).tolist(),
            "means": means(per_class(labels, scores, np.arange(30)))}


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c) for c in average_precision())
    (OUT / "average-precision.json").write_text(f"[\n{lines}\n]\n")
    (OUT / "zero-shot.json").write_text(json.dumps(zero_shot()) + "\n")
