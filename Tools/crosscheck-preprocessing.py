#!/usr/bin/python3
"""Compares `clip-eval preprocess` with Pillow on random images: sizes, modes, JPEG settings and both orders.

    Tools/crosscheck-preprocessing.py .build/release/clip-eval --count 300 --seed 1

Prints every difference and ends with 1 if there was one. Not part of the tests: those use the fixtures that
make-imaging-fixtures.py wrote.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile
import warnings

import numpy as np
from PIL import Image

sys.dont_write_bytecode = True
import pillow_reference  # noqa: E402

SIZES = [  # width and height ranges
    ((1, 40), (1, 40)), ((30, 520), (30, 520)), ((300, 1300), (20, 400)),
    ((20, 400), (300, 1300)), ((600, 1400), (600, 1400)),
]
KINDS = ["RGB", "L", "1", "P", "LA", "RGBA", "I", "PPM", "JPEG-L", "JPEG-CMYK"] + 5 * ["JPEG-RGB"]


def pixels(choice, rng, width, height, channels):
    """Noise at one of several scales, so that both rounding and clipping are met."""
    planes = []
    for _ in range(channels):
        step = choice.choice([1, 2, 7])
        coarse = rng.integers(0, 256, (max(1, height // step), max(1, width // step)), dtype=np.uint8)
        planes.append(np.asarray(Image.fromarray(coarse).resize((width, height), choice.choice([0, 3]))))
    stacked = np.stack(planes, -1)
    return stacked[..., 0] if channels == 1 else stacked


def write(choice, rng, path, kind, width, height):
    make = lambda channels: pixels(choice, rng, width, height, channels)
    if kind == "I":
        top = choice.choice([300, 600, 65536])
        Image.fromarray(rng.integers(0, top, (height, width)).astype(np.uint16)).save(path, "PNG")
    elif kind == "P":
        options = {"transparency": 0} if choice.random() < 0.5 else {}
        Image.fromarray(make(3)).quantize(choice.choice([2, 4, 16, 200])).save(path, "PNG", **options)
    elif kind == "1":
        Image.fromarray(make(1)).convert("1").save(path, "PNG")
    elif kind == "PPM":
        Image.fromarray(make(3)).save(path, "PPM")
    elif kind.startswith("JPEG"):
        mode = kind[5:]
        options = {"quality": choice.randint(30, 97), "progressive": choice.random() < 0.3}
        if mode == "RGB":
            options["subsampling"] = choice.choice([0, 1, 2])
        if choice.random() < 0.2:
            options["restart_marker_rows"] = 1
        channels = {"L": 1, "RGB": 3, "CMYK": 4}[mode]
        Image.fromarray(make(channels), mode).save(path, "JPEG", **options)
    else:
        Image.fromarray(make({"L": 1, "LA": 2, "RGB": 3, "RGBA": 4}[kind]), kind).save(path, "PNG")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program", help="the clip-eval executable")
    parser.add_argument("--count", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    choice, rng = random.Random(options.seed), np.random.default_rng(options.seed)
    compared = different = 0
    with tempfile.TemporaryDirectory() as folder:
        path, output = pathlib.Path(folder, "image"), pathlib.Path(folder, "x.npy")
        for _ in range(options.count):
            kind = choice.choice(KINDS)
            width, height = (choice.randint(*bounds) for bounds in choice.choice(SIZES))
            try:
                write(choice, rng, path, kind, width, height)
            except OSError:
                continue  # Pillow's JPEG encoder runs out of buffer on some noise
            for order, reference in pillow_reference.ORDERS.items():
                size = choice.choice([224, 224, 224, 64, 336, choice.randint(1, 300)])
                expected = reference(Image.open(path), size).transpose(2, 0, 1)
                result = subprocess.run(
                    [options.program, "preprocess", path, "--output", output, "--size", str(size),
                     "--recipe", order, "--no-normalize"], capture_output=True, text=True)
                compared += 1
                found = np.load(output) if result.returncode == 0 else None
                if found is None or found.shape != expected.shape or (found != expected).any():
                    different += 1
                    print(f"{kind} {width}×{height} {order} {size}: {result.stderr or 'different pixels'}")
    print(f"{compared} compared, {different} different")
    return 1 if different else 0


if __name__ == "__main__":
    sys.exit(main())
