#!/usr/bin/env python3
"""Makes the seeded choices of Splits/*/*.yaml for datasets whose file names are known without the data.

An implementation independent of Sources/Datasets/SampleChoice.swift. Writes Tests/Fixtures/datasets/splits/choices.json and says which
`sha256` lines of the presets differ. Needs PyYAML.
"""
import hashlib
import json
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parent.parent
RESISC45 = """airplane airport baseball_diamond basketball_court beach bridge chaparral church circular_farmland cloud
commercial_area dense_residential desert forest freeway golf_course ground_track_field harbor industrial_area intersection island
lake meadow medium_residential mobile_home_park mountain overpass palace parking_lot railway railway_station rectangular_farmland
river roundabout runway sea_ice ship snowberg sparse_residential stadium storage_tank tennis_court terrace thermal_power_station
wetland""".split()
EUROSAT = dict(
    AnnualCrop=3000, Forest=3000, HerbaceousVegetation=3000, Highway=2500, Industrial=2500, Pasture=2000,
    PermanentCrop=2500, Residential=3000, River=2500, SeaLake=3000)


def candidates(dataset, split):
    """(canonical id, class) of every sample of a split."""
    if dataset == "EuroSAT" and split == "all":
        return [(f"{c}/{c}_{n}", c) for c, count in EUROSAT.items() for n in range(1, count + 1)]
    if dataset == "RESISC45" and split == "all":
        return [(f"{c}/{c}_{n:03d}", c) for c in RESISC45 for n in range(1, 701)]
    if dataset == "CLEVRCounts" and split in ("train", "val"):
        return [(f"CLEVR_{split}_{n:06d}", None) for n in range({"train": 70000, "val": 15000}[split])]
    raise KeyError(split)


def choose(preset, part):
    rule = preset["parts"][part]["choose"]
    taken = {i for other in rule.get("after", []) for i in choose(preset, other)}
    pool = [c for split in rule["from"].split("+") for c in candidates(preset["dataset"], split) if c[0] not in taken]
    if "seed" not in rule:
        return [i for i, _ in pool]

    def key(item):
        text = "\0".join([preset["dataset"], preset["preset"], str(rule["seed"]), item[0]])
        return hashlib.sha256(text.encode()).hexdigest()

    pool.sort(key=key)
    if "count" in rule:
        return [i for i, _ in pool[:rule["count"]]]
    chosen, counts = [], {}
    for i, owner in pool:
        counts[owner] = counts.get(owner, 0) + 1
        if counts[owner] <= rule["perClass"]:
            chosen.append(i)
    return chosen


def main():
    out = []
    for dataset in ("EuroSAT", "RESISC45", "CLEVRCounts"):
        path = ROOT / "Splits" / dataset / "openai.yaml"
        preset = yaml.safe_load(path.read_text())
        for part in preset["parts"]:
            ids = sorted(choose(preset, part), key=lambda i: i.encode())
            digest = hashlib.sha256("".join(i + "\n" for i in ids).encode()).hexdigest()
            assert len(ids) == len(set(ids)) == preset["parts"][part]["count"]
            out.append(dict(
                dataset=dataset, split=f"{preset['preset']}/{part}", count=len(ids), sha256=digest, first=ids[:5]))
            if preset["parts"][part].get("sha256") != digest:
                print(f"{path.relative_to(ROOT)}, {part}: sha256: {digest}")
    folder = ROOT / "Tests/Fixtures/datasets/splits"
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "choices.json").write_text(json.dumps(out, indent=1) + "\n")


if __name__ == "__main__":
    main()
