"""Data frames: the same figures whatever the library, rows and index kept, what is missing stays missing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas
import polars
import pyarrow
import pytest

from framing.errors import InputError
from framing.integrations.frames import profile_frame, span_frame
from framing.scorer import Scorer

ROWS = {
    "outlet": ["Harbour Post", "River Times", "Harbour Post"],
    "text": ["Under the pretext of repairs the so-called truce held.", None, "The regime fell."],
}
LIBRARIES = [pandas.DataFrame, polars.DataFrame, pyarrow.table]


def columns(frame: Any) -> dict[str, list[Any]]:
    """Give a frame's columns as lists, with None for what is missing."""
    table = polars.DataFrame(frame) if isinstance(frame, pyarrow.Table) else frame
    if isinstance(table, polars.DataFrame):
        return table.to_dict(as_series=False)
    return {name: [None if pandas.isna(value) else value for value in table[name]] for name in table}


@pytest.mark.parametrize("make", LIBRARIES)
def test_figures_become_columns(make: Callable[..., Any], lexicon_scorer: Scorer) -> None:
    frame = make(ROWS)
    found = profile_frame(frame, lexicon_scorer)
    assert type(found) is type(frame)
    figures = columns(found)
    assert {name: figures[name] for name in ROWS} == ROWS
    assert (figures["words"], figures["pretext"], figures["group_label"]) == ([9, None, 3], [1, None, 0], [0, None, 1])
    assert figures["total_per_1000"] == [222.2222, None, 333.3333]
    assert len(figures) == len(ROWS) + 1 + 2 * 7


@pytest.mark.parametrize("make", LIBRARIES)
def test_cues_become_rows(make: Callable[..., Any], lexicon_scorer: Scorer) -> None:
    found = columns(span_frame(make(ROWS), lexicon_scorer, keep=["outlet"]))
    assert list(found) == ["row", "start", "end", "label", "score", "voice", "text", "outlet"]
    rows = list(zip(*(found[name] for name in ("row", "start", "end", "label", "text", "outlet")), strict=True))
    assert rows == [
        (0, 0, 20, "pretext", "Under the pretext of", "Harbour Post"),
        (0, 33, 42, "distancing", "so-called", "Harbour Post"),
        (2, 4, 10, "group_label", "regime", "Harbour Post"),
    ]


@pytest.mark.parametrize("make", LIBRARIES)
def test_whole_numbers_stay_whole_and_nothing_found_has_the_same_columns(
    make: Callable[..., Any], lexicon_scorer: Scorer
) -> None:
    kinds = polars.DataFrame(profile_frame(make({"text": ["Quiet."]}), lexicon_scorer)).schema
    assert (kinds["words"], kinds["total"], kinds["total_per_1000"]) == (polars.Int64, polars.Int64, polars.Float64)
    empty = span_frame(make({"text": ["Quiet."]}), lexicon_scorer)
    assert columns(empty) == {name: [] for name in ("row", "start", "end", "label", "score", "voice", "text")}


def test_a_pandas_index_is_kept_and_a_model_adds_expected_counts(scorer: Scorer) -> None:
    frame = pandas.DataFrame(ROWS, index=[7, 7, 9]).rename(columns={"text": "body"})
    found = profile_frame(frame, scorer, text="body")
    assert found.index.tolist() == [7, 7, 9]
    expected = [scored.profile["total"]["expected"] for scored in scorer.score_many([ROWS["text"][0], ROWS["text"][2]])]
    assert found["total_expected"].dropna().tolist() == pytest.approx(expected)


@pytest.mark.parametrize(
    ("frame", "message"),
    [
        (polars.DataFrame({"body": ["a"]}), r"no column 'text' \(columns: body\); name it by text="),
        (polars.DataFrame({"text": ["a"]}).lazy(), "LazyFrame is no data frame in memory"),
        (pandas.DataFrame({"text": ["a", 3]}), "row 1: 'text' is int, not text"),
        (pandas.DataFrame({"text": ["a"], "words": [1]}), "has columns words already"),
        (["a"], "list is no data frame in memory"),
    ],
)
def test_bad_frames_are_named(frame: Any, message: str, lexicon_scorer: Scorer) -> None:
    with pytest.raises(InputError, match=message):
        profile_frame(frame, lexicon_scorer)


@pytest.mark.parametrize("keep", ["outlet", "label"])
def test_columns_that_cannot_be_kept_are_named(keep: str, lexicon_scorer: Scorer) -> None:
    with pytest.raises(InputError, match=f"can't keep column '{keep}'"):
        span_frame(polars.DataFrame({"text": ["a"], "label": ["b"]}), lexicon_scorer, keep=[keep])
