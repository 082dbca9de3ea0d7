"""Typed recipes: YAML and `key=value` overrides to a checked `Config`; unknown keys fail with the nearest one."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any, Final, Literal, TypeGuard, get_args

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from framing.cues import CODEBOOK, Cue, read_cues
from framing.errors import ConfigError
from framing.tokens import SENTENCES
from training.yaml_text import read_yaml

METRICS: Final = {"strict_f1": "strict micro F1", "macro_f1": "macro F1"}
"""The dev figures by which epochs, runs and trials are compared: of spans, of sentences."""


class Section(BaseModel):
    """A part of a recipe: no unknown keys, no changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class DataConfig(Section):
    """Where the labelled records are."""

    train: tuple[str, ...] = Field(min_length=1, description="corpora to train on: JSONL files or format:path")
    dev: tuple[str, ...] = Field(min_length=1, description="corpora for early stopping and calibration")
    unlabelled: tuple[str, ...] = Field(
        default=(), description="corpora that only training.teachers label; spans in them don't count"
    )
    train_limit: int | None = Field(default=None, gt=0, description="use only the first so many training documents")
    dev_limit: int | None = Field(default=None, gt=0, description="use only the first so many dev documents")
    train_share: float = Field(
        default=1.0, gt=0, le=1, description="train on so much of the articles, drawn by the seed; shares are nested"
    )
    note: str | None = Field(default=None, description="how the labels were made; goes into both cards")
    licence: str | None = Field(default=None, description="licence of texts and labels, for the data card")

    @field_validator("train", "dev", "unlabelled")
    @classmethod
    def _each_once(cls, entries: tuple[str, ...]) -> tuple[str, ...]:
        twice = [entry for entry in dict.fromkeys(entries) if entries.count(entry) > 1]
        if twice:
            raise ValueError(f"{', '.join(twice)} stands twice; name every corpus once")
        return entries


class ModelConfig(Section):
    """The encoder and its heads."""

    encoder: str = Field(default="minilm", description="minilm (packaged MiniLM-L6), a hub name, or a local folder")
    revision: str | None = Field(default=None, description="hub revision of the encoder")
    start: str | None = Field(
        default=None, description="a finished run of the same encoder and cue types, whose weights this one starts from"
    )
    window: int = Field(default=128, gt=7, description="most tokens in a window")
    stride: int = Field(default=32, ge=0, description="most tokens repeated of the window before")
    dropout: float = Field(default=0.1, ge=0, lt=1, description="on what the heads read of the encoder")
    attention_dropout: float | None = Field(
        default=None, ge=0, lt=1, description="in the encoder; null keeps the encoder's own"
    )
    voice_weight: float = Field(
        default=0.3, ge=0, description="voice loss beside the cue loss; 0 for corpora without voices"
    )

    designations: bool = Field(
        default=True,
        description="learn who is designated as terrorist and by whom, where the training documents say so",
    )
    rules: bool = Field(default=True, description="tell the network what the rules find")
    rules_dropout: float = Field(
        default=0.1, ge=0, le=1, description="share of training windows in which the rules say nothing"
    )

    @model_validator(mode="after")
    def _stride_below_window(self) -> ModelConfig:
        if self.stride >= self.window:
            raise ValueError(f"stride {self.stride} must be below window {self.window}")
        return self


