"""Which models a multi-model endpoint has: one list in the supervisor, a copy of it in each worker.

The platform asks one worker to load or unload a model and expects the answer to hold for the whole container. So the
worker tells the supervisor, the supervisor tells all the others, and the answer goes out when all of them have done it.

    worker to supervisor                         supervisor to worker
    join    after                                models  models, more         pages of the list, for a new worker
    claim   ticket, name, url                    answer  ticket, status       claimed | exists
    loaded  ticket, name                         add     ticket, name, url    to the others; then answer: done
    failed  name
    remove  ticket, name                         drop    ticket, name         to all; then answer: done | absent
    ack     ticket

This module decides only; what it returns is sent by the supervisor.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

Message = dict[str, Any]
Outgoing = tuple[int, Message]  # the worker's process id, and what to tell it

EVENTS = ("join", "claim", "loaded", "failed", "remove", "ack")  # what workers say
PAGE = 40  # models in one message: with the longest names and URLs allowed it still is one that a channel takes


@dataclass(slots=True)
class Change:
    """A change that workers are being told of."""

    asker: int
    ticket: object
    waiting: set[int] = field(default_factory=set)


class Registry:
    """The list, and the changes of it that are under way."""

    def __init__(self) -> None:
        """Start with no models."""
        self._models: dict[str, str] = {}
        self._claims: dict[str, tuple[int, str]] = {}  # models that a worker loads right now
        self._members: set[int] = set()  # workers that have the list
        self._changes: dict[int, Change] = {}
        self._last_ticket = 0

    def handle(self, worker: int, message: Message) -> list[Outgoing]:
        """Take a worker's message; give what to send. Anything unknown is left alone."""
        match message:
            case {"event": "join", "after": int(after)}:
                return [(worker, self._page(worker, after))]
            case {"event": "claim", "ticket": ticket, "name": str(name), "url": str(url)}:
                return [(worker, _answer(ticket, self._claim(worker, name, url)))]
            case {"event": "loaded", "ticket": ticket, "name": str(name)} if name in self._claims:
                self._models[name] = self._claims.pop(name)[1]
                others = self._members - {worker}
                return self._tell(others, "add", Change(worker, ticket), name=name, url=self._models[name])
            case {"event": "failed", "name": str(name)}:
                self._claims.pop(name, None)
            case {"event": "remove", "ticket": ticket, "name": str(name)}:
                if self._models.pop(name, None) is None:
                    return [(worker, _answer(ticket, "absent"))]
                return self._tell(self._members, "drop", Change(worker, ticket), name=name)
            case {"event": "ack", "ticket": int(number)}:
                return list(self._acknowledged(worker, [number]))
        return []

    def gone(self, worker: int) -> list[Outgoing]:
        """Forget a worker that has died: nobody waits for it, and what it was loading can be loaded by another."""
        self._members.discard(worker)
        self._claims = {name: claim for name, claim in self._claims.items() if claim[0] != worker}
        self._changes = {number: change for number, change in self._changes.items() if change.asker != worker}
        return list(self._acknowledged(worker, list(self._changes)))

    def _page(self, worker: int, after: int) -> Message:
        # A member from the first page on: a model that comes while it reads is told to it like to anybody.
        self._members.add(worker)
        models = list(self._models.items())
        return {"event": "models", "models": models[after : after + PAGE], "more": len(models) > after + PAGE}

    def _claim(self, worker: int, name: str, url: str) -> str:
        if name in self._models or name in self._claims:
            return "exists"
        self._claims[name] = (worker, url)
        return "claimed"

    def _tell(self, workers: Iterable[int], event: str, change: Change, **fields: str) -> list[Outgoing]:
        change.waiting = set(workers)
        if not change.waiting:
            return [(change.asker, _answer(change.ticket, "done"))]
        self._last_ticket += 1
        self._changes[self._last_ticket] = change
        message = {"event": event, "ticket": self._last_ticket, **fields}
        return [(worker, message) for worker in sorted(change.waiting)]

    def _acknowledged(self, worker: int, numbers: list[int]) -> Iterator[Outgoing]:
        for number in numbers:
            change = self._changes.get(number)
            if change is None:
                continue
            change.waiting.discard(worker)
            if not change.waiting:
                del self._changes[number]
                yield change.asker, _answer(change.ticket, "done")


def _answer(ticket: object, status: str) -> Message:
    return {"event": "answer", "ticket": ticket, "status": status}
