#!/usr/bin/env python3
"""Writes Tests/Fixtures/datasets/<dataset>/<layout>/…: tiny copies, in the true layouts, of the datasets that are image files with
folders or lists for labels, and beside the layouts expected.json: {layout: {split: [[sample id, class id], …]}}.

Run from anywhere with Python 3, numpy, SciPy, h5py and Pillow. The output is deterministic. Tools/crosscheck-torchvision.py then
says what torchvision reads in the same trees.
"""
import io
import json
import pathlib
import re
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


def mat5(path, variables, compressed=True):
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
    scipy.io.savemat(buffer, stored, do_compression=compressed)
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


def sun397():
    d = Dataset("SUN397")
    classes = ["a/abbey", "a/apartment_building/outdoor", "a/apse/indoor", "y/youth_hostel"]
    owner = {c: c[2:] for c in classes}
    images = {c: [f"{c}/sun_a{i}{chr(97 + k) * 6}.jpg" for i in range(3)] for k, c in enumerate(classes)}
    lists = {"train": ("Training", 0), "test": ("Testing", 1)}
    for layout, base, partitions in [("torchvision", "SUN397", "SUN397"), ("partitions", "SUN397", "SUN397/Partitions"),
                                     ("coop", "sun397/SUN397", "sun397")]:
        for names in images.values():
            for n in names:
                d.image(f"{layout}/{base}/{n}")
        for split, (title, i) in lists.items():
            d.text(f"{layout}/{partitions}/{title}_01.txt", lines("/" + images[c][i] for c in classes))
            d.expect(layout, split, [(images[c][i], owner[c]) for c in classes])
    # Another partition, with only the other images in its tests; a third image of each class is in neither list.
    d.text("torchvision/SUN397/Testing_10.txt", lines("/" + images[c][2] for c in classes))
    d.expect("torchvision", "test, partition 10", [(images[c][2], owner[c]) for c in classes])
    d.text("torchvision/SUN397/ClassName.txt", lines(f"/{c}" for c in classes))
    d.expect("torchvision", "all", [(n, owner[c]) for c in classes for n in images[c]])
    d.text("coop/sun397/split_zhou_SUN397.json", json.dumps({
        "train": [], "val": [], "test": [[images[classes[1]][1], 8, "outdoor apartment building"],
                                         [images[classes[3]][1], 396, "youth hostel"]]}))
    d.expect("coop", "coop-test", [(images[c][1], owner[c]) for c in (classes[1], classes[3])])
    d.close()


def car_names():
    """The 196 names in their order, as the adapter has them: numbers in the annotations are positions in this list."""
    source = (OUT.parent.parent.parent / "Sources/Datasets/ClassNames/FolderNames+StanfordCars.swift").read_text()
    return re.findall(r'"([^"]+)"', source)


