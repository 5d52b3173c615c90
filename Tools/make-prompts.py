#!/usr/bin/env python3
"""Writes Prompts/ from transcriptions of openai/CLIP's and CLIP_benchmark's prompts and the list of ImageNet's wnids.

Maintainer's tool; the same input gives the same bytes. Canonical class ids are paired with names by name; where the
two differ, the pair stands in prompt_tables.py. Nothing is paired by position, except where a dataset numbers its
classes itself (MNIST, GTSRB, Flowers102, CLEVR) and ImageNet's list of wnids, which has the names beside.

Usage: make-prompts.py prompts.json laion_prompts.json imagenet_wnids.csv OUTPUT_FOLDER
"""
import csv
import json
import os
import re
import sys

import prompt_tables as tables

VERSION = 1

RESERVED = {"y", "n", "yes", "no", "on", "off", "true", "false", "null"}
PLAIN = re.compile(r"[A-Za-z](?:[A-Za-z0-9_.()'/-]| (?! ))*")

# The transcriptions' names of datasets, where they are not the columns of the paper's tables.
OPENAI = {"VOC2007": "PascalVOC2007", "DTD": "DescribableTextures", "FER2013": "FacialEmotionRecognition2013",
          "PCam": "PatchCamelyon", "RenderedSST2": "SST2"}
LAION = {  # id: CLIP_benchmark's names of templates and, where they differ, of class names
    "CIFAR10": "cifar10", "CIFAR100": "cifar100", "Caltech101": "caltech101", "CLEVRCounts": "clevr_count_all",
    "Country211": "country211", "DTD": "dtd", "EuroSAT": "eurosat", "FER2013": "fer2013", "FGVCAircraft": "fgvc_aircraft",
    "Flowers102": "flowers", "Food101": "food101", "GTSRB": "gtsrb", "ImageNet": "imagenet1k",
    "KITTI": "kitti_closest_vehicle_distance", "MNIST": "mnist", "OxfordPets": "pets", "PCam": "pcam",
    "RESISC45": "resisc45", "RenderedSST2": "renderedsst2", "STL10": "stl10", "SUN397": "sun397", "StanfordCars": "cars",
    "SVHN": "svhn", "VOC2007": "voc2007_multilabel",
}
# Tasks of VTAB and tests that the paper does not have; VOC2007's objects cut out; the order of VTAB's Caltech-101.
LAION_LEFT_OUT = {
    "clevr_closest_object_distance", "diabetic_retinopathy", "dmlab", "dsprites_label_orientation",
    "dsprites_label_x_position", "dummy", "smallnorb_label_azimuth", "smallnorb_label_elevation", "voc2007",
    "caltech101_vtab",
}


def scalar(text):
    plain = PLAIN.fullmatch(text) and not text.endswith(" ") and text.lower() not in RESERVED
    return text if plain else json.dumps(text, ensure_ascii=False)


def renamed(names, table, spelling, order=None):
    """id -> names for a list of names: the table's ids, and `spelling(name)` for the others; in id order, or `order`."""
    ids = {name: key for key, name in table.items()}
    assert set(ids) <= set(names), sorted(set(ids) - set(names))
    result = {ids.get(name) or spelling(name): [name] for name in names}
    assert len(result) == len(names)
    return dict(sorted(result.items(), key=order or (lambda item: item[0].encode())))


def numbered(names, first):
    """Of a dataset whose classes are numbers from `first`, in the order of `names`."""
    return {str(first + index): [name] for index, name in enumerate(names)}


def underscores(name):
    return name.replace(" ", "_")


def itself(name):
    return name


def only_table(name):
    raise ValueError(f"no id for {name!r}")


def sun397(names):
    """id: line of ClassName.txt, with its leading slash and letter."""
    nested = {path.replace("/", " ").replace("_", " "): path for path in tables.SUN397_NESTED}
    assert set(nested) <= set(names), sorted(set(nested) - set(names))
    return renamed(names, {}, lambda name: f"/{name[0]}/{nested.get(name, underscores(name))}")


