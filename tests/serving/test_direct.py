"""Two ways to the same answers: below ASGI, and by the application."""

import gc
import json
import re
import socket
import subprocess
import sys
import time
import weakref
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from app_under_test import Assemble, Server, Start

from serving import board
from serving.direct import Cycle, Direct
from serving.heads import LONGEST, MOST, Head, Heads

ROW = b"[[5.1,3.5,1.4,0.2]]"
POST = b"POST /invocations HTTP/1.1\r\nHost: x\r\n"


def post(body: bytes = ROW, headers: bytes = b"") -> bytes:
    return POST + headers + b"Content-Length: %d\r\n\r\n" % len(body) + body


LARGE = b"[" + b",".join([ROW[1:-1]] * 10_000) + b"]"  # cut anywhere, it is no JSON
PING = b"GET /ping HTTP/1.1\r\nHost: x\r\n\r\n"
# What is sent, in pieces; how many answers come back.
CONVERSATIONS: dict[str, tuple[list[bytes], int]] = {
    "a row": ([post()], 1),
    "csv": ([post(b"5.1,3.5,1.4,0.2\n", b"Content-Type: text/csv\r\nAccept: text/csv\r\n")], 1),
    "an id": ([post(headers=b"X-Amzn-SageMaker-Inference-Id: my-id\r\n")], 1),
    "no JSON": ([post(b"{")], 1),
    "an empty body": ([post(b"")], 1),
    "a wrong value": ([post(b'[[1,2,3,"x"]]')], 1),
    "no such type": ([post(headers=b"Content-Type: image/png\r\n")], 1),
    "no such answer": ([post(headers=b"Accept: image/png\r\n")], 1),
    "an encoding": ([post(headers=b"Content-Encoding: gzip\r\n")], 1),
    "too large": ([POST + b"Content-Length: 2000000\r\n\r\n"], 1),
    "64 KiB of it": ([post(LARGE[:65536])], 1),
    "more than 64 KiB": ([post(LARGE[:65537])], 1),
    "a large body in pieces": ([post(LARGE)[:70_000], post(LARGE)[70_000:]], 1),
    "a body in pieces": ([post()[:-10], post()[-10:]], 1),
    "chunks": ([POST + b"Transfer-Encoding: chunked\r\n\r\n13\r\n", ROW + b"\r\n0\r\n\r\n"], 1),
    "an expectation": ([post(headers=b"Expect: 100-continue\r\n")], 2),
    "closing": ([post(headers=b"Connection: close\r\n")], 1),
    "HTTP/1.0": ([post().replace(b"HTTP/1.1", b"HTTP/1.0")], 1),
    "another protocol": ([post(headers=b"Connection: upgrade\r\nUpgrade: h2c\r\n")], 1),
    "a pipeline": ([post() + PING + post(b"{") + post()], 4),
    "one after the other": ([post(), PING, post(b"{"), post()], 4),
    "again, with a body in pieces": ([post(), post()[:-10], post()[-10:], post()], 3),
    "again, with its head in pieces": ([post(), post()[:20], post()[20:]], 2),
    "again, with more behind it": ([post(), post() + post(b"{" + ROW[1:]) + PING, post()], 5),
    "again, with a longer body": ([post(), post(ROW[:-1] + b"  ]"), post()], 3),
    "again, with bytes behind it that are none of it": ([post(), post() + b"\0\0\r\n\r\n"], 2),
    "a wrong method": ([post().replace(b"POST", b"PUT")], 1),
    "a query": ([post().replace(b"/invocations", b"/invocations?a=1")], 1),
    "ping": ([PING], 1),
    "no HTTP after a request": ([post() + b"\0\0\r\n\r\n"], 1),
}


@pytest.fixture(scope="module")
def servers(assemble: Assemble, keep: Start, iris_model: Path) -> dict[str, Server]:
    ways = {way: keep(assemble(http=way, max_payload_bytes=1_000_000), iris_model) for way in ("direct", "asgi")}
    for server in ways.values():
        server.wait_for("started")
    return ways


def converse(server: Server, pieces: list[bytes], answers: int) -> list[bytes]:
    """Send pieces, each after the answer to the one before or a moment; give what came back, without ids and times."""
    received = b""
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(0.05)
        while len(complete(received)) < answers and (data := connection.recv(65536)):
            received += data
    return complete(received)


def complete(received: bytes) -> list[bytes]:
    found = []
    while head := re.match(rb"HTTP/1.1 .*?\r\n\r\n", received, re.DOTALL):
        length = re.search(rb"content-length: (\d+)", head[0])
        end = head.end() + (int(length[1]) if length else 0)
        if len(received) < end:
            break
        lines = head[0].strip().split(b"\r\n")
        own = sorted(re.sub(rb"^date: .*|^x-request-id: [0-9a-f]{32}$", b"", line) for line in lines[1:])
        found.append(b"\n".join([lines[0], *own, received[head.end() : end]]))
        received = received[end:]
    return found


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_both_ways_answer_alike(servers: dict[str, Server], name: str) -> None:
    pieces, answers = CONVERSATIONS[name]
    direct, again, asgi = (converse(servers[way], pieces, answers) for way in ("direct", "direct", "asgi"))
    assert direct == again == asgi
    assert len(direct) == answers


