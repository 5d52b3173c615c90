#!/usr/bin/env python3
"""Writes Tests/Fixtures/comparison/*.json: reference values for `clip-eval compare`.

Everything is computed here from its definition, with numpy for arrays and nothing else: McNemar's p-values in fractions, bootstrap
distributions exactly (by convolution) where differences lie on a lattice and otherwise by 200 000 resamples of numpy's own generator, areas
under ROC by counting pairs, average precision by walking the ranking.

An interval of 10 000 resamples is itself random. Each expected end is a range: the quantiles of the reference distribution at levels that
the program's end misses with a probability below 1e-4.

Needs numpy. Run from the project's root.
"""
import json
import math
import pathlib
from fractions import Fraction

import numpy as np

OUT = pathlib.Path("Tests/Fixtures/comparison")
RESAMPLES = 10_000
CONFIDENCE = 0.95


def levels(level):
    reach = 4 * math.sqrt(level * (1 - level) / RESAMPLES)
    return level - reach, level + reach


def end_ranges(quantile):
    """The ranges in which both ends lie; `quantile` is of the reference distribution."""
    tail = (1 - CONFIDENCE) / 2
    return {"lower": [quantile(p) for p in levels(tail)],
            "upper": [quantile(p) for p in levels(1 - tail)]}


def mcnemar(lost, gained):
    n = lost + gained
    fewer = min(lost, gained)
    if lost == gained:
        return 1.0, 1.0
    tail = sum(Fraction(math.comb(n, k), 2 ** n) for k in range(fewer + 1))
    mass = Fraction(math.comb(n, fewer), 2 ** n)
    return float(min(Fraction(1), 2 * tail)), float(min(Fraction(1), 2 * tail - mass))


def bonett_price(lost, gained, count):
    z = 1.959963984540054
    p, q = (lost + 1) / (count + 2), (gained + 1) / (count + 2)
    reach = z * math.sqrt((p + q - (q - p) ** 2) / (count + 2))
    return [max(-1, q - p - reach), min(1, q - p + reach)]


# MARK: means

def lattice(counts):
    """The exact distribution of the sum of as many draws as there are samples, of differences in whole numbers."""
    total = sum(counts.values())
    low, high = min(counts), max(counts)
    one = np.zeros(high - low + 1)
    for value, count in counts.items():
        one[value - low] = count / total
    size = 1 << int(np.ceil(np.log2((high - low) * total + 1)) + 1)
    mass = np.fft.irfft(np.fft.rfft(one, size) ** total, size)[:(high - low) * total + 1]
    return np.clip(mass, 0, None), low * total


def mean_case(name, strata, full=1):
    """Of strata of one size."""
    total = sum(strata[0].values())
    assert all(sum(s.values()) == total for s in strata)
    mass, start = np.ones(1), 0
    for counts in strata:
        own, low = lattice(counts)
        mass, start = np.convolve(mass, own), start + low
    values = (start + np.arange(len(mass))) / (total * len(strata) * full)
    cumulative = np.cumsum(mass) / mass.sum()

    def quantile(p):
        return float(values[np.searchsorted(cumulative, p)])
    estimate = float(np.mean([sum(v * c for v, c in s.items()) / total for s in strata])) / full
    below, above = cumulative[values <= 0], mass[values >= 0].sum() / mass.sum()
    tail = min(below[-1] if len(below) else 0.0, above)
    return {"name": name, "full": full, "strata": [{str(k): v for k, v in s.items()} for s in strata],
            "difference": estimate, **end_ranges(quantile), "pValue": min(1.0, 2 * float(tail))}


def means():
    rng = np.random.default_rng(8)
    even = [{-1: int(a), 0: 50 - int(a) - int(b), 1: int(b)}
            for a, b in rng.integers(0, 9, (40, 2))]
    return [
        mean_case("accuracy, many samples", [{-1: 700, 0: 8400, 1: 900}]),
        mean_case("accuracy, few samples", [{-1: 3, 0: 30, 1: 7}]),
        mean_case("accuracy, none lost", [{0: 300, 1: 12}]),
        mean_case("half credits", [{-2: 40, -1: 55, 0: 1800, 1: 70, 2: 35}], full=2),
        mean_case("mean per class", even),
    ]


