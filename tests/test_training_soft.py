"""Soft targets: what scores mean, and that certainty is the hard label, to the last bit."""

from __future__ import annotations

import functools
from pathlib import Path

import numpy as np
import pytest
import torch
from test_training_encode import TOKENIZER, document, tokenizer
from test_training_tagger import batch, tagger
from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

from framing.errors import InputError
from framing.spans import CueSpan, Document
from framing.text import units
from training.config import load_config
from training.encode import Collator, cue_weights, dataset, rule_opinions
from training.fit import fit
from training.soft import soft_tags
from training.tagger import IGNORE, CueTagger
from training.weak.label import label

TEXT = "the old communist regime fell"


def scored(*spans: tuple[int, int, float | None]) -> list[CueSpan]:
    return [CueSpan(start, end, "x", score) for start, end, score in spans]


def test_alternatives_add_up_to_probabilities_of_tags() -> None:
    tags, targets, lost = soft_tags(scored((8, 24, 0.5), (18, 24, 0.25)), units(TEXT), "x")
    assert (tags.tolist(), lost) == ([0, 0, 1, 2, 0], [])
    assert targets.tolist() == [[1, 0, 0], [1, 0, 0], [0.5, 0.5, 0], [0.25, 0.25, 0.5], [1, 0, 0]]


def test_certain_spans_are_tagged_as_ever_with_their_losses() -> None:
    tags, targets, lost = soft_tags(scored((8, 24, None), (18, 24, 1.0)), units(TEXT), "x")
    assert tags.tolist() == targets.argmax(axis=1).tolist() == [0, 0, 1, 2, 0]
    assert [(span.start, span.end) for span in lost] == [(18, 24)]


def test_scores_that_come_to_more_than_one_are_scaled_down() -> None:
    _, targets, _ = soft_tags(scored((4, 7, 0.9), (4, 17, 0.9)), units(TEXT), "x")
    np.testing.assert_allclose(targets[1:3], [[0, 1, 0], [0.1, 0, 0.9]], atol=1e-6)


@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_a_soft_target_of_one_has_the_loss_and_gradient_of_a_hard_label_exactly(smoothing: float) -> None:
    made = tagger("electra", cue_weights=[2.5, 1.0], label_smoothing=smoothing)
    inputs = batch(3, 7)
    labels = torch.randint(0, 3, (3, 7, 2))
    labels[0, 5:] = IGNORE
    voices = torch.full((3, 7), IGNORE)
    certain = torch.nn.functional.one_hot(labels.clamp(min=0), 3).float()
    losses, gradients = [], []
    for targets in (None, certain):
        made.zero_grad()
        loss = made(*inputs, labels, voices, targets)["loss"]
        loss.backward()
        losses.append(loss.item())
        gradients.append(made.cue_head.weight.grad.clone())  # type: ignore[union-attr]
    assert losses[0] == losses[1] > 0
    torch.testing.assert_close(gradients[0], gradients[1], rtol=0, atol=1e-7)


def test_a_soft_target_is_the_mean_of_the_hard_losses() -> None:
    made = tagger("electra")
    inputs, voices = batch(1, 4), torch.full((1, 4), IGNORE)
    ones, zeros = torch.ones(1, 4, 2, dtype=torch.long), torch.zeros(1, 4, 2, dtype=torch.long)
    mixed = torch.tensor([0.25, 0.75, 0.0]).expand(1, 4, 2, 3)
    loss = made(*inputs, zeros, voices, mixed)["loss"].item()
    hard = [made(*inputs, labels, voices)["loss"].item() for labels in (zeros, ones)]
    assert loss == pytest.approx(0.25 * hard[0] + 0.75 * hard[1], rel=1e-6)


def test_windows_carry_soft_targets_only_where_a_span_is_less_than_certain() -> None:
    sure = document(TEXT, ("regime", "x", "author"))
    unsure = Document("two", TEXT, tuple(scored((8, 24, 0.5), (18, 24, 0.25))))
    hard, _ = dataset([sure], tokenizer(), ["x"])
    soft, losses = dataset([sure, unsure], tokenizer(), ["x"])
    assert "cue_targets" not in hard.column_names
    assert hard[0] == {name: value for name, value in soft[0].items() if name != "cue_targets"}
    assert losses.overlapping == 0
    tensors = Collator(1, 0)(list(soft))
    assert tensors["cue_targets"].shape == (2, 7, 1, 3)
    assert tensors["cue_targets"][:, :, 0, 1].tolist() == [[0, 0, 0, 0, 1, 0, 0], [0, 0, 0, 0.5, 0.25, 0, 0]]
    assert tensors["cue_labels"][:, 0].unique().tolist() == [IGNORE]


