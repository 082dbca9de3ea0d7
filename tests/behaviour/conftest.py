"""The suite's table: every figure beside its bar, printed at the end of a run."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from bars import BARS, Judge, Presence

from framing.decode import OUTSIDE, unit_probabilities
from framing.model import Model, default_folder
from framing.spans import CueSpan, Document

ROWS: list[tuple[str, float, str]] = []


@pytest.fixture(scope="session")
def judge() -> Judge:
    """Write a figure into the table and fail if it is below its bar and its floor."""

    def judge(name: str, figure: float, detail: str = "") -> None:
        ROWS.append((name, figure, detail))
        bar = BARS[name]
        assert bar.passes(figure), f"{name}: {figure:.4f}, but the bar is {bar.bar} and the floor {bar.floor}; {detail}"

    return judge


@pytest.fixture(scope="session")
def model() -> Model:
    return Model(default_folder(), threads=1)


@pytest.fixture(scope="session")
def presence(model: Model) -> Presence:
    """Give the calibrated probability of each span's cue: the mean over its units that they are part of one.

    One text at a time, since int8 activations are scaled by batch.
    """
    column = {cue.name: number for number, cue in enumerate(model.info.cues)}

    def presence(text: str, spans: Sequence[CueSpan]) -> list[float]:
        (read,) = model.tokenizer.tokenize_documents([Document("passage", text)])
        (logits,) = model.run([read])
        present = 1.0 - unit_probabilities(read, *logits, model.info.calibration).cues[:, :, OUTSIDE]
        found = []
        for span in spans:
            under = (read.units[:, 0] < span.end) & (read.units[:, 1] > span.start)
            found.append(float(np.mean(present[under, column[span.label]])))
        return found

    return presence


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not ROWS:
        return
    terminalreporter.section("behaviour of the default model")
    for name, figure, detail in ROWS:
        bar = BARS[name]
        terminalreporter.write_line(f"{name:<42}{figure:>8{bar.unit}}  {bar.state(figure)}{detail and '  ' + detail}")
