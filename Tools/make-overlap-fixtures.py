#!/usr/bin/env python3
"""Writes Tests/Fixtures/overlap: pictures with altered copies of them, their perceptual hashes by Pillow, NumPy and SciPy, and nearest rows of small
matrices by NumPy. Needs NumPy, SciPy and Pillow; the bytes depend on their versions (Debian 12's), the expected values do not."""
import json
from pathlib import Path

import numpy as np
from PIL import Image
from scipy.fft import dctn

OUT = Path(__file__).resolve().parent.parent / "Tests/Fixtures/overlap"
rng = np.random.default_rng(7)


def picture(width, height):
    """1/f noise in three related colours, with a few discs: detail at every scale, as in photographs."""
    fy, fx = np.meshgrid(np.fft.fftfreq(height), np.fft.fftfreq(width), indexing="ij")
    amplitude = 1 / np.maximum(np.hypot(fx, fy), 1 / max(width, height)) ** 1.1
    planes = [np.fft.ifft2(np.fft.fft2(rng.standard_normal((height, width))) * amplitude).real for _ in range(3)]
    base = planes[0] / planes[0].std()
    pixels = np.stack([base + 0.6 * p / p.std() for p in planes], -1) * 38 + 120
    yy, xx = np.mgrid[:height, :width]
    for _ in range(4):
        inside = np.hypot(xx - rng.uniform(0, width), yy - rng.uniform(0, height)) < rng.uniform(4, 12)
        pixels[inside] = 0.5 * pixels[inside] + 0.5 * rng.uniform(0, 255, 3)
    return Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8))


def phash(path, n):
    image = Image.open(path).convert("RGB").resize((64, 64), Image.BICUBIC)
    r, g, b = np.moveaxis(np.asarray(image, np.float64), -1, 0)
    spectrum = dctn(0.299 * r + 0.587 * g + 0.114 * b, type=2)[:n, :n]
    spectrum = np.round(spectrum * 1024) / 1024
    bits = (spectrum > np.median(spectrum)).ravel()
    return [f"{int.from_bytes(np.packbits(bits[i:i + 64], bitorder='little').tobytes(), 'little'):016x}" for i in range(0, n * n, 64)]


def copies(image):
    width, height = image.size
    left, top = width // 20, height // 12
    yield "recompressed", image, dict(quality=35)
    tinted = np.asarray(image, np.float64) * [1.1, 0.95, 0.9] + 8
    yield "recoloured", Image.fromarray(np.clip(tinted, 0, 255).astype(np.uint8)), dict(quality=90)
    yield "rescaled", image.resize((width * 6 // 10, height * 6 // 10), Image.BILINEAR), dict(quality=90)
    yield "cropped", image.crop((left, top, left + width * 9 // 10, top + height * 9 // 10)), dict(quality=90)
    yield "squeezed", image.resize((width * 3 // 4, height), Image.BICUBIC), dict(quality=90)
    yield "mirrored", image.transpose(Image.FLIP_LEFT_RIGHT), dict(quality=90)


def main():
    for name in ("queries", "references"):
        folder = OUT / name
        folder.mkdir(parents=True, exist_ok=True)
        for old in folder.iterdir():
            old.unlink()
    planted = {}
    originals = [picture(96, 72) if i % 2 else picture(64, 64) for i in range(8)]
    for i, image in enumerate(originals):
        image.save(OUT / f"queries/picture-{i}.png")
        if i < 6:
            kind, copy, options = list(copies(image))[i]
            copy.convert("RGB").save(OUT / f"references/{kind}.jpg", subsampling=0, **options)
            planted[f"{kind}.jpg"] = f"picture-{i}.png"
    for i in range(6):
        picture(80, 64).save(OUT / f"references/other-{i}.jpg", quality=85)
    hashes = {
        str(path.relative_to(OUT)): {"phash-64": phash(path, 8), "phash-256": phash(path, 16)}
        for path in sorted([*OUT.glob("queries/*"), *OUT.glob("references/*")])
    }
    # Whole numbers: exact in float32, with ties.
    queries = rng.integers(-3, 4, (17, 6))
    references = rng.integers(-3, 4, (41, 6))
    queries[queries.any(1) == 0] = 1
    references[references.any(1) == 0] = 1
    references[20] = 2 * references[5]
    cosines = (queries @ references.T) / np.linalg.norm(queries, axis=1)[:, None] / np.linalg.norm(references, axis=1)
    # Equal similarities rank by lowest row; rounding must not break a tie.
    order = np.lexsort((np.broadcast_to(np.arange(41), cosines.shape), -np.round(cosines, 12)), axis=1)
    search = {
        "queries": queries.tolist(), "references": references.tolist(),
        "order": order[:, :5].tolist(), "cosines": np.take_along_axis(cosines, order[:, :5], 1).tolist(),
        "atLeast0.9": [[int(q), int(r)] for q in range(17) for r in order[q] if cosines[q, r] >= 0.9],
    }
    (OUT / "expected.json").write_text(json.dumps({"hashes": hashes, "planted": planted, "search": search}, indent=1) + "\n")


if __name__ == "__main__":
    main()
