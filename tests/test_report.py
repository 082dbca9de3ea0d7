"""Drawing articles: segments, a page complete in itself, and the terminal."""

from __future__ import annotations

import io
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser

import pytest
from rich.console import Console

from framing.cues import CODEBOOK, Cue
from framing.profile import profile
from framing.report.article import Segment, article_fragment, article_picture, articles_page, segments
from framing.report.terminal import print_article
from framing.scorer import ScoredDocument
from framing.spans import CueSpan, Document

TEXT = 'The so-called "safe zone" fell.'
SO_CALLED = CueSpan(4, 13, "distancing", 0.9, "author", 0.8)
QUOTED = CueSpan(14, 25, "scare_quote", 0.75, "author", 0.6)
SAFE = CueSpan(15, 24, "group_label", 0.5, "quoted")
COLOURS = {cue.name: cue.colour for cue in CODEBOOK}


def scored(text: str, *spans: CueSpan, id: str = "a", cues: tuple[Cue, ...] = CODEBOOK) -> ScoredDocument:
    labels = [cue.name for cue in cues]
    figures = profile(spans, 5, labels, dict.fromkeys(labels, 0.25))
    return ScoredDocument(Document(id, text, spans), figures, cues, {"name": "test-model", "version": "1.2"})


class Page(HTMLParser):
    """Reads a page as a browser would: texts, marked parts and table rows."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.texts: list[str] = []
        self.marks: list[tuple[str, str, str]] = []
        self.rows: list[list[str]] = []
        self._open: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        if tag == "meta":
            return
        self._open.append((tag, dict(attrs)))
        if tag == "div" and dict(attrs).get("class") == "text":
            self.texts.append("")
        if tag == "tr":
            self.rows.append([])

    def handle_endtag(self, tag: str) -> None:
        opened, _ = self._open.pop()
        assert opened == tag

    def handle_data(self, data: str) -> None:
        if any(attributes.get("class") == "text" for _, attributes in self._open):
            self.texts[-1] += data
        for tag, attributes in self._open[-1:]:
            if tag == "mark":
                self.marks.append((data, attributes["title"] or "", attributes["style"] or ""))
            if tag in {"td", "th"}:
                self.rows[-1].append(data)


def test_a_text_is_cut_at_every_start_and_end() -> None:
    assert list(segments(TEXT, [SO_CALLED, QUOTED, SAFE])) == [
        Segment("The ", ()),
        Segment("so-called", (SO_CALLED,)),
        Segment(" ", ()),
        Segment('"', (QUOTED,)),
        Segment("safe zone", (QUOTED, SAFE)),
        Segment('"', (QUOTED,)),
        Segment(" fell.", ()),
    ]


def test_segments_of_crossing_spans_and_of_plain_texts() -> None:
    one, other = CueSpan(0, 3, "pretext"), CueSpan(2, 5, "distancing")
    assert list(segments("abcde", [one, other])) == [
        Segment("ab", (one,)),
        Segment("c", (one, other)),
        Segment("de", (other,)),
    ]
    assert list(segments("abc", [])) == [Segment("abc", ())]
    assert list(segments("", [])) == []


def test_the_page_shows_the_text_unchanged_with_every_span_marked() -> None:
    page = Page(articles_page([scored(TEXT, SO_CALLED, QUOTED, SAFE)], "Harbour"))
    scare = "scare_quote 0.75, voice: author 0.60"
    plain, below = f"background:{COLOURS['scare_quote']}", f";box-shadow:0 3px 0 {COLOURS['group_label']}"
    assert page.texts == [TEXT]
    assert page.marks == [
        ("so-called", "distancing 0.90, voice: author 0.80", f"background:{COLOURS['distancing']}"),
        ('"', scare, plain),
        ("safe zone", f"{scare}; group_label 0.50, voice: quoted", plain + below),
        ('"', scare, plain),
    ]


@pytest.mark.parametrize("text", ["\n\n  A headline\n\n\tA text.  \n", "  two  blanks ", "peace 🎉 cafe\u0301\n"])
def test_white_space_and_rare_characters_stay_as_they_are(text: str) -> None:
    assert Page(articles_page([scored(text)], "Harbour")).texts == [text]


def test_the_table_lists_every_type_and_the_total() -> None:
    page = Page(articles_page([scored(TEXT, SO_CALLED, SAFE)], "Harbour"))
    assert page.rows[:3] == [
        ["cue", "text", "voice", "score"],
        ["distancing", "so-called", "author", "0.90"],
        ["group label", "safe zone", "quoted", "0.50"],
    ]
    head, *rows = page.rows[3:]
    assert head == ["cue", "count", "per 1,000 words", "expected", "author", "attributed", "quoted"]
    assert rows == [
        ["scare quote", "0", "0.00", "0.25", "0", "0", "0"],
        ["pretext", "0", "0.00", "0.25", "0", "0", "0"],
        ["terrorist designation", "0", "0.00", "0.25", "0", "0", "0"],
        ["distancing", "1", "200.00", "0.25", "1", "0", "0"],
        ["group label", "1", "200.00", "0.25", "0", "0", "1"],
        ["sponsor label", "0", "0.00", "0.25", "0", "0", "0"],
        ["all", "2", "400.00", "1.50", "1", "0", "1"],
    ]


def test_a_profile_without_expected_counts_has_no_such_column() -> None:
    plain = ScoredDocument(
        Document("a", TEXT), profile([], 5, ["pretext"]), CODEBOOK[1:2], {"name": "x", "version": "1"}
    )
    head, *rows = Page(articles_page([plain], "Harbour")).rows
    assert "expected" not in head
    assert {len(row) for row in rows} == {len(head)}


EVIL = "<script>alert('x')</script> & <b>\"so-called\"</b>"


def test_markup_in_text_and_title_is_shown_and_not_run() -> None:
    at = EVIL.index("so-called")
    html = articles_page([scored(EVIL, CueSpan(0, 8, "pretext"), CueSpan(at, at + 9, "distancing"), id=EVIL)], EVIL)
    page = Page(html)
    assert page.texts == [EVIL]
    assert "script" not in page.tags
    assert "b" not in page.tags
    assert "<script>" not in html


def test_markup_in_a_vocabulary_is_escaped() -> None:
    cue = Cue('"><script>', definition='"><script>alert(1)</script>')
    page = Page(articles_page([scored(TEXT, CueSpan(4, 13, '"><script>'), cues=(cue,))], "Harbour"))
    assert "script" not in page.tags
    assert page.texts == [TEXT]


def test_the_page_is_complete_in_itself() -> None:
    html = articles_page([scored(TEXT, SO_CALLED, id="Harbour Post 7")], "Harbour Post 7")
    assert html.startswith("<!doctype html>\n")
    assert "<title>Framing cues: Harbour Post 7</title>" in html
    assert "5 words; model test-model 1.2" in html
    assert not re.search(r"https?:|//|@import|url\(|\b(?:src|href)=", html)
    assert set(Page(html).tags).isdisjoint({"script", "link", "img", "iframe", "object", "base", "form"})


def test_several_articles_stand_on_one_page_in_order() -> None:
    html = articles_page([scored(TEXT, id="first"), scored("Another text.", id="second")], "2 articles")
    assert Page(html).texts == [TEXT, "Another text."]
    assert "<title>Framing cues: 2 articles</title>" in html
    assert html.index("<h1>first</h1>") < html.index("<h1>second</h1>")


def test_a_notebook_gets_a_fragment() -> None:
    one = scored(TEXT, SO_CALLED)
    html = article_fragment(one)
    assert one._repr_html_() == html
    assert Page(html).texts == [TEXT]
    assert set(Page(html).tags).isdisjoint({"html", "head", "body", "script"})


def test_a_picture_is_an_image_of_the_spans_alone() -> None:
    svg = article_picture(scored(EVIL, CueSpan(0, 8, "pretext", 0.9, "author", 0.8)), width=600, height=300)
    body = ET.fromstring(svg)  # noqa: S314 - our own
    assert (body.tag, body.get("width"), body.get("height")) == ("{http://www.w3.org/2000/svg}svg", "600", "300")
    html = "{http://www.w3.org/1999/xhtml}"
    (text,) = [one for one in body.iter(f"{html}div") if one.get("class") == "text"]
    assert "".join(text.itertext()) == EVIL
    assert [(one.text, one.get("title")) for one in body.iter(f"{html}mark")] == [
        ("<script>", "pretext, voice: author")
    ]
    assert not list(body.iter(f"{html}script"))


def test_the_terminal_shows_text_cues_and_table() -> None:
    stream = io.StringIO()
    print_article(
        Console(file=stream, width=100, no_color=True), scored(TEXT, SO_CALLED, QUOTED, SAFE, id="a [bold] title")
    )
    shown = stream.getvalue()
    assert shown.startswith("a [bold] title\n")
    assert TEXT in shown
    assert re.search(r"^ distancing +so-called +author +0\.90 *$", shown, re.MULTILINE)
    assert re.search(r"^ group_label +safe zone +quoted +0\.50 *$", shown, re.MULTILINE)
    assert re.search(r"^distancing +1 +200\.00 +0\.25 +1 +0 +0 *$", shown, re.MULTILINE)
    assert re.search(r"^all +3 +600\.00 +1\.50 +2 +0 +1 *$", shown, re.MULTILINE)
    assert "5 words; model test-model 1.2" in shown


def test_the_terminal_colours_spans_and_underlines_where_they_overlap() -> None:
    stream = io.StringIO()
    console = Console(file=stream, width=100, force_terminal=True, color_system="truecolor")
    print_article(console, scored(TEXT, SO_CALLED, QUOTED, SAFE))
    red, green, blue = (int(COLOURS["scare_quote"][at : at + 2], 16) for at in (1, 3, 5))
    background = f"48;2;{red};{green};{blue}m"
    assert f'\x1b[30;{background}"' in stream.getvalue()
    assert f"\x1b[4;30;{background}safe zone" in stream.getvalue()
