#!/usr/bin/env python3
"""Makes Tests/Fixtures/tiny-clip: a CLIP with random weights and odd sizes, and what PyTorch computes with it.

Needs Debian's python3-torch and python3-numpy. The forward pass is written out with torch operators from the
architecture's description (Radford et al. 2021, section 2.4), so that it shares nothing with the program under test.

Usage: make-tower-fixtures.py VOCABULARY_FOLDER OUTPUT_FOLDER
"""
import json
import pathlib
import shutil
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

VISION = dict(width=48, layers=3, heads=3, mlp=80, image=40, patch=8)
TEXT = dict(width=32, layers=2, heads=4, mlp=72, context=16)
JOINT = 24


def write_safetensors(path, arrays):
    header, offset, blobs = {}, 0, []
    for name, array in arrays.items():
        array = np.asarray(array, order="C")
        kind = {"float32": "F32", "float16": "F16", "int64": "I64"}[str(array.dtype)]
        blob = array.tobytes()
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def random_weights(vocabulary):
    generator = torch.Generator().manual_seed(20210226)
    weights = {}

    def add(name, *shape, scale=0.2, offset=0.0):
        values = offset + scale * torch.randn(*shape, generator=generator)
        weights[name] = values.half().float()  # stored as fp16, computed from the rounded values

    def blocks(prefix, t):
        for i in range(t["layers"]):
            p = f"{prefix}.encoder.layers.{i}"
            for n in ("q_proj", "k_proj", "v_proj", "out_proj"):
                add(f"{p}.self_attn.{n}.weight", t["width"], t["width"])
                add(f"{p}.self_attn.{n}.bias", t["width"])
            for n in ("layer_norm1", "layer_norm2"):
                add(f"{p}.{n}.weight", t["width"], offset=1.0)
                add(f"{p}.{n}.bias", t["width"])
            add(f"{p}.mlp.fc1.weight", t["mlp"], t["width"])
            add(f"{p}.mlp.fc1.bias", t["mlp"])
            add(f"{p}.mlp.fc2.weight", t["width"], t["mlp"])
            add(f"{p}.mlp.fc2.bias", t["width"])

    v, t = VISION, TEXT
    weights["logit_scale"] = torch.tensor(2.5)
    add("vision_model.embeddings.class_embedding", v["width"])
    add("vision_model.embeddings.patch_embedding.weight", v["width"], 3, v["patch"], v["patch"])
    add("vision_model.embeddings.position_embedding.weight", (v["image"] // v["patch"]) ** 2 + 1, v["width"])
    for n in ("pre_layrnorm", "post_layernorm"):
        add(f"vision_model.{n}.weight", v["width"], offset=1.0)
        add(f"vision_model.{n}.bias", v["width"])
    blocks("vision_model", v)
    add("visual_projection.weight", JOINT, v["width"])
    add("text_model.embeddings.token_embedding.weight", vocabulary, t["width"])
    add("text_model.embeddings.position_embedding.weight", t["context"], t["width"])
    blocks("text_model", t)
    add("text_model.final_layer_norm.weight", t["width"], offset=1.0)
    add("text_model.final_layer_norm.bias", t["width"])
    add("text_projection.weight", JOINT, t["width"])
    return weights


def transform(x, w, prefix, t, mask):
    b, n, width = x.shape
    norm = lambda y, name: F.layer_norm(y, (width,), w[name + ".weight"], w[name + ".bias"], 1e-5)
    for i in range(t["layers"]):
        p = f"{prefix}.encoder.layers.{i}"
        y = norm(x, p + ".layer_norm1")
        q, k, v = (
            F.linear(y, w[f"{p}.self_attn.{n_}.weight"], w[f"{p}.self_attn.{n_}.bias"])
            .view(b, n, t["heads"], width // t["heads"]).transpose(1, 2)
            for n_ in ("q_proj", "k_proj", "v_proj"))
        scores = q @ k.transpose(2, 3) / (width // t["heads"]) ** 0.5 + mask
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, n, width)
        x = x + F.linear(y, w[f"{p}.self_attn.out_proj.weight"], w[f"{p}.self_attn.out_proj.bias"])
        y = norm(x, p + ".layer_norm2")
        y = F.gelu(F.linear(y, w[f"{p}.mlp.fc1.weight"], w[f"{p}.mlp.fc1.bias"]))
        x = x + F.linear(y, w[f"{p}.mlp.fc2.weight"], w[f"{p}.mlp.fc2.bias"])
    return x


def images(pixels, w):
    v, p = VISION, "vision_model.embeddings"
    x = F.conv2d(pixels, w[p + ".patch_embedding.weight"], stride=v["patch"]).flatten(2).transpose(1, 2)
    x = torch.cat([w[p + ".class_embedding"].expand(len(x), 1, -1), x], 1) + w[p + ".position_embedding.weight"]
    norm = lambda y, name: F.layer_norm(y, (v["width"],), w[name + ".weight"], w[name + ".bias"], 1e-5)
    x = transform(norm(x, "vision_model.pre_layrnorm"), w, "vision_model", v, 0.0)
    pooled = norm(x[:, 0], "vision_model.post_layernorm")
    return pooled, F.linear(pooled, w["visual_projection.weight"])


def texts(ids, w):
    t, p = TEXT, "text_model.embeddings"
    x = F.embedding(ids, w[p + ".token_embedding.weight"]) + w[p + ".position_embedding.weight"][: ids.shape[1]]
    mask = torch.full((ids.shape[1],) * 2, float("-inf")).triu(1)
    x = transform(x, w, "text_model", t, mask)
    x = F.layer_norm(x, (t["width"],), w["text_model.final_layer_norm.weight"], w["text_model.final_layer_norm.bias"], 1e-5)
    end = ids.argmax(1)  # the end token has the highest id
    pooled = x[torch.arange(len(x)), end]
    return pooled, F.linear(pooled, w["text_projection.weight"])


def main():
    vocabulary_folder, out = (pathlib.Path(a) for a in sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    vocabulary = len(json.loads((vocabulary_folder / "vocab.json").read_text()))
    for name in ("vocab.json", "merges.txt"):
        shutil.copy(vocabulary_folder / name, out / name)
    w = random_weights(vocabulary)
    write_safetensors(out / "model.safetensors", {
        k: v.numpy() if k == "logit_scale" else v.half().numpy() for k, v in w.items()})
    tower = lambda t: dict(
        hidden_size=t["width"], num_hidden_layers=t["layers"], num_attention_heads=t["heads"],
        intermediate_size=t["mlp"], hidden_act="gelu")
    (out / "config.json").write_text(json.dumps(dict(
        model_type="clip", projection_dim=JOINT,
        vision_config=dict(tower(VISION), image_size=VISION["image"], patch_size=VISION["patch"]),
        text_config=dict(tower(TEXT), vocab_size=vocabulary, max_position_embeddings=TEXT["context"])), indent=1) + "\n")
    (out / "preprocessor_config.json").write_text(json.dumps(dict(
        do_resize=True, size=VISION["image"], resample=3, do_center_crop=True, crop_size=VISION["image"],
        do_convert_rgb=True, do_normalize=True, image_mean=[0.48145466, 0.4578275, 0.40821073],
        image_std=[0.26862954, 0.26130258, 0.27577711]), indent=1) + "\n")
    generator = torch.Generator().manual_seed(7)
    pixels = torch.randn(3, 3, VISION["image"], VISION["image"], generator=generator)
    lengths = [3, 9, TEXT["context"]]
    ids = torch.zeros(len(lengths), TEXT["context"], dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, 0] = vocabulary - 2
        ids[row, 1 : length - 1] = torch.randint(0, vocabulary - 2, (length - 2,), generator=generator)
        ids[row, length - 1] = vocabulary - 1
    with torch.no_grad():
        image_pooled, image_projected = images(pixels, w)
        text_pooled, text_projected = texts(ids, w)
    write_safetensors(out / "expected.safetensors", dict(
        pixels=pixels.numpy(), image_pooled=image_pooled.numpy(), image_projected=image_projected.numpy(),
        ids=ids.numpy(), lengths=np.array(lengths, dtype=np.int64), text_pooled=text_pooled.numpy(),
        text_projected=text_projected.numpy()))


if __name__ == "__main__":
    main()
