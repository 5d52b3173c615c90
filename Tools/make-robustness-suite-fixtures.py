#!/usr/bin/python3
"""Writes Tests/Fixtures/robustness-suite: features of ImageNet's seven natural shifts and of a small family of datasets, with
expected.json, what NumPy and scikit-learn make of them.

    Tools/make-robustness-suite-fixtures.py REFERENCE

REFERENCE holds robustness_metadata.json, imagenet_wnids.csv and video-robustness/ (imagenet-testbed at commit 0170eec, MIT licence).
The rules are imagenet-testbed's, written anew from its class lists: logits restricted to the 200 classes of ImageNet-A and -R; ObjectNet
right where the best of the mapped classes is in the object's list; the highest logit a superclass for ImageNet-Vid-Robust and
YTBB-Robust, right where the best superclass is one of the frame's labels (pm-0: the anchor; pm-10: every frame of its set). The
base's images are those of the mapped classes, restricted and pooled the same way.

The feature files list their rows, and the classifier its classes, in an order of their own: what is joined by position comes out wrong.
"""
import csv
import json
import pathlib
import shutil
import sys

import numpy as np
from sklearn.linear_model import LogisticRegression

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/robustness-suite"
WIDTH = 8
SCALE = 20


def load(path):
    return json.loads(path.read_text())


def save(path, features, labels=None, ids=None):
    path.parent.mkdir(parents=True, exist_ok=True)
    np.save(path.with_suffix(".npy"), features.astype(np.float32))
    if labels is not None:
        np.save(path.with_suffix(".labels.npy"), np.asarray(labels, dtype=np.int64))
    if ids is not None:
        path.with_suffix(".ids.txt").write_text("".join(f"{name}\n" for name in ids))


def unit(rows):
    rows = rows.astype(np.float64)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


class ImageNet:
    """Class vectors, and noisy images around them."""

    def __init__(self, reference, random):
        with open(reference / "imagenet_wnids.csv", newline="") as rows:
            self.wnids = [row["wnid"] for row in csv.DictReader(rows)]
        self.random = random
        self.classes = unit(random.normal(size=(1000, WIDTH))).astype(np.float32)

    def images(self, classes, noise):
        """An image of each of these classes, float32 as stored."""
        drawn = self.classes[classes] + self.random.normal(size=(len(classes), WIDTH)) * noise
        return (drawn * self.random.uniform(0.5, 2, size=(len(classes), 1))).astype(np.float32)

    def logits(self, features):
        return SCALE * unit(features) @ unit(self.classes).T


def restricted(logits, labels, ids):
    """Both of numbers among the 1000."""
    ids = np.asarray(ids)
    return ids[logits[:, ids].argmax(axis=1)] == labels


def mapped(logits, allowed, lists):
    """Whether the best of `allowed` is in each image's list."""
    allowed = np.asarray(allowed)
    best = allowed[logits[:, allowed].argmax(axis=1)]
    return np.array([b in own for b, own in zip(best, lists)])


def pooled(logits, groups, names):
    """Of each image the best superclass, by the highest logit of its classes."""
    scores = np.stack([logits[:, groups[name]].max(axis=1) for name in names], axis=1)
    return [names[index] for index in scores.argmax(axis=1)]


def share(right):
    return {"value": float(np.mean(right)), "n": int(len(right))}


