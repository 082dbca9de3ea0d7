"""The output folder of `framing archive` as scored articles."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from framing.errors import InputError, needs_extra
from framing.estimate.inputs import Scored, value_of
from framing.evaluate.columns import FloatArray


def read_folder(folder: Path, fields: Sequence[str], wanted: Sequence[str]) -> Scored:
    """Read the tables `articles` and, for the articles that are wanted, `spans`; see `read_scored`."""
    with needs_extra(f"{folder}: to read an archive needs", "archive"):
        import pyarrow as arrow
        import pyarrow.compute as compute
        import pyarrow.dataset as data
    for name in ("articles", "spans"):
        if not (folder / name).is_dir():
            raise InputError(f"{folder}: no folder {name!r} in it; give the folder that `framing archive` wrote")
    try:
        articles = data.dataset(folder / "articles", format="parquet", partitioning="hive")
        spans = data.dataset(folder / "spans", format="parquet", partitioning="hive")
        schema = articles.schema
        cues = [column.name for column in schema if arrow.types.is_struct(column.type) and column.name != "total"]
        about = [name for name in dict.fromkeys([*fields, "date"]) if name in schema.names]
        # Column by column, so that an archive of millions keeps its numbers as arrays.
        columns = {name: compute.field(name) for name in ("id", "words", "status", *about)}
        for cue in cues:
            columns |= {f"{cue}/{name}": compute.field(cue, name) for name in ("count", "expected")}
        table = articles.to_table(columns=columns)
        chosen = spans.to_table(
            columns=["id", "start", "end", "label", "text"],
            filter=compute.field("id").isin(arrow.array(wanted, arrow.string())),
        )
        score = compute.field("score")
        columns = {"id": compute.field("id"), "label": compute.field("label"), "score": score}
        said = spans.to_table(columns={**columns, "doubt": score * (compute.scalar(1.0) - score)})
    except (arrow.ArrowInvalid, arrow.ArrowKeyError, OSError) as error:
        reason = str(error).strip().splitlines()[0]
        raise InputError(f"{folder}: no tables of `framing archive` ({reason}); score the archive again") from error
    digests: dict[str, str] = {}
    if "text_sha256" in schema.names:  # which archives of earlier versions lack
        asked = compute.field("id").isin(arrow.array(wanted, arrow.string()))
        texts = articles.to_table(columns=["id", "text_sha256"], filter=asked).to_pylist()
        digests = {row["id"]: row["text_sha256"] for row in texts if row["text_sha256"]}
    skipped = table.filter(compute.field("status") == "skipped")["id"].to_pylist()
    table = table.filter(compute.field("status") != "skipped")
    by_id: dict[str, list[dict[str, Any]]] = {}
    for row in chosen.to_pylist():
        by_id.setdefault(row.pop("id"), []).append(row)
    expected = _matrix(table, cues, "expected")
    told = not np.isnan(expected).any()
    ids = table["id"].to_pylist()
    sure, doubt = _by_article(said, ids, cues)
    about_rows = table.select(about).to_pylist()
    return Scored(
        str(folder),
        cues,
        ids,
        np.asarray(table["words"].to_numpy(), dtype=np.float64),
        _matrix(table, cues, "count"),
        expected if told else None,
        doubt + np.abs(expected - sure) if told else None,
        {name: [value_of(row, name) for row in about_rows] for name in fields},
        by_id,
        frozenset(skipped),
        digests,
    )


def _matrix(table: Any, cues: Sequence[str], name: str) -> FloatArray:
    columns = [np.asarray(table[f"{cue}/{name}"].to_numpy(), dtype=np.float64) for cue in cues]
    return np.stack(columns, axis=1)


def _by_article(said: Any, ids: Sequence[str], cues: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Add up the scores of found cues, and their variances, by article and type: [articles, cues] each."""
    place = {identity: row for row, identity in enumerate(ids)}
    sums = np.zeros((2, len(ids), len(cues)))
    grouped = said.group_by(["id", "label"]).aggregate([("score", "sum"), ("doubt", "sum")])
    for row in grouped.to_pylist():
        if row["id"] in place and row["label"] in cues:
            sums[:, place[row["id"]], cues.index(row["label"])] = row["score_sum"] or 0.0, row["doubt_sum"] or 0.0
    return sums[0], sums[1]
