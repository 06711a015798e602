"""A worker that is busy gives a request to one that is free, with its connection."""

import asyncio
import json
import os
import socket
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from types import SimpleNamespace
from typing import Any

import pytest
import uvloop
from app_under_test import Assemble, Server, Start
from uvicorn.config import Config
from uvicorn.server import ServerState

from serving import board
from serving.handing import Handing
from serving.protocol import limited

pytestmark = pytest.mark.skipif(
    sys.platform != "linux", reason="abstract addresses are Linux's: elsewhere requests stay"
)

# Answers once two predictions run at one time, which one thread of one worker cannot.
MEET = """
import os, pathlib, time

def model_fn(model_dir):
    return pathlib.Path(model_dir)

def predict_fn(input_data, model):
    meeting = int(input_data[0][0])
    time.sleep(0.02)
    if meeting:
        (model / f"{meeting}-{os.getpid()}").touch()
        while len(list(model.glob(f"{meeting}-*"))) < 2:
            time.sleep(0.01)
    return [os.getpid()]
"""


def request(meeting: int) -> bytes:
    body = b"[[%d]]" % meeting
    return b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body)


def answer(connection: socket.socket) -> int:
    """Read an answer, and give the worker that made it."""
    received = b""
    while not received.endswith(b"}"):  # head and body may come by themselves
        piece = connection.recv(65536)
        assert piece, received
        received += piece
    assert received.startswith(b"HTTP/1.1 200 "), received
    return int(json.loads(received.partition(b"\r\n\r\n")[2])["predictions"][0])


def connections_of_one_worker(server: Server, stack: ExitStack) -> list[socket.socket]:
    """Open connections until two belong to the same worker."""
    found: dict[int, socket.socket] = {}
    while True:
        connection = stack.enter_context(socket.create_connection(("127.0.0.1", server.port), timeout=60))
        connection.sendall(request(0))
        pid = answer(connection)
        if pid in found:
            return [found[pid], connection]
        found[pid] = connection


def test_the_rest_of_a_request_may_come_before_its_beginning_was_looked_at() -> None:
    refused: list[Any] = []
    bodies: list[bytes] = []

    async def app(_scope: Any, receive: Any, send: Any) -> None:
        message = await receive()
        bodies.append(message["body"] if not message["more_body"] else message["body"] + (await receive())["body"])
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body"})

    async def take_over() -> bytes:
        loop = asyncio.get_running_loop()
        config = Config(app, http=limited(refused.append, None, lambda _count: None), lifespan="off")
        config.load()
        client, connection = socket.socketpair()
        with client:
            client.sendall(b"[[1]]")
            client.setblocking(False)
            connection.setblocking(False)
            made: Any = config.http_protocol_class
            protocol = made(config=config, server_state=ServerState(), app_state={})
            protocol.begun = b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n"
            await loop.connect_accepted_socket(lambda: protocol, connection)
            answered = await asyncio.wait_for(loop.sock_recv(client, 1000), 20)
            protocol.transport.abort()
            return answered

    answered = uvloop.run(take_over())
    assert (refused, bodies) == ([], [b"[[1]]"])
    assert answered.startswith(b"HTTP/1.1 200 ")


@pytest.mark.parametrize("http", ["direct", "asgi"])
def test_two_requests_to_one_worker_run_in_two(assemble: Assemble, start: Start, http: str) -> None:
    project = assemble(MEET, workers=2, timeout_seconds=20, http=http)
    server = start(project, project)
    server.wait_for("started", 2)

    with ExitStack() as stack:
        pair = connections_of_one_worker(server, stack)
        for meeting in (1, 2):
            for connection in pair:
                connection.sendall(request(meeting))
            assert len({answer(connection) for connection in pair}) == 2

    assert server.stop() == 0
    assert [line["status"] for line in server.events("request") if line["path"] == "/invocations"][-4:] == [200] * 4


