#!/usr/bin/env python3
"""Writes Tests/Fixtures/datasets/<dataset>/<layout>/…: tiny copies, in the true layouts, of the datasets that are image files with
folders or lists for labels, and beside the layouts expected.json: {layout: {split: [[sample id, class id], …]}}.

Run from anywhere with Python 3, numpy, SciPy, h5py and Pillow. The output is deterministic. Tools/crosscheck-torchvision.py then
says what torchvision reads in the same trees.
"""
import csv
import io
import json
import pathlib
import shutil
import zlib

import h5py
import numpy as np
import scipy.io
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/datasets"


class Dataset:
    """A dataset's fixture folder and what its layouts hold."""

    def __init__(self, name):
        self.folder = OUT / name
        self.expected = {}
        self.folder.mkdir(parents=True, exist_ok=True)
        for old in self.folder.iterdir():
            if old.is_dir():
                shutil.rmtree(old)

    def path(self, name):
        target = self.folder / name
        target.parent.mkdir(parents=True, exist_ok=True)
        return target

    def image(self, name, size=(8, 8), mode="RGB"):
        """A random image: smooth, so that JPEG keeps some of it, and another one for each path."""
        random = np.random.RandomState(zlib.crc32(name.encode()))
        channels = {"RGB": 3, "L": 1}[mode]
        low = random.randint(0, 256, (2, 2, channels)).astype(np.uint8).squeeze()
        picture = Image.fromarray(low, mode).resize(size, Image.BILINEAR)
        ending = pathlib.PurePath(name).suffix.lower()
        if ending in (".jpg", ".jpeg"):
            picture.save(self.path(name), "JPEG", quality=80)
        else:
            picture.save(self.path(name), {".png": "PNG", ".ppm": "PPM"}[ending])

    def text(self, name, text):
        self.path(name).write_bytes(text.encode())

    def junk(self, folder, inner):
        """What archives and desktops leave behind."""
        self.text(f"{folder}/{inner}/.DS_Store", "\0")
        self.text(f"{folder}/{inner}/Thumbs.db", "\0")
        self.text(f"{folder}/__MACOSX/._image.jpg", "\0")

    def expect(self, layout, split, samples):
        """samples: (id, class id)."""
        self.expected.setdefault(layout, {})[split] = sorted(map(list, samples), key=lambda s: s[0].encode())

    def close(self):
        lines = []
        for layout, splits in self.expected.items():
            inner = ",\n".join(f"  {json.dumps(s)}: {json.dumps(v, ensure_ascii=False)}" for s, v in splits.items())
            lines.append(f" {json.dumps(layout)}: {{\n{inner}\n }}")
        (self.folder / "expected.json").write_text("{\n" + ",\n".join(lines) + "\n}\n")


def lines(items, end="\n"):
    return "".join(item + end for item in items)


