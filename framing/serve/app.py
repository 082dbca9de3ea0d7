"""The web program: API, page and dashboard behind one guard."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.routing import BaseRoute

from framing import __version__
from framing.scorer import Scorer
from framing.serve.api import Api, on_error, on_failure, on_overload
from framing.serve.batching import Batcher, Overloaded
from framing.serve.jobs import Job, score_jobs
from framing.serve.limits import Guard, Limits
from framing.serve.metrics import Metrics
from framing.serve.pages import Pages


@dataclass(frozen=True, slots=True)
class ServeSettings:
    """How a server is set up; see `framing serve --help`."""

    results: Path | None = None
    allow_urls: bool = False
    hosts: tuple[str, ...] = ()
    token: str | None = None
    limits: Limits = field(default_factory=Limits)


def create_app(scorer: Scorer, settings: ServeSettings | None = None) -> Starlette:
    """Build the program.

    Args:
        scorer: what scores.
        settings: how it is set up; the defaults are those of a server for its own machine.

    Raises:
        InputError: the results are no output of `framing archive`.
        MissingExtraError: what reads them isn't installed.
    """
    settings = settings or ServeSettings()
    limits = settings.limits
    metrics = Metrics(__version__)

    def new_batcher() -> Batcher[Job, dict[str, Any]]:
        work = partial(score_jobs, scorer)
        return Batcher(work, room=limits.room, timeout=limits.job, seen=metrics.batch)

    api = Api(scorer, new_batcher(), limits, metrics)
    routes: list[BaseRoute] = [*api.routes()]
    reference = None
    if settings.results is not None:
        from framing.serve.dashboard import Dashboard  # brings DuckDB in

        dashboard = Dashboard(settings.results)
        reference = dashboard.reference()
        routes += dashboard.routes()
    routes += Pages(limits, allow_urls=settings.allow_urls, reference=reference).routes()

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        api.batcher = new_batcher()  # it belongs to the event loop that starts here
        runner = asyncio.create_task(api.batcher.run())
        yield
        runner.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await runner

    return Starlette(
        routes=routes,
        lifespan=lifespan,
        middleware=_guard(settings, metrics),
        exception_handlers={HTTPException: on_error, Overloaded: on_overload, Exception: on_failure},
    )


def _guard(settings: ServeSettings, metrics: Metrics) -> Sequence[Middleware]:
    return [Middleware(Guard, limits=settings.limits, metrics=metrics, hosts=settings.hosts, token=settings.token)]
