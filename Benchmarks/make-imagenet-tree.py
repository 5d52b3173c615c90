#!/usr/bin/env python3
"""Makes a tree of empty files with ImageNet's folders, names and counts: what opening such a tree costs depends on nothing else.

    Benchmarks/make-imagenet-tree.py FOLDER          train (1,281,167 files in 1000 folders) and val (50,000)
    Benchmarks/make-imagenet-tree.py FOLDER --only val

The class ids are read from Sources/Datasets/ImageNetClasses.swift. Needs as many free inodes (`df -i`); delete the folder afterwards.
"""
import argparse
import os
import re

ROOT = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..")


def wnids():
    with open(os.path.join(ROOT, "Sources/Datasets/ImageNetClasses.swift"), encoding="utf-8") as file:
        found = re.findall(r"^ *(n\d{8})\b", file.read(), re.MULTILINE)
    assert len(found) == 1000, f"expected 1000 class ids, found {len(found)}"
    return found


def touch(folder, names):
    os.makedirs(folder, exist_ok=True)
    descriptor = os.open(folder, os.O_RDONLY)
    for name in names:
        os.close(os.open(name, os.O_CREAT | os.O_WRONLY, 0o644, dir_fd=descriptor))
    os.close(descriptor)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--only", choices=["train", "val"])
    arguments = parser.parse_args()
    total = {"train": 1_281_167, "val": 50_000}
    for split in [arguments.only] if arguments.only else total:
        first = 1
        for position, wnid in enumerate(wnids()):
            count = total[split] // 1000 + (position < total[split] % 1000)
            if split == "train":
                # The numbers have gaps, so that names are of different lengths, as the real ones.
                names = [f"{wnid}_{number * 13 + position}.JPEG" for number in range(count)]
            else:
                names = [f"ILSVRC2012_val_{number:08d}.JPEG" for number in range(first, first + count)]
                first += count
            touch(os.path.join(arguments.folder, split, wnid), names)


if __name__ == "__main__":
    main()