class TrainingConfig(Section):
    """The optimisation."""

    epochs: float = Field(default=5, gt=0, description="passes over the training windows")
    swap_names: float = Field(
        default=0.0,
        ge=0,
        le=1,
        description="share of training passages in which states, leaders, parties and outlets change places (English)",
    )
    teachers: tuple[str, ...] = Field(
        default=(), description="model folders or hub names whose mean opinion is learnt beside the gold (distillation)"
    )
    teacher_weight: float = Field(
        default=0.5, ge=0, le=1, description="what the teachers' opinion counts beside the gold where there is gold"
    )
    batch_size: int = Field(default=16, gt=0, description="windows a step")
    gradient_accumulation: int = Field(default=1, gt=0, description="steps gathered before an update")
    learning_rate: float = Field(default=3e-4, gt=0, description="peak rate of the encoder")
    head_learning_rate: float = Field(
        default=1e-3, gt=0, description="peak rate of the heads and the feature embedding"
    )
    layer_decay: float = Field(default=1.0, gt=0, le=1, description="each layer below the top learns by so much less")
    warmup: float = Field(default=0.1, ge=0, lt=1, description="share of the steps over which the rate rises")
    schedule: Literal["linear", "cosine"] = Field(default="linear", description="how the rate falls")
    weight_decay: float = Field(default=0.01, ge=0, description="AdamW's, not on biases and norms")
    max_grad_norm: float = Field(default=1.0, gt=0, description="gradient clipping")
    label_smoothing: float = Field(default=0.0, ge=0, lt=1, description="in the cue loss")
    cue_weight: float | Literal["auto"] = Field(
        default="auto",
        description="weight of cue tags against 1 outside; auto: root of the commonest type's count over the type's",
    )
    loss: Literal["cross_entropy", "focal"] = Field(default="cross_entropy", description="the cue loss")
    focal_gamma: float = Field(default=2.0, ge=0, description="how far the focal loss plays down what is easy")
    negatives: float = Field(
        default=1.0, ge=0, le=1, description="share of the windows without a span that an epoch takes"
    )
    patience: int = Field(default=2, gt=0, description="epochs without a better dev F1 before it stops")
    precision: Literal["auto", "float32", "bfloat16"] = Field(
        default="auto", description="auto takes bfloat16 where the processor computes in it"
    )
    compile: bool = Field(default=False, description="torch.compile the tagger")
    workers: int = Field(default=0, ge=0, description="data loader processes")
    seed: int = Field(default=13, ge=0, description="of weights, order and dropout")
    report_to: tuple[Literal["tensorboard", "mlflow", "wandb"], ...] = Field(
        default=(), description="experiment trackers that get losses and figures as they come"
    )


class Range(Section):
    """The values of one key that a search tries: from low to high, or one of several."""

    low: int | float | None = Field(default=None, description="least value")
    high: int | float | None = Field(default=None, description="largest value")
    log: bool = Field(default=False, description="draw evenly by order of magnitude")
    choices: tuple[str | int | float | bool | None, ...] = Field(default=(), description="in place of low and high")

    @model_validator(mode="before")
    @classmethod
    def _list_of_choices(cls, given: Any) -> Any:
        return {"choices": given} if isinstance(given, list) else given

    @model_validator(mode="after")
    def _one_of_both(self) -> Range:
        if self.choices:
            if (self.low, self.high, self.log) != (None, None, False):
                raise ValueError("give choices, or low and high, not both")
        elif self.low is None or self.high is None:
            raise ValueError("give low and high, or a list of choices")
        elif not self.low < self.high or (self.log and self.low <= 0):
            raise ValueError("low must be below high, and above 0 where log is true")
        return self

    @property
    def ends(self) -> tuple[int | float, int | float]:
        """The least and the largest value; raises `ValueError` for choices."""
        if self.low is None or self.high is None:
            raise ValueError("choices have no ends")
        return self.low, self.high


class SearchConfig(Section):
    """A search for hyper-parameters."""

    trials: int = Field(default=20, gt=0, description="trainings, those that are pruned included")
    space: dict[str, Range] = Field(min_length=1, description="keys of the recipe and what to try for each")
    pruner: Literal["median", "hyperband", "none"] = Field(
        default="median", description="how a trial is stopped after an epoch in which it is behind"
    )
    startup: int = Field(default=5, gt=0, description="trials drawn at random, and ended before one is pruned")
    seed: int = Field(default=0, ge=0, description="of the search")


