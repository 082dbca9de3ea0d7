"""What of the image can be checked without a container engine: its files, extras, command and health check."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tomllib
from fnmatch import fnmatch
from pathlib import Path

import pytest
from serving import server

from framing.cli import main
from framing.scorer import Scorer

ROOT = Path(__file__).parents[1]
STEPS = [
    (step.split()[0], step.partition(" ")[2])
    for line in re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text(encoding="utf-8")).splitlines()
    if (step := line.strip()) and not step.startswith("#")
]


def given(name: str) -> list[str]:
    return [rest for step, rest in STEPS if step == name]


def ignored(name: str) -> bool:
    """Say whether .dockerignore keeps a file or folder at the root out; the last pattern that fits decides."""
    out = False
    for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines():
        if line and not line.startswith("#") and fnmatch(name, line.removeprefix("!")):
            out = not line.startswith("!")
    return out


def copied() -> set[str]:
    return {name for rest in given("COPY") if not rest.startswith("--from") for name in rest.split()[:-1]}


def test_what_is_copied_is_there_and_sent_to_the_builder() -> None:
    assert copied() >= {"framing", "pyproject.toml", "constraints.txt"}
    assert {name for name in copied() if not (ROOT / name).exists()} == set()
    assert {path.name for path in ROOT.iterdir() if not ignored(path.name)} == copied()


def test_what_the_build_reads_is_copied() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert {project["readme"], *project["license-files"]} <= copied()
    (install,) = [rest for rest in given("RUN") if "pip install" in rest]
    (extras,) = re.findall(r"'\.\[([\w,]+)\]'", install)
    assert set(extras.split(",")) <= set(project["optional-dependencies"])
    assert "-c constraints.txt" in install
    (base,) = {rest.split()[0] for rest in given("FROM")}
    minor = int(base.removeprefix("python:3.").removesuffix("-slim"))
    assert minor >= int(project["requires-python"].removeprefix(">=3."))


def test_it_runs_as_a_user_without_rights() -> None:
    (user,) = given("USER")
    assert int(user) > 0
    assert [step for step, _ in STEPS].index("USER") < [step for step, _ in STEPS].index("ENTRYPOINT")


def test_the_entry_and_its_command_are_ones_of_ours() -> None:
    scripts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["scripts"]
    (entry,), (command,) = given("ENTRYPOINT"), given("CMD")
    assert set(json.loads(entry)) <= set(scripts)
    verb, *arguments = json.loads(command)
    context = main.commands[verb].make_context(verb, arguments)
    assert (context.params["host"], context.params["port"]) == ("0.0.0.0", int(given("EXPOSE")[0]))  # noqa: S104


@pytest.mark.parametrize(("path", "code"), [("/health", 0), ("/nowhere", 1)])
def test_the_health_check_asks_a_server_for_its_health(lexicon_scorer: Scorer, path: str, code: int) -> None:
    (check,) = given("HEALTHCHECK")
    python, flag, program = json.loads(check.partition("CMD ")[2])
    assert (python, flag) == ("python", "-c")
    assert "http://127.0.0.1:8000/health" in program
    with server(lexicon_scorer, token="secret") as address:  # noqa: S106 - a word for the test
        program = program.replace("http://127.0.0.1:8000/health", f"{address.rstrip('/')}{path}")
        assert subprocess.run([sys.executable, "-c", program], stderr=subprocess.DEVNULL).returncode == code
