#!/usr/bin/env python3
"""Writes fixtures of images with candidates of their own.

    Tests/Fixtures/datasets/iiit5k/IIIT5K        testdata.mat (level 5, compressed), traindata.mat (uncompressed), images
    Tests/Fixtures/datasets/sugar-crepe          two of the seven lists, COCO's images beside
    Tests/Fixtures/datasets/winoground           the hub's Parquet form
    Tests/Fixtures/Pairs/{clips,candidates,composition,humans}.json
                                                 features and answers, and what numpy makes of them

Needs numpy, scipy, Pillow and pyarrow; run from the project's root.
"""
import io
import json
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import scipy.io
from PIL import Image

DATASETS = pathlib.Path("Tests/Fixtures/datasets")
PAIRS = pathlib.Path("Tests/Fixtures/Pairs")


def png(number):
    file = io.BytesIO()
    Image.new("RGB", (8, 8), (number * 20 % 256, 255 - number * 30 % 256, number * 70 % 256)).save(file, "PNG")
    return file.getvalue()


def cells(words):
    array = np.empty((1, len(words)), dtype=object)
    for i, word in enumerate(words):
        array[0, i] = word
    return array


def iiit5k():
    root = DATASETS / "iiit5k/IIIT5K"
    shutil.rmtree(DATASETS / "iiit5k", ignore_errors=True)
    dtype = [(name, object) for name in ("ImgName", "GroundTruth", "smallLexi", "mediumLexi")]
    # A list repeats a word; one spells the truth in other case; one lacks it; words are shared between images.
    rows = {
        "test": [("test/1002_1.png", "PRIVATE", ["PRIVATE", "ZEBRA"], ["ZEBRA", "PRIVATE", "APPLE", "PARKING", "APPLE"]),
                 ("test/1002_2.png", "PARKING", ["PARKING", "APPLE"], ["APPLE", "parking", "ZEBRA", "9TH"]),
                 ("test/999_3.png", "SALUTES", ["SALUTES", "9TH"], ["9TH", "ZEBRA"])],
        "train": [("train/1_1.png", "YOU", ["YOU", "ME"], ["ME", "YOU", "THEM"]), ("train/2_1.png", "ME", ["ME"], ["YOU", "ME"])],
    }
    for split, entries in rows.items():
        array = np.empty((1, len(entries)), dtype=dtype)
        for i, (path, truth, small, medium) in enumerate(entries):
            array[0, i] = (path, truth, cells(small), cells(medium))
            (root / path).parent.mkdir(parents=True, exist_ok=True)
            (root / path).write_bytes(png(i))
        scipy.io.savemat(root / f"{split}data.mat", {f"{split}data": array}, do_compression=split == "test")
        mat = bytearray((root / f"{split}data.mat").read_bytes())
        # The header has the date.
        mat[:116] = b"MATLAB 5.0 MAT-file, fixture".ljust(116)
        (root / f"{split}data.mat").write_bytes(mat)


def sugar_crepe():
    root = DATASETS / "sugar-crepe"
    shutil.rmtree(root, ignore_errors=True)
    (root / "data").mkdir(parents=True)
    (root / "val2017").mkdir()
    for i, name in enumerate(["000000085329.jpg", "000000297698.jpg"]):
        file = io.BytesIO()
        Image.new("RGB", (8, 8), (200 * i, 100, 50)).save(file, "JPEG")
        (root / "val2017" / name).write_bytes(file.getvalue())
    entry = lambda name, caption, negative: {"filename": name, "caption": caption, "negative_caption": negative}
    add = {str(i): e for i, e in enumerate([
        entry("000000085329.jpg", "A dog on a beach.", "A striped dog on a beach."),
        entry("000000297698.jpg", "Two cups on a table.", "Two cups on a wet table."),
        # COCO's captions may end with white space and line breaks.
        entry("000000085329.jpg", "A dog runs. \n", "A white dog runs.")])}
    # Keys in the file are in another order than their numbers.
    many = {key: entry("000000297698.jpg", f"Cup {key} is left of a spoon.", f"A spoon is left of cup {key}.")
            for key in ["10", "2", "1", "0"]}
    (root / "data/add_att.json").write_text(json.dumps(add, indent=1) + "\n")
    (root / "data/swap_obj.json").write_text(json.dumps(many, indent=1) + "\n")


