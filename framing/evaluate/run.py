"""From files or spans to results: what `framing evaluate` does before it prints."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Final

from framing.errors import InputError, hint
from framing.evaluate.errors import span_errors
from framing.evaluate.evaluation import Evaluation, check_cluster, labels_of
from framing.evaluate.inputs import Run, parse_systems, read_gold, read_run
from framing.evaluate.reliability import RIGHT, Reliability, reliability, scores_of
from framing.evaluate.results import Results
from framing.evaluate.sentences import prepare
from framing.evaluate.slices import DERIVED, slices
from framing.spans import Document

_ENDS: Final = ("strict", "exact")
"""Schemes in which ends must be equal."""


def evaluate_files(
    gold: str, predictions: Sequence[str], *, form: str | None = None, subset: bool = False, **options: Any
) -> Results:
    """Evaluate files.

    Args:
        gold: the labelled file.
        predictions: `FILE`, `NAME=FILE` or `NAME=FILE,FILE`, a system each.
        form: the format of the files, where they name none; None is JSON lines.
        subset: pass over predictions on records that aren't in gold.
        options: as in `evaluate_runs`.

    Raises:
        FramingError: a file or an option is wrong; the message names it and the mend.
    """
    documents = read_gold(gold, form)
    systems = {
        name: [read_run(file, documents, form, subset=subset) for file in files]
        for name, files in parse_systems(predictions).items()
    }
    return evaluate_runs(documents, systems, source=gold, **options)


def evaluate_runs(
    gold: Sequence[Document],
    systems: Mapping[str, Sequence[Run]],
    *,
    source: str = "gold",
    task: str = "spans",
    scheme: str | None = None,
    cues: Sequence[str] | None = None,
    by: Sequence[str] = (),
    derived: bool = False,
    cluster: str | None = None,
    draws: int = 2000,
    seed: int = 0,
) -> Results:
    """Evaluate what systems found.

    Args:
        gold: the documents.
        systems: each system's runs (one, or several seeds), whose spans are in gold's order.
        source: what notes call gold.
        task: `spans` or `sentences`.
        scheme: the scheme of what is shown by type and by part; None takes the task's first.
        cues: the types to look at; None takes all that occur.
        by: fields by which parts are shown, too.
        derived: show the parts by `DERIVED`, too.
        cluster: the field whose values are resampled as wholes; None takes `article`, or else each document.
        draws: resamples, and rounds of the tests.
        seed: of both.

    Raises:
        InputError: no record has a field, or no span a type.
    """
    labels = _chosen(labels_of(gold, systems), cues)
    check_cluster(gold, cluster, "gold record")
    # Parts are of gold as it was labelled, before labels are put on sentences.
    wanted = list(dict.fromkeys([*by, *(DERIVED if derived else [])]))
    masks = {field: slices(gold, field) for field in wanted}
    notes = _notes(source, gold, systems)
    scored = labels  # absence, which becomes a label of sentences, has no score
    if task == "sentences":
        gold, systems, labels = prepare(gold, systems, labels)
    evaluation = Evaluation(gold, systems, labels=labels, task=task, cluster=cluster, draws=draws, seed=seed)
    truth = [document.spans for document in gold]
    return Results(
        evaluation,
        evaluation.figures(),
        evaluation.comparisons(),
        {field: {part: evaluation.figures(mask) for part, mask in parts.items()} for field, parts in masks.items()},
        {name: [span_errors(truth, run.spans, labels) for run in runs] for name, runs in systems.items()},
        scheme or evaluation.schemes[0],
        notes,
        _calibration(evaluation, scored, task, RIGHT[task][0] if scheme in {None, *_ENDS} else "type"),
    )


def _calibration(evaluation: Evaluation, labels: Sequence[str], task: str, right: str) -> dict[str, list[Reliability]]:
    """Give the calibration of the systems whose spans, or labels on sentences, all have scores."""
    truth = [document.spans for document in evaluation.gold]
    found = {}
    for name, runs in evaluation.systems.items():
        scores = scores_of(truth, [run.spans for run in runs], labels, evaluation.clusters, task)
        if scores is not None:
            found[name] = reliability(scores, labels, right, draws=evaluation.draws, seed=evaluation.seed)
    return found


def _chosen(found: Sequence[str], cues: Sequence[str] | None) -> list[str]:
    for name in cues or ():
        if name not in found:
            raise InputError(f"--cue: no span, gold or predicted, is a {name!r}; {hint(name, found)}")
    return list(found) if cues is None else list(dict.fromkeys(cues))


def _notes(gold: str, documents: Sequence[Document], systems: Mapping[str, Sequence[Run]]) -> list[str]:
    spans = sum(len(document.spans) for document in documents)
    notes = [f"{gold}: {len(documents):,} records with {spans:,} spans"]
    for run in (run for runs in systems.values() for run in runs):
        found = sum(map(len, run.spans))
        said = [
            f"{what}: {number:,}"
            for number, what in (
                (run.missing, "gold records without a prediction, where nothing was found"),
                (run.skipped, "records that the system skipped, where nothing was found"),
                (run.beyond, "records that aren't in gold, passed over"),
                (run.untold, "records with neither text, text_sha256 nor words, taken to be of gold's texts"),
            )
            if number
        ]
        notes.append("; ".join([f"{run.source}: {found:,} spans", *said]))
    return notes
