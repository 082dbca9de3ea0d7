"""Data frames of articles, in pandas, Polars or PyArrow: figures as columns, cues as rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from framing.errors import InputError, MissingExtraError
from framing.scorer import ScoredDocument, Scorer
from framing.spans import Document

try:
    import narwhals as nw
    from narwhals.typing import IntoDataFrameT
except ImportError as error:
    raise MissingExtraError("data frames need narwhals: run `pip install 'framing[frames]'`") from error

_SPAN_COLUMNS: dict[str, Any] = {
    "row": nw.Int64,
    "start": nw.Int64,
    "end": nw.Int64,
    "label": nw.String,
    "score": nw.Float64,
    "voice": nw.String,
    "text": nw.String,
}


def profile_frame(frame: IntoDataFrameT, scorer: Scorer, *, text: str = "text") -> IntoDataFrameT:
    """Add each article's figures to a data frame.

    Args:
        frame: a row an article; pandas, Polars or PyArrow.
        scorer: what `framing.load` gave.
        text: the column of texts.

    Returns:
        A frame of the same kind, rows and index, with the columns `words`, and for each cue type and `total` a count
        (`pretext`), a rate (`pretext_per_1000`) and, where the model knows it, `pretext_expected`. Where the text is
        missing, so are the figures.

    Raises:
        InputError: no such column, a text that is none, a lazy frame, or a column that has the name of a figure.
    """
    table, texts = _read(frame, text)
    rows: list[dict[str, Any] | None] = [None] * len(texts)
    for scored in _scored(scorer, texts):
        rows[int(scored.id)] = _flat(scored.profile)
    names = list(_flat(next(scorer.score_many([""])).profile))
    if taken := [name for name in names if name in table.columns]:
        raise InputError(f"the frame has columns {', '.join(taken)} already; rename or drop them first")
    missing = None in rows and table.implementation.is_pandas_like()  # there a whole number can't be missing
    figures = [
        nw.new_series(
            name,
            [None if row is None else row[name] for row in rows],
            nw.Float64 if missing or name.endswith(("_per_1000", "_expected")) else nw.Int64,
            backend=table.implementation,
        )
        for name in names
    ]
    with_figures: IntoDataFrameT = table.with_columns(*figures).to_native()
    return with_figures


def span_frame(
    frame: IntoDataFrameT, scorer: Scorer, *, text: str = "text", keep: Sequence[str] = ()
) -> IntoDataFrameT:
    """List the cues of a data frame's articles.

    Args:
        frame: a row an article; pandas, Polars or PyArrow.
        scorer: what `framing.load` gave.
        text: the column of texts.
        keep: columns to repeat beside each cue, such as `outlet`.

    Returns:
        A frame of the same kind, a row a cue: `row` (the article's, from 0), `start` and `end` (code points, end
        exclusive), `label`, `score`, `voice`, `text`, then the kept columns.

    Raises:
        InputError: no such column, a text that is none, a lazy frame, or a kept column that has one of these names.
    """
    table, texts = _read(frame, text)
    for name in keep:
        if name not in table.columns or name in _SPAN_COLUMNS:
            raise InputError(f"can't keep column {name!r}: the frame has no such column, or it is a name of ours")
    found: dict[str, list[Any]] = {name: [] for name in _SPAN_COLUMNS}
    for scored in _scored(scorer, texts):
        for span in scored.spans:
            for name in ("start", "end", "label", "score", "voice"):
                found[name].append(getattr(span, name))
            found["row"].append(int(scored.id))
            found["text"].append(scored.text[span.start : span.end])
    kinds, backend = _SPAN_COLUMNS, table.implementation
    spans = nw.from_dict(found, schema=kinds, backend=backend)
    kept = [table[name][found["row"]].to_frame() for name in keep]
    rows: IntoDataFrameT = nw.concat([spans, *kept], how="horizontal").to_native()
    return rows


def _read(frame: Any, text: str) -> tuple[nw.DataFrame[Any], list[Any]]:
    try:
        table = nw.from_native(frame, eager_only=True)
    except TypeError as error:
        raise InputError(f"{type(frame).__name__} is no data frame in memory; collect a lazy one first") from error
    if text not in table.columns:
        raise InputError(f"no column {text!r} (columns: {', '.join(table.columns)}); name it by text=")
    texts = table[text].to_list()
    absent = table[text].is_null().to_list()
    for number, (value, gone) in enumerate(zip(texts, absent, strict=True)):
        if not gone and not isinstance(value, str):
            raise InputError(f"row {number}: {text!r} is {type(value).__name__}, not text; convert the column first")
    return table, [None if gone else value for value, gone in zip(texts, absent, strict=True)]


def _scored(scorer: Scorer, texts: Sequence[str | None]) -> Iterator[ScoredDocument]:
    return scorer.score_many(Document(str(row), value) for row, value in enumerate(texts) if value is not None)


def _flat(profile: dict[str, Any]) -> dict[str, float]:
    flat: dict[str, float] = {"words": profile["words"]}
    for name, figures in (*profile["cues"].items(), ("total", profile["total"])):
        flat[name] = figures["count"]
        flat[f"{name}_per_1000"] = figures["per_1000"]
        if "expected" in figures:
            flat[f"{name}_expected"] = figures["expected"]
    return flat