# MARK: rankings

def auc(positive, scores, weights=None):
    weights = np.ones(len(scores)) if weights is None else weights
    p, n = positive, ~positive
    if weights[p].sum() == 0 or weights[n].sum() == 0:
        return np.nan
    wins = (scores[p][:, None] > scores[n][None]) + 0.5 * (scores[p][:, None] == scores[n][None])
    return float(weights[p] @ wins @ weights[n] / (weights[p].sum() * weights[n].sum()))


def average_precision(positive, scores, weights, interpolated):
    """Of one class; images of equal score enter together."""
    hits = misses = before = 0
    total = weights[positive].sum()
    if total == 0:
        return np.nan
    points, area = [], 0.0
    for score in sorted(set(scores), reverse=True):
        at = scores == score
        hits += weights[at & positive].sum()
        misses += weights[at & ~positive].sum()
        if hits > before:
            precision = hits / (hits + misses)
            area += (hits - before) / total * precision
            points.append((hits, precision))
        before = hits
    if not interpolated:
        return area
    return sum(max((p for h, p in points if 10 * h >= k * total), default=0.0)
               for k in range(11)) / 11


def resampled(count, statistic, resamples, seed):
    rng = np.random.default_rng(seed)
    values = []
    for _ in range(resamples):
        weights = np.bincount(rng.integers(0, count, count), minlength=count).astype(float)
        values.append(statistic(weights))
    values = np.array(values)
    return values[~np.isnan(values)]


def roc():
    rng = np.random.default_rng(21)
    n = 60
    positive = rng.random(n) < 0.4
    # In tenths, so that there are ties.
    first = np.round(rng.normal(positive * 0.8, 1), 1)
    second = np.round(0.6 * first + rng.normal(positive * 0.7, 0.7), 1)
    values = resampled(n, lambda w: auc(positive, second, w) - auc(positive, first, w), 200_000, 5)
    return {"isPositive": positive.tolist(), "first": first.tolist(), "second": second.tolist(),
            "areas": [auc(positive, first), auc(positive, second)],
            **end_ranges(lambda p: float(np.quantile(values, p)))}


def precisions():
    rng = np.random.default_rng(22)
    n, c = 40, 3
    labels = np.where(rng.random((n, c)) < 0.35, 1, -1)
    labels[rng.random((n, c)) < 0.08] = 0
    scores = [np.round(rng.normal(labels, 1.5), 2) for _ in range(2)]
    result = {"classCount": c, "labels": labels.ravel().tolist(),
              "first": scores[0].ravel().tolist(), "second": scores[1].ravel().tolist()}
    for name, interpolated in [("11-point-mAP", True), ("area-mAP", False)]:
        def mean(which, weights):
            own = [average_precision(labels[:, k][labels[:, k] != 0] == 1,
                                     scores[which][:, k][labels[:, k] != 0],
                                     weights[labels[:, k] != 0], interpolated) for k in range(c)]
            return own, np.nanmean(own)
        once = np.ones(n)
        # Slow, and its levels are wide enough for fewer resamples.
        values = resampled(n, lambda w: mean(1, w)[1] - mean(0, w)[1], 20_000, 6)
        result[name] = {"values": [mean(0, once)[1], mean(1, once)[1]],
                        "classes": [[a, b] for a, b in zip(mean(0, once)[0], mean(1, once)[0])],
                        **end_ranges(lambda p: float(np.quantile(values, p)))}
    return result


# MARK: samples

