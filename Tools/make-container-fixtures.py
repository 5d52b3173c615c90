#!/usr/bin/env python3
"""Makes Tests/Fixtures/datasets/containers: datasets in the containers of other harnesses, with what each holds as JSON.

    Tools/make-container-fixtures.py

Needs numpy and Pillow. The bytes are the same each time for the same Pillow. The traps in them: class names in another order than the
dataset's, and in other words; shards whose names sort 0, 1, 10, 2; labels before, after and away from their image; members with long
names; zips with stored and deflated members; a list with several classes an image; captions one a line and one a file.
"""
import hashlib
import io
import json
import os
import shutil
import tarfile
import zipfile

import numpy as np
from PIL import Image

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "Tests", "Fixtures", "datasets", "containers")


def image(number, format="PNG"):
    """An 8×8 image that no other number gives."""
    generator = np.random.default_rng(number)
    pixels = generator.integers(0, 256, (8, 8, 3), dtype=np.uint8)
    if number % 2:  # flat ones shrink when deflated
        pixels[:] = pixels[0, 0]
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, format, **({"lossless": True} if format == "WEBP" else {}))
    return out.getvalue()


def sha(data):
    return hashlib.sha256(data).hexdigest()


def put(path, data):
    path = os.path.join(ROOT, path)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "wb") as file:
        file.write(data if isinstance(data, bytes) else data.encode())


def tar(path, members, format=tarfile.USTAR_FORMAT):
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=format) as archive:
        for name, data in members:
            data = data if isinstance(data, bytes) else data.encode()
            info = tarfile.TarInfo(name)
            info.size = len(data)
            archive.addfile(info, io.BytesIO(data))
    # Python pads to 10 KiB; the block of zeros that ends a tar is two of 512 bytes.
    data = out.getvalue()
    put(path, data[: len(data.rstrip(b"\0")) + 511 & ~511] + bytes(1024))


def pack(path, members):
    """(name, data, deflated)"""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data, deflated in members:
            info = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o644 << 16
            archive.writestr(info, data, zipfile.ZIP_DEFLATED if deflated else zipfile.ZIP_STORED)
    put(path, out.getvalue())


def npy(array):
    out = io.BytesIO()
    np.save(out, array)
    return out.getvalue()


CIFAR10 = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]


def cifar10_shards(expected):
    """CLIP_benchmark's builder, with the classes listed backwards, and the same images in folders."""
    names = CIFAR10[::-1]
    base = "wds_vtab-cifar10"
    put(f"{base}/classnames.txt", "\n".join(names) + "\n")
    put(f"{base}/zeroshot_classification_templates.txt", "a photo of a {c}.\n")
    rows = []
    for shard in range(11):
        members = []
        for position in range(2):
            number = 2 * shard + position
            label = number * 7 % 10
            ending = ["webp" if shard == 6 else "png", "jpg"][position]
            data = image(number, {"png": "PNG", "jpg": "JPEG", "webp": "WEBP"}[ending])
            key = f"s{number:07d}"
            pair = [(f"{key}.{ending}", data), (f"{key}.cls", f"{label}\n" if shard % 2 else f"{label}")]
            members += pair[::-1] if shard == 3 else pair
            rows.append([f"test/{shard}.tar#{key}.{ending}", names[label], sha(data)])
            put(f"cifar10-folders/{names[label]}/{key}.{ending}", data)
        if shard == 4:  # images first, then labels in another order
            members = [members[2], members[0], members[1], members[3]]
            rows[-2:] = rows[-2:][::-1]
        tar(f"{base}/test/{shard}.tar", members, tarfile.GNU_FORMAT if shard == 5 else tarfile.USTAR_FORMAT)
    put(f"{base}/test/nshards.txt", "11")
    expected[base] = rows


def eurosat_zips(expected):
    """ELEVATER's toolkit; class names as in OpenAI's prompts, in an order of their own."""
    labels = [
        "forest", "permanent crop land", "residential buildings or homes or apartments", "river", "pasture land",
        "lake or sea", "brushland or shrubland", "annual crop land",
        "industrial buildings or commercial buildings", "highway or road",
    ]
    ids = ["Forest", "PermanentCrop", "Residential", "River", "Pasture", "SeaLake", "HerbaceousVegetation", "AnnualCrop",
           "Industrial", "Highway"]
    base = "classification/eurosat_clip_20210930"
    put(f"{base}/labelmap.txt", "\r\n".join(labels) + "\r\n")
    for split, count, first in [("train", 12, 100), ("test", 10, 200)]:
        members, lines, rows = [], [], []
        for position in range(count):
            label = position * 3 % 10
            data = image(first + position)
            name = f"{split}/{labels[label]}/{position} {split}.png" if position % 3 == 0 else f"{split}/{position}.png"
            members.append((name, data, position % 2 == 1))
            lines.append(f"{split}.zip@{name} {label}")
            rows.append([f"{split}.zip@{name}", ids[label], sha(data)])
        pack(f"{base}/{split}.zip", members[::-1])
        put(f"{base}/{split}.txt", "\n".join(lines) + "\n")
        expected[f"{base}/{split}"] = sorted(rows, key=lambda row: row[0].encode())