def stanford_cars():
    d = Dataset("StanfordCars")
    names = car_names()
    # 1-based: 1 is the first class, 196 the last; 174 has a slash in its name.
    slash = names.index("Ram C/V Cargo Van Minivan 2012") + 1
    train, test = [14, 1, 196], [slash, 3, 196, 1]

    def annotations(numbers, labelled=True):
        rows = []
        for i, number in enumerate(numbers):
            row = {"bbox_x1": np.uint8(1), "bbox_y1": np.uint8(2), "bbox_x2": np.uint16(300), "bbox_y2": np.uint16(7)}
            if labelled:
                row["class"] = np.uint8(number)
            rows.append(row | {"fname": f"{i + 1:05d}.jpg"})
        return rows

    for layout, mat in [("torchvision", mat5), ("v7.3", mat73)]:
        base = f"{layout}/stanford_cars"
        mat(d.path(f"{base}/devkit/cars_meta.mat"), {"class_names": names})
        mat(d.path(f"{base}/devkit/cars_train_annos.mat"), {"annotations": annotations(train)})
        mat(d.path(f"{base}/devkit/cars_test_annos.mat"), {"annotations": annotations(test, labelled=False)})
        mat(d.path(f"{base}/cars_test_annos_withlabels.mat"), {"annotations": annotations(test)})
        for split, numbers in [("train", train), ("test", test)]:
            for i, number in enumerate(numbers):
                d.image(f"{base}/cars_{split}/{i + 1:05d}.jpg")
            d.expect(layout, split, [(f"cars_{split}/{i + 1:05d}.jpg", names[n - 1]) for i, n in enumerate(numbers)])
    # CoOp puts the year first.
    d.text("torchvision/stanford_cars/split_zhou_StanfordCars.json", json.dumps({
        "train": [], "val": [["cars_train/00003.jpg", 195, "2012 smart fortwo Convertible"]],
        "test": [["cars_test/00001.jpg", slash - 1, "2012 Ram C/V Cargo Van Minivan"],
                 ["cars_test/00004.jpg", 0, "2000 AM General Hummer SUV"]]}))
    d.expect("torchvision", "coop-test", [("cars_test/00001.jpg", names[slash - 1]), ("cars_test/00004.jpg", names[0])])
    # Kaggle: folders of classes, without the slash.
    for split in ("train", "test"):
        for folder in ("Ram C-V Cargo Van Minivan 2012", "Acura RL Sedan 2012"):
            d.image(f"kaggle/car_data/car_data/{split}/{folder}/00001.jpg")
        d.expect("kaggle", split, [(f"{split}/Ram C-V Cargo Van Minivan 2012/00001.jpg", names[slash - 1]),
                                   (f"{split}/Acura RL Sedan 2012/00001.jpg", "Acura RL Sedan 2012")])
    # One file for all images.
    rows = [{"relative_im_path": f"car_ims/{i + 1:06d}.jpg", "class": np.uint8(n), "test": np.uint8(i % 2)}
            for i, n in enumerate([1, 196, 2])]
    mat5(d.path("car_ims/cars/cars_annos.mat"), {"annotations": rows, "class_names": names})
    for i in range(3):
        d.image(f"car_ims/cars/car_ims/{i + 1:06d}.jpg")
    d.expect("car_ims", "train", [("car_ims/000001.jpg", names[0]), ("car_ims/000003.jpg", names[1])])
    d.expect("car_ims", "test", [("car_ims/000002.jpg", names[195])])
    d.close()


def aircraft():
    d = Dataset("FGVCAircraft")
    source = (OUT.parent.parent.parent / "Sources/Datasets/ClassNames/FolderNames+FGVCAircraft.swift").read_text()
    variants = re.findall(r'"([^"]+)"', source)
    images = {"1025794": ("707-320", "Boeing 707", "Boeing", "train"), "0034309": ("F/A-18", "F/A-18", "McDonnell Douglas", "val"),
              "0481847": ("Boeing 717", "Boeing 717", "Boeing", "test"), "0062765": ("F-16A/B", "F-16", "Lockheed Martin", "test"),
              "1900000": ("Yak-42", "Yak-42", "Yakovlev", "test")}
    for layout, base in [("torchvision", "fgvc-aircraft-2013b/data"), ("coop", "fgvc_aircraft")]:
        d.text(f"{layout}/{base}/variants.txt", lines(variants))
        for level, column, file in [("variant", 0, None), ("family", 1, "families"), ("manufacturer", 2, "manufacturers")]:
            if file:
                d.text(f"{layout}/{base}/{file}.txt", lines(sorted({row[column] for row in images.values()})))
            for split in ("train", "val", "trainval", "test"):
                rows = [(i, row[column]) for i, row in images.items() if row[3] in split]
                d.text(f"{layout}/{base}/images_{level}_{split}.txt", lines(f"{i} {c}" for i, c in rows))
                d.expect(layout, split + ("" if column == 0 else f", level {level}"),
                         [(f"images/{i}.jpg", c) for i, c in rows])
        for i in images:
            d.image(f"{layout}/{base}/images/{i}.jpg")
    d.close()


