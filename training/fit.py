"""Train a tagger from a config into a run folder, or go on with a run that was interrupted."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from datasets import Dataset
from torch import nn
from transformers import (
    AutoTokenizer,
    EarlyStoppingCallback,
    EvalPrediction,
    PreTrainedModel,
    Trainer,
    TrainerCallback,
    TrainerControl,
    TrainerState,
    TrainingArguments,
    set_seed,
)

from framing.cues import Cue
from framing.decode import Calibration, FloatArray, WindowLogits, decode, unit_probabilities
from framing.errors import ConfigError, InputError
from framing.spans import CueSpan, Document
from framing.tokens import SENTENCES, WindowTokenizer, keep_to_units
from training.config import Config, TrainingConfig, vocabulary
from training.corpora.base import Losses
from training.corpora.registry import read_corpus
from training.designations import fit_roles
from training.encode import Losses as WindowLosses
from training.encode import dataset, rule_opinions
from training.processes import is_main, peak_memory, wait
from training.run import Run
from training.sampling import EpochSampler, nested_share
from training.soft import is_soft
from training.swap import swap
from training.tagger import CueTagger, encoder_folder, load_encoder, start_from
from training.tasks import TASKS, figures, gold
from training.teachers import OPINIONS, kept_opinions, taught
from training.trackers import check_trackers, tensorboard

log = logging.getLogger("framing")


def documents(paths: Sequence[str], limit: int | None, cues: Sequence[Cue]) -> list[Document]:
    """Read corpora in order, at most `limit` documents of them together; raises `InputError`.

    A corpus is `format:path?option=value`, or the path of JSON lines. What its reader leaves out is logged. No id may
    stand twice, in two of them either.
    """
    labels = [cue.name for cue in cues]
    seen: dict[str, str] = {}
    found = []
    for path in paths:
        left_out = Losses()
        found += read_corpus(path, labels=labels, losses=left_out, seen=seen)
        for line in left_out.lines():
            log.info("%s: %s", path, line)
    return found[:limit]


def read_parts(config: Config, cues: Sequence[Cue]) -> tuple[list[Document], list[Document]]:
    """Read a recipe's train and dev gold; raises `InputError` for a text that stands in both."""
    train = documents(config.data.train, config.data.train_limit, cues)
    dev = documents(config.data.dev, config.data.dev_limit, cues)
    known = {document.text: document.id for document in train}
    shared = [(known[document.text], document.id) for document in dev if document.text in known]
    if shared:
        raise InputError(
            f"{', '.join(config.data.dev)}: {len(shared)} texts stand in data.train too, first {shared[0][1]!r} (there "
            f"{shared[0][0]!r}); take them out of one, or dev figures mean nothing"
        )
    if is_soft(dev):
        raise InputError(
            f"{', '.join(config.data.dev)}: spans have scores below 1, so nobody has decided them; give dev records "
            "with gold spans, or figures mean nothing"
        )
    if (config.task == SENTENCES or config.baseline) and is_soft(train):
        raise InputError(
            f"{', '.join(config.data.train)}: spans have scores below 1, which only the network of task spans learns "
            "from; leave them out, or decide them (framing weak --hard)"
        )
    train = nested_share(gold(train, config), config.data.train_share, config.training.seed)
    return train, gold(dev, config)


def load_tokenizer(config: Config) -> tuple[WindowTokenizer, int]:
    """Give the encoder's tokenizer, kept to units, and its padding id; raises `ConfigError`."""
    try:
        fast = AutoTokenizer.from_pretrained(
            encoder_folder(config.model.encoder), revision=config.model.revision or "main", trust_remote_code=False
        )
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0]
        raise ConfigError(f"encoder {config.model.encoder!r}: can't load its tokenizer ({reason})") from error
    if not fast.is_fast:
        raise ConfigError(
            f"encoder {config.model.encoder!r} has no fast tokenizer (tokenizer.json); take another encoder"
        )
    tokenizer = WindowTokenizer(
        keep_to_units(fast.backend_tokenizer),
        window=config.model.window,
        stride=config.model.stride,
        rules=config.model.rules,
        task=config.task,
    )
    return tokenizer, fast.pad_token_id or 0


