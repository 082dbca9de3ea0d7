"""Time to score one article from nothing, beside importing torch and transformers: `make bench-cold-start`."""

from __future__ import annotations

import statistics
import subprocess
import sys
import time
from pathlib import Path

PAIRS = 7
OURS = [str(Path(sys.executable).with_name("framing")), "score", "examples/article.txt"]
THEIRS = [sys.executable, "-c", "import torch, transformers"]


def seconds(command: list[str]) -> float:
    """Run a command and give its wall time."""
    start = time.perf_counter()
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    return time.perf_counter() - start


def main() -> None:
    """Run both in turn after a warm-up and print medians and the median of the paired ratios."""
    for command in (OURS, THEIRS):
        seconds(command)
    pairs = [(seconds(OURS), seconds(THEIRS)) for _ in range(PAIRS)]
    ratios = sorted(ours / theirs for ours, theirs in pairs)
    print(f"framing score: median {statistics.median(ours for ours, _ in pairs):.2f} s")
    print(f"import torch, transformers: median {statistics.median(theirs for _, theirs in pairs):.2f} s")
    print(f"ratio: median {statistics.median(ratios):.2f}, {ratios[0]:.2f} to {ratios[-1]:.2f} over {PAIRS} pairs")


if __name__ == "__main__":
    main()
