"""The four real corpora, where they are at hand (`CORPORA=../shared/corpora`): nothing is lost without a reason.

`benchmarks/corpora.py` prints the same figures beside the published sizes.
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from training.corpora.base import Losses
from training.corpora.registry import read_corpus

CORPORA = Path(os.environ.get("CORPORA", Path(__file__).parents[2] / "shared" / "corpora"))
TWICE, ABSENT, INSIDE = (
    "biased word stands several times, each taken",
    "biased word isn't in the text",
    "biased word stands only inside longer words",
)
FRAGMENTS = "discontinuous span, covered whole; see its fragments"


@pytest.mark.skipif(not CORPORA.is_dir(), reason="the corpora belong to their publishers; name their folder by CORPORA")
@pytest.mark.parametrize(
    ("name", "path", "records", "spans", "losses"),
    [
        ("ptc", "ptc/train-task-si.labels", 371, 5468, {}),
        ("ptc", "ptc/train-labels-task-si", 371, 5468, {}),
        ("ptc", "ptc/train-task-flc-tc.labels", 371, 6128, {}),
        ("ptc", "ptc/dev-task-si.labels", 75, 940, {}),
        ("ptc", "ptc/dev-labels-task-flc-tc", 75, 1063, {}),
        ("basil", "basil", 300, 1726, {}),
        ("babe", "babe/final_labels_SG1.csv", 1700, 1621, {TWICE: 70, ABSENT: 3, INSIDE: 3}),
        ("babe", "babe/final_labels_SG2.csv", 3674, 4074, {TWICE: 150, ABSENT: 28, INSIDE: 7}),
        ("brat", "polnear/dev", 82, 7900, {FRAGMENTS: 317}),
        ("brat", "polnear/test", 77, 7474, {FRAGMENTS: 280}),
        ("brat", "polnear/train", 789, 78507, {FRAGMENTS: 3140, "span's text broken over lines, joined": 3}),
    ],
)
def test_every_record_and_span_is_read(name: str, path: str, records: int, spans: int, losses: dict[str, int]) -> None:
    account = Losses()
    found = read_corpus(f"{name}:{CORPORA / path}", losses=account)
    assert (len(found), sum(len(document.spans) for document in found)) == (records, spans)
    assert account.counts() == losses
