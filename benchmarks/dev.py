"""Figures of the shipped model and of the rules on a labelled file: `make bench-dev`.

Thresholds of the shipped model were chosen on dev; its model card gives the cross-fitted figures as well.
"""

from __future__ import annotations

import sys
from pathlib import Path

import framing
from framing.evaluate.inputs import Run, read_gold
from framing.evaluate.run import evaluate_runs
from framing.report.outputs import print_results


def main(path: Path) -> None:
    """Print the tables of `framing evaluate` for both systems."""
    gold = read_gold(str(path))
    systems = {}
    for name in (None, "lexicon"):
        scorer = framing.load(name)
        found = [scored.spans for scored in scorer.score_many(gold)]
        systems[f"{scorer.model['name']} {scorer.model['version']}"] = [Run(scorer.model["name"], found)]
    print_results(evaluate_runs(gold, systems), "table")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
