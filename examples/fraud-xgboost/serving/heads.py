"""Heads of requests that were read before: a client sends the same one again and again, and to look it up is quicker.

What is kept was read by the parser, as the whole of a head: the same bytes, where a request begins, mean the same again.
"""

import msgspec

MOST = 256  # heads that are kept; a client with one of its own for each request has them all forgotten
LONGEST = 2048  # bytes of one: those of the platform are shorter
END = b"\r\n\r\n"


class Head(msgspec.Struct, frozen=True):
    """What a head says: the headers that are noticed, and how long the body is."""

    headers: dict[str, str]
    length: int


class Heads:
    """The heads that one worker knows, by their bytes."""

    def __init__(self) -> None:
        """Begin with none."""
        self._known: dict[bytes, Head] = {}

    def find(self, data: bytes) -> tuple[Head, bytes] | None:
        """Give the head of a request, and its body; None where the head is new, or `data` not one whole request."""
        end = data.find(END, 0, LONGEST) + len(END)
        head = self._known.get(data[:end])
        if head is None or len(data) - end != head.length:
            return None
        return head, data[end:]

    def keep(self, data: bytes, head: Head) -> None:
        """Remember the head of a request that `data` is the whole of; else do nothing."""
        end = data.find(END, 0, LONGEST) + len(END)
        # Were this not where the parser saw the end, the length would not fit.
        if end > len(END) and len(data) - end == head.length:
            if len(self._known) >= MOST:
                self._known.clear()
            self._known[data[:end]] = head