def bfloat16_pays(setting: str) -> bool:
    """Tell whether to train in bfloat16: on request, or where the processor multiplies in it."""
    if setting != "auto":
        return setting == "bfloat16"
    if torch.cuda.is_available():
        return bool(torch.cuda.is_bf16_supported())
    return bool(torch.cpu._is_avx512_bf16_supported() or torch.cpu._is_amx_tile_supported())


class Judge:
    """Scores a model's logits on dev, window by window put back into documents."""

    def __init__(
        self, documents: Sequence[Document], windows: Dataset, tokenizer: WindowTokenizer, cues: Sequence[Cue]
    ) -> None:
        """Take the dev documents and their windows."""
        self.documents = documents
        self.cues = cues
        self.lead = len(tokenizer.prefix)
        self.texts = list(tokenizer.tokenize_documents(documents))
        self.owners = windows["document"]

    def logits(self, cue: FloatArray, voice: FloatArray) -> list[WindowLogits]:
        """Cut padded arrays [windows, tokens, ...] into the windows of each document, special tokens taken off."""
        found: list[WindowLogits] = [([], []) for _ in self.documents]
        for row, owner in enumerate(self.owners):
            window = self.texts[owner].windows[len(found[owner][0])]
            part = slice(self.lead, self.lead + window.end - window.start)
            found[owner][0].append(cue[row, part])
            found[owner][1].append(voice[row, part])
        return found

    def spans(self, cue: FloatArray, voice: FloatArray) -> list[list[CueSpan]]:
        """Decode with neutral thresholds; with voices where the gold has some."""
        neutral = Calibration.neutral(len(self.cues))
        if not any(span.voice for document in self.documents for span in document.spans):
            neutral = replace(neutral, voice_temperature=None)
        return [
            decode(text, unit_probabilities(text, *logits, neutral), self.cues, neutral.thresholds)
            for text, logits in zip(self.texts, self.logits(cue, voice), strict=True)
        ]

    def __call__(self, prediction: EvalPrediction) -> dict[str, float]:
        """Give the Trainer its figures."""
        found = self.spans(*_arrays(prediction.predictions))
        return figures(self.documents, self.texts, found, self.cues)


def _arrays(predictions: Any) -> tuple[FloatArray, FloatArray]:
    """Take the Trainer's padded cue and voice logits, whose type it leaves open."""
    cue, voice = predictions[:2]
    return np.asarray(cue, dtype=np.float32), np.asarray(voice, dtype=np.float32)


def parameter_groups(tagger: CueTagger, config: TrainingConfig) -> list[dict[str, Any]]:
    """Sort parameters by learning rate (heads, layers) and weight decay (none on biases and norms)."""
    layers = tagger.encoder.config.num_hidden_layers
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    for name, parameter in tagger.named_parameters():
        if not name.startswith("encoder."):
            rate = config.head_learning_rate
        else:
            numbers = [int(part) for part in name.split(".") if part.isdigit()]
            depth = layers - 1 - numbers[0] if numbers else (layers if "embed" in name else 0)
            rate = config.learning_rate * config.layer_decay**depth
        decay = 0.0 if parameter.ndim < 2 else config.weight_decay
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": found, "lr": rate, "weight_decay": decay} for (rate, decay), found in groups.items()]


class KeepMetrics(TrainerCallback):
    """Writes every evaluation to the run folder as it comes."""

    def __init__(self, run: Run) -> None:
        """Take the run."""
        self.run = run

    def on_evaluate(self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **given: Any) -> None:
        """Add a line to `metrics.jsonl`."""
        if state.is_world_process_zero:
            self.run.add_metrics({"epoch": state.epoch, "step": state.global_step, **given["metrics"]})


class InOrder(Trainer):
    """A Trainer that trains in the sampler's order but evaluates in the windows' own, as the judge reads them."""

    def __init__(self, *, sampler: EpochSampler, **given: Any) -> None:
        """Take the sampler of training windows, and what a Trainer takes."""
        super().__init__(**given)
        self.sampler = sampler

    def _get_train_sampler(self, train_dataset: Dataset | None = None) -> torch.utils.data.Sampler[int]:
        return self.sampler

    def _get_eval_sampler(self, eval_dataset: Dataset) -> torch.utils.data.Sampler[int]:
        return torch.utils.data.SequentialSampler(eval_dataset)


