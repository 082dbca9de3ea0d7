"""Runs the command line for tests, with the rules as the model: they are there and quick."""

from __future__ import annotations

import json
from typing import Any

from click.testing import CliRunner, Result

from framing.cli import main

TEXT = "The so-called truce was broken under the pretext of a search."


def run(*arguments: object, stdin: bytes | None = None) -> Result:
    return CliRunner().invoke(main, [str(argument) for argument in arguments], input=stdin, prog_name="framing")


def score(*arguments: object, stdin: bytes | None = None) -> Result:
    """Run `framing score` with the rules, which are there and quick whatever the model."""
    return run("score", "--model", "lexicon", *arguments, stdin=stdin)


def lines(result: Result) -> list[dict[str, Any]]:
    assert result.exit_code == 0, result.output
    return [json.loads(line) for line in result.stdout.splitlines()]


def refusal(result: Result) -> str:
    """Give the one line of a run that ended with exit code 2."""
    assert (result.exit_code, type(result.exception)) == (2, SystemExit)
    (line,) = result.stderr.splitlines()
    return line
