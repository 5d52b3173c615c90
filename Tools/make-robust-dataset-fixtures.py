#!/usr/bin/python3
"""Writes Tests/Fixtures/datasets/{imagenetv2,imagenet-shifts,objectnet,video-sets}: small copies of robustness sets in their true layouts,
with the traps that real copies have, and expected.json beside each: what imagenet-testbed's rules make of it.

Run from anywhere with Debian's python3, python3-numpy and python3-pil. The output is deterministic.
"""
import io
import json
import pathlib
import shutil

import numpy as np
from PIL import Image

ROOT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/datasets"


def picture(seed, kind, size=(8, 8), border=None):
    pixels = np.random.default_rng(seed).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    if border:
        pixels[0, :], pixels[-1, :], pixels[:, 0], pixels[:, -1] = border, border, border, border
    data = io.BytesIO()
    Image.fromarray(pixels).save(data, kind, **({"quality": 90} if kind == "JPEG" else {}))
    return data.getvalue()


def write(path, data):
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data if isinstance(data, bytes) else data.encode())


def fresh(name):
    folder = ROOT / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def imagenet_v2():
    """Folders are numbers: sorted as text 0, 1, 10, 100, 2."""
    root = fresh("imagenetv2")
    expected = {}
    for number in (0, 1, 2, 10, 100, 999):
        for copy in range(2):
            name = f"imagenetv2-matched-frequency-format-val/{number}/{number:04x}{copy}.jpeg"
            write(root / name, picture(number + copy, "JPEG"))
            expected[name] = number
    write(root / "imagenetv2-matched-frequency-format-val/Thumbs.db", "junk")
    write(root / "imagenetv2/imagenetv2-threshold0.7-format-val/7/a.jpeg", picture(7, "JPEG"))
    write(root / "imagenetv2-top-images-format-val/9/a.jpeg", picture(9, "JPEG"))
    write(root / "expected.json", json.dumps(expected, indent=1, sort_keys=True) + "\n")


def shifts():
    root = fresh("imagenet-shifts")
    expected = {"ImageNet-A": {}, "ImageNet-R": {}, "ImageNet-Sketch": {}}
    # CoOp's folder around ImageNet-A's own.
    places = {
        "ImageNet-A": ("imagenet-adversarial/imagenet-a", ["n01498041", "n07831146"], "0.000116_digital clock _ digital clock_0.865662.jpg"),
        "ImageNet-R": ("imagenet-r", ["n01443537", "n12267677"], "art_0.jpg"),
        "ImageNet-Sketch": ("ImageNet-Sketch/sketch", ["n01440764", "n15075141"], "sketch_0.JPEG"),
    }
    for dataset, (folder, wnids, file) in places.items():
        for position, wnid in enumerate(wnids):
            write(root / folder / wnid / file, picture(position, "JPEG"))
            expected[dataset][f"{wnid}/{file}"] = wnid
        write(root / folder / "README.txt", "junk")
        write(root / folder / "__MACOSX/._x.jpg", "junk")
    write(root / "expected.json", json.dumps(expected, indent=1, sort_keys=True) + "\n")


def objectnet():
    """A red border, a folder whose name is not the class's, a class that ImageNet does not have, and the mappings."""
    root = fresh("objectnet")
    base = root / "objectnet-1.0"
    expected = {}
    table = (pathlib.Path(__file__).resolve().parent.parent / "Sources/Datasets/ObjectNetClasses.swift").read_text()
    overlap = [line.split(" ", 1) for line in map(str.strip, table.split('"""')[1].splitlines()) if line]
    labels = {folder: label for folder, label in overlap}
    for position, folder in enumerate(["alarm_clock", "full_sized_towel", "t-shirt", "coffee_french_press", "air_freshener"]):
        name = f"images/{folder}/{position:015x}.png"
        write(base / name, picture(position, "PNG", size=(10, 9), border=(255, 0, 0)))
        if folder in labels:
            expected[name] = {"id": folder, "name": labels[folder]}
    write(base / "mappings/folder_to_objectnet_label.json", json.dumps({**labels, "air_freshener": "Air freshener"}))
    write(base / "mappings/objectnet_to_imagenet_1k.json", json.dumps({label: "x; y" for label in labels.values()}))
    write(base / "mappings/pytorch_to_imagenet_2012_id.json", "{}")
    write(base / "mappings/imagenet_to_label_2012_v2", "tench, Tinca tinca\n")
    write(root / "expected.json", json.dumps(expected, indent=1, sort_keys=True) + "\n")


