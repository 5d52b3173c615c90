#!/usr/bin/env python3
"""Writes the published numbers of Reports/reference: the CLIP paper's tables and figures, and other harnesses' numbers of the same models.

    Tools/make-reference-tables.py REFERENCE

REFERENCE holds paper/*.csv (transcribed tables, and figures read off their plots), other_harnesses.csv and models.csv; numbers in
percent. Not written here: the tables of Tools/make-robustness-baselines.py, and those kept by hand (samples.csv, known-causes.csv,
harness-protocols.csv).

Tables that results are held against have one line a number, in the columns TIDY; `dataset` and `metric` are this program's own names,
joined by name and never by position. `condition` says which rows of that experiment, dataset and metric a number is of
(Documentation/References.md). Other tables keep the shape they are printed in.
"""
import csv
import pathlib
import sys

OUT = pathlib.Path(__file__).resolve().parent.parent / "Reports/reference"
TIDY = ["experiment", "dataset", "model", "metric", "value", "unit", "condition", "source"]
# "CLIP" without a model's name (section 2.5).
CLIP = "ViT-L/14@336px"
METRICS = {"accuracy": "accuracy", "mean per class": "mean-per-class", "mean-per-class": "mean-per-class",
           "11-point mAP": "11-point-mAP", "mean(top1, top5)": "mean-top1-top5", "ROC AUC": "ROC-AUC"}
# Numbers of the middle frame, and of classes that are variants.
CONDITIONS = {"UCF101": "datasetOptions!~frames=uniform", "Kinetics700": "datasetOptions!~frames=uniform",
              "FGVCAircraft": "datasetOptions!~level=family;datasetOptions!~level=manufacturer"}


