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


def mat5(path, variables):
    """As MATLAB's save -v6 or -v7 writes them: dicts are elements of struct arrays, lists of texts are cell arrays."""
    stored = {}
    for name, value in variables.items():
        if isinstance(value, list) and isinstance(value[0], dict):
            array = np.empty((1, len(value)), dtype=[(key, object) for key in value[0]])
            for i, row in enumerate(value):
                array[0, i] = tuple(row.values())
            stored[name] = array
        elif isinstance(value, list):
            array = np.empty((1, len(value)), dtype=object)
            array[0, :] = value
            stored[name] = array
        else:
            stored[name] = value
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, stored, do_compression=True)
    data = buffer.getvalue()
    # SciPy writes the time into the header's text.
    path.write_bytes(b"MATLAB 5.0 MAT-file, Platform: GLNXA64".ljust(116) + data[116:])


def mat73(path, variables):
    """The same as MATLAB's save -v7.3 writes them: HDF5 after a header of 512 bytes, arrays transposed, texts as UTF-16, cells and
    fields of struct arrays as references to datasets in #refs#."""
    with h5py.File(path, "w", userblock_size=512, libver="earliest", track_order=False) as file:
        references = []

        def mark(item, kind):
            # A text as C writes it, not padded as h5py's own are.
            form = h5py.h5t.C_S1.copy()
            form.set_size(len(kind))
            space = h5py.h5s.create(h5py.h5s.SCALAR)
            h5py.h5a.create(item.id, b"MATLAB_class", form, space).write(np.array(kind.encode()), mtype=form)

        def plain(group, name, value):
            if isinstance(value, str):
                data, kind = np.array([[ord(c)] for c in value], np.uint16), "char"
            else:
                array = np.atleast_2d(np.asarray(value))
                data, kind = array.T, {"float64": "double"}.get(array.dtype.name, array.dtype.name)
            stored = group.create_dataset(name, data=data, track_times=False)
            mark(stored, kind)
            if kind == "char":
                stored.attrs["MATLAB_int_decode"] = np.int32(2)
            return stored

        def refer(values):
            refs = np.empty((len(values), 1), h5py.ref_dtype)
            for i, value in enumerate(values):
                group = file.require_group("#refs#")
                name = np.base_repr(len(references) + 10, 36).lower()
                references.append(plain(group, name, value).ref)
                refs[i, 0] = references[-1]
            return refs

        for name, value in variables.items():
            if isinstance(value, list) and isinstance(value[0], dict):
                group = file.create_group(name)
                mark(group, "struct")
                names = np.empty(len(value[0]), object)
                names[:] = [np.array(list(key), "S1") for key in value[0]]
                group.attrs.create("MATLAB_fields", names, dtype=h5py.vlen_dtype(np.dtype("S1")))
                for key in value[0]:
                    group.create_dataset(key, data=refer([row[key] for row in value]), track_times=False)
            elif isinstance(value, list):
                stored = file.create_dataset(name, data=refer(value), track_times=False)
                mark(stored, "cell")
            else:
                plain(file, name, value)
    data = bytearray(path.read_bytes())
    data[:128] = b"MATLAB 7.3 MAT-file, Platform: GLNXA64 HDF5 schema 1.00 .".ljust(116) + bytes(8) + b"\x00\x02IM"
    path.write_bytes(data)


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


def mat_files():
    """The three forms of values in both versions of the format, for the reader's own tests."""
    variables = {
        "annotations": [{"bbox_x1": 39.0 + i, "class": np.uint8(c), "fname": f"0000{i + 1}.jpg"} for i, c in enumerate([14, 3, 91])],
        "class_names": ["AM General Hummer SUV 2000", "Ram C/V Cargo Van Minivan 2012", "é"],
        "labels": np.array([[77, 1, 102]], np.uint8), "trnid": np.array([[6765.0, 1, 8189]])}
    folder = OUT / "mat"
    folder.mkdir(parents=True, exist_ok=True)
    mat5(folder / "v5.mat", variables)
    mat73(folder / "v73.mat", variables)


if __name__ == "__main__":
    mat_files()
    food101()
    dtd()
    split_folders("Country211", "country211", ["AD", "NA", "XK"], "jpg")
    split_folders("RenderedSST2", "rendered-sst2", ["negative", "positive"], "png")
