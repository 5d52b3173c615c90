#!/usr/bin/env python3
"""Writes Tests/Fixtures/Statistics/*.json: reference values for Sources/Statistics.

Clopper-Pearson limits come from mpmath at 60 digits, by bisection on the binomial tail written with mpmath's
regularised incomplete beta function, and are checked against that tail again before they are written.
Bootstrap intervals come from a plain-Python generator and numpy.quantile, those of committed resamples from numpy alone. Student's t, seeds and the
correlations and lines of paired-values.json come from scipy.stats.

Wilson, binomial and McNemar tests, correlations, weighted lines, detectable effects, adjusted p-values and DeLong's variances come from
`statistics_reference.py`, by their definitions in 50 digits or in fractions; what SciPy and statsmodels (where installed) say beside is printed.

Needs mpmath, numpy and scipy. Run from the project's root.
"""
import json
import pathlib

import mpmath as mp
import numpy as np
import scipy.stats

import statistics_reference
from xoshiro import Xoshiro

mp.mp.dps = 60
OUT = pathlib.Path("Tests/Fixtures/Statistics")


def tail(x, a, b):
    """I_x(a, b), by the continued fraction on the side where it converges fast (DLMF 8.17.22)."""
    if x > (a + 1) / (a + b + 2):
        return 1 - tail_cf(1 - x, b, a)
    return tail_cf(x, a, b)


def tail_cf(x, a, b):
    front = mp.exp(a * mp.log(x) + b * mp.log1p(-x) - mp.log(a)
                   - (mp.loggamma(a) + mp.loggamma(b) - mp.loggamma(a + b)))
    # Lentz's algorithm.
    tiny = mp.mpf(10) ** -200
    c, d = mp.mpf(1), 1 - (a + b) * x / (a + 1)
    d = 1 / (d if d else tiny)
    h = d
    m = 1
    while True:
        for coefficient in (m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m)),
                            -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))):
            d = 1 + coefficient * d
            d = 1 / (d if d else tiny)
            c = 1 + coefficient / c
            c = c if c else tiny
            h *= d * c
        if abs(d * c - 1) < mp.mpf(10) ** -50:
            return front * h
        m += 1


def quantile(a, b, p):
    """The x with I_x(a, b) = p: bisection on a logarithmic bracket, then secant steps."""
    a, b, p = mp.mpf(a), mp.mpf(b), mp.mpf(p)
    low, high = mp.mpf(10) ** -40, 1 - mp.mpf(10) ** -40
    for _ in range(200):
        middle = mp.sqrt(low * high) if high < mp.mpf("0.01") or low < mp.mpf("1e-6") else (low + high) / 2
        if tail(middle, a, b) < p:
            low = middle
        else:
            high = middle
        if (high - low) / high < mp.mpf(10) ** -22:
            break
    x = (low + high) / 2
    # Small cases are confirmed by mpmath's own hypergeometric evaluation, independent of the code above.
    if a + b <= 2000:
        own = mp.betainc(a, b, 0, x, regularized=True)
        assert abs(own / p - 1) < mp.mpf(10) ** -15, (a, b, p, own)
    return x


