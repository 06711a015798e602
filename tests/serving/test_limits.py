"""Limits of HTTP itself, with raw sockets: heads and bodies that are too large or too slow, and what is no HTTP at all."""

import json
import random
import socket
from collections.abc import Callable
from http.client import HTTPConnection
from itertools import pairwise

import pytest
from app_under_test import ECHO, Assemble, Server, Start

HOST = b"Host: x\r\n"
POST = b"POST /invocations HTTP/1.1\r\n" + HOST
LIMIT = 10_000


@pytest.fixture(scope="module")
def server(assemble: Assemble, keep: Start) -> Server:
    project = assemble(ECHO)
    # Waiting for the real limits would take a test as long as a user's patience.
    for module, seconds in (("protocol", "HEAD_SECONDS"), ("body", "STALL_SECONDS")):
        path = project / "serving" / f"{module}.py"
        path.write_text(path.read_text().replace(f"{seconds} = 10.0", f"{seconds} = 0.5"))
    started = keep(project, project)
    started.wait_until_loaded()
    return started


def connect(server: Server) -> socket.socket:
    return socket.create_connection(("127.0.0.1", server.port), timeout=30)


def exchange(server: Server, *pieces: bytes) -> tuple[int, str]:
    """Send pieces over one connection, read until it is closed; give status and code of the one answer."""
    with connect(server) as connection:
        for piece in pieces:
            connection.sendall(piece)
        answer = connection.makefile("rb").read()
    head, _, body = answer.partition(b"\r\n\r\n")
    assert b"content-type: application/json" in head
    assert b"connection: close" in head.lower()
    return int(head.split()[1]), json.loads(body)["error"]["code"]


