"""Figures of agreement as tables for people."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np

from framing.agreement.passages import KINDS, Passage
from framing.agreement.study import ALL, ANY, Study
from framing.evaluate.sheets import Sheet, show, starred


def sheets(study: Study, disputed: Sequence[Passage]) -> list[Sheet]:
    """Give the tables in the order in which they are read."""
    return [
        _alphas(study),
        _pairs(study),
        *([_annotators(study)] if len(study.annotations.names) > 2 else []),
        *([_gamma(study)] if study.gamma else []),
        *(_confusion(study, number) for number in range(len(study.pairs))),
        _disputed(disputed),
    ]


def _alphas(study: Study) -> Sheet:
    counts = _counts(study)
    rows = []
    for row in study.tokens:
        number = sum(counts[row].values()) if row in counts else sum(sum(one.values()) for one in counts.values())
        rows.append([row, f"{number:,}", show(study.tokens[row]), show(study.spans[row])])
    note = (
        f"95% intervals: BCa bootstrap over {study.clusters:,} {study.unit} "
        f"({len(study.annotations.documents):,} documents), {study.draws:,} draws, seed {study.seed}. "
        "Tokens: nominal alpha on words and marks; spans: alpha for unitizing, on characters, over documents that all "
        f"read. {ANY}: types count as one; {ALL}: types count, too. n/a: nothing could disagree"
    )
    return Sheet("Krippendorff's alpha", ["", "spans", "tokens", "spans (alpha U)"], rows, note)


def _gamma(study: Study) -> Sheet:
    rows = [[row, "n/a" if np.isnan(found) else f"{found:.3f}"] for row, found in study.gamma.items()]
    note = "No interval: each resample would cost a whole run. n/a: fewer than two annotators marked anything"
    return Sheet("Gamma", ["", "gamma"], rows, note)


def _pairs(study: Study) -> Sheet:
    rows = []
    for pair in study.pairs:
        for row, found in pair.f1.items():
            rows.append([" - ".join(pair.names), row, show(found["strict"]), show(found["overlap"])])
        rows.append([" - ".join(pair.names), "voice, same", show(pair.voice), ""])
    note = (
        "Strict: equal ends and type; overlap: same type. Voice: share of strictly matched spans whose voices are known"
    )
    return Sheet("F1 of pairs", ["", "", "strict", "overlap"], rows, starred(rows, study.unit, note), (0, 1))


def _annotators(study: Study) -> Sheet:
    counts = _counts(study)
    rows = []
    for name in study.annotations.names:
        for row in [*study.labels, ALL]:
            marked = counts[row][name] if row in counts else sum(count[name] for count in counts.values())
            means = [study.mean_f1(name, row, scheme) for scheme in ("strict", "overlap")]
            rows.append([name, row, f"{marked:,}", *("n/a" if np.isnan(mean) else f"{mean:.3f}" for mean in means)])
    note = "Mean F1 with the other annotators; the intervals are with the pairs"
    return Sheet("Annotators", ["", "", "spans", "strict", "overlap"], rows, note, (0, 1))


def _confusion(study: Study, number: int) -> Sheet:
    pair = study.pairs[number]
    first, second = pair.names
    rows = [
        [name, *(f"{count:,}" if count else "." for count in counts)]
        for name, counts in zip([*study.labels, "nothing"], pair.confusion, strict=True)
    ]
    note = f"Rows: {first}; columns: {second}. Spans are paired where they overlap, those of one type first"
    return Sheet(f"Types of {first} and {second}", ["", *study.labels, "nothing"], rows, note)


def _disputed(disputed: Sequence[Passage]) -> Sheet:
    counts = Counter(passage.kind for passage in disputed)
    rows = [[kind, f"{counts[kind]:,}", meaning] for kind, meaning in KINDS.items()]
    return Sheet("Passages to adjudicate", ["", "passages", "meaning"], rows, words=(0, 2))


def _counts(study: Study) -> dict[str, Counter[str]]:
    counts: dict[str, Counter[str]] = {label: Counter() for label in study.labels}
    for name, marked in study.annotations.marked.items():
        for spans in marked:
            for span in spans or ():
                counts[span.label][name] += 1
    return counts
