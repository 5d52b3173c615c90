#!/usr/bin/env python3
"""Writes the fixtures of datasets whose labels and pixels lie in files of a form of their own: Tests/Fixtures/datasets/{stl10,
svhn,svhn-full,pcam,pcam-gz,pcam-kaggle,hateful-memes,kitti,clevr,cifar10.1,fairface,utkface,ayahoo}, each with expected.json: split → list of
[sample id, class id, SHA-256 of the RGB pixels], and Tests/Fixtures/deflate.

Run from anywhere with python3 and numpy, scipy, h5py and Pillow. The output is deterministic.
"""
import gzip
import hashlib
import io
import json
import pathlib
import shutil

import h5py
import numpy as np
import scipy.io
from PIL import Image

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures"
OUT = FIXTURES / "datasets"


def fresh(name):
    folder = OUT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def picture(number, size):
    """An image that is no transpose, mirror image or channel order of itself: size×size×3 bytes."""
    y, x = np.mgrid[0:size, 0:size]
    return np.stack(
        [(x * 5 + y // 8 * 11 + number * 37) % 256, (y * 7 + x // 16 + number) % 256,
         (x // 8 * 31 + y // 4 * 3 + number * 101) % 256], axis=-1).astype(np.uint8)


def digest(pixels):
    return hashlib.sha256(np.ascontiguousarray(pixels).tobytes()).hexdigest()


def write(path, content):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content.encode() if isinstance(content, str) else content)


def png(path, number, width=8, height=8):
    image = np.stack([np.full((height, width), (number * k + k) % 256, np.uint8) for k in (40, 3, 90)], axis=-1)
    image[0, :, 0] = np.arange(width) * 8 % 256
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(image).save(path, optimize=True)
    return digest(image)


def gz(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(gzip.compress(data, mtime=0))


def expected(folder, value):
    splits = ",\n".join(f"{json.dumps(split)}: [\n" + ",\n".join(map(json.dumps, entries)) + "]"
                        for split, entries in value.items())
    write(folder / "expected.json", "{" + splits + "}\n")


def stl10():
    folder = fresh("stl10")
    base = folder / "stl10_binary"
    names = "airplane bird car cat deer dog horse monkey ship truck".split()
    labels = {"train": [10, 1, 3, 3, 8], "test": [2, 10, 1]}
    record = {}
    for part, numbers in labels.items():
        images = [picture(10 * len(part) + k, 96) for k in range(len(numbers))]
        # MATLAB's order: the row changes fastest, then the column, then the channel.
        write(base / f"{part}_X.bin", b"".join(image.flatten(order="F").tobytes() for image in images))
        write(base / f"{part}_y.bin", bytes(numbers))
        record[part] = [[f"{part}_X.bin#{k}", names[label - 1], digest(image)]
                        for k, (label, image) in enumerate(zip(numbers, images))]
    write(base / "class_names.txt", "\n".join(names) + "\n")
    folds = [[k % 5, (k * 3 + 2) % 5 if (k * 3 + 2) % 5 != k % 5 else (k + 1) % 5] for k in range(10)]
    # The official file has a space before each line's end, and CR LF in some copies.
    write(base / "fold_indices.txt", "".join(" ".join(map(str, fold)) + " \r\n" for fold in folds))
    for k, fold in enumerate(folds):
        record[f"fold{k}"] = [record["train"][i] for i in fold]
    expected(folder, record)


def mat5(path, variables, compressed):
    buffer = io.BytesIO()
    scipy.io.savemat(buffer, variables, do_compression=compressed)
    data = bytearray(buffer.getvalue())
    # The header's text holds the date.
    data[:116] = b"MATLAB 5.0 MAT-file, Platform: GLNXA64, Created by make-record-dataset-fixtures.py".ljust(116)
    write(path, bytes(data))


def svhn():
    folder = fresh("svhn")
    labels = {"train": [1, 9, 2, 10], "test": [5, 10, 1], "extra": [4, 10]}
    record = {}
    for part, numbers in labels.items():
        images = [picture(20 * len(part) + k, 32) for k in range(len(numbers))]
        X = np.stack(images, axis=-1)
        y = np.array(numbers, np.uint8)[:, None]
        if part == "test":
            y = y.astype(np.float64)  # as MATLAB has it
        mat5(folder / f"{part}_32x32.mat", {"X": X, "y": y}, compressed=part != "test")
        record[part] = [[f"{part}_32x32.mat#{k}", str(label % 10), digest(image)]
                        for k, (label, image) in enumerate(zip(numbers, images))]
    expected(folder, record)


def hdf5(path, fill, compress=False, **options):
    buffer = io.BytesIO()
    with h5py.File(buffer, "w", libver=("earliest", "v110"), **options) as file:
        fill(file)
    if compress:
        gz(path, buffer.getvalue())
    else:
        write(path, buffer.getvalue())
    return buffer.getvalue()


def pcam():
    for name, suffix in [("pcam", ".h5"), ("pcam-gz", ".h5.gz")]:
        folder = fresh(name)
        record = {}
        for part, labels in {"train": [0, 1, 1], "valid": [1, 0], "test": [0, 1]}.items():
            if name == "pcam-gz" and part != "test":
                continue
            images = np.stack([picture(30 * len(part) + k, 96) for k in range(len(labels))])
            # Contiguous, and in compressed chunks that do not hold whole images.
            layout = {"train": {"chunks": (2, 40, 24, 2), "compression": "gzip"}, "test": {},
                      "valid": {"chunks": (2, 96, 96, 3), "compression": "gzip", "shuffle": True}}[part]
            stem = f"camelyonpatch_level_2_split_{part}"
            hdf5(folder / "pcam" / f"{stem}_x{suffix}",
                 lambda file: file.create_dataset("x", data=images, **layout), compress=suffix.endswith("gz"))
            hdf5(folder / "pcam" / f"{stem}_y{suffix}",
                 lambda file: file.create_dataset(
                     "y", data=np.array(labels, np.uint8 if part == "test" else ">i2").reshape(-1, 1, 1, 1),
                     **({} if part == "test" else {"chunks": (2, 1, 1, 1), "compression": "gzip", "shuffle": True})),
                 compress=suffix.endswith("gz"))
            record["val" if part == "valid" else part] = [
                [f"{stem}_x.h5#{k}", str(label), digest(image)]
                for k, (label, image) in enumerate(zip(labels, images))]
        if name == "pcam":
            record["trainval"] = record["train"] + record["val"]
        expected(folder, record)
    folder = fresh("pcam-kaggle")
    tiff = io.BytesIO()
    Image.fromarray(picture(1, 8)).save(tiff, format="TIFF")
    for name in ["f38a6374c348f90b587e046aac6079959adf3835", "c18f2d887b7ae4f6742ee445113fa1aef383ed77"]:
        write(folder / f"train/{name}.tif", tiff.getvalue())
    write(folder / "test/0b2ea2a822ad23fdb1b5dd26653da899fbd2c0d5.tif", tiff.getvalue())
    write(folder / "train_labels.csv", "id,label\nf38a6374c348f90b587e046aac6079959adf3835,0\n"
          "c18f2d887b7ae4f6742ee445113fa1aef383ed77,1\n")


def hateful_memes():
    folder = fresh("hateful-memes")
    record, number = {}, 0
    splits = {"train": [1, 0, 0], "dev_seen": [0, 1], "dev_unseen": [1], "test_seen": [None, None], "test_unseen": [0, 1]}
    for split, labels in splits.items():
        lines, entries = [], []
        for label in labels:
            number += 1
            id = f"{number * 1234 % 100000:05d}"
            line = {"id": int(id), "img": f"img/{id}.png"}
            if label is not None:
                line["label"] = label
            # Texts hold line separators that are no ends of lines, and quotes.
            line["text"] = "it's \"quoted\"\u2028next"
            lines.append(json.dumps(line, ensure_ascii=False))
            entries.append([f"img/{id}.png", str(label), png(folder / f"img/{id}.png", number)])
        write(folder / f"{split}.jsonl", "\n".join(lines) + "\n")
        if labels[0] is not None:
            record[split] = entries
    expected(folder, record)


def kitti():
    folder = fresh("kitti")
    rng = np.random.RandomState(5)
    count, drives = 40, 12
    # Raw recordings: several lines a drive; the object benchmark takes them in random order.
    lines = [f"2011_09_{26 + d % 3:02d} 2011_09_{26 + d % 3:02d}_drive_{d * 7:04d}_sync {f:010d}"
             for d in range(drives) for f in range(4)]
    order = rng.permutation(len(lines))[:count] + 1
    write(folder / "devkit/mapping/train_mapping.txt", "\n".join(lines) + "\n")
    write(folder / "devkit/mapping/train_rand.txt", ",".join(map(str, order)) + "\n")
    scenes = [
        ("0", "Car 0.00 0 -1.58 587.01 173.33 614.12 200.12 1.65 1.67 3.64 -0.65 1.71 46.70 -1.59\n"
              "Van 0.00 0 1.0 0 0 10 10 2.0 1.9 4.0 1.0 1.7 7.99 0.1\n"),
        ("0", "Truck 0.00 0 1.0 0 0 10 10 2.0 1.9 4.0 1.0 1.7 8.00 0.1\n"),
        ("1", "Car 0.00 0 1.0 0 0 10 10 2.0 1.9 4.0 1.0 1.7 8.01 0.1\nPedestrian 0.00 0 1.0 0 0 1 1 1 1 1 0 1 2.00 0.1\n"),
        ("2", "Car 0.00 0 1.0 0 0 10 10 2.0 1.9 4.0 1.0 1.7 20.01 0.1\n"
              "DontCare -1 -1 -10 503.89 169.71 590.61 190.13 -1 -1 -1 -1000 -1000 -1000 -10\n"),
        ("3", "Cyclist 0.00 0 1.0 0 0 10 10 2.0 1.9 4.0 1.0 1.7 5.00 0.1\nTram 0.00 0 1.0 0 0 1 1 1 1 1 0 1 2.00 0.1\n"),
        ("3", ""),
    ]
    ids = ["below_8", "below_20", "above_20", "no_vehicle"]
    entries = {}
    for image in range(count):
        label, text = scenes[image % len(scenes)]
        write(folder / f"training/label_2/{image:06d}.txt", text)
        entries[image] = [f"training/image_2/{image:06d}.png", ids[int(label)],
                          png(folder / f"training/image_2/{image:06d}.png", image, width=12, height=4)]
    # TFDS 3.1.0: a tenth of the drives for testing, then a tenth for validation, drawn by NumPy's legacy generator.
    names = [lines[k - 1].split(" ")[1] for k in order]
    present = sorted(set(names))
    draw = np.random.RandomState(123)
    test = set(draw.choice(present, max(1, 10 * len(present) // 100), replace=False))
    val = set(draw.choice(sorted(set(present) - test), max(1, 10 * len(present) // 100), replace=False))
    split = {k: "test" if d in test else "val" if d in val else "train" for k, d in enumerate(names)}
    record = {part: [entries[k] for k in range(count) if split[k] == part] for part in ["train", "val", "test"]}
    record["trainval"] = [entries[k] for k in range(count) if split[k] != "test"]
    expected(folder, record)
    draws = []
    for population in [1, 2, 12, 138, 1000]:
        state = np.random.RandomState(123)
        draws.append([population, state.permutation(population)[:20].tolist(), state.permutation(population)[:20].tolist()])
    write(folder / "numpy-permutations.json", json.dumps(draws) + "\n")


def clevr():
    folder = fresh("clevr")
    base = folder / "CLEVR_v1.0"
    record = {}
    for split, counts in {"train": [3, 10, 4], "val": [5, 3]}.items():
        scenes = []
        record[split] = []
        for index, count in enumerate(counts):
            name = f"CLEVR_{split}_{index:06d}.png"
            objects = [{"color": "re\"d]", "size": "large", "rotation": 269.8 + k, "shape": "sphere", "3d_coords":
                        [-2.5e-1, 1.5, 0.7], "material": "rubber", "pixel_coords": [269, 88, 12.6]} for k in range(count)]
            relations = {side: [[j for j in range(count) if j != i] for i in range(count)] for side in ["right", "left"]}
            scenes.append({"objects": objects, "relationships": relations, "image_filename": name, "split": split,
                           "directions": {"right": [0.6563, 0.7544, -0.0]}, "image_index": index})
            record[split].append([f"images/{split}/{name}", str(count), png(base / f"images/{split}/{name}", index)])
        write(base / f"scenes/CLEVR_{split}_scenes.json",
              json.dumps({"info": {"date": "2/14/2017", "split": split, "version": "1.0"}, "scenes": scenes}))
    png(base / "images/test/CLEVR_test_000000.png", 9)
    expected(folder, record)


def cifar10_1():
    folder = fresh("cifar10.1")
    names = "airplane automobile bird cat deer dog frog horse ship truck".split()
    record = {}
    for version, labels in {"v4": [9, 0, 3], "v6": [6, 6]}.items():
        images = np.stack([picture(ord(version[1]) + k, 32) for k in range(len(labels))])
        path = folder / "datasets"
        path.mkdir(exist_ok=True)
        np.save(path / f"cifar10.1_{version}_data.npy", images)
        np.save(path / f"cifar10.1_{version}_labels.npy", np.array(labels, np.int32 if version == "v6" else np.int64))
        record[version] = [[f"cifar10.1_{version}_data.npy#{k}", names[label], digest(image)]
                           for k, (label, image) in enumerate(zip(labels, images))]
    expected(folder, record)


def fairface():
    folder = fresh("fairface")
    rows = {
        "train": [("59", "50-59", "Male", "East Asian"), ("1", "more than 70", "Female", "Latino_Hispanic")],
        "val": [("3-9", "3-9", "Female", "Southeast Asian"), ("2", "0-2", "Male", "Middle Eastern"),
                ("10", "20-29", "Female", "White")],
    }
    record = {}
    for split, people in rows.items():
        lines = ["file,age,gender,race,service_test"]
        for k, (name, age, gender, race) in enumerate(people):
            if split == "val":
                name = str([1, 2, 10][k])
            lines.append(f"{split}/{name}.jpg,{age},{gender},{race},{k % 2 == 0}")
            pixels = np.full((8, 8, 3), 40 * k + 10, np.uint8)
            path = folder / f"{split}/{name}.jpg"
            path.parent.mkdir(parents=True, exist_ok=True)
            Image.fromarray(pixels).save(path, quality=95)
            decoded = digest(np.asarray(Image.open(path).convert("RGB")))
            for attribute, value in zip(["age", "gender", "race"], [age, gender, race]):
                record.setdefault(f"{attribute}-{split}", []).append([f"{split}/{name}.jpg", value, decoded])
        write(folder / f"fairface_label_{split}.csv", "\r\n".join(lines) + "\r\n")
    for entries in record.values():
        entries.sort()
    expected(folder, record)


def utkface():
    folder = fresh("utkface")
    # As published: two with a slip after the fields, three without a field, and one that says nothing.
    names = ["100_1_0_20170110183726390.jpg.chip.jpg", "1_0_2_20161219140530307.jpg.chip.jpg",
             "55_0_0_20170116232725357jpg.chip.jpg", "24_0_1_20170116220224657 .jpg.chip.jpg", "9_1_4_20170103200637399.jpg.chip.jpg",
             "61_1_20170109142408075.jpg.chip.jpg", "39_1_20170116174525125.jpg.chip.jpg", "face.jpg"]
    record = {"age": [], "gender": [], "race": []}
    for k, name in enumerate(names):
        path = folder / "UTKFace" / name
        path.parent.mkdir(exist_ok=True)
        Image.fromarray(np.full((8, 8, 3), 20 * k + 10, np.uint8)).save(path, quality=95)
        decoded = digest(np.asarray(Image.open(path).convert("RGB")))
        fields = name.split("_")
        if len(fields) == 4:
            age = int(fields[0])
            bins = [(2, "0-2"), (9, "3-9"), (19, "10-19"), (29, "20-29"), (39, "30-39"), (49, "40-49"), (59, "50-59"), (69, "60-69")]
            record["age"].append([name, next((label for top, label in bins if age <= top), "more than 70"), decoded])
            record["gender"].append([name, ["Male", "Female"][int(fields[1])], decoded])
            record["race"].append([name, "White Black Asian Indian Others".split()[int(fields[2])], decoded])
    for entries in record.values():
        entries.sort()
    expected(folder, record)


def svhn_full():
    folder = fresh("svhn-full")
    record = {}
    numbers = {"train": [[1, 9], [2, 3], [10]], "test": [[5], [2, 10, 10], [7]]}
    for part, labels in numbers.items():
        base = folder / part

        def fill(file):
            refs = file.create_group("#refs#")
            struct = file.create_group("digitStruct")
            struct.attrs["MATLAB_class"] = np.bytes_("struct")
            names, boxes = [], []
            for k, digits in enumerate(labels):
                text = refs.create_dataset(f"n{k}", data=np.array([[ord(c)] for c in f"{k + 1}.png"], np.uint16))
                text.attrs["MATLAB_class"] = np.bytes_("char")
                names.append(text.ref)
                box = refs.create_group(f"b{k}")
                for field in ["height", "label", "left", "top", "width"]:
                    values = [float(d) if field == "label" else 4.0 + i for i, d in enumerate(digits)]
                    if field == "left":
                        values = [float(3 * i) for i in range(len(digits))]
                    if len(digits) == 1:
                        box.create_dataset(field, data=np.array([values]))
                    else:
                        cells = [refs.create_dataset(f"v{k}{field}{i}", data=np.array([[v]])).ref for i, v in enumerate(values)]
                        box.create_dataset(field, data=np.array(cells, dtype=h5py.ref_dtype).reshape(-1, 1), dtype=h5py.ref_dtype)
                boxes.append(box.ref)
            for field, values in [("name", names), ("bbox", boxes)]:
                # MATLAB compresses long columns.
                layout = {"chunks": (2, 1), "compression": "gzip"} if part == "train" else {}
                struct.create_dataset(field, data=np.array(values, dtype=h5py.ref_dtype).reshape(-1, 1),
                                      dtype=h5py.ref_dtype, **layout)

        # MATLAB puts a header of 512 bytes before the HDF5 file.
        data = bytearray(hdf5(base / "digitStruct.mat", fill, userblock_size=512))
        data[:128] = (b"MATLAB 7.3 MAT-file, Platform: GLNXA64".ljust(116) + bytes(8) + b"\x00\x02IM")
        write(base / "digitStruct.mat", bytes(data))
        write(base / "see_bboxes.m", "% shows the boxes\n")
        record[part] = []
        for k, digits in enumerate(labels):
            record[part].append([f"{part}/{k + 1}.png", "".join(str(d % 10) for d in digits),
                                 png(base / f"{k + 1}.png", 10 + k)])
    expected(folder, record)


def ayahoo():
    folder = fresh("ayahoo")
    for k, name in enumerate(["bag", "building", "jetski"]):
        png(folder / f"ayahoo_test_images/{name}_{k + 1}.png", k)
    names = {"bag": 1, "building": 2, "jetski": 3}
    write(folder / "classes.txt", "bag\nbuilding\ncarriage\njetski\n")
    write(folder / "test.txt", "".join(f"ayahoo_test_images/{name}_{k}.png {name}\n" for name, k in names.items()))
    for k, name in enumerate(["zoo", "abbey", "attic"]):
        png(folder / f"folders/{name}/sun_{k}.png", k)


def deflate():
    """Digits of a small generator, in two gzip members of several blocks each."""
    folder = FIXTURES / "deflate"
    folder.mkdir(parents=True, exist_ok=True)
    state, digits = 1, bytearray()
    for _ in range(120_000):
        state = (state * 48271) % 2147483647
        digits.append(48 + state % 10)
    gz(folder / "digits.gz", bytes(digits[:70_000]))
    first = (folder / "digits.gz").read_bytes()
    gz(folder / "digits.gz", bytes(digits[70_000:]))
    write(folder / "digits.gz", first + (folder / "digits.gz").read_bytes() + bytes(16))


for make in [stl10, svhn, pcam, hateful_memes, kitti, clevr, cifar10_1, fairface, utkface, svhn_full, ayahoo, deflate]:
    make()