def food101():
    d = Dataset("Food101")
    classes = ["apple_pie", "creme_brulee", "waffles"]
    splits = {"train": ["1005649", "98"], "test": ["1034399"]}
    numbers = {c: {s: [f"{c}/{int(n) + i}" for n in ns] for s, ns in splits.items()} for i, c in enumerate(classes)}
    for layout, base in [("torchvision", "food-101"), ("kaggle", "food41")]:
        for c in classes:
            for names in numbers[c].values():
                for n in names:
                    d.image(f"{layout}/{base}/images/{n}.jpg")
        meta = {"torchvision": "meta", "kaggle": "meta/meta"}[layout]
        for split in splits:
            # CR LF and a byte-order mark, as an editor on Windows leaves them.
            d.text(f"{layout}/{base}/{meta}/{split}.txt",
                   ("\ufeff" if layout == "kaggle" else "")
                   + lines([n for c in classes for n in numbers[c][split]], "\r\n" if layout == "kaggle" else "\n"))
            d.text(f"{layout}/{base}/{meta}/{split}.json", json.dumps({c: numbers[c][split] for c in classes}))
            d.expect(layout, split, [(f"images/{n}.jpg", c) for c in classes for n in numbers[c][split]])
        d.text(f"{layout}/{base}/{meta}/classes.txt", lines(classes))
    d.junk("torchvision/food-101/images", "apple_pie")
    d.expect("torchvision", "all",
             [(f"images/{n}.jpg", c) for c in classes for s in splits for n in numbers[c][s]])
    # CoOp: its own split beside the official images; numbers of classes that mean nothing here.
    d.text("torchvision/food-101/split_zhou_Food101.json", json.dumps({
        "train": [["waffles/100.jpg", 2, "waffles"]], "val": [["apple_pie/98.jpg", 0, "apple_pie"]],
        "test": [["creme_brulee/1034400.jpg", 1, "creme_brulee"]]}))
    d.expect("torchvision", "coop-test", [("creme_brulee/1034400.jpg", "creme_brulee")])
    d.expect("torchvision", "coop-val", [("apple_pie/98.jpg", "apple_pie")])
    # Class folders by split, other spellings of the names.
    for split in splits:
        for folder in ["Apple_Pie", "creme brulee"]:
            d.image(f"split-folders/food101/{split}/{folder}/1.jpg")
        d.expect("split-folders", split,
                 [(f"{split}/Apple_Pie/1.jpg", "apple_pie"), (f"{split}/creme brulee/1.jpg", "creme_brulee")])
    d.close()


def dtd():
    d = Dataset("DTD")
    classes = ["banded", "polka-dotted", "zigzagged"]
    parts = {"train": "0002", "val": "0017", "test": "0099"}
    for layout, base in [("torchvision", "dtd/dtd"), ("coop", "dtd")]:
        for c in classes:
            for number in parts.values():
                d.image(f"{layout}/{base}/images/{c}/{c}_{number}.jpg")
        for split, number in parts.items():
            d.text(f"{layout}/{base}/labels/{split}1.txt", lines(f"{c}/{c}_{number}.jpg" for c in classes))
            d.expect(layout, split, [(f"images/{c}/{c}_{number}.jpg", c) for c in classes])
        d.expect(layout, "trainval",
                 [(f"images/{c}/{c}_{parts[s]}.jpg", c) for c in classes for s in ("train", "val")])
    # Another partition: validation and test images change places.
    base = "torchvision/dtd/dtd"
    for split, number in {"train": "0002", "val": "0099", "test": "0017"}.items():
        d.text(f"{base}/labels/{split}10.txt", lines(f"{c}/{c}_{number}.jpg" for c in classes))
    d.expect("torchvision", "test, partition 10", [(f"images/{c}/{c}_0017.jpg", c) for c in classes])
    d.text(f"{base}/labels/labels_joint_anno.txt", "banded/banded_0002.jpg banded \n")
    d.text("coop/dtd/split_zhou_DescribableTextures.json", json.dumps({
        "train": [["banded/banded_0002.jpg", 0, "banded"]], "val": [],
        "test": [["polka-dotted/polka-dotted_0099.jpg", 7, "polka-dotted"]]}))
    d.expect("coop", "coop-test", [("polka-dotted/polka-dotted_0099.jpg", "polka-dotted")])
    d.expect("coop", "all", [(f"images/{c}/{c}_{n}.jpg", c) for c in classes for n in parts.values()])
    d.close()


def split_folders(name, base, classes, ending):
    d = Dataset(name)
    folders = {"train": "train", "val": "valid", "test": "test"}
    samples = {s: [(f"{f}/{c}/{i}.{ending}", c) for c in classes for i in (1, 10, 2)] for s, f in folders.items()}
    for split, rows in samples.items():
        for path, _ in rows:
            d.image(f"torchvision/{base}/{path}")
        d.expect("torchvision", split, rows)
    d.expect("torchvision", "trainval", samples["train"] + samples["val"])
    d.junk(f"torchvision/{base}", f"test/{classes[0]}")
    d.close()


if __name__ == "__main__":
    food101()
    dtd()
    split_folders("Country211", "country211", ["AD", "NA", "XK"], "jpg")
    split_folders("RenderedSST2", "rendered-sst2", ["negative", "positive"], "png")