def evaluation():
    """Two classifiers on 120 samples of 6 classes in 30 groups, the second in another order, with samples that one lacks and ids that come
    twice; and what follows of them by plain counting."""
    rng = np.random.default_rng(23)
    n, c = 120, 6
    labels = rng.integers(0, c, n)
    groups = rng.integers(0, 30, n)

    def ranked(accuracy):
        order = np.argsort(rng.random((n, c)), axis=1)
        for i in range(n):
            if rng.random() < accuracy:
                at = int(np.flatnonzero(order[i] == labels[i])[0])
                order[i, 0], order[i, at] = order[i, at], order[i, 0]
        return order[:, :5]
    ids = [f"val/{i:03}.png" for i in range(n)]
    ids[17] = ids[16]
    top = [ranked(0.55), ranked(0.7)]
    own = list(range(0, 115))
    others = [int(i) for i in rng.permutation(np.arange(3, n))]
    sides = [{"ids": [ids[i] for i in rows], "labels": labels[rows].tolist(),
              "top5": top[s][rows].ravel().tolist(), "groups": groups[rows].tolist()}
             for s, rows in enumerate([own, others])]
    shared = [i for i in range(3, 115) if i not in (16, 17)]
    right = [top[s][:, 0] == labels for s in range(2)]
    five = [np.array([labels[i] in top[s][i] for i in range(n)]) for s in range(2)]
    lost = int(sum(right[0][i] and not right[1][i] for i in shared))
    gained = int(sum(right[1][i] and not right[0][i] for i in shared))
    changed = int(sum(right[0][i] == right[1][i] and top[0][i, 0] != top[1][i, 0] for i in shared))
    exact, mid = mcnemar(lost, gained)
    classes = []
    for k in range(c):
        members = [i for i in shared if labels[i] == k]
        l = int(sum(right[0][i] and not right[1][i] for i in members))
        g = int(sum(right[1][i] and not right[0][i] for i in members))
        classes.append({"name": f"class {k}", "n": len(members),
                        "first": float(np.mean(right[0][members])), "second": float(np.mean(right[1][members])),
                        "onlyFirst": l, "onlySecond": g, "interval95": bonett_price(l, g, len(members)),
                        "pValue": mcnemar(l, g)[0]})
    # Whole groups are drawn.
    sums = {}
    for i in shared:
        d, m = sums.get(groups[i], (0, 0))
        sums[groups[i]] = (d + int(right[1][i]) - int(right[0][i]), m + 1)
    d = np.array([v[0] for v in sums.values()], float)
    m = np.array([v[1] for v in sums.values()], float)
    values = resampled(len(d), lambda w: (w @ d) / (w @ m), 200_000, 7)
    per_class = [float(np.mean([x["second"] - x["first"] for x in classes]))]
    return {
        "first": sides[0], "second": sides[1],
        "counts": {"common": len(shared), "onlyFirst": 3, "onlySecond": 5, "duplicateIDs": 1, "relabelled": 0},
        "accuracy": [float(np.mean(right[s][shared])) for s in range(2)],
        "accuracy@5": [float(np.mean(five[s][shared])) for s in range(2)],
        "mean-top1-top5": [float(np.mean([right[s][i] / 2 + five[s][i] / 2 for i in shared])) for s in range(2)],
        "meanPerClassDifference": per_class[0],
        "onlyFirst": lost, "onlySecond": gained, "changed": changed, "pValue": exact, "midP": mid,
        "classes": classes, "grouped": end_ranges(lambda p: float(np.quantile(values, p))),
    }


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    proportions = [{"onlyFirst": a, "onlySecond": b, "count": n, "interval95": bonett_price(a, b, n)}
                   for a, b, n in [(0, 0, 1), (0, 0, 50), (3, 12, 50), (50, 0, 50), (700, 900, 10_000)]]
    for name, value in [("means", means()), ("proportions", proportions), ("roc", roc()),
                        ("precisions", precisions()), ("evaluation", evaluation())]:
        (OUT / f"{name}.json").write_text(json.dumps(value, indent=1) + "\n")


if __name__ == "__main__":
    main()
