"""Corpora as annotation tools write them: doccano, Label Studio, INCEpTION."""

from __future__ import annotations

import json
from pathlib import Path

import cassis
import pytest
from corpora_samples import through

from framing.errors import InputError
from framing.spans import CueSpan, Document
from training.corpora.base import Losses
from training.corpora.registry import corpus_faults, read_corpus


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