def without_year_last(name):
    """`Honda Accord Coupe 2012` -> `2012 Honda Accord Coupe`, as in Figure 21 and CoOp."""
    words = name.split(" ")
    assert re.fullmatch(r"\d{4}", words[-1]), name
    return " ".join(words[-1:] + words[:-1])


def with_manufacturer(variants):
    """`MD-90` -> `McDonnell Douglas MD-90`, but `Boeing 717` and `Fokker 100` as they are, as in Figure 21."""
    makers = [maker for maker, count in tables.AIRCRAFT_MANUFACTURERS for _ in range(count)]
    assert len(makers) == len(variants)
    return {variant: [variant if re.split("[ -]", variant)[0] == maker.split(" ")[0] else f"{maker} {variant}"]
            for variant, maker in zip(variants, makers)}


def class_line(key, names, aliases):
    if aliases:
        quoted = ", ".join(scalar(a) for a in aliases)
        if len(names) == 1:
            return f"  {scalar(key)}: {{name: {scalar(names[0])}, aliases: [{quoted}]}}\n"
        return f"  {scalar(key)}: {{names: [{', '.join(map(scalar, names))}], aliases: [{quoted}]}}\n"
    if len(names) == 1:
        return f"  {scalar(key)}: {scalar(names[0])}\n"
    return f"  {scalar(key)}: [{', '.join(map(scalar, names))}]\n"


def write(output, dataset, name, source, classes=None, templates=None, aliases=None, remarks=()):
    os.makedirs(os.path.join(output, dataset), exist_ok=True)
    assert set(aliases or {}) <= set(classes or {}), dataset
    lines = [f"# {remark}\n" for remark in remarks]
    lines += [f"dataset: {dataset}\n", f"set: {name}\n", f"version: {VERSION}\n", f"source: {scalar(source)}\n"]
    if classes:
        lines.append("classes:\n")
        lines += [class_line(key, names, (aliases or {}).get(key)) for key, names in classes.items()]
    if templates:
        lines.append("templates:\n")
        lines += [f"  - {json.dumps(t, ensure_ascii=False)}\n" if '"' not in t else f"  - '{t}'\n" for t in templates]
    with open(os.path.join(output, dataset, name + ".yaml"), "w", encoding="utf-8", newline="") as file:
        file.writelines(lines)


