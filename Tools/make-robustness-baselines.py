#!/usr/bin/env python3
"""Writes Reports/reference/{robustness-testbed,robustness-natural-shifts,table-16,figure-13,figure-14,figure-14-deltas,figure-15}.csv.

    Tools/make-robustness-baselines.py REFERENCE

REFERENCE holds testbed/testbed.csv and paper/*.csv: accuracies of imagenet-testbed (commit 0170eec) and numbers of the CLIP paper,
all in percent. Kept are the models, their types and the columns of the natural shifts with their subsets of classes.
"""
import csv
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent / "Reports/reference"
TESTBED = "imagenet-testbed @0170eec"
PAPER = "Radford et al. 2021 (arXiv 2103.00020v1)"

# Our setting: the column in testbed.csv, the column in robustness_testbed_natural_shifts.csv.
SETTINGS = {
    "imagenet": ("imagenet", "val"),
    "imagenetv2-format-val": ("imagenetv2", "imagenetv2-matched-frequency-format-val"),
    "imagenetv2": (None, "imagenetv2-matched-frequency"),
    "imagenet-sketch": ("imagenet-sketch", "imagenet-sketch"),
    "imagenet-a": ("imagenet-a", "imagenet-a"),
    "imagenet-on-a-classes": ("imagenet-on-a-classes", "val-on-imagenet-a-classes"),
    "imagenet-r": ("imagenet-r", "imagenet-r"),
    "imagenet-on-r-classes": ("imagenet-on-r-classes", "val-on-imagenet-r-classes"),
    "objectnet": ("objectnet", "objectnet-1.0-beta"),
    "imagenet-on-objectnet-classes": ("imagenet-on-objectnet-classes", "val-on-objectnet-classes"),
    "imagenet-vid-pm0": ("vid", "imagenet-vid-robust_pm0"),
    "imagenet-vid-pm10": ("vid-pm10", "imagenet-vid-robust_pm10"),
    "imagenet-on-vid-classes": ("imagenet-on-vid-classes", "val-on-vid-robust-classes"),
    "youtube-bb-pm0": ("ytbb", "ytbb-robust_pm0"),
    "youtube-bb-pm10": ("ytbb-pm10", "ytbb-robust_pm10"),
    "imagenet-on-ytbb-classes": ("imagenet-on-ytbb-classes", "val-on-ytbb-robust-classes"),
}
TYPES = {"robust_intv": "robust-intervention", "lp_adv": "lp-adversarial", "(not in model_types.py)": "unlisted"}
TABLE_16 = {
    "imagenet": "IN", "imagenetv2": "IN-V2", "imagenet-a": "IN-A", "imagenet-r": "IN-R", "objectnet": "ObjectNet",
    "imagenet-sketch": "IN-Sketch", "imagenet-vid-pm0": "IN-Vid_PM0", "imagenet-vid-pm10": "IN-Vid_PM10",
    "youtube-bb-pm0": "YTBB_PM0", "youtube-bb-pm10": "YTBB_PM10",
}
FIGURE_13 = {
    "ImageNet": "imagenet", "ImageNetV2": "imagenetv2", "ImageNet-R": "imagenet-r", "ObjectNet": "objectnet",
    "ImageNet Sketch": "imagenet-sketch", "ImageNet-A": "imagenet-a",
}


def rows(path):
    with open(path, newline="") as file:
        return list(csv.DictReader(file))


def write(name, header, lines):
    with open(OUT / f"{name}.csv", "w", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    print(name, len(lines), "lines")


def number(text):
    """Three decimals of a percent, which is less than one image of any of the sets."""
    return f"{round(float(text), 3):g}" if text else ""


def model_type(text):
    lower = text.lower()
    return TYPES.get(lower, lower.replace("_", "-"))


def cloud(name, table, which, type_column):
    columns = {ours: theirs[which] for ours, theirs in SETTINGS.items() if theirs[which]}
    write(name, ["model", "type", *columns, "unit", "source"],
          [[row["model"], model_type(row[type_column]), *(number(row[c]) for c in columns.values()), "percent", TESTBED]
           for row in table])


def main():
    reference = pathlib.Path(sys.argv[1])
    paper = reference / "paper"
    cloud("robustness-testbed", rows(reference / "testbed/testbed.csv"), 0, "model_type")
    cloud("robustness-natural-shifts", rows(paper / "robustness_testbed_natural_shifts.csv"), 1, "type")

    types = ["more-data", "more-data", "linear-probe", "zero-shot"]
    write("table-16", ["model", "type", *TABLE_16, "unit", "source"],
          [[row["model"], kind, *(row[c] for c in TABLE_16.values()), "percent", f"{PAPER}, Table 16"]
           for row, kind in zip(rows(paper / "table16_robustness.csv"), types, strict=True)])

    table = rows(paper / "fig13_banana_r101_vs_clip.csv")
    assert [row["dataset"] for row in table] == list(FIGURE_13)
    write("figure-13", ["model", "type", *FIGURE_13.values(), "unit", "source"],
          [[model, kind, *(row[column] for row in table), "percent", f"{PAPER}, Figure 13"]
           for model, kind, column in [("ResNet-101", "standard", "ImageNet_ResNet101"),
                                       ("Zero-Shot CLIP", "zero-shot", "ZeroShot_CLIP")]])

    number_of = {}
    lines = []
    for row in rows(paper / "fig14_left_digitized.csv"):
        kind = row["series"].replace("_", "-").replace("logistic-regression", "linear-probe")
        number_of[kind] = number_of.get(kind, 0) + 1
        # The plot names no models; they are numbered by their accuracy on the base.
        lines.append([f"{kind} {number_of[kind]}", kind, row["imagenet_class_subsampled_avg"], row["natural_shift_avg7"],
                      "percent", f"{PAPER}, Figure 14, read off the plot"])
    means = ["class-subsets-mean", "natural-shifts-mean"]
    write("figure-14", ["model", "type", *means, "unit", "source"], lines)
    write("figure-14-deltas", ["dataset", "adaptToImageNet", "adaptToClassShift", "unit", "source"],
          [[row["dataset"], row["adapt_to_imagenet"], row["adapt_to_class_shift"], "percent", f"{PAPER}, Figure 14"]
           for row in rows(paper / "fig14_adaptation_deltas.csv")])
    shots = {"all": ("all shots", "few-shot"), "0 (zero-shot)": ("zero-shot", "zero-shot")}
    write("figure-15", ["model", "type", *means, "unit", "source"],
          [[*shots.get(row["shots"], (f"{row['shots']}-shot", "few-shot")), row["imagenet_class_subsampled_avg"],
            row["natural_shift_avg7"], "percent", f"{PAPER}, Figure 15, read off the plot"]
           for row in rows(paper / "fig15_fewshot_robustness_digitized.csv")])


if __name__ == "__main__":
    main()
