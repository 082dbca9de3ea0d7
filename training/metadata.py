"""The metadata block of the Hugging Face hub at the head of a model card."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from huggingface_hub import EvalResult, ModelCardData

from training.config import Config
from training.corpora.registry import parse
from training.provenance import base_model


def hub_metadata(facts: dict[str, Any], config: Config) -> ModelCardData:
    """Give the hub's metadata; what is only on this machine (an encoder, a corpus) is no name on the hub.

    Args:
        facts: what `framing.json` holds.
        config: the recipe.
    """
    dev = facts["figures"]["dev"]
    sentences = "sentences" in dev
    kind = "text-classification" if sentences else "token-classification"
    entries = [parse(entry) for entry in config.data.train]
    sets = sorted({str(path) for form, path, _ in entries if form.name == "hf" and not path.exists()})
    base = base_model(config.model.encoder)
    return ModelCardData(
        language=config.language,
        license=config.licence,
        library_name="framing",
        pipeline_tag=kind,
        tags=["framing", "news", "sentence-classification" if sentences else "span-detection"],
        datasets=sets or None,
        base_model=base,
        base_model_relation=base and "finetune",
        model_name=config.name,
        eval_results=[
            EvalResult(
                task_type=kind,
                task_name="labels of sentences" if sentences else "cue spans",
                dataset_type="cue-spans",
                dataset_name=f"dev part ({', '.join(file['name'] for file in facts['data']['dev'])})",
                dataset_split="dev",
                metric_type="f1",
                metric_name=f"{name}, 95% interval [{low:.3f}, {high:.3f}]",
                metric_value=value,
            )
            for name, figure in (_sentence_rows if sentences else _span_rows)(dev)
            if figure is not None
            for value, low, high in [figure]
        ],
    )


def _span_rows(dev: dict[str, Any]) -> list[tuple[str, Sequence[float] | None]]:
    return [
        *((f"{kind} F1, micro", dev["f1"]["micro"][kind]) for kind in ("strict", "overlap")),
        *((f"{kind} F1, micro, calibration cross-fitted", row) for kind, row in (dev["cross_fitted"] or {}).items()),
        *((f"strict F1, {label}", row["strict"]) for label, row in dev["f1"].items() if label != "micro"),
    ]


def _sentence_rows(dev: dict[str, Any]) -> list[tuple[str, Sequence[float] | None]]:
    found = dev["sentences"]
    crossed = found["cross_fitted_macro_f1"]
    return [
        ("F1, macro", found["macro_f1"]),
        *([("F1, macro, calibration cross-fitted", crossed)] if crossed else []),
        *((f"F1, {label}", row["f1"]) for label, row in found["labels"].items() if label != "micro"),
    ]