def openai_classes(data, wnids):
    """Dataset -> (id -> names, id -> aliases)."""
    def names(dataset):
        return data[OPENAI.get(dataset, dataset)]["classes"]

    plain = {  # ids that follow from the names
        "Birdsnap": underscores, "CIFAR10": underscores, "CIFAR100": underscores, "DTD": underscores,
        "Food101": underscores, "OxfordPets": underscores, "RESISC45": underscores, "STL10": itself, "VOC2007": itself,
    }
    result = {dataset: (renamed(names(dataset), {}, spelling), {}) for dataset, spelling in plain.items()}
    for dataset in ("FGVCAircraft", "Kinetics700", "StanfordCars"):  # in the order of the dataset's own list
        result[dataset] = ({name: [name] for name in names(dataset)}, {})
    result["StanfordCars"][1].update({name: [without_year_last(name)] for name in names("StanfordCars")})

    assert [wnid["openai_2021_name"] for wnid in wnids] == names("ImageNet")
    result["ImageNet"] = ({row["wnid"]: [row["openai_2021_name"]] for row in wnids}, {})
    result["Caltech101"] = (renamed(names("Caltech101"), tables.CALTECH101, underscores), {})
    result["EuroSAT"] = (renamed(names("EuroSAT"), tables.EUROSAT, only_table), {})

    places = sun397(names("SUN397"))
    # The path without its letter, and CoOp's names, which turn its parts round: `outdoor apartment_building`.
    aliases = {key: [key[3:], " ".join(reversed(key[3:].split("/")))] for key in places}
    result["SUN397"] = (places, {key: [a for a in dict.fromkeys(two) if a not in places[key]]
                                 for key, two in aliases.items()})

    emotions = {several[0]: several for several in names("FER2013")}
    result["FER2013"] = ({key: emotions[first] for key, first in tables.FER2013.items()},
                         {key: [str(number)] for number, key in enumerate(tables.FER2013)})

    countries = dict(pair.split(" ", 1) for line in tables.COUNTRY211.strip().splitlines() for pair in line.split("|"))
    assert sorted(countries.values()) == sorted(names("Country211"))
    result["Country211"] = ({code: [name] for code, name in countries.items()}, {})

    result["MNIST"] = (numbered(names("MNIST"), 0), {})
    assert all(key == value for key, [value] in result["MNIST"][0].items())
    signs = {f"{int(number):05}": several for number, several in numbered(names("GTSRB"), 0).items()}
    result["GTSRB"] = (signs, {folder: [str(int(folder))] for folder in signs})
    result["Flowers102"] = (numbered(names("Flowers102"), 1), tables.FLOWERS102_ALIASES)
    result["CLEVRCounts"] = ({str(count): [str(count)] for count in range(3, 11)}, {})

    result["KITTI"] = ({key: [name] for key, name in tables.KITTI.items()},
                       {key: [str(number)] for number, key in enumerate(tables.KITTI)})
    result["PCam"] = ({key: [name] for key, name in tables.PCAM.items()}, {})
    result["HatefulMemes"] = ({key: [name] for key, name in tables.HATEFUL_MEMES.items()}, {})
    result["RenderedSST2"] = ({key: [key] for key in tables.RENDERED_SST2},
                              {key: [label] for key, label in tables.RENDERED_SST2.items()})
    result["UCF101"] = (renamed(names("UCF101"), tables.UCF101, lambda name: name.replace(" ", "")),
                        tables.UCF101_ALIASES)

    for dataset, (classes, _) in result.items():
        flat = [n if isinstance(n, list) else [n] for n in names(dataset)]
        assert sorted(map(tuple, classes.values())) == sorted(map(tuple, flat)), dataset
    return result


REMARKS = {
    "Birdsnap": ["Ids are the folders of birdsnap's download as its names suggest them; no copy was at hand to check. Joining",
                 "ignores hyphens and apostrophes, so the list's own spelling (Allen's Hummingbird) is found too."],
    "FER2013": ["The emotions have one, two or three names. Aliases are the numbers of Kaggle's CSV."],
    "KITTI": ["Aliases are VTAB's labels, which are in this order."],
    "Flowers102": ["Aliases are spellings of TensorFlow Datasets and of many copies' cat_to_name.json."],
    "SUN397": ["Ids are the lines of ClassName.txt; aliases are these without their letter, and CoOp's names."],
    "StanfordCars": ["Ids are the names in cars_meta.mat; aliases CoOp's names."],
    "UCF101": ["Ids are the folders, which differ from the names of video files in one class."],
}


