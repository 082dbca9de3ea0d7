"""Entities, runs of blanks and capital headlines are read as plain sentences, and offsets stay those of the text."""

from __future__ import annotations

import html

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from framing.lexicon import Lexicon
from framing.quotations import quotations
from framing.reading import read
from framing.scorer import Scorer
from framing.spans import Document
from framing.tokens import WindowTokenizer


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        ("A plain text, R&D; AT&T; and 3 &c.", "A plain text, R&D; AT&T; and 3 &c."),
        ("the &quot;safe zone&quot; of Smith &amp; Sons", 'the "safe zone" of Smith & Sons'),
        ("the &#8220;safe&#x201d; zone", "the “safe” zone"),
        ("&ldquo;Aid&rdquo;", "“Aid”"),
        ("the &lsquo;aid&rsquo; didn&apos;t come", "the ‘aid’ didn't come"),
        ("under  the   pretext \t of", "under the pretext of"),
        ("under&nbsp;&nbsp;the &nbsp; pretext", "under the pretext"),
        ("Two lines\n\n  and blanks", "Two lines\n\n and blanks"),
        ("&NotEqualTilde; is two characters, &bogus; none", "&NotEqualTilde; is two characters, &bogus; none"),
        ("&amp;quot; is undone once", "&quot; is undone once"),
        (
            "REGIME SHELLS THE OLD MILL\n\nThe US and the EU met.",
            "Regime shells the old mill\n\nThe US and the EU met.",
        ),
        ('"WE WON\'T GO," SAYS \u0130PEK. HE DID GO.', '"We won\'t go," says \u0130pek. HE DID GO.'),
        ("The US, EU, UN and NATO met.", "The US, EU, UN and NATO met."),
        ("US, EU, UN, NATO MEET &AMP; TALK", "Us, eu, un, nato meet & talk"),
        ("SAYS WHO EXACTLY?", "SAYS WHO EXACTLY?"),
    ],
)
def test_entities_and_runs_of_blanks_are_read_as_what_they_stand_for(text: str, expected: str) -> None:
    reading = read(text)
    assert reading.text == expected
    assert len(reading.starts) == len(expected) + 1
    assert (reading.starts[0], reading.starts[-1]) == (0, len(text))


def test_an_ordinary_text_is_its_own_reading() -> None:
    text = "The 'safe zone' held.\n\nIt held."
    assert read(text).text is text
    assert read(text).cuts == ()


PIECES = ["a", " ", "  ", "\n", "&amp;", "&quot;", "&nbsp;", "&#39;", "&", ";", "&x;"]


@given(st.lists(st.sampled_from(PIECES), max_size=20))
def test_every_character_of_the_reading_stands_for_its_stretch_of_the_text(pieces: list[str]) -> None:
    text = "".join(pieces)
    reading = read(text)
    assert "  " not in reading.text
    assert (np.diff(reading.starts) > 0).all()
    for place, char in enumerate(reading.text):
        stretch = text[reading.starts[place] : reading.starts[place + 1]]
        assert html.unescape(stretch) == char or (char == " " and not html.unescape(stretch).strip())
    ranges = np.stack([np.arange(len(reading.text)), np.arange(len(reading.text)) + 1], axis=1)
    assert reading.from_text(map(tuple, reading.ranges_to_text(ranges).tolist())) == list(map(tuple, ranges.tolist()))


def test_a_headline_in_capitals_is_scored_as_in_small_letters(eager_scorer: Scorer) -> None:
    small, capital = "Regime shells the so-called truce line", "REGIME SHELLS THE SO-CALLED TRUCE LINE"
    assert eager_scorer.score(capital).spans == eager_scorer.score(small).spans
    assert eager_scorer.score(capital).text == capital


PLAIN = 'The "safe zone" & the so-called truce, a pretext for war, held.'
ODD = "The &quot;safe  zone&quot; &amp; the so-called  truce, a&nbsp; pretext  for war, held."


def covered(text: str, scorer: Scorer | Lexicon) -> list[tuple[str, str]]:
    spans = scorer.find(text) if isinstance(scorer, Lexicon) else scorer.score(text).spans
    return [(span.label, text[span.start : span.end]) for span in spans]


def test_the_rules_find_in_odd_text_what_they_find_in_plain() -> None:
    assert [label for label, _ in covered(PLAIN, Lexicon())] == ["scare_quote", "distancing", "pretext"]
    assert covered(ODD, Lexicon()) == [
        ("scare_quote", "&quot;safe  zone&quot;"),
        ("distancing", "so-called"),
        ("pretext", "pretext  for"),
    ]


def test_a_model_scores_odd_text_as_plain_and_reports_its_offsets(eager_scorer: Scorer) -> None:
    plain, odd = eager_scorer.score(PLAIN), eager_scorer.score(ODD)
    assert plain.profile == odd.profile
    assert [(span.label, span.voice) for span in plain.spans] == [(span.label, span.voice) for span in odd.spans]
    assert [read(odd.text[span.start : span.end]).text for span in odd.spans] == [
        plain.text[span.start : span.end] for span in plain.spans
    ]


def test_units_quotations_and_given_sentences_keep_the_offsets_of_the_text(small_windows: WindowTokenizer) -> None:
    text = "&quot;Aid&quot;  came.  It left."
    (cut,) = small_windows.tokenize_documents([Document("a", text, meta={"sentence_ranges": [[0, 22], [24, 32]]})])
    assert cut.text == text
    assert [text[start:end] for start, end in cut.units] == [
        *("&quot;", "Aid", "&quot;", "came", ".", "It", "left", ".")
    ]  # fmt: skip
    assert [(quote.start, quote.end, quote.words) for quote in cut.quotes] == [(0, 15, 1)]
    assert [quote.words for quote in quotations(read(text).text)] == [1]
