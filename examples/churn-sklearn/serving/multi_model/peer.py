"""A worker's side of the shared list of models: asks the supervisor, and does what the supervisor tells it."""

import asyncio
import itertools
from functools import partial

from serving import errors
from serving.channel import Channel, Message
from serving.multi_model.models import Models


class Peer:
    """Runs in the event loop."""

    def __init__(self, channel: Channel, models: Models) -> None:
        """Speak over `channel` for `models`."""
        self._channel = channel
        self._models = models
        self._tickets = itertools.count()
        self._asked: dict[int, asyncio.Future[str]] = {}
        self._page: asyncio.Future[Message] | None = None
        self._drops: set[asyncio.Task[None]] = set()
        self.handlers = {"answer": self._answered, "models": self._listed, "add": self._add, "drop": self._drop}

    async def join(self) -> None:
        """Learn of all models that there are."""
        known, more = 0, True
        while more:
            self._page = asyncio.get_running_loop().create_future()
            self._say("join", after=known)
            page = await self._page
            for name, url in page["models"]:
                self._models.add(name, url)
            known, more = known + len(page["models"]), page["more"]

    async def claim(self, name: str, url: str) -> bool:
        """Ask to be the one that loads a model; False if it is there, or another worker is at it."""
        return await self._ask("claim", name=name, url=url) == "claimed"

    async def loaded(self, name: str) -> None:
        """Tell that a claimed model can be loaded; returns when every worker knows of it."""
        await self._ask("loaded", name=name)

    def failed(self, name: str) -> None:
        """Tell that a claimed model cannot be loaded."""
        self._say("failed", name=name)

    async def remove(self, name: str) -> bool:
        """Have a model removed everywhere; returns when its memory is free. False if there is none."""
        return await self._ask("remove", name=name) == "done"

    async def _ask(self, event: str, **fields: str) -> str:
        ticket = next(self._tickets)
        future: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self._asked[ticket] = future
        try:
            self._say(event, ticket=ticket, **fields)
            return await future
        finally:
            del self._asked[ticket]

    def _say(self, event: str, **fields: object) -> None:
        if not self._channel.send(event, **fields):
            raise errors.internal(ConnectionError("the supervisor does not read"))

    def _answered(self, message: Message) -> None:
        future = self._asked.get(message["ticket"])
        if future and not future.done():
            future.set_result(message["status"])

    def _listed(self, message: Message) -> None:
        if self._page and not self._page.done():
            self._page.set_result(message)

    def _add(self, message: Message) -> None:
        self._models.add(message["name"], message["url"])
        self._say("ack", ticket=message["ticket"])

    def _drop(self, message: Message) -> None:
        task = asyncio.create_task(self._remove(message["name"], message["ticket"]))
        self._drops.add(task)
        task.add_done_callback(self._drops.discard)

    async def _remove(self, name: str, ticket: int) -> None:
        # In a thread of its own and not in the lane: it may wait for requests, which run there.
        await asyncio.get_running_loop().run_in_executor(None, partial(self._models.remove, name))
        self._say("ack", ticket=ticket)
