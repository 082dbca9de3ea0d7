"""The four published corpora beside their published sizes: `make bench-corpora CORPORA=../shared/corpora`.

Prints records, spans and, by reason, what the reader left out or changed; then writes the corpus in its own format
and reads that. Ends with exit code 1 where the counts are not as before (`EXPECTED`), where writing loses anything, or
where PTC's techniques, written as SI's labels, aren't among the published ones. Published sizes: PTC, Da San Martino et
al. (2020), the shared task's files; BASIL, Fan et al. (2019); BABE, Spinde et al. (2021); PolNeAR, its README (v1.0.0).
"""

from __future__ import annotations

import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

from framing.spans import Document
from training.corpora.base import Losses
from training.corpora.registry import find, parse, read_corpus

TWICE, ABSENT, INSIDE = (
    "biased word stands several times, each taken",
    "biased word isn't in the text",
    "biased word stands only inside longer words",
)
DISAGREED = "label_bias is 'No agreement'"
FRAGMENTS = "discontinuous span, covered whole; see its fragments"
MISSING = (
    "720 + 72 + 72 texts here, Breitbart's 144 are absent; a text with several annotators gives several records, "
    "and one text stands twice"
)


@dataclass(frozen=True, slots=True)
class Expected:
    """A corpus, what its reader must give, its published size, and why the two differ."""

    entry: str
    records: int
    spans: int
    published: str
    why: str = ""
    losses: dict[str, int] = field(default_factory=dict)


EXPECTED = (
    Expected("ptc:ptc/train-task-si.labels", 371, 5468, "371 articles, 5,468 spans"),
    Expected("ptc:ptc/train-labels-task-si", 371, 5468, "the same, a label file an article"),
    Expected(
        "ptc:ptc/train-task-flc-tc.labels",
        371,
        6128,
        "371 articles, 6,129 spans",
        "the released file has 6,128 lines, all read",
    ),
    Expected("ptc:ptc/dev-task-si.labels", 75, 940, "75 articles"),
    Expected("ptc:ptc/dev-task-flc-tc.labels", 75, 1063, "75 articles"),
    Expected("ptc:ptc/dev-labels-task-flc-tc", 75, 1063, "the same, a label file an article"),
    Expected(
        "basil:basil",
        300,
        1726,
        "300 articles, 1,727 spans",
        "the second release took duplicates out: 1,726, all read",
    ),
    Expected(
        "babe:babe/final_labels_SG1.csv",
        1700,
        1621,
        "1,700 sentences",
        "spans are our search for the biased words",
        {TWICE: 70, ABSENT: 3, INSIDE: 3},
    ),
    Expected(
        "babe:babe/final_labels_SG2.csv",
        3674,
        4074,
        "3,700 sentences",
        "the released file has 3,674 rows, all read",
        {TWICE: 150, ABSENT: 28, INSIDE: 7},
    ),
    Expected(
        "babe:babe/final_labels_SG1.csv?labels=sentences", 1546, 746, "1,700 sentences", "as labels", {DISAGREED: 154}
    ),
    Expected(
        "babe:babe/final_labels_SG2.csv?labels=sentences", 3673, 1810, "3,700 sentences", "as labels", {DISAGREED: 1}
    ),
    Expected(
        "brat:polnear/train",
        789,
        78507,
        "1,008 articles in all, 144 of each of 7 publishers",
        MISSING,
        {FRAGMENTS: 3140, "span's text broken over lines, joined": 3},
    ),
    Expected("brat:polnear/dev", 82, 7900, "see above", "72 texts here", {FRAGMENTS: 317}),
    Expected("brat:polnear/test", 77, 7474, "see above", "72 texts here", {FRAGMENTS: 280}),
)


def write(entry: str, documents: list[Document], folder: Path) -> tuple[list[Document], Losses]:
    """Write a corpus in its own format, and read it again."""
    form, path, options = parse(entry)
    losses = form.write(documents, folder / path.name, **options)
    text = "&".join(f"{name}={value}" for name, value in options.items())
    return read_corpus(f"{form.name}:{folder / path.name}" + (f"?{text}" if text else "")), losses


def techniques_as_spans(folder: Path, part: str) -> tuple[int, int, int]:
    """Write PTC's techniques as SI's labels; gives how many there are, how many are published, and are in both."""
    with tempfile.TemporaryDirectory() as place:
        path = Path(place) / f"{part}-task-si.labels"
        find("ptc").write(read_corpus(f"ptc:{folder / 'ptc' / f'{part}-task-flc-tc.labels'}"), path, task="si")
        made, published = (set(file.read_text().splitlines()) for file in (path, folder / "ptc" / path.name))
    return len(made), len(published), len(made & published)


def main(folder: Path) -> bool:
    """Read and write all corpora and print a block for each; tells whether each gave what it must."""
    right = True
    for expected in EXPECTED:
        name, _, path = expected.entry.partition(":")
        losses = Losses()
        start = time.perf_counter()
        found = read_corpus(entry := f"{name}:{folder / path}", losses=losses)
        seconds = time.perf_counter() - start
        spans = sum(len(document.spans) for document in found)
        texts = len({document.text for document in found})
        print(f"{expected.entry}: {len(found)} records of {texts} texts, {spans} spans ({seconds:.1f} s)")
        print(f"  published: {expected.published}" + (f"; {expected.why}" if expected.why else ""))
        for reason, count in losses.counts().items():
            print(f"  {count} x {reason}")
        with tempfile.TemporaryDirectory() as place:
            again, lost = write(entry, found, Path(place))
        same = sorted(again) == sorted(found) and not lost.counts()
        print(f"  written and read again: {'the same' if same else 'NOT THE SAME'}")
        for line in lost.lines():
            print(f"    {line}")
        if (len(found), spans, losses.counts()) != (expected.records, expected.spans, expected.losses):
            print(f"  NOT AS BEFORE: {expected.records} records, {expected.spans} spans, {expected.losses}")
            right = False
        right = right and same
    for part in ("train", "dev"):
        made, published, both = techniques_as_spans(folder, part)
        print(f"ptc {part}, techniques as SI's spans: {made}, {both} of them among the {published} published")
        right = right and made == both
    return right


if __name__ == "__main__":
    sys.exit(not main(Path(sys.argv[1])))
