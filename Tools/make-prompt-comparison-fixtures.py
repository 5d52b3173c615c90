#!/usr/bin/env python3
"""Writes Tests/Fixtures/PromptComparison/comparison.json: templates compared by numpy in float64, straight from the definitions.

Scores of single templates, of all but each, of forward selection on one half and on the other, and how much templates differ beyond chance: of
accuracy, mean per class, the mean of top-1 and top-5, ROC-AUC and the area under the precision-recall curve. The halves are drawn by a second
implementation of `ClassStrata` (xoshiro.py). Needs numpy. Run from the project's root.
"""
import hashlib
import json
import math
import pathlib
import sys

import numpy as np

sys.path.insert(0, "Tools")
from xoshiro import Xoshiro  # noqa: E402

CLASSES, TEMPLATES, DIMENSION, SAMPLES, SCALE = 8, 9, 16, 230, 50.0
NAMES = [1, 2, 1, 1, 3, 1, 1, 1]

generator = np.random.default_rng(80007)
centres = generator.normal(size=(CLASSES, DIMENSION))
quality = np.linspace(1.2, 3.4, TEMPLATES)  # how much noise a template adds
text = []
for c in range(CLASSES):
    for name in range(NAMES[c]):
        for t in range(TEMPLATES):
            text.append((centres[c] + generator.normal(size=DIMENSION) * quality[t]) * generator.uniform(0.2, 5))
text = np.array(text, dtype=np.float32)
weights_of_classes = np.array([4, 1, 2, 3, 1, 2, 2, 1]) / 16
labels = generator.choice(CLASSES, SAMPLES, p=weights_of_classes)
labels[labels == 7] = 6
labels[5] = 7  # a class with a single sample
image = ((centres[labels] + generator.normal(size=(SAMPLES, DIMENSION)) * 2)
         * generator.uniform(0.2, 5, size=(SAMPLES, 1))).astype(np.float32)
ids = [f"image {i * 7919 % SAMPLES:03}" for i in range(SAMPLES)]
classIDs = [f"class-{'hgfedcba'[c]}" for c in range(CLASSES)]


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


text64, image64 = unit(text.astype(np.float64)), unit(image.astype(np.float64))
starts = np.concatenate([[0], np.cumsum(np.array(NAMES) * TEMPLATES)])


def logits(templates, classes=range(CLASSES)):
    rows = []
    for c in classes:
        own = text64[starts[c]:starts[c + 1]].reshape(NAMES[c], TEMPLATES, DIMENSION)
        rows.append(unit(own[:, sorted(templates)].reshape(-1, DIMENSION).mean(axis=0)))
    return SCALE * image64 @ np.array(rows).T


def right(templates, k=1):
    order = np.argsort(-logits(templates), axis=1)
    return (order[:, :k] == labels[:, None]).any(axis=1)


def accuracy(templates, rows):
    return right(templates)[rows].mean()


def mean_per_class(templates, rows):
    hits = right(templates)[rows]
    own = labels[rows]
    return np.mean([hits[own == c].mean() for c in range(CLASSES) if (own == c).any()])


def mean_top1_top5(templates, rows):
    return (right(templates)[rows].mean() + right(templates, 5)[rows].mean()) / 2


# Of two classes: is it one of the first four?
pair = [0, 3]
isPair = np.isin(labels, pair)
pairRows = np.flatnonzero(isPair)
pairLabels = (labels[pairRows] == pair[1]).astype(int)


def auc(templates, rows):
    own = logits(templates, pair)[pairRows][rows]
    lead = own[:, 1] - own[:, 0]
    positive, negative = lead[pairLabels[rows] == 1], lead[pairLabels[rows] == 0]
    return ((positive[:, None] > negative).mean() + (positive[:, None] == negative).mean() / 2)


second = generator.integers(0, CLASSES, SAMPLES)
shown = np.zeros((SAMPLES, CLASSES), int)
shown[np.arange(SAMPLES), labels] = 1
shown[np.arange(SAMPLES), second] = 1


def average_precision(truth, score):
    order = np.argsort(-score)
    hits = truth[order]
    return (np.cumsum(hits) / np.arange(1, len(hits) + 1))[hits == 1].mean()


def area(templates, rows):
    own = logits(templates)[rows]
    own = own - np.log(np.exp(own).sum(axis=1, keepdims=True))
    return np.mean([average_precision(shown[rows][:, c], own[:, c]) for c in range(CLASSES) if shown[rows][:, c].any()])


