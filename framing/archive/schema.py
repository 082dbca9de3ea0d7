"""The columns of the tables, version 1; docs/archive.md explains each."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Final

import pyarrow as pa

from framing.io.jsonl import BadRecord
from framing.scorer import ScoredDocument
from framing.spans import VOICES, CueSpan, Designation, text_sha256
from framing.text import sentences

SCHEMA_VERSION: Final = 1

_VOICE: Final = pa.struct([("count", pa.int32()), ("per_1000", pa.float64())])
_CUE: Final = pa.struct(
    [
        ("count", pa.int32()),
        ("expected", pa.float64()),
        ("per_1000", pa.float64()),
        *((voice, _VOICE) for voice in VOICES),
    ]
)
_PLACE: Final = [("source", pa.string()), ("position", pa.int64()), ("id", pa.string())]
_DAY: Final = re.compile(r"(\d{4})(?:(\d\d)(\d\d)|([-/.])(\d\d?)\4(\d\d?))(?!\d)")
_YEAR: Final = re.compile(r"([12]\d{3})(?:$|[-/.]\d)|\d\d?([-/.])\d\d?\2([12]\d{3})(?!\d)")


def article_schema(cues: Sequence[str]) -> pa.Schema:
    """Give the columns of `articles`: a row for each record, scored or skipped, and a struct for each cue type."""
    about = [("outlet", pa.string()), ("date", pa.date32()), ("date_text", pa.string()), ("year", pa.int32())]
    about += [("title", pa.string()), ("language", pa.string()), ("words", pa.int32()), ("text_sha256", pa.string())]
    about += [("status", pa.string()), ("reason", pa.string())]
    return pa.schema([*_PLACE, *about, *((cue, _CUE) for cue in cues), ("total", _CUE)])


def span_schema() -> pa.Schema:
    """Give the columns of `spans`: a row for each cue."""
    designation = [f"designation_{name}" for name in ("kind", "authority", "target", "source")]
    return pa.schema(
        [
            *_PLACE,
            ("start", pa.int64()),
            ("end", pa.int64()),
            ("label", pa.string()),
            ("score", pa.float64()),
            ("voice", pa.string()),
            ("voice_score", pa.float64()),
            ("text", pa.string()),
            ("sentence", pa.string()),
            *((name, pa.string()) for name in designation),
        ]
    )


def skipped_schema() -> pa.Schema:
    """Give the columns of `skipped`: a row for each record that wasn't scored."""
    return pa.schema([*_PLACE, ("kind", pa.string()), ("reason", pa.string())])


def signature_schema() -> pa.Schema:
    """Give the columns of `signatures`, from which near-duplicates are found at the end."""
    return pa.schema([*_PLACE, ("signature", pa.binary())])


def article_row(place: tuple[str, int], scored: ScoredDocument, language: str | None) -> dict[str, Any]:
    """Make the row of a scored article."""
    figures = scored.profile
    row = _about(place, scored.id, scored.document.meta) | {"language": language}
    row |= {"words": figures["words"], "text_sha256": text_sha256(scored.text), "status": "scored"}
    return row | {name: _cue(cue) for name, cue in figures["cues"].items()} | {"total": _cue(figures["total"])}


def skipped_rows(place: tuple[str, int], bad: BadRecord, language: str | None) -> tuple[dict[str, Any], dict[str, Any]]:
    """Make the rows of a skipped record in `articles` and in `skipped`."""
    reason = clean(bad.reason)
    article = _about(place, bad.id, bad.fields) | {"language": language, "status": "skipped", "reason": reason}
    keys = {"source": article["source"], "position": place[1], "id": article["id"]}
    return article, keys | {"kind": bad.kind, "reason": reason}


def span_rows(place: tuple[str, int], scored: ScoredDocument) -> list[dict[str, Any]]:
    """Make the rows of an article's cues, each with the sentences that it lies in."""
    text = scored.text
    bounds = sentences(text) if scored.spans else []
    return [
        {
            "source": clean(place[0]),
            "position": place[1],
            "id": scored.id,
            "start": span.start,
            "end": span.end,
            "label": span.label,
            "score": span.score,
            "voice": span.voice,
            "voice_score": span.voice_score,
            "text": text[span.start : span.end],
            "sentence": _around(text, bounds, span),
            **_designation(text, span.designation),
        }
        for span in scored.spans
    ]


def _about(place: tuple[str, int], identity: str, meta: Any) -> dict[str, Any]:
    given = meta.get("date")
    day = read_date(given)
    row = {"source": clean(place[0]), "position": place[1], "id": clean(identity)}
    row |= {name: _text(meta.get(name)) for name in ("outlet", "title")}
    return row | {"date": day, "date_text": _text(given), "year": day.year if day else read_year(given)}


def _cue(figures: dict[str, Any]) -> dict[str, Any]:
    return {"expected": None, **figures, **figures["voices"]}


def _around(text: str, bounds: Sequence[tuple[int, int]], span: CueSpan) -> str:
    touched = [(start, end) for start, end in bounds if start < span.end and span.start < end]
    return text[touched[0][0] : touched[-1][1]] if touched else text[span.start : span.end]


def _designation(text: str, found: Designation | None) -> dict[str, str | None]:
    if found is None:
        return {}
    ends = {"designation_target": found.target, "designation_source": found.source}
    words = {name: place and text[place[0] : place[1]] for name, place in ends.items()}
    return {"designation_kind": found.kind, "designation_authority": found.authority, **words}


def _text(value: Any) -> str | None:
    return None if value is None else clean(str(value))


def clean(text: str) -> str:
    """Give a text as Parquet can hold it: halves of surrogate pairs are escaped."""
    return text.encode("utf-8", "backslashreplace").decode()


def read_date(value: Any) -> date | None:
    """Read a date: a date or time, ISO 8601 (also with `/`, `.` or nothing between, anything after the day), RFC 2822.

    Returns:
        The day as it is written, in its own time zone; None for anything else, for no other form is unambiguous.
    """
    if isinstance(value, datetime):
        return value.date()
    if isinstance(value, date):
        return value
    if isinstance(value, int | float) and not isinstance(value, bool) and value > 1e8:  # seconds or milliseconds
        try:
            return datetime.fromtimestamp(value / (1000 if value > 1e11 else 1), UTC).date()
        except (OverflowError, OSError, ValueError):
            return None
    text = _written(value)
    if text is None:
        return None
    try:
        if found := _DAY.match(text):
            year, month, day = (part for part in found.group(1, 2, 3, 5, 6) if part)
            return date(int(year), int(month), int(day))
        return parsedate_to_datetime(text).date()
    except (ValueError, TypeError, OverflowError):
        return None


def read_year(value: Any) -> int | None:
    """Read the year of a date that tells no day for certain: `2019`, `2019-01`, `05/01/2019`; None where none is."""
    found = _YEAR.match(_written(value) or "")
    return int(found[1] or found[3]) if found else None


def _written(value: Any) -> str | None:
    """Give a date as text: `2019` and `20190105` are written as numbers, too, and 2019.0 where others are missing."""
    if isinstance(value, str):
        return value.strip()
    whole = isinstance(value, int) or (isinstance(value, float) and value.is_integer())
    return str(int(value)) if whole and not isinstance(value, bool) else None
