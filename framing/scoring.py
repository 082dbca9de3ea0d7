"""What `framing score` does: a stream of records through a scorer into a terminal, JSON lines or a page."""

from __future__ import annotations

import contextlib
import json
import os
import sys
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import IO, Any

from framing.errors import FramingError, InputError
from framing.io.inputs import read_inputs
from framing.io.jsonl import BadRecord
from framing.report.terminal import utf8_stdout
from framing.scorer import CHUNK, ScoredDocument, Scorer
from framing.spans import Document

Result = ScoredDocument | BadRecord


def score_to(
    inputs: Sequence[str],
    output: Path | None,
    form: str | None,
    *,
    model: str | None,
    threshold: float | None,
    cues: Sequence[str] | None,
    text_field: str,
    id_field: str,
    keep_text: bool,
    threads: int | None,
    color: str,
) -> None:
    """Score inputs and write the results; see `framing score --help`.

    Raises:
        FramingError: the model or an option is wrong, or not one record could be scored.
    """
    form = form or _form(output)
    scorer = Scorer.load(model, threshold=threshold, cues=cues, threads=threads)
    records = read_inputs(inputs, sys.stdin.buffer, text_field=text_field, id_field=id_field)
    tally = _Tally()
    results = tally.count(_progress(score_records(scorer, records), shown=output is not None))
    with _opened(output) as stream:
        if form == "jsonl":
            _write_jsonl(stream, results, scorer.model, text_field, keep_text=keep_text)
        elif form == "html":
            _write_page(stream, results)
        else:
            _write_terminal(stream, results, color)
    if not tally.scored:
        more = f" (and {tally.skipped - 1} more)" if tally.skipped > 1 else ""
        raise InputError(tally.first_reason + more)
    if tally.skipped:
        counts = f"scored {tally.scored}, skipped {tally.skipped}"
        print(f"framing: {counts}, the first because {tally.first_reason}", file=sys.stderr)


class _Tally:
    """How many records were scored and skipped, and why the first was."""

    def __init__(self) -> None:
        self.scored = 0
        self.skipped = 0
        self.first_reason = ""

    def count(self, results: Iterator[Result]) -> Iterator[Result]:
        for result in results:
            if isinstance(result, BadRecord):
                self.first_reason = self.first_reason or result.reason
                self.skipped += 1
            else:
                self.scored += 1
            yield result


def _write_jsonl(
    stream: IO[str], results: Iterator[Result], model: dict[str, str], text_field: str, *, keep_text: bool
) -> None:
    for result in results:
        if isinstance(result, BadRecord):
            record = skipped_record(result, model)
            if not keep_text:
                record.pop(text_field, None)
        else:
            record = result.to_record(text_field if keep_text else None)
        stream.write(json.dumps(record, ensure_ascii=False) + "\n")


def _write_page(stream: IO[str], results: Iterator[Result]) -> None:
    from framing.report.article import articles_page  # Jinja is not needed for the other forms
    from framing.report.selection import Selection

    first_reason = ""
    selection = Selection()
    for result in results:
        if isinstance(result, BadRecord):
            first_reason = first_reason or result.reason
        else:
            selection.add(result)
    if not selection.total:
        raise InputError(first_reason)
    good = selection.articles
    title = good[0].id if selection.total == 1 else f"{selection.total} articles"
    stream.write(articles_page(good, title, selection.summary))


def _write_terminal(stream: IO[str], results: Iterator[Result], color: str) -> None:
    from rich.console import Console

    from framing.report.terminal import print_article

    console = Console(
        file=stream,
        force_terminal={"always": True, "never": False}.get(color),
        color_system="truecolor" if color == "always" else "auto",
        no_color=color == "never",
    )
    for result in results:
        if isinstance(result, BadRecord):
            console.print(f"skipped: {result.reason}\n", markup=False, highlight=False)
        else:
            print_article(console, result)


def score_records(scorer: Scorer, records: Iterator[Document | BadRecord]) -> Iterator[Result]:
    """Score the good records of a stream; bad ones pass through in their places."""
    while chunk := list(islice(records, CHUNK)):
        scored = scorer.score_many([record for record in chunk if isinstance(record, Document)])
        for record in chunk:
            yield record if isinstance(record, BadRecord) else next(scored)


def skipped_record(record: BadRecord, model: dict[str, str]) -> dict[str, Any]:
    """Give the JSON form of a record that couldn't be scored, with the record's own fields where they were readable."""
    ours: dict[str, Any] = {
        "id": record.id,
        "status": "skipped",
        "reason": record.reason,
        "spans": [],
        "profile": None,
        "model": model,
    }
    return ours | {key: value for key, value in record.fields.items() if key not in ours}


def _form(output: Path | None) -> str:
    if output is not None:
        return (
            "html" if output.suffix.lower() in {".html", ".htm"} else "pretty" if output.suffix == ".txt" else "jsonl"
        )
    return "pretty" if sys.stdout.isatty() else "jsonl"


@contextlib.contextmanager
def _opened(output: Path | None) -> Iterator[IO[str]]:
    """Give the stream to write to; a file gets its name only when it is complete."""
    if output is None:
        utf8_stdout()
        yield sys.stdout
        return
    partial = output.with_name(output.name + ".part")
    try:
        try:
            output.parent.mkdir(parents=True, exist_ok=True)
            with partial.open("w", encoding="utf-8", errors="backslashreplace", newline="\n") as stream:
                yield stream
            os.replace(partial, output)
        except FramingError:
            partial.unlink(missing_ok=True)
            raise
        except KeyboardInterrupt:
            print(f"framing: interrupted; what was done is in {partial}", file=sys.stderr)
            raise
    except OSError as error:
        raise InputError(f"{output}: can't write the file ({error.strerror}); choose another place with -o") from error


def _progress(results: Iterator[Result], *, shown: bool) -> Iterator[Result]:
    """Show a counter on a terminal's error stream while a file is written."""
    if not (shown and sys.stderr.isatty()):
        yield from results
        return
    from rich.console import Console
    from rich.progress import MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

    columns = (TextColumn("scoring"), MofNCompleteColumn(), TextColumn("records"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        yield from bar.track(results)