class Config(Section):
    """A whole recipe; `configs/README.md` explains every key."""

    name: str = Field(
        default="cues", min_length=1, description="the model's name, in its card and in every scored record"
    )
    version: str = Field(default="0.1.0", min_length=1, description="the model's version")
    licence: str | None = Field(default=None, description="licence of the trained weights, for the card")
    language: str | None = Field(default=None, description="language of the corpus, for the card")
    task: Literal["spans", "sentences"] = Field(
        default="spans", description="find spans of words, or label whole sentences; sentences may have several labels"
    )
    baseline: Literal["lexicon", "linear", "majority", "tfidf"] | None = Field(
        default=None, description="a plain system in place of the network, for the same table of figures"
    )
    output: str = Field(default="runs/default", min_length=1, description="the run folder")
    cues: str = Field(default="codebook", description="codebook (the six types), or a YAML vocabulary")
    data: DataConfig
    model: ModelConfig = ModelConfig()
    training: TrainingConfig = TrainingConfig()
    search: SearchConfig | None = Field(default=None, description="search for hyper-parameters instead of one training")

    @model_validator(mode="after")
    def _baseline_fits_task(self) -> Config:
        found = []
        wanted = {"lexicon": "spans", "linear": "spans", "tfidf": "sentences"}.get(self.baseline or "", self.task)
        if wanted != self.task:
            found.append(f"baseline {self.baseline} is for task {wanted}, not {self.task}; change one of the two")
        if self.training.teachers and (self.baseline or self.task == SENTENCES):
            found.append("training.teachers: only the network of task spans learns from others; leave them out")
        if self.data.unlabelled and not self.training.teachers:
            found.append("data.unlabelled: nobody labels it; name training.teachers, or leave it out")
        if self.baseline and self.search:
            found.append(f"baseline {self.baseline} has nothing to search for; leave one of the two out")
        if found:
            raise ValueError("; ".join(found))
        return self

    @property
    def metric(self) -> str:
        """The dev figure by which epochs are compared, a key of `METRICS`."""
        return "macro_f1" if self.task == SENTENCES else "strict_f1"


def load_config(path: Path, overrides: Iterable[str] = ()) -> Config:
    """Read a recipe.

    Args:
        path: a YAML file.
        overrides: `section.key=value`, the value in YAML (`training.epochs=1`, `data.train=[a.jsonl]`).

    Raises:
        ConfigError: names the file, the key and the nearest valid key, or the value and what is allowed.
    """
    raw = read_recipe(path, overrides)
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError(f"{path}: {'; '.join(_explain(item) for item in error.errors())}") from error


