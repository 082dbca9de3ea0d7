"""Learning curves: what more labelled data of the same kind would bring."""

from __future__ import annotations

import csv
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from framing.errors import ConfigError, MissingExtraError
from training.config import Config, with_values
from training.processes import is_main, wait
from training.several import check_new, figures, finish, spread, stage


def curve(
    config: Config, shares: Sequence[float], seeds: Sequence[int], folder: Path, *, resume: bool = False
) -> dict[str, Any]:
    """Train on shares of the training data, each with every seed, and write figures and plot.

    A share is of whole articles; for each seed a smaller share lies inside a larger one. The seed decides the draw,
    the weights and the order, so that the spread over seeds holds all three. Every training passes its data as often,
    so a small share takes fewer steps.

    Args:
        config: the recipe.
        shares: of the training documents, each in (0, 1].
        seeds: one or more.
        folder: takes the run folders, `curve.json`, `curve.csv`, `curve.svg` and `curve.png`.
        resume: keep what is done there, and go on.

    Returns:
        What `curve.json` holds: `{"name", "baseline", "seeds", "points": [...]}`, a point being `{"share", "documents",
        "spans", "figures"}`, with the mean number of documents and spans and, of every figure, mean, standard deviation
        and values by seed.

    Raises:
        ConfigError: a share is not in (0, 1], or the folder holds runs already.
        MissingExtraError: Matplotlib isn't installed.
    """
    wrong = [share for share in shares if not 0 < share <= 1]
    if wrong:
        raise ConfigError(f"--shares: {wrong[0]:g} is no share; give numbers above 0 and at most 1")
    try:
        import matplotlib  # noqa: F401
    except ImportError as error:
        raise MissingExtraError(
            "framing curve draws with Matplotlib: pip install -e '.[runs]' -c constraints.txt"
        ) from error
    configs = {
        (share, seed): with_values(
            config,
            {
                "data.train_share": share,
                "training.seed": seed,
                "output": str(folder / f"share-{share:g}-seed-{seed}"),
            },
        )
        for share in sorted(shares)
        for seed in seeds
    }
    if not resume:
        check_new(list(configs.values()))
    wait()  # until every process has seen that the folders are free
    runs = {place: finish(one, resume=resume) for place, one in configs.items()}
    points = []
    for share in sorted(shares):
        here = [runs[share, seed] for seed in seeds]
        sizes = [run.read_json("data.json")["corpus"]["train"] for run in here]
        means = {name: sum(size[name] for size in sizes) / len(sizes) for name in ("documents", "spans")}
        points.append({"share": share, **means, "figures": spread([figures(run) for run in here])})
    found = {"name": config.name, "baseline": config.baseline, "seeds": list(seeds), "points": points}
    if is_main():
        (folder / "curve.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")
        _write_csv(found, folder / "curve.csv")
        plot(found, folder)
    return found


def _write_csv(found: dict[str, Any], path: Path) -> None:
    """Write one line a share, seed and figure, as data frames like it."""
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["share", "seed", "figure", "value"])
        for point in found["points"]:
            for name, row in point["figures"].items():
                writer.writerows(
                    [point["share"], seed, name, value]
                    for seed, value in zip(found["seeds"], row["values"], strict=True)
                )


def plot(found: dict[str, Any], folder: Path) -> None:
    """Draw the figures that sum up all labels (`..._f1`) over training documents, as `curve.svg` and `curve.png`."""
    import matplotlib as mpl
    from matplotlib.figure import Figure

    with mpl.rc_context({"svg.hashsalt": "framing", "svg.fonttype": "none"}):  # the same curve gives the same file
        figure = Figure(figsize=(6.4, 4.0), layout="constrained")
        axes = figure.subplots()
        documents = [point["documents"] for point in found["points"]]
        for name in found["points"][0]["figures"]:
            if not name.endswith("_f1"):
                continue
            rows = [point["figures"][name] for point in found["points"]]
            bars = [row["sd"] or 0.0 for row in rows]
            (line, *_) = axes.errorbar(
                documents, [row["mean"] for row in rows], bars, marker="o", capsize=3, label=name.replace("_", " ")
            )
            for at, row in zip(documents, rows, strict=True):
                axes.scatter([at] * len(row["values"]), row["values"], s=10, alpha=0.4, color=line.get_color())
        several = len(found["seeds"]) > 1
        axes.set_xlabel("training documents")
        axes.set_ylabel(stage(found))
        axes.set_title(f"{found['name']}: mean ± sd of {len(found['seeds'])} seeds" if several else found["name"])
        axes.set_xlim(left=0)
        axes.grid(alpha=0.3)
        axes.legend()
        figure.savefig(folder / "curve.svg", metadata={"Date": None})
        figure.savefig(folder / "curve.png", dpi=150)
