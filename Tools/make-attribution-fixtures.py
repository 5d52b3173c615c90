#!/usr/bin/env python3
"""Games divided by brute force over all orders of players, and bootstrap intervals of numpy and scipy.

Writes Tests/Fixtures/attribution/{games,bootstrap}.json. Needs numpy and scipy.
"""

import itertools
import json
import pathlib

import numpy as np
from scipy import stats

FOLDER = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/attribution"


def shapley(values):
    players = len(values).bit_length() - 1
    parts = np.zeros(players)
    orders = list(itertools.permutations(range(players)))
    for order in orders:
        coalition = 0
        for player in order:
            joined = coalition | 1 << player
            parts[player] += values[joined] - values[coalition]
            coalition = joined
    return (parts / len(orders)).tolist()


def games(random):
    additive = [sum(x for i, x in enumerate([0.061, -0.012, 0.004]) if c >> i & 1) for c in range(8)]
    # Only both together do anything.
    joint = [0.5, 0.5, 0.5, 0.56]
    games = {"additive": additive, "joint": joint, "one": [0.3, 0.41]}
    for players in (2, 3, 4, 5, 6):
        games[f"random-{players}"] = random.random(1 << players).tolist()
    return {name: {"values": v, "parts": shapley(v)} for name, v in games.items()}


def accuracy(random):
    """Three protocols on 400 samples, the fourth on 250 of them and 150 others."""
    n = 400
    base = random.random(n) < 0.6
    first = np.where(random.random(n) < 0.2, ~base, base)
    second = np.where(random.random(n) < 0.1, ~base, base)
    classes = random.integers(0, 7, n)
    samples = {"base": base, "first": first, "second": second}
    ids = [f"s{i}" for i in range(n)]
    other_ids = ids[150:] + [f"t{i}" for i in range(150)]
    other = random.random(n) < 0.5
    out = {
        "ids": ids, "classes": classes.tolist(),
        **{k: v.astype(int).tolist() for k, v in samples.items()},
        "otherIDs": other_ids, "other": other.astype(int).tolist(),
    }
    resamples = 20_000

    def interval(values):
        return np.quantile(values, [0.025, 0.975]).tolist()

    def difference(a, b):
        d = b.astype(float) - a.astype(float)
        result = stats.bootstrap(
            (d,), np.mean, method="percentile", n_resamples=resamples, vectorized=True,
            random_state=np.random.default_rng(3))
        return {
            "difference": d.mean(),
            "interval": [result.confidence_interval.low, result.confidence_interval.high]}

    out["first-base"] = difference(base, first)
    out["second-base"] = difference(base, second)

    # Shapley of a game of two players whose both-cell is their union.
    both = first | second
    out["both"] = both.astype(int).tolist()
    per_sample = np.array([
        shapley([float(base[i]), float(first[i]), float(second[i]), float(both[i])])
        for i in range(n)])
    draws = random.integers(0, n, (resamples, n))
    means = per_sample[draws].mean(axis=1)
    out["shapley"] = [
        {"value": per_sample[:, i].mean(), "interval": interval(means[:, i])} for i in range(2)]

    # Mean per class: each class's samples are drawn apart.
    def per_class(values):
        return np.mean([values[classes == c].mean() for c in range(7)])
    d = first.astype(float) - base.astype(float)
    replicates = np.zeros(resamples)
    for c in range(7):
        own = d[classes == c]
        replicates += own[random.integers(0, len(own), (resamples, len(own)))].mean(axis=1) / 7
    out["first-base-per-class"] = {
        "difference": per_class(first.astype(float)) - per_class(base.astype(float)),
        "interval": interval(replicates)}

    # Overlapping sample sets: those that both have are drawn for both, the others apart.
    shared = np.arange(150, 400)
    only = np.arange(0, 150)
    new = np.arange(250, 400)
    pairs = other[:250].astype(float) - base[shared].astype(float)
    s = random.integers(0, 250, (resamples, 250))
    a = random.integers(0, 150, (resamples, 150))
    b = random.integers(0, 150, (resamples, 150))
    replicates = (
        pairs[s].sum(axis=1) - base[only].astype(float)[a].sum(axis=1)
        + other[new].astype(float)[b].sum(axis=1)) / n
    out["other-base"] = {
        "difference": other.mean() - base.mean(), "interval": interval(replicates)}
    return out


def main():
    random = np.random.default_rng(20210303)
    FOLDER.mkdir(parents=True, exist_ok=True)
    for name, value in {"games": games(random), "bootstrap": accuracy(random)}.items():
        text = json.dumps(value, separators=(",", ":"), sort_keys=True)
        (FOLDER / f"{name}.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
