"""The network of the sentences task: one logit a token and label, pooled over each sentence's own tokens."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

from training.tagger import IGNORE, CueTagger


class SentenceTagger(CueTagger):
    """Multi-label classifier of all sentences of a window at once.

    It is the span tagger with one logit a token and label in place of three, so that the exported graph, its windows
    and its quantization are the same; a sentence's logit is the mean of its tokens' (`framing.sentences`).
    """

    tags = 1

    def forward(  # type: ignore[override]
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        features: Tensor,
        cue_labels: Tensor | None = None,
        sentences: Tensor | None = None,
        **_: Any,
    ) -> dict[str, Tensor]:
        """Give a batch's logits.

        Args:
            input_ids: [batch, tokens].
            attention_mask: [batch, tokens], 1 on tokens and 0 on padding; None where nothing is padded.
            features: [batch, tokens, columns], each column in [0, its size).
            cue_labels: [batch, sentences, labels], 1 where a sentence has a label, -100 where there is no sentence.
            sentences: [batch, sentences, 2] token ranges.

        Returns:
            `cue_logits` [batch, tokens, labels, 1], `voice_logits` [batch, tokens, 3], and `loss` where labels are
            given.
        """
        cue_logits, voice_logits = self.logits(input_ids, attention_mask, features)
        output = {"cue_logits": cue_logits, "voice_logits": voice_logits}
        if cue_labels is not None and sentences is not None:
            output = {"loss": self._sentence_loss(pool(cue_logits[..., 0], sentences), cue_labels), **output}
        return output

    def _lift(self) -> Tensor:
        return self.cue_weights.log()[:, None]

    def _sentence_loss(self, logits: Tensor, cue_labels: Tensor) -> Tensor:
        """Sum over labels of the weighted mean binary cross-entropy."""
        counted = cue_labels != IGNORE
        given = cue_labels.clamp(min=0).float()
        weights = torch.where(given == 1, self.cue_weights, 1.0) * counted
        smoothed = given * (1 - self.label_smoothing) + self.label_smoothing / 2
        losses = nn.functional.binary_cross_entropy_with_logits(logits, smoothed, reduction="none")
        if self.focal_gamma:  # Lin et al. 2017
            losses = (-(-losses).expm1()).clamp(min=1e-6) ** self.focal_gamma * losses
        return ((losses * weights).sum((0, 1)) / weights.sum((0, 1)).clamp(min=1.0)).sum()


def pool(logits: Tensor, sentences: Tensor) -> Tensor:
    """Average logits [batch, tokens, labels] over ranges [batch, sentences, 2]: [batch, sentences, labels]."""
    at = torch.arange(logits.shape[1], device=logits.device)
    inside = ((at >= sentences[..., :1]) & (at < sentences[..., 1:])).float()
    return inside @ logits.float() / inside.sum(-1, keepdim=True).clamp(min=1.0)
