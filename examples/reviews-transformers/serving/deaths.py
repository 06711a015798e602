"""Deaths of workers, by place: how many lately, and whether they mean a crash loop or the end of the container.

Counted by place, for one that cannot keep a worker is reason enough, though all others serve: trying again will not
help, and the platform learns of it in no other way. A model that takes long to load dies seldom, so short lives in a
row count as well as deaths in a minute.
"""

import time
from collections import Counter
from collections.abc import Callable

from serving.board import Board

FIRST_DELAY = 0.25  # seconds before a dead worker is replaced; doubles with each further death, up to LAST_DELAY
LAST_DELAY = 5.0
WINDOW = 60.0  # seconds over which deaths are counted, and after which a worker has lived long enough to be well
LOOP = 3  # deaths at one place in that window, from which on pings are answered with 503
LIMIT = 5  # short lives in a row at one place, which end the container: the platform then replaces it


class Deaths:
    """What has happened so far."""

    def __init__(self, board: Board, clock: Callable[[], float] = time.monotonic) -> None:
        """Begin with none; `board` is where all workers see a crash loop."""
        self._board = board
        self._clock = clock
        self._lately: list[tuple[float, int]] = []  # when and where
        self._total = 0
        self._short_lives: Counter[int] = Counter()  # in a row, by place

    def count(self, place: int, *, seconds: float, loaded: bool) -> float:
        """Count one who lived for `seconds` and had a model or not; give the seconds until its place is filled again."""
        is_short = not loaded or seconds < WINDOW
        self._short_lives[place] = self._short_lives[place] + 1 if is_short else 0
        self._lately.append((self._clock(), place))
        self._total += 1
        self._board.set("worker_restarts", self._total)
        self.update()
        return float(min(LAST_DELAY, FIRST_DELAY * 2 ** (len(self._lately) - 1)))

    def update(self) -> None:
        """Forget those of long ago, and tell all workers whether there is a crash loop."""
        now = self._clock()
        self._lately = [(then, place) for then, place in self._lately if now - then < WINDOW]
        most = max(Counter(place for _, place in self._lately).values(), default=0)
        self._board.set("crash_loop", float(most >= LOOP))

    def seconds_to_update(self) -> float | None:
        """Give the time until `update` should look again, None where there is nothing to forget."""
        return WINDOW / 10 if self._lately else None

    def verdict(self) -> str:
        """Say why the container must end; nothing while it need not."""
        if not any(number >= LIMIT for number in self._short_lives.values()):
            return ""
        return f"{LIMIT} workers, each in the place of the last, died before they had served for {WINDOW:g} s"
