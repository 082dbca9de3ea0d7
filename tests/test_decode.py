"""Gold spans survive the way through tags, windows and back; decoding is legal, best, and monotone."""

from __future__ import annotations

from itertools import pairwise, product

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.cues import CODEBOOK, Cue
from framing.decode import (
    BEGIN,
    INSIDE,
    OUTSIDE,
    Calibration,
    FloatArray,
    UnitProbabilities,
    decode,
    encode_spans,
    merge_windows,
    short_quotations,
    softmax,
    spans_of_tags,
    unit_probabilities,
    viterbi,
)
from framing.quotations import quotations
from framing.spans import VOICES, CueSpan
from framing.text import units
from framing.tokens import TokenizedText, WindowTokenizer

LABELS = [cue.name for cue in CODEBOOK]
HALF = (0.5,) * len(LABELS)
WORDS = [
    "truce",
    "Anti-terrorist",
    "the",
    "US-led",
    "regime",
    "cafe\u0301",
    "na\u0308ive",
    "🎉",
    "d'état",
    "unconstitutionality",
]
MARKS = ['""', "“”", "''", "‘’"]


def certain_logits(text: TokenizedText, spans: list[CueSpan]) -> list[FloatArray]:
    """Give, a window each, logits sure of the spans' tags at units' first tokens, and of nonsense at the others."""
    logits = np.zeros((len(text.ids), len(LABELS), 3), dtype=np.float32)
    logits[:, :, INSIDE] = 20.0
    for column, label in enumerate(LABELS):
        tags, lost = encode_spans(spans, text.units, label)
        assert lost == []
        logits[text.unit_token, column] = 20.0 * np.eye(3, dtype=np.float32)[tags]
    return [logits[window.start : window.end] for window in text.windows]


def through_windows(text: TokenizedText, spans: list[CueSpan], voice: str = "author") -> list[CueSpan]:
    """Send gold spans of one voice through tags, logits and windows, and decode them."""
    voice_logits = 20.0 * np.eye(3, dtype=np.float32)[np.full(len(text.ids), VOICES.index(voice))]
    voices = [voice_logits[window.start : window.end] for window in text.windows]
    calibration = Calibration.neutral(len(LABELS))
    probabilities = unit_probabilities(text, certain_logits(text, spans), voices, calibration)
    return decode(text, probabilities, CODEBOOK, calibration.thresholds)


def plain(spans: list[CueSpan]) -> list[tuple[int, int, str, str | None]]:
    return [(span.start, span.end, span.label, span.voice) for span in spans]


@st.composite
def labelled_texts(draw: st.DrawFn) -> tuple[str, list[CueSpan]]:
    """Draw a text with spans that overlap, nest and touch, and short quotations in four kinds of marks."""
    text, quoted = "", []
    for _ in range(draw(st.integers(1, 12))):
        words = " ".join([*draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=4)), "zone"])
        marks = draw(st.sampled_from(["", "", *MARKS]))
        if marks:
            quoted.append((len(text), len(text) + len(words) + 2))
            words = marks[0] + words + marks[1]
        text += words + draw(st.sampled_from([" ", " ", ". ", ", ", ".\n\n"]))
    spans = [CueSpan(start, end, "scare_quote") for start, end in quoted if draw(st.booleans())]
    ranges = units(text)
    for label in LABELS[1:4]:
        edges = sorted(draw(st.sets(st.integers(0, len(ranges)), max_size=8)))
        spans += [
            CueSpan(int(ranges[first, 0]), int(ranges[last - 1, 1]), label)
            for first, last in pairwise(edges)
            # Decoding lets no span end behind a hyphen inside a word.
            if text[ranges[last - 1, 0]] != "-" and draw(st.booleans())
        ]
    return text, sorted(spans)