def flowers():
    d = Dataset("Flowers102")
    # Image i has class labels[i - 1]; 10 and 2 tell numbers from texts.
    labels = [77, 2, 10, 102, 1, 10, 2, 100, 99]
    sets = {"train": ("trnid", [2, 5]), "val": ("valid", [3, 9]), "test": ("tstid", [8, 1, 4, 6, 7])}
    path = "jpg/image_{:05d}.jpg".format
    for layout, mat, base in [("torchvision", mat5, "flowers-102"), ("v7.3", mat73, "oxford_flowers")]:
        mat(d.path(f"{layout}/{base}/imagelabels.mat"), {"labels": np.array([labels], np.uint8)})
        mat(d.path(f"{layout}/{base}/setid.mat"), {key: np.array([ids], np.uint16) for key, ids in sets.values()})
        for i in range(1, len(labels) + 1):
            d.image(f"{layout}/{base}/{path(i)}")
        for split, (_, ids) in sets.items():
            d.expect(layout, split, [(path(i), str(labels[i - 1])) for i in ids])
    d.expect("torchvision", "trainval", [(path(i), str(labels[i - 1])) for i in [2, 5, 3, 9]])
    d.expect("torchvision", "all", [(path(i), str(c)) for i, c in enumerate(labels, 1)])
    d.text("torchvision/flowers-102/split_zhou_OxfordFlowers.json", json.dumps({
        "train": [], "val": [], "test": [["image_00003.jpg", 9, "globe thistle"], ["image_00008.jpg", 99, "blanket flower"]]}))
    d.expect("torchvision", "coop-test", [("image_00003.jpg", "10"), ("image_00008.jpg", "100")])
    for split in ("train", "valid", "test"):
        for number in ("1", "10", "100", "2", "102"):
            d.image(f"kaggle/flower_data/{split}/{number}/image_0{number:0>4}.jpg")
        d.expect("kaggle", split, [(f"{split}/{n}/image_0{n:0>4}.jpg", n) for n in ("1", "10", "100", "2", "102")])
    d.text("kaggle/flower_data/cat_to_name.json", json.dumps({"21": "fire lily", "3": "canterbury bells"}))
    d.close()


def birdsnap():
    d = Dataset("Birdsnap")
    species = ["Acadian_Flycatcher", "Black_and_white_Warbler", "Yellow_throated_Warbler"]
    train = [f"{s}/{i}.jpg" for i, s in enumerate(species)] + [f"{species[0]}/12.jpg"]
    test = [f"{s}/10{i}.jpg" for i, s in enumerate(species)]
    for p in train + test:
        d.image(f"archive/birdsnap/download/images/{p}")
    d.text("archive/birdsnap/images.txt", "url\tmd5\tpath\tspecies_id\tbb_x1\tbb_y1\tbb_x2\tbb_y2\n" + lines(
        f"http://example.org/{i}.jpg\t{i:032x}\t{p}\t{i}\t1\t2\t7\t8" for i, p in enumerate(train + test)))
    d.text("archive/birdsnap/test_images.txt", "path\n" + lines(test))
    d.text("archive/birdsnap/species.txt", "id\tcommon\tscientific\tdir\n" + lines(
        f"{i + 1}\t{s.replace('_', ' ')}\tAves\t{s}" for i, s in enumerate(species)))
    images = "download/images/"
    owner = lambda p: p.split("/")[0]
    d.expect("archive", "train", [(images + p, owner(p)) for p in train])
    d.expect("archive", "test", [(images + p, owner(p)) for p in test])
    d.expect("archive", "all", [(images + p, owner(p)) for p in train + test])
    for split, paths in [("train", train), ("test", test)]:
        for p in paths[:2]:
            d.image(f"split-folders/birdsnap/{split}/{p}")
        d.expect("split-folders", split, [(f"{split}/{p}", owner(p)) for p in paths[:2]])
    d.close()


def resisc45():
    d = Dataset("RESISC45")
    classes = ["airplane", "baseball_diamond", "thermal_power_station"]
    paths = {c: [f"{c}/{c}_{i:03d}.jpg" for i in (1, 2, 10)] for c in classes}
    for names in paths.values():
        for n in names:
            d.image(f"lists/NWPU-RESISC45/{n}")
    d.expect("lists", "all", [(n, c) for c in classes for n in paths[c]])
    for i, split in enumerate(("train", "val", "test")):
        # Names alone, in an order of their own; the lists lie beside the folder of the images.
        d.text(f"lists/resisc45-{split}.txt", lines(n[i].split("/")[1] for n in reversed(paths.values())))
        d.expect("lists", split, [(paths[c][i], c) for c in classes])
    d.expect("lists", "trainval", [(paths[c][i], c) for c in classes for i in (0, 1)])
    for split in ("train", "val", "test"):
        for folder in ("airplane", "thermal power station"):
            d.image(f"split-folders/resisc45/{split}/{folder}/001.jpg")
        d.expect("split-folders", split, [(f"{split}/{f}/001.jpg", f.replace(" ", "_")) for f in ("airplane", "thermal power station")])
    d.close()


