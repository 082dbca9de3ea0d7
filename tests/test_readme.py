"""The README's tables of figures are what the commands above them print."""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from command_line import run

ROOT = Path(__file__).parent.parent
GOLD = ROOT / "examples" / "held-out.jsonl"
NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with what the README's commands read: model.jsonl, rules.jsonl and sample.jsonl."""
    made = tmp_path_factory.mktemp("readme")
    for name, options in (("model", []), ("rules", ["--model", "lexicon"])):
        assert run("score", GOLD, "--keep-text", *options, "-o", made / f"{name}.jsonl").exit_code == 0
    lines = GOLD.read_text(encoding="utf-8").splitlines(keepends=True)
    random.Random(0).shuffle(lines)  # noqa: S311 - a sample, no secret
    (made / "sample.jsonl").write_text("".join(lines[:40]), encoding="utf-8")
    return made


def block(opening: str) -> list[str]:
    """Give the lines of the README's block that opens so."""
    (found,) = re.findall(rf"```\n({re.escape(opening)}\n.*?)```", (ROOT / "README.md").read_text("utf-8"), re.DOTALL)
    return str(found).splitlines()


@pytest.mark.parametrize(
    ("opening", "command"),
    [
        ("F1, all types", ["evaluate", GOLD, "model.jsonl", "rules.jsonl"]),
        ("Krippendorff's alpha", ["agreement", f"gold={GOLD}", "model=model.jsonl", "rules=rules.jsonl"]),
        ("Rates, cues per 1,000 words", ["estimate", "model.jsonl", "--gold", "sample.jsonl", "--cue", "all"]),
    ],
)
def test_tables_are_as_printed(
    folder: Path, monkeypatch: pytest.MonkeyPatch, opening: str, command: list[str | Path]
) -> None:
    monkeypatch.chdir(folder)
    monkeypatch.setenv("COLUMNS", "200")
    result = run(*command)
    assert result.exit_code == 0, result.output
    printed = {squeezed(line): line for line in result.stdout.splitlines()}
    for line in block(opening):
        assert squeezed(line) in printed, f"{line!r} isn't in\n{result.stdout}"
        # Int8 products differ a little from processor to processor.
        assert numbers(line) == pytest.approx(numbers(printed[squeezed(line)]), abs=0.03, rel=0.05)


def squeezed(line: str) -> str:
    """Give a line without its figures and its blanks' number."""
    return " ".join(NUMBER.sub("#", line).split())


def numbers(line: str) -> list[float]:
    """Give the figures of a line."""
    return [float(found.replace(",", "")) for found in NUMBER.findall(line)]
