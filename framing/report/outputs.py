"""Where the results of an evaluation go: to the terminal in one format, or into a folder in all."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable, Mapping, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

from rich.console import Console

from framing.evaluate.occlusion import Occlusion
from framing.evaluate.results import Results
from framing.evaluate.sheets import sheets
from framing.report.evaluation import evaluation_page
from framing.report.folder import write_files
from framing.report.sheets import csv_text, latex, markdown, print_sheets


def print_results(results: Results, form: str) -> None:
    """Print results as `table`, `markdown`, `latex`, `csv` (all figures, a row each) or `json`."""
    if form == "table":
        print_sheets(Console(), sheets(results))
    else:
        sys.stdout.write(_TEXTS[form](results))


def write_results(
    results: Results, folder: Path, title: str, occluded: Mapping[str, Sequence[Sequence[Occlusion]]]
) -> None:
    """Write the report, the tables, all figures and all errors into a folder.

    Args:
        results: what was computed.
        folder: the folder, which is there; files of an earlier report in it are replaced.
        title: what was evaluated, for the page.
        occluded: for some systems, what flips the errors of their first run.

    Raises:
        InputError: the folder can't be written.
    """
    files = {
        "report.html": evaluation_page(results, f"Evaluation on {title}", occluded),
        "tables.md": _TEXTS["markdown"](results),
        "tables.tex": _TEXTS["latex"](results),
        "figures.csv": _TEXTS["csv"](results),
        "evaluation.json": _TEXTS["json"](results),
        "errors.jsonl": "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in _errors(results, occluded)),
    }
    if results.calibration:
        files["calibration.csv"] = csv_text(results.calibrations())
    if results.comparisons:
        files["comparisons.csv"] = csv_text(results.differences())
    write_files(folder, files)


def _errors(results: Results, occluded: Mapping[str, Sequence[Sequence[Occlusion]]]) -> list[dict[str, Any]]:
    records = []
    for name, runs in results.errors.items():
        for number, (run, errors) in enumerate(zip(results.evaluation.systems[name], runs, strict=True)):
            looked = occluded.get(name, []) if number == 0 else []
            for error, flips in zip_longest(errors, looked):
                record = {"system": name, "run": run.source}
                record |= error.to_record(results.evaluation.gold[error.document])
                records.append(record if flips is None else record | {"occlusion": [one.to_record() for one in flips]})
    return records


def _json(results: Results) -> str:
    evaluation = results.evaluation
    found = {
        "documents": results.overall.documents,
        "clusters": results.overall.clusters,
        "draws": evaluation.draws,
        "seed": evaluation.seed,
        "labels": evaluation.labels,
        "systems": {name: [run.source for run in runs] for name, runs in evaluation.systems.items()},
        "notes": results.notes,
        "figures": list(results.records()),
        "comparisons": list(results.differences()),
        "outcomes": list(results.outcomes()),
        "calibration": list(results.calibrations()),
    }
    return json.dumps(found, ensure_ascii=False, indent=1) + "\n"


_TEXTS: Final[dict[str, Callable[[Results], str]]] = {
    "markdown": lambda results: markdown(sheets(results)),
    "latex": lambda results: latex(sheets(results)),
    "csv": lambda results: csv_text(results.records()),
    "json": _json,
}
