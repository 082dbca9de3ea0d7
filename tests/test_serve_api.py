"""The API: the command line's records, batching, limits, and who may ask."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from command_line import TEXT, refusal, run, score
from prometheus_client.parser import text_string_to_metric_families
from serving import client, server
from starlette.testclient import TestClient

from framing.cues import CODEBOOK
from framing.scorer import Scorer
from framing.serve.levels import THRESHOLDS
from framing.serve.limits import Limits

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


def refused(answer: httpx2.Response, status: int, message: str) -> None:
    assert (answer.status_code, list(answer.json())) == (status, ["error"])
    assert message in answer.json()["error"]
    assert "\n" not in answer.json()["error"]


@pytest.mark.parametrize(
    ("status", "body", "message"),
    [
        (400, b"{bad", "invalid JSON"),
        (400, b'{"text": NaN}', "NaN is no JSON"),
        (400, b'{"text": "\xff"}', "invalid UTF-8 at byte 11"),
        (400, b"[" * 100_000, "invalid JSON"),
        (422, b'{"texd": "a"}', "no field 'text'"),
        (422, b'{"text": "\\ud800"}', "half of a surrogate pair"),
        (422, b'{"text": "\\n "}', "the text is empty"),
    ],
)
def test_a_bad_body_is_refused_in_one_line(api: TestClient, status: int, body: bytes, message: str) -> None:
    refused(api.post("/score", content=body, headers={"Content-Type": "application/json"}), status, message)


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("/score?threshold=2", "threshold 2.0 is not between 0 and 1"),
        ("/score?threshold=nan", "threshold nan is not between 0 and 1"),
        ("/score?threshold=high", "threshold 'high' is not a number"),
        ("/score?cue=pretexts", "did you mean pretext?"),
        ("/score?levels=yes", "levels 'yes' is neither true nor false"),
        ("/score?treshold=1", "unknown parameter 'treshold'"),
        ("/batch?levels=true", "unknown parameter 'levels'"),
    ],
)
def test_a_bad_parameter_is_refused_in_one_line(api: TestClient, path: str, message: str) -> None:
    refused(api.post(path, json={"text": "a"}), 422, message)


def test_other_kinds_of_content_are_refused(api: TestClient) -> None:
    for path, kind in (("/score", "text/html"), ("/score", ""), ("/batch", "text/csv")):
        headers = {"Content-Type": kind} if kind else {}
        refused(api.post(path, content=b"a", headers=headers), 415, f"content type {kind or 'none'}")
    refused(api.post("/score", content=b"\xff", headers={"Content-Type": "text/plain"}), 400, "UTF-8 at byte 1")


def test_addresses_are_not_fetched_unless_allowed(api: TestClient) -> None:
    refused(api.post("/fetch", json={"url": "http://example.org"}), 403, "--allow-urls")


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
    assert status(Origin="http://[") == 403
    assert status(Sec_Fetch_Site="cross-site") == 403


def test_a_token_is_asked_for_where_one_is_set(lexicon_scorer: Scorer) -> None:
    with client(lexicon_scorer, token="open-sesame") as api:  # noqa: S106 - of this test
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
    marked = b"\xef\xbb\xbf" + json.dumps(record).encode()
    answer = api.post("/score", content=marked, headers={"Content-Type": "application/json"}).json()
    assert (answer["id"], answer["outlet"], answer["words"]) == ("7", "Harbour Post", None)