def halves(seed):
    selecting, scoring = [], []
    for c in range(CLASSES):
        rows = sorted(np.flatnonzero(labels == c), key=lambda i: ids[i].encode())
        if len(rows) == 0:
            continue
        if len(rows) == 1:
            selecting += rows
            continue
        draws = Xoshiro(int(hashlib.sha256(f"hold-out\0{seed}\0{classIDs[c]}".encode()).hexdigest()[:16], 16))
        for place in range(len(rows) - 1, 0, -1):
            other = draws.next() * (place + 1) >> 64
            rows[place], rows[other] = rows[other], rows[place]
        count = min(max(int(np.floor(0.5 * len(rows) + 0.5)), 1), len(rows) - 1)
        selecting += rows[:count]
        scoring += rows[count:]
    return sorted(int(i) for i in selecting), sorted(int(i) for i in scoring)


def forward(score, selecting, scoring, size=None):
    chosen, best, steps = [], -np.inf, []
    while len(chosen) < (size or TEMPLATES):
        values = {t: score(chosen + [t], selecting) for t in range(TEMPLATES) if t not in chosen}
        value = max(values.values())
        if value <= best + 1e-12:
            break
        template = min(t for t in values if values[t] >= value - 1e-12)
        chosen.append(template)
        best = value
        steps.append({"template": template + 1, "selected": value, "scored": score(chosen, scoring)})
    return steps


def noise(templates_right, strata):
    variance = 0
    for stratum in np.unique(strata):
        y = np.array([r[strata == stratum] for r in templates_right], float)
        if y.shape[1] < 2:
            return None
        residual = y - y.mean(axis=0) - y.mean(axis=1, keepdims=True) + y.mean()
        variance += (residual ** 2).sum() / ((y.shape[0] - 1) * (y.shape[1] - 1)) / y.shape[1]
    return float(np.sqrt(variance) / len(np.unique(strata)))


selecting, scoring = halves(3)
all_rows = np.arange(SAMPLES)
metrics = {"accuracy": accuracy, "mean-per-class": mean_per_class, "mean-top1-top5": mean_top1_top5}
everything = list(range(TEMPLATES))


def compare(score, rows, half=None):
    selecting, scoring = half or (None, None)
    result = {
        "all": score(everything, rows),
        "single": [score([t], rows) for t in everything],
        "without": [score([u for u in everything if u != t], rows) for t in everything],
    }
    if half:
        result["forward"] = forward(score, selecting, scoring)
        result["forwardOfTwo"] = forward(score, selecting, scoring, 2)
    return result


def exact_p(first, second):
    """McNemar's exact test, two-sided."""
    lost, gained = int((first & ~second).sum()), int((second & ~first).sum())
    return min(1.0, 2 * sum(math.comb(lost + gained, k) for k in range(min(lost, gained) + 1)) / 2 ** (lost + gained))


def holm(values):
    adjusted, highest = [0.0] * len(values), 0.0
    for rank, place in enumerate(sorted(range(len(values)), key=lambda place: values[place])):
        highest = max(highest, min(1.0, (len(values) - rank) * values[place]))
        adjusted[place] = highest
    return adjusted


# Each template alone to the first alone.
p_values = [exact_p(right([0]), right([t])) for t in everything]
several = np.flatnonzero(labels != 7)
fixture = {
    "nameCounts": NAMES, "templateCount": TEMPLATES, "dimension": DIMENSION, "scale": SCALE, "classIDs": classIDs,
    "textFeatures": text.flatten().tolist(), "imageFeatures": image.flatten().tolist(), "labels": labels.tolist(), "ids": ids,
    "shown": shown.flatten().tolist(), "pair": pair, "pairRows": pairRows.tolist(),
    "seed": 3, "selecting": selecting, "scoring": scoring,
    "metrics": {name: compare(score, all_rows, (selecting, scoring)) for name, score in metrics.items()}
    | {"ROC-AUC": compare(auc, np.arange(len(pairRows))), "area-mAP": compare(area, all_rows, (selecting, scoring))},
    "accuracyNoise": noise([right([t]) for t in everything], np.zeros(SAMPLES)),
    # Without the class of one sample, of which nothing is known.
    "perClassRows": several.tolist(),
    "perClassNoise": noise([right([t])[several] for t in everything], labels[several]),
    "pValues": p_values, "holm": holm(p_values),
    "topNoise": noise([(right([t]) + 0.0 + right([t], 5)) / 2 for t in everything], np.zeros(SAMPLES)),
}
out = pathlib.Path("Tests/Fixtures/PromptComparison/comparison.json")
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in fixture.items()) + "\n}\n")
for name, own in fixture["metrics"].items():
    print(name, "all", round(own["all"], 4), "single", np.round(own["single"], 3),
          [(s["template"], round(s["selected"], 3), round(s["scored"], 3)) for s in own.get("forward", [])])
print({k: fixture[k] for k in ("accuracyNoise", "perClassNoise", "topNoise")}, len(selecting), len(scoring))
gaps = np.sort(logits(everything), axis=1)
print("smallest margin", (gaps[:, -1] - gaps[:, -2]).min())
