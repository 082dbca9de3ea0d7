"""The API as its OpenAPI description says: schemathesis asks, well and badly, and checks every answer."""

from __future__ import annotations

from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, settings
from jsonschema import Draft202012Validator

from framing.cues import CODEBOOK
from framing.scorer import Scorer
from framing.serve.api import schema
from framing.serve.app import ServeSettings, create_app

NAMES = tuple(cue.name for cue in CODEBOOK)
api = schemathesis.openapi.from_asgi(
    "/openapi.json", create_app(Scorer.load("lexicon"), ServeSettings(hosts=("testserver",)))
)


@schemathesis.serializer("application/x-ndjson")
def lines(context: schemathesis.SerializationContext, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


@schemathesis.deserializer("application/x-ndjson")
def text(context: schemathesis.DeserializationContext, response: schemathesis.Response) -> str:
    return response.content.decode()


@api.parametrize()
@settings(max_examples=25, phases=[Phase.explicit, Phase.generate], suppress_health_check=list(HealthCheck))
def test_every_answer_is_one_that_the_schema_allows(case: schemathesis.Case) -> None:
    case.call_and_validate()


def test_the_examples_fit_their_schemas_and_name_the_codebooks_cues() -> None:
    described = schema(NAMES)
    for path in described["paths"].values():
        for operation in path.values():
            for response in operation["responses"].values():
                for content in response.get("content", {}).values():
                    whole = {"components": described["components"], **content["schema"]}
                    for example in content.get("examples", {}).values():
                        Draft202012Validator(whole).validate(example["value"])
    cues = described["components"]["parameters"]["cue"]["schema"]["items"]["enum"]
    assert cues == list(NAMES)


@pytest.mark.parametrize("path", ["/score", "/batch", "/cues", "/health", "/metrics"])
def test_the_schema_describes_every_route(path: str) -> None:
    assert path in schema(NAMES)["paths"]
