"""A request that waits for its answer among others: who is told, and how long it has waited."""

import asyncio
import time
from collections.abc import Callable
from typing import TYPE_CHECKING

from serving.invocation import Invocation
from serving.lane import Turn

if TYPE_CHECKING:  # with numpy, which is imported beside the event loop
    from serving.together import Answer


Send = Callable[[], None]
Done = Callable[["Answer"], Send | None]


class Call:
    """`done` is called once with the answer, in the event loop; not at all after `leave`. It gives what sends the answer."""

    __slots__ = ("_batch", "_done", "began", "invocation", "queue_seconds", "timer")

    def __init__(self, invocation: Invocation, done: Done) -> None:
        """Begin to wait."""
        self.invocation = invocation
        self._done: Done | None = done
        self._batch: Batch | None = None
        self.began = time.perf_counter()
        self.queue_seconds = 0.0
        self.timer: asyncio.TimerHandle | None = None

    @property
    def waits(self) -> bool:
        """True until it is answered, or nobody waits any more."""
        return self._done is not None

    @property
    def runs(self) -> bool:
        """True once its prediction has begun in a thread."""
        return self._batch is not None

    def begin(self, moment: float, batch: "Batch | None" = None) -> None:
        """Its turn has come, with a batch where that runs in a thread."""
        self.queue_seconds = moment - self.began
        self._batch = batch

    def answer(self, answer: "Answer") -> Send | None:
        """Hand over the answer, unless nobody waits any more; give what is left to do, where something is."""
        done = self.leave()
        return done(answer) if done else None

    def leave(self) -> Done | None:
        """Wait no longer."""
        done, self._done = self._done, None
        if self.timer:
            self.timer.cancel()
        if done and self._batch:
            self._batch.one_left()
        return done


class Batch:
    """Calls whose prediction runs in a thread. Once all have left, it need not be ended: `turn` is told."""

    def __init__(self, calls: list[Call], turn: Turn) -> None:
        """Begin with them."""
        self.calls = calls
        self._turn = turn
        self._waiting = len(calls)
        moment = time.perf_counter()
        for call in calls:
            call.begin(moment, self)

    def one_left(self) -> None:
        """Count one that waits no longer."""
        self._waiting -= 1
        if not self._waiting:
            self._turn.abandoned.set()