def rows(path):
    with open(path, newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def write(name, header, lines):
    with open(OUT / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(lines)
    print(name, len(lines), "lines")


def printed(where):
    return f"arXiv 2103.00020 {where}"


def plotted(where):
    return f"{printed(where)}, read off the plot"


def copy(name, table, columns, source, unit="percent"):
    """A table as it is printed: columns are {ours: theirs}; the source says where. Empty cells stay empty."""
    tail = ([unit] if unit else []) + [source]
    header = list(columns) + (["unit"] if unit else []) + ["source"]
    write(name, header, [[row[theirs] for theirs in columns.values()] + tail for row in table])


def tidy(name, entries, source):
    """entries: experiment, dataset, model, metric, value, condition; without a value they are left out."""
    write(name, TIDY, [[e, d, m, metric, value, "percent", condition, printed(source)]
                       for e, d, m, metric, value, condition in entries if value != ""])


def tables_10_and_11(paper, datasets):
    metric = {row["column"]: METRICS[row["metric"]] for row in datasets}
    bold = {(row["family"], row["model"]): row for row in rows(paper / "table10_bold_within_cp995.csv")}
    lines = []
    for row in rows(paper / "table10_linear_probe.csv"):
        flags = bold.pop((row["family"], row["model"]))
        for dataset in metric:
            lines.append(["linear-probe", dataset, row["model"], metric[dataset], row[dataset], "percent",
                          CONDITIONS.get(dataset, ""), row["family"], {"0": "no", "1": "yes"}[flags[dataset]],
                          printed("Table 10")])
    assert not bold and len(lines) == 66 * 27
    write("table-10", TIDY[:-1] + ["family", "bold", "source"], lines)
    table = rows(paper / "table11_zero_shot.csv")
    assert len(table) == 9
    tidy("table-11", [("zero-shot", dataset, row["model"], metric[dataset], row[dataset], CONDITIONS.get(dataset, ""))
                      for row in table for dataset in metric], "Table 11")


def table_1(paper):
    row = next(row for row in rows(paper / "table1_visual_ngrams.csv") if row["model"] == "CLIP")
    tidy("table-1", [("zero-shot", dataset, CLIP, "accuracy", row[dataset], "") for dataset in ("aYahoo", "ImageNet", "SUN")],
         "Table 1")


def table_13(paper):
    entries = []
    for row in rows(paper / "table13_retrieval.csv"):
        model = CLIP if row["model"] == "CLIP" else f"{row['model']} ({row['group'].lower()})"
        for column, value in row.items():
            parts = column.split("_")
            if len(parts) != 3:
                continue
            # "Text retrieval" is of texts for an image.
            direction = {"text": "image-to-text", "image": "text-to-image"}[parts[0]]
            dataset = {"Flickr30k": "Flickr30k", "MSCOCO": "COCOCaptions"}[parts[1]]
            entries.append(("retrieval", dataset, model, f"{direction}-recall{parts[2][1:]}", value, ""))
    tidy("table-13", entries, "Table 13")


def tables_14_and_15(paper):
    experiments = {"Linear": "linear-probe", "ZS": "zero-shot", "Finetune": "finetuned"}
    ocr = {"MNIST": ("MNIST", "accuracy", ""), "SVHN": ("SVHNFull", "accuracy", ""),
           "IIIT5K_1k": ("IIIT5K", "accuracy", "datasetOptions~lexicon=1k"),
           "HatefulMemes": ("HatefulMemes", "ROC-AUC", ""), "SST-2": ("RenderedSST2", "accuracy", "")}
    # Zero-shot predictions are averaged over frames, those of probes are of the middle one.
    frames = {"ZS": "datasetOptions~frames=uniform", "Linear": "datasetOptions!~frames=uniform", "Finetune": ""}
    action = {"UCF101_top1": ("UCF101", "accuracy"), "K700_avg_top1_top5": ("Kinetics700", "mean-top1-top5"),
              "RareAct_mWAP": ("RareAct", "mWAP"), "RareAct_mWSAP": ("RareAct", "mWSAP")}

    def model(row):
        return CLIP if row["model"] == "CLIP" else row["model"]

    tidy("table-14", [(experiments[row["group"]], ocr[column][0], model(row), ocr[column][1], row[column], ocr[column][2])
                      for row in rows(paper / "table14_ocr.csv") for column in ocr], "Table 14")
    tidy("table-15", [(experiments[row["group"]], action[column][0], model(row), action[column][1], row[column], frames[row["group"]])
                      for row in rows(paper / "table15_action.csv") for column in action], "Table 15")


SHIFTS = {
    "IN-V2": ("ImageNetV2", "accuracy"), "IN-A": ("ImageNet-A", "accuracy"), "IN-R": ("ImageNet-R", "accuracy"),
    "ObjectNet": ("ObjectNet", "accuracy"), "IN-Sketch": ("ImageNet-Sketch", "accuracy"),
    "IN-Vid_PM0": ("ImageNet-Vid-Robust", "pm-0"), "IN-Vid_PM10": ("ImageNet-Vid-Robust", "pm-10"),
    "YTBB_PM0": ("YTBB-Robust", "pm-0"), "YTBB_PM10": ("YTBB-Robust", "pm-10"),
}


def table_16(paper):
    """The zero-shot line is of each dataset's own class names; where Figure 14 says that those change nothing, it is that of
    ImageNet's too."""
    table = {row["model"]: row for row in rows(paper / "table16_robustness.csv")}
    change = {row["dataset"]: float(row["adapt_to_class_shift"]) for row in rows(paper / "fig14_adaptation_deltas.csv")}
    names = {"ImageNetV2": "ImageNetV2", "ImageNet-A": "ImageNet-A", "ImageNet-R": "ImageNet-R", "ObjectNet": "ObjectNet",
             "ImageNet Sketch": "ImageNet-Sketch", "ImageNet Vid": "ImageNet-Vid-Robust", "Youtube-BB": "YTBB-Robust"}
    unchanged = {names[name] for name, value in change.items() if name != "ImageNet" and value == 0}
    entries = []
    for column, (dataset, metric) in SHIFTS.items():
        zero_shot = table["Zero-Shot CLIP"][column]
        entries.append(("zero-shot", dataset, CLIP, metric, zero_shot, ""))
        entries.append(("robustness", dataset, CLIP, metric, zero_shot, "classifier=class-shift"))
        if dataset in unchanged:
            entries.append(("robustness", dataset, CLIP, metric, zero_shot, "classifier=zero-shot"))
        entries.append(("robustness", dataset, CLIP, metric, table["Linear Probe CLIP"][column], "classifier=probe"))
    tidy("table-16-results", entries, "Table 16")


def other_tables(paper):
    copy("table-2", rows(paper / "table2_human_pets.csv"),
         {"who": "who", "mean-per-class": "accuracy", "majority-vote": "majority_vote_full_dataset", "guesses": "accuracy_on_guesses",
          "majority-vote-of-guesses": "majority_vote_accuracy_on_guesses"}, printed("Table 2"))
    for number, name in ((3, "white"), (4, "nonwhite")):
        copy(f"table-{number}", rows(paper / f"table{number}_fairface_{name}.csv"),
             {column: column for column in ("model", "race", "gender", "age")}, printed(f"Table {number}"))
    for number, name in ((5, "fairface_gender_by_race"), (6, "harm_by_race"), (7, "harm_by_age"), (8, "celeba_identity"), (17, "im2gps")):
        table = rows(paper / f"table{number}_{name}.csv")
        copy(f"table-{number}", table, {column: column for column in table[0] if column != "source"}, printed(f"Table {number}"))
    copy("table-12", rows(paper / "table12_yfcc_vs_wit.csv"),
         {"row": "row", "probe-yfcc": "lin_YFCC", "probe-wit": "lin_WIT", "probe-difference": "lin_delta", "zero-shot-yfcc": "zs_YFCC",
          "zero-shot-wit": "zs_WIT", "zero-shot-difference": "zs_delta"}, printed("Table 12"), unit=None)
    copy("table-9", rows(paper / "table9_datasets.csv"),
         {"dataset": "column", "title": "dataset", "classes": "classes", "train": "train_size", "test": "test_size", "metric": "metric"},
         printed("Table 9"), unit=None)
    for number, name in ((18, "common_hparams"), (19, "resnet_hparams"), (20, "vit_hparams")):
        table = rows(paper / f"table{number}_{name}.csv")
        copy(f"table-{number}", table, {column: column for column in table[0] if column != "source"}, printed(f"Table {number}"), unit=None)


def figures(paper):
    copy("figure-2", rows(paper / "fig2_pretraining_efficiency_digitized.csv"),
         {"images-millions": "images_processed_M", "bag-of-words-contrastive": "bow_contrastive",
          "bag-of-words-prediction": "bow_prediction", "transformer-language-model": "transformer_lm"}, plotted("Figure 2"))
    copy("figure-4", rows(paper / "fig4_prompt_ensembling_digitized.csv"),
         {"model": "model", "gflops": "gflops_printed", "contextless-names": "contextless_avg36", "prompt-ensemble": "prompt_ensemble_avg36"},
         plotted("Figure 4"))
    copy("figure-5", rows(paper / "fig5_zs_minus_rn50_probe.csv"), {"dataset": "dataset", "difference": "delta_printed"}, printed("Figure 5"))
    copy("figure-6", [dict(model=model, shots=row["shots"], percent=row[column])
                      for model, column in (("CLIP", "LinearProbe_CLIP"), ("BiT-M (ImageNet-21K)", "BiT-M_ImageNet21K"),
                                            ("SimCLRv2", "SimCLRv2"), ("ResNet50", "ResNet50"))
                      for row in rows(paper / "fig6_fewshot_digitized.csv") if row[column]],
         {"model": "model", "shots": "shots", "percent": "percent"}, plotted("Figure 6"), unit=None)
    copy("figure-7", rows(paper / "fig7_data_efficiency.csv"), {"dataset": "dataset", "shots": "examples_per_class"},
         printed("Figure 7"), unit=None)
    copy("figure-9", rows(paper / "fig9_scaling_digitized.csv"),
         {"model": "model", "gflops": "gflops_printed", "mean-error": "avg_error_39evals"}, plotted("Figure 9"))
    copy("figure-11", rows(paper / "fig11_clip_minus_ns_l2.csv"), {"dataset": "dataset", "difference": "delta_printed"}, printed("Figure 11"))
    # Not printed as numbers; Figures 10 and 12 plot them.
    copy("figure-10-and-12", rows(paper / "fig10_fig12_averages_computed.csv"),
         {"family": "family", "model": "model", "mean-of-12": "avg12_kornblith", "mean-of-27": "avg27", "mean-of-26": "avg26_no_imagenet",
          "ImageNet": "imagenet"}, "computed from arXiv 2103.00020 Table 10")
    names = {"CIFAR-100": "CIFAR100", "Stanford Cars": "StanfordCars", "ImageNet Sketch": "ImageNet-Sketch", "Kinetics-700": "Kinetics700"}
    p = {"p<1e-3": "<0.001", "p<0.05": "<0.05", "p>0.05": ">0.05"}
    copy("figure-17", [dict(row, dataset=names.get(row["dataset"], row["dataset"]), p=p[row["p_class"]])
                       for row in rows(paper / "fig17_overlap_digitized.csv")],
         {"dataset": "dataset", "contamination": "overlap_pct", "change": "overall_accuracy_change_pct",
          "difference": "acc_diff_overlap_vs_clean_pct", "p": "p"}, plotted("Figure 17"), unit=None)


# CLIP_benchmark's name, as other_harnesses.csv has it, of a dataset that this program has too. Its VOC2007 of single-label crops is
# another dataset, and so are those without a line here.
HARNESS_DATASETS = {
    "birdsnap": "Birdsnap", "caltech101": "Caltech101", "cifar10": "CIFAR10", "cifar100": "CIFAR100", "clevr_counts": "CLEVRCounts",
    "country211": "Country211", "dtd": "DTD", "eurosat": "EuroSAT", "fer2013": "FER2013", "fgvc_aircraft": "FGVCAircraft",
    "flowers102": "Flowers102", "food101": "Food101", "gtsrb": "GTSRB", "imagenet": "ImageNet", "imagenet_a": "ImageNet-A",
    "imagenet_r": "ImageNet-R", "imagenet_sketch": "ImageNet-Sketch", "imagenetv2": "ImageNetV2", "kitti_distance": "KITTI",
    "mnist": "MNIST", "objectnet": "ObjectNet", "oxford_pets": "OxfordPets", "pcam": "PCam", "rendered_sst2": "RenderedSST2",
    "resisc45": "RESISC45", "stanford_cars": "StanfordCars", "stl10": "STL10", "sun397": "SUN397", "svhn": "SVHN", "voc2007": "VOC2007",
    "flickr30k": "Flickr30k", "mscoco_captions": "COCOCaptions",
}
HARNESS_METRICS = {"acc1": "accuracy", "acc5": "accuracy@5", "mean_per_class_recall": "mean-per-class",
                   "mean_average_precision": "area-mAP", "image_retrieval_recall@5": "text-to-image-recall@5",
                   "text_retrieval_recall@5": "image-to-text-recall@5"}
for title in ("Flickr", "MSCOCO"):
    for k in (1, 5, 10):
        HARNESS_METRICS[f"{title} image retr. R@{k}"] = f"text-to-image-recall@{k}"
        HARNESS_METRICS[f"{title} text retr. R@{k}"] = f"image-to-text-recall@{k}"


def other_harnesses(path, models):
    entries = {}
    for row in rows(path):
        repository = row["source"].split("@")[0].split(":")[0]
        harness = {"LAION-AI/CLIP_benchmark": "CLIP_benchmark", "mlfoundations/open_clip": "open_clip"}.get(repository)
        dataset, metric = HARNESS_DATASETS.get(row["dataset"]), HARNESS_METRICS.get(row["metric"])
        if None in (harness, dataset, metric) or row["model"] not in models:
            continue
        key = (harness, "retrieval" if "recall" in metric else "zero-shot", dataset, row["model"], metric)
        assert key not in entries, key
        entries[key] = (f"{float(row['value']):g}", "percent", row["source"].split(" ")[0] + " " + row["source"].split(" ")[1]
                        if " " in row["source"] else row["source"])
    order = list(HARNESS_DATASETS.values())
    keys = sorted(entries, key=lambda key: (key[0], key[1], order.index(key[2]), models.index(key[3]), key[4]))
    write("other-harnesses", ["harness"] + TIDY[:6] + ["source"], [[*key, *entries[key]] for key in keys])


def main(reference):
    reference = pathlib.Path(reference)
    paper = reference / "paper"
    models = rows(reference / "models.csv")
    assert len(models) == 9
    write("models", ["model", "weightsSHA256", "gflops", "source"],
          [[row["model"], row["sha256"], row["gflops_paper"].lstrip("~").split(" ")[0],
             "openai/CLIP @d05afc4; arXiv 2103.00020 Figures 4, 9 and 10"] for row in models])
    datasets = rows(paper / "table9_datasets.csv")
    tables_10_and_11(paper, datasets)
    table_1(paper)
    table_13(paper)
    tables_14_and_15(paper)
    table_16(paper)
    other_tables(paper)
    figures(paper)
    other_harnesses(reference / "other_harnesses.csv", [row["model"] for row in models])


if __name__ == "__main__":
    main(*sys.argv[1:])