@given(labelled=labelled_texts(), voice=st.sampled_from(VOICES))
def test_gold_spans_survive_tags_and_windows(
    small_windows: WindowTokenizer, labelled: tuple[str, list[CueSpan]], voice: str
) -> None:
    text, gold = labelled
    found = through_windows(small_windows.tokenize(text), gold, voice)
    assert plain(found) == [(span.start, span.end, span.label, voice) for span in gold]
    assert all((span.score or 0) > 0.99 and (span.voice_score or 0) > 0.99 for span in found)


def test_a_span_longer_than_two_windows_comes_back_whole(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize("under the pretext of " * 12)
    assert len(text.windows) > 2
    gold = [CueSpan(6, len(text.text) - 1, "pretext"), CueSpan(10, 17, "distancing")]
    assert plain(through_windows(text, gold)) == [
        (*ends, "author") for ends in [(6, 251, "pretext"), (10, 17, "distancing")]
    ]


@pytest.mark.parametrize(
    "text", ["the 👩\u200d👩\u200d👧 party", "the safe😀zone", "the pre\u00adtext of aid", "the 🎉🎊 truce"]
)
def test_a_span_over_characters_that_the_tokenizer_joins_or_drops_comes_back_whole(
    small_windows: WindowTokenizer, text: str
) -> None:
    gold = [CueSpan(4, len(text), "pretext")]
    assert plain(through_windows(small_windows.tokenize(text), gold)) == [(4, len(text), "pretext", "author")]


def tags_of(ranges: list[tuple[int, int]], length: int) -> list[int]:
    tags = [OUTSIDE] * length
    for first, last in ranges:
        tags[first:last] = [BEGIN] + [INSIDE] * (last - first - 1)
    return tags


def best_score(probabilities: FloatArray, threshold: float) -> float:
    """Try all legal tag sequences."""
    return max(
        score(probabilities, tags, threshold)
        for tags in product((OUTSIDE, BEGIN, INSIDE), repeat=len(probabilities))
        if all(tag != INSIDE or before != OUTSIDE for before, tag in pairwise((OUTSIDE, *tags)))
    )


def score(probabilities: FloatArray, tags: tuple[int, ...] | list[int], threshold: float) -> float:
    odds = np.log(threshold / (1 - threshold))
    return float(
        sum(np.log(row[tag]) + (odds if tag == OUTSIDE else 0.0) for row, tag in zip(probabilities, tags, strict=True))
    )


# No tag is twenty times as probable as another, so nowhere is outside taken for granted.
open_rows = st.lists(st.tuples(*[st.floats(0.1, 1.0)] * 3), min_size=1, max_size=6).map(
    lambda rows: np.array([np.array(row) / sum(row) for row in rows], dtype=np.float32)
)


@given(open_rows, st.sampled_from([0.4, 0.5, 0.6]))
def test_viterbi_finds_the_best_legal_tags(probabilities: FloatArray, threshold: float) -> None:
    ranges = viterbi(probabilities, threshold)
    tags = tags_of(ranges, len(probabilities))
    assert spans_of_tags(tags) == ranges == sorted(ranges)
    assert score(probabilities, tags, threshold) == pytest.approx(best_score(probabilities, threshold), abs=1e-5)


def test_viterbi_lets_a_sure_inside_draw_in_an_unlikely_beginning() -> None:
    rows = np.array([[0.96, 0.04, 0.0], [0.00005, 0.00005, 0.9999]], dtype=np.float32)
    assert viterbi(rows) == [(0, 2)]


def test_viterbi_at_the_threshold() -> None:
    rows = np.array([[0.7, 0.3, 0.0]], dtype=np.float32)
    assert (viterbi(rows, 0.29), viterbi(rows, 0.31)) == ([(0, 1)], [])
    assert viterbi(np.empty((0, 3), dtype=np.float32)) == []


def test_an_inside_needs_a_beginning_and_adjacent_spans_stay_apart() -> None:
    certain = np.eye(3, dtype=np.float32)
    assert viterbi(certain[[OUTSIDE, INSIDE, OUTSIDE]]) == []
    assert viterbi(certain[[BEGIN, INSIDE, BEGIN, BEGIN, OUTSIDE]]) == [(0, 2), (2, 3), (3, 4)]


@given(open_rows, st.floats(0.31, 0.69), st.floats(0.31, 0.69))
def test_a_higher_threshold_never_marks_more_words(probabilities: FloatArray, one: float, other: float) -> None:
    low, high = sorted((one, other))
    marked = [sum(last - first for first, last in viterbi(probabilities, threshold)) for threshold in (low, high)]
    assert marked[0] >= marked[1]


def test_windows_are_averaged_where_they_overlap() -> None:
    parts = [np.array([[0.0], [0.2], [0.4]], dtype=np.float32), np.array([[0.6], [0.8]], dtype=np.float32)]
    merged = merge_windows(parts, [0, 2], 4)
    assert merged.shape == (4, 1)
    assert merged[:, 0].tolist() == pytest.approx([0.0, 0.2, 0.5, 0.8])
    assert merge_windows(parts[:1], [0], 3).tolist() == parts[0].tolist()


def test_encoding_gives_back_the_spans_that_tags_cannot_hold() -> None:
    ranges = units("under the  pretext of aid")
    long, inner, space = CueSpan(0, 21, "pretext"), CueSpan(11, 18, "pretext"), CueSpan(9, 11, "pretext")
    other = CueSpan(11, 18, "distancing")
    tags, lost = encode_spans([inner, space, long, other], ranges, "pretext")
    assert (tags.tolist(), lost) == ([BEGIN, INSIDE, INSIDE, INSIDE, OUTSIDE], [inner, space])


def test_encoding_widens_a_span_to_whole_words() -> None:
    tags, lost = encode_spans([CueSpan(2, 7, "pretext")], units("under the pretext"), "pretext")
    assert (tags.tolist(), lost) == ([BEGIN, INSIDE, OUTSIDE], [])


def test_short_quotations_hold_one_to_six_words_and_are_closed() -> None:
    text = '"" "a" "a b c d e f" "a b c d e f g" "..." "open'
    ranges = units(text)
    found = short_quotations(quotations(text), ranges)
    assert [text[ranges[first, 0] : ranges[last - 1, 1]] for first, last in found] == ['"a"', '"a b c d e f"']


def quotation_scores(
    tokenizer: WindowTokenizer, text: str, present: dict[str, float]
) -> tuple[TokenizedText, UnitProbabilities]:
    """Give probabilities of scare quotes that are `present[word]` at that word and its marks, else 0."""
    tokenized = tokenizer.tokenize(text)
    cues = np.zeros((len(tokenized.units), len(LABELS), 3), dtype=np.float32)
    cues[:, :, OUTSIDE] = 1.0
    for words, value in present.items():
        at = text.index(words)
        inside = (tokenized.units[:, 0] >= at) & (tokenized.units[:, 1] <= at + len(words))
        cues[inside, 0] = (1 - value, value, 0.0)
    return tokenized, UnitProbabilities(cues, np.full((len(cues), 3), 1 / 3, dtype=np.float32))


@pytest.mark.parametrize(
    ("text", "found", "expected"),
    [
        ("the Kurdish-led force", "Kurdish-", "Kurdish-led"),
        ("aligned with the U.S. against", "aligned with the U", "aligned with the U.S."),
        ("aligned with the U.S. against", "aligned with the U.S", "aligned with the U.S."),
        ("the U. S. forces", "U", "U. S."),
        ("the regime-change war", "regime", "regime"),  # the codebook's: a label before a hyphen stands alone
        ("said the junta. They", "the junta", "the junta"),
        ("a plan B. It", "plan B", "plan B"),
        ("the junta - a cult", "junta -", "junta"),
        ("the United States-led force", "States-led", "United States-led"),
        ("near the Oak Ridge Party-backed Mayor", "Party-backed", "Oak Ridge Party-backed"),
        ("The Kurdish-led force", "Kurdish-led", "Kurdish-led"),
        ("in May Kurdish-led forces", "Kurdish-led", "Kurdish-led"),
        ("Yemen's Iran-backed rebels", "Iran-backed", "Iran-backed"),
        ("Mayor Says Kurdish-led Force Lost", "Kurdish-led", "Kurdish-led"),  # a headline
        ("the U.S. Kurdish allies", "Kurdish allies", "Kurdish allies"),
    ],
)
def test_no_span_ends_or_begins_inside_a_word_or_name(
    small_windows: WindowTokenizer, text: str, found: str, expected: str
) -> None:
    tokenized = small_windows.tokenize(text)
    start = text.index(found)
    inside = (tokenized.units[:, 0] >= start) & (tokenized.units[:, 1] <= start + len(found))
    cues = np.tile(np.array([1.0, 0.0, 0.0], dtype=np.float32), (len(tokenized.units), len(LABELS), 1))
    group = LABELS.index("group_label")
    cues[inside, group] = (0.0, 0.0, 1.0)
    cues[np.flatnonzero(inside)[0], group] = (0.0, 1.0, 0.0)
    (span,) = decode(tokenized, UnitProbabilities(cues, None), CODEBOOK, HALF)
    assert text[span.start : span.end] == expected


def test_quotations_are_taken_whole_from_their_threshold_on(small_windows: WindowTokenizer) -> None:
    given_scores = quotation_scores(small_windows, 'the "safe zone" and "aid"', {'"safe zone"': 0.75, '"aid"': 0.25})
    for threshold, expected in [(0.24, [(4, 15), (20, 25)]), (0.26, [(4, 15)]), (0.74, [(4, 15)]), (0.76, [])]:
        found = decode(*given_scores, CODEBOOK, (threshold,) * len(LABELS))
        assert [(span.start, span.end) for span in found] == expected
        assert [span.score for span in found] == [0.75, 0.25][: len(expected)]


def test_of_nested_quotations_the_more_probable_is_taken(small_windows: WindowTokenizer) -> None:
    words = "\"the 'aid' convoy\""
    inner = quotation_scores(small_windows, words, {words: 0.6, "'aid'": 0.9})
    outer = quotation_scores(small_windows, words, {words: 0.9, "'aid'": 0.6})
    assert [(span.start, span.end) for span in decode(*inner, CODEBOOK, HALF)] == [(5, 10)]
    assert [(span.start, span.end) for span in decode(*outer, CODEBOOK, HALF)] == [(0, len(words))]


def test_a_temperature_flattens_and_a_missing_token_is_outside(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize("\u200d aid")
    assert text.unit_token.tolist() == [-1, 0]
    logits, voices = np.array([[[0.0, 2.0, 0.0]]], dtype=np.float32), np.array([[0.0, 0.0, 2.0]], dtype=np.float32)
    flat = unit_probabilities(text, [logits], [voices], Calibration((2.0,), (0.5,), 2.0))
    expected = softmax(np.array([0.0, 1.0, 0.0], dtype=np.float32)).tolist()
    assert flat.cues[:, 0].tolist() == [[1.0, 0.0, 0.0], pytest.approx(expected)]
    assert flat.voices.tolist() == [pytest.approx([1 / 3] * 3), pytest.approx([expected[0], expected[0], expected[1]])]
    assert flat.expected().tolist() == pytest.approx([expected[1]])


def test_a_text_without_words_decodes_to_nothing(small_windows: WindowTokenizer) -> None:
    text = small_windows.tokenize(" \n ")
    probabilities = unit_probabilities(text, [], [], Calibration.neutral(1))
    assert (probabilities.cues.shape, probabilities.voices.shape) == ((0, 1, 3), (0, 3))
    assert decode(text, probabilities, [Cue("pretext")], [0.5]) == []