def gtsrb():
    d = Dataset("GTSRB")
    header = "Filename;Width;Height;Roi.X1;Roi.Y1;Roi.X2;Roi.Y2;ClassId"
    signs = [0, 2, 10, 42]
    for layout, base, folder in [("torchvision", "gtsrb/GTSRB", "Training"), ("final", "GTSRB", "Final_Training/Images")]:
        for c in signs:
            names = [f"00000_{i:05d}.ppm" for i in range(2)]
            for n in names:
                d.image(f"{layout}/{base}/{folder}/{c:05d}/{n}")
            d.text(f"{layout}/{base}/{folder}/{c:05d}/GT-{c:05d}.csv",
                   lines([header] + [f"{n};8;8;1;1;7;7;{c}" for n in names], "\r\n"))
        d.expect(layout, "train", [(f"{folder}/{c:05d}/00000_{i:05d}.ppm", f"{c:05d}") for c in signs for i in range(2)])
        test = [16, 1, 38, 2]
        for i in range(len(test)):
            d.image(f"{layout}/{base}/Final_Test/Images/{i:05d}.ppm")
        rows = [f"{i:05d}.ppm;8;8;1;1;7;7" for i in range(len(test))]
        # Beside the images lies a table without labels.
        d.text(f"{layout}/{base}/Final_Test/Images/GT-final_test.test.csv", lines([header[:-8]] + rows, "\r\n"))
        d.text({"torchvision": "torchvision/gtsrb/GT-final_test.csv", "final": "final/GTSRB/Final_Test/Images/GT-final_test.csv"}[layout],
               lines([header] + [f"{r};{c}" for r, c in zip(rows, test)], "\r\n"))
        d.expect(layout, "test", [(f"Final_Test/Images/{i:05d}.ppm", f"{c:05d}") for i, c in enumerate(test)])
    # Kaggle: folders without zeros, PNG, commas, and the path in the last column.
    columns = "Width,Height,Roi.X1,Roi.Y1,Roi.X2,Roi.Y2,ClassId,Path"
    for c in signs:
        d.image(f"kaggle/Train/{c}/{c:05d}_00000_00000.png")
    d.text("kaggle/Train.csv", lines([columns] + [f"8,8,1,1,7,7,{c},Train/{c}/{c:05d}_00000_00000.png" for c in signs]))
    d.expect("kaggle", "train", [(f"Train/{c}/{c:05d}_00000_00000.png", f"{c:05d}") for c in signs])
    for i, c in enumerate(test):
        d.image(f"kaggle/Test/{i:05d}.png")
    d.text("kaggle/Test.csv", lines([columns] + [f"8,8,1,1,7,7,{c},Test/{i:05d}.png" for i, c in enumerate(test)]))
    d.expect("kaggle", "test", [(f"Test/{i:05d}.png", f"{c:05d}") for i, c in enumerate(test)])
    d.text("kaggle/Meta.csv", lines(["Path,ClassId,ShapeId,ColorId,SignId"] + [f"Meta/{c}.png,{c},1,0,3" for c in signs]))
    d.close()


