"""V8xx: streamed answers."""

from __future__ import annotations

import threading
import time
from functools import partial
from typing import TYPE_CHECKING

from . import limits
from .rule import Need, check, failed, passed, skipped
from .streams import Watched, watch
from .together import together
from .wire import hang_up, shown

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session

NEEDS = (Need.SERVER, Need.EXAMPLE, Need.STREAM)
SHORT_SECONDS = 0.05
LATE_SHARE = 0.9
CROWD = 8
EVENTS = "text/event-stream"


def whole(session: Session) -> Watched:
    """Watch one stream from beginning to end, once for all checks."""
    return session.once("stream", lambda: watch(session))


@check(
    "V801",
    "A stream is sent in chunks",
    limits.stream("the response is handed on in parts as they come"),
    fix="Answer with Transfer-Encoding: chunked, one chunk for each piece of the answer, and no Content-Length.",
    needs=NEEDS,
)
def is_chunked(session: Session) -> Verdict:
    """Look at the framing and at the number of pieces."""
    seen = whole(session)
    if seen.problem or seen.status != 200:
        return failed(f"the example's stream: {seen}")
    framing = (seen.headers or {}).get("transfer-encoding", "")
    if "chunked" not in framing.lower():
        return failed(f"Transfer-Encoding is {framing or 'missing'}, in {len(seen.body)} pieces")
    return passed(f"{len(seen.body)} pieces") if len(seen.body) > 1 else failed("the whole answer is one chunk")


@check(
    "V802",
    "The first piece comes long before the last",
    limits.stream("a caller reads the first part while the rest is made"),
    fix="Hand each piece on as soon as it is there: no gzip, no list that is joined first, no buffering proxy.",
    needs=NEEDS,
)
def is_not_buffered(session: Session) -> Verdict:
    """Compare the time of the first piece with that of the last."""
    seen = whole(session)
    if seen.problem or seen.status != 200 or len(seen.body) < 2:
        return skipped(f"there is no stream to look at (V801): {seen}")
    first, last = seen.times[0], seen.times[-1]
    if last < SHORT_SECONDS:
        return skipped(f"the whole stream took {last * 1000:.0f} ms; --payload with a longer answer shows more")
    if first > LATE_SHARE * last:
        return failed(f"the first piece came after {first:.2f} s, the last after {last:.2f} s")
    return passed(f"the first piece came after {first:.2f} s, the last after {last:.2f} s")


@check(
    "V803",
    "A caller that hangs up in the middle of a stream does no harm",
    limits.stream("a caller may stop reading at any time"),
    fix="Catch the error of writing to a closed connection and stop making the answer.",
    needs=NEEDS,
)
def bears_hang_up(session: Session) -> Verdict:
    """Hang up after the first piece, several times, and ask again."""
    for _ in range(4):
        watch(session, most=1)
    ill = session.lives()
    again = watch(session) if not ill else None
    if again is None or again.problem or again.status != 200:
        return failed(f"after 4 hang-ups: {ill or again}")
    return passed("4 hang-ups, and the next stream is whole")


@check(
    "V804",
    "Server-sent events where Accept asks for them",
    limits.http("Accept: text/event-stream; section 12.5.1"),
    fix="Answer with Content-Type: text/event-stream and `data: ...` followed by an empty line for each piece, or 406.",
    needs=NEEDS,
)
def sends_events(session: Session) -> Verdict:
    """Ask for events."""
    seen = watch(session, [("Accept", EVENTS)])
    if seen.status == 406:
        return skipped("Accept: text/event-stream is refused with 406: this server has no events")
    kind = (seen.headers or {}).get("content-type", "")
    if seen.problem or seen.status != 200:
        return failed(f"Accept: {EVENTS} was answered: {seen}")
    if not kind.startswith(EVENTS):
        return failed(f"Accept: {EVENTS} was answered with {kind or 'no Content-Type'}")
    text = b"".join(seen.body)
    lines = [line for line in text.splitlines() if line]
    odd = [line for line in lines if not line.startswith((b"data:", b"event:", b"id:", b"retry:", b":"))]
    if odd or not text.endswith((b"\n\n", b"\r\n\r\n")):
        return failed(f"this is no event: {shown(odd[0] if odd else text[-80:])}")
    return passed(f"{sum(line.startswith(b'data:') for line in lines)} events")


@check(
    "V805",
    "Making the answer ends when the caller hangs up",
    limits.stream("what nobody reads costs what others wait for"),
    fix="Close the generator when the connection closes; check for a disconnect between two pieces.",
    needs=NEEDS,
)
def stops_generating(session: Session) -> Verdict:
    """Fill the server with streams, hang up on all of them, and see how long the next one waits."""
    seen = whole(session)
    if seen.problem or not seen.times:
        return skipped(f"there is no stream to look at (V801): {seen}")
    idle = seen.times[0]
    crowded = _first_piece_beside_a_crowd(session)
    if crowded < 2 * idle + 0.5:
        return skipped(
            f"cannot be seen: {CROWD} streams beside it do not delay the first piece of one ({crowded:.2f} s)"
        )
    after = _first_piece_after_hang_ups(session)
    if after is None:
        return skipped("there was no stream after the hang-ups (V803)")
    if after > (idle + crowded) / 2:
        return failed(
            f"after {CROWD} hang-ups the next first piece took {after:.2f} s: at rest {idle:.2f} s, "
            f"beside {CROWD} streams {crowded:.2f} s"
        )
    return passed(
        f"after {CROWD} hang-ups the next first piece took {after:.2f} s, beside {CROWD} streams {crowded:.2f} s"
    )


def _first_piece_beside_a_crowd(session: Session) -> float:
    path, wire, example, patience = session.path, session.wire, session.options.example, session.options.answer_seconds
    if example is None:
        return 0.0
    ask = partial(wire.outcome, "POST", path, example.body, example.headers, patience)
    crowd = threading.Thread(target=together, args=(CROWD, ask), daemon=True)
    crowd.start()
    time.sleep(0.2)
    times = watch(session, most=1).times
    crowd.join(patience)
    return times[0] if times else patience


def _first_piece_after_hang_ups(session: Session) -> float | None:
    example = session.options.example
    body = example.body if example else b""
    head = session.wire.head("POST", session.path, example.headers if example else (), len(body))
    connections = [session.wire.connect(session.options.ping_seconds) for _ in range(CROWD)]
    for connection in connections:
        connection.sendall(head + body)
    time.sleep(0.2)
    for connection in connections:
        hang_up(connection)
    times = watch(session, most=1).times
    return times[0] if times else None
