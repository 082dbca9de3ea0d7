"""INCEpTION's UIMA CAS, in XMI or JSON, through `dkpro-cassis`.

UIMA counts UTF-16 units; cassis turns them into code points. Read are INCEpTION's span layers of one's own
(`webanno.custom.*`, `custom.*`) and its named entities; a label is a layer's `label` or `value`. Written is the layer
`custom.Span`, which every INCEpTION project has.

INCEpTION writes the document's name as `documentTitle` and the annotator as `documentId`; so do we. Several annotators'
exports of one document give a record each, whose fields `article` and `annotator` tell which.
"""

from __future__ import annotations

import json
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, extras, file_name, identity_of, load_extra

INSTALL: Final = "dkpro-cassis"
TITLE: Final = "de.tudarmstadt.ukp.dkpro.core.api.metadata.type.DocumentMetaData"
ENTITY: Final = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
LAYER: Final = "custom.Span"
TYPES: Final = "TypeSystem.xml"
_OWN: Final = frozenset({"begin", "end", "sofa", "label", "value", "framing"})
SAMPLE_XMI = 'x.xmi            <custom:Span begin="4" end="13" label="distancing"/> ...\nTypeSystem.xml   the layers'
SAMPLE_JSON = 'x.json   {"%TYPES": ..., "%FEATURE_STRUCTURES": [{"%TYPE": "custom.Span", "begin": 4, "end": 13, ...}]}'


def _reader(ending: str) -> Callable[..., Iterator[Document]]:
    def read(path: Path, reading: Reading, *, layer: str = "", label: str = "") -> Iterator[Document]:
        cassis = load_extra("cassis", "UIMA CAS", INSTALL)
        files = sorted(path.rglob(f"*{ending}")) if path.is_dir() else [path]
        found = []
        for file in files:
            with reading.going_on(str(file)):
                with file.open("rb") as stream, warnings.catch_warnings():
                    warnings.simplefilter("error")  # cassis warns of offsets past the end
                    try:
                        if ending == ".json":
                            cas = cassis.load_cas_from_json(stream)
                        else:
                            cas = cassis.load_cas_from_xmi(stream, typesystem=_types(cassis, file))
                    except (OSError, InputError):
                        raise
                    except Exception as error:  # cassis and lxml raise many kinds
                        reason = " ".join(str(error).split()) or type(error).__name__
                        raise InputError(f"{file}: can't read the CAS ({reason}); export it again") from error
                found.append((file, _record(cas, file, layer, label, reading)))
        titles = Counter(record["id"] for _, record in found)
        for file, record in found:
            with reading.going_on():
                yield reading.document(_by_annotator(record) if titles[record["id"]] > 1 else record, str(file))

    return read


def _by_annotator(record: dict[str, Any]) -> dict[str, Any]:
    """Tell apart the records of one document."""
    if "annotator" not in record:
        return record
    return {**record, "id": f"{record['id']}#{record['annotator']}", "article": record.get("article", record["id"])}


def _types(cassis: Any, file: Path) -> Any:
    types = file.with_name(TYPES)
    if not types.exists():
        raise InputError(f"{types}: no such type system; unpack the whole export, {TYPES} lies beside the .xmi")
    with types.open("rb") as stream:
        return cassis.load_typesystem(stream)


def _record(cas: Any, file: Path, layer: str, label: str, reading: Reading) -> dict[str, Any]:
    identity, meta, spans = identity_of(file.stem), {}, []
    for found in cas.select_all_annotations():
        kind = found.type.name
        features = {item.name: found[item.name] for item in found.type.all_features}
        if kind == TITLE:
            title, annotator = features.get("documentTitle"), features.get("documentId")
            identity = title or annotator or identity
            meta = {"annotator": annotator} if annotator and annotator != identity else {}
            meta |= json.loads(features.get("framing") or "{}")
        elif kind == layer if layer else kind == ENTITY or kind.startswith(("webanno.custom.", "custom.")):
            if "begin" not in features or found.begin is None or "Governor" in features:
                reading.losses.add(f"{kind.rpartition('.')[2]} is no span, and isn't read", file.name)
                continue
            name = features.get(label) or features.get("label") or features.get("value")
            if not name:
                reading.losses.add("span without a label; its layer's name stands for it", f"{file.name} {kind}")
            rest = {key: value for key, value in features.items() if key not in _OWN and _is_plain(value)}
            fields = rest | json.loads(features.get("framing") or "{}")
            span = {"start": found.begin, "end": found.end, "label": name or kind.rpartition(".")[2]}
            if span["start"] == span["end"]:
                reading.losses.add("span without characters is left out", f"{file.name} at {found.begin}")
                continue
            spans.append(span | fields)
    return {"id": identity, "text": cas.sofa_string or "", "spans": spans, **meta}


def _is_plain(value: Any) -> bool:
    return value is not None and isinstance(value, str | int | float | bool)


def _writer(ending: str) -> Callable[[Sequence[Document], Path], None]:
    def write(documents: Sequence[Document], path: Path) -> None:
        cassis = load_extra("cassis", "UIMA CAS", INSTALL)
        path.mkdir(parents=True, exist_ok=True)
        types = cassis.TypeSystem()
        layer = types.create_type(name=LAYER, supertypeName="uima.tcas.Annotation")
        title = types.create_type(name=TITLE, supertypeName="uima.tcas.DocumentAnnotation")
        features = {layer: ("label", "voice", "framing"), title: ("documentTitle", "documentId", "framing")}
        for kind, name in ((kind, name) for kind, names in features.items() for name in names):
            types.create_feature(domainType=kind, name=name, rangeType="uima.cas.String")
        for document in documents:
            cas = cassis.Cas(typesystem=types)
            cas.sofa_string, cas.sofa_mime = document.text, "text/plain"
            record = document.to_record()
            meta = {key: value for key, value in record.items() if key not in {"id", "text", "spans"}}
            names = {"documentTitle": document.id}
            if document.id and isinstance(meta.get("annotator"), str):
                names["documentId"] = meta["annotator"]
            cas.add(title(begin=0, end=len(document.text), **names, framing=json.dumps(meta)))
            for span in record["spans"]:
                fields = extras(span)
                voice = fields.pop("voice", None)
                rest = json.dumps(fields) if fields else None
                cas.add(layer(begin=span["start"], end=span["end"], label=span["label"], voice=voice, framing=rest))
            file = path / f"{file_name(document.id)}{ending}"
            try:
                (cas.to_json if ending == ".json" else cas.to_xmi)(file)
            except ValueError as error:  # control characters in XML
                raise InputError(f"{file}: record {document.id!r}: {error}; write cas-json instead") from error
        if ending != ".json":
            types.to_xml(path / TYPES)

    return write


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything."""
    return cut(document, losses, form="cas", fields=None, meta=None)


PATH = "a file, or a folder of them"
XMI = Format(
    "cas-xmi", "INCEpTION, UIMA CAS XMI (dkpro-cassis)", PATH, SAMPLE_XMI, _reader(".xmi"), _writer(".xmi"), hold
)
JSON = Format(
    "cas-json", "INCEpTION, UIMA CAS JSON (dkpro-cassis)", PATH, SAMPLE_JSON, _reader(".json"), _writer(".json"), hold
)
