"""The counter of long commands shows itself on terminals alone, and passes every record through."""

from __future__ import annotations

import pytest

from training.progress import counter, silent


@pytest.mark.parametrize("terminal", [True, False])
@pytest.mark.parametrize("total", [3, None])
def test_records_pass_through(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], terminal: bool, total: int | None
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: terminal, raising=False)
    monkeypatch.setenv("FORCE_COLOR", "1")
    assert list(counter(iter("abc"), "reading", total)) == ["a", "b", "c"]
    shown = capsys.readouterr().err
    assert ("reading" in shown) == terminal


def test_silence_is_silent(capsys: pytest.CaptureFixture[str]) -> None:
    assert list(silent([1, 2], "reading")) == [1, 2]
    assert capsys.readouterr() == ("", "")
