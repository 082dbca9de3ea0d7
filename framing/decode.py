"""From probabilities on units to spans: constrained Viterbi decoding, quotation-aware decoding, merged windows.

Tags are 0 outside, 1 begins, 2 inside, for each cue type on its own, so that types may overlap and nest. In a task of
sentences a unit is a sentence and is never inside: each that has a label is a span of its own.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from framing.cues import Cue
from framing.edges import rest_of_word, whole_findings, whole_name, without_dashes
from framing.quotations import Quotation
from framing.sentences import sentence_logits
from framing.spans import VOICES, CueSpan
from framing.text import SHORT_QUOTATION_WORDS, IntArray
from framing.tokens import SENTENCES, TokenizedText

FloatArray = NDArray[np.float32]
WindowLogits = tuple[list[FloatArray], list[FloatArray]]
"""A text's windows as the network sees them: cue logits [tokens, types, 3], in a task of sentences [tokens, types, 1],
and voice logits [tokens, 3] each."""

OUTSIDE: Final = 0
BEGIN: Final = 1
INSIDE: Final = 2
_TINY: Final = 1e-9


def encode_spans(spans: Sequence[CueSpan], unit_ranges: IntArray, label: str) -> tuple[IntArray, list[CueSpan]]:
    """Write the spans of one type as tags.

    Args:
        spans: any spans; those of other types are left alone.
        unit_ranges: [units, 2] ranges.
        label: the type to write.

    Returns:
        [units] tags, and the spans that the tags can't hold: no unit under them, or an overlap with a longer span of
        the same type.
    """
    tags = np.zeros(len(unit_ranges), dtype=np.int64)
    lost = []
    for span in sorted((span for span in spans if span.label == label), key=lambda span: span.start - span.end):
        first = int(np.searchsorted(unit_ranges[:, 1], span.start, side="right"))
        last = int(np.searchsorted(unit_ranges[:, 0], span.end))
        if first >= last or tags[first:last].any():
            lost.append(span)
            continue
        tags[first:last] = INSIDE
        tags[first] = BEGIN
    return tags, lost


def viterbi(probabilities: FloatArray, threshold: float = 0.5) -> list[tuple[int, int]]:
    """Find the most probable legal tag sequence (inside never follows outside).

    Args:
        probabilities: [units, 3] probabilities of outside, begin, inside.
        threshold: the probability of a cue at which outside and inside weigh the same; below 0.5 finds more.

    Returns:
        Half-open unit ranges of the spans, ascending.
    """
    if not len(probabilities):
        return []
    odds = np.log(threshold / (1 - threshold))
    scores = np.log(np.maximum(probabilities.astype(np.float64), _TINY))
    scores[:, OUTSIDE] += odds
    # Only stretches near a possible cue need the search; everywhere else outside wins at every step.
    hot = scores[:, OUTSIDE] < np.maximum(scores[:, BEGIN], scores[:, INSIDE]) + np.log(20.0)
    hot[:-1] |= hot[1:]  # a sure inside may draw in an unlikely beginning
    found: list[tuple[int, int]] = []
    edges = np.flatnonzero(np.diff(np.concatenate(([0], hot.astype(np.int8), [0]))))
    for start, end in zip(edges[::2], edges[1::2], strict=True):
        found += [(first + int(start), last + int(start)) for first, last in _search(scores[start:end])]
    return found


def _search(scores: NDArray[np.float64]) -> list[tuple[int, int]]:
    best = scores[0].copy()
    best[INSIDE] = -np.inf
    back = np.zeros((len(scores), 3), dtype=np.int64)
    for step in range(1, len(scores)):
        open_from = BEGIN if best[BEGIN] >= best[INSIDE] else INSIDE
        any_from = int(np.argmax(best))
        back[step] = any_from, any_from, open_from
        best = np.array([best[any_from], best[any_from], best[open_from]]) + scores[step]
    tag = int(np.argmax(best))
    tags = [tag]
    for step in range(len(scores) - 1, 0, -1):
        tag = int(back[step, tag])
        tags.append(tag)
    return spans_of_tags(tags[::-1])


def spans_of_tags(tags: Sequence[int]) -> list[tuple[int, int]]:
    """Read half-open unit ranges off legal tags."""
    found: list[tuple[int, int]] = []
    start = -1
    for index, tag in enumerate([*tags, OUTSIDE]):
        if tag != INSIDE and start >= 0:
            found.append((start, index))
            start = -1
        if tag == BEGIN:
            start = index
    return found


def short_quotations(quotes: Sequence[Quotation], unit_ranges: IntArray) -> list[tuple[int, int]]:
    """Give the unit ranges of the quotations that can be scare quotes: closed, of one to six words."""
    starts = unit_ranges[:, 0]
    kept = [quote for quote in quotes if quote.closed and 1 <= quote.words <= SHORT_QUOTATION_WORDS]
    return [(int(np.searchsorted(starts, q.start)), int(np.searchsorted(starts, q.end))) for q in kept]


def merge_windows(values: Sequence[FloatArray], starts: Sequence[int], length: int) -> FloatArray:
    """Average what several windows say about the same token.

    Args:
        values: a [tokens of the window, ...] array a window.
        starts: each window's first token.
        length: number of tokens in the text.

    Returns:
        [length, ...]; 0 for tokens that no window holds.
    """
    if len(values) == 1 and len(values[0]) == length:
        return values[0]
    total = np.zeros((length, *values[0].shape[1:]), dtype=np.float32)
    seen = np.zeros(length, dtype=np.float32)
    for value, start in zip(values, starts, strict=True):
        total[start : start + len(value)] += value
        seen[start : start + len(value)] += 1
    return np.asarray(total / np.maximum(seen, 1).reshape(-1, *(1,) * (total.ndim - 1)), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class RuleOpinion:
    """What the rules' findings say of one cue, pooled with the network in the logits (Genest and Zidek 1986).

    Attributes:
        column: the column of `framing.features` that holds the findings.
        share: weight of the rules' log-probabilities beside the network's logits.
        log_probabilities: for each value of the column those of outside, begin and inside, counted on training data.
    """

    column: int
    share: float
    log_probabilities: tuple[tuple[float, float, float], ...]


@dataclass(frozen=True, slots=True)
class ProbabilityMap:
    """An isotonic map of one cue's probabilities (Zadrozny and Elkan 2002), linear between its knots.

    Attributes:
        before: [knots] probabilities of not being outside, ascending.
        after: [knots] what they become, never descending.
    """

    before: tuple[float, ...]
    after: tuple[float, ...]

    def __post_init__(self) -> None:
        """Check the knots; raises `ValueError`."""
        knots = np.array([self.before, self.after])
        if not (knots.size and (np.diff(knots) >= 0).all() and knots.min() >= 0 and knots.max() <= 1):
            raise ValueError("isotonic")

    def __call__(self, probabilities: FloatArray) -> FloatArray:
        """Map [units, 3] over outside, begin, inside; the share of beginnings stays."""
        present = 1.0 - probabilities[:, OUTSIDE]
        mapped = np.interp(present, self.before, self.after)
        scale = np.divide(mapped, present, out=np.zeros_like(mapped), where=present > 0)
        inside = probabilities[:, BEGIN:] * scale[:, None]
        return np.concatenate((1.0 - mapped[:, None], inside), axis=1).astype(np.float32)


@dataclass(frozen=True, slots=True)
class Calibration:
    """How raw logits become probabilities and decisions.

    Attributes:
        temperatures: a positive number a cue; logits are divided by it.
        thresholds: for each cue the probability in (0, 1) at which a unit is taken into a span, and the lowest score
            at which a span is reported.
        voice_temperature: the same for the voice head; None for a model that names no voices.
        rules: what the rules' findings say of each cue, None where they have no say; empty for none at all.
        maps: for each cue the map that its probabilities go through, None for none; empty for none at all.
    """

    temperatures: tuple[float, ...]
    thresholds: tuple[float, ...]
    voice_temperature: float | None = 1.0
    rules: tuple[RuleOpinion | None, ...] = ()
    maps: tuple[ProbabilityMap | None, ...] = ()

    @classmethod
    def neutral(cls, cues: int) -> Calibration:
        """Give the calibration of a fresh model: temperatures 1, thresholds 0.5, and no say for the rules."""
        return cls((1.0,) * cues, (0.5,) * cues)


def softmax(logits: FloatArray) -> FloatArray:
    """Give probabilities over the last axis."""
    shifted = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return np.asarray(shifted / shifted.sum(axis=-1, keepdims=True), dtype=np.float32)


@dataclass(frozen=True, slots=True)
class UnitProbabilities:
    """What the model says of each unit.

    Attributes:
        cues: [units, types, 3] over outside, begin, inside.
        voices: [units, 3]; None from a model that names no voices.
        rules: [units, types] where the rules that have a say find a cue: 1 at its first unit, 2 inside; None where no
            rules have a say.
    """

    cues: FloatArray
    voices: FloatArray | None
    rules: IntArray | None = None

    def expected(self) -> FloatArray:
        """Give the expected number of spans of each type, [types]: every span has one beginning."""
        return np.asarray(self.cues[:, :, BEGIN].sum(axis=0), dtype=np.float32)


def unit_probabilities(
    text: TokenizedText,
    cue_logits: Sequence[FloatArray],
    voice_logits: Sequence[FloatArray],
    calibration: Calibration,
    background: FloatArray | None = None,
) -> UnitProbabilities:
    """Merge windows and read every unit: a word at its first token, a sentence as `sentence_logits` does.

    Args:
        text: the tokenized text.
        cue_logits: [tokens of the window, types, 3 or 1] a window, special tokens taken off.
        voice_logits: [tokens of the window, 3] a window.
        calibration: the temperatures to divide by.
        background: [types] the probability that a unit begins a cue where a gate let no window hold it; None without
            a gate.
    """
    types = len(calibration.temperatures)
    cues = np.zeros((len(text.units), types, 3), dtype=np.float32)
    cues[:, :, OUTSIDE] = 1.0
    scale = np.array(calibration.temperatures, dtype=np.float32)[None, :, None]
    if text.task == SENTENCES:
        read = text.unit_token >= 0
        if text.windows:
            cues[read] = softmax(sentence_logits(text, cue_logits)[read] / scale)
            _through_maps(cues, calibration)
        return UnitProbabilities(cues, None)
    named = calibration.voice_temperature is not None
    voices = np.full((len(text.units), len(VOICES)), 1 / len(VOICES), dtype=np.float32) if named else None
    if text.windows:
        starts = [window.start for window in text.windows]
        pooled = [
            softmax((part + _say_of_rules(text.features[window.start : window.end], calibration)) / scale)
            for part, window in zip(cue_logits, text.windows, strict=True)
        ]
        merged = merge_windows(pooled, starts, len(text.ids))
        # A unit without a token of its own (a joiner, an emoji glued to another) goes with the unit before it.
        read = np.maximum.accumulate(np.where(text.unit_token >= 0, np.arange(len(text.units)), -1))
        known = read >= 0
        cues[known] = merged[text.unit_token[read[known]]]
        if voices is not None and calibration.voice_temperature is not None:
            cooled = [softmax(part / np.float32(calibration.voice_temperature)) for part in voice_logits]
            voices[known] = merge_windows(cooled, starts, len(text.ids))[text.unit_token[read[known]]]
        follows = known & (text.unit_token < 0)
        cues[follows, :, INSIDE] += cues[follows, :, BEGIN]
        cues[follows, :, BEGIN] = 0.0
        _through_maps(cues, calibration)
    if background is not None:
        unseen = ~seen(text)
        cues[unseen] = np.stack((1 - background, background, np.zeros_like(background)), axis=-1)
        if voices is not None:
            voices[unseen] = 1 / len(VOICES)
    return UnitProbabilities(cues, voices, _found_by_rules(text, calibration))


def _through_maps(cues: FloatArray, calibration: Calibration) -> None:
    for column, found in enumerate(calibration.maps):
        if found is not None:
            cues[:, column] = found(cues[:, column])


def seen(text: TokenizedText) -> NDArray[np.bool_]:
    """Tell which units lie in a window: [units]."""
    tokens = np.zeros(len(text.ids) + 1, dtype=bool)
    for window in text.windows:
        tokens[window.start : window.end] = True
    # A unit without a token goes with the unit before it; the first ones read the place behind the last token.
    return np.asarray(tokens[np.maximum.accumulate(text.unit_token)])


def _say_of_rules(features: IntArray, calibration: Calibration) -> FloatArray:
    """Give what the rules add to the logits of a window: [tokens, types, 3]."""
    said = np.zeros((len(features), len(calibration.temperatures), 3), dtype=np.float32)
    for place, opinion in enumerate(calibration.rules):
        if opinion is not None and opinion.share:
            table = np.array(opinion.log_probabilities, dtype=np.float32)
            said[:, place] = opinion.share * table[features[:, opinion.column]]
    return said


def _found_by_rules(text: TokenizedText, calibration: Calibration) -> IntArray | None:
    """Give what `UnitProbabilities.rules` holds, of the odd values of `framing.features` (first) and the even ones."""
    if not any(opinion is not None and opinion.share for opinion in calibration.rules):
        return None
    found = np.zeros((len(text.units), len(calibration.rules)), dtype=np.int64)
    read = text.unit_token >= 0
    for place, opinion in enumerate(calibration.rules):
        if opinion is not None and opinion.share:
            values = text.features[text.unit_token[read], opinion.column]
            found[read, place] = np.where(values > 0, 2 - values % 2, 0)
    return found


def decode(
    text: TokenizedText,
    probabilities: UnitProbabilities,
    cues: Sequence[Cue],
    thresholds: Sequence[float],
    floor: float | None = None,
) -> list[CueSpan]:
    """Read the spans off a text's probabilities.

    Cues decoded by `quotation` are whole short quotations with their marks; the others are runs of words found by
    `viterbi`, whose edges are mended as `framing.edges` says. A span's score is the mean probability, over the units
    found, of not being outside.

    Args:
        text: the tokenized text.
        probabilities: what the model says of its units.
        cues: the vocabulary, in the order of the columns.
        thresholds: for each type the probability at which a unit is taken in, and the lowest score of a span.
        floor: the lowest score for all types alike, in place of the thresholds; a higher one drops spans and never
            trims them.

    Returns:
        Spans sorted by start; those of one type never overlap.
    """
    found = []
    present = 1.0 - probabilities.cues[:, :, OUTSIDE]
    quotes = short_quotations(text.quotes, text.units)
    for column, (cue, threshold) in enumerate(zip(cues, thresholds, strict=True)):
        lowest = threshold if floor is None else floor
        if cue.decoding == "quotation":
            ranges = whole = sorted(_best_quotations(quotes, present[:, column]))
        else:
            runs = viterbi(probabilities.cues[:, column], min(threshold, lowest))
            ranges = whole = without_dashes(text.text, text.units, runs)
            if probabilities.rules is not None:
                ranges, whole = whole_findings(ranges, probabilities.rules[:, column], present[:, column])
        edges = [int(text.units[first, 0]) for first, _ in whole[1:]] + [len(text.text)]
        free = 0
        # Without spans, one edge is left over.
        for (first, last), (opens, closes), edge in zip(ranges, whole, edges, strict=False):
            start, end = int(text.units[opens, 0]), int(text.units[closes - 1, 1])
            start, free = max(free, whole_name(text.text, start)), end
            score = min(1.0, float(present[first:last, column].mean()))
            if score < lowest:
                continue
            voice, voice_score = _voice(probabilities.voices, first, last)
            rest = rest_of_word(text.text, end)
            found.append(CueSpan(start, rest if rest <= edge else end, cue.name, score, voice, voice_score))
    return sorted(found)


def _voice(voices: FloatArray | None, first: int, last: int) -> tuple[str | None, float | None]:
    if voices is None:
        return None, None
    mean = voices[first:last].mean(axis=0)
    best = int(mean.argmax())
    return VOICES[best], min(1.0, float(mean[best]))


def _best_quotations(quotes: Sequence[tuple[int, int]], present: FloatArray) -> list[tuple[int, int]]:
    """Take the quotations, the most probable first where they overlap."""
    scored = sorted(((float(present[first:last].mean()), first, last) for first, last in quotes), reverse=True)
    taken: list[tuple[int, int]] = []
    for _, first, last in scored:
        if all(last <= start or end <= first for start, end in taken):
            taken.append((first, last))
    return taken
