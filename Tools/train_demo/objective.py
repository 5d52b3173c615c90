"""The contrastive loss and accuracy of a batch, where several pairs may have the same caption."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def targets(captions: Tensor) -> Tensor:
    """[B, B]: which image goes with which text. Pairs with equal captions share what is right between them: CLIP's
    identity matrix would take the same text for right and wrong at once."""
    same = (captions[:, None] == captions[None, :]).float()
    return same / same.sum(dim=1, keepdim=True)


def contrastive_loss(images: Tensor, texts: Tensor, scale: Tensor, captions: Tensor) -> Tensor:
    """CLIP's symmetric cross-entropy (Radford et al. 2021, figure 3) of unit features [B, D]."""
    logits = scale * images @ texts.T
    wanted = targets(captions)
    return (F.cross_entropy(logits, wanted) + F.cross_entropy(logits.T, wanted)) / 2


def contrastive_accuracy(images: Tensor, texts: Tensor, captions: Tensor) -> float:
    """Share of images whose best text, and of texts whose best image, of the batch is a right one: the two's mean."""
    similarity = images @ texts.T
    image_right = captions[similarity.argmax(dim=1)] == captions
    text_right = captions[similarity.argmax(dim=0)] == captions
    return torch.cat([image_right, text_right]).float().mean().item()
