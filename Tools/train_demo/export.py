"""Writes a trained model as a folder that CLIP programs read: transformers' layout for ViTs, open_clip's for ResNets."""

from __future__ import annotations

import json
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file
from torch import Tensor

from .batches import DEVIATION, MEAN
from .models import CONTEXT_LENGTH, IMAGE_SIZE, CLIP, ResNet, Spec
from .tokenizer import Tokenizer

HUGGING_FACE_WEIGHTS, OPEN_CLIP_WEIGHTS = "model.safetensors", "open_clip_model.safetensors"
# transformers' names of what a block holds, beside the three projections that it keeps apart.
BLOCK = {
    "ln_1": "layer_norm1",
    "ln_2": "layer_norm2",
    "attn.out_proj": "self_attn.out_proj",
    "mlp.c_fc": "mlp.fc1",
    "mlp.c_proj": "mlp.fc2",
}
# Where the blocks of each tower are: ours, transformers'.
TOWERS = [
    ("visual.transformer.resblocks", "vision_model.encoder.layers"),
    ("text.transformer.resblocks", "text_model.encoder.layers"),
]
# Ours, transformers', and whether the matrix is transposed there.
SINGLES = [
    ("logit_scale", "logit_scale", False),
    ("visual.conv1.weight", "vision_model.embeddings.patch_embedding.weight", False),
    ("visual.class_embedding", "vision_model.embeddings.class_embedding", False),
    ("visual.positional_embedding", "vision_model.embeddings.position_embedding.weight", False),
    ("visual.ln_pre.weight", "vision_model.pre_layrnorm.weight", False),
    ("visual.ln_pre.bias", "vision_model.pre_layrnorm.bias", False),
    ("visual.ln_post.weight", "vision_model.post_layernorm.weight", False),
    ("visual.ln_post.bias", "vision_model.post_layernorm.bias", False),
    ("visual.proj", "visual_projection.weight", True),
    ("text.token_embedding.weight", "text_model.embeddings.token_embedding.weight", False),
    ("text.positional_embedding", "text_model.embeddings.position_embedding.weight", False),
    ("text.ln_final.weight", "text_model.final_layer_norm.weight", False),
    ("text.ln_final.bias", "text_model.final_layer_norm.bias", False),
    ("text.text_projection", "text_projection.weight", True),
]


def weights_file(spec: Spec, folder: Path) -> Path:
    is_resnet = isinstance(spec.vision, ResNet)
    return folder / (OPEN_CLIP_WEIGHTS if is_resnet else HUGGING_FACE_WEIGHTS)


def export(model: CLIP, spec: Spec, tokenizer: Tokenizer, folder: Path) -> None:
    """Writes weights (fp16), configuration, preprocessing and tokenizer."""
    folder.mkdir(parents=True, exist_ok=True)
    state = {name: value.contiguous() for name, value in model.state_dict().items()}
    if isinstance(spec.vision, ResNet):
        files = {"open_clip_config.json": open_clip_config(spec, spec.vision, len(tokenizer))}
        state = {name.removeprefix("text."): value for name, value in state.items()}
    else:
        files = {"config.json": hugging_face_config(spec, tokenizer)}
        files["preprocessor_config.json"] = preprocessor_config()
        state = to_hugging_face(state)
    halves = {name: half(value) for name, value in state.items()}
    save_file(halves, weights_file(spec, folder), metadata={"format": "pt"})
    # safetensors gives the file to its owner alone.
    weights_file(spec, folder).chmod(0o644)
    for name, value in files.items():
        text = json.dumps(value, indent=2, sort_keys=True)
        (folder / name).write_text(text + "\n", encoding="utf-8")
    tokenizer.save(folder, CONTEXT_LENGTH)


def half(value: Tensor) -> Tensor:
    """fp16, counts as they are. A number that fp16 cannot hold would make the model another one."""
    if not value.is_floating_point():
        return value
    result = value.to(torch.float16).contiguous()
    if not result.isfinite().all():
        raise OverflowError("a weight is too large for fp16")
    return result


def load_exported(spec: Spec, folder: Path, vocabulary: int) -> CLIP:
    """The model that a folder holds, its fp16 weights as fp32."""
    state = load_file(weights_file(spec, folder))
    if isinstance(spec.vision, ResNet):
        own = ("visual.", "logit_scale")
        state = {k if k.startswith(own) else f"text.{k}": v for k, v in state.items()}
    else:
        state = from_hugging_face(state)
    model = CLIP(spec, vocabulary)
    model.load_state_dict(state)
    return model.eval()


