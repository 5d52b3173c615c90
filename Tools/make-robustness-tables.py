#!/usr/bin/env python3
"""Writes Sources/Datasets/{ImageNetSubsets,ObjectNetClasses,ImageNetVidSets,ImageNetClassMaps}.swift from imagenet-testbed's metadata.

    Tools/make-robustness-tables.py REFERENCE

REFERENCE holds robustness_metadata.json, imagenet_wnids.csv and video-robustness/ (class lists, sets of frames and labels of
modestyachts/imagenet-testbed at commit 0170eec, MIT licence). Facts are checked on the way: sets do not share frames, every frame
has labels, anchors and frames of a set are of one video.
"""
import csv
import json
import pathlib
import re
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent / "Sources/Datasets"


def load(path):
    return json.loads(path.read_text())


def replace_literals(name, *bodies):
    """Puts new texts into the multi-line literals of a file, in their order."""
    path = OUT / f"{name}.swift"
    text = path.read_text()
    found = list(re.finditer(r'"""\n(.*?)\n    """', text, re.S))
    assert len(found) == len(bodies), name
    for match, lines in reversed(list(zip(found, bodies))):
        body = "\n".join("    " + line for line in lines)
        text = text[: match.start(1)] + body + text[match.end(1):]
    path.write_text(text)


def subset(settings, wnids, name):
    ids = [wnids[index] for index in settings[name]["class_sublist"]]
    assert ids == sorted(ids) and len(set(ids)) == 200
    return [" ".join(ids[start:start + 9]) for start in range(0, 200, 9)]


def ranges(numbers):
    runs = []
    for number in sorted(numbers):
        if runs and runs[-1][1] == number - 1:
            runs[-1][1] = number
        else:
            runs.append([number, number])
    return ",".join(str(a) if a == b else f"{a}-{b}" for a, b in runs)


def video_sets(folder):
    sets = load(folder / "imagenet-vid-robust__pmsets.json")
    labels = load(folder / "imagenet-vid-robust__labels.json")
    seen = set()
    lines = []
    for anchor, others in sorted(sets.items()):
        year, video, number = re.fullmatch(r"val/ILSVRC(\d{4})_val_(\d{8})/(\d{6})\.JPEG", anchor).groups()
        frames_of = {}
        for frame in [anchor] + others:
            assert frame not in seen and frame.rsplit("/", 1)[0] == anchor.rsplit("/", 1)[0]
            seen.add(frame)
            key = tuple(sorted(set(labels[frame])))
            frames_of.setdefault(key, []).append(int(frame[-11:-5]))
        parts = [f"{ranges(frames)}:{'+'.join(map(str, key))}"
                 for key, frames in sorted(frames_of.items(), key=lambda item: min(item[1]))]
        lines.append(" ".join([year, str(int(video)), str(int(number))] + parts))
    assert seen == set(labels)
    return lines


def class_map(names, classes):
    """A line a class: the numbers of ImageNet's classes that it is, and its id."""
    seen = [number for numbers in classes.values() for number in numbers]
    assert len(seen) == len(set(seen))
    return [f"{ranges(numbers)} {names(key)}" for key, numbers in classes.items()]


def class_maps(settings):
    objectnet, vid, ytbb = (settings[name] for name in ("objectnet", "imagenet-vid", "ytbb"))
    folders = objectnet["objectnet_label_to_folder"]
    videos = (OUT / "ImageNetVidRobust.swift").read_text()
    names = re.findall(r'"([^"]*)"', re.search(r"static let classes = \[(.*?)\]", videos, re.S).group(1))
    assert len(names) == 30 and names[10] == "elephant"
    one = class_map(lambda label: folders[label], objectnet["objectnet_label_to_imagenet_ids"])
    two = class_map(lambda key: names[int(key)], vid["class_to_imagenet_ids"])
    three = class_map(lambda key: ytbb["class_index"][key], ytbb["class_to_imagenet_ids"])
    for name, lines in (("imagenet-vid", vid), ("ytbb", ytbb)):
        inverse = {int(i): key for key, ids in lines["class_to_imagenet_ids"].items() for i in ids}
        assert {int(i): str(key) for i, key in lines["imagenet_id_to_class"].items()} == inverse, name
    return sorted(one, key=lambda line: line.split(" ", 1)[1]), two, three


def main(reference):
    reference = pathlib.Path(reference)
    settings = load(reference / "robustness_metadata.json")["settings"]
    with open(reference / "imagenet_wnids.csv", newline="") as rows:
        wnids = [row["wnid"] for row in csv.DictReader(rows)]
    replace_literals("ImageNetSubsets", subset(settings, wnids, "imagenet-a"), subset(settings, wnids, "imagenet-r"))
    folders = settings["objectnet"]["objectnet_label_to_folder"]
    replace_literals("ObjectNetClasses", sorted(f"{folder} {label}" for label, folder in folders.items()))
    replace_literals("ImageNetClassMaps", *class_maps(settings))
    replace_literals("ImageNetVidSets", video_sets(reference / "video-robustness"))


if __name__ == "__main__":
    main(*sys.argv[1:])
