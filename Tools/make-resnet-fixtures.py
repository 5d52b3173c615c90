#!/usr/bin/python3
"""Small ModifiedResNets with random weights under OpenAI's names and what PyTorch computes with them; convolutions alone.

    Tools/make-resnet-fixtures.py Tests/Fixtures/resnet

Needs Debian's python3-torch. Weights are rounded to float16, in which they are stored; everything is computed in
float64 from the rounded values, so that the expected values are exact to float32.
"""
import json
import pathlib
import struct
import sys

import numpy as np
import torch
import torch.nn.functional as F

# Widths that fill no vector, a square and an odd grid, one and several blocks in a stage.
TOWERS = dict(
    narrow=dict(width=4, stages=[2, 1, 1, 2], image=64, joint=20, seed=1),
    odd=dict(width=6, stages=[1, 2, 1, 1], image=96, joint=24, seed=2),
)

# in, out, kernel, stride, padding, rows, columns
CONVOLUTIONS = {
    "stem": (3, 20, 3, 2, 1, 14, 18),
    "odd": (5, 17, 3, 1, 1, 9, 7),
    "wide": (32, 64, 3, 1, 1, 9, 10),
    "tiles": (16, 48, 3, 1, 1, 14, 17),  # 40 of 4x4, more than Winograd's least; cut at the right and bottom
    "unpadded": (17, 5, 3, 1, 0, 8, 9),
    "pointwise": (64, 48, 1, 1, 0, 7, 7),
    "pointwise-large": (32, 16, 1, 1, 0, 16, 15),
    "strided": (16, 32, 5, 3, 2, 13, 11),
}
BATCH = 2


def write_safetensors(path, tensors):
    header, offset, blobs = {}, 0, []
    for name, tensor in tensors.items():
        array = np.asarray(tensor, order="C")
        blob = array.tobytes()
        kind = {"float32": "F32", "float16": "F16"}[str(array.dtype)]
        header[name] = {"dtype": kind, "shape": list(array.shape), "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


class Weights(dict):
    def __init__(self, seed):
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, name, *shape, scale=1.0, offset=0.0):
        self[name] = (offset + scale * torch.randn(*shape, generator=self.generator)).half().double()

    def convolution(self, name, outputs, inputs, kernel):
        self.normal(f"{name}.weight", outputs, inputs, kernel, kernel, scale=(2 / (inputs * kernel**2)) ** 0.5)

    def batch_norm(self, name, channels):
        self.normal(f"{name}.weight", channels, scale=0.2, offset=0.8)
        self.normal(f"{name}.bias", channels, scale=0.2)
        self.normal(f"{name}.running_mean", channels, scale=0.3)
        spread = torch.rand(channels, generator=self.generator)
        self[f"{name}.running_var"] = (0.3 + 1.5 * spread).half().double()

    def linear(self, name, outputs, inputs):
        self.normal(f"{name}.weight", outputs, inputs, scale=inputs**-0.5)
        self.normal(f"{name}.bias", outputs, scale=0.1)