def laion_classes(laion, openai):
    """Dataset -> (id -> names) of those that CLIP_benchmark has names for."""
    def by_name(dataset, names, key=itself):
        """Ids of OpenAI's set by name."""
        ids = {key(several[0]): identifier for identifier, several in openai[dataset][0].items()}
        assert len(ids) == len(openai[dataset][0]), dataset
        result = {ids[key(name)]: [name] for name in names}
        assert len(result) == len(names) == len(ids), dataset
        return {identifier: result[identifier] for identifier in openai[dataset][0]}

    names = laion["classes"]
    result = {dataset: by_name(dataset, names[LAION[dataset]]) for dataset in (
        "Caltech101", "Country211", "EuroSAT", "FER2013", "GTSRB", "KITTI", "MNIST", "PCam")}
    assert sorted(names["caltech101_vtab"]) == sorted(names["caltech101"])
    assert names["gtsrb"] == [several[0] for several in openai["GTSRB"][0].values()]
    result["OxfordPets"] = by_name("OxfordPets", names["pets"], str.lower)
    result["Flowers102"] = by_name("Flowers102", names["flowers"])
    wnids = openai["ImageNet"][0]
    assert names["imagenet1k"] == [several[0] for several in wnids.values()]
    result["ImageNet"] = wnids
    assert names["clevr_count_all"] == tables.DIGITS[3:11] and names["svhn"] == tables.DIGITS[:10]
    result["CLEVRCounts"] = {str(count): [tables.DIGITS[count]] for count in range(3, 11)}
    result["SVHN"] = {str(digit): [tables.DIGITS[digit]] for digit in range(10)}
    unused = set(names) - LAION_LEFT_OUT - {LAION[dataset] for dataset in result}
    assert not unused, unused
    return result


def main(prompts_path, laion_path, wnids_path, output):
    with open(prompts_path, encoding="utf-8") as file:
        prompts = json.load(file)
    with open(laion_path, encoding="utf-8") as file:
        laion = json.load(file)
    with open(wnids_path, encoding="utf-8") as file:
        wnids = list(csv.DictReader(file))
    data = prompts["datasets"]
    origin = f"openai/CLIP {prompts['_source']['commit'][:7]}, "
    markdown = origin + "data/prompts.md"
    notebook = origin + "notebooks/Prompt_Engineering_for_ImageNet.ipynb"

    openai = openai_classes(data, wnids)
    assert sorted(OPENAI.get(dataset, dataset) for dataset in openai) == sorted(data)
    for dataset, (classes, aliases) in openai.items():
        write(output, dataset, "openai-2021", notebook if dataset == "ImageNet" else markdown, classes,
              data[OPENAI.get(dataset, dataset)]["templates"], aliases, REMARKS.get(dataset, ()))
    write(output, "ImageNet", "subset7", notebook, templates=data["ImageNet"]["templates_subset7"])

    benchmark = f"LAION-AI/CLIP_benchmark {laion['_source']['commit']}, clip_benchmark/datasets"
    names = laion_classes(laion, openai)
    templates = laion["templates"]
    assert not set(templates) - LAION_LEFT_OUT - set(LAION.values())
    assert templates["voc2007"] == templates["voc2007_multilabel"]
    for dataset, key in LAION.items():
        classes = names.get(dataset)
        aliases = {i: a for i, a in openai.get(dataset, ({}, {}))[1].items() if classes}
        write(output, dataset, "laion", benchmark, classes, [t.replace("{c}", "{}") for t in templates[key]], aliases)

    figure = "Radford et al. 2021, Figure 21"
    variants = data["FGVCAircraft"]["classes"]
    write(output, "FGVCAircraft", "figure-21", figure + ", manufacturers first", with_manufacturer(variants), remarks=[
        "The figure shows a few classes; the rule behind them is applied to all, with the dataset's own manufacturers."])
    cars = {name: [without_year_last(name)] for name in data["StanfordCars"]["classes"]}
    write(output, "StanfordCars", "figure-21", figure + ", years first", cars, remarks=[
        "The figure shows a few classes; the rule behind them is applied to all."])
    write(output, "PCam", "figure-21", figure, {key: [name] for key, name in tables.FIGURE21_PCAM.items()})

    write(output, "PACS", "folder-names", "folder names of PACS (Li et al. 2017); templates are ImageNet's",
          classes={name: [name] for name in tables.PACS})
    write(output, "generic", "bare", "the class name alone", templates=["{}"])
    write(output, "generic", "single", "Radford et al. 2021, section 3.1.4", templates=["a photo of a {}."])


if __name__ == "__main__":
    main(*sys.argv[1:])
