"""Formats that can be written: what they hold comes back whole, and what they can't hold is counted."""

from __future__ import annotations

import importlib.util
import json
import sys
import tempfile
from pathlib import Path

import cassis
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


def test_doccano_exports_of_both_kinds_are_read(tmp_path: Path) -> None:
    rows = [
        {"id": 1, "text": "so-called", "label": [[0, 9, "x"]], "outlet": "Post", "Comments": []},
        {
            "id": 2,
            "text": "so-called",
            "entities": [{"id": 7, "label": "x", "start_offset": 3, "end_offset": 9}],
            "relations": [{"id": 1, "from_id": 7, "to_id": 7, "type": "self"}],
        },
        {"id": 3, "text": "so-called", "label": ["Biased"]},
    ]
    path = tmp_path / "all.jsonl"
    path.write_text("\ufeff" + "\r\n".join(map(json.dumps, rows)), encoding="utf-8")
    losses = Losses()
    assert read_corpus(f"doccano:{path}", losses=losses) == [
        Document("1", "so-called", (CueSpan(0, 9, "x"),), {"outlet": "Post", "Comments": []}),
        Document("2", "so-called", (CueSpan(3, 9, "x"),)),
        Document("3", "so-called", (), {"labels": ["Biased"]}),
    ]
    assert losses.places == {"relation between spans isn't read": ["2 self"]}


def region(start: int, end: int, text: str, label: str, **more: object) -> dict[str, object]:
    value = {"start": start, "end": end, "text": text, "labels": [label]}
    return {"id": "r", "from_name": "label", "to_name": "text", "type": "labels", "value": value, **more}


def test_label_studio_annotators_cancellations_and_utf16_offsets(tmp_path: Path) -> None:
    two = [
        {"id": 8, "completed_by": 1, "result": [region(1, 3, "so", "x")]},
        {"id": 9, "completed_by": 2, "result": [region(2, 4, "so", "x", meta={"text": ["sure"]})]},
        {"id": 10, "completed_by": 3, "was_cancelled": True, "result": []},
    ]
    choice = {"id": "c", "from_name": "bias", "to_name": "text", "type": "choices", "value": {"choices": ["Biased"]}}
    tasks = [
        {"id": 1, "data": {"text": "🎉so", "outlet": "Post"}, "annotations": two},
        {"id": 2, "data": {"text": "so"}, "annotations": [{"result": [choice, {"id": "q", "type": "relation"}]}]},
        {"id": 3, "data": {"text": "so"}, "annotations": []},
    ]
    path = tmp_path / "tasks.json"
    path.write_text(json.dumps(tasks), encoding="utf-8")
    losses = Losses()
    meta = {"outlet": "Post", "article": "1"}
    span = (CueSpan(1, 3, "x"),)
    assert read_corpus(f"labelstudio:{path}", losses=losses) == [
        Document("1#8", "🎉so", span, meta | {"annotator": 1}),
        Document("1#9", "🎉so", span, meta | {"annotator": 2}, ({"meta": {"text": ["sure"]}},)),
        Document("2", "so", (), {"bias": ["Biased"]}),
    ]
    assert losses.places == {
        "cancelled annotation is left out": ["1"],
        "offsets in UTF-16 units, turned into characters": ["1#9 'so'"],
        "relation without a label isn't read": ["2 q"],
        "task without an annotation is left out": ["3"],
    }


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
    expected = (Document("train-1", "the so called", (CueSpan(4, 13, "x"),)),)
    assert tuple(read_corpus(f"hf:{tmp_path / 'one'}")) == expected
    (found,) = read_corpus(f"hf:{tmp_path / 'parts'}?split=validation")
    assert found.spans == expected[0].spans
    lists = {"start_char_offset": [0], "end_char_offset": [2], "technique": ["x"]}
    path = tmp_path / "lists.jsonl"
    path.write_text(json.dumps({"article_id": 7, "body": "so", "si": lists}) + "\n", encoding="utf-8")
    assert read_corpus(f"hf:{path}?text=body&spans=si") == [
        Document("train-1", "so", (CueSpan(0, 2, "x"),), {"article_id": 7})
    ]
    with pytest.raises(InputError, match=r"no columns 'text' and 'spans', nor .* \(columns: article_id, body, si\)"):
        read_corpus(f"hf:{path}")
    with pytest.raises(InputError, match="can't load it"):
        read_corpus(f"hf:{tmp_path / 'parts'}?split=none")


def test_inception_layers_and_entities_are_read(tmp_path: Path) -> None:
    types = cassis.TypeSystem()
    layer = types.create_type(name="webanno.custom.Cue", supertypeName="uima.tcas.Annotation")
    types.create_feature(domainType=layer, name="label", rangeType="uima.cas.String")
    types.create_feature(domainType=layer, name="Polarity", rangeType="uima.cas.String")
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = "🎉 so-called"
    cas.add(layer(begin=2, end=11, label="x", Polarity="neg"))
    cas.add(layer(begin=2, end=4))
    cas.to_xmi(tmp_path / "doc.xmi")
    types.to_xml(tmp_path / "TypeSystem.xml")
    spans = (CueSpan(2, 4, "Cue"), CueSpan(2, 11, "x"))
    expected = [Document("doc", "🎉 so-called", spans, {}, ({}, {"Polarity": "neg"}))]
    assert read_corpus(f"cas-xmi:{tmp_path}") == expected
    assert read_corpus(f"cas-xmi:{tmp_path / 'doc.xmi'}?label=Polarity")[0].spans[1].label == "neg"
    (tmp_path / "TypeSystem.xml").unlink()
    with pytest.raises(InputError, match=r"TypeSystem\.xml: no such type system; unpack the whole export"):
        read_corpus(f"cas-xmi:{tmp_path}")


def test_control_characters_can_not_stand_in_xml(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"record 'a': .*; write cas-json instead"):
        through("cas-xmi", [Document("a", "\x00")], tmp_path / "out")


@given(st.text(max_size=8).filter(lambda text: not any("\ud800" <= char <= "\udfff" for char in text)))
def test_any_id_is_a_file_name_and_back(identity: str) -> None:
    name = base.file_name(identity)
    assert name
    assert base.identity_of(name) == identity
    assert not set(name) & set('/\\:*?"<>|\0\n')
