"""Requests that wait for the model, taken together as soon as it is free.

There is no timer, unless serving.toml asks for one: what has arrived when the event loop turns is one batch, and so is
what has arrived while the model was busy with the one before. A request that comes alone is answered at once.

- In the event loop, where `pace` found the model to be cheap; one that turns out not to be goes to the threads.
- In the lane's threads otherwise, with its limits: so many waiting, nobody too long, nobody whose client is gone.
"""

import asyncio
import time
from collections import deque
from collections.abc import Callable, Sequence
from typing import Any

from serving import errors, logs
from serving.call import Batch, Call
from serving.errors import RequestError
from serving.invocation import Invocation
from serving.lane import ANSWER_SHARE, Deliver, Lane, Turn, never
from serving.pace import Pace
from serving.reply import Reply
from serving.settings import Lanes, ServerSettings
from serving.together import Answer

AnswerAll = Callable[[Sequence[Invocation]], list[Answer]]

BATCH_BYTES = 1024 * 1024  # of bodies in a thread's batch: beyond, joining saves nothing and holds memory
SLOW_SECONDS = 0.02  # of the event loop's own time for one batch: twenty times what was measured
SLOW_TIMES = 3  # in a row, after one by the clock; that one may be the machine's fault


class Gathering:
    """The calls of one worker. Everything but the prediction itself runs in the event loop."""

    def __init__(self, answer: AnswerAll, pace: Pace, server: ServerSettings, lane: Lane) -> None:
        """Begin with nobody waiting, inside the event loop."""
        self._answer_all = answer
        self._pace = pace
        self._server = server
        self._lane = lane
        self._loop = asyncio.get_running_loop()
        self._waiting: deque[Call] = deque()
        self._bytes = 0
        self.inline = pace.inline  # predictions run in the event loop
        self._slow = 0
        self._suspected = False  # the last batch took long, be it our doing or the machine's
        self._busy = 0  # batches that run in a thread, or wait for one
        self._due = False
        self._tasks: set[asyncio.Task[None]] = set()

    def takes(self, size: int) -> bool:
        """Tell whether a body of so many bytes belongs here: in the event loop only small ones do."""
        return not self.inline or size <= self._pace.inline_bytes

    def put(self, call: Call) -> None:
        """Let a call wait for its turn, which may be now. Raises RequestError where too many wait."""
        if not self.inline:
            if len(self._waiting) >= self._server.queue_size and self._busy >= self._server.threads:
                raise errors.overloaded(len(self._waiting))
            call.timer = self._loop.call_later(self._server.timeout_seconds * ANSWER_SHARE, self._refuse_late, call)
        self._waiting.append(call)
        self._bytes += len(call.invocation.body)
        if self.inline and (len(self._waiting) >= self._pace.size or self._bytes >= self._pace.inline_bytes):
            self._answer_here()
        else:
            self._show()
            self._come_back()

    async def answer(self, invocation: Invocation, turn: Turn) -> Reply:
        """Wait for the answer to a request, no longer than its client does. Raises RequestError."""
        result: asyncio.Future[Answer] = self._loop.create_future()
        waits: tuple[asyncio.Future[Any], ...] = (result, asyncio.ensure_future(turn.client_gone()))
        call = Call(invocation, result.set_result)
        try:
            self.put(call)
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
            if not result.done():
                raise errors.client_gone()
            answer = result.result()
            if isinstance(answer, RequestError):
                raise answer
            return answer
        finally:
            call.leave()
            waits[1].cancel()
            turn.queue_seconds += call.queue_seconds

    def _come_back(self) -> None:
        if self._due or (not self.inline and self._busy >= self._server.threads):
            return
        self._due = True
        if self._server.batch_delay_ms:
            self._loop.call_later(self._server.batch_delay_ms / 1000, self._go)
        else:
            self._loop.call_soon(self._go)

    def _go(self) -> None:
        self._due = False
        if self.inline:
            self._answer_here()
        elif self._waiting:
            self._busy += 1
            task = self._loop.create_task(self._answer_beside())
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    def _answer_here(self) -> None:
        calls = self._take(len(self._waiting))
        if not calls:
            return
        began = time.perf_counter()
        for call in calls:
            call.begin(began)
        # Our own time is what counts; but to ask for it can take as long as some requests.
        busy = time.thread_time() if self._suspected else None
        answers = self._answer_all([call.invocation for call in calls])
        seconds = time.perf_counter() - began if busy is None else time.thread_time() - busy
        self._suspected = seconds > SLOW_SECONDS
        if busy is not None:
            self._watch(seconds)
        _hand_over(calls, answers)

    def _watch(self, seconds: float) -> None:
        self._slow = self._slow + 1 if seconds > SLOW_SECONDS else 0
        if self._slow >= SLOW_TIMES and self._server.lane is Lanes.AUTO:
            self.inline = False
            why = "the last batches held the event loop for too long"
            logs.warning("lane_changed", lane=Lanes.THREADS, batch_ms=round(seconds * 1000, 3), reason=why)

    async def _answer_beside(self) -> None:
        turn = Turn(self._server.timeout_seconds, never)
        calls: list[Call] = []
        try:
            await self._lane.acquire(turn)
            calls = self._take(self._pace.size)
            Batch(calls, turn)

            def work(deliver: Deliver[list[Answer]]) -> None:
                deliver(self._answer_all([call.invocation for call in calls]))

            _hand_over(calls, await self._lane.run_acquired(work, turn))
        except RequestError as refusal:  # no thread came free, or the prediction does not end
            refused = calls or self._take(len(self._waiting))
            _hand_over(refused, [refusal] * len(refused))
        finally:
            self._busy -= 1
            if self._waiting:
                self._come_back()

    def _take(self, most: int) -> list[Call]:
        calls: list[Call] = []
        size = 0
        while self._waiting and len(calls) < most and (self.inline or size < BATCH_BYTES):
            call = self._waiting.popleft()
            if call.waits:
                calls.append(call)
                size += len(call.invocation.body)
        self._bytes = 0
        self._show()
        return calls

    def _show(self) -> None:
        if not self.inline:  # there the event loop turns once before all are answered: nobody could look
            self._lane.show(len(self._waiting))

    def _refuse_late(self, call: Call) -> None:
        late = errors.took_too_long if call.runs else errors.too_late
        _hand_over([call], [late(self._server.timeout_seconds)])


def _hand_over(calls: Sequence[Call], answers: Sequence[Answer]) -> None:
    # One sent right after the other: a client that wakes up for one is awake for the rest, and to wake it takes long. The
    # log's lines are written after that, for nobody waits for them.
    with logs.at_once():
        for send in [call.answer(answer) for call, answer in zip(calls, answers, strict=True)]:
            if send:
                send()
