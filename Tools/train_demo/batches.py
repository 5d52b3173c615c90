"""Batches of the corpus: which pairs a step sees follows from the seed and the step alone, so that training can be
resumed anywhere."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from .corpus import Corpus
from .models import CONTEXT_LENGTH
from .tokenizer import Tokenizer

MEAN = (0.48145466, 0.4578275, 0.40821073)
DEVIATION = (0.26862954, 0.26130258, 0.27577711)
# One pair of this many is held out.
HELD_OUT = 50


@dataclass
class Batch:
    """`images` [B, 3, S, S], `tokens` [B, T] with T the longest caption's; equal `captions` are equal texts."""

    images: Tensor
    tokens: Tensor
    captions: Tensor


def normalized(pixels: NDArray[np.uint8]) -> Tensor:
    """[B, S, S, 3] of bytes to [B, 3, S, S] with CLIP's mean and deviation, in the order of memory of the bytes."""
    x = torch.from_numpy(pixels).float().div_(255)
    x = x.sub_(torch.tensor(MEAN)).div_(torch.tensor(DEVIATION))
    return x.permute(0, 3, 1, 2)


class Batches:
    """Training batches by step, and the held-out pairs."""

    def __init__(self, corpus: Corpus, tokenizer: Tokenizer, size: int, seed: int, padding: int) -> None:
        self.images = corpus.images
        self.size, self.seed, self.padding = size, seed, padding
        distinct = {caption: i for i, caption in enumerate(sorted(set(corpus.captions)))}
        self.caption_ids = np.array([distinct[caption] for caption in corpus.captions])
        self.table = np.full((len(distinct), CONTEXT_LENGTH), tokenizer.end, np.int64)
        self.lengths = np.zeros(len(distinct), np.int64)
        for caption, i in distinct.items():
            ids = tokenizer.encode(caption, CONTEXT_LENGTH)
            self.table[i, : len(ids)] = ids
            self.lengths[i] = len(ids)
        # The split is the corpus's own, whatever seed a model has.
        order = np.random.default_rng(0).permutation(len(corpus.captions))
        held = len(order) // HELD_OUT
        self.held_out = np.sort(order[:held])
        self.training = np.sort(order[held:])
        if len(self.training) < size:
            raise ValueError(f"the corpus has {len(self.training)} pairs to train on, a batch {size}")

    def training_batch(self, step: int) -> Batch:
        """Each pass over the corpus has an order of its own; images are cropped at random places after padding."""
        each = len(self.training) // self.size
        epoch, place = divmod(step, each)
        order = np.random.default_rng((self.seed, 0, epoch)).permutation(self.training)
        rows = np.sort(order[place * self.size : (place + 1) * self.size])
        return self.batch(rows, np.random.default_rng((self.seed, 1, step)))

    def held_out_batches(self) -> list[Batch]:
        """Batches of nearly equal size, at least a training batch's where there are so many."""
        count = max(1, len(self.held_out) // self.size)
        return [self.batch(rows) for rows in np.array_split(self.held_out, count)]

    def batch(self, rows: NDArray[np.int64], random: np.random.Generator | None = None) -> Batch:
        pixels = np.asarray(self.images[rows])
        if random is not None and self.padding > 0:
            pixels = self.cropped(pixels, random)
        captions = self.caption_ids[rows]
        tokens = self.table[captions, : self.lengths[captions].max()]
        return Batch(normalized(pixels), torch.from_numpy(tokens), torch.from_numpy(captions))

    def cropped(
        self, pixels: NDArray[np.uint8], random: np.random.Generator
    ) -> NDArray[np.uint8]:
        """Shifts each image by up to `padding` pixels either way, its edge repeated."""
        margin, side = self.padding, pixels.shape[1]
        padded = np.pad(pixels, ((0, 0), (margin, margin), (margin, margin), (0, 0)), mode="edge")
        result = np.empty_like(pixels)
        for i, (y, x) in enumerate(random.integers(0, 2 * margin + 1, (len(pixels), 2))):
            result[i] = padded[i, y : y + side, x : x + side]
        return result
