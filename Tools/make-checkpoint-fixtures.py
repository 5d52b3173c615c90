#!/usr/bin/env python3
"""Makes Tests/Fixtures/checkpoints: tiny CLIPs with random weights in every file format, and what PyTorch computes.

Needs Debian's python3-torch and python3-numpy. The models are written from the paper's description of the architecture
(Radford et al. 2021, section 2.4) and the names of the tensors in published checkpoints. Weights are rounded to the type they are
stored in before the reference is computed, so that formats can be held against it to the last digits of float32.

Usage: make-checkpoint-fixtures.py Tests/Fixtures/checkpoints
"""
import collections
import json
import pathlib
import struct
import sys
import zipfile

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


# MARK: architecture, with the tensor names of OpenAI's files


class Attention(nn.Module):
    def __init__(self, width: int, heads: int, causal: bool):
        super().__init__()
        self.num_heads = heads
        self.causal = causal
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.empty(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        b, t, w = x.shape
        d = w // self.num_heads
        parts = F.linear(x, self.in_proj_weight, self.in_proj_bias).view(b, t, 3, self.num_heads, d)
        q, k, v = parts[:, :, 0], parts[:, :, 1], parts[:, :, 2]
        scores = torch.einsum("bihd,bjhd->bhij", q, k) / float(d) ** 0.5
        if self.causal:
            scores = scores.masked_fill(torch.ones(t, t, dtype=torch.bool).triu(1), float("-inf"))
        return self.out_proj(torch.einsum("bhij,bjhd->bihd", scores.softmax(-1), v).reshape(b, t, w))


class Activation(nn.Module):
    def __init__(self, quick: bool):
        super().__init__()
        self.quick = quick

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x * torch.sigmoid(1.702 * x) if self.quick else F.gelu(x)


class Block(nn.Module):
    def __init__(self, width: int, heads: int, mlp: int, quick: bool, causal: bool):
        super().__init__()
        self.attn = Attention(width, heads, causal)
        self.ln_1 = nn.LayerNorm(width)
        self.mlp = nn.Sequential(collections.OrderedDict(
            c_fc=nn.Linear(width, mlp), gelu=Activation(quick), c_proj=nn.Linear(mlp, width)))
        self.ln_2 = nn.LayerNorm(width)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x + self.attn(self.ln_1(x))
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    def __init__(self, width: int, heads: int, mlp: int, layers: int, quick: bool, causal: bool):
        super().__init__()
        self.resblocks = nn.Sequential(*[Block(width, heads, mlp, quick, causal) for _ in range(layers)])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.resblocks(x)


class VisionTransformer(nn.Module):
    def __init__(self, size: int, patch: int, width: int, heads: int, mlp: int, layers: int, joint: int, quick: bool):
        super().__init__()
        self.input_resolution = size
        self.class_embedding = nn.Parameter(torch.empty(width))
        self.positional_embedding = nn.Parameter(torch.empty((size // patch) ** 2 + 1, width))
        self.proj = nn.Parameter(torch.empty(width, joint))
        self.conv1 = nn.Conv2d(3, width, patch, stride=patch, bias=False)
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, heads, mlp, layers, quick, False)
        self.ln_post = nn.LayerNorm(width)

    def pooled(self, x: torch.Tensor) -> torch.Tensor:
        x = self.conv1(x).flatten(2).transpose(1, 2)
        x = torch.cat([self.class_embedding.expand(x.shape[0], 1, x.shape[2]), x], 1) + self.positional_embedding
        return self.ln_post(self.transformer(self.ln_pre(x))[:, 0])

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return self.pooled(x) @ self.proj


class Bottleneck(nn.Module):
    """1×1, 3×3, 1×1 convolutions; a stride is an average pool before the last, and before the shortcut's convolution."""

    def __init__(self, inputs: int, planes: int, stride: int):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, planes, 1, bias=False)
        self.bn1 = nn.BatchNorm2d(planes)
        self.conv2 = nn.Conv2d(planes, planes, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(planes)
        self.avgpool = nn.AvgPool2d(stride) if stride > 1 else nn.Identity()
        self.conv3 = nn.Conv2d(planes, 4 * planes, 1, bias=False)
        self.bn3 = nn.BatchNorm2d(4 * planes)
        if stride > 1 or inputs != 4 * planes:
            self.downsample = nn.Sequential(collections.OrderedDict([
                ("-1", nn.AvgPool2d(stride)), ("0", nn.Conv2d(inputs, 4 * planes, 1, bias=False)),
                ("1", nn.BatchNorm2d(4 * planes))]))
        else:
            self.downsample = nn.Identity()

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = F.relu(self.bn1(self.conv1(x)))
        y = self.avgpool(F.relu(self.bn2(self.conv2(y))))
        return F.relu(self.bn3(self.conv3(y)) + self.downsample(x))


class AttentionPool(nn.Module):
    """One multi-head attention whose query is the mean over the image; the mean is also a key."""

    def __init__(self, grid: int, width: int, heads: int, joint: int):
        super().__init__()
        self.num_heads = heads
        self.positional_embedding = nn.Parameter(torch.empty(grid * grid + 1, width))
        self.k_proj = nn.Linear(width, width)
        self.q_proj = nn.Linear(width, width)
        self.v_proj = nn.Linear(width, width)
        self.c_proj = nn.Linear(width, joint)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = x.flatten(2).transpose(1, 2)
        x = torch.cat([x.mean(1, keepdim=True), x], 1) + self.positional_embedding
        b, t, w = x.shape
        d = w // self.num_heads
        q = self.q_proj(x[:, 0]).view(b, self.num_heads, d)
        k = self.k_proj(x).view(b, t, self.num_heads, d)
        v = self.v_proj(x).view(b, t, self.num_heads, d)
        weights = (torch.einsum("bhd,bthd->bht", q, k) / float(d) ** 0.5).softmax(-1)
        return self.c_proj(torch.einsum("bht,bthd->bhd", weights, v).reshape(b, w))


class ModifiedResNet(nn.Module):
    def __init__(self, size: int, width: int, stages, heads: int, joint: int):
        super().__init__()
        self.input_resolution = size
        self.conv1 = nn.Conv2d(3, width // 2, 3, stride=2, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width // 2)
        self.conv2 = nn.Conv2d(width // 2, width // 2, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(width // 2)
        self.conv3 = nn.Conv2d(width // 2, width, 3, padding=1, bias=False)
        self.bn3 = nn.BatchNorm2d(width)
        inputs, built = width, []
        for i, count in enumerate(stages):
            planes = width * 2 ** i
            blocks = [Bottleneck(inputs, planes, 1 if i == 0 else 2)]
            blocks += [Bottleneck(4 * planes, planes, 1) for _ in range(count - 1)]
            built.append(nn.Sequential(*blocks))
            inputs = 4 * planes
        self.layer1, self.layer2, self.layer3, self.layer4 = built
        self.attnpool = AttentionPool(size // 32, inputs, heads, joint)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = F.relu(self.bn1(self.conv1(x)))
        x = F.relu(self.bn2(self.conv2(x)))
        x = F.avg_pool2d(F.relu(self.bn3(self.conv3(x))), 2)
        return self.attnpool(self.layer4(self.layer3(self.layer2(self.layer1(x)))))


class CLIP(nn.Module):
    def __init__(self, visual: nn.Module, width: int, heads: int, mlp: int, layers: int, vocabulary: int, context: int,
                 joint: int, quick: bool):
        super().__init__()
        self.positional_embedding = nn.Parameter(torch.empty(context, width))
        self.text_projection = nn.Parameter(torch.empty(width, joint))
        self.logit_scale = nn.Parameter(torch.empty([]))
        self.visual = visual
        self.transformer = Transformer(width, heads, mlp, layers, quick, True)
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.ln_final = nn.LayerNorm(width)

    def encode_image(self, image: torch.Tensor) -> torch.Tensor:
        return self.visual(image)

    def encode_text(self, text: torch.Tensor) -> torch.Tensor:
        x = self.token_embedding(text) + self.positional_embedding
        x = self.ln_final(self.transformer(x))
        # The end token has the highest id.
        return x[torch.arange(x.shape[0]), text.argmax(1)] @ self.text_projection

    def forward(self, image: torch.Tensor, text: torch.Tensor):
        return self.encode_image(image), self.encode_text(text)


def randomize(model, seed, dtype):
    """Random weights of useful sizes, rounded to `dtype`."""
    generator = torch.Generator().manual_seed(seed)
    for name, p in list(model.named_parameters()) + list(model.named_buffers()):
        if not p.is_floating_point():
            continue
        values = torch.randn(p.shape, generator=generator)
        if name.endswith("running_var"):
            values = 0.5 + values.abs()
        elif name == "logit_scale":
            values = torch.tensor(2.5)
        elif p.dim() == 1 and name.endswith("weight"):
            values = 1 + 0.2 * values
        elif p.dim() == 4:
            values = values / (p.shape[1] * p.shape[2] * p.shape[3]) ** 0.5
        else:
            values = 0.2 * values
        p.data.copy_(values.to(dtype).float())
    return model.eval()


# MARK: writing


def write_safetensors(path, tensors):
    kinds = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.int64: "I64"}
    header, offset, blobs = {}, 0, []
    for name, tensor in tensors.items():
        tensor = tensor.detach().contiguous()
        raw = tensor.view(torch.int16) if tensor.dtype == torch.bfloat16 else tensor
        blob = raw.numpy().tobytes()
        header[name] = {"dtype": kinds[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + len(blob)]}
        offset += len(blob)
        blobs.append(blob)
    text = json.dumps(header, sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    path.write_bytes(struct.pack("<Q", len(text)) + text + b"".join(blobs))


def write_json(path, value):
    path.write_text(json.dumps(value, indent=1) + "\n")


def state(model, dtype):
    return collections.OrderedDict(
        (k, v.detach().to(dtype) if v.is_floating_point() and k != "logit_scale" else v.detach().clone())
        for k, v in model.state_dict().items())


def hugging_face(tensors):
    """transformers' names: query, key and value apart, projections the other way round."""
    result = {}
    for name, value in tensors.items():
        tower = "vision_model" if name.startswith("visual.") else "text_model"
        n = name.removeprefix("visual.")
        fixed = {"class_embedding": "embeddings.class_embedding", "conv1.weight": "embeddings.patch_embedding.weight",
                 "positional_embedding": "embeddings.position_embedding.weight",
                 "token_embedding.weight": "embeddings.token_embedding.weight"}
        if name == "logit_scale":
            result[name] = value
        elif n in ("proj", "text_projection"):
            result["visual_projection.weight" if n == "proj" else "text_projection.weight"] = value.t().contiguous()
        elif n in fixed:
            result[f"{tower}.{fixed[n]}"] = value
        elif ".in_proj_" in n:
            p, kind = n.split(".attn.in_proj_")
            p = p.replace("transformer.resblocks", f"{tower}.encoder.layers")
            for letter, part in zip("qkv", value.chunk(3)):
                result[f"{p}.self_attn.{letter}_proj.{kind}"] = part.clone()
        else:
            for a, b in (("transformer.resblocks", "encoder.layers"), ("attn.out_proj", "self_attn.out_proj"),
                         ("ln_1", "layer_norm1"), ("ln_2", "layer_norm2"), ("mlp.c_fc", "mlp.fc1"),
                         ("mlp.c_proj", "mlp.fc2"), ("ln_pre", "pre_layrnorm"), ("ln_post", "post_layernorm"),
                         ("ln_final", "final_layer_norm")):
                n = n.replace(a, b)
            result[f"{tower}.{n}"] = value
    # A buffer that transformers used to save.
    result["text_model.embeddings.position_ids"] = torch.arange(len(tensors["positional_embedding"])).unsqueeze(0)
    return result


def hugging_face_config(image, patch, v, t, joint, vocabulary, context, activation):
    tower = lambda w: dict(hidden_size=w["width"], num_hidden_layers=w["layers"], num_attention_heads=w["heads"],
                           intermediate_size=w["mlp"], hidden_act=activation)
    return dict(model_type="clip", projection_dim=joint,
                vision_config=dict(tower(v), image_size=image, patch_size=patch),
                text_config=dict(tower(t), vocab_size=vocabulary, max_position_embeddings=context))


def custom_text(tensors):
    """open_clip's CustomTextCLIP: the text tower's names under `text.`."""
    return collections.OrderedDict(
        (k if k.startswith("visual.") or k == "logit_scale" else "text." + k, v) for k, v in tensors.items())


def script(model, size, context, vocabulary, path):
    """A TorchScript archive with the dtypes of OpenAI's: half weights, float32 norms and embeddings' positions."""
    for name, value in (("input_resolution", size), ("context_length", context), ("vocab_size", vocabulary)):
        model.register_buffer(name, torch.tensor(value))
    scripted = torch.jit.script(model)
    for module in scripted.modules():
        kind = module.original_name if hasattr(module, "original_name") else ""
        if kind in ("Conv2d", "Linear", "Attention"):
            for p in module.parameters(recurse=False):
                p.data = p.data.half()
        if kind == "CLIP":
            module.text_projection.data = module.text_projection.data.half()
        if kind == "VisionTransformer":
            module.proj.data = module.proj.data.half()
    torch.jit.save(scripted, str(path))
    # Without the debug files, which hold the paths of sources on this machine.
    with zipfile.ZipFile(path) as source:
        entries = [(item, source.read(item)) for item in source.infolist() if not item.filename.endswith(".debug_pkl")]
    with zipfile.ZipFile(path, "w") as target:
        for item, content in entries:
            item.extra = b""
            target.writestr(item, content, item.compress_type)


def reference(path, model, size, vocabulary, context):
    generator = torch.Generator().manual_seed(7)
    pixels = torch.randn(2, 3, size, size, generator=generator).half().float()
    lengths = [4, context]
    ids = torch.zeros(len(lengths), context, dtype=torch.long)
    for row, length in enumerate(lengths):
        ids[row, 0] = vocabulary - 2
        ids[row, 1:length - 1] = torch.randint(1, vocabulary - 2, (length - 2,), generator=generator)
        ids[row, length - 1] = vocabulary - 1
    with torch.no_grad():
        write_safetensors(path, dict(
            pixels=pixels.half(), ids=ids, lengths=torch.tensor(lengths), image=model.encode_image(pixels),
            text=model.encode_text(ids)))


# MARK: the models


def quick_vit(out):
    """QuickGELU, heads = width / 64 as in all of the paper's models."""
    size, patch, joint, vocabulary, context = 12, 4, 20, 48, 12
    v = dict(width=64, heads=1, mlp=24, layers=2)
    t = dict(width=64, heads=1, mlp=24, layers=1)
    make = lambda: CLIP(VisionTransformer(size, patch, joint=joint, quick=True, **v), vocabulary=vocabulary,
                        context=context, joint=joint, quick=True, **t)
    model = randomize(make(), 1, torch.float16)
    reference(out / "vit-quickgelu.expected.safetensors", model, size, vocabulary, context)
    half = state(model, torch.float16)
    folder = out / "vit-quickgelu-huggingface"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "model.safetensors", hugging_face(half))
    write_json(folder / "config.json", hugging_face_config(
        size, patch, v, t, joint, vocabulary, context, "quick_gelu"))
    entries = dict(input_resolution=size, context_length=context, vocab_size=vocabulary)
    torch.save(collections.OrderedDict(half, **{k: torch.tensor(n) for k, n in entries.items()}),
               out / "vit-quickgelu-openai-state-dict.pt")
    script(model, size, context, vocabulary, out / "vit-quickgelu-openai.pt")


def gelu_vit(out):
    """GELU, heads that only a configuration tells, odd sizes."""
    size, patch, joint, vocabulary, context = 15, 5, 12, 40, 9
    v = dict(width=32, heads=2, mlp=28, layers=1)
    t = dict(width=24, heads=3, mlp=20, layers=2)
    make = lambda dtype: randomize(CLIP(
        VisionTransformer(size, patch, joint=joint, quick=False, **v), vocabulary=vocabulary, context=context,
        joint=joint, quick=False, **t), 2, dtype)
    model = make(torch.float16)
    reference(out / "vit-gelu.expected.safetensors", model, size, vocabulary, context)
    half = state(model, torch.float16)
    config = hugging_face_config(size, patch, v, t, joint, vocabulary, context, "gelu")

    folder = out / "vit-gelu-huggingface-bin"
    folder.mkdir(exist_ok=True)
    torch.save(collections.OrderedDict(hugging_face(half)), folder / "pytorch_model.bin")
    write_json(folder / "config.json", config)

    folder = out / "vit-gelu-huggingface-sharded"
    folder.mkdir(exist_ok=True)
    tensors = hugging_face(half)
    names = [f"model-0000{i}-of-00002.safetensors" for i in (1, 2)]
    shards = [{k: x for i, (k, x) in enumerate(tensors.items()) if i % 2 == n} for n in range(2)]
    for name, shard in zip(names, shards):
        write_safetensors(folder / name, shard)
    write_json(folder / "model.safetensors.index.json", dict(
        metadata=dict(total_size=sum(x.numel() * x.element_size() for x in tensors.values())),
        weight_map={k: name for name, shard in zip(names, shards) for k in shard}))
    write_json(folder / "config.json", config)

    open_clip = dict(
        model_cfg=dict(
            embed_dim=joint,
            vision_cfg=dict(image_size=size, layers=v["layers"], width=v["width"], head_width=v["width"] // v["heads"],
                            mlp_ratio=v["mlp"] / v["width"], patch_size=patch),
            text_cfg=dict(context_length=context, vocab_size=vocabulary, width=t["width"], heads=t["heads"],
                          layers=t["layers"], mlp_ratio=t["mlp"] / t["width"])),
        preprocess_cfg=dict(mean=[0.5, 0.4, 0.3], std=[0.2, 0.25, 0.3], interpolation="bicubic",
                            resize_mode="squash"))
    folder = out / "vit-gelu-open_clip"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "open_clip_model.safetensors", half)
    write_json(folder / "open_clip_config.json", open_clip)

    folder = out / "vit-gelu-open_clip-bin"
    folder.mkdir(exist_ok=True)
    custom = dict(open_clip["model_cfg"], custom_text=True)
    torch.save(custom_text(half), folder / "open_clip_pytorch_model.bin")
    write_json(folder / "open_clip_config.json", dict(open_clip, model_cfg=custom))

    bfloat = make(torch.bfloat16)
    reference(out / "vit-gelu-bf16.expected.safetensors", bfloat, size, vocabulary, context)
    folder = out / "vit-gelu-bf16-open_clip"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "open_clip_model.safetensors", state(bfloat, torch.bfloat16))
    write_json(folder / "open_clip_config.json", open_clip)

    # What open_clip's training script leaves behind, from several processes.
    weights = collections.OrderedDict(("module." + k, x) for k, x in half.items())
    moments = dict(step=torch.tensor(3.0), exp_avg=torch.zeros(2), exp_avg_sq=torch.zeros(2))
    folder = out / "vit-gelu-open_clip-training"
    folder.mkdir(exist_ok=True)
    torch.save(dict(
        epoch=3, name="run", state_dict=weights,
        optimizer=dict(state={0: moments}, param_groups=[dict(
            lr=1e-3, betas=(0.9, 0.98), eps=1e-6, weight_decay=0.2, amsgrad=False, maximize=False, params=[0])]),
        scaler=dict(scale=65536.0, growth_factor=2.0)), folder / "epoch_3.pt")
    write_json(folder / "open_clip_config.json", open_clip)


def resnet(out):
    """As narrow as the rule for the pool's heads (32 · width / 64) allows, with a stage of two bottlenecks."""
    size, joint, vocabulary, context, width, stages = 64, 10, 40, 9, 4, (1, 2, 1, 1)
    t = dict(width=64, heads=1, mlp=16, layers=1)
    model = randomize(CLIP(
        ModifiedResNet(size, width, stages, 32 * width // 64, joint), vocabulary=vocabulary, context=context,
        joint=joint, quick=True, **t), 3, torch.float16)
    reference(out / "resnet.expected.safetensors", model, size, vocabulary, context)
    half = state(model, torch.float16)
    folder = out / "resnet-open_clip"
    folder.mkdir(exist_ok=True)
    write_safetensors(folder / "open_clip_model.safetensors", half)
    write_json(folder / "open_clip_config.json", dict(
        model_cfg=dict(
            embed_dim=joint, quick_gelu=True,
            vision_cfg=dict(image_size=size, layers=list(stages), width=width, patch_size=None),
            text_cfg=dict(context_length=context, vocab_size=vocabulary, width=64, heads=1, layers=1, mlp_ratio=0.25))))
    script(model, size, context, vocabulary, out / "resnet-openai.pt")


# MARK: torch.save in all its shapes


class Opaque:
    pass


def archives(out):
    folder = out / "archives"
    folder.mkdir(exist_ok=True)
    base = torch.arange(24, dtype=torch.float32)
    torch.save(collections.OrderedDict(
        f32=base.view(4, 6), transposed=base.view(4, 6).t(), tail=base[10:16].view(2, 3),
        channels_last=torch.arange(48.0).view(2, 3, 2, 4).contiguous(memory_format=torch.channels_last),
        f16=torch.tensor([1.5, -2.0, 65504.0]).half(), bf16=torch.tensor([1.5, -2.0, 3e38]).bfloat16(),
        f64=torch.tensor([0.1], dtype=torch.float64), i64=torch.tensor(77), i32=torch.tensor([-1, 2], dtype=torch.int32),
        u8=torch.tensor([0, 255], dtype=torch.uint8), flag=torch.tensor([True, False]), empty=torch.empty(0, 3),
        parameter=nn.Parameter(torch.tensor([[2.0]])), nested=dict(inner=torch.tensor([5.0])),
        dtype=torch.float16, size=torch.Size([2, 3])), folder / "kinds.pt")
    torch.save(dict(expanded=torch.tensor([1.0]).expand(1000)), folder / "expanded.pt")
    torch.save(dict(gappy=base[::2]), folder / "gappy.pt")
    torch.save(dict(z=torch.tensor([1j])), folder / "complex.pt")
    torch.save(dict(x=Opaque()), folder / "object.pt")
    torch.save(dict(x=torch.eye(2).to_sparse()), folder / "sparse.pt")
    torch.save(dict(x=base), folder / "legacy.pt", _use_new_zipfile_serialization=False)
    torch.save(dict(x=base, y=base.half()), folder / "plain.pt")
    with zipfile.ZipFile(folder / "plain.pt") as source:
        with zipfile.ZipFile(folder / "deflated.pt", "w", zipfile.ZIP_DEFLATED) as target:
            for item in source.namelist():
                target.writestr(item, source.read(item))
        # Sizes in zip64 fields although they are small, unaligned data, and a comment at the end.
        with zipfile.ZipFile(folder / "zip64.pt", "w") as target:
            target.comment = b"a comment " * 7
            for item in source.namelist():
                with target.open(zipfile.ZipInfo(item), "w", force_zip64=True) as stream:
                    stream.write(source.read(item))
    end_in_zip64(folder / "zip64.pt")


def end_in_zip64(path):
    """Moves the central directory's sizes and offsets into zip64 records, as archives beyond 4 GiB have them."""
    data = path.read_bytes()
    end = data.rindex(b"PK\5\6")
    _, _, _, _, count, size, offset, comment = struct.unpack("<4sHHHHIIH", data[end:end + 22])
    directory, position, entries = data[offset:offset + size], 0, []
    while position < size:
        header = list(struct.unpack("<4sHHHHHHIIIHHHHHII", directory[position:position + 46]))
        name = directory[position + 46:position + 46 + header[10]]
        extra = struct.pack("<HHQQQ", 1, 24, header[9], header[8], header[16])
        position += 46 + header[10] + header[11] + header[12]
        header[8] = header[9] = header[16] = 0xFFFFFFFF
        header[11], header[12] = len(extra), 0
        entries.append(struct.pack("<4sHHHHHHIIIHHHHHII", *header) + name + extra)
    directory = b"".join(entries)
    record = struct.pack("<4sQHHIIQQQQ", b"PK\6\6", 44, 45, 45, 0, 0, count, count, len(directory), offset)
    locator = struct.pack("<4sIQI", b"PK\6\7", 0, offset + len(directory), 1)
    tail = struct.pack("<4sHHHHIIH", b"PK\5\6", 0, 0, 0xFFFF, 0xFFFF, 0xFFFFFFFF, 0xFFFFFFFF, comment)
    path.write_bytes(data[:offset] + directory + record + locator + tail + data[end + 22:])


def main():
    out = pathlib.Path(sys.argv[1])
    out.mkdir(parents=True, exist_ok=True)
    quick_vit(out)
    gelu_vit(out)
    resnet(out)
    archives(out)


if __name__ == "__main__":
    main()