def winoground():
    root = DATASETS / "winoground"
    shutil.rmtree(root, ignore_errors=True)
    (root / "data").mkdir(parents=True)
    image = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
    texts = [("some plants surrounding a lightbulb", "a lightbulb surrounding some plants"),
             ("a person sits and a dog stands", "a person stands and a dog sits")]
    picture = lambda n: {"bytes": png(n), "path": f"ex_{n // 2}_img_{n % 2}.png"}
    table = pa.table({
        "id": pa.array([0, 1], pa.int32()),
        "image_0": pa.array([picture(0), picture(2)], image), "image_1": pa.array([picture(1), picture(3)], image),
        "caption_0": [a for a, _ in texts], "caption_1": [b for _, b in texts],
        "tag": ["Adjective-Color", "Verb"], "num_main_preds": pa.array([1, 2], pa.int32()),
        "collapsed_tag": ["Object", "Both"]})
    pq.write_table(table, root / "data/test-00000-of-00001.parquet", compression="snappy")


def unit(rows):
    return rows / np.linalg.norm(rows, axis=-1, keepdims=True)


def write(name, value):
    PAIRS.mkdir(parents=True, exist_ok=True)
    (PAIRS / name).write_text(json.dumps(value) + "\n")


def features(generator, rows, columns):
    """Rows of any length, as float32 numbers that JSON keeps."""
    return (generator.normal(size=(rows, columns)) * generator.uniform(0.5, 3, size=(rows, 1))).astype(np.float32).round(4).astype(np.float32)


def clips():
    """Twelve frames of five clips, not in one piece, and seven classes."""
    g = np.random.default_rng(5)
    owner = [0, 0, 0, 1, 2, 1, 2, 2, 3, 4, 4, 3]
    labels = [3, 1, 6, 0, 2]
    x, w = features(g, 12, 11), features(g, 7, 11)
    scale = 20.0
    logits = scale * unit(x.astype(np.float64)) @ unit(w.astype(np.float64)).T
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    mean = np.stack([p[np.array(owner) == c].mean(0) for c in range(5)])
    order = np.argsort(-mean, axis=1, kind="stable")[:, :5]
    first = {c: owner.index(c) for c in range(5)}
    shown = sorted(range(5), key=first.get)
    by_logits = np.stack([logits[np.array(owner) == c].mean(0) for c in range(5)]).argmax(1)
    assert (by_logits != mean.argmax(1)).any(), "the two means should differ somewhere"
    write("clips.json", {
        "features": x.tolist(), "weights": w.tolist(), "scale": scale, "clips": [f"clip {c}" for c in owner],
        "labels": [labels[c] for c in owner], "firstRows": [first[c] for c in shown], "top5": [order[c].tolist() for c in shown],
        "scores": [np.log(np.take(mean[c], order[c])).tolist() for c in shown]})


def candidates():
    """Each of six images has its own list of nine classes."""
    g = np.random.default_rng(6)
    x, w = features(g, 6, 8), features(g, 9, 8)
    lists = [sorted(g.choice(9, size=n, replace=False).tolist()) for n in (1, 2, 3, 6, 7, 9)]
    labels = [lists[i][i % len(lists[i])] for i in range(6)]
    cosines = unit(x.astype(np.float64)) @ unit(w.astype(np.float64)).T
    ranked = [sorted(own, key=lambda c: (-cosines[i, c], c))[:5] for i, own in enumerate(lists)]
    assert any(r[0] != int(cosines[i].argmax()) for i, r in enumerate(ranked))
    right = [r[0] == label for r, label in zip(ranked, labels)]
    right5 = [label in r for r, label in zip(ranked, labels)]
    write("candidates.json", {
        "features": x.tolist(), "weights": w.tolist(), "lists": lists, "labels": labels, "ranked": ranked,
        "accuracy": float(np.mean(right)), "accuracyAt5": float(np.mean(right5)),
        "chance": float(np.mean([1 / len(own) for own in lists])),
        "chanceAt5": float(np.mean([min(5, len(own)) / len(own) for own in lists]))})


