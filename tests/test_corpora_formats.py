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
        "relation isn't read: it is no labelled span of the text": ["2 q"],
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


def inception(folder: Path, name: str, title: str, annotator: str, text: str, **features: str) -> None:
    """Write an export as INCEpTION does, with one `webanno.custom.Bias` over the text and one named entity."""
    types = cassis.TypeSystem()
    meta = types.create_type(
        name="de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData",
        supertypeName="uima.tcas.DocumentAnnotation",
    )
    layer = types.create_type(name="webanno.custom.Bias", supertypeName="uima.tcas.Annotation")
    entity = types.create_type(
        name="de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity", supertypeName="uima.tcas.Annotation"
    )
    for kind, feature in ((meta, "documentTitle"), (meta, "documentId"), (layer, "technique"), (entity, "value")):
        types.create_feature(domainType=kind, name=feature, rangeType="uima.cas.String")
    cas = cassis.Cas(typesystem=types)
    cas.sofa_string = text
    cas.add(meta(begin=0, end=len(text), documentTitle=title, documentId=annotator))
    cas.add(layer(begin=0, end=len(text), **features))
    cas.add(entity(begin=0, end=1, value="PER"))
    cas.to_json(folder / name)


def test_inception_documents_go_by_their_title_and_annotators_apart(tmp_path: Path) -> None:
    inception(tmp_path, "1.json", "one.txt", "ana", "so")
    inception(tmp_path, "2.json", "two.txt", "ana", "no")
    inception(tmp_path, "3.json", "two.txt", "ben", "no")
    found = read_corpus(f"cas-json:{tmp_path}")
    assert [(document.id, document.meta) for document in found] == [
        ("one.txt", {"annotator": "ana"}),
        ("two.txt#ana", {"annotator": "ana", "article": "two.txt"}),
        ("two.txt#ben", {"annotator": "ben", "article": "two.txt"}),
    ]
    assert through("cas-json", found, tmp_path / "again") == (found, Losses())
    written = (tmp_path / "again" / "one.txt.json").read_text(encoding="utf-8")
    assert '"documentTitle": "one.txt"' in written
    assert '"documentId": "ana"' in written


def test_inception_labels_of_other_layers_and_layers_without_one(tmp_path: Path) -> None:
    inception(tmp_path, "1.json", "one.txt", "ana", "so", technique="loaded")
    (found,) = read_corpus(f"cas-json:{tmp_path}?label=technique")
    assert [span.label for span in found.spans] == ["PER", "loaded"]
    losses = Losses()
    (found,) = read_corpus(f"cas-json:{tmp_path}", losses=losses)
    assert [span.label for span in found.spans] == ["PER", "Bias"]
    assert losses.places == {"span without a label; its layer's name stands for it": ["1.json webanno.custom.Bias"]}


@pytest.mark.parametrize("column", [[{"start": 0, "end": 3, "label": "old"}], "zz", [1]])
def test_annotations_win_over_columns_named_as_a_records_own(column: object, tmp_path: Path) -> None:
    path = tmp_path / "export"
    data = {"id": "a", "body": "so it is", "text": "other", "spans": column}
    expected = [Document("a", "so it is", (CueSpan(3, 5, "x"),))]
    choice = {"id": "c", "from_name": "text", "to_name": "t", "type": "choices", "value": {"choices": ["Biased"]}}
    tasks = [{"id": 1, "data": data, "annotations": [{"result": [region(3, 5, "it", "x"), choice]}]}]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    losses = Losses()
    assert read_corpus(f"labelstudio:{path}?text_field=body", losses=losses) == expected
    lost = "field {!r} beside the record's own isn't read".format
    assert losses.places == {lost("text"): ["a", "a"], lost("spans"): ["a"]}
    path.write_text(json.dumps(data | {"label": [[3, 5, "x"]], "entities": [1]}), encoding="utf-8")
    losses = Losses()
    assert read_corpus(f"doccano:{path}?text_field=body", losses=losses) == expected
    assert losses.places == {
        "field 'entities' beside the labels isn't read": ["a"],
        lost("text"): ["a"],
        lost("spans"): ["a"],
    }


