"""PTC, BASIL and BABE written: what their labels and columns hold comes back, and the rest is counted."""

from __future__ import annotations

import csv
import json
import re
import tempfile
from pathlib import Path

import pytest
from command_line import refusal, run
from corpora_samples import EMPTY, PLAIN, RICH, documents, through
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import InputError
from framing.spans import CueSpan, Document
from training.corpora.base import Losses
from training.corpora.registry import find, read_corpus

ROOT = Path(__file__).parents[1]
TEXT = "Truce holds\n\nThe so-called truce held. Nobody said so.\n\nThe 🎉 “so-called” junta left."
HOSTILE = ["../x", "a/b\\c", "tab\there", "line\r\nend", "ü 🎉", "..", ".task-si", "50%", "%41", "", " ", "CON:*?"]


def span(part: str, label: str, **more: object) -> dict[str, object]:
    start = TEXT.index(part)
    return {"start": start, "end": start + len(part), "label": label, **more}


def record(identity: str, *spans: dict[str, object], text: str = TEXT, **meta: object) -> Document:
    return Document.from_record({"id": identity, "text": text, "spans": list(spans), **meta})


LABELS = {"ptc": "Doubt", "basil": "lexical", "babe": "biased_word"}
PATHS = {"ptc": "train-task-flc-tc.labels", "basil": "basil", "babe": "babe.csv"}
each = pytest.mark.parametrize("name", LABELS)


@each
def test_hostile_ids_come_back(name: str, tmp_path: Path) -> None:
    sent = [record(identity, span("junta", LABELS[name], voice="author")) for identity in HOSTILE]
    found, losses = through(name, sent, tmp_path / "out" / PATHS[name] if name != "babe" else tmp_path / PATHS[name])
    assert {document.id: document.text for document in found} == dict.fromkeys(HOSTILE, TEXT)
    assert all([TEXT[at.start : at.end] for at in document.spans] == ["junta"] for document in found)
    voices = [f"{identity} [{TEXT.index('junta')}, {TEXT.index('junta') + 5}) {LABELS[name]}" for identity in HOSTILE]
    held = {} if name == "basil" else {f"span field 'voice' can't be held by {name}": voices}
    assert losses.places == held
    assert {path.resolve().parts[: len(tmp_path.parts)] for path in tmp_path.rglob("*")} == {tmp_path.resolve().parts}


@each
def test_half_a_surrogate_pair_is_named(name: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"can't write it \('so\\ud800' ends with half of a surrogate pair\); repair"):
        find(name).write([record("so\ud800")], tmp_path / PATHS[name])


@each
def test_an_empty_corpus_is_refused_and_an_empty_text_is_not(name: str, tmp_path: Path) -> None:
    empty = tmp_path / "empty.jsonl"
    empty.touch()
    result = run("convert", empty, "--from", "jsonl", "--to", name, "-o", tmp_path / "out")
    assert refusal(result) == f"framing: {empty}: holds no records; a corpus needs at least one"
    assert not (tmp_path / "out").exists()
    found, losses = through(name, [EMPTY], tmp_path / PATHS[name])
    assert [(document.id, document.text, document.spans) for document in found] == [("c3", "", ())]
    assert losses.counts() == {}


@each
def test_the_example_corpus_keeps_every_text_and_counts_every_span(name: str, tmp_path: Path) -> None:
    sent = read_corpus(str(ROOT / "examples" / "corpus.jsonl"))
    spans = sum(len(document.spans) for document in sent)
    assert spans > 100
    found, losses = through(name, sent, tmp_path / PATHS[name])
    assert {document.id: document.text for document in found} == {document.id: document.text for document in sent}
    lost = {"basil": "label is neither lexical nor informational; basil can't hold the span"}
    lost["babe"] = "span is no biased_word; babe can't hold it"
    assert losses.counts().get(lost.get(name, ""), 0) == (0 if name == "ptc" else spans)
    assert sum(len(document.spans) for document in found) == (spans if name == "ptc" else 0)