def test_unsure_alternatives_teach_no_voice_and_count_by_their_scores() -> None:
    spans = (CueSpan(8, 24, "x", 0.5, "quoted"), CueSpan(0, 3, "x", 0.25, "author"), CueSpan(25, 29, "y"))
    unsure = Document("one", TEXT, spans)
    found, _ = dataset([unsure], tokenizer(), ["x", "y"])
    assert found[0]["voice_labels"] == [IGNORE, IGNORE, IGNORE, 2, 2, IGNORE, IGNORE]
    assert cue_weights("auto", [unsure] * 4, ["x", "y"]) == [pytest.approx((4 / 3) ** 0.5), 1.0]
    opinion = rule_opinions([Document("one", "the regime", (CueSpan(4, 10, "group_label", 0.25),))], tokenizer(),
                            ["group_label"])[0]  # fmt: skip
    assert opinion is not None
    shares = {tuple(np.exp(row).round(2).tolist()) for row in opinion.log_probabilities}
    assert (0.44, 0.31, 0.25) in shares  # (1 + 0.75, 1 + 0.25, 1) / 4


def test_a_dev_part_that_nobody_decided_is_refused(tmp_path: Path) -> None:
    record = '{"id": "%s", "text": "the %s regime", "spans": [{"start": 4, "end": 7, "label": "pretext"%s}]}\n'
    (tmp_path / "train.jsonl").write_text(record % ("a", "old", ', "score": 0.4'), encoding="utf-8")
    (tmp_path / "dev.jsonl").write_text(record % ("b", "new", ', "score": 0.4'), encoding="utf-8")
    (tmp_path / "recipe.yaml").write_text(
        f"output: {tmp_path / 'run'}\ndata: {{train: [{tmp_path / 'train.jsonl'}], dev: [{tmp_path / 'dev.jsonl'}]}}\n",
        encoding="utf-8",
    )
    with pytest.raises(InputError, match="scores below 1"):
        fit(load_config(tmp_path / "recipe.yaml"))


def test_weak_labels_train_a_network(tmp_path: Path, examples: Path) -> None:
    texts, weak, encoder = tmp_path / "texts.jsonl", tmp_path / "weak.jsonl", tmp_path / "encoder"
    lines = (examples / "corpus.jsonl").read_text(encoding="utf-8").splitlines(keepends=True)
    texts.write_text("".join(lines[:30]), encoding="utf-8")
    label([str(texts)], ["lexicon"], weak)
    config = BertConfig(hidden_size=16, num_hidden_layers=1, num_attention_heads=2, intermediate_size=32)
    BertModel(config).save_pretrained(encoder)
    PreTrainedTokenizerFast(tokenizer_file=str(TOKENIZER)).save_pretrained(encoder)
    (tmp_path / "recipe.yaml").write_text(
        f"output: {tmp_path / 'run'}\ndata: {{train: [{weak}], dev: [{examples / 'held-out.jsonl'}], dev_limit: 10}}\n"
        f"model: {{encoder: {encoder}}}\ntraining: {{epochs: 1, precision: float32}}\n",
        encoding="utf-8",
    )
    seen = []
    forward = CueTagger.forward

    def watched(self: CueTagger, *given: torch.Tensor, **named: torch.Tensor) -> dict[str, torch.Tensor]:
        seen.append((self.training, named.get("cue_targets")))
        return forward(self, *given, **named)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CueTagger, "forward", functools.wraps(forward)(watched))
        fit(load_config(tmp_path / "recipe.yaml"))
    targets = [given for training, given in seen if training]
    assert all(given is not None for given in targets)
    assert any(bool(((given > 0.1) & (given < 0.9)).any()) for given in targets if given is not None)
    assert all(given is None for training, given in seen if not training)
