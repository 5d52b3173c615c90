#!/usr/bin/env python3
"""The same work by PyTorch and Pillow, in the same run: ViT-B/32's image tower with random weights, and a JPEG to the
normalised tensor. Called by run.sh; each peer is left out, with a line, where it is not installed.

Usage: peers.py PHOTO THREADS (run.sh also sets the thread counts that the libraries below PyTorch read)"""
import io
import sys
import time


def fastest(repeats, body):
    best = float("inf")
    for _ in range(repeats):
        start = time.perf_counter()
        body()
        best = min(best, time.perf_counter() - start)
    return best


def row(label, value, unit):
    print(f"{label:<46}{value:8.1f} {unit}", flush=True)


def pillow(photo):
    import numpy as np
    import PIL
    from PIL import Image

    mean = np.array([0.48145466, 0.4578275, 0.40821073], np.float32)[:, None, None]
    std = np.array([0.26862954, 0.26130258, 0.27577711], np.float32)[:, None, None]

    def preprocess():
        image = Image.open(io.BytesIO(photo))
        w, h = image.size
        w, h = (224, int(224 * h / w)) if w <= h else (int(224 * w / h), 224)
        image = image.resize((w, h), Image.BICUBIC)
        left, top = round((w - 224) / 2), round((h - 224) / 2)
        image = image.crop((left, top, left + 224, top + 224)).convert("RGB")
        pixels = np.asarray(image).transpose(2, 0, 1).astype(np.float32) / 255
        return (pixels - mean) / std

    rounds = 30
    seconds = fastest(5, lambda: [Image.open(io.BytesIO(photo)).load() for _ in range(rounds)]) / rounds
    row(f"Pillow {PIL.__version__} decode alone, 1 thread", 1 / seconds, "images/s")
    row("Pillow + NumPy, JPEG to tensor, 1 thread", rounds / fastest(5, lambda: [preprocess() for _ in range(rounds)]), "images/s")


def pytorch(threads):
    import torch
    import torch.nn.functional as F

    torch.manual_seed(1)
    w = lambda *shape: torch.randn(*shape) * 0.02
    width, heads, layers = 768, 12, 12
    patch, position, cls = w(width, 3, 32, 32), w(50, width), w(width)
    norm = (torch.ones(width), torch.zeros(width))
    blocks = [
        (w(3 * width, width), w(3 * width), w(width, width), w(width), w(4 * width, width), w(4 * width), w(width, 4 * width), w(width))
        for _ in range(layers)]
    projection = w(512, width)

    def tower(x):
        b = x.shape[0]
        x = F.conv2d(x, patch, stride=32).flatten(2).transpose(1, 2)
        x = torch.cat([cls.expand(b, 1, -1), x], 1) + position
        x = F.layer_norm(x, (width,), *norm)
        for wi, bi, wo, bo, w1, b1, w2, b2 in blocks:
            y = F.layer_norm(x, (width,), *norm)
            q, k, v = (t.view(b, 50, heads, 64).transpose(1, 2) for t in F.linear(y, wi, bi).chunk(3, -1))
            y = ((q @ k.transpose(2, 3) * 0.125).softmax(-1) @ v).transpose(1, 2).reshape(b, 50, width)
            x = x + F.linear(y, wo, bo)
            y = F.linear(F.layer_norm(x, (width,), *norm), w1, b1)
            x = x + F.linear(y * torch.sigmoid(1.702 * y), w2, b2)
        return F.linear(F.layer_norm(x[:, 0], (width,), *norm), projection)

    torch.set_num_threads(threads)
    for batch in (8, 32):
        x = torch.randn(batch, 3, 224, 224)
        with torch.no_grad():
            tower(x)
            seconds = fastest(3, lambda: tower(x))
        row(f"PyTorch {torch.__version__}, ViT-B/32 tower, b{batch} t{threads}", batch / seconds, "images/s")


def main():
    photo, threads = open(sys.argv[1], "rb").read(), int(sys.argv[2])
    peers = [("PyTorch", lambda: pytorch(threads))]
    if threads == 1:
        peers.insert(0, ("Pillow", lambda: pillow(photo)))
    for name, peer in peers:
        try:
            peer()
        except ImportError as error:
            print(f"{name} left out: {error}")


if __name__ == "__main__":
    main()
