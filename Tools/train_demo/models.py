"""The demo's models: their sizes, and a CLIP made of two towers."""

from __future__ import annotations

import math
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from .resnet import ModifiedResNet
from .transformer import TextTransformer, VisionTransformer

IMAGE_SIZE = 64
CONTEXT_LENGTH = 32


@dataclass(frozen=True)
class Tower:
    """Sizes of a transformer; heads are `width / head_width`."""

    width: int
    layers: int
    head_width: int = 32

    @property
    def heads(self) -> int:
        return self.width // self.head_width


@dataclass(frozen=True)
class ResNet:
    """Sizes of a ModifiedResNet; the head width of the attention pool is open_clip's default."""

    width: int
    layers: tuple[int, int, int, int]
    head_width: int = 64

    @property
    def heads(self) -> int:
        return 32 * self.width // self.head_width


@dataclass(frozen=True)
class Spec:
    """One model, and how it is trained."""

    name: str
    vision: Tower | ResNet
    text: Tower
    embed_dim: int
    samples: int
    learning_rate: float
    patch_size: int = 8
    batch: int = 512
    weight_decay: float = 0.1
    betas: tuple[float, float] = (0.9, 0.98)
    epsilon: float = 1e-6
    warmup: float = 0.05
    seed: int = 20210226
    crop_padding: int = 4
    gradient_norm: float = 1.0
    # Images that go through the image tower at a time. A ResNet's are the whole batch, which its norms are over.
    image_part: int = 128


SPECS = {
    spec.name: spec
    for spec in (
        Spec("demo-vit-s", Tower(128, 4), Tower(128, 3), 128, 350_000, 1e-3),
        Spec("demo-vit-m", Tower(192, 6), Tower(128, 4), 192, 500_000, 1e-3, batch=256),
        Spec("demo-rn", ResNet(16, (2, 2, 2, 2)), Tower(128, 3), 128, 350_000, 1e-3, image_part=512),
    )
}


class CLIP(nn.Module):
    """Two towers and the learned scale of the logits, which CLIP keeps to 100 at most."""

    largest_logit_scale = math.log(100)

    def __init__(self, spec: Spec, vocabulary: int) -> None:
        super().__init__()
        vision = spec.vision
        if isinstance(vision, ResNet):
            self.visual: nn.Module = ModifiedResNet(
                IMAGE_SIZE, vision.width, vision.layers, vision.heads, spec.embed_dim
            )
        else:
            self.visual = VisionTransformer(
                IMAGE_SIZE, spec.patch_size, vision.width, vision.layers, vision.heads, spec.embed_dim
            )
        text = spec.text
        self.text = TextTransformer(
            vocabulary, CONTEXT_LENGTH, text.width, text.layers, text.heads, spec.embed_dim
        )
        self.logit_scale = nn.Parameter(torch.tensor(math.log(1 / 0.07)))

    def scale(self) -> Tensor:
        return self.logit_scale.exp()
