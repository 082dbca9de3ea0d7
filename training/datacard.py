"""The data card: what a corpus holds, in figures alone; no sentence of it is quoted."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final

from huggingface_hub import DatasetCardData

from framing.profile import count_words
from framing.spans import Document
from training.soft import is_soft

_OUTLETS: Final = 20
_LONGEST_NAME: Final = 40
_SIZES: Final = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))


def statistics(parts: Mapping[str, Sequence[Document]]) -> dict[str, Any]:
    """Count what parts of a corpus hold, and what they share.

    Returns:
        For JSON: `parts` by name (documents, articles, words, empty, and by label, outlet and year), `shared` articles
        and identical texts between any two parts.
    """
    names = list(parts)
    pairs = [(one, other) for place, one in enumerate(names) for other in names[place + 1 :]]
    return {
        "parts": {name: _part(documents) for name, documents in parts.items()},
        "shared": [
            {
                "parts": [one, other],
                "articles": len(_articles(parts[one]) & _articles(parts[other])),
                "texts": len({d.text for d in parts[one]} & {d.text for d in parts[other]}),
            }
            for one, other in pairs
        ],
    }


def _articles(documents: Sequence[Document]) -> set[str]:
    return {str(document.meta.get("article") or document.id) for document in documents}


def _part(documents: Sequence[Document]) -> dict[str, Any]:
    labels: dict[str, dict[str, Any]] = {}
    for document in documents:
        for label in {span.label for span in document.spans}:
            labels.setdefault(label, {"documents": 0, "voices": Counter()})["documents"] += 1
        for span in document.spans:
            labels[span.label]["voices"][span.voice or "none"] += 1
    if is_soft(documents):
        for label, row in labels.items():
            scores = [span.score for document in documents for span in document.spans if span.label == label]
            row["expected"] = round(sum(1.0 if score is None else score for score in scores), 1)
    return {
        "documents": len(documents),
        "articles": len(_articles(documents)),
        "words": sum(count_words(document.text) for document in documents),
        "empty": sum(not document.spans for document in documents),
        "labels": dict(sorted(labels.items())),
        "outlets": dict(Counter(str(d.meta["outlet"]) for d in documents if d.meta.get("outlet")).most_common()),
        "years": dict(sorted(Counter(str(d.meta["date"])[:4] for d in documents if d.meta.get("date")).items())),
    }


def by_language_models(note: str | None) -> bool:
    """Tell whether a recipe's note says that language models made the labels."""
    return note is not None and "language model" in note.lower().replace("-", " ")


def data_card(
    facts: Mapping[str, Any],
    files: Mapping[str, Sequence[Mapping[str, str]]],
    losses: Mapping[str, Mapping[str, int]],
    *,
    name: str,
    note: str | None,
    language: str | None,
    licence: str | None,
    sentences: bool = False,
) -> str:
    """Write a data card, with the metadata block of the Hugging Face hub.

    Args:
        facts: what `statistics` counted.
        files: of each part the corpora with `name` and `sha256`.
        losses: of each part what was left out or changed, by reason.
        name: the corpus's name.
        note: how the texts were drawn and the labels made.
        language: ISO 639-1.
        licence: of texts and labels, as the hub names it.
        sentences: whether the labels stand on whole sentences.
    """
    parts, machine = facts["parts"], by_language_models(note)
    total = sum(part["documents"] for part in parts.values())
    front = DatasetCardData(
        pretty_name=name,
        language=language,
        license=licence or "unknown",
        annotations_creators="machine-generated" if machine else None,
        size_categories=next((size for most, size in _SIZES if total < most), "1M<n<10M"),
        task_categories=["text-classification" if sentences else "token-classification"],
        tags=["framing", "news", "sentence-classification" if sentences else "span-detection"],
    )
    who = "They were made by language models, not by people.\n\n" if machine else ""
    limits = [
        "The counts describe how this corpus was drawn; they are no rates of cues in news at large.",
        "Outlets and years are as uneven as the tables say; what is rare here is learnt badly.",
    ]
    if machine:
        limits.append(
            "Labels by language models share their blind spots: have people check a sample before you rely on it."
        )
    blocks = [
        f"---\n{front.to_yaml()}\n---",
        f"# Data card: {name}",
        f"Texts with {'labels on whole sentences' if sentences else 'cues marked as spans of characters'}. "
        "This card holds figures only; it quotes no text.",
        "## Intended use\n\nTo train and to evaluate models that find these cues. Not to rank outlets by, not to judge "
        "whether what a text says is true, and not to judge single writers.",
        f"## How the labels were made\n\n{who}{(note or 'The recipe does not say (`data.note`).').strip()}",
        f"## Sizes\n\n{_sizes(parts)}",
        f"## Labels and voices\n\n{_labels(parts)}",
        _shares("Outlets", "outlet", parts, "outlets"),
        _shares("Years", "year", parts, "years"),
        f"## Splits\n\n{_splits(facts['shared'], files)}",
        f"## Left out or changed\n\n{_losses(losses)}",
        "## Limits\n\n" + "\n".join(f"- {limit}" for limit in limits),
    ]
    return "\n\n".join(block for block in blocks if block) + "\n"


