#!/usr/bin/env python3
"""Writes what torchvision reads in the fixture trees: Tests/Fixtures/datasets/<dataset>/torchvision.json for the adapter's default
split and torchvision-<split>.json for others, each a list of

    [path of the image below the folder its layout begins in, or its number, class name, SHA-256 of its RGB pixels]

in torchvision's order. The tests hold the adapters against these files.

    Tools/crosscheck-torchvision.py [dataset …]

Needs torchvision 0.29, SciPy and h5py. A dataset is one function, with a list of its splits and the default one; it gives the rows of a split.
"""
import contextlib
import gzip
import hashlib
import json
import os
import pathlib
import sys
import tempfile
from unittest import mock

import torchvision.datasets as tv

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/datasets"

DATASETS = {}


def dataset(name, splits, default="test"):
    def register(function):
        DATASETS[name] = (splits, default, function)
        return function
    return register


def digest(image):
    return hashlib.sha256(image.convert("RGB").tobytes()).hexdigest()


def rows(data, paths, classes, base):
    """Rows of a torchvision dataset. paths: of its images in order; None for images without files."""
    result = []
    for index in range(len(data)):
        image, label = data[index]
        name = index if paths is None else pathlib.Path(os.path.relpath(paths[index], base)).as_posix()
        result.append([name, str(classes[label]), digest(image)])
    return result


@contextlib.contextmanager
def no_checksums(module):
    """The fixtures are not the published files."""
    with mock.patch(f"torchvision.datasets.{module}.check_integrity", lambda *_, **__: True):
        yield


@dataset("Food101", ["test", "train"])
def food101(root, split):
    data = tv.Food101(root / "torchvision", split=split)
    return rows(data, data._image_files, data.classes, root / "torchvision/food-101")


@dataset("DTD", ["test", "train", "val"])
def dtd(root, split):
    data = tv.DTD(root / "torchvision", split=split)
    return rows(data, data._image_files, data.classes, root / "torchvision/dtd/dtd")


@dataset("Country211", ["test", "train", "val"])
def country211(root, split):
    data = tv.Country211(root / "torchvision", split={"val": "valid"}.get(split, split))
    return rows(data, [path for path, _ in data.samples], data.classes, root / "torchvision/country211")


@dataset("RenderedSST2", ["test", "train", "val"])
def rendered_sst2(root, split):
    data = tv.RenderedSST2(root / "torchvision", split=split)
    return rows(data, [path for path, _ in data._samples], data.classes, root / "torchvision/rendered-sst2")


@dataset("SUN397", ["all"])
def sun397(root, split):
    data = tv.SUN397(root / "torchvision")
    return rows(data, data._image_files, data.classes, root / "torchvision/SUN397")


@dataset("StanfordCars", ["test", "train"])
def stanford_cars(root, split):
    data = tv.StanfordCars(root / "torchvision", split=split)
    return rows(data, [path for path, _ in data._samples], data.classes, root / "torchvision/stanford_cars")


@dataset("FGVCAircraft", ["test", "train", "val", "trainval"])
def fgvc_aircraft(root, split):
    data = tv.FGVCAircraft(root / "torchvision", split=split)
    return rows(data, data._image_files, data.classes, root / "torchvision/fgvc-aircraft-2013b/data")


@dataset("Flowers102", ["test", "train", "val"])
def flowers102(root, split):
    with no_checksums("flowers102"):
        data = tv.Flowers102(root / "torchvision", split=split)
    return rows(data, data._image_files, data.classes, root / "torchvision/flowers-102")


@dataset("GTSRB", ["test", "train"])
def gtsrb(root, split):
    data = tv.GTSRB(root / "torchvision", split=split)
    base = root / "torchvision/gtsrb/GTSRB"
    # Classes of the training images are numbered as the folders that are there.
    classes = sorted(p.name for p in (base / "Training").iterdir()) if split == "train" else [f"{i:05d}" for i in range(43)]
    return rows(data, [path for path, _ in data._samples], classes, base)


@dataset("FER2013", ["train", "public+private"])
def fer2013(root, split):
    with no_checksums("fer2013"):
        data = tv.FER2013(root / "torchvision", split={"public+private": "test"}.get(split, split))
    return rows(data, None, "angry disgust fear happy sad surprise neutral".split(), root)


@dataset("OxfordPets", ["test", "trainval"])
def oxford_pets(root, split):
    data = tv.OxfordIIITPet(root / "torchvision", split=split)
    # Its classes are written `British Shorthair`; the files' own names tell letters from capitals.
    names = dict(zip(data._labels, [path.stem.rsplit("_", 1)[0] for path in data._images]))
    return rows(data, data._images, names, root / "torchvision/oxford-iiit-pet")


@dataset("EuroSAT", ["all"], default="all")
def eurosat(root, split):
    data = tv.EuroSAT(root / "torchvision")
    return rows(data, [path for path, _ in data.samples], data.classes, root / "torchvision/eurosat/2750")


@dataset("Caltech101", ["all"], default="all")
def caltech101(root, split):
    """Without BACKGROUND_Google, which torchvision leaves out."""
    data = tv.Caltech101(root / "torchvision")
    paths = [f"{data.categories[label]}/image_{number:04d}.jpg" for label, number in zip(data.y, data.index)]
    return rows(data, [root / path for path in paths], data.categories, root)


@dataset("ImageNet", ["val"], default="val")
def imagenet(root, split):
    """What its ImageNet is, without the archives it asks for."""
    base = root / "torchvision/imagenet"
    data = tv.ImageFolder(base / split)
    return rows(data, [path for path, _ in data.samples], data.classes, base)


class Cifar10(tv.CIFAR10):
    """The fixture has no training batches but one, and other checksums."""

    def _check_integrity(self):
        return True

    def _load_meta(self):
        self.classes = None


class Cifar100(tv.CIFAR100):
    _check_integrity = Cifar10._check_integrity
    _load_meta = Cifar10._load_meta


@dataset("CIFAR10", ["test"])
def cifar10(root, split):
    return rows(Cifar10(root.parent, train=False), None, range(10), root)


@dataset("CIFAR100", ["test"])
def cifar100(root, split):
    return rows(Cifar100(root.parent, train=False), None, range(100), root)


@dataset("MNIST", ["test"])
def mnist(root, split):
    """torchvision wants the files unpacked."""
    with tempfile.TemporaryDirectory() as folder:
        raw = pathlib.Path(folder) / "MNIST/raw"
        raw.mkdir(parents=True)
        for packed in (root.parent / "mnist/MNIST/raw").glob("*.gz"):
            (raw / packed.stem).write_bytes(gzip.decompress(packed.read_bytes()))
        with mock.patch.object(tv.MNIST, "_check_exists", lambda _: True):
            return rows(tv.MNIST(folder, train=False), None, range(10), root)


def write(name, split, is_default, found):
    path = FIXTURES / name / ("torchvision.json" if is_default else f"torchvision-{split}.json")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("[\n" + ",\n".join(json.dumps(row, ensure_ascii=False) for row in found) + "\n]\n")
    print(f"{name} {split}: {len(found)} images")


if __name__ == "__main__":
    for name in sys.argv[1:] or DATASETS:
        if name not in DATASETS:
            sys.exit(f"no dataset {name}; known are {', '.join(DATASETS)}")
        splits, default, function = DATASETS[name]
        for split in splits:
            write(name, split, split == default, function(FIXTURES / name, split))