@pytest.mark.parametrize(
    ("name", "labels", "options"),
    [
        ("ptc", ("propaganda",), {}),
        ("ptc", ("Doubt", "Two\tWords\n"), {}),
        ("ptc", ("Doubt", "propaganda"), {"task": "si"}),
        ("basil", ("lexical", "informational", "x"), {}),
        ("babe", ("biased_word", "x"), {}),
        ("babe", ("biased", "x"), {"labels": "sentences"}),
    ],
)
@given(data=st.data())
def test_anything_goes_through_without_a_drift(
    name: str, labels: tuple[str, ...], options: dict[str, str], data: st.DataObject
) -> None:
    """`Format.write` reads again and compares; here every span that is gone must have its reason."""
    sent = data.draw(documents(labels=labels))
    with tempfile.TemporaryDirectory() as folder:
        found, losses = through(name, sent, Path(folder) / PATHS[name], **options)
    for before, after in zip(sorted(sent), sorted(found), strict=True):
        same = before.text == after.text or (name, re.sub("\r+\n", "\n", before.text)) == ("ptc", after.text)
        assert (before.id, same) == (after.id, True)
    number = [sum(len(document.spans) for document in some) for some in (sent, found)]
    gone = re.compile(r"can't hold|of carriage returns alone|of white space alone|SI has one")
    reasons = sum(count for reason, count in losses.counts().items() if gone.search(reason))
    assert number[0] - number[1] == reasons


def test_ptc_is_si_by_its_label_and_tc_by_any_other(tmp_path: Path) -> None:
    si, tc = tmp_path / "dev-task-si.labels", tmp_path / "train-task-flc-tc.labels"
    find("ptc").write([record("7", span("junta", "propaganda")), record("8")], si)
    assert si.read_bytes() == f"7\t{TEXT.index('junta')}\t{TEXT.index('junta') + 5}\n".encode()
    assert sorted(path.name for path in (tmp_path / "dev-articles").iterdir()) == ["article7.txt", "article8.txt"]
    sent = [record("7", span("junta", "Name_Calling,Labeling"), span("Truce", "Doubt"))]
    assert through("ptc", sent, tc) == (sent, Losses())
    assert tc.read_bytes().startswith(b"7\tDoubt\t0\t5\n7\tName_Calling,Labeling\t")
    with pytest.raises(InputError, match="train-articles: the articles would go there, but it isn't empty"):
        find("ptc").write(sent, tmp_path / "train-task-si.labels")
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError, match="empty: is a folder; name the label file to write, such as "):
        find("ptc").write(sent, tmp_path / "empty")


def test_ptc_makes_si_labels_of_techniques(tmp_path: Path) -> None:
    """Overlapping techniques are one span, as in the published labels; techniques that touch are two."""
    parts = ("so-called truce", "truce held", "Nobody", " said")
    sent = [record("7", *(span(part, "Doubt") for part in parts))]
    (found,), losses = through("ptc", sent, tmp_path / "train-task-si.labels", task="si")
    assert [(at.label, TEXT[at.start : at.end]) for at in found.spans] == [
        ("propaganda", "so-called truce held"),
        ("propaganda", "Nobody"),
        ("propaganda", " said"),
    ]
    assert losses.counts() == {
        "a label can't be held by SI: propaganda stands for it": 4,
        "span overlaps another; SI has one for both": 1,
    }


