"""What `/metrics` tells Prometheus."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"


class Metrics:
    """The counters of one server."""

    def __init__(self, version: str) -> None:
        """Start all at 0."""
        registry = self.registry = CollectorRegistry()
        self._requests = Counter(
            "framing_requests", "Requests answered.", ["route", "method", "status"], registry=registry
        )
        self._seconds = Histogram("framing_request_seconds", "From request to answer.", ["route"], registry=registry)
        self._batch = Histogram(
            "framing_batch_documents", "Texts scored together.", buckets=(1, 2, 4, 8, 16), registry=registry
        )
        self._waiting = Gauge("framing_waiting_characters", "Characters of texts that wait.", registry=registry)
        self._documents = Counter("framing_documents", "Records answered.", ["status"], registry=registry)
        self._words = Counter("framing_words", "Words scored.", registry=registry)
        self._cues = Counter("framing_cues", "Cues found.", ["label"], registry=registry)
        Gauge("framing_info", "1; the version of framing.", ["version"], registry=registry).labels(version).set(1)

    def answered(self, route: str, method: str, status: int, seconds: float) -> None:
        """Count a request."""
        self._requests.labels(route, method, str(status)).inc()
        self._seconds.labels(route).observe(seconds)

    def batch(self, jobs: int, waiting: int) -> None:
        """Count a batch."""
        self._batch.observe(jobs)
        self._waiting.set(waiting)

    def record(self, record: Mapping[str, Any]) -> None:
        """Count a scored or skipped record."""
        self._documents.labels(record["status"]).inc()
        if record["profile"] is not None:
            self._words.inc(record["profile"]["words"])
            for label, figures in record["profile"]["cues"].items():
                self._cues.labels(label).inc(figures["count"])

    def text(self) -> bytes:
        """Give all in Prometheus' text format."""
        return generate_latest(self.registry)
