#!/usr/bin/env python3
"""Writes Tests/Fixtures/few-shot: what the few-shot sampler, folds and held-out parts must draw, and few-shot files as CoOp writes them.

The draws are made by a second implementation, below, of what Sources/Probes/ClassStrata.swift and its neighbours document. The pickles are
written by Python's pickle from stand-ins of Dassl's class Datum.

Needs nothing but Python. Run from the project's root.
"""
import hashlib
import json
import math
import pathlib
import pickle
import sys
import types

from xoshiro import Xoshiro

OUT = pathlib.Path("Tests/Fixtures/few-shot")


def dataset():
    """Rows in no order of ids, classes of 1 to 23 samples, names beyond ASCII."""
    sizes = {"banana": 23, "apple pie": 17, "Zürich": 4, "d": 1, "crêpe": 9}
    samples = [(f"{name}/{name} {number}.jpg", name) for name, size in sizes.items() for number in range(size)]
    samples.sort(key=lambda sample: hashlib.md5(sample[0].encode()).digest())
    return samples, list(sizes)


def shuffled(ids, purpose, seed, class_id):
    digest = hashlib.sha256(f"{purpose}\0{seed}\0{class_id}".encode()).digest()
    generator = Xoshiro(int.from_bytes(digest[:8], "big"))
    ids = sorted(ids, key=lambda name: name.encode())
    for place in range(len(ids) - 1, 0, -1):
        other = (generator.next() * (place + 1)) >> 64
        ids[place], ids[other] = ids[other], ids[place]
    return ids


def few_shot(members, shots, seed):
    train, validation = {}, {}
    for name, ids in members.items():
        order = shuffled(ids, "few-shot", seed, name)
        train[name] = order[:shots]
        left = order[shots:]
        validation[name] = list(reversed(left[-min(shots, 4):]))
    return {"shots": shots, "seed": seed, "train": train, "validation": validation}


def hold_out(members, fraction, seed):
    held = []
    for name, ids in members.items():
        if len(ids) > 1:
            count = min(max(math.floor(fraction * len(ids) + 0.5), 1), len(ids) - 1)
            held += shuffled(ids, "hold-out", seed, name)[:count]
    return {"fraction": fraction, "seed": seed, "validation": sorted(held)}


def folds(members, count, seed):
    fold, turn = {}, 0
    for name in sorted(members, key=lambda name: name.encode()):
        for sample in shuffled(members[name], "folds", seed, name):
            fold[sample] = turn % count
            turn += 1
    return {"count": count, "seed": seed, "folds": fold}


def draws():
    samples, classes = dataset()
    members = {name: [sample for sample, owner in samples if owner == name] for name in classes}
    lines = "".join(f"{sample}\0{owner}\n" for sample, owner in sorted(samples, key=lambda pair: pair[0].encode()))
    value = {
        "ids": [sample for sample, _ in samples], "labels": [classes.index(owner) for _, owner in samples],
        "classes": classes, "hash": hashlib.sha256(lines.encode()).hexdigest(),
        "fewShot": [few_shot(members, shots, seed) for seed in (0, 1, 2**64 - 1) for shots in (1, 2, 3, 4, 8, 16)],
        "holdOut": [hold_out(members, fraction, seed) for fraction, seed in ((0.2, 1), (0.5, 1), (0.99, 7), (0.01, 7))],
        "folds": [folds(members, count, seed) for count, seed in ((2, 1), (5, 1), (3, 9))],
    }
    (OUT / "draws.json").write_text(json.dumps(value, ensure_ascii=False) + "\n")


def split_file():
    """A split file, byte for byte."""
    value = json.loads((OUT / "draws.json").read_text())
    drawn = next(case for case in value["fewShot"] if case["shots"] == 2 and case["seed"] == 1)
    identity = {"hash": value["hash"], "name": "train"}
    text = json.dumps({
        "classes": [{"id": name, "train": drawn["train"][name], "validation": drawn["validation"][name]}
                    for name in value["classes"]],
        "dataset": "Fruit", "format": "clip-eval few-shot split 1",
        "origin": "xoshiro256starstar sha256-class-streams fisher-yates", "seed": 1, "shots": 2, "train": identity,
        "validation": identity}, sort_keys=True, separators=(",", ":"), ensure_ascii=False) + "\n"
    (OUT / "split.json").write_text(text)
    (OUT / "split.sha256").write_text(hashlib.sha256(text.encode()).hexdigest() + "\n")


def datum_class(module):
    """A stand-in of the class that CoOp pickles, under the same name."""
    class Datum:
        def __init__(self, impath, label, classname):
            self._impath, self._label, self._domain, self._classname = impath, label, 0, classname

    Datum.__module__, Datum.__qualname__ = module, "Datum"
    parts = module.split(".")
    for length in range(1, len(parts) + 1):
        sys.modules.setdefault(".".join(parts[:length]), types.ModuleType(".".join(parts[:length])))
    sys.modules[module].Datum = Datum
    return Datum


def coop():
    value = json.loads((OUT / "draws.json").read_text())
    # CoOp's own numbers and names, in another order than the dataset's; its paths begin on another machine.
    numbers = {"apple pie": 0, "banana": 1, "crêpe": 2, "Zürich": 3}
    drawn = {"train": [], "val": []}
    for name, number in numbers.items():
        drawn["train"] += [(f"/data/fruit/images/{name}/{name} {k}.jpg", number, name.upper()) for k in (1, 0)]
        drawn["val"] += [(f"/data/fruit/images/{name}/{name} {k}.jpg", number, name.upper()) for k in (2, 3)]
    for file, module, protocol in (("shot_2-seed_1.pkl", "dassl.data.datasets.base_dataset", 5),
                                   ("shot_2-seed_2.pkl", "dassl.data.datasets.base_dataset", 4),
                                   ("old.pkl", "datasets.utils", 2)):
        make = datum_class(module)
        data = {part: [make(*entry) for entry in entries] for part, entries in drawn.items()}
        (OUT / file).write_bytes(pickle.dumps(data, protocol=protocol))
    (OUT / "shot_2-seed_3.json").write_text(json.dumps(drawn, ensure_ascii=False) + "\n")

    class Evil:
        def __reduce__(self):
            return (print, ("run",))

    (OUT / "hostile.pkl").write_bytes(pickle.dumps({"train": [Evil()], "val": []}, protocol=4))


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    draws()
    split_file()
    coop()
    print(*sorted(f"{path.name} {path.stat().st_size}" for path in OUT.iterdir()), sep="\n")
