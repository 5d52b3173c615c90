"""The training corpus: WebDataset shards (img2dataset's layout), decoded once and kept as arrays beside them."""

from __future__ import annotations

import hashlib
import io
import json
import tarfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from .models import IMAGE_SIZE


class CorpusError(Exception):
    """The corpus cannot be used; the message says where and why."""


@dataclass
class Corpus:
    """`images` [N, 64, 64, 3] of bytes, mapped from disk; one caption an image."""

    images: NDArray[np.uint8]
    captions: list[str]
    fingerprint: str


def load_corpus(world: Path, cache: Path) -> Corpus:
    """Reads `world/corpus/*.tar`, from the arrays in `cache` where they are of the same shards.

    The fingerprint is the SHA-256 over the shards' SHA-256s in the order of their names.
    """
    shards = sorted((world / "corpus").glob("*.tar"))
    if not shards:
        raise CorpusError(f"{world / 'corpus'}: no shards (*.tar)")
    fingerprint = hashlib.sha256("".join(map(sha256, shards)).encode()).hexdigest()
    images_file, captions_file = cache / "images.npy", cache / "captions.json"
    if captions_file.is_file() and images_file.is_file():
        kept = json.loads(captions_file.read_text(encoding="utf-8"))
        if kept["fingerprint"] == fingerprint:
            return Corpus(np.load(images_file, mmap_mode="r"), kept["captions"], fingerprint)
    captions_file.unlink(missing_ok=True)
    cache.mkdir(parents=True, exist_ok=True)
    images: list[NDArray[np.uint8]] = []
    captions: list[str] = []
    for shard in shards:
        read_shard(shard, images, captions)
    np.save(images_file, np.stack(images))
    # Written last: it says that the images are complete.
    captions_file.write_text(
        json.dumps({"fingerprint": fingerprint, "captions": captions}), encoding="utf-8"
    )
    return Corpus(np.load(images_file, mmap_mode="r"), captions, fingerprint)


def sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_shard(
    shard: Path, images: list[NDArray[np.uint8]], captions: list[str]
) -> None:
    """Appends the pairs of a shard, by key."""
    pairs: dict[str, dict[str, bytes]] = {}
    with tarfile.open(shard) as tar:
        for member in tar:
            key, _, extension = member.name.partition(".")
            file = tar.extractfile(member)
            if file and extension in ("jpg", "txt"):
                pairs.setdefault(key, {})[extension] = file.read()
    for key in sorted(pairs):
        pair = pairs[key]
        if len(pair) != 2:
            raise CorpusError(f"{shard}: {key} lacks its image or its caption")
        with Image.open(io.BytesIO(pair["jpg"])) as image:
            pixels = np.asarray(image.convert("RGB"))
        if pixels.shape != (IMAGE_SIZE, IMAGE_SIZE, 3):
            raise CorpusError(
                f"{shard}: {key} is {pixels.shape[1]}x{pixels.shape[0]}, expected 64x64"
            )
        images.append(pixels)
        captions.append(pair["txt"].decode("utf-8").strip())