def tower_weights(t):
    w = Weights(t["seed"])
    width = t["width"]
    for i, (a, b) in enumerate([(3, width // 2), (width // 2, width // 2), (width // 2, width)], 1):
        w.convolution(f"visual.conv{i}", b, a, 3)
        w.batch_norm(f"visual.bn{i}", b)
    channels = width
    for stage, blocks in enumerate(t["stages"]):
        plane = width << stage
        for block in range(blocks):
            p = f"visual.layer{stage + 1}.{block}"
            for i, (a, b, k) in enumerate([(channels, plane, 1), (plane, plane, 3), (plane, 4 * plane, 1)], 1):
                w.convolution(f"{p}.conv{i}", b, a, k)
                w.batch_norm(f"{p}.bn{i}", b)
            if block == 0:
                w.convolution(f"{p}.downsample.0", 4 * plane, channels, 1)
                w.batch_norm(f"{p}.downsample.1", 4 * plane)
            channels = 4 * plane
    w.normal("visual.attnpool.positional_embedding", (t["image"] // 32) ** 2 + 1, channels, scale=0.3)
    for name in "qkv":
        w.linear(f"visual.attnpool.{name}_proj", channels, channels)
    w.linear("visual.attnpool.c_proj", t["joint"], channels)
    return w


def tower_features(t, w, x):
    def conv(y, name, norm, stride=1):
        weight = w[f"{name}.weight"]
        y = F.conv2d(y, weight, stride=stride, padding=weight.shape[-1] // 2)
        return F.batch_norm(
            y, w[f"{norm}.running_mean"], w[f"{norm}.running_var"], w[f"{norm}.weight"], w[f"{norm}.bias"], eps=1e-5)

    for i in (1, 2, 3):
        x = F.relu(conv(x, f"visual.conv{i}", f"visual.bn{i}", stride=2 if i == 1 else 1))
    x = F.avg_pool2d(x, 2)
    for stage, blocks in enumerate(t["stages"]):
        for block in range(blocks):
            p = f"visual.layer{stage + 1}.{block}"
            stride = 2 if stage > 0 and block == 0 else 1
            y = F.relu(conv(x, f"{p}.conv1", f"{p}.bn1"))
            y = F.avg_pool2d(F.relu(conv(y, f"{p}.conv2", f"{p}.bn2")), stride)
            if block == 0:
                x = conv(F.avg_pool2d(x, stride), f"{p}.downsample.0", f"{p}.downsample.1")
            x = F.relu(conv(y, f"{p}.conv3", f"{p}.bn3") + x)
    x = x.flatten(2).permute(2, 0, 1)  # [positions, images, channels]
    x = torch.cat([x.mean(0, keepdim=True), x]) + w["visual.attnpool.positional_embedding"][:, None]
    p = "visual.attnpool"
    y, _ = F.multi_head_attention_forward(
        query=x[:1], key=x, value=x, embed_dim_to_check=x.shape[-1], num_heads=t["width"] * 32 // 64,
        q_proj_weight=w[f"{p}.q_proj.weight"], k_proj_weight=w[f"{p}.k_proj.weight"],
        v_proj_weight=w[f"{p}.v_proj.weight"], in_proj_weight=None,
        in_proj_bias=torch.cat([w[f"{p}.{n}_proj.bias"] for n in "qkv"]), bias_k=None, bias_v=None,
        add_zero_attn=False, dropout_p=0, out_proj_weight=w[f"{p}.c_proj.weight"],
        out_proj_bias=w[f"{p}.c_proj.bias"], use_separate_proj_weight=True, training=False, need_weights=False)
    return y[0]


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    for name, t in TOWERS.items():
        w = tower_weights(t)
        generator = torch.Generator().manual_seed(7)
        pixels = torch.randn(BATCH, 3, t["image"], t["image"], generator=generator).half().double()
        write_safetensors(out / f"{name}.safetensors", {k: v.half().numpy() for k, v in w.items()})
        write_safetensors(out / f"{name}.expected.safetensors", dict(
            pixels=pixels.half().numpy(), features=tower_features(t, w, pixels).float().numpy()))

    arrays = {}
    generator = torch.Generator().manual_seed(11)
    random = lambda *shape: torch.randn(*shape, generator=generator).half().double()
    for name, (a, b, k, stride, padding, rows, columns) in CONVOLUTIONS.items():
        x = random(BATCH, a, rows, columns)
        weight, bias = (random(b, a, k, k) / (a * k * k) ** 0.5).half().double(), random(b)
        y = F.conv2d(x, weight, bias, stride, padding)
        # A second convolution, pointwise, gives something of the same shape to add it to.
        back, back_bias = (random(b, b, 1, 1) / b**0.5).half().double(), random(b)
        z = F.relu(F.conv2d(F.relu(y), back, back_bias) + y)
        for key, value in dict(x=x, weight=weight, bias=bias, back=back, back_bias=back_bias).items():
            arrays[f"{name}.{key}"] = value.half().numpy()
        for key, value in dict(linear=y, sum=z, pooled=F.avg_pool2d(y, 2)).items():
            arrays[f"{name}.{key}"] = value.permute(0, 2, 3, 1).float().numpy()
    write_safetensors(out / "convolutions.safetensors", arrays)


if __name__ == "__main__":
    main()
