from __future__ import annotations

import numpy as np
import pytest

from framing.edges import rest_of_word, whole_findings, whole_name, without_dashes
from framing.text import units


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("near Tripoli -", "near Tripoli"),
        ("– near Tripoli —", "near Tripoli"),
        ("a far-left mob", "a far-left mob"),
        ("the US- and Saudi-led", "the US- and Saudi-led"),
        ("backed by the US-", "backed by the US"),
        ("—", None),
    ],
)
def test_a_span_loses_the_dashes_at_its_ends(text: str, expected: str | None) -> None:
    cut = units(text)
    found = without_dashes(text, cut, [(0, len(cut))])
    assert [text[cut[first, 0] : cut[last - 1, 1]] for first, last in found] == ([] if expected is None else [expected])


@pytest.mark.parametrize(
    ("ranges", "rules", "expected"),
    [
        ([(1, 3)], [0, 1, 2, 2, 0], [(1, 4)]),
        ([(2, 3)], [0, 1, 2, 2, 0], [(1, 4)]),
        ([(0, 3)], [0, 1, 2, 2, 0], [(0, 3)]),  # reaches beyond the finding
        ([(1, 4)], [1, 2, 1, 2, 2], [(1, 4)]),  # two findings
        ([(0, 1), (2, 4)], [1, 2, 2, 2, 2], [(0, 5)]),  # two pieces of one finding
        ([(0, 1), (2, 4)], [1, 2, 2, 0, 0], [(0, 1), (2, 4)]),  # what it would take in is another span's
        ([(0, 2), (3, 4)], [0, 1, 2, 2, 0], [(0, 2), (3, 4)]),
        ([(1, 2)], [0, 0, 0], [(1, 2)]),
        ([], [0, 1, 2], []),
    ],
)
def test_a_span_inside_a_finding_of_the_rules_takes_its_edges(
    ranges: list[tuple[int, int]], rules: list[int], expected: list[tuple[int, int]]
) -> None:
    _, whole = whole_findings(ranges, np.array(rules), np.ones(len(rules), dtype=np.float32))
    assert whole == expected


def test_of_two_pieces_of_a_finding_the_surer_one_gives_the_score() -> None:
    present = np.array([0.5, 0.1, 0.9], dtype=np.float32)
    assert whole_findings([(0, 1), (2, 3)], np.array([1, 2, 2]), present) == ([(2, 3)], [(0, 3)])


def test_words_and_names_are_whole() -> None:
    assert rest_of_word("the Kurdish-led force", 12) == 15
    assert rest_of_word("the force", 9) == 9
    assert whole_name("the United States-led forces", 11) == 4