def test_ptc_turns_crlf_to_lf_where_there_are_spans(tmp_path: Path) -> None:
    plain = Document("d", "no\r\nspans")
    tail = Document("e", "so\r\r\n", (CueSpan(2, 4, "x"), CueSpan(0, 5, "x")))
    found, losses = through("ptc", [PLAIN, plain, tail], tmp_path / "train-task-flc-tc.labels")
    text = PLAIN.text.replace("\r\n", "\n")
    assert found[0].text == text
    assert [text[at.start : at.end] for at in found[0].spans] == ["so-called", "junta"]
    assert found[1:] == [plain, Document("e", "so\n", (CueSpan(0, 3, "x"),))]
    assert losses.places == {
        "CRLF line ends can't be held by ptc: LF stands for them, offsets move along": ["a1", "e"],
        "span of carriage returns alone can't be held by ptc": ["e [2, 4) x"],
    }


def test_basil_files_are_as_published(tmp_path: Path) -> None:
    sent = record(
        "t_1",
        span("so-called", "lexical", polarity="neg", speaker="x", voice="quoted"),
        span("Truce", "informational", polarity="pos"),
        title="Truce holds",
        outlet="nyt",
        date="2019-01-02",
        event="truce",
        url="u",
        uuid="t_1",
        **{"triplet-uuid": "t", "article-level-annotations": {"relative_stance": "left"}},
    )
    (found,), losses = through("basil", [sent], tmp_path / "out")
    assert losses.counts() == {}
    assert json.loads((tmp_path / "out" / "articles" / "2019" / "t_1.json").read_text(encoding="utf-8")) == {
        "title": "Truce holds",
        "source": "nyt",
        "date": "2019-01-02",
        "main-event": "truce",
        "url": "u",
        "uuid": "t_1",
        "triplet-uuid": "t",
        "body-paragraphs": [
            ["The so-called truce held.", "Nobody said so."],
            ["The 🎉 “so-called” junta left."],
        ],
    }
    assert json.loads((tmp_path / "out" / "annotations" / "2019" / "t_1_ann.json").read_text(encoding="utf-8")) == {
        "uuid": "t_1",
        "triplet-uuid": "t",
        "article-level-annotations": {"relative_stance": "left"},
        "phrase-level-annotations": [
            {"id": "title", "start": 0, "end": 5, "txt": "Truce", "bias": "inf", "polarity": "pos"},
            {
                "id": "p0",
                "start": 4,
                "end": 13,
                "txt": "so-called",
                "bias": "lex",
                "polarity": "neg",
                "speaker": "x",
                "voice": "quoted",
            },
        ],
    }
    cuts = ["Truce holds", "The so-called truce held.", "Nobody said so.", "The 🎉 “so-called” junta left."]
    assert [TEXT[start:end] for start, end in found.sentence_ranges or ()] == cuts
    assert through("basil", [found], tmp_path / "again") == ([found], Losses())


def test_basil_keeps_a_span_over_sentences_in_one(tmp_path: Path) -> None:
    ranges = [[0, 11], [13, 38], [39, 54], [56, len(TEXT)]]
    over = [span("held. Nobody", "lexical"), span("holds\n\nThe", "lexical")]
    (found,), losses = through(
        "basil", [record("a", *over, title="Truce holds", sentence_ranges=ranges)], tmp_path / "x"
    )
    assert found.sentence_ranges == ((0, 54), (56, len(TEXT)))
    assert [TEXT[at.start : at.end] for at in found.spans] == ["holds\n\nThe", "held. Nobody"]
    assert losses.places == {
        "record field 'title' can't be held by basil: it isn't the text's first paragraph": ["a"],
        "record field 'sentence_ranges' can't be held by basil: sentences are others": ["a"],
    }


@pytest.mark.parametrize(
    "text", ["", " ", "\n\n", "\n\n\n", "\n\n a", "A.  B.", " \n\n\n\n \n\n", "A. \n\n B.\r\n\r\nC. "]
)
def test_basil_holds_any_blanks(text: str, tmp_path: Path) -> None:
    (found,), losses = through("basil", [Document("a", text)], tmp_path / "x")
    assert (found.text, losses.counts()) == (text, {})
    assert through("basil", [found], tmp_path / "y")[0] == [found]


