"""A streamed answer, watched as it arrives."""

from __future__ import annotations

import contextlib
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .wire import NoAnswerError, hang_up, pieces, receive, send

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .session import Session
    from .wire import Headers


@dataclass(frozen=True, slots=True)
class Watched:
    """Status, headers, the pieces, and when each came, in seconds from the request; "" or what went wrong."""

    status: int = 0
    headers: Mapping[str, str] | None = None
    body: tuple[bytes, ...] = ()
    times: tuple[float, ...] = ()
    problem: str = ""

    def __str__(self) -> str:
        """Give what there is to say in a few words."""
        return self.problem or f"{self.status} in {len(self.body)} pieces"


def watch(session: Session, extra: Headers = (), most: int | None = None) -> Watched:
    """Ask for the example's stream; after `most` pieces hang up."""
    example = session.options.example
    body = example.body if example else b""
    headers = [(name, value) for name, value in (example.headers if example else ()) if name not in dict(extra)]
    deadline = time.monotonic() + session.options.answer_seconds
    began = time.monotonic()
    times: list[float] = []
    found: list[bytes] = []
    status, said = 0, None
    try:
        with contextlib.closing(session.wire.connect(session.options.ping_seconds)) as connection:
            send(connection, session.wire.head("POST", session.path, [*headers, *extra], len(body)) + body, deadline)
            response = receive(connection, "POST", deadline)
            status, said = response.status, {name.lower(): value for name, value in response.getheaders()}
            for piece in pieces(response, connection, deadline):
                times.append(time.monotonic() - began)
                found.append(piece)
                if most is not None and len(found) >= most:
                    hang_up(connection)
                    break
    except NoAnswerError as error:
        return Watched(status, said, tuple(found), tuple(times), str(error))
    return Watched(status, said, tuple(found), tuple(times))
