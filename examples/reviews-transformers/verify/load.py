"""The server kept busy: clients that ask without a pause, and the platform's pings in between."""

from __future__ import annotations

import statistics
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .wire import Answer, NoAnswerError

if TYPE_CHECKING:
    from .session import Session
    from .wire import Outcome

BETWEEN_PINGS = 0.25
"""Seconds; the platform pings every few seconds, here the same number of pings takes less time."""


@dataclass
class Load:
    """What was answered. `pings` and `predictions` hold every outcome."""

    clients: int
    seconds: float
    pings: list[tuple[float, Outcome]] = field(default_factory=list)
    predictions: list[Outcome] = field(default_factory=list)

    def statuses(self) -> str:
        """Count the predictions by status."""
        said = Counter(str(one.status) if isinstance(one, Answer) else str(one) for one in self.predictions)
        return ", ".join(f"{count} times {text}" for text, count in said.most_common(4)) or "no request"

    def connecting(self) -> float:
        """Give the median of the seconds that a ping's connection took."""
        return statistics.median([one.connected for _, one in self.pings if isinstance(one, Answer)] or [0.0])

    def late(self, seconds: float) -> list[str]:
        """Name the pings that were not answered in time."""
        return [
            f"{said} ({took:.1f} s)" for took, said in self.pings if isinstance(said, NoAnswerError) or took > seconds
        ]


def busy(session: Session) -> Load:
    """Keep the server busy for the time that the options name."""
    options = session.options
    load = Load(options.clients, options.load_seconds)
    over = threading.Event()
    path, wire, example = session.path, session.wire, options.example

    def client() -> None:
        while example is not None and not over.is_set():
            said = wire.outcome("POST", path, example.body, example.headers, options.answer_seconds)
            load.predictions.append(said)
            if isinstance(said, NoAnswerError) or said.status == 503:
                over.wait(0.05)  # as a client that was turned away would

    threads = [threading.Thread(target=client, daemon=True) for _ in range(options.clients)]
    for thread in threads:
        thread.start()
    end = time.monotonic() + options.load_seconds
    while time.monotonic() < end:
        began = time.monotonic()
        said = session.ping()
        load.pings.append((time.monotonic() - began, said))
        over.wait(BETWEEN_PINGS)
    over.set()
    for thread in threads:
        thread.join(options.answer_seconds)
    return load
