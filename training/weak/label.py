"""What `framing weak` does: functions vote on texts, a label model weighs the votes, records with scores come out.

Texts are read twice: to count the votes that the model learns from, and to write. The votes are kept beside the output
until it is complete, so that a run that was interrupted casts none of them again.
"""

from __future__ import annotations

import hashlib
import io
import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any, Final

from framing import __version__
from framing.errors import InputError
from framing.features import RULES_VERSION
from framing.io.inputs import read_inputs
from framing.io.jsonl import BadRecord
from framing.quotations import quotations
from framing.spans import CueSpan, Document
from framing.voice import voice_of
from training.corpora.registry import read_corpus
from training.progress import Progress, silent
from training.weak.functions import LabellingFunction, load_functions
from training.weak.hmm import HiddenMarkovModel
from training.weak.majority import MajorityVote
from training.weak.table import Table, score
from training.weak.votes import Ballot, Tally, cast, runs_of, tally

LabelModel = HiddenMarkovModel | MajorityVote
MODELS: Final[dict[str, Callable[[Tally], LabelModel]]] = {"hmm": HiddenMarkovModel, "majority": MajorityVote}
DECIDED: Final = 0.5
"""A span is taken for a cue above this probability; of spans that overlap only one can reach it."""

_LEAST: Final = 1e-3


@dataclass(slots=True)
class Labelled:
    """What came out: the table of the functions, figures on gold, and what was left out."""

    table: Table
    records: int = 0
    spans: int = 0
    skipped: list[str] = field(default_factory=list)
    report: dict[str, Any] = field(default_factory=dict)


def label(
    inputs: Sequence[str],
    entries: Sequence[str],
    output: Path,
    *,
    model: str = "hmm",
    gold: str | None = None,
    floor: float = 0.05,
    hard: bool = False,
    text_field: str = "text",
    id_field: str = "id",
    progress: Progress = silent,
) -> Labelled:
    """Label texts by votes; see `framing weak --help`.

    Args:
        inputs: files of texts, as `framing score` takes them; labels in them are not looked at.
        entries: where the functions are, as `load_functions` takes them.
        output: the JSON lines to write; it gets its name when it is complete.
        model: `hmm` or `majority`.
        gold: a labelled corpus to judge functions and both models on; nothing is learnt from it.
        floor: spans with a lower probability are left out.
        hard: write the decided spans without scores, not all alternatives with theirs.
        text_field: the JSON field that holds the text.
        id_field: the JSON field that holds the id.
        progress: wraps the ballots of a pass, to show how far it is.

    Raises:
        ConfigError: the functions can't be read.
        InputError: an input or the gold can't be read, a function fails, or the output can't be written.
    """
    if "-" in inputs:
        raise InputError("-: texts are read twice, which standard input can't be; save them to a file first")
    functions = load_functions(entries)
    judged = [cast(document, functions) for document in read_corpus(gold)] if gold is not None else []
    done = Labelled(Table(functions))

    def documents() -> Iterator[Document]:
        done.skipped.clear()
        for record in read_inputs(inputs, io.BytesIO(), text_field=text_field, id_field=id_field):
            if isinstance(record, BadRecord):
                done.skipped.append(record.reason)
            else:
                yield record

    votes = _Votes(output.with_name(output.name + ".votes"), functions, _fingerprint(inputs, entries, text_field))
    partial = output.with_name(output.name + ".part")
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        tallies = tally(progress(votes.cast(documents()), "voting"), functions)
        if not any(one.units for one in tallies.values()):
            raise InputError(done.skipped[0] if done.skipped else f"{', '.join(inputs)}: no text with a word in it")
        models = {name: {key: make(one) for key, one in tallies.items()} for name, make in MODELS.items()}
        with partial.open("w", encoding="utf-8", newline="\n") as stream:
            for ballot in progress(votes.cast(documents()), "weighing"):
                _write(stream, ballot, models[model], done, floor=floor, hard=hard)
        os.replace(partial, output)
        votes.path.unlink()
    except OSError as error:
        raise InputError(f"{output}: can't write the file ({error.strerror}); choose another place with -o") from error
    done.report = {
        "documents": done.records,
        "spans": done.spans,
        "skipped": len(done.skipped),
        "lost_votes": sum(one.lost for one in tallies.values()),
        "model": model,
        "functions": done.table.rows(judged),
        "agreements": done.table.agreements(),
    }
    if judged:
        truth = [ballot.document.spans for ballot in judged]
        done.report["gold"] = {
            name: score(truth, [decided(ballot, one) for ballot in judged], list(tallies))
            for name, one in models.items()
        }
    return done


