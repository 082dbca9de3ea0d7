"""Several trainings in one command: seeds with mean and standard deviation, each in a run folder of its own."""

from __future__ import annotations

import json
import logging
import shutil
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from framing.errors import ConfigError
from training.baselines import fit_baseline
from training.config import Config, with_values
from training.fit import fit
from training.processes import is_main, wait
from training.run import Run
from training.trackers import close_trackers

log = logging.getLogger("framing")

_COSTS = ("runtime", "per_second", "time", "gib")


def parse_numbers(option: str, given: str) -> list[float]:
    """Read `13,14,15`; raises `ConfigError` that names the option."""
    try:
        found = [float(part) for part in given.split(",")]
    except ValueError as error:
        raise ConfigError(f"{option} {given!r}: give numbers with commas between them") from error
    if len(set(found)) < len(found):
        raise ConfigError(f"{option} {given!r}: a number stands twice")
    return found


def parse_seeds(given: str) -> list[int]:
    """Read seeds, whole numbers from 0; raises `ConfigError`."""
    found = parse_numbers("--seeds", given)
    if any(seed < 0 or seed != int(seed) for seed in found):
        raise ConfigError(f"--seeds {given!r}: seeds are whole numbers from 0")
    return [int(seed) for seed in found]


def finish(config: Config, *, resume: bool, callbacks: Sequence[TrainerCallback] = ()) -> Run:
    """Give a recipe's finished run, a baseline's too: as it is there, taken up again, or trained from the start.

    Args:
        config: the recipe.
        resume: take what the run folder holds; without it a folder that holds a run is refused.
        callbacks: told of every epoch.

    Raises:
        ConfigError: the folder holds a run of another recipe, or one that has seen other data.
    """
    folder = Path(config.output)
    started = (folder / "config.yaml").exists()
    if config.baseline:
        return fit_baseline(config, resume=resume and started)
    if resume and (folder / "best" / "model.safetensors").exists():
        run = Run.open(folder, config, resume=True)
        run.check_data(config)
        log.info("%s: done before", folder)
    else:
        log.info("%s: %s", folder, "goes on" if resume and started else "starts")
        try:
            run = fit(config, resume=resume and started, callbacks=callbacks)
        finally:
            close_trackers(config.training.report_to)
    drop_checkpoints(folder)
    return run


def drop_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a run that needs them no more; those of many runs fill a disk."""
    if is_main():
        shutil.rmtree(folder / "checkpoints", ignore_errors=True)
    wait()


def check_new(configs: Sequence[Config]) -> None:
    """Raise `ConfigError` before any training starts when a run folder is taken."""
    for config in configs:
        if (Path(config.output) / "config.yaml").exists():
            raise ConfigError(
                f"{config.output}: holds a run already; go on with --resume, or set another output folder"
            )


def figures(run: Run) -> dict[str, float]:
    """Give a finished run's figures on dev, before calibration, without what they cost."""
    found = run.read_json("dev.metrics.json")
    return {name.removeprefix("dev_"): value for name, value in found.items() if not name.endswith(_COSTS)}


def fit_seeds(config: Config, seeds: Sequence[int], *, resume: bool = False) -> dict[str, Any]:
    """Train a recipe once a seed, into `output/seed-N`, and sum up in `output/summary.json`.

    Args:
        config: the recipe; its own seed doesn't count.
        seeds: one a run.
        resume: keep the seeds that are done, go on with the one that was interrupted, and train the rest.

    Returns:
        `{"name", "baseline", "seeds", "figures": {name: {"mean", "sd", "values"}}}`; sd is the sample's, None for one
        seed.
    """
    configs = [
        with_values(config, {"training.seed": seed, "output": str(Path(config.output) / f"seed-{seed}")})
        for seed in seeds
    ]
    if not resume:
        check_new(configs)
    wait()  # until every process has seen that the folders are free
    found = [figures(finish(one, resume=resume)) for one in configs]
    summary = {"name": config.name, "baseline": config.baseline, "seeds": list(seeds), "figures": spread(found)}
    if is_main():
        path = Path(config.output) / "summary.json"
        path.write_text(json.dumps(summary, indent=2) + "\n", encoding="utf-8")
    return summary


def spread(found: Sequence[Mapping[str, float]]) -> dict[str, dict[str, Any]]:
    """Give mean and standard deviation of every figure that all runs have."""
    shared = [name for name in found[0] if all(name in one for one in found)]
    return {
        name: {
            "mean": statistics.fmean(one[name] for one in found),
            "sd": statistics.stdev([one[name] for one in found]) if len(found) > 1 else None,
            "values": [one[name] for one in found],
        }
        for name in shared
    }


def stage(found: Mapping[str, Any]) -> str:
    """Say what the figures of several runs are of: baselines are calibrated, networks are not yet."""
    return "on dev" if found["baseline"] else "on dev, before calibration"


def table(summary: Mapping[str, Any]) -> str:
    """Lay the summary of several seeds out, a figure a line."""
    lines = [f"{stage(summary):<36}{'mean ± sd':>17}   seeds {', '.join(map(str, summary['seeds']))}"]
    for name, row in summary["figures"].items():
        deviation = "" if row["sd"] is None else f" ± {row['sd']:.4f}"
        values = "  ".join(f"{value:.4f}" for value in row["values"])
        lines.append(f"{name:<36}{row['mean']:.4f}{deviation:<9}   {values}")
    return "\n".join(lines)
