#!/usr/bin/env python3
"""Writes Tests/Fixtures/ZeroShot/ensembles.json: ensembles of templates, computed by numpy in float64.

Random features of the prompts of seven classes, of which two have several names, under six templates, and of images: for each image the mean over
templates of the softmax over classes of scale x cosine, with all classes, with a few of them, and over clips of several images.
Needs numpy. Run from the project's root.
"""
import json
import pathlib

import numpy as np

CLASSES, TEMPLATES, DIMENSION, SAMPLES, SCALE = 7, 6, 12, 90, 60.0
NAMES = [1, 1, 3, 1, 2, 1, 1]

generator = np.random.default_rng(4061)
centres = generator.normal(size=(CLASSES, DIMENSION)) * 2
shifts = generator.normal(size=(TEMPLATES, DIMENSION)) * 1.5
text = []  # class after class; all templates with a class's first name, then with its second
for c in range(CLASSES):
    for name in range(NAMES[c]):
        own = centres[c] + generator.normal(size=DIMENSION)
        for t in range(TEMPLATES):
            text.append((own + shifts[t] + generator.normal(size=DIMENSION) * 2) * generator.uniform(0.2, 5))
text = np.array(text, dtype=np.float32)
labels = generator.integers(0, CLASSES, SAMPLES)
image = ((centres[labels] + generator.normal(size=(SAMPLES, DIMENSION)) * 3)
         * generator.uniform(0.2, 5, size=(SAMPLES, 1))).astype(np.float32)
candidates = [sorted(set(generator.choice(CLASSES, 3, replace=False).tolist() + [int(label)])) for label in labels]
clips = (np.arange(SAMPLES) // 3)
clipLabels = labels[::3]


def unit(x):
    return x / np.linalg.norm(x, axis=-1, keepdims=True)


text64 = unit(text.astype(np.float64))
image64 = unit(image.astype(np.float64))
starts = np.concatenate([[0], np.cumsum(np.array(NAMES) * TEMPLATES)])


def weights(templates):
    rows = []
    for c in range(CLASSES):
        own = text64[starts[c]:starts[c + 1]].reshape(NAMES[c], TEMPLATES, DIMENSION)
        rows.append(unit(own[:, templates].reshape(-1, DIMENSION).mean(axis=0)))
    return np.array(rows)


def softmax(x):
    e = np.exp(x - x.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


each = np.array([softmax(SCALE * image64 @ weights([t]).T) for t in range(TEMPLATES)])
mean = each.mean(axis=0)
restricted = np.zeros_like(mean)
for i, own in enumerate(candidates):
    for t in range(TEMPLATES):
        restricted[i, own] += softmax(SCALE * (image64[i:i + 1] @ weights([t])[own].T))[0] / TEMPLATES
ofClips = np.array([mean[clips == k].mean(axis=0) for k in range(clips.max() + 1)])

fixture = {
    "nameCounts": NAMES, "templateCount": TEMPLATES, "dimension": DIMENSION, "scale": SCALE,
    "textFeatures": text.flatten().tolist(), "imageFeatures": image.flatten().tolist(), "labels": labels.tolist(),
    "embeddingWeights": weights([0, 2, 5]).flatten().tolist(),
    "probabilities": mean.flatten().tolist(),
    "candidates": candidates, "restricted": restricted.flatten().tolist(),
    "clips": clips.tolist(), "clipLabels": clipLabels.tolist(), "clipProbabilities": ofClips.flatten().tolist(),
}
out = pathlib.Path("Tests/Fixtures/ZeroShot/ensembles.json")
out.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in fixture.items()) + "\n}\n")
top = np.sort(np.log(mean), axis=1)
embedded = (image64 @ weights(list(range(TEMPLATES))).T).argmax(axis=1)
print("accuracy", (mean.argmax(axis=1) == labels).mean(), "embedding", (embedded == labels).mean(),
      "differ on", (embedded != mean.argmax(axis=1)).sum(), "smallest margin", (top[:, -1] - top[:, -2]).min())