def weighed(ballot: Ballot, models: Mapping[str, LabelModel], least: float) -> dict[str, dict[tuple[int, int], float]]:
    """Give by label the probabilities of the ranges of a document whose probability is at least `least`."""
    found: dict[str, dict[tuple[int, int], float]] = {}
    for key, votes in ballot.votes.items():
        found[key] = {
            (int(ballot.units[start + first, 0]), int(ballot.units[start + last - 1, 1])): probability
            for start, end in runs_of(votes)
            for first, last, probability in models[key].spans(votes[start:end].tobytes(), least)
        }
    return found


def decided(ballot: Ballot, models: Mapping[str, LabelModel]) -> list[CueSpan]:
    """Give the spans that a model takes for cues, without scores; those of one label never overlap."""
    return sorted(
        CueSpan(*ends, key)
        for key, ranges in weighed(ballot, models, DECIDED).items()
        for ends, probability in ranges.items()
        if probability > DECIDED
    )


def _write(
    stream: IO[str], ballot: Ballot, models: Mapping[str, LabelModel], done: Labelled, *, floor: float, hard: bool
) -> None:
    document = ballot.document
    probabilities = weighed(ballot, models, _LEAST)
    done.table.add(ballot, probabilities)
    marks = quotations(document.text)
    spans = []
    for key, ranges in probabilities.items():
        for (start, end), probability in ranges.items():
            if probability > DECIDED if hard else probability >= floor:
                score = None if hard else round(probability, 4)
                spans.append(CueSpan(start, end, key, score, voice_of(document.text, start, end, marks)))
    done.records += 1
    done.spans += len(spans)
    stream.write(json.dumps(document.with_spans(spans).to_record(), ensure_ascii=False) + "\n")


class _Votes:
    """The votes cast so far, one line a document, on disk: a second pass, or a second run, casts none of them again."""

    def __init__(self, path: Path, functions: Sequence[LabellingFunction], fingerprint: str) -> None:
        """Take up what a run with the same inputs and functions left; anything else is started anew."""
        self.path = path
        self.functions = functions
        self.places = {function.name: place for place, function in enumerate(functions)}
        head = json.dumps({"votes_of": fingerprint}).encode() + b"\n"
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("a+b") as stream:
            stream.seek(0)
            if stream.readline() != head:
                stream.truncate(0)
                stream.write(head)
                return
            whole = stream.tell()
            for line in stream:
                if line.endswith(b"\n"):
                    whole += len(line)
            stream.truncate(whole)  # a kill can leave half of a line

    def cast(self, documents: Iterable[Document]) -> Iterator[Ballot]:
        """Give the ballots of the documents, in order; votes that aren't known yet are cast and kept."""
        with self.path.open("rb") as known, self.path.open("ab") as new:
            known.readline()
            line = b"read"
            for document in documents:
                line = line and known.readline()  # once it has come to the end, what follows are this pass's own lines
                if line:
                    yield cast(document, self.functions, self._read(line))
                    continue
                ballot = cast(document, self.functions)
                rows = [
                    (self.places[name], span.start, span.end) for name, spans in ballot.spans.items() for span in spans
                ]
                new.write(json.dumps(rows, separators=(",", ":")).encode() + b"\n")
                yield ballot

    def _read(self, line: bytes) -> dict[str, list[CueSpan]]:
        spans: dict[str, list[CueSpan]] = {function.name: [] for function in self.functions}
        for place, start, end in json.loads(line):
            function = self.functions[place]
            spans[function.name].append(CueSpan(start, end, function.label))
        return spans


def _fingerprint(inputs: Sequence[str], entries: Sequence[str], text_field: str) -> str:
    """Hash what the votes depend on: texts, functions, and the rules."""
    digest = hashlib.sha256(f"{__version__} {RULES_VERSION} {text_field}".encode())
    for name in (*inputs, *entries):
        digest.update(name.encode())
        path = Path(name)
        if path.is_file():
            with path.open("rb") as stream:
                digest.update(hashlib.file_digest(stream, "sha256").digest())
    return digest.hexdigest()
