"""Whether the model can answer: what /ping says, beyond "a process is there".

- Loading, and then the first warm-up: 503 until it is over in one worker. From then on no ping may be 503 again for a
  worker that listens and is not as far yet: a request that comes to it waits for its model.
- The warm-up failed, and its request is certain to be one that the model takes: 503. An uncertain one is only logged.
- Several predictions in a row failed in the server: that may be the requests, so a new warm-up decides.
- Sick: a warm-up every few seconds, or any prediction that succeeds, makes it well again.

A sick worker makes /ping 503 in all workers, and so does a crash loop: the platform asks any of them, and replaces the
container, not a worker.
"""

import asyncio
from collections.abc import Awaitable, Callable

from serving import errors, logs
from serving.board import Board, Slot
from serving.errors import RequestError

FAILURES = 5  # in a row, before the model is asked whether it is well
RETRY_SECONDS = 5.0  # between two warm-ups: they take the lane's time
OWN_FAULT = 500  # the status of a prediction that failed for a reason of its own; overload and memory have others

WarmUp = Callable[[], Awaitable[None]]  # raises RequestError


class Health:
    """The state of this worker's model, and what all workers have said of theirs."""

    def __init__(self, board: Board, slot: Slot) -> None:
        """Begin as loading."""
        self._board = board
        self._slot = slot
        self._failures = 0
        self._task: asyncio.Task[None] | None = None
        self._warm_up: WarmUp | None = None
        self._certain = False

    def check(self) -> None:
        """Raise RequestError (503) if /ping must not be 200."""
        if not self._board.total("model_loaded"):
            raise errors.loading()
        if self._board.get("crash_loop"):
            raise errors.unhealthy("workers keep dying")
        if self._board.total("sick"):
            raise errors.unhealthy("the model fails")

    async def begin(self, warm_up: WarmUp | None, *, certain: bool) -> None:
        """The model is loaded: warm it up for the first time; then pings are answered by the outcome."""
        self._warm_up, self._certain = warm_up, certain
        await self._try()
        self._slot.set("model_loaded", 1)

    def succeeded(self) -> None:
        """Count a prediction that succeeded."""
        self._failures = 0
        if self._slot.get("sick"):
            self._set_sick(0)

    def failed(self, error: RequestError) -> None:
        """Count a prediction that failed."""
        if error.status != OWN_FAULT or not self._certain:
            return
        self._failures += 1
        if self._failures >= FAILURES and (self._task is None or self._task.done()):
            logs.warning("model_suspected", failures=self._failures, **error.logged())
            self._task = asyncio.create_task(self._until_well())

    async def _until_well(self) -> None:
        await self._try()
        while self._slot.get("sick"):
            await asyncio.sleep(RETRY_SECONDS)
            await self._try()
        self._failures = 0
        await asyncio.sleep(RETRY_SECONDS)  # bad requests alone do not make us ask all the time

    async def _try(self) -> None:
        if self._warm_up is None:
            return
        try:
            await self._warm_up()
        except RequestError as error:
            if error.status != OWN_FAULT:  # refused, or too slow while it is busy: says nothing about the model
                logs.info("warm_up_skipped", error=error.code, message=error.message)
                return
            log = logs.error if self._certain else logs.info
            log("warm_up_failed", certain=self._certain, message=error.message, **errors.trace(error, of_request=False))
            if self._certain:
                self._set_sick(1)
            return
        if self._slot.get("sick"):
            self._set_sick(0)

    def _set_sick(self, value: int) -> None:
        self._slot.set("sick", value)
        if not value:
            logs.info("model_recovered")
        elif self._task is None or self._task.done():
            self._task = asyncio.create_task(self._until_well())