def fer2013():
    d = Dataset("FER2013")
    names = ["angry", "disgust", "fear", "happy", "sad", "surprise", "neutral"]
    rows = [(0, "Training"), (6, "Training"), (4, "PublicTest"), (1, "PrivateTest"), (6, "PublicTest"), (5, "PrivateTest")]

    def pixels(seed):
        # Few different values, so that the file packs well.
        return " ".join(map(str, np.random.RandomState(seed).choice([0, 7, 128, 255], 48 * 48)))

    tables = {"torchvision": ("fer2013.csv", "emotion,pixels,Usage", lambda e, p, u: f"{e},{p},{u}"),
              # The later copy: another order, spaces in the header.
              "icml": ("icml_face_data.csv", "emotion, Usage, pixels", lambda e, p, u: f"{e},{u},{p}")}
    parts = {"train": {"Training"}, "val": {"PublicTest"}, "test": {"PrivateTest"}, "trainval": {"Training", "PublicTest"},
             "public+private": {"PublicTest", "PrivateTest"}}
    for layout, (file, header, line) in tables.items():
        kept = rows if layout == "torchvision" else rows[2:5]
        d.text(f"{layout}/fer2013/{file}", lines([header] + [line(e, pixels(i), u) for i, (e, u) in enumerate(kept)]))
        for split, usages in parts.items():
            found = [(f"{file}#{i}", names[e]) for i, (e, u) in enumerate(kept) if u in usages]
            if found:
                d.expect(layout, split, found)
    for split, emotions in [("train", names), ("test", ["disgust", "neutral", "sad"])]:
        for e in emotions:
            d.image(f"folders/fer2013/{split}/{e}/im0.png", mode="L")
        d.expect("folders", split, [(f"{split}/{e}/im0.png", e) for e in emotions])
    d.expect("folders", "public+private", [(f"test/{e}/im0.png", e) for e in ["disgust", "neutral", "sad"]])
    d.close()


def pet_breeds():
    names = (OUT.parent.parent.parent / "Sources/Datasets/FolderNames.swift").read_text()
    return re.findall(r'"([^"]+)"', names[names.index("static let pets"):names.index("static let caltech101")])


def oxford_pets():
    """All breeds: torchvision takes the numbers of the classes for positions in a list of those that it meets."""
    d = Dataset("OxfordPets")
    breeds = pet_breeds()
    # The lists number them without regard to case.
    number = {b: i + 1 for i, b in enumerate(sorted(breeds, key=str.lower))}
    base = "torchvision/oxford-iiit-pet"
    for split, images in [("trainval", 0), ("test", 100)]:
        rows = [(f"{b}_{images + number[b]}", b) for b in sorted(breeds, key=str.lower)]
        for stem, _ in rows:
            d.image(f"{base}/images/{stem}.jpg", size=(4, 4))
        d.text(f"{base}/annotations/{split}.txt", lines(
            f"{stem} {number[b]} {1 if b[0].isupper() else 2} 1" for stem, b in rows))
        d.expect("torchvision", split, [(f"images/{stem}.jpg", b) for stem, b in rows])
    d.text(f"{base}/images/Abyssinian_100.mat", "")
    d.close()


def class_folders(name, base, classes, file, split="all", prefix=""):
    d = Dataset(name)
    rows = [(f"{prefix}{c}/" + file(c, i), c) for c in classes for i in (1, 2)]
    for path, _ in rows:
        d.image(f"torchvision/{base}/{path}")
    d.expect("torchvision", split, rows)
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
    mat5(folder / "v5-plain.mat", variables, compressed=False)
    mat73(folder / "v73.mat", variables)


if __name__ == "__main__":
    mat_files()
    food101()
    dtd()
    split_folders("Country211", "country211", ["AD", "NA", "XK"], "jpg")
    split_folders("RenderedSST2", "rendered-sst2", ["negative", "positive"], "png")
    sun397()
    stanford_cars()
    aircraft()
    flowers()
    birdsnap()
    resisc45()
    gtsrb()
    fer2013()
    oxford_pets()
    class_folders("EuroSAT", "eurosat/2750", ["AnnualCrop", "River", "SeaLake"], "{}_{}.jpg".format)
    class_folders("Caltech101", "caltech101/101_ObjectCategories", ["BACKGROUND_Google", "Faces", "accordion"],
                  lambda _, i: f"image_{i:04d}.jpg")
    class_folders("ImageNet", "imagenet", ["n01440764", "n01443537", "n15075141"],
                  lambda _, i: f"ILSVRC2012_val_{i:08d}.JPEG", split="val", prefix="val/")
