#!/usr/bin/env python3
"""What torchvision reads from the fixtures of Tools/make-record-dataset-fixtures.py: Tests/Fixtures/datasets/<dataset>/torchvision.json,
split → list of [index, label name, SHA-256 of the RGB pixels], one function a dataset. Maintainers run it after the fixtures change:

    python3 Tools/crosscheck-torchvision-records.py        (with torchvision, scipy and h5py; written with torchvision 0.29)
"""
import hashlib
import json
import pathlib
import shutil
import tempfile

import numpy as np
from torchvision import datasets

FIXTURES = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/datasets"


def entries(dataset, name):
    result = []
    for index in range(len(dataset)):
        image, label = dataset[index]
        pixels = np.asarray(image.convert("RGB"))
        result.append([index, name(label), hashlib.sha256(pixels.tobytes()).hexdigest()])
    return result


def stl10():
    class Unchecked(datasets.STL10):
        # The fixture's files are not the published ones.
        def _check_integrity(self):
            return True

    root = FIXTURES / "stl10"
    result = {}
    for split in ["train", "test"]:
        dataset = Unchecked(root, split=split)
        result[split] = entries(dataset, lambda label: dataset.classes[label])
    for fold in range(10):
        dataset = Unchecked(root, split="train", folds=fold)
        result[f"fold{fold}"] = entries(dataset, lambda label: dataset.classes[label])
    return result


def svhn():
    class Unchecked(datasets.SVHN):
        def _check_integrity(self):
            return True

    return {split: entries(Unchecked(FIXTURES / "svhn", split=split), lambda label: str(int(label)))
            for split in ["train", "test", "extra"]}


def pcam():
    return {split: entries(datasets.PCAM(FIXTURES / "pcam", split=split), lambda label: str(int(label)))
            for split in ["train", "val", "test"]}


def clevr():
    with tempfile.TemporaryDirectory() as root:
        # torchvision wants a folder `clevr` above the archive's own.
        shutil.copytree(FIXTURES / "clevr", pathlib.Path(root) / "clevr")
        return {split: entries(datasets.CLEVRClassification(root, split=split), str) for split in ["train", "val"]}


for make in [stl10, svhn, pcam, clevr]:
    text = ",\n".join(f"{json.dumps(split)}: [\n" + ",\n".join(map(json.dumps, found)) + "]" for split, found in make().items())
    (FIXTURES / make.__name__ / "torchvision.json").write_text("{" + text + "}\n")