def _table(head: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join(f"| {' | '.join(_cell(value) for value in line)} |" for line in lines)


def _cell(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    text = " ".join(str(value).split()).replace("|", "\\|")
    return text if len(text) <= _LONGEST_NAME else text[: _LONGEST_NAME - 1] + "…"


def _sizes(parts: Mapping[str, Any]) -> str:
    rows = [
        [name, part["documents"], part["articles"], part["words"], part["empty"], sum(_spans(part).values())]
        for name, part in parts.items()
    ]
    return _table(["part", "documents", "articles", "words", "documents without a cue", "spans"], rows)


def _spans(part: Mapping[str, Any]) -> dict[str, int]:
    return {label: sum(row["voices"].values()) for label, row in part["labels"].items()}


def _labels(parts: Mapping[str, Any]) -> str:
    voices = sorted({voice for part in parts.values() for row in part["labels"].values() for voice in row["voices"]})
    soft = any("expected" in row for part in parts.values() for row in part["labels"].values())
    rows = [
        [name, label, spans, row["documents"]]
        + ([row.get("expected", spans)] if soft else [])
        + [row["voices"].get(voice, 0) for voice in voices]
        for name, part in parts.items()
        for label, row in part["labels"].items()
        for spans in [sum(row["voices"].values())]
    ]
    head = ["part", "label", "spans", "documents", *(["expected"] if soft else []), *(f"voice: {v}" for v in voices)]
    note = (
        "\n\nSpans have probabilities, and some are alternatives of each other: expected is their sum." if soft else ""
    )
    return _table(head, rows) + note


def _shares(title: str, column: str, parts: Mapping[str, Any], key: str) -> str:
    """Give documents by outlet or year, the commonest outlets only; nothing where records don't tell."""
    totals: Counter[str] = Counter()
    for part in parts.values():
        totals.update(part[key])
    if not totals:
        return ""
    named = sorted(totals) if key == "years" else [name for name, _ in totals.most_common(_OUTLETS)]
    rows: list[list[object]] = [[name, *(part[key].get(name, 0) for part in parts.values())] for name in named]
    if len(totals) > len(named):
        rest = (sum(part[key].values()) - sum(part[key].get(name, 0) for name in named) for part in parts.values())
        rows.append([f"{len(totals) - len(named):,} others", *rest])
    return f"## {title}\n\n{_table([column, *parts], rows)}"


def _splits(shared: Sequence[Mapping[str, Any]], files: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    lines = [
        f"- {part}: `{file['name']}`, SHA-256 `{file['sha256']}`" for part, found in files.items() for file in found
    ]
    lines += [
        f"- {pair['parts'][0]} and {pair['parts'][1]} share {pair['articles']:,} articles and {pair['texts']:,} "
        "identical texts"
        for pair in shared
    ]
    return "\n".join(lines)


def _losses(losses: Mapping[str, Mapping[str, int]]) -> str:
    lines = [f"- {part}: {count:,} x {reason}" for part, found in losses.items() for reason, count in found.items()]
    return "\n".join(lines) or "Nothing."