def to_hugging_face(state: dict[str, Tensor]) -> dict[str, Tensor]:
    result = {
        theirs: (state[ours].T if turned else state[ours]) for ours, theirs, turned in SINGLES
    }
    for name, value in state.items():
        for ours, theirs in TOWERS:
            if not name.startswith(ours):
                continue
            layer, rest = name.removeprefix(ours + ".").split(".", 1)
            part, _, end = rest.rpartition(".")
            if end.startswith("in_proj_"):
                for projection, piece in zip("qkv", value.chunk(3)):
                    ending = end.removeprefix("in_proj_")
                    result[f"{theirs}.{layer}.self_attn.{projection}_proj.{ending}"] = piece
            else:
                result[f"{theirs}.{layer}.{BLOCK[part]}.{end}"] = value
    return result


def from_hugging_face(state: dict[str, Tensor]) -> dict[str, Tensor]:
    result = {
        ours: (state[theirs].T if turned else state[theirs]) for ours, theirs, turned in SINGLES
    }
    back = {theirs: ours for ours, theirs in BLOCK.items()}
    for name, value in state.items():
        for ours, theirs in TOWERS:
            if not name.startswith(theirs):
                continue
            layer, rest = name.removeprefix(theirs + ".").split(".", 1)
            part, _, end = rest.rpartition(".")
            if part in back:
                result[f"{ours}.{layer}.{back[part]}.{end}"] = value
            elif part == "self_attn.q_proj":
                stacked = [state[name.replace("q_proj", f"{p}_proj")] for p in "qkv"]
                result[f"{ours}.{layer}.attn.in_proj_{end}"] = torch.cat(stacked)
    return result


def open_clip_config(spec: Spec, vision: ResNet, vocabulary: int) -> dict[str, object]:
    text = {"context_length": CONTEXT_LENGTH, "vocab_size": vocabulary}
    text |= {"width": spec.text.width, "heads": spec.text.heads, "layers": spec.text.layers}
    tower = {"image_size": IMAGE_SIZE, "layers": list(vision.layers), "width": vision.width}
    tower["head_width"] = vision.head_width
    return {
        "model_cfg": {"embed_dim": spec.embed_dim, "quick_gelu": True}
        | {"vision_cfg": tower, "text_cfg": text},
        "preprocess_cfg": {"mean": MEAN, "std": DEVIATION, "interpolation": "bicubic"}
        | {"resize_mode": "shortest", "size": [IMAGE_SIZE, IMAGE_SIZE], "mode": "RGB"},
    }


def hugging_face_config(spec: Spec, tokenizer: Tokenizer) -> dict[str, object]:
    def tower(width: int, layers: int, heads: int) -> dict[str, object]:
        return {"hidden_size": width, "intermediate_size": 4 * width, "num_hidden_layers": layers} | {
            "num_attention_heads": heads, "hidden_act": "quick_gelu", "layer_norm_eps": 1e-5,
            "projection_dim": spec.embed_dim, "attention_dropout": 0.0,
            "initializer_factor": 1.0, "initializer_range": 0.02,
        }  # fmt: skip

    assert not isinstance(spec.vision, ResNet)
    vision = tower(spec.vision.width, spec.vision.layers, spec.vision.heads)
    vision |= {"model_type": "clip_vision_model", "image_size": IMAGE_SIZE}
    vision |= {"patch_size": spec.patch_size, "num_channels": 3}
    text = tower(spec.text.width, spec.text.layers, spec.text.heads)
    text |= {"model_type": "clip_text_model", "vocab_size": len(tokenizer)}
    text |= {"max_position_embeddings": CONTEXT_LENGTH, "bos_token_id": tokenizer.start}
    text |= {"eos_token_id": tokenizer.end, "pad_token_id": tokenizer.end}
    return {
        "architectures": ["CLIPModel"], "model_type": "clip", "dtype": "float16",
        "initializer_factor": 1.0, "logit_scale_init_value": 2.6592,
        "projection_dim": spec.embed_dim, "text_config": text, "vision_config": vision,
    }  # fmt: skip


def preprocessor_config() -> dict[str, object]:
    return {
        "crop_size": {"height": IMAGE_SIZE, "width": IMAGE_SIZE}, "size": {"shortest_edge": IMAGE_SIZE},
        "do_center_crop": True, "do_convert_rgb": True, "do_normalize": True, "do_rescale": True,
        "do_resize": True, "image_mean": MEAN, "image_std": DEVIATION, "resample": 3,
        "rescale_factor": 1 / 255, "image_processor_type": "CLIPImageProcessor",
    }  # fmt: skip