def video_sets():
    root = fresh("video-sets")
    vid = root / "imagenet_vid_ytbb_robust/imagenet-vid-robust/val"
    # Set 1 of ILSVRC2015's videos: frames 197 to 217, anchor 207. One frame is absent; one belongs to no set.
    for number in range(197, 217):
        write(vid / f"ILSVRC2015_val_00000001/{number:06d}.JPEG", picture(number, "JPEG"))
    write(vid / "ILSVRC2015_val_00000001/000300.JPEG", picture(300, "JPEG"))

    # The archive has the frames; which of them count is elsewhere.
    ytbb = root / "ytbb-robust"
    clips = {"-LXr7LdXtrk_71333": 2134, "A_weMKVolQM_82466": 2062, "A_weMKVolQM_90000": 100, "KxDh7a8_AmU_44666": 1117,
             "WypmJptPzX8_68666": 2058, "lWIDthi0yWI_188466": 5654}
    for clip, anchor in clips.items():
        for number in range(anchor - 2, anchor + 3):
            write(ytbb / clip / f"frame-{number}.jpg", picture(number, "JPEG"))
    long = "/home/ubuntu/data/ytbb/frames_orig_fps/robustness_test_anchors/"
    names = ["good", "unsure", "bad", "person", "bird", "car", "none"]
    anchors = [
        {"key": "A_weMKVolQM_82466/frame-2062.jpg", "notes": "", "labels": [2]},
        {"key": long + "-LXr7LdXtrk_71333/frame-2134.jpg", "notes": "", "labels": [0, 3]},
        {"key": "A_weMKVolQM_90000/frame-100.jpg", "notes": "", "labels": [0]},
        {"key": "KxDh7a8_AmU_44666/frame-1117.jpg", "notes": "dog?", "labels": [0, 1]},  # unsure
        {"key": "WypmJptPzX8_68666/frame-2058.jpg", "notes": "", "labels": [0]},  # a bad anchor by its pairs
        {"key": "lWIDthi0yWI_188466/frame-5654.jpg", "notes": "", "labels": [0]},  # first label: none
        {"key": long + "A_weMKVolQM_82466/frame-2062.jpg", "notes": "", "labels": [0]},  # the later answer counts
    ]
    answers = ["similar", "dissimilar", "correct", "blur-increase", "bad-anchor"]

    def pair(clip, number, labels):
        anchor = f"{clip}/frame-{clips[clip]}.jpg"
        return {"key": f"{anchor},{clip}/frame-{number}.jpg", "notes": "", "labels": labels}

    pairs = [
        pair("A_weMKVolQM_82466", 2061, [1]), pair("A_weMKVolQM_82466", 2060, [0, 2]),
        pair("A_weMKVolQM_82466", 2063, [0, 3]), pair("A_weMKVolQM_82466", 2061, [0]),
        pair("A_weMKVolQM_82466", 2073, [0]),  # eleven frames away
        pair("-LXr7LdXtrk_71333", 2135, [0]),
        pair("WypmJptPzX8_68666", 2059, [0]), pair("WypmJptPzX8_68666", 2060, [4]),
    ]
    metadata = root / "ytbb-robust_metadata"
    write(metadata / "anchor_labels.json", json.dumps({"annotations": anchors, "labels": names}))
    write(metadata / "pmk_labels.json", json.dumps({"annotations": pairs, "labels": answers}))
    rows = [("-LXr7LdXtrk", 71333, 22), ("A_weMKVolQM", 82466, 7), ("A_weMKVolQM", 90000, 19), ("KxDh7a8_AmU", 44666, 7),
            ("WypmJptPzX8", 68666, 1), ("lWIDthi0yWI", 188466, 23)]
    write(metadata / "ytbb_robustness_test_anchors_full.csv",
          "ytid,time_ms,label,split\n" + "".join(f"{a},{b},{c},test\n" for a, b, c in rows))
    # By hand from the rules: 22 of the table is the car, 23 none.
    write(root / "expected.json", json.dumps([
        {"anchor": "-LXr7LdXtrk_71333/frame-2134.jpg", "frames": ["-LXr7LdXtrk_71333/frame-2135.jpg"], "labels": ["car", "person"]},
        {"anchor": "A_weMKVolQM_82466/frame-2062.jpg",
         "frames": ["A_weMKVolQM_82466/frame-2060.jpg", "A_weMKVolQM_82466/frame-2061.jpg"], "labels": ["cat"]},
        {"anchor": "A_weMKVolQM_90000/frame-100.jpg", "frames": [], "labels": ["dog"]},
        {"anchor": "lWIDthi0yWI_188466/frame-5654.jpg", "frames": [], "labels": []},
    ], indent=1) + "\n")


if __name__ == "__main__":
    imagenet_v2()
    shifts()
    objectnet()
    video_sets()
