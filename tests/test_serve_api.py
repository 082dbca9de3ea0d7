"""The API: the command line's records, batching, limits, and who may ask."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from command_line import TEXT, refusal, run, score
from prometheus_client.parser import text_string_to_metric_families
from serving import client, server
from starlette.testclient import TestClient

from framing.cues import CODEBOOK
from framing.errors import InputError
from framing.scorer import Scorer
from framing.serve import fetching
from framing.serve.batching import BATCH_JOBS, Batcher, Overloaded
from framing.serve.levels import THRESHOLDS
from framing.serve.limits import Limits
from framing.spans import Document

JSONL = {"Content-Type": "application/x-ndjson"}


@pytest.fixture(scope="module")
def api(lexicon_scorer: Scorer) -> Iterator[TestClient]:
    with client(lexicon_scorer) as made:
        yield made


def test_a_score_is_the_command_lines_record(api: TestClient, tmp_path: Path) -> None:
    record = {"id": "a1", "text": TEXT, "outlet": "Harbour Post"}
    path = tmp_path / "one.jsonl"
    path.write_text(json.dumps(record))
    answer = api.post("/score", json=record)
    assert (answer.status_code, answer.text + "\n") == (200, score(path).stdout)
    kept = api.post("/score?keep_text=true&threshold=0.5&cue=pretext", json=record)
    options = ("--keep-text", "--threshold", "0.5", "--cue", "pretext")
    assert kept.text + "\n" == score(path, *options).stdout
    assert {span["label"] for span in kept.json()["spans"]} == {"pretext"}


def test_a_bare_text_is_scored(api: TestClient, lexicon_scorer: Scorer) -> None:
    answer = api.post("/score", content=TEXT.encode(), headers={"Content-Type": "text/plain; charset=utf-8"})
    assert answer.json() == lexicon_scorer.score(TEXT).to_record()


@pytest.mark.parametrize("name", ["scorer", "lexicon_scorer"])
def test_levels_are_what_each_threshold_would_find(name: str, request: pytest.FixtureRequest, article: str) -> None:
    scorer: Scorer = request.getfixturevalue(name)
    with client(scorer) as api:
        levels = api.post("/score?levels=true", json={"text": article}).json()["levels"]
    assert levels["thresholds"] == list(THRESHOLDS)

    def key(span: dict[str, Any]) -> tuple[Any, ...]:
        return span["start"], span["end"], span["label"], span["score"], span["voice"]

    found = []
    for threshold, shown in zip(THRESHOLDS, levels["shown"], strict=True):
        if threshold in {0.05, 0.5, 0.9}:
            expected = scorer.with_choices(threshold=threshold, cues=None).score(article).to_record()["spans"]
            assert [key(levels["candidates"][number]) for number in shown] == [key(span) for span in expected]
            found.append(len(shown))
    assert found[0] > found[2] > 0


def test_a_stream_answers_each_line_in_its_place(api: TestClient) -> None:
    lines = [
        json.dumps({"id": "a", "text": TEXT}),
        "{bad",
        "",
        '{"id": "c", "text": " "}',
        '"a text"',
        '{"id": "d", "text": "Rain."}',
    ]
    body = "\n".join(lines).encode() + b'\n{"id": "\xff"}\n{"id": "last", "text": "Fog."}'
    answer = api.post("/batch", content=body, headers=JSONL)
    records = [json.loads(line) for line in answer.text.splitlines()]
    assert [(record["id"], record["status"]) for record in records] == [
        ("a", "ok"),
        ("request:2", "skipped"),
        ("c", "skipped"),
        ("request:5", "skipped"),
        ("d", "ok"),
        ("request:7", "skipped"),
        ("last", "ok"),
    ]
    assert records[1]["reason"].startswith("request:2: invalid JSON (")
    assert records[2]["reason"] == "request:4: record 'c': the text is empty; leave the record out"
    assert records[0] == api.post("/score", json={"id": "a", "text": TEXT}).json()


def test_a_line_that_is_too_long_is_answered_in_its_place(lexicon_scorer: Scorer) -> None:
    def line(size: int) -> bytes:
        return json.dumps({"text": "x" * (size - len('{"text": ""}'))}).encode()

    with client(lexicon_scorer, limits=Limits(body=100)) as api:
        body = b"\n".join([line(99), line(100), line(101), line(70_000), line(50)])
        records = [json.loads(line) for line in api.post("/batch", content=body, headers=JSONL).text.splitlines()]
        assert [record["status"] for record in records] == ["ok", "ok", "skipped", "skipped", "ok"]
        assert records[2]["reason"].startswith("request:3: a line of more than 100 bytes;")
        sizes = {
            size: api.post("/score", content=line(size), headers={"Content-Type": "application/json"})
            for size in (100, 101)
        }
    assert [answer.status_code for answer in sizes.values()] == [200, 413]


def test_a_stream_is_answered_while_it_is_sent(lexicon_scorer: Scorer) -> None:
    with (
        server(lexicon_scorer) as address,
        socket.create_connection(("127.0.0.1", int(address.split(":")[-1])), 10) as wire,
    ):
        wire.sendall(
            b"POST /batch HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            b"Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"
        )
        seen = b""
        for number in range(3):
            line = json.dumps({"id": f"n{number}", "text": TEXT}).encode() + b"\n"
            wire.sendall(b"%x\r\n%s\r\n" % (len(line), line))
            while f'"id": "n{number}"'.encode() not in seen:
                part = wire.recv(65536)
                assert part
                seen += part
        wire.sendall(b"0\r\n\r\n")


@pytest.mark.parametrize(
    ("status", "path", "body", "kind", "message"),
    [
        (400, "/score", b"{bad", "application/json", "invalid JSON"),
        (400, "/score", b'{"text": NaN}', "application/json", "NaN is no JSON"),
        (400, "/score", b'{"text": "\xff"}', "application/json", "invalid UTF-8 at byte 11"),
        (400, "/score", b"[" * 100_000, "application/json", "invalid JSON"),
        (415, "/score", b"a", "text/html", "content type text/html"),
        (415, "/score", b"a", "", "content type none"),
        (422, "/score", b'{"texd": "a"}', "application/json", "no field 'text'"),
        (422, "/score", b'{"text": "\\ud800"}', "application/json", "half of a surrogate pair"),
        (422, "/score", b'{"text": "\\n "}', "application/json", "the text is empty"),
        (422, "/score?threshold=2", b'{"text": "a"}', "application/json", "threshold 2.0 is not between 0 and 1"),
        (422, "/score?threshold=nan", b'{"text": "a"}', "application/json", "threshold nan is not between 0 and 1"),
        (422, "/score?cue=pretexts", b'{"text": "a"}', "application/json", "did you mean pretext?"),
        (422, "/score?levels=yes", b'{"text": "a"}', "application/json", "levels 'yes' is neither true nor false"),
        (422, "/score?treshold=1", b'{"text": "a"}', "application/json", "unknown parameter 'treshold'"),
        (422, "/batch?levels=true", b"", "application/x-ndjson", "unknown parameter 'levels'"),
        (415, "/batch", b"", "text/csv", "content type text/csv"),
        (403, "/fetch", b'{"url": "http://example.org"}', "application/json", "--allow-urls"),
    ],
)
def test_bad_requests_are_refused_in_one_line(
    api: TestClient, status: int, path: str, body: bytes, kind: str, message: str
) -> None:
    answer = api.post(path, content=body, headers={"Content-Type": kind} if kind else {})
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


def test_cues_health_and_metrics(lexicon_scorer: Scorer) -> None:
    with client(lexicon_scorer) as api:
        assert api.get("/cues").json() == [cue.to_record() for cue in CODEBOOK]
        assert api.get("/health").json()["model"] == lexicon_scorer.model
        api.post("/score", json={"text": TEXT})
        api.post("/batch", content=b"{bad\n", headers=JSONL)
        api.request("BREW", "/score")
        families = list(text_string_to_metric_families(api.get("/metrics").text))
    samples = {(s.name, *sorted(s.labels.values())): s.value for family in families for s in family.samples}
    assert samples["framing_documents_total", "ok"] == 1
    assert samples["framing_documents_total", "skipped"] == 1
    assert samples["framing_words_total",] == 11
    assert samples["framing_cues_total", "pretext"] == 1
    assert samples["framing_requests_total", "/score", "200", "POST"] == 1
    assert samples["framing_requests_total", "/score", "405", "other"] == 1


def test_only_hosts_that_no_other_site_can_name_are_served(api: TestClient) -> None:
    for host in ("localhost", "localhost:8000", "127.0.0.1:80", "[::1]:8000", "192.168.1.5"):
        assert api.get("/health", headers={"Host": host}).status_code == 200, host
    for host in ("evil.example", "localhost.evil.example", "127.0.0.1.nip.io", "", "[::1", "a@localhost@b"):
        assert api.get("/health", headers={"Host": host}).status_code == 421, host


def test_pages_of_other_sites_cant_post(api: TestClient) -> None:
    def status(**headers: str) -> int:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return api.post("/score", content=b"A text.", headers={"Content-Type": "text/plain"} | given).status_code

    assert status(Origin="http://127.0.0.1", Sec_Fetch_Site="same-origin") == 200
    assert status(Origin="http://evil.example") == 403
    assert status(Origin="null") == 403
    assert status(Sec_Fetch_Site="cross-site") == 403


def test_a_token_is_asked_for_where_one_is_set(lexicon_scorer: Scorer) -> None:
    with client(lexicon_scorer, token="open sesame".replace(" ", "-")) as api:
        assert api.get("/health").status_code == 200
        assert api.get("/").status_code == api.get("/cues").status_code == api.get("/?token=wrong").status_code == 401
        assert api.get("/cues", headers={"Authorization": "Bearer open-sesame"}).status_code == 200
        assert api.get("/cues", headers={"Authorization": "Bearer open-sesam"}).status_code == 401
        moved = api.get("/?token=open-sesame&q=a", follow_redirects=False)
        assert (moved.status_code, moved.headers["location"]) == (303, "/?q=a")
        assert {"HttpOnly", "SameSite=strict"} <= set(moved.headers["set-cookie"].split("; "))
        assert api.get("/cues").status_code == 200  # the cookie


def test_every_answer_has_the_strict_policy(api: TestClient) -> None:
    for path in ("/", "/cues", "/static/main.js", "/nowhere"):
        policy = api.get(path).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_what_comes_while_the_model_is_busy_is_scored_together() -> None:
    batches: list[list[int]] = []

    async def main() -> list[int]:
        loop = asyncio.get_running_loop()
        first = asyncio.Event()

        def work(jobs: Any) -> list[int]:
            batches.append(list(jobs))
            if len(batches) == 1:
                asyncio.run_coroutine_threadsafe(first.wait(), loop).result(5)
            return [job * 10 for job in jobs]

        batcher: Batcher[int, int] = Batcher(work)
        runner = asyncio.create_task(batcher.run())
        tasks = [asyncio.create_task(batcher.submit(0, 1))]
        while not batches:
            await asyncio.sleep(0.001)
        tasks += [asyncio.create_task(batcher.submit(number, 1)) for number in range(1, BATCH_JOBS + 2)]
        await asyncio.sleep(0.01)
        first.set()
        found = await asyncio.gather(*tasks)
        runner.cancel()
        return found

    assert asyncio.run(main()) == [10 * number for number in range(BATCH_JOBS + 2)]
    assert [len(batch) for batch in batches] == [1, BATCH_JOBS, 1]


def test_a_job_that_fails_fails_alone() -> None:
    def work(jobs: Any) -> list[float]:
        return [1 / job for job in jobs]

    async def main() -> list[Any]:
        batcher: Batcher[int, float] = Batcher(work)
        tasks = [asyncio.create_task(batcher.submit(number, 1)) for number in (1, 0, 2)]
        await asyncio.sleep(0.01)
        runner = asyncio.create_task(batcher.run())
        found = await asyncio.gather(*tasks, return_exceptions=True)
        runner.cancel()
        return found

    one, fault, half = asyncio.run(main())
    assert (one, type(fault), half) == (1, ZeroDivisionError, 0.5)


def test_no_room_is_said_at_once_and_a_job_never_waits_for_ever() -> None:
    async def main() -> None:
        batcher: Batcher[int, int] = Batcher(lambda jobs: list(jobs), room=10, timeout=0.05)
        waits = asyncio.create_task(batcher.submit(1, 1000))  # fits, whatever its size: nothing else waits
        await asyncio.sleep(0)
        with pytest.raises(Overloaded) as error:
            await batcher.submit(2, 1)
        assert error.value.seconds == 1
        for job in (waits, batcher.submit(3, 1, patient=True)):  # nobody works
            with pytest.raises(Overloaded):
                await job

    asyncio.run(main())


def test_overload_is_503_with_retry_after(lexicon_scorer: Scorer) -> None:
    with client(lexicon_scorer, limits=Limits(open=0)) as api:
        answer = api.get("/health")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "1")


def test_a_fault_of_ours_shows_none_of_its_innards(lexicon_scorer: Scorer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("framing.serve.app.score_jobs", lambda scorer, jobs: [][1])
    with client(lexicon_scorer) as api:
        answer = api.post("/score", json={"text": TEXT})
    assert (answer.status_code, list(answer.json())) == (500, ["error"])
    assert "range" not in answer.text


@pytest.mark.parametrize(
    ("address", "public"),
    [
        ("8.8.8.8", True),
        ("2606:4700::1111", True),
        ("127.0.0.1", False),
        ("10.1.2.3", False),
        ("169.254.169.254", False),
        ("100.64.0.1", False),
        ("0.0.0.0", False),  # noqa: S104 - it is refused
        ("224.0.0.1", False),
        ("::1", False),
        ("fe80::1%eth0", False),
        ("fd00::1", False),
        ("::ffff:10.0.0.1", False),
        ("2002:0a00:0001::", False),
        ("64:ff9b::a00:1", False),
    ],
)
def test_private_addresses_are_known(address: str, public: bool) -> None:
    assert fetching.is_public(address) is public


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://localhost/",
        "http://[::1]/",
        "http://2130706433/",
        "http://0x7f.1/",
        "http://169.254.169.254/latest/meta-data",
        "file:///etc/passwd",
        "ftp://example.org/",
        "http://user:pw@example.org/",
        "http://example.org:22/",
        "http://exa mple.org/",
        "//example.org",
        "http://[/",
        "",
    ],
)
def test_addresses_that_are_not_public_pages_are_refused(url: str, lexicon_scorer: Scorer) -> None:
    with pytest.raises(InputError):
        fetching.fetch(url, most=1000, seconds=5)


def test_a_redirect_to_a_private_address_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = []

    def lookup(host: str, port: int) -> str:
        asked.append(host)
        if host == "public.example":
            return "127.0.0.1"
        raise InputError(f"{host}: a private address")

    import http.server
    import threading

    class Redirects(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(302)
            self.send_header("Location", "http://inside.example/secret")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            pass

    with http.server.HTTPServer(("127.0.0.1", 0), Redirects) as redirecting:
        threading.Thread(target=redirecting.handle_request).start()
        monkeypatch.setattr(fetching, "public_address", lookup)
        monkeypatch.setattr(fetching, "_PORTS", {"http": redirecting.server_port})
        with pytest.raises(InputError, match=r"inside\.example: a private address"):
            fetching.fetch("http://public.example/", most=1000, seconds=5)
    assert asked == ["public.example", "inside.example"]


def test_html_gives_its_article(api: TestClient) -> None:
    words = "The harbour was quiet that evening, and the so-called truce held. " * 6
    page = (
        f"<html><head><title>Quiet</title></head><body><nav>Menu</nav><article><p>{words}</p></article></body></html>"
    )
    found = api.post("/extract", content=page.encode(), headers={"Content-Type": "text/html"}).json()
    assert found["text"].startswith("The harbour was quiet")
    assert "Menu" not in found["text"]
    assert api.post("/extract", content=b"<p></p>", headers={"Content-Type": "text/html"}).status_code == 422


def test_a_port_in_use_and_a_bad_token_are_one_line() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert f"127.0.0.1:{port}: can't listen there" in refusal(run("serve", "--port", port, "--model", "lexicon"))
    assert "--token: use printable" in refusal(run("serve", "--token", "a b", "--model", "lexicon"))


def test_documents_in_a_request_keep_their_own_fields(api: TestClient) -> None:
    record = {"id": 7, "text": TEXT, "outlet": "Harbour Post", "words": None}
    answer = api.post("/score", json=record).json()
    assert (answer["id"], answer["outlet"], answer["words"]) == ("7", "Harbour Post", None)
    assert Document.from_record(record).id == "7"
