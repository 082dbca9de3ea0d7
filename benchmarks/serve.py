"""The server under load, beside the bare model: `make bench-serve` (12 minutes at the defaults).

Latency: `POST /score` of a 600-word article by one client, beside `Scorer.score` of the same text in this process.
Throughput: 16 clients at a time, beside `score_many` over the same texts. Soak: the same load for minutes, with the
server's memory and errors. Overload: more clients than fit; each must be answered, by 200 or by 503 with Retry-After.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import re
import statistics
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import httpx2
import psutil

import framing
from framing.profile import count_words

WORDS = 600
CLIENTS = 16


def articles(path: Path) -> list[str]:
    """Join the texts of a JSON lines file to articles of about `WORDS` words, as many as there are."""
    found: list[str] = []
    part: list[str] = []
    for line in path.read_text(encoding="utf-8").splitlines():
        part.append(json.loads(line)["text"])
        if count_words("\n\n".join(part)) >= WORDS:
            found.append("\n\n".join(part))
            part = []
    return found


async def post(client: httpx2.AsyncClient, text: str) -> httpx2.Response:
    """Score one text."""
    return await client.post("/score", json={"id": "bench", "text": text})


async def latency(address: str, text: str, rounds: int, scorer: framing.Scorer) -> None:
    """Print both times, measured in turn."""
    bare, asked = [], []
    async with httpx2.AsyncClient(base_url=address, timeout=60) as client:
        for number in range(rounds + 3):
            start = time.perf_counter()
            scorer.score(text)
            middle = time.perf_counter()
            (await post(client, text)).raise_for_status()
            if number >= 3:
                bare.append(middle - start)
                asked.append(time.perf_counter() - middle)
    p95 = statistics.quantiles(asked, n=20)[-1]
    usual = statistics.median(bare)
    print(f"latency, {rounds} rounds: bare median {1000 * usual:.0f} ms; /score median "
          f"{1000 * statistics.median(asked):.0f} ms, p95 {1000 * p95:.0f} ms, {p95 / usual:.2f} times")  # fmt: skip


async def load(address: str, texts: list[str], *, seconds: float | None, clients: int) -> tuple[float, Counter[int]]:
    """Send texts with some clients, each once or for some seconds; give words a second and statuses.

    Status 0 is a lost connection, -1 a refusal that doesn't say when to ask again.
    """
    statuses: Counter[int] = Counter()
    words = 0
    source = itertools.cycle(texts) if seconds else iter(texts)
    start = time.perf_counter()

    async def one(client: httpx2.AsyncClient) -> None:
        nonlocal words
        for text in source:
            if seconds and time.perf_counter() - start > seconds:
                return
            try:
                answer = await post(client, text)
            except httpx2.HTTPError as error:
                print(f"error: {error!r}")
                statuses[0] += 1
                continue
            statuses[answer.status_code] += 1
            if answer.status_code == 200:
                words += answer.json()["profile"]["words"]
            elif "retry-after" not in answer.headers:
                statuses[-1] += 1

    limits = httpx2.Limits(max_connections=clients)
    async with httpx2.AsyncClient(base_url=address, timeout=120, limits=limits) as client:
        await asyncio.gather(*(one(client) for _ in range(clients)))
    return words / (time.perf_counter() - start), statuses


async def measure(address: str, server: psutil.Process, texts: list[str], options: argparse.Namespace) -> None:
    """Run all parts."""
    scorer = framing.load(threads=options.threads)
    await latency(address, texts[0], options.rounds, scorer)
    ratios = []
    for _ in range(3):
        start, used = time.perf_counter(), time.process_time()
        words = sum(scored.profile["words"] for scored in scorer.score_many(texts))
        bare, used = words / (time.perf_counter() - start), time.process_time() - used
        busy = sum(server.cpu_times()[:2])
        served, statuses = await load(address, texts, seconds=None, clients=CLIENTS)
        busy = sum(server.cpu_times()[:2]) - busy
        ratios.append(served / bare)
        print(f"throughput, {len(texts)} articles: score_many {bare:,.0f} words/s, {CLIENTS} clients {served:,.0f} "
              f"words/s, ratio {served / bare:.2f}, processor time {used:.1f} and {busy:.1f} s, "
              f"statuses {dict(statuses)}")  # fmt: skip
    print(f"throughput, median ratio {statistics.median(ratios):.2f}")
    await load(address, texts, seconds=min(30.0, options.minutes * 15), clients=CLIENTS)  # pools and caches fill
    before = server.memory_info().rss
    served, statuses = await load(address, texts, seconds=60 * options.minutes, clients=CLIENTS)
    after = server.memory_info().rss
    print(f"soak, {options.minutes:g} minutes: {served:,.0f} words/s, statuses {dict(statuses)}, memory "
          f"{before / 2**20:.1f} to {after / 2**20:.1f} MiB ({100 * (after / before - 1):+.1f}%)")  # fmt: skip
    start = time.perf_counter()
    _, statuses = await load(address, texts * 8, seconds=10, clients=400)
    seconds = time.perf_counter() - start
    print(f"overload, 400 clients for 10 s: statuses {dict(statuses)}, all answered after {seconds:.1f} s")


def main() -> None:
    """Start a server, measure, stop it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("texts", type=Path, help="JSON lines with text")
    parser.add_argument("--minutes", type=float, default=10.0, help="of the soak")
    parser.add_argument("--rounds", type=int, default=100, help="of the latency")
    parser.add_argument("--articles", type=int, default=64, help="most articles")
    parser.add_argument("--threads", type=int, default=None, help="threads of both models")
    options = parser.parse_args()
    texts = articles(options.texts)[: options.articles]
    print(f"{len(texts)} articles, {statistics.mean(map(count_words, texts)):.0f} words on average")
    command = [sys.executable, "-m", "framing", "serve", "--port", "0"]
    command += ["--threads", str(options.threads)] if options.threads else []
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=os.environ) as process:
        try:
            first = process.stderr.readline() if process.stderr else ""
            found = re.search(r"http://\S+", first)
            if not found:
                sys.exit(first)
            asyncio.run(measure(found[0].rstrip("/"), psutil.Process(process.pid), texts, options))
        finally:
            process.terminate()


if __name__ == "__main__":
    main()
