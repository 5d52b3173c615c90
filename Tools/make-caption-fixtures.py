#!/usr/bin/env python3
"""Writes Tests/Fixtures/datasets/captions: lists of captions as their publishers write them, a few entries long.

    flickr30k/dataset_flickr30k.json      Karpathy's keys; 3 test images, 1 val, 2 train
    flickr30k/results_20130124.token      the official file: image#number<tab>caption, no splits
    coco/dataset_coco.json                filepath and cocoid; restval; an image with seven captions, one with six
    flickr8k/captions.txt                 Kaggle's table: CRLF, quotes around captions with commas

The images themselves are written by the tests. Run from the project's root.
"""
import csv
import json
import pathlib

OUT = pathlib.Path("Tests/Fixtures/datasets/captions")


def entry(number, filename, split, texts, first, **more):
    return {
        "sentids": list(range(first, first + len(texts))), "imgid": number,
        "sentences": [{"tokens": text.lower().replace(".", " ").replace(",", " ").split(), "raw": text,
                       "imgid": number, "sentid": first + i} for i, text in enumerate(texts)],
        "split": split, "filename": filename, **more}


def texts(subject, count=5):
    forms = ["A {} in the grass .", "Someone looks at a {} , from behind .", "The {} stands \"alone\" .", "{} .",
             "Two people and a {} .", "A {} at night .", "Another {} ."]
    return [form.format(subject) for form in forms[:count]]


def main():
    for folder in ("flickr30k", "coco", "flickr8k"):
        (OUT / folder).mkdir(parents=True, exist_ok=True)

    flickr = [("1000092795.jpg", "train", "dog"), ("10002456.jpg", "test", "fence"), ("1000268201.jpg", "train", "girl"),
              ("1000344755.jpg", "test", "ladder"), ("1000366164.jpg", "val", "stove"), ("1000523639.jpg", "test", "guitar")]
    images = [entry(n, name, split, texts(subject), 5 * n) for n, (name, split, subject) in enumerate(flickr)]
    (OUT / "flickr30k/dataset_flickr30k.json").write_text(
        json.dumps({"images": images, "dataset": "flickr30k"}) + "\n")
    (OUT / "flickr30k/results_20130124.token").write_text("".join(
        f"{name}#{i}\t{text}\n" for name, _, subject in flickr for i, text in enumerate(texts(subject))))

    coco = [("val2014", 391895, "test", "bike", 5), ("val2014", 60623, "test", "cake", 7), ("train2014", 57870, "train", "table", 5),
            ("val2014", 483108, "restval", "train", 5), ("val2014", 184613, "val", "cow", 5), ("val2014", 403013, "test", "sink", 6),
            ("train2014", 384029, "train", "pan", 6)]
    images, first = [], 0
    for number, (folder, cocoid, split, subject, count) in enumerate(coco):
        lines = texts(subject, count)
        lines[0] += "\n"  # some of COCO's raw captions end with a line break
        images.append(entry(number, f"COCO_{folder}_{cocoid:012d}.jpg", split, lines, first, filepath=folder, cocoid=cocoid))
        first += count
    (OUT / "coco/dataset_coco.json").write_text(json.dumps({"images": images, "dataset": "coco"}) + "\n")

    with open(OUT / "flickr8k/captions.txt", "w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["image", "caption"])
        for name, subject in (("1000268201_693b08cb0e.jpg", "girl"), ("1001773457_577c3a7d70.jpg", "dog")):
            for text in texts(subject):
                writer.writerow([name, text])


if __name__ == "__main__":
    main()
