"""How fast a model is, measured when it is warmed up, and what follows: where it predicts, and how many requests at once.

- A model whose largest batch takes less than a millisecond predicts in the event loop, and so does a body of many rows
  that takes two: a thread costs more than it. /ping waits for no more than that.
- Any other predicts in the lane's threads, and the event loop stays free.
- Requests are joined as far as that makes each cheaper, and only where a model answers them together as it does alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from time import perf_counter

from serving import media
from serving.invocation import Invocation
from serving.settings import Lanes, ServerSettings
from serving.together import Together

# Of the event loop, at one time. One row through scaler and logistic regression of scikit-learn takes 0.3 ms.
INLINE_SECONDS = 0.001
ALONE_SECONDS = 0.0006
# Of one body: the way through the application and a thread costs 0.3 ms, a fifth of what it would hold up at most.
BODY_SECONDS = 0.002
PAYS = 0.85  # a larger batch must bring the time of each request below this share
LONGEST_SECONDS = 0.5  # of a measurement; a batch that takes longer is not looked for
TRIES, TRIES_SECONDS = 20, 0.01
MOST_BYTES = 256 * 1024

Rows = Callable[[int], bytes]  # a request of so many instances


@dataclass(frozen=True, slots=True)
class Pace:
    """What was decided: in the event loop or not, how many requests at once, and the bytes of those in the event loop."""

    inline: bool
    size: int
    inline_bytes: int
    why: str
    alone_ms: float = 0.0
    batch_ms: float = 0.0

    def fields(self) -> dict[str, object]:
        """Give the fields of the log line."""
        lane = Lanes.INLINE if self.inline else Lanes.THREADS
        fields: dict[str, object] = {"lane": str(lane), "batch_size": self.size, "reason": self.why}
        if self.alone_ms:
            fields["one_request_ms"] = round(self.alone_ms, 3)
        if self.batch_ms and self.batch_ms != self.alone_ms:
            fields["batch_ms"] = round(self.batch_ms, 3)
        return fields


def measure(together: Together, rows: Rows, server: ServerSettings, given: int | None = None) -> Pace:
    """Try the model with requests that it should accept. `given`: how many to join, where that need not be measured."""
    forced, automatic = server.lane is Lanes.INLINE, server.lane is Lanes.AUTO
    example = _request(rows(1))
    if isinstance(together.answer([example])[0], Exception):
        return Pace(forced, 1, server.max_payload_bytes, "no request is known that the model accepts")
    alone = _seconds(together, [example])
    inline = forced or (automatic and alone < ALONE_SECONDS)
    joins = server.batch_size > 1 and alone < LONGEST_SECONDS and together.joins(example)
    size, batch = 1, alone
    if joins and given:
        size = min(given, server.batch_size)
    elif joins:
        size, batch = _size(together, example, alone, inline=inline, most=server.batch_size)
    why = "serving.toml says so"
    if automatic:
        why = (
            "a prediction takes less than handing it to a thread"
            if inline
            else "a prediction would hold the event loop"
        )
    if server.batch_size > 1 and size == 1:
        why += "; one at a time: " + (
            "a batch is no faster" if joins else "it was not seen to answer a batch as it does alone"
        )
    return Pace(inline, size, _inline_bytes(together, rows) if inline else 0, why, alone * 1000, batch * 1000)


def _size(together: Together, example: Invocation, alone: float, *, inline: bool, most: int) -> tuple[int, float]:
    """Find how many requests to join, and how long these take: as few as come close to the best time of each."""
    found, size = {1: alone}, 2
    while size <= most and found[size // 2] < LONGEST_SECONDS:
        found[size] = _seconds(together, [example] * size)
        if inline and found[size] > INLINE_SECONDS:
            del found[size]
            break
        size *= 2
    best = min(seconds / size for size, seconds in found.items())
    size = next(size for size, seconds in found.items() if seconds / size * PAYS <= best)
    return size, found[size]


def _inline_bytes(together: Together, rows: Rows) -> int:
    """Find how large a body may be that is answered in the event loop."""
    fits, count = len(rows(1)), 4
    while len(body := rows(count)) < MOST_BYTES and _seconds(together, [_request(body)]) < BODY_SECONDS:
        fits, count = len(body), count * 2
    return fits


def _request(body: bytes) -> Invocation:
    return Invocation(body, media.JSON, "")


def _seconds(together: Together, requests: Sequence[Invocation]) -> float:
    """Time the answer: the best of a few tries, for the machine may be busy with other things."""
    best, began = float("inf"), perf_counter()
    for _ in range(TRIES):
        before = perf_counter()
        together.answer(requests)
        best = min(best, perf_counter() - before)
        if perf_counter() - began > TRIES_SECONDS:
            break
    return best
