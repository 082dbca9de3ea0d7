"""`framing evaluate` refuses wrong gold and wrong predictions in one line that names the mend."""

from __future__ import annotations

import hashlib
from typing import Any

import pytest
from command_line import refusal, run
from evaluate_samples import GOLD, OURS, Write, record


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([record("x")], "pred.jsonl:1: record 'x' is not in gold; leave it out, or say --subset"),
        ([record("a"), record("a")], "pred.jsonl:2: record 'a' stands in the file twice"),
        ([record("a", text="so-called truth & <b>pretext</b>")], "has another text than gold from character 13 on"),
        ([record("a", text="so-called")], "has another text than gold from character 9 on (9 and 32 characters)"),
        ([record("a", text=None) | {"text": 3}], "pred.jsonl:1: record 'a': the text is int; it must be a string"),
        ([record("a", (30, 40, "pretext"), text=None)], "span [30, 40) of pretext runs past the text's 32 characters"),
        ([record("a", (5, 5, "pretext"))], "span [5, 5) is empty or negative"),
        ([record("a", (0, 2, ""))], "span [0, 2) has no label; give a cue type"),
        (
            [{"id": "a", "spans": [{"start": 0, "end": 2, "label": "pretext", "text": "no"}]}],
            "span [0, 2) should cover 'no' but covers 'so'; the offsets have drifted",
        ),
        (
            [
                {
                    "id": "a",
                    "text": GOLD[0]["text"],
                    "spans": [{"start": 21, "end": 99, "label": "pretext", "text": "pr"}],
                }
            ],
            "span [21, 99) of pretext runs past the text's 32 characters",
        ),
        (
            [{"id": "a", "text": GOLD[0]["text"]}],
            "pred.jsonl:1: record 'a': no field 'spans', so it is neither labelled",
        ),
        (
            [record("a", text=None, text_sha256=hashlib.sha256(b"another text").hexdigest())],
            "pred.jsonl:1: record 'a' was scored on another text than gold's (text_sha256 differs); score the very",
        ),
        (
            [record("a", text=None, profile={"words": 7})],
            "pred.jsonl:1: record 'a' was scored on a text of 7 words, but gold's has 5; score the very texts",
        ),
        ([{"spans": []}], "pred.jsonl:1: no JSON object with an id; predictions are joined to gold by id"),
        ([[1]], "pred.jsonl:1: no JSON object with an id"),
        (["{"], "pred.jsonl:1: invalid JSON"),
        ([], "pred.jsonl: holds no record of a gold document"),
    ],
)
def test_wrong_predictions_are_refused_in_one_line(write_jsonl: Write, rows: list[Any], message: str) -> None:
    gold, predicted = write_jsonl(GOLD, "gold.jsonl"), write_jsonl(rows, "pred.jsonl")
    assert message in refusal(run("evaluate", gold, predicted))


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([record("a"), record("a")], "gold.jsonl:2: record 'a' stands in the file twice"),
        (
            [record("a", text=None)],
            "gold.jsonl:1: record 'a' has no text; give records with theirs (`framing score --keep",
        ),
        (
            [{"id": "a", "text": "x"}],
            "gold.jsonl:1: record 'a': no field 'spans', so it is neither labelled nor scored",
        ),
        ([record("a", (0, 99, "pretext"))], "gold.jsonl:1: record 'a': span [0, 99) of pretext runs past"),
        ([], "gold.jsonl: the file holds no records"),
    ],
)
def test_wrong_gold_is_refused_in_one_line(write_jsonl: Write, rows: list[Any], message: str) -> None:
    gold, predicted = write_jsonl(rows, "gold.jsonl"), write_jsonl(OURS, "pred.jsonl")
    assert message in refusal(run("evaluate", gold, predicted))
