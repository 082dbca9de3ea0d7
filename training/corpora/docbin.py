"""spaCy's DocBin, as `spacy train` reads it: spans under `doc.spans["sc"]`, or entities.

spaCy keeps a text only through its tokens, so that ours are cut at the ends of spans and white space is a token too.
What spaCy has no place for stands in the document's user data.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from framing.errors import InputError
from framing.spans import Document
from training.corpora.base import Format, Losses, Reading, cut, extras, load_extra

KEY: Final = "sc"
SAMPLE = 'corpus.spacy   doc.spans["sc"] = [so-called: distancing] of the text "The so-called truce"'


def read(path: Path, reading: Reading, *, key: str = KEY) -> Iterator[Document]:
    """Read a `.spacy` file; where a document has no spans under the key, its entities.

    Args:
        path: the file.
        reading: the account: spans under other keys.
        key: the key of `doc.spans`.
    """
    spacy, tokens = load_extra("spacy", "DocBin", "spacy"), load_extra("spacy.tokens", "DocBin", "spacy")
    try:
        docs = list(tokens.DocBin(store_user_data=True).from_disk(path).get_docs(spacy.blank("xx").vocab))
        asked = any(key in doc.spans for doc in docs)
        for number, doc in enumerate(docs, start=1):
            ours = json.loads(doc.user_data.get("framing", "{}"))
            more = ours.get("spans")
            identity = ours.get("id", f"{path.stem}-{number}")
            found = doc.spans.get(key, doc.ents)
            others = [name for name, group in doc.spans.items() if name != key and len(group)]
            for name in others:
                reading.losses.add(f"spans under {name!r} aren't read; ?key={name} reads them", identity)
            spans = [{"start": span.start_char, "end": span.end_char, "label": span.label_} for span in found]
            if more is not None and len(more) == len(spans):
                spans = [span | fields for span, fields in zip(spans, more, strict=True)]
            record = {"id": identity, "text": doc.text, "spans": spans}
            with reading.going_on():
                if others and not found and not asked:
                    raise InputError(
                        f"{path}, document {number}: no spans under {key!r} and no entities, but spans under "
                        f"{', '.join(others)}; name the key with ?key={others[0]}"
                    )
                yield reading.document(record | ours.get("meta", {}), f"{path}, document {number}")
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: not a DocBin ({' '.join(str(error).split())}); write it with spaCy 3") from error


def write(documents: Sequence[Document], path: Path) -> None:
    """Write a `.spacy` file."""
    spacy, tokens = load_extra("spacy", "DocBin", "spacy"), load_extra("spacy.tokens", "DocBin", "spacy")
    vocab = spacy.blank("xx").vocab
    bin_ = tokens.DocBin(store_user_data=True)
    for document in documents:
        record = document.to_record()
        pieces = _pieces(document.text, {end for span in document.spans for end in (span.start, span.end)})
        doc = tokens.Doc(vocab, words=[document.text[start:end] for start, end in pieces], spaces=[False] * len(pieces))
        starts = {start: index for index, (start, _) in enumerate(pieces)}
        ends = {end: index + 1 for index, (_, end) in enumerate(pieces)}
        doc.spans[KEY] = [
            tokens.Span(doc, starts[span.start], ends[span.end], label=span.label) for span in document.spans
        ]
        meta = {name: value for name, value in record.items() if name not in {"id", "text", "spans"}}
        more = [extras(span) for span in record["spans"]]
        # As JSON, since spaCy's own packing turns lists into tuples.
        doc.user_data["framing"] = json.dumps({"id": document.id, "meta": meta, "spans": more})
        bin_.add(doc)
    bin_.to_disk(path)


def _pieces(text: str, cuts: set[int]) -> list[tuple[int, int]]:
    """Cut a text, white space too, into words and marks, and at the ends of spans."""
    ends = {match.end() for match in re.finditer(r"\w+|\s|[^\w\s]", text)} | cuts - {0}
    return list(zip([0, *sorted(ends)], sorted(ends), strict=False))


def hold(document: Document, losses: Losses) -> Document:
    """Hold everything."""
    return cut(document, losses, form="docbin", fields=None, meta=None)


FORMAT = Format("docbin", "spaCy DocBin (spacy)", "a .spacy file", SAMPLE, read, write, hold)