def clopper_pearson():
    counts = []
    for n in (1, 2, 5, 10, 37, 100, 500, 3669, 10_000, 50_000, 10_000_000):
        for k in sorted({0, 1, n // 10, n // 2, (9 * n) // 10, n - 1, n}):
            counts.append((k, n))
    cases = []
    for i, (k, n) in enumerate(counts):
        # Both levels that reports print; the others on some cases.
        for confidence in (0.95, 0.995) + ((0.5, 0.999999) if i % 9 == 0 else ()):
            alpha = 1 - mp.mpf(confidence)
            lower = mp.mpf(0) if k == 0 else quantile(k, n - k + 1, alpha / 2)
            # Upper limit by symmetry: 1 - x where x is the lower limit of the failures.
            upper = mp.mpf(1) if k == n else 1 - quantile(n - k, k + 1, alpha / 2)
            cases.append({"successes": k, "trials": n, "confidence": confidence,
                          "lower": float(lower), "upper": float(upper)})
    return cases


def bootstrap():
    cases = []
    for successes, trials in [([3, 0, 5], [4, 2, 5]), ([7], [10]), ([40, 22, 61, 9], [50, 30, 61, 20]),
                              ([1, 0, 1], [1, 0, 2])]:
        generator = Xoshiro(210300020)
        means = []
        for _ in range(400):
            rates = []
            for k, n in zip(successes, trials):
                if n == 0:
                    continue
                outcomes = [1] * k + [0] * (n - k)
                rates.append(sum(outcomes[(generator.next() * n) >> 64] for _ in range(n)) / n)
            means.append(sum(rates) / len(rates))
        cases.append({"successes": successes, "trials": trials, "resamples": 400,
                      "interval95": [float(np.quantile(means, q)) for q in (0.025, 0.975)],
                      "interval99_5": [float(np.quantile(means, q)) for q in (0.0025, 0.9975)]})
    return cases


def student_t():
    cases = []
    for degrees in (1, 2, 4, 9, 25, 26, 100, 10_000, 2.5):
        for confidence in (0.5, 0.95, 0.995, 0.999999):
            t = scipy.stats.t.isf((1 - confidence) / 2, degrees)
            statistic = 3 * t
            cases.append({"degrees": degrees, "confidence": confidence, "quantile": float(t), "statistic": float(statistic),
                          "p": float(2 * scipy.stats.t.sf(statistic, degrees))})
    return cases


def paired():
    """Pearson's r and least squares; the bootstrap of slopes draws pairs with the program's own generator."""
    random = np.random.default_rng(6)
    x27 = random.uniform(40, 99, 27)
    tables = {
        "noise": (random.normal(size=12), random.normal(size=12)),
        "strong": (x27, 1.3 * x27 - 45 + random.normal(0, 9, 27)),
        "falling": (np.arange(8.0), -2 * np.arange(8.0) + random.normal(0, 0.01, 8)),
        "offset": (1e6 + random.uniform(0, 1, 40), random.uniform(0, 1, 40)),
        "four": (np.array([1.0, 2, 4, 8]), np.array([2.0, 3, 3, 9])),
    }
    cases = []
    for name, (x, y) in tables.items():
        r = scipy.stats.pearsonr(x, y)
        fisher = r.confidence_interval(0.95)
        line = scipy.stats.linregress(x, y)
        t = scipy.stats.t.ppf(0.975, len(x) - 2)
        generator = Xoshiro(210300020)
        slopes = []
        for _ in range(300):
            rows = [(generator.next() * len(x)) >> 64 for _ in x]
            if len(set(rows)) > 1:
                slopes.append(scipy.stats.linregress(x[rows], y[rows]).slope)
        cases.append({
            "name": name, "x": list(map(float, x)), "y": list(map(float, y)), "r": float(r.statistic), "p": float(r.pvalue),
            "fisher": [float(fisher.low), float(fisher.high)], "slope": float(line.slope),
            "intercept": float(line.intercept), "standardError": float(line.stderr),
            "slopeInterval": [float(line.slope - t * line.stderr), float(line.slope + t * line.stderr)],
            "interceptInterval": [float(line.intercept - t * line.intercept_stderr),
                                  float(line.intercept + t * line.intercept_stderr)],
            "resamples": 300, "bootstrapSlope": [float(np.quantile(slopes, q)) for q in (0.025, 0.975)]})
    return cases


def seeds():
    cases = []
    for values in ([0.5, 0.52, 0.47], [0.811, 0.823, 0.806, 0.8155, 0.8199, 0.8, 0.831, 0.82, 0.8222, 0.809], [0.2, 0.9]):
        low, high = scipy.stats.t.interval(0.95, len(values) - 1, np.mean(values), scipy.stats.sem(values))
        cases.append({"values": values, "mean": float(np.mean(values)), "deviation": float(np.std(values, ddof=1)),
                      "interval": [float(low), float(high)]})
    return cases


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case) for case in value)
    (OUT / name).write_text(f"[\n{lines}\n]\n")
    print(name, len(value), "cases")


if __name__ == "__main__":
    generator = Xoshiro(0)
    print("xoshiro256** seed 0:", [generator.next() for _ in range(3)])
    write("student-t.json", student_t())
    write("paired-values.json", paired())
    write("seeds.json", seeds())
    write("stratified-bootstrap.json", bootstrap())
    write("clopper-pearson.json", clopper_pearson())
    for name, cases in statistics_reference.tables().items():
        write(name, cases)
