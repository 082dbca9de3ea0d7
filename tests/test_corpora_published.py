"""Corpora in their makers' formats, on made-up folders; the real ones are read by `make bench-corpora`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from framing.errors import InputError
from framing.spans import CueSpan, Document
from training.corpora.base import Losses
from training.corpora.registry import find, read_corpus

ROOT = Path(__file__).parents[1]
TEXT = "Truce\n\nThe so-called truce — held.\n"


def message(entry: str, labels: list[str] | None = None) -> str:
    with pytest.raises(InputError) as caught:
        read_corpus(entry, labels=labels)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.fixture
def ptc(tmp_path: Path) -> Path:
    articles = tmp_path / "train-articles"
    articles.mkdir()
    (articles / "article7.txt").write_bytes(b"\xef\xbb\xbf" + TEXT.encode())
    (articles / "article8.txt").write_bytes(b"Nothing.\n")
    (tmp_path / "train-task-si.labels").write_text("7\t12\t21\n")
    (tmp_path / "train-task-flc-tc.labels").write_text("7\tDoubt\t12\t21\n7\tName_Calling,Labeling\t12\t27\n")
    for name, labels in (("7", "7\t12\t21\n"), ("8", "")):
        (tmp_path / "train-labels-task-si").mkdir(exist_ok=True)
        (tmp_path / "train-labels-task-si" / f"article{name}.task-si.labels").write_text(labels)
    return tmp_path


def test_ptc_counts_a_byte_order_mark_as_its_labels_do(ptc: Path) -> None:
    spans = [CueSpan(12, 21, "propaganda")]
    si = [Document("7", "\ufeff" + TEXT, tuple(spans)), Document("8", "Nothing.\n")]
    assert si[0].text[12:21] == "so-called"
    assert read_corpus(f"ptc:{ptc / 'train-task-si.labels'}") == si
    assert read_corpus(f"ptc:{ptc / 'train-labels-task-si'}") == si
    tc = read_corpus(f"ptc:{ptc / 'train-task-flc-tc.labels'}")
    assert tc[0].spans == (CueSpan(12, 21, "Doubt"), CueSpan(12, 27, "Name_Calling,Labeling"))


def test_ptc_articles_may_lie_elsewhere(ptc: Path) -> None:
    labels = (ptc / "train-task-si.labels").rename(ptc / "mine.labels")
    assert f"{ptc / 'mine.labels-articles'}: holds no article*.txt" in message(f"ptc:{labels}")
    assert len(read_corpus(f"ptc:{labels}?articles={ptc / 'train-articles'}")) == 2


@pytest.mark.parametrize(
    ("line", "fault"),
    [
        ("7\t12", "not a label line"),
        ("7\tx\t12", "'x' is no offset"),
        ("7\t-1\t12", "'-1' is no offset"),
        ("9\t1\t2", "there is no "),
        ("7\t12\t99", "offset 99 lies past the 36 characters of article7.txt"),
    ],
)
def test_a_wrong_ptc_label_is_named_with_its_line(ptc: Path, line: str, fault: str) -> None:
    path = ptc / "train-task-si.labels"
    path.write_text(f"7\t12\t21\n\n{line}\n")
    assert message(f"ptc:{path}").startswith(f"{path}:3: {fault}")


def test_ptc_without_labels_or_with_other_line_ends_is_refused(ptc: Path) -> None:
    missing = ptc / "train-task-tc.labels"
    assert message(f"ptc:{missing}").startswith(f"{missing}: no such label file; name one")
    (ptc / "train-labels-task-si" / "article8.task-si.labels").unlink()
    assert "no label file for article8.txt; add one, empty if need be" in message(f"ptc:{ptc / 'train-labels-task-si'}")
    article = ptc / "train-articles" / "article7.txt"
    article.write_bytes(TEXT.replace("\n", "\r\n").encode())
    assert message(f"ptc:{ptc / 'train-task-si.labels'}").startswith(f"{article}: has CRLF line ends")
    article.write_bytes(b"one\ncaf\xe9\n")
    assert message(f"ptc:{ptc / 'train-task-si.labels'}").startswith(
        f"{article}:2: invalid UTF-8 at byte 8 of the file"
    )


@pytest.fixture
def basil(tmp_path: Path) -> Path:
    article = {
        "title": "Truce",
        "source": "nyt",
        "date": "2019-01-02",
        "main-event": "truce",
        "url": "u",
        "body-paragraphs": [["It held.", "So they say."], ["The so-called truce."]],
    }
    found = {"id": "p2", "start": 4, "end": 13, "txt": "so-called", "bias": "lex", "polarity": "neg", "speaker": "x"}
    title = {"id": "title", "start": 0, "end": 5, "txt": "Truce", "bias": "inf", "polarity": "pos", "speaker": ""}
    write(tmp_path / "articles" / "2019" / "t_1.json", article)
    write(
        tmp_path / "annotations" / "2019" / "t_1_ann.json",
        {"phrase-level-annotations": [found, title], "article-level-annotations": {"relative_stance": "left"}},
    )
    return tmp_path


def write(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")


def test_basil_spans_move_from_sentences_into_the_article(basil: Path) -> None:
    text = "Truce\n\nIt held. So they say.\n\nThe so-called truce."
    (found,) = read_corpus(f"basil:{basil}")
    assert (found.id, found.text) == ("t_1", text)
    assert found.spans == (CueSpan(0, 5, "informational"), CueSpan(34, 43, "lexical"))
    assert found.span_fields == (
        {"id": "title", "polarity": "pos", "speaker": ""},
        {"id": "p2", "polarity": "neg", "speaker": "x"},
    )
    sentences = ["Truce", "It held.", "So they say.", "The so-called truce."]
    assert [text[start:end] for start, end in found.sentence_ranges or ()] == sentences
    assert {key: found.meta[key] for key in ("outlet", "date", "event", "article-level-annotations")} == {
        "outlet": "nyt",
        "date": "2019-01-02",
        "event": "truce",
        "article-level-annotations": {"relative_stance": "left"},
    }


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        ({"start": 5}, "annotation 1: should cover 'so-called' but covers 'o-called'; offsets drifted"),
        ({"id": "p9"}, "annotation 1: there is no sentence 'p9' in t_1.json"),
        ({"bias": "odd"}, "annotation 1: bias 'odd' is not one of lex, inf"),
    ],
)
def test_a_wrong_basil_annotation_is_named(basil: Path, change: dict[str, object], fault: str) -> None:
    labels = basil / "annotations" / "2019" / "t_1_ann.json"
    record = json.loads(labels.read_text())
    record["phrase-level-annotations"][0] |= change
    write(labels, record)
    assert message(f"basil:{basil}") == f"{labels}, {fault}"


def test_basil_without_its_files_is_refused(basil: Path) -> None:
    labels = basil / "annotations" / "2019" / "t_1_ann.json"
    labels.write_text("{\n]")
    assert message(f"basil:{basil}").startswith(f"{labels}:2: invalid JSON")
    labels.write_text("{}")
    assert message(f"basil:{basil}") == (
        f"{basil}: after the start: not of the form of basil (KeyError: 'phrase-level-annotations'); "
        "see `framing corpora basil`"
    )
    labels.unlink()
    assert message(f"basil:{basil}") == f"{labels}: no such label file; add it, or take t_1.json out"
    assert "holds no articles (*.json)" in message(f"basil:{basil / 'articles'}")


HEADER = "text;outlet;label_bias;biased_words\n"


@pytest.fixture
def babe(tmp_path: Path) -> Path:
    path = tmp_path / "SG.csv"
    rows = (
        "The so-called “truce”; a Truce, so they say;Post;Biased;['truce', '\"truce\"', 'so-called']\n",
        '"They said ""no"";\r\nand left.";Post;Non-biased;[]\n',
        "\"Ideas, ideas\";Post;Biased;['idea', 'idaes']\n",
    )
    path.write_bytes(("\ufeff" + HEADER + '"' + rows[0].replace(";Post", '";Post') + "".join(rows[1:])).encode())
    return path


def test_babe_words_are_found_and_the_rest_is_listed(babe: Path) -> None:
    losses = Losses()
    first, second, third = read_corpus(f"babe:{babe}", losses=losses)
    assert [first.text[span.start : span.end] for span in first.spans] == ["so-called", "“truce”", "truce", "Truce"]
    assert (first.id, first.meta) == ("SG-1", {"outlet": "Post", "label_bias": "Biased"})
    assert second == Document(
        "SG-2", 'They said "no";\r\nand left.', (), {"outlet": "Post", "label_bias": "Non-biased"}
    )
    assert third.spans == ()
    assert losses.places == {
        "biased word stands several times, each taken": ["SG-1 'truce'"],
        "biased word stands only inside longer words": ["SG-3 'idea'"],
        "biased word isn't in the text": ["SG-3 'idaes'"],
    }


def test_babe_sentences_are_spans_over_the_whole_record(tmp_path: Path) -> None:
    path = tmp_path / "babe.csv"
    path.write_text(
        "text;label_bias;biased_words\n"
        " They met. It was a disgrace! ;Biased;['disgrace']\nThe truce held.;Non-biased;[]\nSo?;No agreement;[]\n"
    )
    losses = Losses()
    biased, plain = read_corpus(f"babe:{path}?labels=sentences", losses=losses)
    assert (biased.spans, biased.sentence_ranges) == ((CueSpan(1, 29, "biased"),), ((1, 29),))
    assert (plain.spans, plain.sentence_ranges) == ((), ((0, 15),))
    assert losses.counts() == {"label_bias is 'No agreement'": 1}
    assert message(f"babe:{path}?labels=both").endswith("option labels=both; give labels=words or labels=sentences")


@pytest.mark.parametrize(
    ("rows", "fault"),
    [
        ("text,biased_words\n", ":1: no column biased_words, label_bias, text; the file is a CSV with semicolons"),
        (HEADER + "a;b;c;[]\na;b;[]\n", ":3: 3 fields where the header has 4; quote the text"),
        (HEADER + "a;b;c;['x\n", ":2: biased_words is \"['x\"; write a list such as ['so-called']"),
        (HEADER + 'a;"b"x;c;[]\n', ":2: not a CSV with semicolons"),
        (HEADER, ": holds no records; a corpus needs at least one"),
    ],
)
def test_a_wrong_babe_row_is_named_with_its_line(tmp_path: Path, rows: str, fault: str) -> None:
    path = tmp_path / "SG.csv"
    path.write_text(rows, encoding="utf-8")
    assert message(f"babe:{path}").startswith(f"{path}{fault}")


@pytest.fixture
def brat(tmp_path: Path) -> Path:
    folder = tmp_path / "brat"
    folder.mkdir()
    (folder / "a.txt").write_text("They,\nhe said,\nwon.", encoding="utf-8")
    (folder / "a.ann").write_text(
        "T1\tContent 0 5;15 18\tThey, won\n"
        "T2\tCue 9 13\tsaid\n"
        "T3\tSource 6 8\the\n"
        "E1\tCue:T2 Source:T3 Content:T1\n"
        "A1\tSure T1\n"
        "A2\tvoice T3 author\n"
        "#1\tAnnotatorNotes T3\twho?\n",
        encoding="utf-8",
    )
    return folder


def test_brat_keeps_fragments_events_attributes_and_notes(brat: Path) -> None:
    losses = Losses()
    (found,) = read_corpus(f"brat:{brat}", losses=losses)
    assert found == Document(
        "a",
        "They,\nhe said,\nwon.",
        (CueSpan(0, 18, "Content"), CueSpan(6, 8, "Source", voice="author"), CueSpan(9, 13, "Cue")),
        {"brat": ["E1\tCue:T2 Source:T3 Content:T1"]},
        (
            {"id": "T1", "fragments": [[0, 5], [15, 18]], "Sure": True},
            {"id": "T3", "note": "who?"},
            {"id": "T2"},
        ),
    )
    assert losses.places == {"discontinuous span, covered whole; see its fragments": ["a T1"]}


def test_brat_joins_what_line_ends_part_and_texts_broken_over_lines(brat: Path) -> None:
    (brat / "a.ann").write_text("T1\tx 6 14;15 18\the said, won\nT2\tx 0 8\tThey,\nhe\n", encoding="utf-8")
    losses = Losses()
    (found,) = read_corpus(f"brat:{brat}", losses=losses)
    assert found == Document("a", found.text, (CueSpan(0, 8, "x"), CueSpan(6, 18, "x")))
    assert losses.places == {"span's text broken over lines, joined": [f"{brat / 'a.ann'}:2"]}


def test_brat_with_several_annotators_gives_a_record_each(brat: Path) -> None:
    (brat / "a.ann").rename(brat / "a_ed.ann")
    (brat / "a_ed.ann").write_text("T1\tx 0 4\tThey\n")
    (brat / "a_jo.ann").write_text("")
    assert read_corpus(f"brat:{brat}") == [
        Document("a_ed", "They,\nhe said,\nwon.", (CueSpan(0, 4, "x"),), {"article": "a", "annotator": "ed"}),
        Document("a_jo", "They,\nhe said,\nwon.", (), {"article": "a", "annotator": "jo"}),
    ]


def test_brat_writes_one_text_for_several_annotators(tmp_path: Path) -> None:
    whose = [{"article": "a/1", "annotator": name} for name in ("ed", "jo_2", "é")]
    sent = [Document(f"a/1_{given['annotator']}", "so", (CueSpan(0, 2, "x"),), given) for given in whose]
    sent += [Document("a/1", "so"), Document("b", "no", (), {"article": "a/1", "annotator": "ed"})]
    losses = find("brat").write(sent, tmp_path / "out")
    assert losses.places == {
        f"record field {name!r} can't be held by brat": ["a/1_é", "b"] for name in ("article", "annotator")
    }
    held = [*sent[:2], Document("a/1_é", "so", (CueSpan(0, 2, "x"),)), sent[3], Document("b", "no")]
    assert sorted(read_corpus(f"brat:{tmp_path / 'out'}")) == sorted(held)
    texts = ["a%2F1.txt", "a%2F1_%C3%A9.txt", "b.txt"]
    assert sorted(path.name for path in (tmp_path / "out").glob("*.txt")) == texts
    other = Document("a/1_ed", "no", (), whose[0])
    with pytest.raises(InputError, match=r"record 'a/1_ed': another record has another text for a%2F1\.txt; brat has"):
        find("brat").write([sent[1], other], tmp_path / "two")


@pytest.mark.parametrize(
    ("lines", "fault"),
    [
        ("T1\tx 0 4\tThem\n", ":1: should cover 'Them' but covers 'They': offsets drifted"),
        ("T1\tx 0 4\tThey\nT1\tx 6 8\the\n", ":2: 'T1\\tx 6 8\\the' is no span; write T1"),
        ("T1\tx 0 99\tThey\n", ":1: offset 99 lies past the text's 19 characters"),
        ("T1\tx 4 4\t\n", ":1: offsets [[4, 4]] are empty or negative"),
        ("T1\tx 0\tThey\n", ":1: 'T1\\tx 0\\tThey' is no span"),
        ("T1 x 0 4 They\n", ":1: 'T1 x 0 4 They' is no annotation"),
    ],
)
def test_a_wrong_brat_line_is_named(brat: Path, lines: str, fault: str) -> None:
    (brat / "a.ann").write_text(lines, encoding="utf-8")
    assert message(f"brat:{brat}").startswith(f"{brat / 'a.ann'}{fault}")


def test_brat_offsets_count_crlf_or_are_refused(brat: Path) -> None:
    (brat / "a.txt").write_bytes(b"They,\r\nhe said.")
    (brat / "a.ann").write_bytes(b"T1\tx 7 9\the\r\n")
    assert read_corpus(f"brat:{brat}")[0].spans == (CueSpan(7, 9, "x"),)
    (brat / "a.ann").write_bytes(b"T1\tx 6 8\the\r\n")
    assert message(f"brat:{brat}").endswith("the text has CRLF line ends, perhaps the offsets count LF")


def test_brat_without_a_text_or_label_file_is_refused(brat: Path) -> None:
    (brat / "b_1.ann").touch()
    assert message(f"brat:{brat}") == f"{brat / 'b_1.ann'}: there is no b_1.txt beside it; add the text"
    (brat / "b_1.ann").rename(brat / "b.txt")
    assert message(f"brat:{brat}").startswith(f"{brat / 'b.txt'}: has no label file b.ann; add one, empty if")
    assert "holds no .txt files" in message(f"brat:{brat / 'none'}")


def test_brat_is_written_as_it_was_read(brat: Path, tmp_path: Path) -> None:
    given = read_corpus(f"brat:{brat}")
    losses = find("brat").write(given, tmp_path / "again")
    assert losses.counts() == {}
    lines = [(folder / "a.ann").read_text(encoding="utf-8").splitlines() for folder in (brat, tmp_path / "again")]
    assert sorted(lines[0]) == sorted(lines[1])
    assert (tmp_path / "again" / "a.txt").read_bytes() == (brat / "a.txt").read_bytes()


def test_brat_events_are_lost_with_the_ids_of_their_spans(brat: Path, tmp_path: Path) -> None:
    (found,) = read_corpus(f"brat:{brat}")
    bare = Document(found.id, found.text, found.spans, {"brat": found.meta["brat"]})
    losses = find("brat").write([bare], tmp_path / "again")
    assert losses.counts() == {"record field 'brat' isn't of brat's form, or its spans have no T ids of their own": 1}