@pytest.mark.parametrize("http", ["direct", "asgi"])
def test_no_request_that_came_before_the_end_is_lost(assemble: Assemble, start: Start, http: str) -> None:
    """Connections are on their way between the workers when the platform ends the container."""
    project = assemble(MEET, workers=2, timeout_seconds=20, http=http)
    server = start(project, project)
    server.wait_for("started", 2)

    def ask_until_the_end(_client: int) -> tuple[int, float]:
        answered = 0
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            while True:
                sent = time.monotonic()
                with suppress(ConnectionError):
                    connection.sendall(request(0))
                    if connection.recv(1, socket.MSG_PEEK):
                        answer(connection)
                        answered += 1
                        continue
                return answered, sent

    with ThreadPoolExecutor(8) as pool:
        clients = [pool.submit(ask_until_the_end, client) for client in range(8)]
        time.sleep(1)
        ended = time.monotonic()
        assert server.stop() == 0
        for client in clients:
            answered, last = client.result()
            assert answered
            assert last > ended, "it was sent before the end, and nobody answered it"


class Takes(asyncio.Protocol):
    """Notes what a connection brought along."""

    begun = b""

    def __init__(self) -> None:
        self.transport: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport


class Pair:
    """Two workers of a server, in one process and event loop; the first is the one that gives."""

    def __init__(self, *, ready: bool = True, busy: int = 0, alone: bool = False) -> None:
        numbers = board.make(2)
        self.came: list[Takes] = []
        self.slot = numbers.take(1)
        self.slot.set("model_loaded", ready)
        self.slot.set("busy", busy)
        self.first, *others = [self._handing(numbers, place) for place in range(1 if alone else 2)]
        self.second = others[0] if others else None
        self.connection, self.client = socket.socketpair()

    def _handing(self, numbers: board.Board, place: int) -> Handing:
        config = SimpleNamespace(server=SimpleNamespace(threads=1))
        engine: Any = SimpleNamespace(board=numbers, place=place, config=config, lane=SimpleNamespace(taken=1, begun=1))
        make: Any = self._make
        return Handing(engine, make)

    def _make(self) -> Takes:
        self.came.append(Takes())
        return self.came[-1]

    def give(self, begun: bytes = b"POST") -> bool:
        return self.first.give(self.connection.fileno(), begun)

    async def end(self) -> None:
        for one in filter(None, (self.first, self.second)):
            one.close()
            await one.wait_closed()
        for taken in self.came:
            taken.transport.abort()
        await asyncio.sleep(0)
        self.connection.close()
        self.client.close()


def given(**pair: Any) -> bool:
    async def run() -> bool:
        both = Pair(**pair)
        try:
            return both.give()
        finally:
            await both.end()

    return asyncio.run(run())


@pytest.mark.parametrize("pair", [{"busy": 1}, {"ready": False}, {"alone": True}])
def test_to_one_that_is_busy_or_loads_or_has_died_nothing_is_given(pair: dict[str, Any]) -> None:
    assert given()
    assert not given(**pair)


def test_one_that_ends_takes_what_was_sent_and_no_more() -> None:
    async def run() -> tuple[list[bytes], bool]:
        pair = Pair()
        assert pair.give(b"POST /invocations")
        assert pair.second
        pair.second.close()
        await pair.second.wait_closed()
        again = pair.give()
        await pair.end()
        return [one.begun for one in pair.came], again

    assert asyncio.run(run()) == ([b"POST /invocations"], False)


def test_what_another_user_sent_is_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    async def run() -> bytes:
        pair = Pair()
        assert pair.give()
        pair.connection.close()
        with monkeypatch.context() as patched:
            patched.setattr(os, "getuid", lambda: -2)
            await pair.end()
        return b"" if pair.came else b"dropped"

    assert asyncio.run(run()) == b"dropped"


def test_a_request_too_large_to_send_stays() -> None:
    async def run() -> bool:
        pair = Pair()
        try:
            return pair.give(bytes(1 << 20))
        finally:
            await pair.end()

    assert not asyncio.run(run())
