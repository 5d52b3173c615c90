"""Holds what clip-eval computes with an exported model against PyTorch on the same fp16 weights, in fp32."""

from __future__ import annotations

import json
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from PIL import Image
from torch import Tensor

from .batches import normalized
from .corpus import Corpus
from .export import load_exported
from .models import CONTEXT_LENGTH, Spec
from .tokenizer import load_tokenizer

PAIRS = 64
# Largest difference of two unit features' elements.
TOLERANCE = 1e-5
# Words that no caption has, contractions, digits, capitals, other scripts, symbols, special tokens.
ODD_TEXTS = [
    "", "A Photo of a RED Circle!!", "itap of my xylophone; it's 1984, isn't it?", "we'll they've I'd I'm",
    "naïve café Straße ΟΔΟΣ Ærø", "日本語のテスト 한국어 العربية", "🙂🙃 … — “quoted”", "a_b-c/d\\e (f) [g] {h}",
    "x" * 40, "<|endoftext|> then <|startoftext|>", "ⅷ ² ½ ٣ 12345", "  tabs\tand\u00a0spaces  ",
    "pneumonoultramicroscopicsilicovolcanoconiosis", "'''s 't 're''ve", "e\u0301 ſ 'ſ İstanbul",
]  # fmt: skip


class Mismatch(Exception):
    """clip-eval and PyTorch disagree."""


@dataclass
class Agreement:
    """Largest absolute difference and least cosine between the two's unit features, of images and texts."""

    image_difference: float
    image_cosine: float
    text_difference: float
    text_cosine: float
    texts_tokenized: int


def verify(spec: Spec, folder: Path, corpus: Corpus, rows: NDArray[np.int64], program: Path) -> Agreement:
    """- rows: held-out pairs, of which the first 64 are embedded."""
    tokenizer = load_tokenizer(folder)
    model = load_exported(spec, folder, len(tokenizer))
    rows = rows[:PAIRS]
    captions = [corpus.captions[row] for row in rows]
    texts = captions + ODD_TEXTS
    encoded = [tokenizer.encode(text, CONTEXT_LENGTH) for text in texts]
    with tempfile.TemporaryDirectory() as temporary:
        work = Path(temporary)
        theirs = tokenize(program, folder, texts)
        for text, ours, other in zip(texts, encoded, theirs, strict=True):
            if ours != other:
                raise Mismatch(f"{folder}: tokens of {text!r} are {ours}, clip-eval has {other}")
        files = []
        for i, row in enumerate(rows):
            files.append(work / f"{i:03d}.png")
            Image.fromarray(np.asarray(corpus.images[row])).save(files[-1])
        images = embed(program, folder, "images", list(map(str, files)), work / "images.npy")
        captioned = embed(program, folder, "texts", captions, work / "texts.npy")
    with torch.no_grad():
        image_features = F.normalize(model.visual(normalized(np.asarray(corpus.images[rows]))), dim=1)
        padded = [ids + [tokenizer.end] * (CONTEXT_LENGTH - len(ids)) for ids in encoded[: len(rows)]]
        text_features = F.normalize(model.text(torch.tensor(padded)), dim=1)
    agreement = Agreement(
        *compare(images, image_features), *compare(captioned, text_features), len(texts)
    )
    if not max(agreement.image_difference, agreement.text_difference) <= TOLERANCE:
        raise Mismatch(f"{folder}: features differ by more than {TOLERANCE}: {agreement}")
    return agreement


def compare(found: NDArray[np.float32], expected: Tensor) -> tuple[float, float]:
    reference = expected.numpy().astype(np.float64)
    if found.shape != reference.shape:
        raise Mismatch(f"clip-eval's features are {found.shape}, expected {reference.shape}")
    cosine = (found * reference).sum(axis=1) / np.linalg.norm(reference, axis=1)
    return float(np.abs(found - reference).max()), float(cosine.min())


def tokenize(program: Path, folder: Path, texts: list[str]) -> list[list[int]]:
    command = [program, "tokenize", "--model", folder, "--json", "--truncate", "--", *texts]
    return [json.loads(line) for line in run(command).splitlines()]


def embed(
    program: Path, folder: Path, kind: str, items: list[str], output: Path
) -> NDArray[np.float32]:
    """Unit features, fp32 arithmetic, of files or texts in the order given."""
    run([program, "embed", kind, "--model", folder, "--quiet", "-o", output, "--", *items])
    return np.load(output)


def run(command: list[str | Path]) -> str:
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        raise Mismatch(f"{' '.join(map(str, command[:3]))} ended with {result.returncode}:\n{result.stderr}")
    return result.stdout
