#!/usr/bin/env python3
"""Writes Tests/Fixtures/Robustness/{fits,effective}.json: reference values for Sources/Robustness, from the tables in Reports/reference.

Lines come from scipy.stats.linregress (weighted ones from numpy.polyfit), bands and bars by imagenet-testbed's recipe (resamples of
models, numpy.percentile with the order statistics next outside; scipy.stats.beta), joint intervals from a plain NumPy computation with
the program's own generator (xoshiro.py).

Needs numpy and scipy. Run from the project's root.
"""
import csv
import json
import pathlib

import numpy as np
import scipy.special
import scipy.stats

from xoshiro import Xoshiro

OUT = pathlib.Path("Tests/Fixtures/Robustness")
SEED = 210300020
# Of draws of accuracies.
DRAW_SEED = 210300021
TO = {"logit": scipy.special.logit, "probit": scipy.special.ndtri, "linear": lambda p: p}
FROM = {"logit": scipy.special.expit, "probit": scipy.special.ndtr, "linear": lambda z: z}
VIDEO = {"imagenet-vid": ["imagenet-vid-pm0", "imagenet-vid-pm10"], "youtube-bb": ["youtube-bb-pm0", "youtube-bb-pm10"]}
BASES = {"imagenetv2": "imagenet", "imagenet-sketch": "imagenet", "imagenet-a": "imagenet-on-a-classes",
         "imagenet-r": "imagenet-on-r-classes", "objectnet": "imagenet-on-objectnet-classes",
         "imagenet-vid": "imagenet-on-vid-classes", "youtube-bb": "imagenet-on-ytbb-classes"}
EDGES = {"method": "lower"}, {"method": "higher"}


