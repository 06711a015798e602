"""What the routes of a worker share: settings, the lane, the model once it is loaded, its health, the shared numbers."""

import json
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TYPE_CHECKING

from serving import errors, logs, memory
from serving.board import Board
from serving.channel import Message
from serving.errors import RequestError
from serving.health import Health
from serving.lane import Deliver, Lane, Turn, never
from serving.memory_guard import MemoryGuard
from serving.settings import Settings

if TYPE_CHECKING:  # these import the framework, or numpy: the worker does that beside the event loop
    from serving.gathering import Gathering
    from serving.multi_model.service import Service
    from serving.pace import Pace
    from serving.predictor import Predictor
    from serving.together import Together


class Engine:
    """One worker's state. Made before the event loop runs; the model comes from another thread, or from the template."""

    def __init__(self, config: Settings, board: Board, place: int) -> None:
        """Start without a model, as the worker at `place`."""
        self.config = config
        self.board = board
        self.place = place
        self.slot = board.take(place)
        self.lane = Lane(config.server.threads, config.server.queue_size, self.slot)
        self.guard = MemoryGuard(memory.find())
        self.health = Health(board, self.slot)
        self._openapi: bytes | None = None
        self.keep_waiting = True  # False: a request that comes before the model is refused
        self.on_message: dict[str, Callable[[Message], None]] = {}  # by event: what the supervisor may tell us
        self.loaded: Future[Predictor] = Future()
        self.gathering: Gathering | None = None  # where requests may be answered together, once the model is warm
        self.many: Service | None = None  # the models of a multi-model endpoint, which has none of its own

    @property
    def predictor(self) -> "Predictor | None":
        """The model, None while it loads."""
        return self.loaded.result() if self.loaded.done() else None

    async def warm_up(self, predictor: "Predictor") -> None:
        """Let the model answer its example, in the lane. Raises RequestError."""

        def work(deliver: Deliver[None]) -> None:
            predictor.warm_up()
            deliver(None)

        await self.lane.run(work, Turn(self.config.server.timeout_seconds, never))

    def openapi(self) -> bytes:
        """Give the OpenAPI document, made when it is first asked for. Raises RequestError while the model loads."""
        if self._openapi is None:
            if self.predictor is None:
                raise errors.loading()
            from serving.openapi import document  # noqa: PLC0415 - imports the framework

            self._openapi = json.dumps(document(self.config, self.predictor)).encode()
        return self._openapi

    def hear(self, message: Message) -> None:
        """Take a message of the supervisor."""
        if handler := self.on_message.get(str(message.get("event"))):
            handler(message)

    async def begin(self, predictor: "Predictor") -> None:
        """The model is there: warm it up, then let /ping say so.

        Where nothing at all is known of its inputs there is no example worth handing to somebody's predict_fn.
        """
        known = getattr(predictor.inputs, "width", 1) is not None  # what is no table is always known
        warm_up = partial(self.warm_up, predictor) if known else None
        if known and predictor.together:
            await self._gather(predictor.together, predictor)
        elif self.config.server.batch_size > 1:
            why = predictor.alone_because or "nothing is known of its inputs, so it cannot be tried"
            logs.info("lane_chosen", lane="threads", batch_size=1, reason=f"one at a time: {why}")
        await self.health.begin(warm_up, certain=predictor.warm_up_is_certain)

    async def _gather(self, together: "Together", predictor: "Predictor") -> None:
        """Measure the model, then let requests be answered together as far as that pays."""
        from serving import examples, gathering, pace  # noqa: PLC0415 - with numpy, which is there by now

        server = self.config.server
        rows = partial(examples.rows, predictor.inputs, predictor.cheapest)

        def work(deliver: "Deliver[Pace]") -> None:
            deliver(pace.measure(together, rows, server, predictor.at_once))

        try:
            found = await self.lane.run(work, Turn(server.timeout_seconds, never))
        except RequestError as refusal:  # it does not end; the warm-up will say more
            logs.info("pace_unknown", message=refusal.message)
            return
        logs.info("lane_chosen", **found.fields())
        if found.inline or found.size > 1:
            self.gathering = gathering.Gathering(together.answer, found, server, self.lane)