def test_basil_holds_a_title_without_a_body(tmp_path: Path) -> None:
    sent = record("a", span("Truce", "lexical", id="title"), text="Truce", title="Truce", sentence_ranges=[[0, 5]])
    assert through("basil", [sent], tmp_path / "x") == ([sent], Losses())
    assert json.loads((tmp_path / "x" / "articles" / "a.json").read_text())["body-paragraphs"] == []


@pytest.mark.parametrize("title", ["Truce holds. Nobody said so.", "Truce\n", "Truce\n\nholds", "Truce\n\n", " "])
def test_basil_holds_a_title_of_any_form(title: str, tmp_path: Path) -> None:
    sent = record("a", text=f"{title}\n\nSo. No.\n\nYes.", title=title)
    (found,), losses = through("basil", [sent], tmp_path / "x")
    assert (found.text, found.meta["title"], losses.counts()) == (sent.text, title, {})
    assert [found.text[start:end] for start, end in found.sentence_ranges or ()] == [title, "So.", "No.", "Yes."]


def test_basil_keeps_empty_sentences_in_the_count(tmp_path: Path) -> None:
    article = {"title": "T", "body-paragraphs": [["", "so it is", "", ""], [""], ["end"]]}
    found = {"id": "p1", "start": 0, "end": 2, "txt": "so", "bias": "lex"}
    other = {"id": "p5", "start": 0, "end": 3, "txt": "end", "bias": "inf"}
    for folder, name, value in (("articles", "a", article), ("annotations", "a_ann", [found, other])):
        (tmp_path / folder).mkdir()
        value = {"phrase-level-annotations": value} if folder == "annotations" else value
        (tmp_path / folder / f"{name}.json").write_text(json.dumps(value), encoding="utf-8")
    (read,) = read_corpus(f"basil:{tmp_path}")
    assert read.text == "T\n\n so it is  \n\n\n\nend"
    assert through("basil", [read], tmp_path / "again") == ([read], Losses())
    assert json.loads((tmp_path / "again" / "articles" / "a.json").read_text()) == article


def test_basil_counts_what_is_not_its_own(tmp_path: Path) -> None:
    sent = record("a", span("junta", "lexical", id="T9", txt="x"), span("Nobody", "odd"), title="No", source="s", n=[1])
    (found,), losses = through("basil", [sent], tmp_path / "x")
    assert (found.meta["n"], found.span_fields) == ([1], ({"id": "p3"},))
    lex, odd = (f"a [{at}, {at + len(word)})" for word in ("junta", "Nobody") for at in [TEXT.index(word)])
    assert losses.places == {
        "record field 'source' can't be held by basil": ["a"],
        "label is neither lexical nor informational; basil can't hold the span": [f"{odd} odd"],
        "span field 'txt' can't be held by basil": [f"{lex} lexical"],
        "record field 'title' can't be held by basil: it isn't the text's first paragraph": ["a"],
        "span field 'id' can't be held by basil: the sentence stands there": [f"{lex} lexical"],
    }


def test_babe_has_the_published_columns_and_words_by_their_places(tmp_path: Path) -> None:
    text = 'So; the "so-called" truce:\r\na truce, "so they say"'
    at = [match.span() for match in re.finditer("so-called|truce", text)]
    spans = [{"start": start, "end": end, "label": "biased_word"} for start, end in at]
    sent = record("a", *spans, text=text, label_bias="Biased", outlet="Post", desk="war")
    assert through("babe", [sent, record("b", outlet="Sea")], tmp_path / "x.csv") == (
        [sent, record("b", outlet="Sea")],
        Losses(),
    )
    with (tmp_path / "x.csv").open(encoding="utf-8", newline="") as stream:
        header, first, second = csv.reader(stream, delimiter=";")
    published = ["text", "news_link", "outlet", "topic", "type", "label_bias", "label_opinion", "biased_words"]
    assert header == ["id", *published, "desk"]
    assert first == ["a", text, "", "Post", "", "", "Biased", "", "['so-called', 'truce']", "war"]
    assert second[-2] == "[]"


