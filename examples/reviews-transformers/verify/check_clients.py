"""V4xx: clients that are many, slow, gone or not speaking HTTP."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from . import limits
from .check_health import ill_at_rest
from .rule import Need, check, failed, passed, skipped
from .together import together
from .wire import Answer, NoAnswerError, hang_up

if TYPE_CHECKING:
    import socket
    from collections.abc import Iterator

    from .rule import Verdict
    from .session import Session

MANY = 64
SLOW = 24
LEAVING = 8
SETTLING_SECONDS = 5.0  # what was begun for clients that are gone may keep a server busy for a while
GARBAGE = (
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)),  # what a TLS client says first
    b"\x00" * 4096,
    b"\r\n\r\n\r\n",
    b"GET\r\n\r\n",
    b"GET /ping\r\n\r\n",
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET /ping HTTP/1.1\r\nHost: x\r\n" + b"X-Many: 1\r\n" * 20_000 + b"\r\n",
    b"GET /ping HTTP/1.1\r\nHost: x\r\nX-Huge: " + b"a" * 1_000_000 + b"\r\n\r\n",
    b"GET /ping HTTP/9.9\r\nHost: x\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
)


@check(
    "V401",
    "Many clients at once are answered",
    limits.invoke("an endpoint hands on as many requests as it gets; the container bounds them"),
    fix="Answer in threads, processes or an event loop; where there are too many answer 503 at once.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def many_clients(session: Session) -> Verdict:
    """Send the example over many connections at the same moment."""
    path, wire, example, patience = session.path, session.wire, session.options.example, session.options.answer_seconds
    if example is None:
        return skipped("there is no example request")
    said = together(MANY, lambda: wire.outcome("POST", path, example.body, example.headers, patience))
    wrong = [one for one in said if isinstance(one, NoAnswerError) or one.status not in {200, 429, 503}]
    if wrong:
        return failed(f"{len(wrong)} of {MANY}: {wrong[0]}")
    good = sum(isinstance(one, Answer) and one.status == 200 for one in said)
    return passed(f"{MANY} at once: {good} times 200, {MANY - good} times refused with 503 or 429")


@check(
    "V402",
    "Slow clients do not hold up the others",
    limits.hosting("a health check has 2 seconds for each attempt"),
    fix="Do not read requests in the threads or workers that predict: one slow sender must not take one of them.",
)
def slow_clients(session: Session) -> Verdict:
    """Keep requests open that are half sent, some in their headers, some in their body, and ping meanwhile."""
    if ill_at_rest(session):
        return skipped("/ping is not well at rest either (V201)")
    head = session.wire.head("POST", session.path, [("Content-Type", "application/json")], 100)
    with _open(session, SLOW) as connections:
        for number, connection in enumerate(connections):
            connection.sendall(head[: len(head) // 2] if number % 2 else head + b'{"instances": ')
        time.sleep(0.2)
        said = [session.ping() for _ in range(3)]
    wrong = [one for one in said if isinstance(one, NoAnswerError) or one.status != 200]
    if wrong:
        return failed(f"with {SLOW} requests half sent, /ping: {wrong[0]}")
    return passed(f"{SLOW} requests half sent, and /ping is 200")


@check(
    "V403",
    "Clients that hang up do no harm",
    limits.http("section 9.3: a client may close its connection at any time"),
    fix="Catch what writing to a closed connection raises; do not end the process or lose a worker for it.",
)
def clients_hang_up(session: Session) -> Verdict:
    """Hang up before, in the middle of and after a request, then ask for the example."""
    example = session.options.example
    body = example.body if example else b"{}"
    head = session.wire.head("POST", session.path, example.headers if example else (), len(body))
    for part in (b"", head[: len(head) // 2], head, head + body[: len(body) // 2], head + body):
        with _open(session, LEAVING) as connections:
            for connection in connections:
                connection.sendall(part)
            time.sleep(0.02)
            for connection in connections:
                hang_up(connection)
    time.sleep(0.3)  # the server has noticed
    return _afterwards(session, f"after {5 * LEAVING} hang-ups")


@check(
    "V404",
    "Bytes that are no HTTP do no harm",
    limits.http("section 15.5: what cannot be read is answered with a 4xx, or the connection is closed"),
    fix="Use an HTTP server that bounds lines and headers, and let no parse error end the process.",
)
def garbage(session: Session) -> Verdict:
    """Send bytes of many kinds, then ask for the example."""
    for data in GARBAGE:
        with contextlib.suppress(OSError, NoAnswerError), contextlib.closing(session.wire.connect(2)) as connection:
            connection.settimeout(0.3)
            connection.sendall(data)
            connection.recv(4096)
        ill = session.lives()
        if ill:
            return failed(f"after {data[:40]!r}{'...' * (len(data) > 40)}: {ill}")
    return _afterwards(session, f"after {len(GARBAGE)} kinds of bytes that are no request")


@contextlib.contextmanager
def _open(session: Session, count: int) -> Iterator[list[socket.socket]]:
    with contextlib.ExitStack() as stack:
        wire = session.wire
        yield [
            stack.enter_context(contextlib.closing(wire.connect(session.options.ping_seconds))) for _ in range(count)
        ]


def _afterwards(session: Session, when: str) -> Verdict:
    ill = session.lives()
    if ill:
        return failed(f"{when}: {ill}")
    if session.options.example is None:
        return passed(f"{when} /ping is 200")
    deadline = time.monotonic() + SETTLING_SECONDS
    while True:
        said = session.invoke()
        if isinstance(said, Answer) and said.status < 500:
            break
        if time.monotonic() > deadline:
            return failed(f"{when} the example was answered: {said}")
        time.sleep(0.2)
    return passed(f"{when} the example is answered with {said.status}")
