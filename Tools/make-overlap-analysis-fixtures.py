#!/usr/bin/env python3
"""Writes Tests/Fixtures/overlap-analysis.json: reference values for Sources/Overlap/OverlapAnalysis.swift.

Per sample a similarity and whether it is right; per threshold what Overlap, Clean and All score, with SciPy's binomial test and Clopper-Pearson
interval, and a bootstrap over samples with the program's generator and numpy.quantile.

Needs numpy and scipy. Run from the project's root.
"""
import json
import pathlib

import numpy as np
import scipy.stats

from xoshiro import Xoshiro

RESAMPLES = 300


def part(rows):
    return {"count": len(rows), "right": int(sum(right for _, right in rows))}


def accuracy(rows):
    return sum(right for _, right in rows) / len(rows) if rows else None


def difference(first, second):
    one, other = accuracy(first), accuracy(second)
    return None if one is None or other is None else one - other


def split(rows, threshold):
    overlap = [r for r in rows if r[0] is not None and r[0] >= threshold]
    return overlap, [r for r in rows if r[0] is None or r[0] < threshold]


def analyse(samples, thresholds):
    # The order of drawing: bands of similarity from below, wrong before right.
    def band(row):
        return (sum(row[0] is not None and row[0] >= t for t in thresholds), row[1])

    ordered = sorted(samples, key=band)
    generator = Xoshiro(210300020)
    drawn = [[ordered[(generator.next() * len(ordered)) >> 64] for _ in ordered] for _ in range(RESAMPLES)]
    results = []
    for threshold in thresholds:
        overlap, clean = split(samples, threshold)
        row = {"threshold": threshold, "overlap": part(overlap), "clean": part(clean), "all": part(samples),
               "change": difference(samples, clean), "difference": difference(overlap, clean), "interval99_5": None, "pValue": None,
               "changeInterval": None}
        if overlap:
            hits = part(overlap)["right"]
            misses = len(overlap) - hits
            # binomtest's own interval is found to ten digits only.
            row["interval99_5"] = [float(scipy.stats.beta.ppf(0.0025, hits, misses + 1)) if hits else 0.0,
                                   float(scipy.stats.beta.isf(0.0025, hits + 1, misses)) if misses else 1.0]
            null = accuracy(clean)
            if null is not None and not (null == 0 and hits > 0):
                row["pValue"] = float(scipy.stats.binomtest(hits, len(overlap), null, alternative="greater").pvalue)
        changes = [c for c in (difference(rows, split(rows, threshold)[1]) for rows in drawn) if c is not None]
        if row["change"] is not None and len(set(changes)) > 1:
            row["changeInterval"] = [float(v) for v in np.quantile(changes, [0.025, 0.975])]
        results.append(row)
    return results


def main():
    random = np.random.default_rng(12)

    def draw(count, rate, lift):
        similarities = np.round(random.uniform(0, 1, count), 3)
        return [[float(s), int(random.uniform() < rate + lift * (s >= 0.8))] for s in similarities]

    tables = {
        "mixed": (draw(120, 0.5, 0.3), [0.8, 0.95, 0.6]),
        "no overlap": (draw(30, 0.5, 0), [2.0]),
        "all overlap": (draw(30, 0.5, 0), [-1.0]),
        "all right": (draw(20, 2, 0), [0.5]),
        "all wrong": (draw(20, -2, 0), [0.5]),
        "clean all wrong": ([[0.1, 0], [0.2, 0], [0.9, 1], [0.9, 0]], [0.5]),
        "clean all right": ([[0.1, 1], [0.2, 1], [0.9, 1], [0.9, 0]], [0.5]),
        "one sample, clean": ([[0.1, 1]], [0.5]),
        "one sample, overlapping": ([[0.9, 1]], [0.5]),
        "one overlapping": (draw(40, 0.6, 0)[:39] + [[1.5, 1]], [1.0]),
        "at the threshold": ([[0.5, 1], [0.5, 0], [0.499, 1], [None, 0]], [0.5]),
    }
    cases = [{"name": name, "samples": samples, "resamples": RESAMPLES, "rows": analyse(samples, thresholds)}
             for name, (samples, thresholds) in tables.items()]
    out = pathlib.Path("Tests/Fixtures/overlap-analysis.json")
    out.write_text("[\n" + ",\n".join(json.dumps(case) for case in cases) + "\n]\n")
    print(out, len(cases), "cases")


if __name__ == "__main__":
    main()
