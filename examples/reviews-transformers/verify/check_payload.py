"""V34x: requests of the largest size that the platform lets through, and one byte more."""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from . import limits
from .example import JSON
from .rule import Need, check, failed, passed, skipped, warned
from .wire import NoAnswerError, answer, pieces, receive, send

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session
    from .wire import Outcome

SOURCE = limits.invoke("6,291,456 bytes in real time; serverless 4 MB, asynchronous 1 GB, batch MaxPayloadInMB")


@check(
    "V341",
    "A request of the largest size is answered",
    SOURCE,
    fix="Accept bodies up to the limit of the mode, or refuse them with a 4xx that says how large they may be.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def at_the_limit(session: Session) -> Verdict:
    """Send the example, filled up with blanks."""
    size = session.options.payload_bytes
    if size > limits.MOST_SENT_BYTES:
        return skipped(f"{size:,} bytes are not sent; --max-payload names fewer")
    example = session.options.example
    body = example.padded(size) if example else None
    if body is None:
        return skipped("only a JSON example can be filled up without changing what it means")
    said = session.invoke(body)
    if isinstance(said, NoAnswerError) or said.status >= 500:
        return failed(f"{size:,} bytes: {said}")
    if said.status == 413:
        return warned(f"{size:,} bytes are refused with 413, although the platform lets them through")
    return passed(f"{size:,} bytes: {said.status} in {said.seconds:.1f} s")


@check(
    "V342",
    "A request over the limit is refused with 413, and the server lives on",
    SOURCE,
    fix="Compare Content-Length with the limit before the body is read, count the bytes where there is none, and "
    "answer 413.",
)
def over_the_limit(session: Session) -> Verdict:
    """Send one byte too many; where that is too much to send, only announce it."""
    size = session.options.payload_bytes + 1
    said = (
        session.invoke(b" " * size, [("Content-Type", JSON)])
        if size <= limits.MOST_SENT_BYTES
        else _announce(session, size)
    )
    ill = session.lives()
    if ill:
        return failed(f"{size:,} bytes: {said}; afterwards {ill}")
    if isinstance(said, NoAnswerError) or said.status >= 500:
        return failed(f"{size:,} bytes: {said}")
    if said.status // 100 == 2:
        return warned(f"{size:,} bytes are read and answered with {said.status}")
    return (
        passed(f"413 for {size:,} bytes") if said.status == 413 else warned(f"{size:,} bytes: {said.status}, not 413")
    )


def _announce(session: Session, size: int) -> Outcome:
    wire = session.wire
    deadline = time.monotonic() + session.options.ping_seconds
    try:
        with contextlib.closing(wire.connect(session.options.ping_seconds)) as connection:
            send(connection, wire.head("POST", session.path, [("Content-Type", JSON)], size), deadline)
            response = receive(connection, "POST", deadline)
            return answer(response, b"".join(pieces(response, connection, deadline)), 0.0, 0.0)
    except NoAnswerError as error:
        return error
