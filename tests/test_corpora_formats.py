"""Formats that can be written: what they hold comes back whole, and what they can't hold is counted."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import datasets
import pytest
from command_line import refusal, run
from corpora_samples import EMPTY, PLAIN, RICH, TEXT, documents, through
from hypothesis import given
from hypothesis import strategies as st

from framing.errors import InputError, MissingExtraError
from framing.spans import CueSpan, Document
from training.corpora import base
from training.corpora.base import Losses, Reading
from training.corpora.conll import decode_tags
from training.corpora.registry import FORMATS, corpus_faults, find, read_corpus

ENDINGS = {
    "jsonl": ".jsonl",
    "doccano": ".jsonl",
    "labelstudio": ".json",
    "conll": ".conll",
    "docbin": ".spacy",
    "hf": ".parquet",
}
# spaCy is in no extra: where it is, DocBin is tested like the others; where it isn't, its refusal is, as everywhere.
AT_HAND = [name for name in FORMATS if name != "docbin" or importlib.util.find_spec("spacy")]
PUBLISHED = {"ptc", "basil", "babe"}  # labels and sentences of their own: test_corpora_written.py
WRITTEN = [name for name in AT_HAND if name not in PUBLISHED]
LOSSLESS = [name for name in WRITTEN if name in {"jsonl", "labelstudio", "cas-xmi", "cas-json", "docbin", "hf"}]


@pytest.fixture(autouse=True)
def _cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", str(tmp_path / "cache"))


@pytest.mark.parametrize("name", WRITTEN)
def test_offsets_and_labels_come_back_from_every_format(name: str, tmp_path: Path) -> None:
    found, losses = through(name, [PLAIN, EMPTY], tmp_path / f"out{ENDINGS.get(name, '')}")
    assert found == [PLAIN, EMPTY]
    assert losses.counts() == {}


@pytest.mark.parametrize("name", LOSSLESS)
def test_everything_comes_back_from_formats_that_hold_it(name: str, tmp_path: Path) -> None:
    found, losses = through(name, [RICH], tmp_path / f"out{ENDINGS.get(name, '')}")
    assert found == [RICH]
    assert losses.counts() == {}


def test_brat_holds_all_but_record_fields(tmp_path: Path) -> None:
    found, losses = through("brat", [RICH], tmp_path / "out")
    assert found == [Document(RICH.id, RICH.text, RICH.spans, {}, RICH.span_fields)]
    assert losses.places == {
        "record field 'outlet' can't be held by brat": [RICH.id],
        "record field 'date' can't be held by brat": [RICH.id],
    }
    written = (tmp_path / "out" / "b%2F2 %2541.ann").read_text(encoding="utf-8").splitlines()
    assert written[:4] == [
        "T1\tdistancing 4 13\tso-called",
        "A1\tvoice T1 quoted",
        '#1\tFraming T1\t{"score": 0.5, "voice_score": 0.25, "speaker": "x y"}',
        "T2\tdistancing 4 21\tso-called “truce”",
    ]
    assert any(line.endswith('Framing T3\t{"n": 2, "id": "p2"}') for line in written)
    assert "T4\tpretext 28 40;41 45\t🎉 for a day, said" in written


def test_doccano_counts_what_spans_say_beyond_their_label(tmp_path: Path) -> None:
    (found,), losses = through("doccano", [RICH], tmp_path / "out.jsonl")
    assert found == Document(
        RICH.id,
        TEXT,
        tuple(CueSpan(span.start, span.end, span.label) for span in RICH.spans),
        {"outlet": "Harbour Post", "date": "2026-01-31"},
    )
    assert losses.counts() == {
        "span field 'voice' can't be held by doccano": 2,
        **{
            f"span field {key!r} can't be held by doccano": 1
            for key in sorted(["designation", "id", "n", "note", "score", "speaker", "sure", "target", "voice_score"])
        },
    }


def test_conll_counts_overlaps_and_keeps_the_longest(tmp_path: Path) -> None:
    (found,), losses = through("conll", [RICH], tmp_path / "out.conll")
    assert [(span.label, TEXT[span.start : span.end]) for span in found.spans] == [
        ("distancing", "so-called “truce”"),
        ("pretext", "🎉 for a day,\nsaid"),
        ("label", "junta"),
    ]
    assert (found.id, found.text, found.meta) == (RICH.id, TEXT, {})
    assert losses.places["span overlaps a longer one; conll can't hold both"] == [
        "b/2 %41 [4, 13) distancing",
        "b/2 %41 [14, 21) scare_quote",
    ]
    assert losses.places["span field 'voice' can't be held by conll"] == [
        "b/2 %41 [4, 13) distancing",
        "b/2 %41 [4, 21) distancing",
    ]


@pytest.mark.parametrize("name", [name for name in WRITTEN if name != "hf"])  # `datasets` takes its time
@given(found=documents())
def test_anything_goes_through_without_a_drift(name: str, found: list[Document]) -> None:
    """`Format.write` reads again and compares every field with what the format holds."""
    with tempfile.TemporaryDirectory() as folder:
        again, losses = through(name, found, Path(folder) / "out")
    if name in LOSSLESS:
        assert sorted(again) == sorted(found)  # folders come back in another order
        assert losses.counts() == {}
    for before, after in zip(sorted(found), sorted(again), strict=True):
        assert (before.id, before.text) == (after.id, after.text)
        if not losses.counts():
            assert before == after


@pytest.mark.parametrize(
    ("name", "package", "fault"),
    [
        ("docbin", "spacy", "DocBin needs spacy: run `pip install spacy`"),
        ("cas-xmi", "cassis", "UIMA CAS needs cassis: run `pip install dkpro-cassis`"),
        ("cas-json", "cassis", "UIMA CAS needs cassis: run `pip install dkpro-cassis`"),
        ("hf", "datasets", "a Hugging Face data set needs datasets: run `pip install datasets`"),
    ],
)
def test_a_missing_package_is_named_with_the_command_that_installs_it(
    name: str, package: str, fault: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setitem(sys.modules, package, None)
    corpus, output = tmp_path / "corpus.jsonl", tmp_path / "out"
    corpus.write_text(json.dumps(PLAIN.to_record()) + "\n", encoding="utf-8")
    assert refusal(run("convert", corpus, "--from", "jsonl", "--to", name, "-o", output)) == f"framing: {fault}"
    assert refusal(run("convert", corpus, "--from", name, "--to", "jsonl", "-o", output)) == f"framing: {fault}"
    assert not output.exists()
    with pytest.raises(MissingExtraError) as caught:
        find(name).read(corpus, Reading())
    assert str(caught.value) == fault
    assert corpus_faults([f"{name}:{corpus}"], ["x"]) == [fault]


@pytest.mark.parametrize(
    ("tags", "spans"),
    [
        ("O B-x I-x B-x O", [(1, 2, "x"), (3, 3, "x")]),
        ("I-x I-x I-y O I-x", [(0, 1, "x"), (2, 2, "y"), (4, 4, "x")]),
        ("B-x I-x E-x S-x S-x", [(0, 2, "x"), (3, 3, "x"), (4, 4, "x")]),
        ("B-x L-x I-x U-y", [(0, 1, "x"), (2, 2, "x"), (3, 3, "y")]),
        ("O O", []),
    ],
)
def test_tags_of_every_scheme(tags: str, spans: list[tuple[int, int, str]]) -> None:
    assert decode_tags(tags.split()) == spans


def test_columns_without_a_text_are_joined_by_blanks(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(
        "-DOCSTART- O\n\nSo NN B-x\ncalled NN I-x\n\n# NN O\n\n-DOCSTART- O\n\ntruce NN O\n", encoding="utf-8"
    )
    assert read_corpus(f"conll:{path}") == [
        Document("a-1", "So called\n#", (CueSpan(0, 9, "x"),)),
        Document("a-2", "truce"),
    ]
    path.write_text("B-x\tSo\r\nO\tcalled\r\n\r\nO\ttruce\r\n", encoding="utf-8")
    assert read_corpus(f"conll:{path}?column=1&tag=0") == [
        Document("a-1", "So called", (CueSpan(0, 2, "x"),)),
        Document("a-2", "truce"),
    ]


def test_a_data_set_of_tokens_and_one_of_lists(tmp_path: Path) -> None:
    names = datasets.ClassLabel(names=["O", "B-x", "I-x"])
    features = datasets.Features({"tokens": datasets.List(datasets.Value("string")), "ner_tags": datasets.List(names)})
    rows = [{"tokens": ["the", "so", "called"], "ner_tags": [0, 1, 2]}]
    data = datasets.Dataset.from_list(rows, features=features)
    data.save_to_disk(str(tmp_path / "one"))
    datasets.DatasetDict({"validation": data}).save_to_disk(str(tmp_path / "parts"))
    expected = (Document("one-train-1", "the so called", (CueSpan(4, 13, "x"),)),)
    assert tuple(read_corpus(f"hf:{tmp_path / 'one'}")) == expected
    (found,) = read_corpus(f"hf:{tmp_path / 'parts'}?split=validation")
    assert found.spans == expected[0].spans
    lists = {"start_char_offset": [0], "end_char_offset": [2], "technique": ["x"]}
    path = tmp_path / "lists.jsonl"
    path.write_text(json.dumps({"article_id": 7, "body": "so", "si": lists}) + "\n", encoding="utf-8")
    assert read_corpus(f"hf:{path}?text=body&spans=si") == [
        Document("lists-train-1", "so", (CueSpan(0, 2, "x"),), {"article_id": 7})
    ]
    with pytest.raises(InputError, match=r"no columns 'text' and 'spans', nor .* \(columns: article_id, body, si\)"):
        read_corpus(f"hf:{path}")
    with pytest.raises(InputError, match="can't load it"):
        read_corpus(f"hf:{tmp_path / 'parts'}?split=none")


def test_docbin_spans_under_another_key(tmp_path: Path) -> None:
    spacy = pytest.importorskip("spacy")
    from spacy.tokens import DocBin

    path, bin_ = tmp_path / "a.spacy", DocBin()
    for key in ("own", "other"):
        doc = spacy.blank("xx")("so called")
        doc.spans[key] = [doc.char_span(0, 2, label="x")]
        bin_.add(doc)
    bin_.to_disk(path)
    assert corpus_faults([f"docbin:{path}"], ["x"]) == [
        f"{path}, document {number}: no spans under 'sc' and no entities, but spans under {key}; name the key with "
        f"?key={key}"
        for number, key in ((1, "own"), (2, "other"))
    ]
    losses = Losses()
    assert [len(document.spans) for document in read_corpus(f"docbin:{path}?key=own", losses=losses)] == [1, 0]
    assert losses.places == {"spans under 'other' aren't read; ?key=other reads them": ["a-2"]}


def test_comments_and_plain_tags_of_columns(tmp_path: Path) -> None:
    path = tmp_path / "a.conll"
    path.write_text(
        "# global.columns = ID FORM TAG\n# newdoc id = d1\n# sent_id = s1\n# text = So called\n"
        "1\tSo\tB\n2\tcalled\tI\n\n# more of it\n1\t#\tO\n\n# newdoc id = d2\n1\ttruce\tO\n",
        encoding="utf-8",
    )
    expected = [Document("d1", "So called\n#", (CueSpan(0, 9, "x"),)), Document("d2", "truce")]
    assert read_corpus(f"conll:{path}?column=1&label=x") == expected
    assert read_corpus(f"conll:{path}?column=1", labels=["x"]) == expected
    with pytest.raises(InputError, match=r"a\.conll:5: tag 'B' has no label; name it with \?label="):
        read_corpus(f"conll:{path}?column=1", labels=["x", "y"])
    path.write_text("# O\nSo O\n\n# O B-x\n", encoding="utf-8")  # a token `#`, and a comment by its columns
    assert read_corpus(f"conll:{path}") == [Document("a-1", "#\nSo".replace("\n", " "))]


def rows(path: Path, *found: object) -> str:
    path.write_text("".join(json.dumps(row) + "\n" for row in found), encoding="utf-8")
    return f"hf:{path}"


def test_tags_of_a_data_set_that_are_labels_alone(tmp_path: Path) -> None:
    tokens = ["The", "so", "called", "mob"]
    entry = rows(tmp_path / "a.jsonl", {"tokens": tokens, "ner_tags": ["O", "anti-group", "anti-group", "group"]})
    (found,) = read_corpus(entry)
    assert found.spans == (CueSpan(4, 13, "anti-group"), CueSpan(14, 17, "group"))
    entry = rows(tmp_path / "b.jsonl", *({"tokens": ["so"], "ner_tags": [tag]} for tag in ("B-x", "group", "B")))
    assert corpus_faults([entry], ["x", "y"]) == [
        f"{tmp_path / 'b.jsonl'}, train row 2: tag 'group' is not O, B-x or I-x as others are; write all tags in one "
        "scheme",
        f"{tmp_path / 'b.jsonl'}, train row 3: tag 'B' has no label; name it with ?label=",
    ]


def test_tags_that_are_numbers_need_names(tmp_path: Path) -> None:
    entry = rows(tmp_path / "a.jsonl", {"tokens": ["The", "so", "called"], "ner_tags": [0, 1, 2]})
    (found,) = read_corpus(f"{entry}?names=O,B-x,I-x")
    assert found.spans == (CueSpan(4, 13, "x"),)
    with pytest.raises(InputError, match=r"train row 1: label 0 has no name; .* as in \?names=O,B-x,I-x"):
        read_corpus(entry)


def test_lists_in_csv_as_data_sets_write_them(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    features = datasets.Features(
        {"tokens": datasets.List(datasets.Value("string")), "ner_tags": datasets.List(datasets.Value("int64"))}
    )
    data = {"tokens": [["The", "mob's", "🎉", "x" * 80], ["so"], []], "ner_tags": [[0, 1, 2, 0], [0], []]}
    datasets.Dataset.from_dict(data, features=features).to_csv(path)
    assert "['The' \"\"mob's\"\" '🎉'" in path.read_text(encoding="utf-8")
    found = read_corpus(f"hf:{path}?names=O,B-x,I-x")
    assert [document.text for document in found] == [" ".join(tokens) for tokens in data["tokens"]]
    assert found[0].spans == (CueSpan(4, 11, "x"),)
    path.write_text("""tokens,ner_tags\n"['a', 'b']","['O', 'B-x']"\n"[""a""]","[""O""]"\n""", encoding="utf-8")
    assert [document.spans for document in read_corpus(f"hf:{path}")] == [(CueSpan(2, 3, "x"),), ()]
    path.write_text("tokens,ner_tags\na b,O\n['a' ... 'b'],[0]\n", encoding="utf-8")
    assert [fault.partition(f"{path}, ")[2] for fault in corpus_faults([f"hf:{path}"], ["x"])] == [
        "train row 1: column 'tokens' is 'a b', not a list; name another column, or mend the row",
        "train row 2: column 'tokens' is \"['a' ... 'b']\", not a whole list; write it as JSON",
    ]


def test_spans_in_csv_and_of_three_values(tmp_path: Path) -> None:
    spans = [{"end": 2, "label": "x", "start": 0}, {"end": 5, "label": "x", "start": 3}]
    expected = (CueSpan(0, 2, "x"), CueSpan(3, 5, "x"))
    path = tmp_path / "a.csv"
    datasets.Dataset.from_list([{"text": "so it is", "spans": spans}]).to_csv(path)
    assert read_corpus(f"hf:{path}")[0].spans == expected
    path = tmp_path / "b.csv"
    path.write_text('text,spans\nso it is,"[[0, 2, ""x""], [3, 5, ""x""]]"\n', encoding="utf-8")
    assert read_corpus(f"hf:{path}")[0].spans == expected


def test_faults_of_shape_in_a_data_set_name_row_and_column(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("text,spans\nso,x\nso,[7]\nso,7\n,[]\nso,\"{'start': [0], 'end': []}\"\n", encoding="utf-8")
    assert [fault.partition(f"{path}, train ")[2] for fault in corpus_faults([f"hf:{path}"], ["x"])] == [
        "row 1: column 'spans' is 'x', no list of spans; use JSON",
        "row 2: column 'spans': 7 is no span; write start, end and label",
        "row 3: column 'spans' is 7, no list of spans; name another with ?spans=",
        "row 4: column 'text' is None, not text; name another with ?text=",
        "row 5: column 'spans' has lists of different lengths; mend the row",
    ]


def test_control_characters_can_not_stand_in_xml(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"record 'a': .*; write cas-json instead"):
        through("cas-xmi", [Document("a", "\x00")], tmp_path / "out")


@given(st.text(max_size=8).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_any_id_is_a_file_name_and_back(identity: str) -> None:
    name = base.file_name(identity)
    assert name
    assert base.identity_of(name) == identity
    assert not set(name) & set('/\\:*?"<>|\0\n')
