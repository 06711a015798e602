"""V5xx: how a server stops, and what it leaves behind."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from . import limits
from .check_start import bears
from .rule import Need, Severity, check, failed, passed, skipped
from .wire import Answer, NoAnswerError, answer, pieces, receive, send

if TYPE_CHECKING:
    import socket

    from .rule import Verdict
    from .session import Session
    from .wire import Outcome

CONTROL = (Need.SERVER, Need.CONTROL)
SLOW_SECONDS = 0.5
"""From here on a request is sent whole and caught while it is computed; below it is caught while it arrives."""


@dataclass(frozen=True, slots=True)
class Stop:
    """What happened after SIGTERM. `answer` is None without an example; `code` is None where the process went on."""

    answer: Outcome | None
    seconds: float
    code: int | None
    log: str


def stopped(session: Session) -> Stop:
    """Stop the server with a request in flight, once for all checks."""
    return session.once("stop", lambda: _stop(session))


def _stop(session: Session) -> Stop:
    started = session.server()
    usual = session.invoke() if session.options.example else None
    slow = isinstance(usual, Answer) and usual.seconds > SLOW_SECONDS
    body = session.options.example.body if session.options.example else b""
    with contextlib.ExitStack() as stack:
        connection = None
        if body:
            connection = stack.enter_context(contextlib.closing(_begin(session, body if slow else body[:-1])))
        time.sleep(SLOW_SECONDS / 2)  # the server has seen the request now
        began = time.monotonic()
        started.launched.terminate()
        time.sleep(SLOW_SECONDS / 2)  # it has seen the signal
        said = _finish(session, connection, b"" if slow else body[-1:]) if connection else None
    code = started.launched.wait(max(0.1, session.options.stop_seconds - (time.monotonic() - began)))
    result = Stop(said, time.monotonic() - began, code, started.launched.log())
    session.end()
    return result


def _begin(session: Session, part: bytes) -> socket.socket:
    example = session.options.example
    size = len(example.body) if example else 0
    connection = session.wire.connect(session.options.ping_seconds)
    connection.sendall(session.wire.head("POST", session.path, example.headers if example else (), size) + part)
    return connection


def _finish(session: Session, connection: socket.socket, rest: bytes) -> Outcome:
    deadline = time.monotonic() + session.options.stop_seconds
    try:
        send(connection, rest, deadline)
        response = receive(connection, "POST", deadline)
        return answer(response, b"".join(pieces(response, connection, deadline)), 0.0, 0.0)
    except NoAnswerError as error:
        return error


@check(
    "V501",
    "A request in flight is answered after SIGTERM",
    limits.hosting("SIGTERM comes with every update and scale-in, SIGKILL 30 s later"),
    fix="On SIGTERM stop accepting connections, finish the requests that have begun, then exit.",
    needs=(*CONTROL, Need.EXAMPLE),
)
def in_flight_is_answered(session: Session) -> Verdict:
    """Send SIGTERM while the example is on its way."""
    said = stopped(session).answer
    if not isinstance(said, Answer) or said.status != 200:
        return failed(f"the request that was under way: {said}")
    return passed("the request that was under way was answered with 200")


@check(
    "V502",
    "It exits within 30 s of SIGTERM",
    limits.hosting("SIGKILL comes 30 s after SIGTERM"),
    fix="Handle SIGTERM in process 1 (exec-form ENTRYPOINT, no shell in between) and bound the draining below 30 s.",
    needs=CONTROL,
)
def exits_in_time(session: Session) -> Verdict:
    """Look at when it ended."""
    stop = stopped(session)
    if stop.code is None:
        return failed(f"it still runs {stop.seconds:.1f} s after SIGTERM")
    return passed(f"gone {stop.seconds:.1f} s after SIGTERM")


@check(
    "V503",
    "It exits with 0 after SIGTERM",
    limits.hosting("a stop is no failure"),
    fix="Exit with 0 after draining; 143 or -15 means that the signal ended the process unhandled.",
    severity=Severity.WARNING,
    needs=CONTROL,
)
def exits_with_0(session: Session) -> Verdict:
    """Look at the exit code."""
    code = stopped(session).code
    if code is None:
        return skipped("it did not exit (V502)")
    return passed("exit code 0") if code == 0 else failed(f"exit code {code}")


@check(
    "V504",
    "The model folder is left as it was",
    limits.hosting("/opt/ml/model is read-only"),
    fix="Write caches and unpacked files under /tmp (HF_HOME, NUMBA_CACHE_DIR, MPLCONFIGDIR).",
    needs=CONTROL,
)
def model_is_left_alone(session: Session) -> Verdict:
    """Compare the folder with what it was before the start."""
    if session.options.model_dir is None:
        return skipped("no model folder was given: --model-dir")
    verdict = bears(session, "model_read_only", "nothing changed in it")
    changes = session.model_changes()
    if changes:
        return failed(f"{len(changes)} files changed: {', '.join(changes[:5])}")
    return verdict


@check(
    "V505",
    "It logs to stdout or stderr",
    limits.logging("what a container writes to its streams lands in CloudWatch"),
    fix="Log to stdout, unbuffered; nobody reads files inside a container.",
    severity=Severity.WARNING,
    needs=CONTROL,
)
def logs_to_its_streams(session: Session) -> Verdict:
    """Look at what it wrote while it ran."""
    log = stopped(session).log
    return passed(f"{len(log.splitlines())} lines") if log.strip() else failed("it wrote nothing to its streams")
