"""Losses of single tokens for a task in which most tokens are nothing."""

from __future__ import annotations

from torch import Tensor, nn


def token_loss(logits: Tensor, tags: Tensor, *, focal_gamma: float = 0.0, label_smoothing: float = 0.0) -> Tensor:
    """Give cross-entropy, or the focal loss (Lin et al. 2017), which plays down what is easy.

    The focal loss is cross-entropy times (1 - p) to the power of gamma, where p is the probability of the right tag. It
    is no proper scoring rule: its optimum is less sure than the truth, which calibration has to take back.

    Args:
        logits: [tokens, tags] in 32-bit floats.
        tags: [tokens] right tags.
        focal_gamma: 0 is cross-entropy; 2 is the paper's.
        label_smoothing: share of the target that goes to all tags alike.

    Returns:
        [tokens] losses.
    """
    losses = nn.functional.cross_entropy(logits, tags, reduction="none", label_smoothing=label_smoothing)
    if not focal_gamma:
        return losses
    right = nn.functional.log_softmax(logits, dim=-1).gather(1, tags[:, None])[:, 0]
    # A power below 1 has no finite slope at 0.
    return (-right.expm1()).clamp(min=1e-6) ** focal_gamma * losses
