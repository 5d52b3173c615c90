"""training.json and training.csv: what a model was trained on and with, and how it went."""

from __future__ import annotations

import csv
import dataclasses
import json
import platform
from pathlib import Path

import numpy as np
import safetensors
import torch

from .batches import Batches
from .corpus import Corpus, sha256
from .export import load_exported, weights_file
from .models import CLIP, Spec
from .tokenizer import load_tokenizer
from .training import Progress, held_out_accuracy


def write_record(
    folder: Path, spec: Spec, corpus: Corpus, model: CLIP, progress: Progress, batches: Batches
) -> None:
    """Metrics are of the exported fp16 weights."""
    tokenizer = load_tokenizer(folder)
    exported = load_exported(spec, folder, len(tokenizer))
    weights = weights_file(spec, folder)
    record = {
        "model": spec.name,
        "corpus": {
            "fingerprint": corpus.fingerprint,
            "pairs": len(corpus.captions),
            "distinct_captions": len(set(corpus.captions)),
            "training_pairs": len(batches.training),
            "held_out_pairs": len(batches.held_out),
        },
        "settings": dataclasses.asdict(spec),
        "vocabulary": len(tokenizer),
        "parameters": sum(p.numel() for p in model.parameters()),
        "weights": {"file": weights.name, "bytes": weights.stat().st_size, "sha256": sha256(weights)},
        "software": {
            "python": platform.python_version(),
            "torch": torch.__version__,
            "numpy": np.__version__,
            "safetensors": safetensors.__version__,
            "machine": platform.machine(),
            "threads": torch.get_num_threads(),
        },
        "final": {
            "steps": progress.step,
            "samples": progress.step * spec.batch,
            "loss": progress.rows[-1].loss,
            "logit_scale": exported.scale().item(),
            "held_out_accuracy": held_out_accuracy(
                exported, batches.held_out_batches(), spec.image_part
            ),
            "held_out_batch": len(batches.held_out) // max(1, len(batches.held_out) // spec.batch),
        },
    }
    text = json.dumps(record, indent=2)
    (folder / "training.json").write_text(text + "\n", encoding="utf-8")
    with (folder / "training.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["step", "samples", "loss", "learning_rate", "held_out_accuracy"])
        for row in progress.rows:
            numbers = (row.loss, row.learning_rate, row.held_out_accuracy)
            writer.writerow([row.step, row.samples, *(f"{number:.6g}" for number in numbers)])