def composition():
    """Forty pairs of pairs, and ninety single images with two captions each, of three kinds."""
    g = np.random.default_rng(7)
    images, captions = features(g, 24, 6), features(g, 30, 6)
    s = 10 * unit(images.astype(np.float64)) @ unit(captions.astype(np.float64)).T
    pairs = [(g.choice(24, 2, replace=False).tolist(), g.choice(30, 2, replace=False).tolist()) for _ in range(40)]
    # The same caption twice is a tie, which is wrong.
    text = [s[i[0], c[0]] > s[i[0], c[1]] and s[i[1], c[1]] > s[i[1], c[0]] for i, c in pairs]
    image = [s[i[0], c[0]] > s[i[1], c[0]] and s[i[1], c[1]] > s[i[0], c[1]] for i, c in pairs]
    kinds = ["add", "swap", "replace"]
    singles = [(kinds[n % 3 if n < 60 else 0], int(g.integers(20)), g.choice(30, 2, replace=False).tolist()) for n in range(90)]
    right = [bool(s[i, c[0]] > s[i, c[1]]) for _, i, c in singles]
    by_kind = {k: float(np.mean([r for r, (kind, _, _) in zip(right, singles) if kind == k])) for k in kinds}
    write("composition.json", {
        "images": images.tolist(), "captions": captions.tolist(), "scale": 10.0,
        "pairs": [{"images": i, "captions": c} for i, c in pairs],
        "text": float(np.mean(text)), "image": float(np.mean(image)),
        "group": float(np.mean([a and b for a, b in zip(text, image)])),
        "singles": [{"kind": k, "image": i, "captions": c} for k, i, c in singles],
        "overall": float(np.mean(right)), "macro": float(np.mean(list(by_kind.values()))), "kinds": by_kind})


def humans():
    """Five people, invented, on forty images of four classes, with one, no or a wrong answer; one table for each number of shots."""
    g = np.random.default_rng(8)
    classes = ["Abyssinian", "Egyptian_Mau", "american_bulldog", "pug"]
    truth = [classes[n % 4] for n in range(40)]
    rows, expected = [], {}
    for shots, know in ((0, 0.5), (1, 0.75), (2, 0.8)):
        answers = {}
        for person in "ABCDE":
            for n, label in enumerate(truth):
                draw = g.uniform()
                answer = label if draw < know else None if draw < know + 0.2 else classes[int(g.integers(4))]
                answers[person, n] = answer
                rows.append((person, n, shots, answer))

        def mean_per_class(pairs):
            """Of (truth, is right); classes without any are left out."""
            found = [np.mean([r for t, r in pairs if t == c]) for c in classes if any(t == c for t, _ in pairs)]
            return float(np.mean(found))

        def majority(n, guesses_only):
            votes = [answers[p, n] for p in "ABCDE"]
            votes = [v for v in votes if v is not None or not guesses_only]
            counts = {v: votes.count(v) for v in votes}
            best = [v for v in counts if counts[v] == max(counts.values())]
            return (True, best[0]) if len(best) == 1 else (False, None)

        everything = [(truth[n], a == truth[n]) for (_, n), a in answers.items()]
        guesses = [(truth[n], a == truth[n]) for (_, n), a in answers.items() if a is not None]
        full = [(n, majority(n, False)) for n in range(40)]
        only = [(n, majority(n, True)) for n in range(40)]
        expected[str(shots)] = {
            "accuracy": mean_per_class(everything), "accuracyOnGuesses": mean_per_class(guesses),
            "majority": mean_per_class([(truth[n], v == truth[n]) for n, (ok, v) in full if ok]),
            "majorityCount": sum(ok for _, (ok, _) in full),
            "majorityOnGuesses": mean_per_class([(truth[n], v == truth[n]) for n, (ok, v) in only if ok]),
            "majorityOnGuessesCount": sum(ok for _, (ok, _) in only),
            "guesses": len(guesses)}
    write("humans.json", {
        "classes": classes, "truth": truth, "expected": expected,
        "rows": [{"participant": p, "image": n, "shots": s, "answer": a} for p, n, s, a in rows]})


if __name__ == "__main__":
    iiit5k()
    sugar_crepe()
    winoground()
    clips()
    candidates()
    composition()
    humans()