def test_both_ways_log_alike(servers: dict[str, Server]) -> None:
    lines = []
    for server in servers.values():
        asked = post(
            b"[[1,2,3]]", b"X-Amzn-SageMaker-Inference-Id: logged\r\nX-Amzn-SageMaker-Custom-Attributes: a=b\r\n"
        )
        converse(server, [asked], 1)
        converse(server, [post(headers=b"X-Amzn-SageMaker-Inference-Id: logged\r\n")], 1)
        server.until(lambda: len(logged(server)) == 2)  # noqa: B023 - called before the next round
        lines.append([{key: kind(value) for key, value in line.items()} for line in logged(server)])
    assert lines[0] == lines[1]
    assert lines[0][0]["custom_attributes"] == "a=b"


def logged(server: Server) -> list[dict[str, Any]]:
    return [line for line in server.events("request") if line.get("inference_id") == "logged"]


def kind(value: object) -> object:
    """Leave out what no two requests have alike."""
    return type(value).__name__ if isinstance(value, int | float) or str(value).startswith("20") else value


def test_both_ways_count_alike(servers: dict[str, Server]) -> None:
    counted = []
    for server in servers.values():
        before = count(server)
        for pieces, answers in (CONVERSATIONS["a row"], CONVERSATIONS["no JSON"], CONVERSATIONS["ping"]):
            converse(server, pieces, answers)
        counted.append({key: value - before.get(key, 0) for key, value in count(server).items()})
    assert counted[0] == counted[1] == {("/invocations", "200"): 1, ("/invocations", "400"): 1, ("/ping", "200"): 1}


def count(server: Server) -> dict[tuple[str, str], float]:
    text = server.http.get("/metrics").text
    found = re.findall(r'serving_requests_total\{route="(/invocations|/ping)",status="(200|400)"\} (\S+)', text)
    return {(route, status): float(value) for route, status, value in found}


def test_a_client_that_leaves_amid_its_body_is_logged(servers: dict[str, Server]) -> None:
    server = servers["direct"]
    with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
        connection.sendall(POST + b"X-Amzn-SageMaker-Inference-Id: left\r\nContent-Length: 50\r\n\r\n[[")
    server.until(lambda: any(line.get("inference_id") == "left" for line in server.events("request")))
    line = next(line for line in server.events("request") if line.get("inference_id") == "left")
    assert (line["status"], line["error"]) == (499, "client_gone")


def test_a_body_that_stalls_is_refused(servers: dict[str, Server]) -> None:
    with socket.create_connection(("127.0.0.1", servers["direct"].port), timeout=60) as connection:
        connection.sendall(POST + b"Content-Length: 50\r\n\r\n[[")
        answer = connection.recv(65536)
        assert answer.startswith(b"HTTP/1.1 408 ")
        assert b"connection: close" in answer
        assert json.loads(answer.partition(b"\r\n\r\n")[2])["error"]["code"] == "request_timeout"


# ---- heads that were read before

KNOWN = Head({"content-length": "19"}, len(ROW))


def test_a_head_is_known_again_with_its_body() -> None:
    heads = Heads()
    heads.keep(post(), KNOWN)
    assert heads.find(post(b"[[0.0,3.5,1.4,0.2]]")) == (KNOWN, b"[[0.0,3.5,1.4,0.2]]")


@pytest.mark.parametrize(
    "data",
    [post()[:-1], post() + b"x", b"\r\n" + post(), post(b"[]"), post(headers=b"X-A: 1\r\n"), b"", ROW, b"\r\n\r\n"],
)
def test_what_differs_by_a_byte_is_not_known(data: bytes) -> None:
    heads = Heads()
    heads.keep(post(), KNOWN)
    assert heads.find(data) is None


@pytest.mark.parametrize(
    "data",
    [
        post()[:-1],  # the rest is to come
        post() + post(),
        post().replace(b"\r\n", b"\n"),  # were a parser to take that, the end of its head would be elsewhere
        post(headers=b"X-A: " + b"a" * LONGEST + b"\r\n"),
    ],
)
def test_only_whole_requests_of_a_usual_size_make_a_head_known(data: bytes) -> None:
    heads = Heads()
    heads.keep(data, KNOWN)
    assert heads.find(data) is None


def test_a_client_whose_heads_all_differ_fills_no_memory() -> None:
    heads = Heads()
    heads.keep(post(), KNOWN)
    for number in range(MOST):
        heads.keep(post(headers=b"X-A: %d\r\n" % number), KNOWN)
    assert heads.find(post()) is None
    assert heads.find(post(headers=b"X-A: %d\r\n" % (MOST - 1))) is not None


