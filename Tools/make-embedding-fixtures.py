#!/usr/bin/env python3
"""Writes Tests/Fixtures/embeddings: features in every layout that a run accepts in place of a model, and what numpy
says their zero-shot accuracy is.

Needs pyarrow, which Debian does not package (`pip install pyarrow` into an environment of its own).
"""

import json
import pathlib
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

root = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/embeddings"
shutil.rmtree(root, ignore_errors=True)
rng = np.random.default_rng(3)
classes = ["ant", "bee", "cow"]
templates = ["a photo of a {}.", "{}"]
n, d = 33, 8

centres = rng.standard_normal((3, d))
labels = rng.integers(0, 3, n)
features = centres[labels] + 2.6 * rng.standard_normal((n, d))
prompts = [t.format(c) for c in classes for t in templates]
texts = np.repeat(centres, 2, axis=0) + 0.3 * rng.standard_normal((6, d))
names = [f"img/{i:02}.png" for i in range(n)]


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


def expected(features, texts):
    """Prompts to unit length, their mean to unit length, the class of the largest cosine."""
    features, texts = features.astype(np.float64), texts.astype(np.float64)
    weights = unit(unit(texts).reshape(3, 2, d).mean(axis=1))
    scores = unit(features) @ weights.T
    prediction = scores.argmax(axis=1)
    return {"accuracy": float((prediction == labels).mean()), "prediction": prediction.tolist(),
            "best": scores.max(axis=1).tolist()}


def folder(path):
    (root / path).mkdir(parents=True, exist_ok=True)
    return root / path


def lines(path, items):
    path.write_text("".join(f"{item}\n" for item in items))


results = {}

# One array a file, float64; the texts in another order than the classes.
toys = folder("arrays/toys")
np.save(toys / "test.npy", features)
np.save(toys / "test.labels.npy", labels)
lines(toys / "test.ids.txt", names)
order = rng.permutation(6)
np.save(toys / "prompts.npy", texts[order])
lines(toys / "prompts.ids.txt", [prompts[i] for i in order])
results["arrays"] = expected(features, texts)

# A classifier with named rows in another order, int32 labels, float32.
toys = folder("classifier/toys")
test = folder("classifier/toys/test")
np.save(test / "features.npy", features.astype(np.float32))
np.save(test / "labels.npy", labels.astype(np.int32))
weights = unit(texts).reshape(3, 2, d).mean(axis=1)
np.save(toys / "classes.npy", weights[[2, 0, 1]].astype(np.float32))
lines(toys / "classes.ids.txt", [classes[i] for i in [2, 0, 1]])
results["classifier"] = expected(features.astype(np.float32), texts)

# clip-retrieval: eleven parts, so that the order of names is not that of numbers; float16; unit length.
half = unit(features).astype(np.float16)
half_texts = unit(texts).astype(np.float16)
test = folder("clip-retrieval/toys/test")
for part in range(11):
    rows = slice(3 * part, 3 * part + 3)
    (test / "img_emb").mkdir(exist_ok=True)
    (test / "metadata").mkdir(exist_ok=True)
    np.save(test / f"img_emb/img_emb_{part}.npy", half[rows])
    table = pa.table({"image_path": [f"/somewhere/{name}" for name in names[rows]],
                      "label": pa.array(labels[rows], pa.int64())})
    pq.write_table(table, test / f"metadata/metadata_{part}.parquet")
texts_folder = folder("clip-retrieval/toys/prompts")
(texts_folder / "text_emb").mkdir()
(texts_folder / "metadata").mkdir()
np.save(texts_folder / "text_emb/text_emb_0.npy", half_texts)
pq.write_table(pa.table({"caption": prompts}), texts_folder / "metadata/metadata_0.parquet")
results["clip-retrieval"] = expected(half, half_texts)

np.savez_compressed(root / "features.npz", features=features, labels=labels)

(root / "expected.json").write_text(json.dumps(
    {"labels": labels.tolist(), "ids": names, "results": results}, indent=1) + "\n")
