"""Small messages between the supervisor and a process it started: JSON objects, a line each, over a socket pair.

Both ends use the same class. A message is a dict with an "event"; what the events are is said where they are handled.
Reading never waits. Writing does not either, and gives up on an end that does not read: a hung worker must not hang
the supervisor. The end of the other process is the end of the stream.
"""

import json
import socket
from collections.abc import Mapping
from typing import Any

Message = dict[str, Any]

MAX_MESSAGE = 32 * 1024  # bytes; several fit the socket's buffer, so that the writer never waits for the reader


class Channel:
    """One end of the socket pair."""

    def __init__(self, end: socket.socket) -> None:
        """Take over the socket."""
        end.setblocking(False)
        self.socket = end
        self._begun = b""
        self.closed = False  # True once the other end is gone

    def fileno(self) -> int:
        """Let selectors and event loops watch it."""
        return self.socket.fileno()

    def send(self, event: str, **fields: object) -> bool:
        """Send a message; False when the other end is gone or does not read. Raises ValueError for one too large."""
        line = json.dumps({"event": event, **fields}, default=str).encode("ascii") + b"\n"
        if len(line) > MAX_MESSAGE:
            raise ValueError(f"a message of {len(line)} bytes; at most {MAX_MESSAGE}")
        try:
            return self.socket.send(line) == len(line)
        except OSError:
            return False

    def receive(self) -> list[Message]:
        """Give the messages that are there; none is also what a closed channel gives, see `closed`."""
        try:
            while data := self.socket.recv(MAX_MESSAGE):
                self._begun += data
            self.closed = True
        except BlockingIOError:
            pass
        except OSError:
            self.closed = True
        *lines, self._begun = self._begun.split(b"\n")
        messages = [json.loads(line) for line in lines]
        return [message for message in messages if isinstance(message, dict)]

    def close(self) -> None:
        """Close this end; the other sees it."""
        self.socket.close()


def failure(fields: Mapping[str, object]) -> dict[str, object]:
    """Cut the report of a failed start to what a message holds."""
    if len(json.dumps(fields, default=str)) < MAX_MESSAGE - 1024:
        return dict(fields)
    return {"message": str(fields.get("message"))[: MAX_MESSAGE // 16]}