def natural_shifts(reference, random):
    settings = load(reference / "robustness_metadata.json")["settings"]
    net = ImageNet(reference, random)
    folder = OUT / "features"
    # A classifier whose rows are in no order.
    order = random.permutation(1000)
    save(folder / "ImageNet/classes", net.classes[order] * 3, ids=[net.wnids[i] for i in order])

    base_labels = np.concatenate([np.arange(1000), random.integers(0, 1000, size=500)])
    base = net.images(base_labels, 0.15)
    save(folder / "ImageNet/val", base, base_labels)
    base_logits = net.logits(base)
    on_base = lambda keep, right: share(np.asarray(right)[keep])
    result = {}

    for name, noise in (("ImageNetV2", 0.2), ("ImageNet-Sketch", 0.25)):
        labels = random.integers(0, 1000, size=250)
        features = net.images(labels, noise)
        save(folder / f"{name}/test", features, labels)
        everything = list(range(1000))
        result[name] = {
            "base": share(restricted(base_logits, base_labels, everything)),
            "accuracy": share(restricted(net.logits(features), labels, everything)),
        }
    for name, key, noise in (("ImageNet-A", "imagenet-a", 0.3), ("ImageNet-R", "imagenet-r", 0.2)):
        ids = settings[key]["class_sublist"]
        own = random.integers(0, 200, size=250)
        labels = np.asarray(ids)[own]
        features = net.images(labels, noise)
        # Labels of the files count the dataset's own 200 classes.
        save(folder / f"{name}/test", features, own)
        keep = np.isin(base_labels, ids)
        result[name] = {
            "base": on_base(keep, restricted(base_logits, base_labels, ids)),
            "accuracy": share(restricted(net.logits(features), labels, ids)),
        }

    objects = settings["objectnet"]["objectnet_label_to_imagenet_ids"]
    folders = settings["objectnet"]["objectnet_label_to_folder"]
    names = sorted(objects, key=lambda label: folders[label])
    allowed = [number for label in objects for number in objects[label]]
    own = random.integers(0, 113, size=250)
    truth = np.array([random.choice(objects[names[k]]) for k in own])
    features = net.images(truth, 0.25)
    save(folder / "ObjectNet/test", features, own)
    owner = {number: label for label in objects for number in objects[label]}
    keep = np.isin(base_labels, allowed)
    result["ObjectNet"] = {
        "base": share(mapped(
            base_logits[keep], allowed, [objects[owner[c]] for c in base_labels[keep]])),
        "accuracy": share(mapped(net.logits(features), allowed, [objects[names[k]] for k in own])),
    }
    # Adapted to class shift: the objects' own names, here the mean of the classes they are, turned a little.
    vectors = unit(np.stack([unit(net.classes[objects[n]]).mean(axis=0) for n in names])
                   + random.normal(size=(113, WIDTH)) * 0.1).astype(np.float32)
    shuffled = random.permutation(113)
    save(folder / "ObjectNet/classes", vectors[shuffled], ids=[folders[names[k]] for k in shuffled])
    adapted = (unit(features) @ unit(vectors).T).argmax(axis=1)
    result["ObjectNet"]["class-shift"] = share(adapted == own)

    result["ImageNet-Vid-Robust"] = vid(reference, settings["imagenet-vid"], net, random, base_logits, base_labels)
    result["YTBB-Robust"] = ytbb(settings["ytbb"], net, random, base_logits, base_labels)
    (folder / "embeddings.yaml").write_text(
        f"model: synthetic\nfeatureKind: projected\nlogitScale: {SCALE}\n"
        "classNames: ImageNet/openai-2021\ntemplates: ImageNet/openai-2021\n")
    return result


def frame_sets(net, random, groups, sets, noise):
    """Images of frames by name, with labels by name; sets are an anchor and its other frames."""
    names = list(groups)
    frames, features, right = [], [], {}
    for anchor, others, labels in sets:
        for frame in [anchor] + others:
            shown = [n for n in labels if n in groups]
            own = random.choice(groups[random.choice(shown)]) if shown else random.integers(0, 1000)
            image = net.images(np.array([own]), noise)
            best = pooled(net.logits(image), groups, names)[0]
            right[frame] = best in labels
            frames.append(frame)
            features.append(image[0])
    pm0 = [right[anchor] for anchor, _, _ in sets]
    pm10 = [all(right[frame] for frame in [anchor] + others) for anchor, others, _ in sets]
    return frames, np.stack(features), {"pm-0": share(pm0), "pm-10": share(pm10)}


def pooled_base(base_logits, base_labels, groups):
    owner = {number: name for name, numbers in groups.items() for number in numbers}
    keep = np.isin(base_labels, list(owner))
    best = pooled(base_logits[keep], groups, list(groups))
    return share([b == owner[c] for b, c in zip(best, base_labels[keep])])


def vid(reference, settings, net, random, base_logits, base_labels):
    groups = {int(key): numbers for key, numbers in settings["class_to_imagenet_ids"].items()}
    pmsets = load(reference / "video-robustness/imagenet-vid-robust__pmsets.json")
    labels = load(reference / "video-robustness/imagenet-vid-robust__labels.json")
    chosen = sorted(pmsets)[::30]
    sets = [(anchor, pmsets[anchor], sorted(set(labels[anchor]))) for anchor in chosen]
    frames, features, result = frame_sets(net, random, groups, sets, 0.11)
    result["frames"] = len(frames)
    # A frame without a feature: its set counts for neither.
    lost = len(frames)
    for frame in (pmsets[sorted(pmsets)[1]])[:3]:
        frames.append(frame)
        features = np.concatenate([features, net.images(np.array([7]), 0.1)])
    order = random.permutation(len(frames))
    save(OUT / "features/ImageNet-Vid-Robust/test", features[order], ids=[frames[k] for k in order])
    for path in chosen[:1]:
        target = OUT / "data/imagenet-vid-robust" / path
        target.parent.mkdir(parents=True)
        target.write_bytes(b"not read\n")
    result["base"] = pooled_base(base_logits, base_labels, groups)
    result["incomplete"] = len(frames) - lost
    return result


