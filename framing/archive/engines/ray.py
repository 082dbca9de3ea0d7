"""Shards on a Ray cluster: actors that load the model once, on machines that share the output's file system.

Ray's actors are used, not Ray Data: the shards are planned and entered here already, and a data set would plan anew.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any, Final, cast

from framing.archive.plan import Shard
from framing.archive.shard import Failed, Job, Outcome, ShardScorer
from framing.errors import FramingError, MissingExtraError

_TRIES: Final = 2
"""How often a shard is given to an actor before its crashes are blamed on the shard."""


class _Actor:
    """A worker; Ray makes it an actor, a process somewhere in the cluster."""

    def __init__(self, job: Job) -> None:
        self.job = job

    def load(self) -> FramingError | None:
        """Load the model; what is wrong with it comes back as a value, since it isn't the actor's death."""
        try:
            self.scorer = ShardScorer(self.job)
        except FramingError as error:
            return error
        return None

    def run(self, shard: Shard) -> Outcome:
        return self.scorer.run(shard)


@dataclass(slots=True)
class _Hand:
    """An actor and the shard that it has; without one it is loading."""

    actor: Any
    shard: Shard | None = None
    tries: int = 0


@dataclass(frozen=True, slots=True)
class RayEngine:
    """Runs shards on Ray.

    Attributes:
        address: the cluster's, as `ray start` prints it; None takes the one in RAY_ADDRESS, and without that starts one
            on this machine.
        gpus: share of a GPU that each worker asks for.
        options: more options of Ray's actors, such as `resources`.
    """

    address: str | None = None
    gpus: float = 0.0
    options: dict[str, Any] = field(default_factory=dict)

    def __call__(
        self, shards: Iterator[Shard], job: Job, workers: int, stopped: Callable[[], bool]
    ) -> Iterator[Outcome]:
        """Score shards in actors, as `framing.archive.engines.local.run_local` does in processes.

        All actors are asked for at once, so that a cluster that can grow does; shards go to those that have a machine.

        Raises:
            MissingExtraError: Ray isn't installed.
            FramingError: the cluster can't be reached, or a worker can't load the model.
        """
        try:
            import ray
        except ImportError as error:
            raise MissingExtraError("--engine ray needs Ray: pip install 'framing[ray]'") from error
        ours = not ray.is_initialized()
        if ours:
            _connect(self.address, workers)
        make: Any = ray.remote(num_cpus=1, num_gpus=self.gpus, max_restarts=0, **self.options)(_Actor).remote
        hands: dict[Any, _Hand] = {}

        def enlist() -> None:
            actor = make(job)
            hands[actor.load.remote()] = _Hand(actor)

        idle: list[_Hand] = []
        again: list[tuple[Shard, int]] = []
        unborn = 0
        try:
            for _ in range(workers):
                enlist()
            following = _next(shards, again)
            while True:
                while idle and following is not None and not stopped():
                    hand = idle.pop()
                    hand.shard, hand.tries = following[0], following[1] + 1
                    hands[hand.actor.run.remote(hand.shard)] = hand
                    following = _next(shards, again)
                busy = any(hand.shard is not None for hand in hands.values())
                if not busy and (following is None or stopped()):
                    return
                for ready in ray.wait(list(hands), timeout=1.0)[0]:
                    hand = hands.pop(ready)
                    try:
                        answer = ray.get(ready)
                    except ray.exceptions.RayActorError:
                        if hand.shard is None and (unborn := unborn + 1) >= _TRIES * workers:
                            raise FramingError("workers die while they load the model; is memory short?") from None
                        enlist()
                        if hand.shard is None:
                            continue
                        if hand.tries < _TRIES:
                            again.append((hand.shard, hand.tries))
                            following = following or _next(shards, again)
                            continue
                        reason = f"shard {hand.shard.name}: the worker died {hand.tries} times; is memory short?"
                        yield Failed(hand.shard, reason)
                        continue
                    if isinstance(answer, FramingError):
                        raise answer
                    idle.append(hand)
                    if hand.shard is not None:
                        hand.shard = None
                        yield cast("Outcome", answer)
        finally:
            if ours:
                ray.shutdown()
            else:
                for hand in [*hands.values(), *idle]:
                    ray.kill(hand.actor)


def _next(shards: Iterator[Shard], again: list[tuple[Shard, int]]) -> tuple[Shard, int] | None:
    if again:
        return again.pop()
    shard = next(shards, None)
    return None if shard is None else (shard, 0)


def _connect(address: str | None, workers: int) -> None:
    import ray

    os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
    here = address is None and not os.environ.get("RAY_ADDRESS")
    size: dict[str, Any] = (
        {"num_cpus": workers, "include_dashboard": False, "_system_config": {"worker_niceness": 0}} if here else {}
    )
    try:
        ray.init(address=address, log_to_driver=False, logging_level=logging.ERROR, **size)
    except (ConnectionError, RuntimeError, ValueError) as error:
        reason = " ".join(str(error).split())
        raise FramingError(
            f"no Ray cluster at {address or 'RAY_ADDRESS'} ({reason}); start one with `ray start --head`"
        ) from error
