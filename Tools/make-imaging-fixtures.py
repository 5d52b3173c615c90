#!/usr/bin/python3
"""Writes Tests/Fixtures/imaging: small images of every kind, and the 8-bit pixels Pillow makes of them.

Run from the project's root with Debian's python3-pil and python3-numpy. The images are synthetic and the output
is the same every time (for the same Pillow and libjpeg).

manifest.json lists, per image: its Pillow mode and size, the SHA-256 of its decoded pixels, and for each order
("openai", "huggingface") and setting the size of the output, the SHA-256 of its interleaved RGB bytes and
a few sample pixels, so that a failure says more than "the hash differs". Images that must be refused are
listed under "broken" with a word that the error has to contain.
"""
import hashlib
import io
import json
import pathlib
import struct
import sys
import warnings
import zlib

import numpy as np
import PIL
from PIL import Image, ImageOps

sys.dont_write_bytecode = True
import pillow_reference  # noqa: E402

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/imaging"
warnings.simplefilter("ignore")


def scene(width, height, channels, seed=0):
    """Smooth waves with sharp edges and a little noise: something for every filter tap to weigh."""
    rng = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width].astype(float)
    planes = []
    for c in range(channels):
        a, b, p = rng.uniform(0.05, 0.6, 2).tolist() + [rng.uniform(0, 6)]
        wave = 127 + 90 * np.sin(a * x + p) * np.cos(b * y)
        edge = 70.0 * (((x + 2 * y) // 9) % 2 == c % 2)
        planes.append(wave + edge - 35 + rng.normal(0, 4, (height, width)))
    pixels = np.clip(np.stack(planes, -1), 0, 255).astype(np.uint8)
    return pixels[..., 0] if channels == 1 else pixels


def encoded(image, kind, **options):
    data = io.BytesIO()
    image.save(data, kind, **options)
    return data.getvalue()


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(width, height, depth, colour, rows, palette=None, interlaced=False):
    """PNG variants that Pillow does not write. `rows`: packed bytes of each row."""
    head = struct.pack(">IIBBBBB", width, height, depth, colour, 0, 0, int(interlaced))
    parts = [b"\x89PNG\r\n\x1a\n", chunk(b"IHDR", head)]
    if palette is not None:
        parts.append(chunk(b"PLTE", palette))
    parts.append(chunk(b"IDAT", zlib.compress(b"".join(b"\0" + r for r in rows), 9)))
    parts.append(chunk(b"IEND", b""))
    return b"".join(parts)


def packed_grey(width, height, depth, seed):
    values = scene(width, height, 1, seed) >> (8 - depth)
    per_byte = 8 // depth
    rows = []
    for row in values:
        row = np.concatenate([row, np.zeros(-width % per_byte, np.uint8)]).reshape(-1, per_byte)
        rows.append(bytes(sum(int(v) << (depth * (per_byte - 1 - i)) for i, v in enumerate(r)) for r in row))
    return png(width, height, depth, 0, rows)


def adam7(pixels, depth, colour):
    """`pixels`: height × width × channels of uint8."""
    height, width = pixels.shape[:2]
    rows = []
    for x0, y0, dx, dy in [(0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2), (0, 1, 1, 2)]:
        part = pixels[y0::dy, x0::dx]
        if part.size:
            rows += [row.tobytes() for row in part]
    return png(width, height, depth, colour, rows, interlaced=True)


def ycck(cmyk, quality):
    """A CMYK JPEG re-labelled: libjpeg writes YCCK only when asked in C, so the Adobe marker's transform is set to 2."""
    data = bytearray(encoded(Image.fromarray(cmyk, "CMYK"), "JPEG", quality=quality))
    at = data.index(b"Adobe")
    data[at + 11] = 2
    return bytes(data)


def images():
    rgb = lambda w, h, s=0: Image.fromarray(scene(w, h, 3, s))
    yield "rgb-odd-51x37.png", encoded(rgb(51, 37), "PNG")
    yield "rgb-even-64x47.png", encoded(rgb(64, 47, 1), "PNG")
    yield "rgb-tall-23x70.png", encoded(rgb(23, 70, 2), "PNG")
    yield "one-column-1x19.png", encoded(rgb(1, 19, 3), "PNG")
    yield "one-row-19x1.png", encoded(rgb(19, 1, 4), "PNG")
    yield "one-pixel.png", encoded(rgb(1, 1, 5), "PNG")
    yield "small-28x28.png", encoded(Image.fromarray(scene(28, 28, 1, 6)), "PNG")
    yield "grey-45x33.png", encoded(Image.fromarray(scene(45, 33, 1, 7)), "PNG")
    yield "grey-1bit-37x29.png", packed_grey(37, 29, 1, 8)
    yield "grey-2bit-37x29.png", packed_grey(37, 29, 2, 9)
    yield "grey-4bit-37x29.png", packed_grey(37, 29, 4, 10)
    dim = scene(31, 26, 1, 11).astype(np.uint16) * 2
    yield "grey-16bit-dim-31x26.png", png(31, 26, 16, 0, [r.astype(">u2").tobytes() for r in dim])
    bright = scene(31, 26, 1, 12).astype(np.uint16) * 257
    yield "grey-16bit-31x26.png", png(31, 26, 16, 0, [r.astype(">u2").tobytes() for r in bright])
    deep = scene(30, 21, 3, 13).astype(np.uint16) * 250 + 100
    yield "rgb-16bit-30x21.png", png(30, 21, 16, 2, [r.astype(">u2").tobytes() for r in deep])
    deep = scene(30, 21, 2, 14).astype(np.uint16) * 250 + 100
    yield "la-16bit-30x21.png", png(30, 21, 16, 4, [r.astype(">u2").tobytes() for r in deep])
    deep = scene(30, 21, 4, 15).astype(np.uint16) * 250 + 100
    yield "rgba-16bit-30x21.png", png(30, 21, 16, 6, [r.astype(">u2").tobytes() for r in deep])
    yield "la-41x30.png", encoded(Image.fromarray(scene(41, 30, 2, 16), "LA"), "PNG")
    yield "rgba-39x52.png", encoded(Image.fromarray(scene(39, 52, 4, 17)), "PNG")
    yield "palette-47x35.png", encoded(rgb(47, 35, 18).quantize(100), "PNG")
    yield "palette-4bit-47x36.png", encoded(rgb(47, 36, 19).quantize(13), "PNG")
    yield "palette-1bit-33x21.png", encoded(rgb(33, 21, 20).quantize(2), "PNG")
    clear = rgb(40, 31, 21).quantize(60)
    yield "palette-clear-colour-40x31.png", encoded(clear, "PNG", transparency=3)
    yield "palette-alpha-40x31.png", encoded(clear, "PNG", transparency=bytes(range(0, 240, 4)))
    short = np.minimum(scene(20, 16, 1, 22), 9)
    yield "palette-short-20x16.png", png(20, 16, 8, 3, [r.tobytes() for r in short], bytes(range(40, 58)))
    yield "rgb-interlaced-29x22.png", adam7(scene(29, 22, 3, 23), 8, 2)
    for name, subsampling in [("444", 0), ("422", 1), ("420", 2)]:
        yield f"rgb-{name}-75x50.jpg", encoded(rgb(75, 50, 24), "JPEG", quality=88, subsampling=subsampling)
    # Long enough on one side for the decoder to leave out what the crop does not show.
    yield "wide-420-437x61.jpg", encoded(rgb(437, 61, 25), "JPEG", quality=60, subsampling=2)
    yield "wide-422-437x61.jpg", encoded(rgb(437, 61, 25), "JPEG", quality=60, subsampling=1)
    yield "tall-420-61x437.jpg", encoded(rgb(61, 437, 26), "JPEG", quality=60, subsampling=2)
    yield "progressive-tall-61x437.jpg", encoded(rgb(61, 437, 26), "JPEG", quality=60, progressive=True)
    yield "progressive-wide-437x61.jpg", encoded(rgb(437, 61, 36), "JPEG", quality=60, progressive=True)
    yield "progressive-90x67.jpg", encoded(rgb(90, 67, 27), "JPEG", quality=85, progressive=True)
    yield "restarts-90x67.jpg", encoded(rgb(90, 67, 28), "JPEG", quality=85, restart_marker_blocks=3)
    yield "grey-66x49.jpg", encoded(Image.fromarray(scene(66, 49, 1, 29)), "JPEG", quality=85)
    yield "cmyk-50x43.jpg", encoded(Image.fromarray(scene(50, 43, 4, 30), "CMYK"), "JPEG", quality=85)
    yield "ycck-50x43.jpg", ycck(scene(50, 43, 4, 31), 85)
    exif = Image.Exif()
    exif[0x0112] = 6
    yield "rotated-by-exif-48x32.jpg", encoded(rgb(48, 32, 32), "JPEG", exif=exif.tobytes())
    damaged = bytearray(encoded(rgb(75, 50, 33), "JPEG", quality=85))
    for at in (len(damaged) // 2, len(damaged) - 60):
        damaged[at] ^= 0x15
    yield "damaged-but-readable-75x50.jpg", bytes(damaged)
    yield "rgb-20x30.ppm", encoded(rgb(20, 30, 34), "PPM")
    yield "grey-20x30.pgm", encoded(Image.fromarray(scene(20, 30, 1, 35)), "PPM")


def broken():
    """Name, bytes, a word that the error must contain. Pillow refuses each of them too, but for those marked so."""
    jpeg = encoded(Image.fromarray(scene(75, 50, 3, 36)), "JPEG", quality=85)
    pixels = encoded(Image.fromarray(scene(51, 37, 3, 37)), "PNG")
    yield "empty.jpg", b"", "empty"
    yield "garbage.jpg", b"this is not an image", "74 68 69 73"
    yield "page.jpg", b"<html><body>404</body></html>", "HTML"
    yield "truncated.jpg", jpeg[: len(jpeg) // 2], "truncated"
    yield "truncated-header.jpg", jpeg[:100], "truncated"
    yield "without-end-marker.jpg", jpeg[:-2], "truncated"
    yield "truncated-progressive.jpg", encoded(
        Image.fromarray(scene(75, 50, 3, 38)), "JPEG", progressive=True)[:-200], "truncated"
    yield "truncated.png", pixels[: len(pixels) // 2], "truncated"
    yield "truncated-header.png", pixels[:20], "truncated"
    yield "bad-header-crc.png", pixels[:29] + bytes([pixels[29] ^ 1]) + pixels[30:], "damaged"
    yield "no-width.png", png(0, 4, 8, 2, []), "damaged"
    yield "bomb.png", png(60000, 60000, 1, 0, []), "limit"
    # Pillow fills the missing rows with zeros.
    yield "missing-rows.png", png(16, 16, 8, 0, [bytes(16)] * 9), "damaged"
    yield "truncated.ppm", encoded(Image.fromarray(scene(20, 30, 3, 39)), "PPM")[:-1], "truncated"


SETTINGS = [
    # size, resize, crop, border that Pillow's ImageOps.crop takes off first
    (224, "shorter", True, 0),
    (31, "shorter", True, 0),
    (40, "squash", False, 0),
    (17, "shorter", False, 0),
    (33, "none", True, 0),
    (31, "shorter", True, 2),
    (40, "squash", True, 1),
]


def samples(pixels):
    height, width = pixels.shape[:2]
    spots = [(0, 0), (height // 2, width // 2), (height - 1, width - 1), (height // 3, width // 4)]
    return [[y, x, *(int(v) for v in pixels[y, x])] for y, x in spots]


def digest(data):
    return hashlib.sha256(data).hexdigest()


def main():
    OUT.mkdir(parents=True, exist_ok=True)
    for old in OUT.iterdir():
        old.unlink()
    manifest = {"pillow": PIL.__version__, "images": [], "broken": []}
    for name, data in images():
        (OUT / name).write_bytes(data)
        image = Image.open(io.BytesIO(data))
        image.load()
        decoded = np.asarray(image)
        if image.mode == "1":
            decoded = decoded.astype(np.uint8) * 255
        if image.mode == "I":
            decoded = decoded.astype("<u2")
        entry = {
            "name": name, "mode": image.mode, "width": image.width, "height": image.height,
            "pixels": digest(np.ascontiguousarray(decoded).tobytes()), "outputs": [],
        }
        for order, function in pillow_reference.ORDERS.items():
            for size, how, crop, border in SETTINGS:
                if border and min(image.size) <= 2 * border:
                    continue
                if not crop and how == "shorter" and max(image.size) > 15 * min(image.size):
                    continue
                source = Image.open(io.BytesIO(data))
                if border:
                    source = ImageOps.crop(source, border)
                output = np.ascontiguousarray(function(source, size, how, crop))
                entry["outputs"].append({
                    "order": order, "size": size, "resize": how, "crop": crop, "border": border,
                    "width": output.shape[1], "height": output.shape[0],
                    "sha256": digest(output.tobytes()), "samples": samples(output),
                })
        manifest["images"].append(entry)
    for name, data, word in broken():
        (OUT / name).write_bytes(data)
        manifest["broken"].append({"name": name, "error": word})
    text = json.dumps(manifest, separators=(",", ":"), sort_keys=True)
    text = text.replace('{"height', '\n{"height').replace('{"border"', '\n{"border"')
    (OUT / "manifest.json").write_text(text + "\n")


if __name__ == "__main__":
    main()
