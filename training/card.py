"""The model card, made from the run, with the metadata block of the Hugging Face hub."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from framing.cues import Cue
from framing.decode import Calibration
from framing.tokens import SENTENCES
from training.config import Config
from training.datacard import by_language_models, data_card
from training.figures import interval
from training.metadata import hub_metadata
from training.sentence_card import parity_text, sentence_figures

_TEACHERS: Final = """\
- The labels were made by language models: the figures say how well the model agrees with them, not with people.
"""
_LOSSES: Final = {
    "cut": "span that no window of the training holds whole",
    "overlapping": "span that overlaps a longer one of its type, or lies on no word",
    "snapped": "span that ends inside a word, taught with the whole word",
}
_OVERLAPS: Final = {"target": "overlap F1 of targets", "source": "of sources"}
_SPANS: Final = (
    "Finds framing cues as spans in news text and says whose voice each is in.",
    "One begin-inside-outside head a cue type and a voice head",
)
_SENTENCES: Final = (
    "Labels the sentences of news text, each read with the sentences around it; a sentence may have several labels.",
    "One logit a token and label, averaged over each sentence's own tokens,",
)


def model_card(facts: dict[str, Any], calibration: Calibration, cues: Sequence[Cue], config: Config) -> str:
    """Write the README of a model folder.

    Args:
        facts: what `framing.json` holds.
        calibration: temperatures and thresholds.
        cues: the vocabulary.
        config: the recipe; `data.note` says how the labels were made.
    """
    sentences = facts.get("task") == SENTENCES
    figures = (sentence_figures if sentences else _span_figures)(facts, calibration, cues)
    does, heads = _SENTENCES if sentences else _SPANS
    names = "\n".join(f"- `{cue.name}`: {cue.definition}" for cue in cues)
    corpus = "\n".join(f"- {part}: {_corpus(found)}" for part, found in facts["corpus"].items())
    files = "\n".join(
        f"- {part}: `{file['name']}`, SHA-256 `{file['sha256']}`"
        for part, found in facts["data"].items()
        for file in found
    )
    teachers = _TEACHERS if by_language_models(config.data.note) else ""
    return f"""---
{hub_metadata(facts, config).to_yaml()}
---

# {facts["name"]} {facts["version"]}

{does} Made by `framing export` on
{facts["created"]}; load it with `framing.load("FOLDER")` or `framing score --model FOLDER`.

{names}

## Intended use

To find and count such cues in news text for research, teaching and editing, with a person who reads what was found.
Not to rank outlets or writers by, not to judge whether a text is true, not to moderate or withhold content, and not for
decisions about people.

## How it was made

{heads} over the encoder `{facts["encoder"]["name"]}`
(licence: {facts["encoder"]["licence"]}), fine-tuned for at most {config.training.epochs:g} epochs with seed
{config.training.seed}; temperatures, thresholds and the rules' shares chosen on dev; weights in int8
({facts["quantization"]["in floats"]} in floats). Windows of
{facts["window"]} tokens that share up to {facts["stride"]}; every character of a text is scored.
{_taught(facts, config)}
## Data

{corpus}

{files}

What the corpus holds, in figures: `DATA.md`.

{(config.data.note or "The recipe doesn't say how the labels were made (`data.note`).").strip()}

{figures}

## Limits

- A cue is what the words do in their context; it is no verdict on truth, and no measure of an outlet's quality or bias.
- Rates from the model carry its errors: label a sample of your own archive before you compare outlets or years.
- The corpus decides what is found: other languages, social media, broadcast transcripts and fiction are untested.
{teachers}"""


def _taught(facts: dict[str, Any], config: Config) -> str:
    """Say where training went on from and who taught the network beside the gold; nothing where neither is so."""
    start = config.model.start
    before = f"\nTraining went on from the weights of an earlier run ({Path(start).name}).\n" if start else ""
    if not facts.get("teachers"):
        return before
    share, names = 1 - config.training.teacher_weight, ", ".join(facts["teachers"])
    others = ", and of texts that nobody labelled (below, as unlabelled)"
    return (
        f"{before}\nBeside the labels, which count for {share:g}, it learnt what other models say of the same texts"
        f"{others if config.data.unlabelled else ''}: {names}.\n"
    )


def _span_figures(facts: dict[str, Any], calibration: Calibration, cues: Sequence[Cue]) -> str:
    """Write the section of the figures on dev of a model that finds spans."""
    dev = facts["figures"]["dev"]
    table = "\n".join(
        f"| {label} | {interval(row['strict'])} | {interval(row['overlap'])} | "
        f"{_of(dev['expected_over_gold'], label)} | {_threshold(label, cues, calibration)} |"
        for label, row in dev["f1"].items()
    )
    crossed = _crossed(dev["cross_fitted"])
    voice = "not labelled" if dev["voice_accuracy"] is None else f"{dev['voice_accuracy']:.3f}"
    return f"""## Figures on dev

{dev["documents"]} documents of {dev["articles"]} articles with {dev["spans"]} spans; F1 with 95% bootstrap intervals
over articles (2,000 draws, seed 0). Strict: label and both ends equal. Overlap: label equal and a character shared.

| cue | strict F1 | overlap F1 | expected / gold count | threshold |
| --- | --- | --- | --- | --- |
{table}

Early stopping, temperatures and thresholds used the same dev documents, which flatters the table.
{crossed}
Voice accuracy on the {dev["matched_spans"]} strictly matched spans: {voice}.
{_designations(dev.get("designations", {}))}
{parity_text(facts["figures"]["parity"], "strict F1")}"""


def run_data_card(data: dict[str, Any], config: Config) -> str:
    """Write the data card of a run.

    Args:
        data: the run's `data.json`.
        config: the recipe.
    """
    losses = {
        part: {_LOSSES[kind]: lost[kind] for kind in _LOSSES if lost[kind]} for part, lost in data["losses"].items()
    }
    return data_card(
        data["statistics"],
        data["files"],
        losses,
        name=f"what {config.name} {config.version} learnt from",
        note=config.data.note,
        language=config.language,
        licence=config.data.licence,
        sentences=config.task == SENTENCES,
    )


def _designations(figures: dict[str, Sequence[float] | None]) -> str:
    """Say how well the records of designations are read; nothing where dev has none."""
    says = {"kind": "kind right", "authority": "authority right where a listing names one", **_OVERLAPS}
    parts = [f"{says[name]} {interval(figure)}" for name, figure in figures.items() if figure is not None]
    return f"Records of the matched terrorist designations: {', '.join(parts)}.\n" if parts else ""


def _crossed(figures: dict[str, Sequence[float] | None] | None) -> str:
    if figures is None:
        return "There were too few articles to fit the calibration on some and score others."
    return (
        "With calibration fitted on one half of the articles and scored on the other, both ways, the micro figures\n"
        f"are {interval(figures['strict'])} strict and {interval(figures['overlap'])} overlap."
    )


def _of(ratios: dict[str, float], label: str) -> str:
    return f"{ratios[label]:.2f}" if label in ratios else "-"


def _threshold(label: str, cues: Sequence[Cue], calibration: Calibration) -> str:
    found = [value for cue, value in zip(cues, calibration.thresholds, strict=True) if cue.name == label]
    return f"{found[0]:.2f}" if found else "-"


def _corpus(found: dict[str, Any]) -> str:
    parts = [f"{found['documents']:,} documents", f"{found['spans']:,} spans"]
    if found.get("outlets"):
        parts.append(f"{found['outlets']:,} outlets")
    if found.get("dates"):
        parts.append(f"dated {found['dates'][0]} to {found['dates'][1]}")
    return ", ".join(parts)