VOC = ["aeroplane", "bicycle", "bird", "boat", "bottle", "bus", "car", "cat", "chair", "cow", "diningtable", "dog", "horse",
       "motorbike", "person", "pottedplant", "sheep", "sofa", "train", "tvmonitor"]


def voc_multi_label(expected):
    """The same images and labels as ELEVATER's list and as shards."""
    names = ["tv monitor" if name == "tvmonitor" else name for name in VOC[::-1]]
    base = "classification/voc2007_20211030"
    put(f"{base}/labelmap.txt", "\n".join(name if name != "tv monitor" else "tvmonitor" for name in names) + "\n")
    members, lines, rows, shard = [], [], [], []
    for position in range(6):
        labels = sorted({position, (position * 5 + 3) % 20})
        data = image(300 + position)
        members.append((f"{position:06d}.png", data, position % 2 == 0))
        lines.append(f"test.zip@{position:06d}.png {','.join(map(str, labels))}")
        shown = sorted(VOC[::-1][label] for label in labels)
        rows.append([f"test.zip@{position:06d}.png", shown, sha(data)])
        row = np.zeros(20, dtype=[np.int64, np.float32, np.bool_][position % 3])
        row[labels] = 1
        shard += [(f"s{position:07d}.png", data), (f"s{position:07d}.npy", npy(row))]
    pack(f"{base}/test.zip", members)
    put(f"{base}/test.txt", "\n".join(lines) + "\n")
    expected[base] = rows
    base = "wds_voc2007_multilabel"
    put(f"{base}/classnames.txt", "\n".join(VOC[::-1]) + "\n")
    put(f"{base}/dataset_type.txt", "multilabel\n")
    tar(f"{base}/test/0.tar", shard)
    put(f"{base}/test/nshards.txt", "1\n")
    expected[base] = [[f"test/0.tar#s{i:07d}.png", row[1], row[2]] for i, row in enumerate(rows)]


def captions(expected):
    base = "wds_flickr30k"
    put(f"{base}/dataset_type.txt", "retrieval")
    rows = []
    for shard in range(2):
        members = []
        for position in range(2):
            number = 2 * shard + position
            data = image(400 + number, "JPEG")
            texts = [f"Caption {i} of image {number}." for i in range(5)]
            members += [(f"s{number:07d}.jpg", data), (f"s{number:07d}.txt", "\n".join(texts))]
            rows.append([f"test/{shard}.tar#s{number:07d}.jpg", texts, sha(data)])
        tar(f"{base}/test/{shard}.tar", members)
    put(f"{base}/test/nshards.txt", "2")
    expected[base] = rows

    base = "img2dataset"
    rows = []
    sizes = {}
    for shard in range(2):
        members = []
        for position in range(3):
            number = 3 * shard + position
            key = f"{shard:05d}{position:04d}"
            data = image(500 + number, "JPEG")
            text = f"A caption of two\nlines, number {number}" if number == 4 else f" Number {number} "
            label = ["cat", "dog"][number % 2]
            record = {"caption": text, "url": f"https://example.org/{number}", "key": key, "status": "success", "label": label}
            members += [(f"{key}.jpg", data), (f"{key}.json", json.dumps(record)), (f"{key}.txt", text)]
            rows.append([f"{shard:05d}.tar#{key}.jpg", text.strip(), label, sha(data)])
        tar(f"{base}/{shard:05d}.tar", members, tarfile.PAX_FORMAT)
        put(f"{base}/{shard:05d}_stats.json", json.dumps({"count": 3, "successes": 3}))
        sizes[f"{shard:05d}.tar"] = 3
    put(f"{base}/sizes.json", json.dumps(sizes))
    put(f"{base}/classnames.txt", "dog\ncat\n")
    expected[base] = rows


def main():
    shutil.rmtree(ROOT, ignore_errors=True)
    expected = {}
    for make in [cifar10_shards, eurosat_zips, voc_multi_label, captions]:
        make(expected)
    put("expected.json", json.dumps(expected, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
