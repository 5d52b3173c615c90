#!/usr/bin/env python3
"""Writes Tests/Fixtures/Statistics/*.json: reference values for Sources/Statistics.

Clopper-Pearson limits come from mpmath at 60 digits, by bisection on the binomial tail written with mpmath's
regularised incomplete beta function, and are checked against that tail again before they are written.
Bootstrap intervals come from a plain-Python generator and numpy.quantile.

Needs mpmath and numpy. Run from the project's root.
"""
import json
import pathlib

import mpmath as mp
import numpy as np

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


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    lines = ",\n".join(json.dumps(case) for case in value)
    (OUT / name).write_text(f"[\n{lines}\n]\n")
    print(name, len(value), "cases")


if __name__ == "__main__":
    generator = Xoshiro(0)
    print("xoshiro256** seed 0:", [generator.next() for _ in range(3)])
    write("stratified-bootstrap.json", bootstrap())
    write("clopper-pearson.json", clopper_pearson())