def read_recipe(path: Path, overrides: Iterable[str] = (), faults: list[str] | None = None) -> dict[str, Any]:
    """Read a recipe's keys and values without checking them.

    Args:
        path: as in `load_config`, whose errors it raises.
        overrides: as in `load_config`.
        faults: takes the keys that are given twice, where all faults are wanted.
    """
    try:
        raw, twice = read_yaml(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(
            f"{path}: can't read the config ({error}); give a YAML file such as configs/default.yaml"
        ) from error
    except yaml.YAMLError as error:
        raise ConfigError(f"{path}: not YAML ({' '.join(str(error).split())})") from error
    if not isinstance(raw, dict):
        raise ConfigError(f"{path}: a config is a mapping of keys to values")
    twice = [f"{path}:{fault}" for fault in twice]
    if twice and faults is None:
        raise ConfigError("; ".join(twice))
    if faults is not None:
        faults += twice
    for override in overrides:
        _apply(raw, override)
    return raw


def config_faults(raw: dict[str, Any]) -> list[str]:
    """Give every unknown key and wrong value, with the nearest key or what is allowed; nothing when there is none."""
    try:
        config = Config.model_validate(raw)
    except ValidationError as error:
        return [*map(_explain, error.errors()), *_space_faults_alone(raw)]
    return space_faults(config.search.space, config) if config.search else []


def space_faults(space: Mapping[str, Range], config: Config) -> list[str]:
    """Try the ends of every range of `search.space` and all choices, and give what is wrong with each."""
    found = []
    for key, tried in space.items():
        for value in (tried.choices or tried.ends)[: None if key in keys() else 1]:
            try:
                with_values(config, {key: value, "search": None})
            except ConfigError as error:
                found.append(f"search.space: {key}={value}: {error}")
    return found


def _space_faults_alone(raw: Mapping[str, Any]) -> list[str]:
    """Give the faults of a search's keys and values that don't hang on the rest of the recipe, which is wrong."""
    search = raw.get("search")
    space = search.get("space") if isinstance(search, dict) else None
    plain = Config(data=DataConfig(train=("train",), dev=("dev",)))
    found = []
    for key, given in space.items() if isinstance(space, dict) else ():
        try:
            faults = space_faults({str(key): Range.model_validate(given)}, plain)
        except ValidationError:
            continue  # said with the recipe's other faults
        found += [fault for fault in faults if key not in keys() or f": {key}: " in fault]
    return found


def with_values(config: Config, values: Mapping[str, Any]) -> Config:
    """Give a recipe with other values at dotted keys; raises `ConfigError` as `load_config` does."""
    raw = config.model_dump(mode="json")
    for dotted, value in values.items():
        _put(raw, dotted, value)
    try:
        return Config.model_validate(raw)
    except ValidationError as error:
        raise ConfigError("; ".join(_explain(item) for item in error.errors())) from error


def vocabulary(config: Config) -> tuple[Cue, ...]:
    """Give the recipe's cue types; raises `ConfigError` for one that the task can't have."""
    cues = CODEBOOK if config.cues == "codebook" else read_cues(Path(config.cues))
    marked = [cue.name for cue in cues if cue.decoding == "quotation"]
    if config.task == SENTENCES and marked:
        raise ConfigError(
            f"{config.cues}: {marked[0]} is decoded as a quotation, but task sentences has whole sentences"
        )
    return cues


def dump_config(config: Config) -> str:
    """Write a config as YAML that `load_config` reads."""
    return yaml.safe_dump(config.model_dump(mode="json"), sort_keys=False, allow_unicode=True)


def _apply(raw: dict[str, Any], override: str) -> None:
    dotted, equals, value = override.partition("=")
    if not equals or not dotted:
        raise ConfigError(f"override {override!r} is not key=value; write for instance training.epochs=1")
    try:
        _put(raw, dotted, yaml.safe_load(value))
    except yaml.YAMLError as error:
        raise ConfigError(f"override {override!r}: the value is not YAML") from error


def _put(raw: dict[str, Any], dotted: str, value: Any) -> None:
    *sections, key = dotted.split(".")
    place = raw
    for section in sections:
        place = place.setdefault(section, {})
        if not isinstance(place, dict):
            raise ConfigError(f"override '{dotted}={value}': {section} is a value, not a section")
    place[key] = value


def _section(annotation: Any) -> TypeGuard[type[BaseModel]]:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)


def _inner(annotation: Any) -> type[BaseModel] | None:
    """Give the section that a key holds, which may be left out, or None."""
    kinds = get_args(annotation) if type(None) in get_args(annotation) else (annotation,)
    return next((kind for kind in kinds if _section(kind)), None)


def keys(section: type[BaseModel] = Config, prefix: str = "") -> list[str]:
    """List every valid key, dotted."""
    found = []
    for name, info in section.model_fields.items():
        inner = _inner(info.annotation)
        if inner is not None:
            found += keys(inner, f"{prefix}{name}.")
        else:
            found.append(prefix + name)
    return found


def _explain(item: Any) -> str:
    dotted = ".".join(str(part) for part in item["loc"])
    given = item["input"]
    if item["type"] != "extra_forbidden":
        message = item["msg"].removeprefix("Value error, ")
        if item["type"] == "tuple_type":
            message = f"write a list: [{given}]" if isinstance(given, str) else "write a list"
        elif item["type"] in ("model_type", "dict_type"):
            message = "write keys and values under it"
        # What a combination is made of is in its message; a section is too long to show.
        plain = item["type"] not in ("missing", "value_error", "tuple_type") and not isinstance(given, dict | list)
        shown = f" (got {given!r})" if plain else ""
        return f"{dotted}{': ' if dotted else ''}{message[0].lower()}{message[1:]}{shown}"
    valid = keys()
    last = {key: key.rpartition(".")[2] for key in valid}
    sections = [name for name, info in Config.model_fields.items() if _inner(info.annotation)]
    near = difflib.get_close_matches(dotted, [*sections, *valid], 1, 0.6)
    near = near or [
        key for key in valid if last[key] in difflib.get_close_matches(dotted.rpartition(".")[2], last.values(), 1)
    ]
    return f"unknown key {dotted}" + (f"; did you mean {near[0]}?" if near else f"; valid are {', '.join(valid)}")