def ytbb(settings, net, random, base_logits, base_labels):
    index = {int(key): name for key, name in settings["class_index"].items()}
    groups = {index[int(key)]: numbers for key, numbers in settings["class_to_imagenet_ids"].items()}
    answers = ["good"] + [index[k] for k in range(24)]
    sets, anchors, pairs, rows = [], [], [], []
    for clip in range(36):
        # Two clips of a video now and then: intervals draw videos.
        video, time = f"video{clip - clip % 5 // 4:03d}_x", 1000 * (clip + 1)
        first = ["person", "cow", "toilet", "car", "dog", "bus"][clip % 6]
        more = ["horse"] if clip % 7 == 3 else []
        number = 100 + clip
        name = lambda frame: f"{video}_{time}/frame-{frame}.jpg"
        others = [name(number + k) for k in (-2, -1, 1)]
        sets.append((name(number), others, [first] + more))
        anchors.append({"key": name(number), "labels": [answers.index(a) for a in ["good"] + more]})
        pairs += [{"key": f"{name(number)},{other}", "labels": [0]} for other in others]
        # Its own list has the car where ours has none, and none where ours has the car.
        listed = {"car": 22}.get(first, next(k for k, v in index.items() if v == first))
        rows.append(f"{video},{time},{listed}\n")
    frames, features, result = frame_sets(net, random, groups, sets, 0.16)
    order = random.permutation(len(frames))
    save(OUT / "features/YTBB-Robust/test", features[order], ids=[frames[k] for k in order])
    metadata = OUT / "data/ytbb-robust_metadata"
    metadata.mkdir(parents=True)
    (metadata / "anchor_labels.json").write_text(
        json.dumps({"labels": answers, "annotations": anchors}) + "\n")
    (metadata / "pmk_labels.json").write_text(
        json.dumps({"labels": ["similar", "dissimilar"], "annotations": pairs}) + "\n")
    (metadata / "ytbb_robustness_test_anchors_full.csv").write_text("ytid,time_ms,label\n" + "".join(rows))
    for anchor, _, _ in sets:
        target = OUT / "data/ytbb-robust" / anchor
        target.parent.mkdir(parents=True)
        target.write_bytes(b"not read\n")
    result["base"] = pooled_base(base_logits, base_labels, groups)
    result["neverRight"] = sum(4 for _, _, labels in sets if not any(name in groups for name in labels))
    return result


HOME = ["bear", "cat", "dog", "fox", "owl"]
# Another order, and one class less.
AWAY = ["owl", "dog", "bear", "fox"]
C = 0.5


def family(random):
    """A base with a training split, and a shift with four of its five classes."""
    folder = OUT / "family"
    centres = unit(random.normal(size=(len(HOME), WIDTH)))

    def draw(names, own, count, offset, noise):
        labels = np.arange(count) % len(names)
        which = np.array([own.index(names[k]) for k in labels])
        features = centres[which] + offset + random.normal(size=(count, WIDTH)) * noise
        return features.astype(np.float32), labels

    def write(dataset, split, features, labels, names):
        save(folder / dataset / split, features, labels,
             [f"{split}/{row:03d}.png" for row in range(len(labels))])
        (folder / dataset / "classes.txt").write_text("".join(f"{n}\n" for n in names))

    train, y = draw(HOME, HOME, 120, 0, 0.45)
    test, t = draw(HOME, HOME, 150, 0, 0.45)
    away, a = draw(AWAY, HOME, 140, 0.25, 0.5)
    for dataset, split, features, labels, names in (
            ("Home", "train", train, y, HOME), ("Home", "test", test, t, HOME), ("Away", "test", away, a, AWAY)):
        write(dataset, split, features, labels, names)
    words = unit(centres + random.normal(size=centres.shape) * 0.25).astype(np.float32)
    save(folder / "Home/classes", words, ids=HOME)
    (folder / "embeddings.yaml").write_text(f"model: family\nfeatureKind: projected\nlogitScale: {SCALE}\n")

    shared = [HOME.index(name) for name in AWAY]
    truth = np.array(shared)[a]
    keep = np.isin(t, shared)

    def score(weights, intercepts, normalise):
        values = {}
        for key, features, labels in (("base", test[keep], t[keep]), ("accuracy", away, truth)):
            rows = unit(features) if normalise else features.astype(np.float64)
            values[key] = share(restricted(rows @ weights.T + intercepts, labels, sorted(shared)))
        return values

    def fit(features):
        model = LogisticRegression(C=C, solver="newton-cg", tol=1e-7, max_iter=300)
        return model.fit(features, y)

    plain = fit(train.astype(np.float64))
    scaled = fit(unit(train).astype(np.float32).astype(np.float64))
    zero = SCALE * unit(words)
    result = {"zero-shot": score(zero, 0, True), "probe": score(plain.coef_, plain.intercept_, False)}
    result["ensemble"] = [
        dict(score(alpha * scaled.coef_ + (1 - alpha) * zero, alpha * scaled.intercept_, True), alpha=alpha)
        for alpha in (0, 0.25, 0.5, 0.75, 1)]
    return result


def main(reference):
    shutil.rmtree(OUT, ignore_errors=True)
    reference = pathlib.Path(reference)
    expected = {
        "naturalShifts": natural_shifts(reference, np.random.default_rng(20213)),
        "family": family(np.random.default_rng(20214)),
    }
    (OUT / "expected.json").write_text(json.dumps(expected, indent=1) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
