#!/usr/bin/python3
"""Writes Tests/Fixtures/Metrics/resampled.json: metrics of samples that are no independent draws, of several test splits, and that are
no proportion.

Values come from scikit-learn (roc_auc_score, accuracy_score, recall_score, top_k_accuracy_score) on the samples themselves; intervals from
drawing whole units (samples, or groups of them) with xoshiro256** as Sources/Statistics does, evaluating the same functions on
the samples so repeated, and numpy.quantile.

Run from anywhere with Debian's python3, python3-numpy and python3-sklearn. The output is deterministic.
"""
import json
import pathlib

import numpy as np
from sklearn.metrics import accuracy_score, recall_score, roc_auc_score

from xoshiro import Xoshiro

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/Metrics"
RESAMPLES = 200
SEED = 210300020


def roc_auc(case, rows):
    positive = case["labels"][rows] == 1
    return roc_auc_score(positive, case["scores"][rows]) if 0 < positive.sum() < len(rows) else None


def accuracy(case, rows):
    return accuracy_score(case["labels"][rows], case["ranked"][rows, 0])


def accuracy_at_5(case, rows):
    return np.mean([label in ranked for label, ranked in zip(case["labels"][rows], case["ranked"][rows])])


def mean_of_both(case, rows):
    return (accuracy(case, rows) + accuracy_at_5(case, rows)) / 2


def mean_per_class(case, rows):
    labels = case["labels"][rows]
    return recall_score(labels, case["ranked"][rows, 0], labels=np.unique(labels), average="macro")


def evaluate(metric, case, rows):
    """The mean over the folds of the metric on each one's samples among `rows`; None where one has none."""
    folds = case["folds"] if case["folds"] is not None else np.zeros(len(case["labels"]), int)
    values = []
    for fold in np.unique(folds):
        members = rows[folds[rows] == fold]
        value = metric(case, members) if len(members) else None
        if value is None:
            return None
        values.append(value)
    return float(np.mean(values))


def intervals(metric, case):
    """95 % and 99.5 %, or None where all resamples say the same."""
    count = len(case["labels"])
    groups = case["groups"]
    if groups is None:
        units = [np.array([i]) for i in range(count)]
    else:  # in the order in which they are first met
        units = [np.flatnonzero(groups == g) for g in dict.fromkeys(groups.tolist())]
    if len(units) < 2:
        return None
    xoshiro = Xoshiro(SEED)
    draws = []
    for _ in range(RESAMPLES):
        rows = np.concatenate([units[(xoshiro.next() * len(units)) >> 64] for _ in units])
        value = evaluate(metric, case, rows)
        if value is not None:
            draws.append(value)
    limits = [[float(np.quantile(draws, q)) for q in (tail, 1 - tail)] for tail in (0.025, 0.0025)]
    return None if limits[1][0] == limits[1][1] else limits


METRICS = {"ROC-AUC": roc_auc, "accuracy": accuracy, "accuracy@5": accuracy_at_5,
           "mean-top1-top5": mean_of_both, "mean-per-class": mean_per_class}


def ranked(random, labels, class_count, skill):
    """Five classes a sample, best first; the right one is likely among the first."""
    rows = []
    for label in labels:
        scores = random.randn(class_count)
        scores[label] += skill
        rows.append(np.argsort(-scores)[:5])
    return np.array(rows)


def case(name, metrics, labels, ranked=None, scores=None, groups=None, folds=None, class_count=2):
    own = {"labels": labels, "ranked": ranked, "scores": scores, "groups": groups, "folds": folds}
    everything = np.arange(len(labels))
    expected = {}
    for metric in metrics:
        expected[metric] = {"value": evaluate(METRICS[metric], own, everything),
                            "intervals": intervals(METRICS[metric], own)}
    return {"name": name, "classCount": class_count, "resamples": RESAMPLES, "expected": expected,
            **{key: None if value is None else value.ravel().tolist() for key, value in own.items()}}


def main():
    random = np.random.RandomState(3)
    cases = []
    labels = (random.rand(80) < 0.4).astype(int)
    noisy = labels + random.randn(80)
    cases.append(case("no ties", ["ROC-AUC"], labels, scores=noisy))
    cases.append(case("many ties", ["ROC-AUC"], labels, scores=np.round(noisy)))
    cases.append(case("all scores equal", ["ROC-AUC"], labels, scores=np.zeros(80)))
    cases.append(case("perfect", ["ROC-AUC"], labels, scores=labels * 2.0 - 1))
    cases.append(case("one positive", ["ROC-AUC"], np.arange(20) // 19, scores=random.randn(20)))
    cases.append(case("groups", ["ROC-AUC"], labels, scores=noisy, groups=random.randint(0, 15, 80)))
    classes = random.randint(0, 12, 150)
    top = ranked(random, classes, 12, 1.5)
    many = ["mean-top1-top5", "accuracy", "accuracy@5", "mean-per-class"]
    cases.append(case("independent", ["mean-top1-top5"], classes, ranked=top, class_count=12))
    groups = random.randint(0, 25, 150)
    cases.append(case("clips in groups", many, classes, ranked=top, groups=groups, class_count=12))
    folds = groups % 3
    cases.append(case("groups in folds", many, classes, ranked=top, groups=groups, folds=folds, class_count=12))
    cases.append(case("folds alone", many, classes, ranked=top, folds=random.randint(0, 3, 150), class_count=12))
    cases.append(case("one group", many, classes, ranked=top, groups=np.zeros(150, int), class_count=12))
    OUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(c) for c in cases)
    (OUT / "resampled.json").write_text(f"[\n{lines}\n]\n")


if __name__ == "__main__":
    main()
