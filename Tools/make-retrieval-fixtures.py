#!/usr/bin/env python3
"""Writes Tests/Fixtures/Retrieval: a small captions dataset in Karpathy's layout, features of its images and captions,
and what NumPy makes of them.

    data/dataset_toy.json                 24 test images with 5 to 7 captions, some captions of two images; other splits
    embeddings/toy/test.npy, .ids.txt     image features, in another order than the dataset's
    embeddings/toy/prompts.npy, .ids.txt  features of the distinct captions behind "a photo of "
    expected.json                         ranks, recall, chance, top five, bootstrap intervals

Run from the project's root with /usr/bin/python3 (NumPy).
"""
import itertools
import json
import pathlib
from fractions import Fraction
from math import comb

import numpy as np

from xoshiro import Xoshiro

OUT = pathlib.Path("Tests/Fixtures/Retrieval")
RNG = np.random.default_rng(13)
IMAGES, DIMENSION = 24, 12


def unit(matrix):
    wide = matrix.astype(np.float64)
    return (wide / np.sqrt((wide * wide).sum(axis=1, keepdims=True))).astype(np.float32).astype(np.float64)


def similarities(a, b):
    # Element by element: equal rows must give equal sums, which a matrix product does not promise.
    return np.array([[np.sum(x * y) for y in b] for x in a])


def rank(scores, right):
    """Pessimistic: wrong candidates that score as high as the best right one come before it."""
    best = max(scores[i] for i in right)
    return 1 + sum(1 for i, s in enumerate(scores) if i not in right and s >= best)


def describe(matrix, right, clusters):
    ranks = [rank(row, set(r)) for row, r in zip(matrix, right)]
    order = [np.argsort(-row, kind="stable")[:5] for row in matrix]
    candidates = matrix.shape[1]
    result = {
        "ranks": ranks,
        "top5": [int(i) for o in order for i in o],
        "scores": [float(matrix[q][i]) for q, o in enumerate(order) for i in o],
        "bestRight": [int(min(r, key=lambda i: (-row[i], i))) for row, r in zip(matrix, right)],
        "recall": {}, "chance": {}, "interval95": {}, "interval99_5": {},
    }
    for k in (1, 5, 10):
        hits = [r <= k for r in ranks]
        result["recall"][k] = sum(hits) / len(hits)
        chance = sum(1 - Fraction(comb(candidates - len(r), k), comb(candidates, k)) for r in right)
        result["chance"][k] = float(chance / len(right))
        if clusters is not None:
            found = bootstrap(hits, clusters)
            result["interval95"][k], result["interval99_5"][k] = found
    return result


def bootstrap(hits, clusters):
    groups = {}
    for hit, cluster in zip(hits, clusters):
        groups.setdefault(cluster, []).append(hit)
    ordered = sorted((len(g), sum(g)) for g in groups.values())
    generator = Xoshiro(210300020)
    values = []
    for _ in range(10_000):
        drawn = [ordered[(generator.next() * len(ordered)) >> 64] for _ in ordered]
        values.append(sum(s for _, s in drawn) / sum(n for n, _ in drawn))
    return [[float(np.quantile(values, q)) for q in pair] for pair in ((0.025, 0.975), (0.0025, 0.9975))]


def main():
    (OUT / "data").mkdir(parents=True, exist_ok=True)
    (OUT / "embeddings/toy").mkdir(parents=True, exist_ok=True)
    colours, things = ["red", "green", "blue", "grey"], ["ball", "house", "tree", "fish", "lamp", "cup"]
    images, captions, owners = [], [], []
    for number, (colour, thing) in enumerate(itertools.product(colours, things)):
        count = 7 if number == 3 else 6 if number in (8, 15) else 5
        texts = [f"{article} {colour} {thing}{tail}" for article, tail in
                 [("one", ""), ("a", ", seen from afar"), ("the", " on a table"), ("some", " in the rain"),
                  ("my", "."), ("your", "!"), ("its", "?")][:count]]
        if number % 6 == 2:
            texts[1] = f"a {thing}"  # of every colour: one text, four images
        images.append({
            "filepath": "val2014", "sentids": list(range(len(captions), len(captions) + count)),
            "filename": f"TOY_val2014_{number:012d}.jpg", "imgid": number, "split": "test",
            "sentences": [{"tokens": t.lower().replace(".", "").split(), "raw": t + ("\n" if i == 4 else ""),
                           "imgid": number, "sentid": len(captions) + i} for i, t in enumerate(texts)],
            "cocoid": 1000 + number})
        captions += texts
        owners += [number] * count
    others = [{"filepath": "train2014", "sentids": [], "filename": f"TOY_train2014_{n:012d}.jpg", "imgid": n,
               "split": split, "sentences": [{"tokens": ["x"], "raw": f"other {n}", "imgid": n, "sentid": 900 + n}],
               "cocoid": 2000 + n} for n, split in ((24, "train"), (25, "restval"), (26, "train"), (27, "val"))]
    document = {"images": others[:2] + images + others[2:], "dataset": "toy"}
    (OUT / "data/dataset_toy.json").write_text(json.dumps(document) + "\n")

    centres = RNG.normal(size=(IMAGES, DIMENSION))
    image_features = (centres + 0.8 * RNG.normal(size=centres.shape)).astype(np.float32)
    prompts = sorted({f"a photo of {text}" for text in captions})
    text_features = []
    for prompt in prompts:
        mine = [o for c, o in zip(captions, owners) if f"a photo of {c}" == prompt]
        noise = 1.5 * RNG.normal(size=DIMENSION)
        # The text of four images fits all four better than their own do.
        text_features.append(centres[mine].mean(axis=0) + (noise if len(mine) == 1 else 0))
    text_features = np.array(text_features, np.float32)
    # Lengths other than 1 must not matter.
    text_features *= RNG.uniform(0.5, 20, size=(len(prompts), 1)).astype(np.float32)

    folder = OUT / "embeddings/toy"
    order = RNG.permutation(IMAGES)
    np.save(folder / "test.npy", image_features[order])
    (folder / "test.ids.txt").write_text("".join(f"val2014/{images[i]['filename']}\n" for i in order))
    np.save(folder / "prompts.npy", text_features)
    (folder / "prompts.ids.txt").write_text("".join(p + "\n" for p in prompts))

    caption_features = text_features[[prompts.index(f"a photo of {c}") for c in captions]]
    scores = similarities(unit(image_features), unit(caption_features))
    right = [[c for c, o in enumerate(owners) if o == i] for i in range(IMAGES)]
    expected = {
        "images": image_features.ravel().tolist(), "captions": caption_features.ravel().tolist(),
        "dimension": DIMENSION, "owners": owners,
        "imageToText": describe(scores, right, None),
        "textToImage": describe(scores.T, [[o] for o in owners], owners),
    }
    # The rule for ties must show: as numpy's argsort has it, the earlier of two images would win them.
    naive = [next(r + 1 for r, c in enumerate(np.argsort(-row, kind="stable")) if owners[c] == i)
             for i, row in enumerate(scores)]
    print("image to text ranks:", expected["imageToText"]["ranks"])
    print("where ties were broken by order:", naive)
    for side in ("imageToText", "textToImage"):
        print(side, expected[side]["recall"], expected[side]["chance"])
    (OUT / "expected.json").write_text(json.dumps(expected) + "\n")


if __name__ == "__main__":
    main()