# ---- which requests take the shorter way


@dataclass
class Protocol:
    """As much of a connection as is asked for."""

    url: bytes = b"/invocations"
    headers: list[tuple[bytes, bytes]] = field(default_factory=lambda: [(b"content-length", b"10")])
    method: bytes = b"POST"
    version: str = "1.1"
    unanswered: bool = False
    paused: bool = False
    whole: bytes = b""

    @property
    def parser(self) -> Any:
        return SimpleNamespace(
            get_method=lambda: self.method, get_http_version=lambda: self.version, should_keep_alive=lambda: True
        )

    @property
    def flow(self) -> Any:
        return SimpleNamespace(write_paused=self.paused)

    transport = SimpleNamespace(is_closing=lambda: False)


LENGTH = (b"content-length", b"10")
TAKEN: list[tuple[Protocol, bool]] = [
    (Protocol(), True),
    (Protocol(url=b"/ping", method=b"GET", headers=[]), True),
    (Protocol(headers=[LENGTH, (b"x-anything", b"1")]), True),
    (Protocol(url=b"/invocations?a=1"), False),
    (Protocol(method=b"GET"), False),
    (Protocol(version="1.0"), False),
    (Protocol(unanswered=True), False),
    (Protocol(paused=True), False),
    (Protocol(headers=[]), False),
    (Protocol(headers=[(b"content-length", b"101")]), False),
    (Protocol(headers=[LENGTH, (b"expect", b"100-continue")]), False),
    (Protocol(headers=[LENGTH, (b"content-encoding", b"gzip")]), False),
    (Protocol(headers=[(b"transfer-encoding", b"chunked")]), False),
    (Protocol(headers=[LENGTH, (b"upgrade", b"h2c")]), False),
]


def direct(*, gathers: bool) -> Direct:
    server = SimpleNamespace(max_payload_bytes=1000)
    gathering = SimpleNamespace(takes=lambda size: size <= 100) if gathers else None
    engine: Any = SimpleNamespace(
        gathering=gathering, config=SimpleNamespace(server=server), slot=board.make(1).take(0)
    )
    return Direct(engine)


@pytest.mark.parametrize(("protocol", "taken"), TAKEN)
def test_only_plain_requests_are_taken(protocol: Any, taken: bool) -> None:  # noqa: FBT001
    assert isinstance(direct(gathers=True).take(protocol), Cycle) is taken


def test_before_the_model_is_measured_only_pings_are_taken() -> None:
    plain: Any = Protocol()
    ping: Any = Protocol(url=b"/ping", method=b"GET", headers=[])
    assert direct(gathers=False).take(plain) is None
    assert isinstance(direct(gathers=False).take(ping), Cycle)


def again(headers: bytes = b"", *, reads: int = 100, **state: Any) -> Cycle | None:
    """Read a request, then see it again, when bodies of so many bytes are for the event loop and the connection is so."""
    way = direct(gathers=True)
    data = post(headers=headers)
    lines = [line.lower().partition(b": ") for line in data.split(b"\r\n")[1:-2]]
    first: Any = Protocol(headers=[(name, value) for name, _, value in lines], whole=data)
    assert isinstance(way.take(first), Cycle)
    way.engine.gathering = cast("Any", SimpleNamespace(takes=lambda size: size <= reads))
    second: Any = Protocol(**state)
    return way.take_again(second, data)


def test_a_request_is_taken_again_with_headers_of_its_own() -> None:
    cycle = again(b"Accept: text/csv\r\n")
    assert cycle is not None
    assert (cycle.body, cycle.more_body, cycle.keep_alive) == (ROW, False, True)
    assert cycle.exchange.headers == {"accept": "text/csv", "content-length": "19"}
    other = again()
    assert other is not None
    assert other.exchange.request_id != cycle.exchange.request_id


def test_what_may_not_be_taken_now_is_read() -> None:
    assert again(reads=18) is None
    assert again(paused=True) is None
    assert again(b"X-Amzn-RequestId: 1\r\n") is None


def test_a_request_leaves_nothing_to_the_garbage_collector() -> None:
    """It would keep the bodies of hundreds, and look through them while others wait."""
    plain: Any = Protocol()
    gc.disable()
    try:
        cycle = direct(gathers=True).take(plain)
        assert cycle is not None
        held = weakref.ref(cycle)
        del cycle
        assert held() is None
    finally:
        gc.enable()


def test_a_worker_starts_without_what_it_does_not_need_at_once(rendered: Path) -> None:
    """Litestar and numpy are as long to import as all the rest: they come later, beside the event loop."""
    asks = "import sys, serving.worker; print({'litestar', 'numpy', 'sklearn'} & sys.modules.keys())"
    ran = subprocess.run(
        [sys.executable, "-c", asks], cwd=rendered, check=True, capture_output=True, text=True, timeout=300
    )
    assert ran.stdout == "set()\n"
