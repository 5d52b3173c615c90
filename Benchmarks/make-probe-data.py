#!/usr/bin/env python3
"""Writes the features that the probes' benchmarks are fitted on, once, for all programs: .build/bench/probes/<problem>.safetensors.

The features resemble CLIP's before the projection: of length near 10, a mean that all samples share (two samples' cosine is about 0.6), a
spectrum that falls as a power of the rank, turned at random so that every column holds some of it, and a mean for each class within
the same spectrum. Seeded. Each file holds float32 `features` and int64 `labels` of training samples, `validation_features` and
`validation_labels`; `few-shot` holds a pool of samples instead of training samples, and of each draw of k samples a class
`rows-K-SEED` (to train on) and `validation-K-SEED` (min(k, 4) further ones a class), numbers of the pool's rows.
Needs NumPy. What is there already is left as it is."""
import argparse
import json
import sys
from pathlib import Path

import numpy as np

# name: training samples, features, classes, validation samples
PROBLEMS = {
    "food-101": (75_000, 768, 101, 7_500),
    "food-101-tenth": (7_500, 768, 101, 2_500),
    "dtd": (1_880, 768, 47, 1_880),
    "imagenet-16-shot": (16_000, 768, 1000, 4_000),
    "imagenet-tenth": (128_000, 768, 1000, 10_000),
    "few-shot": (47 * 24, 768, 47, 0),
    "tiny": (600, 32, 10, 200),
    "tiny-few-shot": (10 * 24, 32, 10, 0),
}
SHOTS = [1, 2, 4, 8, 16]
SEEDS = 10


class World:
    """Where a problem's classes lie."""

    def __init__(self, columns, classes, seed):
        self.random = np.random.Generator(np.random.PCG64(seed))
        self.spectrum = (np.arange(1, columns + 1) ** -0.5).astype(np.float32)
        self.spectrum *= 6 / np.sqrt((self.spectrum ** 2).sum())
        self.turn = np.linalg.qr(self.normal(columns, columns))[0].astype(np.float32)
        self.means = self.normal(classes, columns) * self.spectrum * np.float32(0.55)
        common = self.normal(1, columns)
        self.common = common * np.float32(8 / np.linalg.norm(common))

    def normal(self, rows, columns):
        return self.random.standard_normal((rows, columns), dtype=np.float32)

    def samples(self, labels):
        columns = len(self.spectrum)
        for start in range(0, len(labels), 8192):
            part = labels[start:start + 8192]
            inner = self.means[part] + self.normal(len(part), columns) * self.spectrum
            yield inner @ self.turn + self.common


def labels(world, rows, classes):
    """As many of each class as can be, in a random order."""
    return world.random.permutation(np.arange(rows) % classes).astype(np.int64)


def write(path, entries):
    """entries: name, type, shape, an iterable of arrays."""
    kinds = {"F32": 4, "I64": 8}
    header, offset = {}, 0
    for name, kind, shape, _ in entries:
        size = kinds[kind] * int(np.prod(shape))
        header[name] = {"dtype": kind, "shape": list(shape), "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 64 + 56)  # the data begin at a multiple of 64
    partial = path.with_suffix(".partial")
    with partial.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, _, _, parts in entries:
            for part in parts:
                file.write(np.ascontiguousarray(part).tobytes())
    partial.rename(path)


def draws(random, owners, classes):
    """Rows of each draw. The draws of one seed are nested: the samples for k are the first of those for 2 k."""
    entries = []
    for seed in range(SEEDS):
        order = [random.permutation(np.flatnonzero(owners == c)) for c in range(classes)]
        for k in SHOTS:
            for name, rows in [("rows", [o[:k] for o in order]), ("validation", [o[16:16 + min(k, 4)] for o in order])]:
                rows = np.concatenate(rows).astype(np.int64)
                entries.append((f"{name}-{k}-{seed}", "I64", rows.shape, [rows]))
    return entries


def make(name, path):
    rows, columns, classes, held = PROBLEMS[name]
    world = World(columns, classes, 20210300 + list(PROBLEMS).index(name))
    wanted = labels(world, rows, classes)
    # Labels before features, as the samples are drawn while they are written.
    entries = [("labels", "I64", wanted.shape, [wanted]), ("features", "F32", (rows, columns), world.samples(wanted))]
    if held:
        others = labels(world, held, classes)
        entries += [("validation_labels", "I64", others.shape, [others]),
                    ("validation_features", "F32", (held, columns), world.samples(others))]
    else:
        entries += draws(world.random, wanted, classes)
    write(path, entries)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--folder", type=Path, default=Path(".build/bench/probes"))
    parser.add_argument("problems", nargs="*", metavar="PROBLEM", help=f"of {', '.join(PROBLEMS)}; all by default")
    arguments = parser.parse_args()
    unknown = set(arguments.problems) - set(PROBLEMS)
    if unknown:
        parser.error(f"no problem {', '.join(unknown)}")
    arguments.folder.mkdir(parents=True, exist_ok=True)
    for name in arguments.problems or PROBLEMS:
        path = arguments.folder / f"{name}.safetensors"
        if not path.exists():
            make(name, path)
        print(f"{path}: {path.stat().st_size / 1e6:.0f} MB", file=sys.stderr)


if __name__ == "__main__":
    main()