def table(name):
    with open(f"Reports/reference/{name}.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    models = {}
    for row in rows:
        assert row["unit"] == "percent"
        values = {key: float(text) / 100 for key, text in row.items() if text and key not in ("model", "type", "unit", "source")}
        for name, parts in VIDEO.items():
            if all(part in values for part in parts):
                values[name] = sum(values[part] for part in parts) / 2
        if all(shift in values and base in values for shift, base in BASES.items()):
            values["natural-shifts-mean"] = sum(values[shift] for shift in BASES) / 7
            values["class-subsets-mean"] = sum(values[base] for base in BASES.values()) / 7
        models[row["model"]] = (row["type"], values)
    return models


def standard(models, base, shift, without=()):
    chosen = []
    for name, (kind, values) in models.items():
        # ImageNet-A is made of what a ResNet-50 gets wrong.
        dropped = any(part in name for part in ("aws", "batch64", "subsample", *without)) or (shift == "imagenet-a" and name == "resnet50")
        if kind == "standard" and not dropped and base in values and shift in values and values[base] >= 0.55:
            chosen.append((name, values[base], values[shift]))
    return chosen


def percentiles(values):
    return [float(np.percentile(values, q, axis=0, **edge)) for q, edge in zip((2.5, 97.5), EDGES)]


def fits():
    testbed, natural = table("robustness-testbed"), table("robustness-natural-shifts")
    wanted = [("robustness-testbed", testbed, "imagenet", "imagenetv2-format-val", "logit", ()),
              ("robustness-testbed", testbed, "imagenet", "imagenet-sketch", "logit", ()),
              ("robustness-testbed", testbed, "imagenet", "imagenet-sketch", "logit", ("resnet50-vtab",)),
              ("robustness-natural-shifts", natural, "imagenet", "imagenetv2", "logit", ()),
              ("robustness-natural-shifts", natural, "imagenet", "imagenet-sketch", "logit", ()),
              ("robustness-natural-shifts", natural, "imagenet", "imagenetv2", "probit", ()),
              ("robustness-natural-shifts", natural, "imagenet", "imagenetv2", "linear", ()),
              ("robustness-natural-shifts", natural, "class-subsets-mean", "natural-shifts-mean", "logit", ())]
    wanted += [("robustness-natural-shifts", natural, BASES[shift], shift, "logit", ()) for shift in BASES if BASES[shift] != "imagenet"]
    # The plotter's own resamples: numpy's old generator with its seed.
    indices = {}
    for count in (79, 80, 85):
        random = np.random.RandomState(720257663)
        indices[str(count)] = [random.choice(count, count).tolist() for _ in range(100)]
    cases = []
    for name, models, base, shift, scale, without in wanted:
        chosen = standard(models, base, shift, without)
        x, y = (TO[scale](np.array(column)) for column in list(zip(*chosen))[1:])
        line = scipy.stats.linregress(x, y)
        lines = [scipy.stats.linregress(x[draw], y[draw]) for draw in indices[str(len(x))]]
        at = [0.6, 0.762, 0.9]
        bands = [percentiles([FROM[scale](one.intercept + one.slope * TO[scale](value)) for one in lines]) for value in at]
        n = 10_000
        p = (np.array([point[2] for point in chosen]) * n + 0.5) / (n + 1)
        derivative = {"logit": 1 / (p * (1 - p)), "probit": 1 / scipy.stats.norm.pdf(scipy.special.ndtri(p)), "linear": 1}[scale]
        # polyfit squares its weights.
        weighted = np.polyfit(x, y, 1, w=np.sqrt(n / (p * (1 - p) * derivative ** 2)))
        cases.append({
            "table": name, "base": base, "shift": shift, "scale": scale, "without": list(without), "count": len(x),
            "slope": float(line.slope), "intercept": float(line.intercept), "first": chosen[0][0], "last": chosen[-1][0],
            "slopeInterval": percentiles([one.slope for one in lines]),
            "interceptInterval": percentiles([one.intercept for one in lines]), "at": at, "bands": bands,
            "expected": [float(FROM[scale](line.intercept + line.slope * TO[scale](value))) for value in at],
            "samples": n, "weightedSlope": float(weighted[0]), "weightedIntercept": float(weighted[1])})
    return {"indices": indices, "fits": cases}


def uniform(generator):
    return ((generator.next() >> 11) + 0.5) * 2.0 ** -53


def draw(generator, parts):
    """parts: base, base's n, shift, shift's n. Bases rise and fall together, shifts do not."""
    common = uniform(generator)
    bases, shifts = [], []
    for base, n, shift, m in parts:
        bases.append(scipy.stats.beta.ppf(common, base * n + 0.5, (1 - base) * n + 0.5))
        shifts.append(scipy.stats.beta.ppf(uniform(generator), shift * m + 0.5, (1 - shift) * m + 0.5))
    return sum(bases) / len(bases), sum(shifts) / len(shifts)


def effective():
    natural = table("robustness-natural-shifts")
    sizes = {"imagenet": 50_000, "imagenetv2": 10_000, "imagenet-sketch": 50_889, "imagenet-on-r-classes": 10_000,
             "imagenet-r": 30_000}
    cases = []
    reference = natural["cafferesnet101"][1]
    for model in ("cafferesnet101", "efficientnet-l2-noisystudent", "vit_b_32_clip_zeroshot"):
        for shifts in (["imagenetv2"], ["imagenet-sketch"], ["imagenet-r"], ["imagenetv2", "imagenet-sketch", "imagenet-r"]):
            values = natural[model][1]
            chosen = [name for name, *_ in standard(natural, "imagenet", "imagenetv2")]
            x = np.mean([[natural[name][1][BASES[s]] for name in chosen] for s in shifts], axis=0)
            y = np.mean([[natural[name][1][s] for name in chosen] for s in shifts], axis=0)
            keep = x >= 0.55
            x, y = scipy.special.logit(x[keep]), scipy.special.logit(y[keep])
            line = scipy.stats.linregress(x, y)
            count, resamples = len(x), 200
            generator = Xoshiro(SEED)
            lines = []
            for _ in range(resamples):
                rows = [(generator.next() * count) >> 64 for _ in range(count)]
                lines.append(np.polyfit(x[rows], y[rows], 1))
            own, other = Xoshiro(DRAW_SEED), Xoshiro(DRAW_SEED ^ 0x5DEECE66)

            def parts(source):
                return [(source[BASES[s]], sizes[BASES[s]], source[s], sizes[s]) for s in shifts]

            base = float(np.mean([values[BASES[s]] for s in shifts]))
            shift = float(np.mean([values[s] for s in shifts]))
            expected = float(scipy.special.expit(line.intercept + line.slope * scipy.special.logit(base)))
            draws = [draw(own, parts(values)) for _ in range(resamples)]
            others = [draw(other, parts(reference)) for _ in range(resamples)]
            beta = [scipy.special.expit(np.polyval(one, scipy.special.logit(b))) for one, (b, _) in zip(lines, draws)]
            fixed = [scipy.special.expit(np.polyval(one, scipy.special.logit(base))) for one in lines]
            cases.append({
                "model": model, "shifts": shifts, "samples": [[sizes[BASES[s]], sizes[s]] for s in shifts], "resamples": resamples,
                "expected": expected, "effective": shift - expected,
                "effectiveInterval": percentiles([s - b for (_, s), b in zip(draws, beta)]),
                "fitInterval": percentiles([shift - b for b in fixed]),
                "gapClosed": (shift - expected) / (base - expected),
                "gapInterval": percentiles([(s - e) / (b - e) for (b, s), e in zip(draws, beta)]),
                "relative": shift - float(np.mean([reference[s] for s in shifts])),
                "relativeInterval": percentiles([s - r for (_, s), (_, r) in zip(draws, others)])})
    return cases


def bars():
    cases = []
    for k, n in [(6_430, 10_000), (0, 200), (200, 200), (199, 7_500), (38_100, 50_000)]:
        for alpha in (0.05, 0.005):
            low = 0.0 if k == 0 else float(scipy.stats.beta.ppf(alpha / 2, k, n - k + 1))
            high = 1.0 if k == n else float(scipy.stats.beta.ppf(1 - alpha / 2, k + 1, n - k))
            cases.append({"accuracy": k / n, "count": n, "confidence": 1 - alpha, "interval": [low, high]})
    return cases


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    for name, value in {"fits": fits(), "effective": effective(), "bars": bars()}.items():
        (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")) + "\n")
        print(name, (OUT / f"{name}.json").stat().st_size, "bytes")
