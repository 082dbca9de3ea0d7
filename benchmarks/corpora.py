"""The four published corpora beside their published sizes: `make bench-corpora CORPORA=../shared/corpora`.

Prints records, spans and, by reason, what the reader left out or changed. Published sizes: PTC, Da San Martino et al.
(2020), the shared task's files; BASIL, Fan et al. (2019); BABE, Spinde et al. (2021); PolNeAR, its README (v1.0.0).
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

from training.corpora.base import Losses
from training.corpora.registry import read_corpus

MISSING = (
    "720 + 72 + 72 texts here, Breitbart's 144 are absent; a text with several annotators gives several records, "
    "and one text stands twice"
)
# corpus, its published size, and why ours differs
PUBLISHED = {
    "ptc:ptc/train-task-si.labels": ("371 articles, 5,468 spans", ""),
    "ptc:ptc/train-task-flc-tc.labels": ("371 articles, 6,129 spans", "the released file has 6,128 lines, all read"),
    "ptc:ptc/dev-task-si.labels": ("75 articles", ""),
    "ptc:ptc/dev-task-flc-tc.labels": ("75 articles", ""),
    "basil:basil": ("300 articles, 1,727 spans", "the second release took duplicates out: 1,726, all read"),
    "babe:babe/final_labels_SG1.csv": ("1,700 sentences", "spans are our search for the biased words"),
    "babe:babe/final_labels_SG2.csv": ("3,700 sentences", "the released file has 3,674 rows, all read"),
    "brat:polnear/train": ("1,008 articles in all, 144 of each of 7 publishers", MISSING),
    "brat:polnear/dev": ("see above", "72 texts here"),
    "brat:polnear/test": ("see above", "72 texts here"),
}


def main(folder: Path) -> None:
    """Read all corpora and print a block for each."""
    for entry, (size, why) in PUBLISHED.items():
        name, _, path = entry.partition(":")
        losses = Losses()
        start = time.perf_counter()
        found = read_corpus(f"{name}:{folder / path}", losses=losses)
        spans = sum(len(document.spans) for document in found)
        texts = len({document.text for document in found})
        print(f"{entry}: {len(found)} records of {texts} texts, {spans} spans ({time.perf_counter() - start:.1f} s)")
        print(f"  published: {size}" + (f"; {why}" if why else ""))
        for reason, count in losses.counts().items():
            print(f"  {count} x {reason}")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