def test_babe_counts_words_that_would_not_come_back(tmp_path: Path) -> None:
    text = "So the truce, a Truce; extruce no no no"
    places = [(3, 12), (7, 12), (25, 30), (34, 39), (16, 22)]  # the truce, truce, truce of extruce, no no, Truce;
    spans = [{"start": start, "end": end, "label": "biased_word"} for start, end in places]
    sent = record("a", *spans, {"start": 0, "end": 2, "label": "x"}, spans[0], text=text, n=1, topic="")
    (found,), losses = through("babe", [sent], tmp_path / "x.csv")
    assert [text[at.start : at.end] for at in found.spans] == ["the truce", "Truce;"]
    assert losses.places == {
        "record field 'n' can't be held by babe": ["a"],
        "record field 'topic' can't be held by babe": ["a"],
        "span is no biased_word; babe can't hold it": ["a [0, 2) x"],
        "span stands twice; babe can't hold both": ["a [3, 12) biased_word"],
        "biased word stands elsewhere, too, without a label; babe can't hold its place": ["a [7, 12) biased_word"],
        "biased word isn't found again as whole words; babe can't hold its place": [
            "a [25, 30) biased_word",
            "a [34, 39) biased_word",
        ],
    }


def test_babe_trims_words_and_holds_long_texts(tmp_path: Path) -> None:
    text = "so called " + "x" * 200_000
    (found,), losses = through(
        "babe", [record("a", {"start": 2, "end": 10, "label": "biased_word"}, text=text)], tmp_path / "x"
    )
    assert (found.text, found.spans) == (text, (CueSpan(3, 9, "biased_word"),))
    assert losses.places == {
        "white space at the edge of a span can't be held by babe: the span is cut": ["a [2, 10) biased_word"]
    }


def test_babe_sentences_are_label_bias(tmp_path: Path) -> None:
    whole = {"start": 0, "end": len(TEXT), "label": "biased"}
    sent = [record("a", whole), record("b"), record("c", span("junta", "biased"), text=TEXT, topic="war")]
    found, losses = through("babe", sent, tmp_path / "x.csv", labels="sentences")
    assert [document.spans for document in found] == [(CueSpan(0, len(TEXT), "biased"),), (), ()]
    assert [document.meta["label_bias"] for document in found] == ["Biased", "Non-biased", "Non-biased"]
    assert losses.places == {
        "span isn't one 'biased' over all of the text; babe can't hold it": [
            f"c [{TEXT.index('junta')}, {TEXT.index('junta') + 5}) biased"
        ]
    }
    assert through("babe", found, tmp_path / "y.csv", labels="sentences") == (found, Losses())
    with pytest.raises(
        InputError, match="record 'a': label_bias is 'Biased', but its spans say 'Non-biased'; mend one"
    ):
        find("babe").write([record("a", label_bias="Biased")], tmp_path / "z.csv", labels="sentences")


@each
def test_rich_records_are_cut_to_size_by_name(name: str, tmp_path: Path) -> None:
    """The shared sample with every field, overlaps and an awkward id, under a label of the format."""
    spans = [{**given, "label": LABELS[name]} for given in RICH.to_record()["spans"]]
    sent = Document.from_record({**RICH.to_record(), "spans": spans})
    (found,), losses = through(name, [sent], tmp_path / PATHS[name])
    assert (found.id, [at.label for at in found.spans]) == (RICH.id, [LABELS[name]] * 5)
    kept = {"ptc": set(), "basil": {"outlet", "date", "sentence_ranges"}, "babe": {"outlet", "date"}}
    assert set(found.meta) == kept[name]
    assert ("span field 'designation' can't be held by " + name in losses.places) == (name != "basil")
