#!/usr/bin/env python3
"""Writes Tests/Fixtures/ZeroShot/small.json: a zero-shot classification computed by PyTorch in float64.

Random prompt and image features (not normalised), several prompts a class, and what follows from them:
class weights as in the CLIP notebook (normalise, mean, normalise), logits, ranking and metrics.
Needs torch and numpy. Run from the project's root.
"""
import json
import pathlib

import numpy as np
import torch

CLASSES, DIMENSION, SAMPLES, SCALE = 7, 12, 60, 100.0
PROMPTS = [3, 3, 6, 3, 3, 1, 3]  # The third class has two names, the sixth one template only.

generator = np.random.default_rng(20210226)
text = generator.normal(size=(sum(PROMPTS), DIMENSION)).astype(np.float32)
# Prompts of a class resemble one another; scales differ so that a missing normalisation shows.
owner = np.repeat(np.arange(CLASSES), PROMPTS)
centres = generator.normal(size=(CLASSES, DIMENSION)).astype(np.float32) * 2
text = ((text + centres[owner]) * generator.uniform(0.2, 5, size=(len(owner), 1))).astype(np.float32)
labels = generator.choice([0, 1, 2, 3, 4, 5], size=SAMPLES, p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.1])
image = ((centres[labels] + generator.normal(size=(SAMPLES, DIMENSION)) * 3.5)
         * generator.uniform(0.2, 5, size=(SAMPLES, 1))).astype(np.float32)


def unit(x):
    return x / x.norm(dim=-1, keepdim=True)


weights = torch.stack([
    unit(unit(torch.tensor(text[owner == c], dtype=torch.float64)).mean(dim=0)) for c in range(CLASSES)])
logits = SCALE * unit(torch.tensor(image, dtype=torch.float64)) @ weights.T
top = logits.topk(5, dim=1)
prediction = top.indices[:, 0]
truth = torch.tensor(labels)
rates = [(prediction[truth == c] == c).double().mean().item() for c in range(CLASSES) if (truth == c).any()]

fixture = {
    "classCount": CLASSES, "dimension": DIMENSION, "scale": SCALE,
    "classOfPrompt": owner.tolist(), "textFeatures": text.flatten().tolist(),
    "imageFeatures": image.flatten().tolist(), "labels": labels.tolist(),
    "weights": weights.flatten().tolist(), "prediction": prediction.tolist(),
    "top5": top.indices.flatten().tolist(), "scores": top.values.flatten().tolist(),
    "margin": (top.values[:, 0] - top.values[:, 1]).tolist(),
    "accuracy": (prediction == truth).double().mean().item(),
    "accuracyAt5": (top.indices == truth[:, None]).any(dim=1).double().mean().item(),
    "meanPerClass": float(np.mean(rates)),
    "emptyClasses": [c for c in range(CLASSES) if not (truth == c).any()],
}
out = pathlib.Path("Tests/Fixtures/ZeroShot/small.json")
out.parent.mkdir(parents=True, exist_ok=True)
out.write_text("{\n" + ",\n".join(f"{json.dumps(k)}: {json.dumps(v)}" for k, v in fixture.items()) + "\n}\n")
print({k: fixture[k] for k in ("accuracy", "accuracyAt5", "meanPerClass", "emptyClasses")},
      "smallest margin", min(fixture["margin"]))
