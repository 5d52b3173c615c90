#!/usr/bin/python3
"""Writes Tests/Fixtures/datasets: tiny files in the true formats of the datasets, made by the tools that the
originals were made with (Python's pickle and tarfile, SciPy's savemat, torch.save, gzip, Pillow).

Run from anywhere with Debian's python3, python3-numpy, python3-scipy, python3-torch and python3-pil. The output
is deterministic.
"""
import gzip
import io
import pathlib
import pickle
import struct
import tarfile

import numpy as np
import scipy.io
import torch
from PIL import Image

OUT = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures/datasets"


def path(name):
    target = OUT / name
    target.parent.mkdir(parents=True, exist_ok=True)
    return target


def planes(record):
    """Pixels of a CIFAR record: the value tells record, channel and position apart."""
    channel, position = np.meshgrid(np.arange(3), np.arange(1024), indexing="ij")
    return ((record * 97 + channel * 31 + position) % 256).astype(np.uint8).reshape(3072)


class Python2Pickler(pickle._Pickler):
    """Writes bytes as Python 2's cPickle wrote its strings: SHORT_BINSTRING and BINSTRING."""

    dispatch = dict(pickle._Pickler.dispatch)

    def save_bytes(self, value):
        if len(value) < 256:
            self.write(pickle.SHORT_BINSTRING + bytes([len(value)]) + value)
        else:
            self.write(pickle.BINSTRING + struct.pack("<i", len(value)) + value)
        self.memoize(value)

    dispatch[bytes] = save_bytes


def python2_pickle(value):
    buffer = io.BytesIO()
    Python2Pickler(buffer, protocol=2).dump(value)
    return buffer.getvalue()


def cifar():
    ten = "airplane automobile bird cat deer dog frog horse ship truck".split()
    data = np.stack([planes(i) for i in range(3)])
    labels = [9, 0, 3]
    for name in ["data_batch_1", "test_batch"]:
        path(f"cifar-10-batches-py/{name}").write_bytes(
            python2_pickle({
                b"batch_label": b"testing batch 1 of 1",
                b"labels": labels,
                b"data": data,
                b"filenames": [b"a.png", b"b.png", b"c.png"],
            }))
    path("cifar-10-batches-py/batches.meta").write_bytes(
        python2_pickle({b"num_cases_per_batch": 10000, b"label_names": [n.encode() for n in ten],
                        b"num_vis": 3072}))
    path("cifar-10-batches-bin/test_batch.bin").write_bytes(
        b"".join(bytes([label]) + planes(i).tobytes() for i, label in enumerate(labels)))
    path("cifar-10-batches-bin/batches.meta.txt").write_text("\n".join(ten) + "\n\n")

    fine, coarse = [49, 33, 99], [10, 10, 13]
    path("cifar-100-binary/test.bin").write_bytes(
        b"".join(bytes([c, f]) + planes(i).tobytes() for i, (c, f) in enumerate(zip(coarse, fine))))
    path("cifar-100-python/test").write_bytes(
        python2_pickle({b"data": data, b"fine_labels": fine, b"coarse_labels": coarse}))
    # The same content as Python 3 writes it.
    for protocol in [1, 2, 3, 4]:
        path(f"pickles/cifar-protocol-{protocol}.pickle").write_bytes(
            pickle.dumps({"data": data[:1, :64] % 128, "labels": labels,
                          "wide": np.array([-1, 70000], dtype=np.int64)},
                         protocol=protocol))


def pickles():
    class Run:
        def __reduce__(self):
            import os
            return os.system, ("true",)

    path("pickles/hostile.pickle").write_bytes(pickle.dumps({"data": Run()}, protocol=2))
    path("pickles/complex.pickle").write_bytes(pickle.dumps(1j, protocol=2))
    path("pickles/protocol-0.pickle").write_bytes(pickle.dumps(["a"], protocol=0))
    path("pickles/protocol-5.pickle").write_bytes(pickle.dumps([1], protocol=5))
    path("pickles/frozenset.pickle").write_bytes(pickle.dumps(frozenset([1]), protocol=4))
    shared = ["x"]
    value = {"none": None, "yes": True, "no": False, "int": -5, "long": 2**40, "float": 2.5,
             "text": "naïve", "tuple": (1, 2, 3, 4), "twice": [shared, shared], "bytes": b"\xff\x00"}
    for protocol in [2, 3, 4]:
        path(f"pickles/plain-{protocol}.pickle").write_bytes(pickle.dumps(value, protocol=protocol))


