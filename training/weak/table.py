"""What the functions do: coverage, overlaps, agreement and conflicts, and how good they are where gold is at hand."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from framing.evaluate.spans import Counts, count, micro
from framing.spans import CueSpan
from training.weak.functions import LabellingFunction
from training.weak.votes import Ballot, by_label

Ranges = Mapping[tuple[int, int], float]
"""What the label model gives the spans of one label in a document."""


@dataclass(slots=True)
class Behaviour:
    """What one function did on the unlabelled texts.

    Attributes:
        votes: its spans.
        documents: documents in which it has any.
        overlapping: its spans that share a character with a span of another function of its label.
        agreeing: its spans that another function of its label gave with the same ends.
        conflicting: its spans that overlap one of another function of its label with other ends.
        expected: sum of the label model's probabilities of its spans; over `votes`, its estimated precision.
    """

    votes: int = 0
    documents: int = 0
    overlapping: int = 0
    agreeing: int = 0
    conflicting: int = 0
    expected: float = 0.0


@dataclass(slots=True)
class Table:
    """The functions' behaviours, and for each pair that overlaps how often it does and how often the ends are equal."""

    functions: Sequence[LabellingFunction]
    documents: int = 0
    behaviours: dict[str, Behaviour] = field(default_factory=dict)
    pairs: Counter[tuple[str, str]] = field(default_factory=Counter)
    equal: Counter[tuple[str, str]] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        """Make a row for every function, so that those that never speak are seen."""
        self.behaviours = {function.name: Behaviour() for function in self.functions}

    def add(self, ballot: Ballot, probabilities: Mapping[str, Ranges]) -> None:
        """Count a document's votes; `probabilities` are the label model's, by label."""
        self.documents += 1
        for label, group in by_label(self.functions).items():
            speaking = {function.name: ballot.spans[function.name] for function in group}
            speaking = {name: spans for name, spans in speaking.items() if spans}
            for name, spans in speaking.items():
                mine = self.behaviours[name]
                mine.documents += 1
                for span in spans:
                    mine.votes += 1
                    mine.expected += probabilities[label].get((span.start, span.end), 0.0)
                    self._meet(mine, name, span, speaking)

    def _meet(self, mine: Behaviour, name: str, span: CueSpan, speaking: Mapping[str, Sequence[CueSpan]]) -> None:
        same = other = False
        for neighbour, spans in speaking.items():
            met = [one for one in spans if one.overlaps(span)] if neighbour != name else []
            if met:
                equal = any((one.start, one.end) == (span.start, span.end) for one in met)
                same, other = same or equal, other or not equal
                if name < neighbour:
                    self.pairs[name, neighbour] += 1
                    self.equal[name, neighbour] += equal
        mine.overlapping += same or other
        mine.agreeing += same
        mine.conflicting += other

    def rows(self, gold: Sequence[Ballot] = ()) -> list[dict[str, Any]]:
        """Give a record a function, with shares of its votes, None where it has none.

        Args:
            gold: votes on labelled documents, for strict precision, recall and F1 as well.
        """
        rows = []
        for function in self.functions:
            done = self.behaviours[function.name]
            row: dict[str, Any] = {
                "name": function.name,
                "label": function.label,
                "votes": done.votes,
                "coverage": done.documents / max(self.documents, 1),
                "overlaps": _share(done.overlapping, done.votes),
                "agreement": _share(done.agreeing, done.votes),
                "conflicts": _share(done.conflicting, done.votes),
                "guessed_precision": function.precision,
                "estimated_precision": _share(done.expected, done.votes),
            }
            if gold:
                truth = [ballot.document.spans for ballot in gold]
                found = [ballot.spans[function.name] for ballot in gold]
                row["gold"] = figures(count(truth, found, [function.label], strict=True)[function.label])
            rows.append(row)
        return rows

    def agreements(self) -> list[dict[str, Any]]:
        """Give for each pair of functions whose spans overlap the number of overlaps and the share of equal ends."""
        return [
            {"functions": list(pair), "overlaps": number, "equal": self.equal[pair] / number}
            for pair, number in sorted(self.pairs.items())
        ]


def figures(counts: Counts) -> dict[str, Any]:
    """Give precision, recall and F1 with the numbers behind them."""
    return {
        "gold": counts.gold,
        "predicted": counts.predicted,
        "matched": counts.matched,
        "precision": counts.precision if counts.predicted else None,
        "recall": counts.recall if counts.gold else None,
        "f1": counts.f1,
    }


def score(
    truth: Sequence[Sequence[CueSpan]], found: Sequence[Sequence[CueSpan]], labels: Sequence[str]
) -> dict[str, dict[str, Any]]:
    """Give strict figures by label, and of all labels together as `micro`."""
    counts = count(truth, found, labels, strict=True)
    return {label: figures(one) for label, one in [*counts.items(), ("micro", micro(counts.values()))]}


def _share(part: float, whole: int) -> float | None:
    return part / whole if whole else None


def text_table(rows: Iterable[Mapping[str, Any]]) -> str:
    """Draw the rows for a terminal of any width, names shortened from the left."""
    lines = []
    with_gold = False
    for row in rows:
        gold = row.get("gold")
        with_gold = with_gold or gold is not None
        name = row["name"] if len(row["name"]) <= 34 else "…" + row["name"][-33:]
        cells = [row[key] for key in ("coverage", "overlaps", "agreement", "conflicts", "estimated_precision")]
        cells += [gold[key] for key in ("precision", "recall", "f1")] if gold is not None else []
        lines.append(f"{name:34}{row['votes']:>8}" + "".join(_cell(value) for value in cells))
    heads = ["cover", "overl", "agree", "confl", "est.P"] + (["P", "R", "F1"] if with_gold else [])
    return "\n".join([f"{'function':34}{'votes':>8}" + "".join(f"{head:>7}" for head in heads), *lines])


def _cell(value: float | None) -> str:
    return f"{'-':>7}" if value is None else f"{value:7.3f}"
