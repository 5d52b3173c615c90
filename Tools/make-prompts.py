#!/usr/bin/env python3
"""Writes Prompts/ from a transcription of openai/CLIP's prompts and the list of ImageNet's wnids.

Maintainer's tool; the same input gives the same bytes. Canonical class ids are paired with OpenAI's names by
name; where the two differ, the pair stands in a table below. Nothing is paired by position, except that the
digits and traffic signs are numbered as their datasets number them (each pair was read).

Usage: make-prompts.py prompts.json imagenet_wnids.csv OUTPUT_FOLDER
"""
import csv
import json
import os
import re
import sys

VERSION = 1

CALTECH101 = {  # folder: OpenAI's name, where it is not the folder's own
    "BACKGROUND_Google": "background", "Faces": "off-center face", "Faces_easy": "centered face",
    "Leopards": "leopard", "Motorbikes": "motorbike", "airplanes": "airplane", "car_side": "side of a car",
    "cougar_body": "body of a cougar cat", "cougar_face": "face of a cougar cat",
    "crocodile_head": "head of a  crocodile", "flamingo_head": "head of a flamingo",
    "snoopy": "snoopy (cartoon beagle)", "yin_yang": "yin and yang symbol",
}
EUROSAT = {
    "AnnualCrop": "annual crop land", "Forest": "forest", "HerbaceousVegetation": "brushland or shrubland",
    "Highway": "highway or road", "Industrial": "industrial buildings or commercial buildings",
    "Pasture": "pasture land", "PermanentCrop": "permanent crop land",
    "Residential": "residential buildings or homes or apartments", "River": "river", "SeaLake": "lake or sea",
}
FER2013 = {"angry": "angry", "disgust": "disgusted", "fear": "fearful", "happy": "happy", "sad": "sad",
           "surprise": "surprised", "neutral": "neutral"}  # id: first of OpenAI's names
PACS = ["dog", "elephant", "giraffe", "guitar", "horse", "house", "person"]

RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_.()'/-]| (?! ))*")


def scalar(text):
    plain = PLAIN.fullmatch(text) and not text.endswith(" ") and text.lower() not in RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)


def renamed(names, table, spelling):
    """id -> names for OpenAI's names: the table's ids, and `spelling(name)` for the others; in id order."""
    ids = {name: key for key, name in table.items()}
    assert set(ids) <= set(names), sorted(set(ids) - set(names))
    result = {ids.get(name) or spelling(name): [name] for name in names}
    assert len(result) == len(names)
    return dict(sorted(result.items(), key=lambda item: item[0].encode()))


def underscores(name):
    return name.replace(" ", "_")


def only_table(name):
    raise ValueError(f"no id for {name!r}")


def class_line(key, names, aliases):
    if aliases:
        quoted = ", ".join(scalar(a) for a in aliases)
        if len(names) == 1:
            return f"  {scalar(key)}: {{name: {scalar(names[0])}, aliases: [{quoted}]}}\n"
        return f"  {scalar(key)}: {{names: [{', '.join(map(scalar, names))}], aliases: [{quoted}]}}\n"
    if len(names) == 1:
        return f"  {scalar(key)}: {scalar(names[0])}\n"
    return f"  {scalar(key)}: [{', '.join(map(scalar, names))}]\n"


def write(output, dataset, name, source, classes=None, templates=None, aliases=None):
    os.makedirs(os.path.join(output, dataset), exist_ok=True)
    lines = [f"dataset: {dataset}\n", f"set: {name}\n", f"version: {VERSION}\n", f"source: {scalar(source)}\n"]
    if classes:
        lines.append("classes:\n")
        lines += [class_line(key, names, (aliases or {}).get(key)) for key, names in classes.items()]
    if templates:
        lines.append("templates:\n")
        lines += [f"  - {json.dumps(t, ensure_ascii=False)}\n" if '"' not in t else f"  - '{t}'\n" for t in templates]
    with open(os.path.join(output, dataset, name + ".yaml"), "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def main(prompts_path, wnids_path, output):
    with open(prompts_path, encoding="utf-8") as file:
        prompts = json.load(file)
    data = prompts["datasets"]
    origin = f"openai/CLIP {prompts['_source']['commit'][:7]}, "
    markdown = origin + "data/prompts.md"
    notebook = origin + "notebooks/Prompt_Engineering_for_ImageNet.ipynb"

    def openai(dataset, classes, source=markdown, key=None, aliases=None):
        entry = data[key or dataset]
        flat = [n if isinstance(n, list) else [n] for n in entry["classes"]]
        assert sorted(map(tuple, classes.values())) == sorted(map(tuple, flat)), dataset
        write(output, dataset, "openai-2021", source, classes, entry["templates"], aliases)

    with open(wnids_path, encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [r["openai_2021_name"] for r in rows] == data["ImageNet"]["classes"]
    openai("ImageNet", {r["wnid"]: [r["openai_2021_name"]] for r in rows}, source=notebook)
    write(output, "ImageNet", "subset7", notebook, templates=data["ImageNet"]["templates_subset7"])

    for dataset in ("CIFAR10", "CIFAR100", "OxfordPets"):
        openai(dataset, renamed(data[dataset]["classes"], {}, underscores))
    openai("VOC2007", {name: [name] for name in sorted(data["PascalVOC2007"]["classes"])}, key="PascalVOC2007")
    openai("MNIST", {str(d): [str(d)] for d in range(10)})
    openai("Caltech101", renamed(data["Caltech101"]["classes"], CALTECH101, underscores))
    openai("EuroSAT", renamed(data["EuroSAT"]["classes"], EUROSAT, only_table))
    emotions = {names[0]: names for names in data["FacialEmotionRecognition2013"]["classes"]}
    openai("FER2013", {key: emotions[first] for key, first in FER2013.items()},
           key="FacialEmotionRecognition2013",
           aliases={key: [str(number)] for number, key in enumerate(FER2013)})
    openai("GTSRB", {f"{i:05}": [name] for i, name in enumerate(data["GTSRB"]["classes"])},
           aliases={f"{i:05}": [str(i)] for i in range(43)})

    write(output, "PACS", "folder-names", "folder names of PACS (Li et al. 2017); templates are ImageNet's",
          classes={name: [name] for name in PACS})
    write(output, "generic", "bare", "the class name alone", templates=["{}"])
    write(output, "generic", "single", "Radford et al. 2021, section 3.1.4", templates=["a photo of a {}."])


if __name__ == "__main__":
    main(*sys.argv[1:])