def fit(config: Config, *, resume: bool = False, callbacks: Sequence[TrainerCallback] = ()) -> Run:
    """Train, keep the checkpoint with the best figure on dev (`Config.metric`), and write its dev predictions.

    Args:
        config: the recipe.
        resume: go on from the run folder's last checkpoint instead of starting.
        callbacks: told of every epoch, beside our own.

    Returns:
        The run.

    Raises:
        ConfigError: the run folder holds another run, or the encoder can't be loaded.
        InputError: a corpus can't be read.
        MissingExtraError: a tracker of `training.report_to` isn't installed.
    """
    check_trackers(config.training.report_to)
    cues = vocabulary(config)
    labels = [cue.name for cue in cues]
    task = TASKS[config.task]
    train, dev = read_parts(config, cues)
    run = Run.open(Path(config.output), config, resume=resume)
    wait()  # until every process has seen the folder as it was
    set_seed(config.training.seed)
    tokenizer, pad_id = load_tokenizer(config)
    encoder = load_encoder(config.model.encoder, config.model.revision, config.model.attention_dropout)
    _check_window(config, encoder, tokenizer)
    tagger = task.tagger(
        encoder,
        len(cues),
        dropout=config.model.dropout,
        rules_dropout=config.model.rules_dropout,
        voice_weight=config.model.voice_weight,
        cue_weights=task.weights(config.training.cue_weight, train, labels),
        label_smoothing=config.training.label_smoothing,
        focal_gamma=config.training.focal_gamma if config.training.loss == "focal" else 0.0,
    )
    if config.model.start:
        start_from(tagger, weights_of(config.model.start, cues))
    windows, losses = _training_windows(config, run, train, dev, tokenizer, cues)
    dev_windows, dev_losses = task.dataset(dev, tokenizer, labels)
    if is_main():
        parts = {"train": (train, losses), "dev": (dev, dev_losses)}
        run.write_start(config, cues, encoder, tokenizer, pad_id, parts)
        run.write_rules(rule_opinions(train, tokenizer, labels))
        run.write_designations(fit_roles(train) if config.model.designations else None)
    log.info("%d training windows from %d documents; %s", len(windows), len(train), _summary(losses))
    judge = Judge(dev, dev_windows, tokenizer, cues)
    arguments = _arguments(config, run)
    trainer = InOrder(
        sampler=EpochSampler(
            windows,
            arguments.train_batch_size * arguments.gradient_accumulation_steps * arguments.world_size,
            negatives=config.training.negatives,
            seed=config.training.seed,
        ),
        model=tagger,
        args=arguments,
        train_dataset=windows,
        eval_dataset=dev_windows,
        data_collator=task.collator(len(cues), pad_id),
        compute_metrics=judge,
        optimizers=(
            torch.optim.AdamW(parameter_groups(tagger, config.training), fused=True),
            None,
        ),
        callbacks=[
            EarlyStoppingCallback(config.training.patience),
            KeepMetrics(run),
            *tensorboard(config.training.report_to, run.folder / "logs"),
            *callbacks,
        ],
    )
    trainer.train(resume_from_checkpoint=run.last_checkpoint() if resume else None)
    predicted = trainer.predict(dev_windows, metric_key_prefix="dev")
    if is_main():
        metrics = {**(predicted.metrics or {}), **peak_memory()}
        run.finish(tagger, dev, judge.spans(*_arrays(predicted.predictions)), metrics)
    wait()
    return run


