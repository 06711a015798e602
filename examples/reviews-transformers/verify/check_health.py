"""V2xx: connections and /ping, at rest and under load."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from . import limits
from .load import busy
from .rule import Need, check, failed, passed, skipped
from .wire import Answer, NoAnswerError

if TYPE_CHECKING:
    from .load import Load
    from .rule import Verdict
    from .session import Session
    from .wire import Outcome

PINGS = 5
CLIENTS_AT_ONCE = 64


def load(session: Session) -> Load:
    """Keep the server busy, once for all checks."""
    return session.once("load", lambda: busy(session))


def at_rest(session: Session) -> list[Outcome]:
    """Ping a server that has nothing else to do, once for all checks."""
    return session.once("ping", lambda: [session.ping() for _ in range(PINGS)])


def ill_at_rest(session: Session) -> list[str]:
    """Name the pings that were late or not 200 although nothing else was asked."""
    return [str(one) for one in at_rest(session) if isinstance(one, NoAnswerError) or one.status != 200]


@check(
    "V201",
    "GET /ping answers 200 within 2 s",
    limits.hosting("a health check has 2 seconds for each attempt"),
    fix="Answer /ping at once, with 200 and an empty body, without asking the model.",
)
def ping_is_quick(session: Session) -> Verdict:
    """Look at the pings."""
    wrong = ill_at_rest(session)
    if wrong:
        return failed(f"{len(wrong)} of {PINGS} pings: {wrong[0]}")
    slowest = max(one.seconds for one in at_rest(session) if isinstance(one, Answer))
    return passed(f"{PINGS} times 200, the slowest in {slowest * 1000:.0f} ms")


@check(
    "V202",
    "A connection is accepted within 250 ms, also while it is busy",
    limits.hosting("a container must accept a connection within 250 ms"),
    fix="Accept connections in a thread or loop that predicts nothing, with a backlog of 100 or more.",
)
def accepts_quickly(session: Session) -> Verdict:
    """Connect at rest (each time) and, where there is an example, under load (the median: the client is busy too)."""
    limit = limits.CONNECT_SECONDS
    slowest = min(_connecting(session) for _ in range(3))
    if slowest > limit:
        return failed(f"a connection took {slowest * 1000:.0f} ms at rest")
    if session.options.example is None:
        return passed(f"{slowest * 1000:.0f} ms at rest; not tried under load, for want of an example request")
    under_load = load(session).connecting()
    if under_load > limit:
        return failed(f"a connection took {under_load * 1000:.0f} ms under load (median)")
    return passed(f"{slowest * 1000:.0f} ms at rest, {under_load * 1000:.0f} ms under load")


def _connecting(session: Session) -> float:
    wire = session.wire
    slowest = 0.0
    for _ in range(PINGS):
        began = time.monotonic()
        wire.connect(session.options.ping_seconds).close()
        slowest = max(slowest, time.monotonic() - began)
    return slowest


@check(
    "V203",
    "/ping answers within 2 s while predictions run",
    limits.hosting("a health check has 2 seconds for each attempt, also while every worker is busy"),
    fix="Predict in other threads or processes than those that answer /ping: an event loop with a thread pool, or a "
    "worker more than may predict at a time.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def ping_is_not_blocked(session: Session) -> Verdict:
    """Ping while every client asks for predictions without a pause."""
    if ill_at_rest(session):
        return skipped("/ping is not well at rest either (V201)")
    found = load(session)
    late = found.late(session.options.ping_seconds)
    if late:
        return failed(f"{len(late)} of {len(found.pings)} pings while {found.clients} clients asked: {late[0]}")
    slowest = max(took for took, _ in found.pings)
    return passed(
        f"{len(found.pings)} pings while {found.clients} clients asked, the slowest in {slowest * 1000:.0f} ms"
    )


@check(
    "V204",
    "/ping stays 200 while predictions run",
    limits.hosting("a container that fails its health checks is replaced"),
    fix="Say 503 on /ping only when the server cannot predict any more; a full queue is answered on /invocations.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def ping_stays_healthy(session: Session) -> Verdict:
    """Look at what the pings under load said."""
    if ill_at_rest(session):
        return skipped("/ping is not well at rest either (V201)")
    found = load(session)
    answered = [said for _, said in found.pings if isinstance(said, Answer)]
    ill = [said for said in answered if said.status != 200]
    if ill:
        return failed(f"{len(ill)} of {len(found.pings)} pings under load: {ill[0]}")
    return passed(f"{len(answered)} times 200 under load")


@check(
    "V205",
    "Every client is answered under load",
    limits.invoke("a request without an answer reaches the caller as ModelError or ServiceUnavailable"),
    fix="Queue a bounded number of requests and answer the rest with 503 at once; never drop a connection.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def load_is_answered(session: Session) -> Verdict:
    """Look at what the clients were told: a prediction, or a clean refusal."""
    found = load(session)
    wrong = [one for one in found.predictions if isinstance(one, NoAnswerError) or one.status not in _KNOWN]
    if wrong:
        return failed(f"{len(wrong)} of {len(found.predictions)} requests under load: {wrong[0]}")
    return passed(f"{found.clients} clients in {found.seconds:g} s: {found.statuses()}")


_KNOWN = {*range(200, 300), 429, 503}
