"""The JSON schema of recipes, for editors: `python -m training.schema` writes configs/schema.json again."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Final

from training.config import Config

SCHEMA: Final = Path(__file__).parents[1] / "configs" / "schema.json"


def schema() -> str:
    """Give the schema that is generated from the config classes, as JSON text."""
    facts = {"$schema": "https://json-schema.org/draft/2020-12/schema", **Config.model_json_schema()}
    return json.dumps(facts | {"title": "framing recipe"}, indent=2) + "\n"


if __name__ == "__main__":
    SCHEMA.write_text(schema(), encoding="utf-8")