TOO_MANY = b"".join(b"X-%d: 1\r\n" % number for number in range(101))
LAST_CHUNK = POST + b"Transfer-Encoding: chunked\r\n\r\n5\r\n[[1]]\r\n0\r\n"
CHUNK = b"1000\r\n" + b"a" * 4096 + b"\r\n"
REFUSED = {
    "a long header": ((POST + b"X: " + b"a" * 40_000 + b"\r\n\r\n",), (431, "headers_too_large")),
    "a header without an end": ((POST + b"X: ", *[b"a" * 10_000] * 60), (431, "headers_too_large")),
    "many headers": ((POST + TOO_MANY + b"\r\n",), (431, "headers_too_large")),
    "many trailers": ((LAST_CHUNK + TOO_MANY + b"\r\n",), (431, "headers_too_large")),
    "a long trailer": ((LAST_CHUNK + b"X: " + b"a" * 40_000 + b"\r\nY: 1\r\n",), (431, "headers_too_large")),
    "a trailer without an end": ((LAST_CHUNK + b"X: ", *[b"a" * 10_000] * 60), (431, "headers_too_large")),
    "a long path": ((b"GET /" + b"a" * 9_000 + b" HTTP/1.1\r\n" + HOST + b"\r\n",), (414, "target_too_long")),
    "headers that stall": ((POST + b"X: ",), (408, "request_timeout")),
    "a body that stalls": ((POST + b"Content-Length: 5\r\n\r\n[[",), (408, "request_timeout")),
    "garbage": ((b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",), (400, "invalid_http")),
    "no path": ((b"CONNECT example.org:443 HTTP/1.1\r\n" + HOST + b"\r\n",), (400, "invalid_http")),
    "bad chunks": ((POST + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n",), (400, "invalid_http")),
    "two lengths": ((POST + b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",), (400, "invalid_http")),
    "an announced body": ((POST + b"Content-Length: 10001\r\n\r\n",), (413, "payload_too_large")),
    "a chunked body": ((POST + b"Transfer-Encoding: chunked\r\n\r\n", *[CHUNK] * 3), (413, "payload_too_large")),
}  # fmt: skip


@pytest.mark.parametrize("name", REFUSED)
def test_it_is_refused_in_json_and_the_connection_closed(server: Server, name: str) -> None:
    pieces, expected = REFUSED[name]

    assert exchange(server, *pieces) == expected
    assert server.ping() == 200


def test_an_endless_body_is_answered_although_it_is_not_read(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(POST + b"Content-Length: 1000000000\r\n\r\n")
        sent = 0
        with pytest.raises((BrokenPipeError, ConnectionResetError)):  # noqa: PT012 - the client is cut off, in its time
            while True:
                sent += connection.send(b"a" * 65536)
        assert sent < 1_000_000_000


def test_what_follows_a_whole_request_does_not_spoil_its_answer(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(POST + b"Content-Length: 5\r\n\r\n[[1]]GARBAGE")
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'{"predictions":[[1.0]]}')


def test_trailers_within_the_limits_are_dropped(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(LAST_CHUNK + b"X-Checksum: 1\r\n\r\nGET /ping HTTP/1.1\r\nConnection: close\r\n\r\n")
        answer = connection.makefile("rb").read()

    assert answer.count(b"HTTP/1.1 200 OK") == 2


def test_two_requests_at_once_are_answered_in_order(server: Server) -> None:
    requests = [POST + b"Content-Length: 5\r\n\r\n[[%d]]" % number for number in (1, 2)]
    requests.append(b"GET /ping HTTP/1.1\r\nConnection: close\r\n" + HOST + b"\r\n")
    with connect(server) as connection:
        connection.sendall(b"".join(requests))
        answer = connection.makefile("rb").read()

    assert answer.count(b"HTTP/1.1 200 OK") == 3
    assert answer.index(b"[[1.0]]") < answer.index(b"[[2.0]]")


def test_an_offer_to_upgrade_is_answered_as_plain_http(server: Server) -> None:
    with connect(server) as connection:
        connection.sendall(b"GET /ping HTTP/1.1\r\nConnection: Upgrade\r\nUpgrade: h2c\r\n" + HOST + b"\r\n")
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 200 OK")


UPGRADE = b"Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n"
BODIES = {
    "of known length": (b"Content-Length: 5\r\n", b"[[7]]"),
    "in chunks": (b"Transfer-Encoding: chunked\r\n", b"2\r\n[[\r\n3\r\n7]]\r\n0\r\n\r\n"),
}


@pytest.mark.parametrize("pieces", [1, 2, 100])
@pytest.mark.parametrize("kind", BODIES)
def test_a_body_beside_an_offer_to_upgrade_is_read(server: Server, kind: str, pieces: int) -> None:
    framing, body = BODIES[kind]
    request = POST + UPGRADE + framing + b"\r\n" + body
    cuts = {1: [len(request)], 2: [len(request) - len(body)], 100: list(range(1, len(request)))}[pieces]
    with connect(server) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for start, end in pairwise([0, *cuts, len(request)]):
            connection.sendall(request[start:end])
        answer = connection.makefile("rb").read()

    assert answer.startswith(b"HTTP/1.1 200 OK")
    assert answer.endswith(b'{"predictions":[[7.0]]}')


@pytest.mark.parametrize(
    ("framing", "body", "status"),
    [(b"Content-Length: 20000\r\n", b"", 413), (b"Transfer-Encoding: chunked\r\n", b"x", 400)],
)
def test_such_a_body_has_the_same_limits(server: Server, framing: bytes, body: bytes, status: int) -> None:
    with connect(server) as connection:
        connection.sendall(POST + UPGRADE + framing + b"\r\n" + body)
        assert connection.makefile("rb").read().startswith(b"HTTP/1.1 %d " % status)


def test_a_refusal_is_logged_and_counted(server: Server) -> None:
    before = len(server.events("request"))
    exchange(server, b"nonsense\r\n\r\n")
    server.until(lambda: len(server.events("request")) > before)

    line = server.events("request")[-1]
    assert (line["status"], line["error"]) == (400, "invalid_http")
    assert 'serving_requests_total{route="other",status="400"}' in server.http.get("/metrics").text


MUTATIONS: list[Callable[[random.Random], bytes]] = [
    lambda dice: dice.randbytes(dice.randrange(1, 60)),
    lambda dice: json.dumps({"instances": [[dice.random()] * dice.randrange(4)]})[: dice.randrange(1, 40)].encode(),
    lambda dice: (
        b'{"instances": ' + dice.choice([b"[[[]]]", b"{}", b"[null]", b"[[1],[2,3]]", b"1e999", b'"x"']) + b"}"
    ),
    lambda dice: dice.choice([b"[", b"{", b'"']) * dice.randrange(1, 500),
    lambda dice: b'{"instances": [["' + dice.randbytes(20) + b'"]]}',
]
TYPES = (
    "application/json",
    "text/csv",
    "application/jsonlines",
    "application/x-npy",
    "application/x-parquet",
    "x/y",
    "",
)


def test_ten_thousand_malformed_bodies_are_all_refused(server: Server) -> None:
    dice = random.Random(10_000)  # noqa: S311 - the same every time
    seen = set()
    connection = HTTPConnection("127.0.0.1", server.port, timeout=30)  # a fraction of the work of httpx
    for _ in range(10_000):
        body, content_type = dice.choice(MUTATIONS)(dice), dice.choice(TYPES)
        connection.request("POST", "/invocations", body, {"Content-Type": content_type})
        response = connection.getresponse()
        answer = response.read()
        seen.add(response.status)
        if response.status != 200:
            assert set(json.loads(answer)) == {"error"}
            assert b"Traceback" not in answer
    connection.close()

    assert seen <= {200, 400, 413, 415}
    assert server.events("worker_exited") + server.events("worker_killed") == []