def imagenet():
    # Ids in an order that is not the wnids': tench is 449, as in the original; 1001 is an inner node.
    rows = [(449, "n01440764", 0), (2, "n01443537", 0), (1, "n02119789", 0), (1001, "n00001740", 7)]
    kinds = [("ILSVRC2012_ID", "O"), ("WNID", "O"), ("words", "O"), ("num_children", "O")]
    synsets = np.array([(float(i), wnid, "words of " + wnid, float(children))
                        for i, wnid, children in rows], dtype=kinds).reshape(-1, 1)
    for name, compressed in [("meta.mat", False), ("meta-compressed.mat", True)]:
        target = path("imagenet/" + name)
        scipy.io.savemat(target, {"synsets": synsets}, do_compression=compressed)
        raw = bytearray(target.read_bytes())
        raw[:116] = b"MATLAB 5.0 MAT-file, made by make-dataset-fixtures.py".ljust(116)
        target.write_bytes(raw)
    meta = ({"n01440764": ("tench", "Tinca tinca"), "n01443537": ("goldfish",)},
            ["n01443537", "n01440764", "n01443537"])
    torch.save(meta, path("imagenet/meta.bin"))
    torch.save(meta, path("imagenet/meta-legacy.bin"), _use_new_zipfile_serialization=False)


def tars():
    def add(tar, name, data):
        info = tarfile.TarInfo(name)
        info.size = len(data)
        tar.addfile(info, io.BytesIO(data))

    jpeg = path("tiny.jpg").read_bytes()
    png = path("tiny.png").read_bytes()
    long = "deep/" * 40 + "s0000002"
    shards = {
        "0.tar": (tarfile.USTAR_FORMAT, [("s0000000.cls", b"7"), ("s0000000.jpg", jpeg)]),
        "2.tar": (tarfile.GNU_FORMAT, [(long + ".png", png), (long + ".cls", b"3\n")]),
        "10.tar": (tarfile.PAX_FORMAT, [("é/" + long + ".JPG", jpeg), ("é/" + long + ".cls", b"0"),
                                        ("note.txt", b"hello")]),
    }
    for name, (form, members) in shards.items():
        with tarfile.open(path("shards/" + name), "w", format=form) as tar:
            folder = tarfile.TarInfo("deep")
            folder.type = tarfile.DIRTYPE
            tar.addfile(folder)
            for member, data in members:
                add(tar, member, data)


def mnist():
    images = np.arange(3 * 28 * 28, dtype=np.uint32).astype(np.uint8)
    idx = {
        "t10k-images-idx3-ubyte": struct.pack(">IIII", 0x803, 3, 28, 28) + images.tobytes(),
        "t10k-labels-idx1-ubyte": struct.pack(">II", 0x801, 3) + bytes([7, 2, 1]),
    }
    for name, data in idx.items():
        path(f"mnist/MNIST/raw/{name}.gz").write_bytes(gzip.compress(data, mtime=0))
        path(f"mnist-plain/{name}").write_bytes(data)


def voc():
    """The test split of six images in VOC2007's layout: numbers aligned with one space or two, one list with CR LF, difficult
    labels, an image of no class, one whose file is missing, and lists of other tasks beside the classification's."""
    base = "voc/VOCdevkit/VOC2007/"
    classes = ("aeroplane bicycle bird boat bottle bus car cat chair cow diningtable dog horse motorbike person "
               "pottedplant sheep sofa train tvmonitor").split()
    ids = ["000004", "000001", "000002", "000012", "000045", "009963"]
    shown = {"000001": {"dog": 1, "person": 1}, "000002": {"train": 1}, "000004": {"car": 1, "person": 0},
             "000012": {}, "000045": {"person": 1, "chair": 0, "sofa": 1}, "009963": {"cat": 1, "chair": 1}}
    path(base + "ImageSets/Main/test.txt").write_text("".join(f"{i}\n" for i in ids))
    for name in classes:
        lines = [f"{i} {shown[i].get(name, -1):>2d}" for i in ids]
        end = "\r\n" if name == "person" else "\n"
        path(base + f"ImageSets/Main/{name}_test.txt").write_bytes("".join(line + end for line in lines).encode())
    path(base + "ImageSets/Layout/test.txt").write_text("000001\n")
    for index, image in enumerate(i for i in ids if i != "000045"):
        pixels = (np.arange(8 * 6 * 3) * (index + 3) % 251).astype(np.uint8).reshape(6, 8, 3)
        Image.fromarray(pixels).save(path(base + f"JPEGImages/{image}.jpg"), quality=80)
    path(base + "JPEGImages/Thumbs.db").write_bytes(b"")


if __name__ == "__main__":
    image = Image.fromarray((np.arange(4 * 4 * 3) * 5).astype(np.uint8).reshape(4, 4, 3))
    image.save(path("tiny.jpg"), quality=80)
    image.save(path("tiny.png"))
    cifar()
    pickles()
    imagenet()
    tars()
    mnist()
    voc()