def test_doccano_texts_under_data(tmp_path: Path) -> None:
    path = tmp_path / "all.jsonl"
    path.write_text(
        '{"id": 1, "data": "so-called", "label": [[0, 9, "x"]]}\n{"id": 2, "body": "so"}\n', encoding="utf-8"
    )
    fault = f"{path}:2: no text; its keys are id, body: name the text's with ?text_field=KEY"
    assert corpus_faults([f"doccano:{path}"], ["x"]) == [fault]
    path.write_text('{"id": 1, "data": "so-called", "label": [[0, 9, "x"]]}\n', encoding="utf-8")
    assert read_corpus(f"doccano:{path}") == [Document("1", "so-called", (CueSpan(0, 9, "x"),))]


def labelstudio(path: Path, text: str, *results: dict[str, object]) -> tuple[list[Document], Losses]:
    tasks = [{"id": 1, "data": {"text": text}, "annotations": [{"result": results}]}]
    path.write_text(json.dumps(tasks), encoding="utf-8")
    losses = Losses()
    return read_corpus(f"labelstudio:{path}", losses=losses), losses


@pytest.mark.parametrize(("text", "shift"), [("a truce\nis held", 0), ("🎉 truce\r\nis held", 1)])
def test_label_studio_writes_line_ends_with_a_backslash(text: str, shift: int, tmp_path: Path) -> None:
    start, end = text.index("truce"), text.index("is") + 2
    shown = text[start:end].replace("\r", "\\n").replace("\n", "\\n")
    assert "\\n" in shown
    (found,), losses = labelstudio(tmp_path / "a.json", text, region(start, end, shown, "x"))
    assert (found.spans, losses.counts()) == ((CueSpan(start, end, "x"),), {})
    (found,), losses = labelstudio(tmp_path / "a.json", text, region(start + shift, end + shift, shown, "x"))
    assert found.spans == (CueSpan(start, end, "x"),)
    assert len(losses.places) == shift


def test_label_studio_regions_of_pages_and_what_is_no_region(tmp_path: Path) -> None:
    def page(start: int, text: str) -> dict[str, object]:
        ends = {"start": start, "end": start + len(text)}
        value = {"start": "/p[1]", "end": "/p[1]", "globalOffsets": ends, "text": text, "hypertextlabels": ["x"]}
        return {"id": "h", "type": "hypertextlabels", "value": value}

    empty = {"id": "e", "type": "labels", "value": {"start": 0, "end": 1, "text": "a"}}
    note = {"id": "n", "type": "textarea", "value": {"text": ["hm"]}}
    (found,), losses = labelstudio(tmp_path / "a.json", "a truce", page(2, "truce"), page(3, "truce"), empty, note)
    assert found.spans == (CueSpan(2, 7, "x"),)
    assert losses.places == {
        "region of an HTML page isn't read: its offsets don't fit the text": ["1 h"],
        "region without a label isn't read": ["1 e"],
        "textarea isn't read: it is no labelled span of the text": ["1 n"],
    }


@pytest.mark.parametrize(
    ("task", "fault"),
    [
        (
            {"data": {"body": "so"}, "annotations": []},
            "no 'text' that is text; the keys of its data are body: name one ",
        ),
        ({"data": {"text": ["so"]}, "annotations": []}, "no 'text' that is text; the keys of its data are text: name "),
        (
            {"data": {}, "annotations": []},
            "no 'text' that is text; the keys of its data are none: name one with ?text_f",
        ),
        ({"data": "so", "annotations": []}, "no 'data'; export the project as JSON (not JSON-MIN)"),
        (7, "no 'data'; export the project as JSON (not JSON-MIN)"),
        ({"data": {"text": "so"}, "annotations": [7]}, "annotation 7 has no list of regions; export the project again"),
        (
            {"data": {"text": "so"}, "annotations": [{"result": [7]}]},
            "annotation {'result': [7]} has no list of regions",
        ),
    ],
)
def test_odd_tasks_of_label_studio(task: object, fault: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps([task]), encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_corpus(f"labelstudio:{path}")
    assert str(caught.value).startswith(f"{path}, task 1: {fault}")


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
