"""From files to tables: what `framing estimate` and `framing plan` do before they print."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np

from framing.errors import InputError, hint
from framing.estimate.formula import Formula, regress
from framing.estimate.inputs import NONE, Sample, Scored, clusters, join, read_scored
from framing.estimate.plan import plan
from framing.estimate.rates import ALL, Archive, rates
from framing.estimate.sheets import coefficient_sheet, plan_sheet, rate_sheets, records, unit
from framing.evaluate.inputs import read_gold
from framing.evaluate.sheets import Sheet
from framing.spans import Document

ARTICLE: Final = "article"


@dataclass(frozen=True, slots=True)
class Found:
    """What was computed.

    Attributes:
        sheets: tables for people.
        records: the same as flat records.
        notes: on what was read and left out.
        unit: in what figures are.
    """

    sheets: list[Sheet]
    records: list[dict[str, Any]]
    notes: list[str]
    unit: str


def estimate_files(
    entry: str,
    gold: str,
    *,
    by: Sequence[str] = (),
    cues: Sequence[str] | None = None,
    measure: str = "rate",
    expected: bool = True,
    cluster: str | None = None,
    sampled_by: Sequence[str] = (),
    against: str | None = None,
    formula: str | None = None,
) -> Found:
    """Estimate rates, or with a formula a regression.

    Args:
        entry: the scored articles, a file or a folder.
        gold: the labelled sample.
        by: the fields whose combined values are the strata; a regression is fitted in each of them, too.
        cues: the types to look at; None takes each of the model and `all` for all together.
        measure: `rate` or `share`; a formula says it itself.
        expected: correct by expected counts, where there are any.
        cluster: the field that names articles; None takes `article`, where records have it.
        sampled_by: the fields within whose values the sample was drawn.
        against: the stratum with which others are compared.
        formula: `rate ~ field + field`.

    Raises:
        FramingError: a file or an option is wrong; the message names it and the mend.
    """
    parsed = Formula.parse(formula) if formula is not None else None
    if parsed is not None and (sampled_by or against is not None):
        option = "--sampled-by" if sampled_by else "--against"
        raise InputError(f"--formula: takes no {option}; put the field into the formula")
    if against is not None and not by:
        raise InputError("--against: compares strata, and there are none; name their fields with --by")
    documents = read_gold(gold)
    fields = [*by, *sampled_by, *(parsed.fields if parsed else [])]
    scored, name = _read(entry, documents, fields, cluster)
    sample = join(scored, documents, gold)
    wanted = parsed.measure if parsed else measure
    archive = Archive(scored, sample, clusters(scored, name), wanted, expected, sampled_by)
    chosen = _chosen(scored, cues)
    notes = _notes(archive, gold, len(documents))
    basis = _basis(archive)
    if parsed is not None:
        coefficients, more = regress(archive, parsed, chosen, by)
        sheet = coefficient_sheet(coefficients, str(formula), wanted, basis, strata=bool(by))
        return Found([sheet], list(records([], [], coefficients)), notes + more, unit(wanted))
    rows, contrasts = rates(archive, by, chosen, against)
    return Found(rate_sheets(rows, contrasts, measure, basis), list(records(rows, contrasts, [])), notes, unit(wanted))


def plan_files(
    entry: str,
    pilot: str | None,
    *,
    width: float,
    relative: bool,
    by: Sequence[str] = (),
    cues: Sequence[str] | None = None,
    measure: str = "rate",
    expected: bool = True,
    cluster: str | None = None,
) -> Found:
    """Plan a sample; see `framing.estimate.plan.plan` and, for the other options, `estimate_files`."""
    documents = [] if pilot is None else read_gold(pilot)
    scored, name = _read(entry, documents, by, cluster)
    if pilot is None and scored.expected is None:
        raise InputError(
            f"{entry}: the model gives no probabilities, so its scores tell nothing; give a labelled --pilot"
        )
    nothing = np.zeros((0, len(scored.cues)))
    sample = join(scored, documents, pilot) if pilot is not None else Sample(np.zeros(0, np.int64), nothing, nothing)
    archive = Archive(scored, sample, clusters(scored, name), measure, expected)
    plans = plan(archive, by, _chosen(scored, cues), width=width, relative=relative, pilot=pilot is not None)
    source = (
        f"the pilot's {len(sample.rows):,} records" if pilot is not None else "the model's scores, taken at their word"
    )
    note = f"records to draw at random from each stratum, for a 95% interval of that width; from {source}"
    return Found([plan_sheet(plans, measure, note)], [asdict(one) for one in plans], [], unit(measure))


def _read(
    entry: str, documents: Sequence[Document], fields: Sequence[str], cluster: str | None
) -> tuple[Scored, str | None]:
    """Read the articles, and say which field names clusters: `article` if it isn't said and there is one."""
    wanted = [document.id for document in documents]
    needed = dict.fromkeys([*fields, cluster] if cluster is not None else fields)
    scored = read_scored(entry, list(needed), wanted, optional=[] if ARTICLE in needed else [ARTICLE])
    if cluster is None and any(value != NONE for value in scored.fields[ARTICLE]):
        cluster = ARTICLE
    return scored, cluster


def _chosen(scored: Scored, cues: Sequence[str] | None) -> list[str]:
    known = [*scored.cues, ALL]
    for name in cues or ():
        if name not in known:
            raise InputError(f"--cue: the model looks for no {name!r}; {hint(name, known)}")
    return known if cues is None else list(dict.fromkeys(cues))


def _notes(archive: Archive, gold: str, labelled: int) -> list[str]:
    scored = archive.scored
    notes = [f"{scored.source}: {len(scored.ids):,} scored records, {scored.words.sum():,.0f} words"]
    if half := _unfinished(Path(scored.source)):
        notes.append(f"{scored.source}: {half}")
    if scored.skipped:
        notes.append(f"{scored.source}: {len(scored.skipped):,} skipped records, which no figure is about")
    used = len(archive.sample.rows)
    left = f"; {labelled - used:,} that the model skipped, left out" if used < labelled else ""
    return [*notes, f"{gold}: {used:,} labelled records with {archive.sample.gold.sum():,.0f} cues{left}"]


def _unfinished(source: Path) -> str:
    """Say how much of an archive is scored, if it isn't all; nothing of a file, or of tables alone."""
    if not source.is_dir():
        return ""
    from framing.archive.state import is_output, unfinished

    return unfinished(source) if is_output(source) else ""


def _basis(archive: Archive) -> str:
    by = "expected counts" if archive.expected and archive.scored.expected is not None else "counts"
    return (
        f"95% intervals, clustered by article; corrected: PPI++ by {by}; they hold if the labelled were drawn at random"
        + (f" within {', '.join(archive.sampled_by)}" if archive.sampled_by else "")
    )
