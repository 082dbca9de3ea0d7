"""Hand chosen passages to an annotation tool, with what the tool needs to show and return them as we read them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from framing.cues import Cue
from framing.errors import InputError
from framing.spans import VOICES
from framing.tokens import SPANS
from training.corpora.base import Losses, read_json
from training.corpora.registry import find
from training.select import Selection

TOOLS: Final = ("labelstudio", "doccano", "jsonl")
_SETUP: Final = {"labelstudio": ".xml", "doccano": ".labels.json"}


def setup_file(tool: str, output: Path) -> Path | None:
    """Name the file beside OUTPUT that sets the tool's labels up; None for our JSON lines, which need none."""
    return output.with_suffix(_SETUP[tool]) if tool in _SETUP else None


def check_free(tool: str, output: Path) -> None:
    """Check that nothing is overwritten, before the pool is scored; raises `InputError`."""
    for path in (output, setup_file(tool, output)):
        if path is not None and path.exists():
            raise InputError(f"{path}: exists already; name another place with -o")


def hand_out(selection: Selection, tool: str, output: Path) -> Losses:
    """Write the chosen passages and the tool's label setup.

    Label Studio gets the model's spans as predictions, which don't count as finished work; doccano knows no such thing
    and gets them as labels. What either exports is read by the format of the same name.

    Args:
        selection: the passages.
        tool: one of `TOOLS`.
        output: the file to write; neither it nor the setup file may exist.

    Returns:
        What the tool's format can't hold.

    Raises:
        InputError: a file exists already or can't be written.
    """
    check_free(tool, output)
    setup = setup_file(tool, output)
    losses = find(tool).write(selection.chosen, output)
    if setup is not None:
        given = (
            labelling_interface(selection.cues, voices=selection.task == SPANS)
            if tool == "labelstudio"
            else _labels(selection.cues)
        )
        setup.write_text(given, encoding="utf-8")
    if tool == "labelstudio":
        tasks = [_predicted(task, selection.model) for task in read_json(output)]
        output.write_text(json.dumps(tasks, ensure_ascii=False, indent=1) + "\n", encoding="utf-8", newline="\n")
    return losses


def _predicted(task: dict[str, Any], model: str) -> dict[str, Any]:
    """Turn a task's annotation into a prediction, whose score is lowest where a person is needed most."""
    (annotation,) = task.pop("annotations")
    doubt = task["data"]["selection"].get("value")
    score = {} if doubt is None else {"score": round(1.0 - doubt, 4)}
    return {**task, "predictions": [{"model_version": model, **score, "result": annotation["result"]}]}


def labelling_interface(cues: Sequence[Cue], *, voices: bool = True) -> str:
    """Give the labelling interface of a Label Studio project: cue types on regions, with a voice each if wanted."""
    view = ElementTree.Element("View")
    labels = ElementTree.SubElement(view, "Labels", name="label", toName="text")
    for cue in cues:
        ElementTree.SubElement(labels, "Label", value=cue.name, background=cue.colour, hint=cue.definition)
    ElementTree.SubElement(view, "Text", name="text", value="$text", granularity="symbol")
    if voices:
        choices = ElementTree.SubElement(view, "Choices", name="voice", toName="text", perRegion="true")
        for voice in VOICES:
            ElementTree.SubElement(choices, "Choice", value=voice)
    ElementTree.indent(view)
    return ElementTree.tostring(view, encoding="unicode") + "\n"


def _labels(cues: Sequence[Cue]) -> str:
    """Give the label types that a doccano project imports."""
    types = [{"text": cue.name, "background_color": cue.colour, "text_color": "#000000"} for cue in cues]
    return json.dumps(types, indent=1, ensure_ascii=False) + "\n"
