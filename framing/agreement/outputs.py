"""Where figures of agreement go: to the terminal in one format, or into a folder in all, with the page."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.agreement.passages import Passage
from framing.agreement.sheets import sheets
from framing.agreement.study import Study
from framing.evaluate.bootstrap import ONE, Estimate
from framing.report.adjudication import adjudication_page
from framing.report.folder import write_files
from framing.report.sheets import csv_text, latex, markdown
from framing.spans import Document


def records(study: Study) -> Iterator[dict[str, Any]]:
    """Give every figure as a flat record: of all annotators, then of pairs."""
    for name, found in (("alpha, tokens", study.tokens), ("alpha, spans", study.spans)):
        for row, estimate in found.items():
            yield _record("", "", name, row, estimate)
    for row, value in study.gamma.items():
        yield _record(
            "",
            "",
            "gamma",
            row,
            Estimate(value, float("nan"), float("nan"), reason="each resample would cost a whole run"),
        )
    for pair in study.pairs:
        for row, schemes in pair.f1.items():
            for scheme, estimate in schemes.items():
                yield _record(*pair.names, f"F1, {scheme}", row, estimate)
        yield _record(*pair.names, "voice, same", "all types", pair.voice)


def _record(first: str, second: str, figure: str, label: str, estimate: Estimate) -> dict[str, Any]:
    ends = {name: getattr(estimate, name) for name in ("value", "low", "high")}
    plain = {name: None if np.isnan(value) else round(value, 6) for name, value in ends.items()}
    why = "" if plain["value"] is None or plain["low"] is not None else estimate.reason or ONE
    return {"first": first, "second": second, "figure": figure, "label": label, **plain, "reason": why}


def text_of(study: Study, disputed: Sequence[Passage], form: str) -> str:
    """Give the figures as `markdown`, `latex`, `csv` (all figures, a row each) or `json`."""
    if form == "csv":
        return csv_text(records(study))
    if form == "json":
        return json.dumps(_summary(study, disputed), ensure_ascii=False, indent=1) + "\n"
    return (markdown if form == "markdown" else latex)(sheets(study, disputed))


def _summary(study: Study, disputed: Sequence[Passage]) -> Mapping[str, Any]:
    return {
        "annotators": study.annotations.names,
        "documents": len(study.annotations.documents),
        "clusters": study.clusters,
        "draws": study.draws,
        "seed": study.seed,
        "labels": study.labels,
        "notes": study.annotations.notes,
        "figures": list(records(study)),
        "confusion": [{"pair": pair.names, "counts": pair.confusion.tolist()} for pair in study.pairs],
        "disputed": len(disputed),
    }


def write_agreement(study: Study, disputed: Sequence[Passage], folder: Path, gold: Sequence[Document] | None) -> None:
    """Write tables, figures, the passages to adjudicate and the page into a folder that is there.

    Raises:
        InputError: the folder can't be written.
    """
    files = {
        "tables.md": text_of(study, disputed, "markdown"),
        "tables.tex": text_of(study, disputed, "latex"),
        "figures.csv": text_of(study, disputed, "csv"),
        "agreement.json": text_of(study, disputed, "json"),
        "passages.jsonl": _lines(passage.to_record() for passage in disputed),
        "adjudicate.html": adjudication_page(disputed, study.labels),
    }
    if gold is not None:
        files["gold.jsonl"] = _lines(document.to_record() for document in gold)
    write_files(folder, files)


def _lines(found: Iterable[dict[str, Any]]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in found)
