"""A search for hyper-parameters with Optuna (Akiba et al. 2019): trials in run folders, the study beside them."""

from __future__ import annotations

import csv
import json
import logging
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments

from framing.errors import ConfigError, MissingExtraError
from training.config import Config, Range, SearchConfig, dump_config, load_config, with_values
from training.processes import world_size
from training.several import drop_checkpoints, finish

if TYPE_CHECKING:
    import optuna

log = logging.getLogger("framing")


def trial_config(config: Config, values: dict[str, Any], name: str) -> Config:
    """Give a trial's recipe: the search's own, with these values, in a folder inside the search's."""
    return with_values(config, {**values, "search": None, "output": str(Path(config.output) / name)})


def suggest(trial: optuna.Trial, key: str, tried: Range) -> Any:
    """Draw a value of a key: a whole number where both ends are."""
    if tried.choices:
        return trial.suggest_categorical(key, tried.choices)
    low, high = tried.ends
    if isinstance(low, int) and isinstance(high, int):
        return trial.suggest_int(key, low, high, log=tried.log)
    return trial.suggest_float(key, low, high, log=tried.log)


class Prune(TrainerCallback):
    """Reports every epoch to the study, and ends a trial that is behind."""

    def __init__(self, trial: optuna.Trial, folder: Path, metric: str) -> None:
        """Take the trial, its run folder, and the figure on dev to report."""
        self.trial = trial
        self.metric = metric
        self.folder = folder

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any
    ) -> None:
        """Report what an interrupted run had reached by the checkpoint from which it goes on."""
        path = self.folder / "metrics.jsonl"
        for line in path.read_text(encoding="utf-8").splitlines() if path.exists() else ():
            earlier = json.loads(line)
            if earlier["step"] <= state.global_step:
                self._report(earlier, earlier["epoch"])

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Report; raises `optuna.TrialPruned`."""
        import optuna

        self._report(given["metrics"], state.epoch or 0.0)
        if self.trial.should_prune():
            raise optuna.TrialPruned

    def _report(self, metrics: dict[str, float], epoch: float) -> None:
        self.trial.report(metrics[f"eval_{self.metric}"], round(epoch))


def search(config: Config, *, resume: bool = False) -> optuna.Study:
    """Run the trials of a recipe's `search` and write the best recipe as `best.yaml` and all trials as `trials.csv`.

    A trial that was interrupted is taken up again from its last epoch. The next trial is drawn from those that are done
    and the search's seed alone, so that an interrupted search goes the way of one that wasn't.

    Args:
        config: a recipe with `search`.
        resume: go on with the study in the output folder; `search.trials` may have been raised.

    Raises:
        ConfigError: a key or value of the space is none of the recipe's, the folder holds another search, or several
            processes were launched.
        MissingExtraError: Optuna isn't installed.
    """
    try:
        import optuna
    except ImportError as error:
        raise MissingExtraError("search needs Optuna: pip install -e '.[runs]' -c constraints.txt") from error
    settings = config.search
    if settings is None:
        raise ConfigError("the recipe has no key search")
    if world_size() > 1:
        raise ConfigError("search trains in one process; start it without accelerate launch")
    folder = Path(config.output)
    _open(folder, config, resume)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    study = optuna.create_study(
        storage=f"sqlite:///{folder / 'study.db'}",
        study_name="search",
        direction="maximize",
        pruner=_pruner(settings, config.training.epochs),
        load_if_exists=True,
    )
    _take_up(study)
    while (done := len(_done(study))) < settings.trials:
        study.sampler = optuna.samplers.TPESampler(n_startup_trials=settings.startup, seed=settings.seed + done)
        _run_trial(study, config, settings.space)
    _write_trials(study, config.metric, folder / "trials.csv")
    best = trial_config(config, study.best_params, "best")
    (folder / "best.yaml").write_text(dump_config(best), encoding="utf-8")
    return study


def _open(folder: Path, config: Config, resume: bool) -> None:
    """Keep the recipe in the folder, or check that it is the same; the number of trials may differ."""
    saved = folder / "config.yaml"
    if resume and saved.exists():
        kept = load_config(saved)
        if kept.search is None or with_values(config, {"search.trials": kept.search.trials}) != kept:
            raise ConfigError(f"{folder}: holds another search or run; resume with its own config.yaml")
    elif saved.exists():
        raise ConfigError(f"{folder}: holds a search or run already; go on with --resume, or set output=...")
    folder.mkdir(parents=True, exist_ok=True)
    saved.write_text(dump_config(config), encoding="utf-8")


def _pruner(settings: SearchConfig, epochs: float) -> optuna.pruners.BasePruner:
    import optuna

    if settings.pruner == "median":
        return optuna.pruners.MedianPruner(n_startup_trials=settings.startup)
    if settings.pruner == "hyperband":
        return optuna.pruners.HyperbandPruner(min_resource=1, max_resource=max(1, round(epochs)))
    return optuna.pruners.NopPruner()


def _take_up(study: optuna.Study) -> None:
    """Queue trials that were interrupted again, with their values and run folders."""
    import optuna

    for trial in study.get_trials(states=(optuna.trial.TrialState.RUNNING,)):
        study.tell(trial.number, state=optuna.trial.TrialState.FAIL)
        if "folder" in trial.user_attrs:  # else it was interrupted before its values were drawn
            study.enqueue_trial(trial.params, user_attrs={"folder": trial.user_attrs["folder"]})


def _run_trial(study: optuna.Study, config: Config, space: Mapping[str, Range]) -> None:
    import optuna

    trial = study.ask()
    values = {key: suggest(trial, key, tried) for key, tried in space.items()}
    name = trial.user_attrs.get("folder", f"trial-{trial.number:03}")
    trial.set_user_attr("folder", name)
    one = trial_config(config, values, name)
    shown = _show(values)
    try:
        run = finish(one, resume=True, callbacks=[Prune(trial, Path(one.output), config.metric)])
    except optuna.TrialPruned:
        drop_checkpoints(Path(one.output))
        study.tell(trial, state=optuna.trial.TrialState.PRUNED)
        log.info("%s: pruned; %s", name, shown)
        return
    value = run.read_json("dev.metrics.json")[f"dev_{config.metric}"]
    study.tell(trial, value)
    log.info("%s: %s %.4f; %s", name, config.metric, value, shown)


def _write_trials(study: optuna.Study, metric: str, path: Path) -> None:
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream)
        writer.writerow(["trial", "state", metric, "epochs", *study.best_params])
        for trial in _done(study):
            writer.writerow(
                [trial.user_attrs["folder"], trial.state.name.lower(), trial.value, len(trial.intermediate_values)]
                + [trial.params[key] for key in study.best_params]
            )


def _done(study: optuna.Study) -> list[optuna.trial.FrozenTrial]:
    import optuna

    states = (optuna.trial.TrialState.COMPLETE, optuna.trial.TrialState.PRUNED)
    return study.get_trials(states=states)


def table(study: optuna.Study) -> str:
    """Lay the trials out, the best first; of a pruned trial the figure is that of its last epoch."""
    rows = sorted(_done(study), key=lambda trial: (trial.state.name, -(trial.value or 0.0)))
    return "\n".join(
        f"{trial.user_attrs['folder']:<10} {trial.state.name.lower():<9} {trial.value or 0.0:.4f}  "
        f"{len(trial.intermediate_values)} epochs  {_show(trial.params)}"
        for trial in rows
    )


def _show(values: Mapping[str, Any]) -> str:
    """Write values as they are given on the command line."""
    return " ".join(f"{key}={f'{value:.4g}' if isinstance(value, float) else value}" for key, value in values.items())
