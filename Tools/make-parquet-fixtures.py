#!/usr/bin/env python3
"""Writes Tests/Fixtures/parquet: small Parquet files by pyarrow, and what pyarrow reads from them.

expected.json has each file's labels, image paths, and the first eight digits of the images' SHA-256.

Needs pyarrow, which Debian does not package (`pip install pyarrow` into an environment of its own).
"""

import hashlib
import json
import pathlib
import random
import re
import struct
import zlib

import pyarrow as pa
import pyarrow.parquet as pq

root = pathlib.Path(__file__).resolve().parent.parent / "Tests/Fixtures"
out = root / "parquet"
out.mkdir(parents=True, exist_ok=True)
jpeg = (root / "datasets/tiny.jpg").read_bytes()


def png(seed):
    """A 4×3 RGB image of its own for every seed."""
    noise = random.Random(seed)
    rows = b"".join(b"\0" + bytes(noise.randrange(256) for _ in range(12)) for _ in range(3))

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", 4, 3, 8, 2, 0, 0, 0)
    return (b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(rows))
            + chunk(b"IEND", b""))


def metadata(names, label="label", image="image"):
    features = {image: {"_type": "Image"}, "boxes": [{"_type": "Value"}],
                label: {"names": names, "_type": "ClassLabel"}}
    return {"huggingface": json.dumps({"info": {"features": features}})}


def structs(count, seed=0, nulls=()):
    images = [None if i in nulls else {"bytes": png(seed + i), "path": f"img_{i:03}.png"} for i in range(count)]
    return pa.array(images, pa.struct([("bytes", pa.binary()), ("path", pa.string())]))


def write(name, columns, meta=None, **options):
    table = pa.table(columns)
    if meta:
        table = table.replace_schema_metadata(meta)
    path = out / name
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(table, path, store_schema=False, **options)
    if meta:  # store_schema=False drops the key-value metadata
        writer = pq.ParquetWriter(path, table.schema, store_schema=False,
                                  **{k: v for k, v in options.items() if k != "row_group_size"})
        writer.add_key_value_metadata(meta)
        writer.write_table(table, row_group_size=options.get("row_group_size"))
        writer.close()
    read = pq.read_table(path)
    entry = {"rows": read.num_rows, "labels": [], "images": [], "paths": []}
    for row in read.to_pylist():
        image = row["image"] if "image" in row else row["jpg"]
        data, image_path = (image.get("bytes"), image.get("path")) if isinstance(image, dict) else (image, None)
        entry["labels"].append(row["label"] if "label" in row else row["cls"])
        entry["images"].append(hashlib.sha256(data).hexdigest()[:8] if data is not None else None)
        entry["paths"].append(image_path)
    expected[name] = entry


expected = {}
names = [f"class {i}" for i in range(5)]
labels = [(7 * i) % 5 for i in range(8)]
for codec in ["none", "snappy", "gzip", "zstd"]:
    for version in ["1.0", "2.0"]:
        for dictionary in [True, False]:
            write(f"{codec}-v{version[0]}-{'dict' if dictionary else 'plain'}.parquet",
                  {"image": structs(8), "label": pa.array(labels)}, compression=codec,
                  data_page_version=version, use_dictionary=dictionary)
# Row groups, each with several pages in each column.
write("pages.parquet", {"image": structs(45, seed=100), "label": pa.array([i % 5 for i in range(45)])},
      metadata(names), compression="snappy", row_group_size=20, data_page_size=300, write_batch_size=4,
      use_dictionary=["label"])
# A dictionary that several pages of images share: six images, each seven times.
same = structs(6, seed=200).to_pylist() * 7
write("shared.parquet", {"image": pa.array(same, structs(1).type), "label": pa.array([i % 6 for i in range(42)])},
      compression="zstd", row_group_size=24, data_page_size=8, write_batch_size=7, data_page_version="2.0")
write("nulls.parquet", {"image": structs(20, seed=300, nulls=(0, 7, 19)),
                        "label": pa.array([None if i == 9 else i % 3 for i in range(20)])},
      compression="snappy", data_page_size=200, write_batch_size=4)
write("no-nulls-in-schema.parquet", pa.table(
    [pa.array([png(i) for i in range(5)]), pa.array([4, 3, 2, 1, 0], pa.int32())],
    schema=pa.schema([pa.field("jpg", pa.binary(), False), pa.field("cls", pa.int32(), False)])),
      compression="none")
write("delta.parquet", {"image": structs(9), "label": pa.array([(i * i * 977) % 1000 - 3 for i in range(9)])},
      compression="none", use_dictionary=False, column_encoding={"label": "DELTA_BINARY_PACKED"})
many = [(i * i * 7919) % 1000003 - 500000 for i in range(300)]
write("delta-long.parquet", {"jpg": pa.array([b""] * 300), "cls": pa.array(many)}, compression="zstd",
      use_dictionary=["jpg"], column_encoding={"cls": "DELTA_BINARY_PACKED"})
write("checksums.parquet", {"jpg": pa.array([png(i) for i in range(8)]), "cls": pa.array(list(range(8)))},
      compression="snappy", write_page_checksum=True)
write("lz4.parquet", {"image": structs(3), "label": pa.array([0, 1, 2])}, compression="lz4")
write("delta-bytes.parquet", {"image": structs(3), "label": pa.array([0, 1, 2])}, compression="none",
      use_dictionary=False, column_encoding={"image.bytes": "DELTA_LENGTH_BYTE_ARRAY"})

# Hugging Face's folder: two shards a split. The second validation shard leaves the file names out.
for split, seed in [("train", 400), ("validation", 500)]:
    for shard in range(2):
        images = structs(6, seed=seed + 10 * shard)
        if split == "validation" and shard == 1:
            images = pa.array([{"bytes": image["bytes"], "path": None} for image in images.to_pylist()], images.type)
        write(f"huggingface/data/{split}-{shard:05}-of-00002.parquet",
              {"image": images, "label": pa.array([(i + shard) % 5 for i in range(6)])}, metadata(names))
write("huggingface/data/test-00000-of-00001.parquet",
      {"image": structs(4, seed=600), "label": pa.array([-1] * 4)}, metadata(names))

# The first WordNet name of every third ImageNet class, as OpenAI has it, and nothing for the others.
table = (root.parent.parent / "Sources/Datasets/ImageNetClasses.swift").read_text()
known = re.findall(r"^    n\d{8} (.+)$", table, re.M)
assert len(known) == 1000
write("imagenet.parquet", {"image": structs(4, seed=700), "label": pa.array([278, 0, 999, 1])},
      metadata([f"{name.title()}, x" if i % 3 == 1 else "-" for i, name in enumerate(known)]))

(out / "expected.json").write_text("{\n" + ",\n".join(
    f"{json.dumps(name)}: {json.dumps(entry, separators=(',', ':'))}" for name, entry in sorted(expected.items())
) + "\n}\n")
print(sum(p.stat().st_size for p in out.rglob("*") if p.is_file()), "bytes")
