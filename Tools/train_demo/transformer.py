"""The transformer of both towers, and the two towers made of it (Radford et al. 2021, section 2.4).

Parameters have the names that OpenAI's files give them. B images or texts, T tokens, W width, D joint width.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Attention(nn.Module):
    """Multi-head self-attention; the three input projections are one matrix."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.in_proj_weight = nn.Parameter(torch.empty(3 * width, width))
        self.in_proj_bias = nn.Parameter(torch.zeros(3 * width))
        self.out_proj = nn.Linear(width, width)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        b, t, w = x.shape
        qkv = F.linear(x, self.in_proj_weight, self.in_proj_bias)
        q, k, v = qkv.view(b, t, 3, self.heads, w // self.heads).permute(2, 0, 3, 1, 4)
        y = attend(q, k, v, causal)
        return self.out_proj(y.transpose(1, 2).reshape(b, t, w))


def attend(q: Tensor, k: Tensor, v: Tensor, causal: bool) -> Tensor:
    """Softmax attention written out, [B, H, T, d]: PyTorch's fused one spends more than half of a training step in
    its backward pass on processors, for sequences as short as these."""
    scores = (q * q.shape[-1] ** -0.5) @ k.transpose(-1, -2)
    if causal:
        hidden = torch.ones(q.shape[2], k.shape[2], dtype=torch.bool, device=q.device).triu(1)
        scores = scores.masked_fill(hidden, float("-inf"))
    return scores.softmax(dim=-1, dtype=scores.dtype) @ v


class MLP(nn.Module):
    """Linear, QuickGELU (x sigmoid(1.702 x), OpenAI's approximation of GELU), linear."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.c_fc = nn.Linear(width, 4 * width)
        self.c_proj = nn.Linear(4 * width, width)

    def forward(self, x: Tensor) -> Tensor:
        # silu(y) = y sigmoid(y) with y = 1.702 x: one pass over the wide activations where QuickGELU takes three, its
        # factors moved into the weights.
        y = F.silu(F.linear(x, 1.702 * self.c_fc.weight, 1.702 * self.c_fc.bias))
        return F.linear(y, self.c_proj.weight / 1.702, self.c_proj.bias)


class Block(nn.Module):
    """Attention, then an MLP of four times the width; norms come first."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.ln_1 = nn.LayerNorm(width)
        self.attn = Attention(width, heads)
        self.ln_2 = nn.LayerNorm(width)
        self.mlp = MLP(width)

    def forward(self, x: Tensor, causal: bool) -> Tensor:
        x = x + self.attn(self.ln_1(x), causal)
        return x + self.mlp(self.ln_2(x))


class Transformer(nn.Module):
    """A stack of blocks, initialised as in CLIP: residual branches start smaller the deeper the stack."""

    def __init__(self, width: int, layers: int, heads: int) -> None:
        super().__init__()
        self.resblocks = nn.ModuleList(Block(width, heads) for _ in range(layers))
        residual = width**-0.5 * (2 * layers) ** -0.5
        for block in self.resblocks:
            nn.init.normal_(block.attn.in_proj_weight, std=width**-0.5)
            nn.init.normal_(block.attn.out_proj.weight, std=residual)
            nn.init.normal_(block.mlp.c_fc.weight, std=(2 * width) ** -0.5)
            nn.init.normal_(block.mlp.c_proj.weight, std=residual)
            for linear in (block.attn.out_proj, block.mlp.c_fc, block.mlp.c_proj):
                nn.init.zeros_(linear.bias)

    def forward(self, x: Tensor, causal: bool = False) -> Tensor:
        for block in self.resblocks:
            x = block(x, causal)
        return x


class VisionTransformer(nn.Module):
    """ViT: patches and a class token; the class token's feature is projected."""

    def __init__(
        self, image_size: int, patch_size: int, width: int, layers: int, heads: int, embed_dim: int
    ) -> None:
        super().__init__()
        self.patch_size = patch_size
        tokens = (image_size // patch_size) ** 2 + 1
        self.conv1 = nn.Conv2d(3, width, patch_size, stride=patch_size, bias=False)
        scale = width**-0.5
        self.class_embedding = nn.Parameter(scale * torch.randn(width))
        self.positional_embedding = nn.Parameter(scale * torch.randn(tokens, width))
        self.ln_pre = nn.LayerNorm(width)
        self.transformer = Transformer(width, layers, heads)
        self.ln_post = nn.LayerNorm(width)
        self.proj = nn.Parameter(scale * torch.randn(width, embed_dim))

    def forward(self, images: Tensor) -> Tensor:
        """[B, 3, S, S] to [B, D]."""
        b, p = images.shape[0], self.patch_size
        # A convolution whose stride is its size is a matrix product, and a faster one.
        patches = F.pixel_unshuffle(images, p).flatten(2).transpose(1, 2)
        x = F.linear(patches, self.conv1.weight.flatten(1))
        x = torch.cat([self.class_embedding.expand(b, 1, -1), x], dim=1) + self.positional_embedding
        x = self.transformer(self.ln_pre(x))
        return self.ln_post(x[:, 0]) @ self.proj


class TextTransformer(nn.Module):
    """Causal transformer over tokens; the end token's feature is projected."""

    def __init__(
        self, vocabulary: int, context: int, width: int, layers: int, heads: int, embed_dim: int
    ) -> None:
        super().__init__()
        self.token_embedding = nn.Embedding(vocabulary, width)
        self.positional_embedding = nn.Parameter(0.01 * torch.randn(context, width))
        nn.init.normal_(self.token_embedding.weight, std=0.02)
        self.transformer = Transformer(width, layers, heads)
        self.ln_final = nn.LayerNorm(width)
        self.text_projection = nn.Parameter(width**-0.5 * torch.randn(width, embed_dim))

    def forward(self, tokens: Tensor) -> Tensor:
        """[B, T] to [B, D]; the end token has the largest id, and its first occurrence ends a text."""
        ends = tokens.argmax(dim=1)
        x = self.token_embedding(tokens) + self.positional_embedding[: tokens.shape[1]]
        x = self.transformer(x, causal=True)
        x = x[torch.arange(x.shape[0], device=x.device), ends]
        return self.ln_final(x) @ self.text_projection