def _training_windows(
    config: Config,
    run: Run,
    train: Sequence[Document],
    dev: Sequence[Document],
    tokenizer: WindowTokenizer,
    cues: Sequence[Cue],
) -> tuple[Dataset, WindowLosses]:
    """Cut what is learnt into windows: the gold with names swapped, and what teachers say of it and of other texts."""
    labels = [cue.name for cue in cues]
    others = _without_dev(documents(config.data.unlabelled, None, cues), dev)
    swapped = swap([*train, *others], config.training.swap_names, config.training.seed)
    if not config.training.teachers:
        return TASKS[config.task].dataset(swapped, tokenizer, labels)
    path = run.folder / OPINIONS
    if is_main():
        kept_opinions(config.training.teachers, swapped, cues, path)
    wait()
    said = kept_opinions(config.training.teachers, swapped, cues, path)
    read, targets = taught(swapped, said, len(train), tokenizer, cues, config.training.teacher_weight)
    return dataset(read, tokenizer, labels, targets)


def _without_dev(others: Sequence[Document], dev: Sequence[Document]) -> list[Document]:
    """Leave out unlabelled passages that stand in dev or come from its articles, which would flatter dev figures."""
    texts = {document.text for document in dev}
    articles = {document.meta["article"] for document in dev if "article" in document.meta}
    kept = [one for one in others if one.text not in texts and one.meta.get("article") not in articles]
    if len(kept) < len(others):
        log.info("data.unlabelled: %d passages of dev's articles left out", len(others) - len(kept))
    return kept


def weights_of(start: str, cues: Sequence[Cue]) -> Path:
    """Give the weights of a finished run of these cue types; raises `ConfigError`."""
    run = Run.finished(Path(start))
    known = [record["name"] for record in run.read_json("cues.json")["cues"]]
    if known != [cue.name for cue in cues]:
        raise ConfigError(
            f"model.start: {start}: it finds {', '.join(known)}, but the recipe wants "
            f"{', '.join(cue.name for cue in cues)}; give a run of the recipe's cue types, in their order"
        )
    return run.best / "model.safetensors"


def _check_window(config: Config, encoder: PreTrainedModel, tokenizer: WindowTokenizer) -> None:
    most = getattr(encoder.config, "max_position_embeddings", None)
    special = len(tokenizer.prefix) + len(tokenizer.suffix)
    positions = getattr(getattr(encoder, "embeddings", None), "position_embeddings", None)
    padding = getattr(positions, "padding_idx", None)
    if most is not None and padding is not None:
        most -= padding + 1  # RoBERTa and its kin count positions from behind the padding id
    if most is not None and config.model.window + special > most:
        raise ConfigError(
            f"model.window {config.model.window}: with {special} special tokens that is more than the {most} positions "
            f"of encoder {config.model.encoder!r}; set model.window={most - special} or less"
        )


def _arguments(recipe: Config, run: Run) -> TrainingArguments:
    config = recipe.training
    return TrainingArguments(
        output_dir=str(run.checkpoints),
        run_name=f"{recipe.name} {run.folder.name}",
        num_train_epochs=config.epochs,
        per_device_train_batch_size=config.batch_size,
        per_device_eval_batch_size=64,
        gradient_accumulation_steps=config.gradient_accumulation,
        learning_rate=config.learning_rate,
        lr_scheduler_type=config.schedule,
        warmup_steps=config.warmup,
        max_grad_norm=config.max_grad_norm,
        use_cpu=not torch.cuda.is_available(),  # without it, bf16 is refused on processors that have it
        bf16=bfloat16_pays(config.precision),
        torch_compile=config.compile,
        label_names=list(TASKS[recipe.task].targets),
        eval_strategy="epoch",
        save_strategy="epoch",
        save_total_limit=2,
        load_best_model_at_end=True,
        metric_for_best_model=recipe.metric,
        greater_is_better=True,
        logging_strategy="steps",
        logging_steps=25,
        report_to=[name for name in config.report_to if name != "tensorboard"],
        disable_tqdm=False,
        restore_callback_states_from_checkpoint=True,
        dataloader_num_workers=config.workers,
        dataloader_pin_memory=torch.cuda.is_available(),
        seed=config.seed,
        data_seed=config.seed,
    )


def _summary(losses: WindowLosses) -> str:
    parts = [
        f"{losses.cut} gold spans cut by windows",
        f"{losses.overlapping} overlapping in their type",
        f"{losses.snapped} widened to whole words",
    ]
    return ", ".join(parts)
