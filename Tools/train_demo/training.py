"""Trains one model: AdamW, warm-up and cosine, bf16 arithmetic with fp32 weights, resumable from checkpoints."""

from __future__ import annotations

import dataclasses
import math
import os
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor

from .batches import Batch, Batches
from .models import CLIP, Spec
from .objective import contrastive_accuracy, contrastive_loss

# Seconds between checkpoints.
CHECKPOINT_INTERVAL = 120.0
# Lines of training.csv.
LOG_LINES = 60


@dataclass
class Row:
    """A line of training.csv; the loss is the mean over the steps since the line before."""

    step: int
    samples: int
    loss: float
    learning_rate: float
    held_out_accuracy: float


@dataclass
class Progress:
    """What a checkpoint holds beside weights and optimiser."""

    step: int = 0
    losses: list[float] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)


def features(model: CLIP, batch: Batch, part: int) -> tuple[Tensor, Tensor]:
    """Unit features of a batch, fp32; the image tower sees `part` images at a time."""
    with torch.autocast("cpu", torch.bfloat16):
        images = torch.cat([model.visual(x) for x in batch.images.split(part)])
        texts = model.text(batch.tokens)
    return F.normalize(images.float(), dim=1), F.normalize(texts.float(), dim=1)


@torch.no_grad()
def held_out_accuracy(model: CLIP, batches: list[Batch], part: int) -> float:
    """Contrastive accuracy over the held-out batches, averaged."""
    model.eval()
    accuracies = [
        contrastive_accuracy(*features(model, batch, part), batch.captions) for batch in batches
    ]
    model.train()
    return sum(accuracies) / len(accuracies)


def make_optimizer(model: CLIP, spec: Spec) -> torch.optim.AdamW:
    """Decay acts on matrices and kernels: not on biases, norms, and the logit scale."""
    decayed = [p for p in model.parameters() if p.ndim >= 2]
    plain = [p for p in model.parameters() if p.ndim < 2]
    return torch.optim.AdamW(
        [{"params": decayed, "weight_decay": spec.weight_decay}]
        + [{"params": plain, "weight_decay": 0.0}],
        lr=spec.learning_rate,
        betas=spec.betas,
        eps=spec.epsilon,
    )


def learning_rate(spec: Spec, step: int, steps: int) -> float:
    """Linear warm-up, then half a cosine to zero."""
    warmup = max(1, round(spec.warmup * steps))
    if step < warmup:
        return spec.learning_rate * (step + 1) / warmup
    return spec.learning_rate * (1 + math.cos(math.pi * (step - warmup) / max(1, steps - warmup))) / 2


class Trainer:
    """Holds a model under training and its checkpoint file."""

    def __init__(self, spec: Spec, vocabulary: int, batches: Batches, checkpoint: Path, identity: str) -> None:
        """`identity` names everything that training depends on: a checkpoint of another is not resumed."""
        torch.manual_seed(spec.seed)
        self.spec, self.batches = spec, batches
        self.checkpoint, self.identity = checkpoint, identity
        self.steps = max(1, spec.samples // spec.batch)
        self.model = CLIP(spec, vocabulary).to(memory_format=torch.channels_last)
        self.optimizer = make_optimizer(self.model, spec)
        self.progress = Progress()
        self.held_out = batches.held_out_batches()
        self.resume()

    def run(self) -> Progress:
        spec, progress = self.spec, self.progress
        every = max(1, self.steps // LOG_LINES)
        saved = started = time.monotonic()
        first = progress.step
        self.model.train()
        while progress.step < self.steps:
            rate = learning_rate(spec, progress.step, self.steps)
            progress.losses.append(self.train_step(progress.step, rate))
            progress.step += 1
            if not math.isfinite(progress.losses[-1]):
                raise FloatingPointError(f"{spec.name}: the loss of step {progress.step} is no number")
            if progress.step % every == 0 or progress.step == self.steps:
                self.log(rate)
                speed = (progress.step - first) * spec.batch / (time.monotonic() - started)
                self.report(speed)
            if time.monotonic() - saved > CHECKPOINT_INTERVAL or progress.step == self.steps:
                self.save()
                saved = time.monotonic()
        self.model.eval()
        return progress

    def train_step(self, step: int, rate: float) -> float:
        batch = self.batches.training_batch(step)
        for group in self.optimizer.param_groups:
            group["lr"] = rate
        images, texts = features(self.model, batch, self.spec.image_part)
        loss = contrastive_loss(images, texts, self.model.scale(), batch.captions)
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), self.spec.gradient_norm)
        self.optimizer.step()
        with torch.no_grad():
            self.model.logit_scale.clamp_(0, self.model.largest_logit_scale)
        return loss.item()

    def log(self, rate: float) -> None:
        p = self.progress
        mean = sum(p.losses) / len(p.losses)
        accuracy = held_out_accuracy(self.model, self.held_out, self.spec.image_part)
        p.rows.append(Row(p.step, p.step * self.spec.batch, mean, rate, accuracy))
        p.losses = []

    def report(self, speed: float) -> None:
        row = self.progress.rows[-1]
        left = (self.steps - row.step) * self.spec.batch / speed / 60
        print(
            f"{self.spec.name}  step {row.step}/{self.steps}  loss {row.loss:.4f}"
            f"  held-out accuracy {row.held_out_accuracy:.4f}  {speed:.0f} pairs/s  {left:.1f} min left",
            file=sys.stderr,
            flush=True,
        )

    def save(self) -> None:
        state = {
            "identity": self.identity,
            "progress": dataclasses.asdict(self.progress),
            "model": self.model.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        os.replace(partial, self.checkpoint)

    def resume(self) -> None:
        if not self.checkpoint.is_file():
            return
        state = torch.load(self.checkpoint, weights_only=True)
        if state["identity"] != self.identity:
            print(f"{self.spec.name}: the checkpoint is of other settings; starting anew", file=sys.stderr)
            return
        self.model.load_state_dict(state["model"])
        self.optimizer.load_state_dict(state["optimizer"])
        progress = state["progress"]
        rows = [Row(**row) for row in progress.pop("rows")]
        self.progress = Progress(**progress, rows=rows)
        print(f"{self.spec.name}: resuming at step {self.progress.step}", file=sys.stderr)
