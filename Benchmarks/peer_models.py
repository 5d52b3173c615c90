"""CLIP's towers in PyTorch, read from the checkpoints that clip-eval-bench writes: plain modules, as their publishers have
them, without dropout and training. What the runtimes get is exported from these."""
import json
import mmap

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn


def read_safetensors(path):
    """Tensors by name, as views of the mapped file."""
    with open(path, "rb") as file:
        data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_COPY)
    size = int.from_bytes(data[:8], "little")
    kinds = {"F32": np.float32, "I64": np.int64}
    tensors = {}
    for name, entry in json.loads(data[8:8 + size]).items():
        if name != "__metadata__":
            start, end = entry["data_offsets"]
            kind = kinds[entry["dtype"]]
            count = (end - start) // np.dtype(kind).itemsize
            values = np.frombuffer(data, kind, count, 8 + size + start)
            tensors[name] = torch.from_numpy(values.reshape(entry["shape"]))
    return tensors


class Block(nn.Module):
    """A layer of either transformer; queries, keys and values by one product."""

    def __init__(self, tensors, prefix, heads):
        super().__init__()
        self.heads = heads
        get = lambda name: nn.Parameter(tensors[f"{prefix}.{name}"])
        stack = lambda kind: nn.Parameter(
            torch.cat([tensors[f"{prefix}.self_attn.{p}_proj.{kind}"] for p in "qkv"]))
        self.qkv_weight, self.qkv_bias = stack("weight"), stack("bias")
        for own, theirs in [("out", "self_attn.out_proj"), ("norm1", "layer_norm1"), ("norm2", "layer_norm2"),
                            ("fc1", "mlp.fc1"), ("fc2", "mlp.fc2")]:
            setattr(self, own + "_weight", get(theirs + ".weight"))
            setattr(self, own + "_bias", get(theirs + ".bias"))

    def forward(self, x, mask=None):
        b, t, w = x.shape
        y = F.layer_norm(x, (w,), self.norm1_weight, self.norm1_bias)
        y = F.linear(y, self.qkv_weight, self.qkv_bias)
        q, k, v = (p.reshape(b, t, self.heads, w // self.heads).transpose(1, 2) for p in y.chunk(3, -1))
        scores = q @ k.transpose(2, 3) * (w // self.heads) ** -0.5
        if mask is not None:
            scores = scores + mask
        y = (scores.softmax(-1) @ v).transpose(1, 2).reshape(b, t, w)
        x = x + F.linear(y, self.out_weight, self.out_bias)
        y = F.layer_norm(x, (w,), self.norm2_weight, self.norm2_bias)
        y = F.linear(y, self.fc1_weight, self.fc1_bias)
        return x + F.linear(y * torch.sigmoid(1.702 * y), self.fc2_weight, self.fc2_bias)


def blocks(tensors, prefix, heads):
    count = 0
    while f"{prefix}.{count}.mlp.fc1.weight" in tensors:
        count += 1
    return nn.ModuleList(Block(tensors, f"{prefix}.{i}", heads) for i in range(count))


class VisionTransformer(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        get = lambda name: nn.Parameter(tensors["vision_model." + name])
        self.patch = get("embeddings.patch_embedding.weight")
        self.cls = get("embeddings.class_embedding")
        self.positions = get("embeddings.position_embedding.weight")
        self.pre_weight, self.pre_bias = get("pre_layrnorm.weight"), get("pre_layrnorm.bias")
        self.post_weight, self.post_bias = get("post_layernorm.weight"), get("post_layernorm.bias")
        self.projection = nn.Parameter(tensors["visual_projection.weight"])
        self.width, self.stride = self.cls.shape[0], self.patch.shape[-1]
        self.blocks = blocks(tensors, "vision_model.encoder.layers", self.width // 64)

    def forward(self, x):
        x = F.conv2d(x, self.patch, stride=self.stride).flatten(2).transpose(1, 2)
        x = torch.cat([self.cls.expand(x.shape[0], 1, -1), x], 1) + self.positions
        x = F.layer_norm(x, (self.width,), self.pre_weight, self.pre_bias)
        for block in self.blocks:
            x = block(x)
        x = F.layer_norm(x[:, 0], (self.width,), self.post_weight, self.post_bias)
        return F.linear(x, self.projection)


class TextTransformer(nn.Module):
    def __init__(self, tensors):
        super().__init__()
        get = lambda name: nn.Parameter(tensors["text_model." + name])
        self.tokens = get("embeddings.token_embedding.weight")
        self.positions = get("embeddings.position_embedding.weight")
        self.norm_weight, self.norm_bias = get("final_layer_norm.weight"), get("final_layer_norm.bias")
        self.projection = nn.Parameter(tensors["text_projection.weight"])
        length, self.width = self.positions.shape
        self.blocks = blocks(tensors, "text_model.encoder.layers", self.width // 64)
        self.register_buffer("mask", torch.full((length, length), -1e9).triu(1))

    def forward(self, ids):
        t = ids.shape[1]
        x = F.embedding(ids, self.tokens) + self.positions[:t]
        for block in self.blocks:
            x = block(x, self.mask[:t, :t])
        # Layer norm is row by row: that of the end token is all that is needed.
        x = x[torch.arange(ids.shape[0]), ids.argmax(-1)]
        return F.linear(F.layer_norm(x, (self.width,), self.norm_weight, self.norm_bias), self.projection)


class Bottleneck(nn.Module):
    def __init__(self, inputs, planes, stride):
        super().__init__()
        pool = lambda: nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv1, self.bn1 = nn.Conv2d(inputs, planes, 1, bias=False), nn.BatchNorm2d(planes)
        self.conv2, self.bn2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False), nn.BatchNorm2d(planes)
        self.pool = pool()
        self.conv3, self.bn3 = nn.Conv2d(planes, 4 * planes, 1, bias=False), nn.BatchNorm2d(4 * planes)
        self.downsample = None
        if stride > 1 or inputs != 4 * planes:
            self.downsample = nn.ModuleDict({
                "-1": pool(), "0": nn.Conv2d(inputs, 4 * planes, 1, bias=False), "1": nn.BatchNorm2d(4 * planes)})

    def forward(self, x):
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.pool(F.relu(self.bn2(self.conv2(y))))
        if self.downsample is not None:
            for layer in self.downsample.values():
                x = layer(x)
        return F.relu(self.bn3(self.conv3(y)) + x)


class AttentionPool(nn.Module):
    def __init__(self, tokens, width, outputs):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.empty(tokens, width))
        self.q_proj, self.k_proj, self.v_proj = (nn.Linear(width, width) for _ in range(3))
        self.c_proj = nn.Linear(width, outputs)

    def forward(self, x):
        b, w = x.shape[:2]
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([x.mean(1, keepdim=True), x], 1) + self.positional_embedding
        split = lambda y: y.reshape(b, -1, w // 64, 64).transpose(1, 2)
        q, k, v = split(self.q_proj(x[:, :1])), split(self.k_proj(x)), split(self.v_proj(x))
        return self.c_proj(((q @ k.transpose(2, 3) * 0.125).softmax(-1) @ v).transpose(1, 2).reshape(b, w))


class ModifiedResNet(nn.Module):
    """Parameters have OpenAI's names."""

    def __init__(self, tensors):
        super().__init__()
        own = {name[len("visual."):]: t for name, t in tensors.items() if name.startswith("visual.")}
        channels = 3
        for i in "123":
            outputs = own[f"conv{i}.weight"].shape[0]
            stride = 2 if i == "1" else 1
            setattr(self, "conv" + i, nn.Conv2d(channels, outputs, 3, stride, 1, bias=False))
            setattr(self, "bn" + i, nn.BatchNorm2d(outputs))
            channels = outputs
        width = channels
        for stage in range(4):
            layers = []
            while f"layer{stage + 1}.{len(layers)}.conv1.weight" in own:
                stride = 2 if stage and not layers else 1
                layers.append(Bottleneck(channels, width << stage, stride))
                channels = 4 * width << stage
            setattr(self, f"layer{stage + 1}", nn.Sequential(*layers))
        tokens = own["attnpool.positional_embedding"].shape[0]
        self.attnpool = AttentionPool(tokens, channels, own["attnpool.c_proj.weight"].shape[0])
        missing, unexpected = self.load_state_dict(own, strict=False)
        assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)

    def forward(self, x):
        for i in "123":
            x = F.relu(getattr(self, "bn" + i)(getattr(self, "conv" + i)(x)))
        x = F.avg_pool2d(x, 2)
        for i in "1234":
            x = getattr(self, "layer" + i)(x)
        return self.attnpool(x)


def load(weights, tower):
    tensors = read_safetensors(weights)
    if tower == "text":
        model = TextTransformer(tensors)
    elif "visual.conv1.weight" in tensors:
        model = ModifiedResNet(tensors)
    else:
        model = VisionTransformer(tensors)
    return model.eval().requires_grad_(False)
