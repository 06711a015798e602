"""How long each phase of a worker's start took, in milliseconds, for the line `started`."""

import time
from pathlib import Path

STAT = Path("/proc/self/stat")
UPTIME = Path("/proc/uptime")
TICKS = 100  # a second: USER_HZ of every Linux platform that Python has wheels for


class Phases:
    """A stopwatch with laps."""

    def __init__(self, began: float) -> None:
        """Start at `began`, a time.monotonic()."""
        self._began = self._last = began
        self.milliseconds: dict[str, int] = {}

    def end(self, name: str) -> None:
        """The phase that ran until now was `name`."""
        now = time.monotonic()
        self.milliseconds[name] = round((now - self._last) * 1000)
        self._last = now

    def until(self, moment: float) -> int:
        """Give the milliseconds from the beginning to a time.monotonic()."""
        return round((moment - self._began) * 1000)

    def fields(self) -> dict[str, object]:
        """Give the fields of the log line."""
        total = self.until(time.monotonic())
        return {"total_ms": total, **{f"{name}_ms": value for name, value in self.milliseconds.items()}}


def process_began() -> float:
    """Give the time.monotonic() of this process's start, to 10 ms: the interpreter's own start shows too."""
    try:
        # After the command's name, which may hold anything, in parentheses: field 22 is the start in ticks after boot.
        ticks = int(STAT.read_text(encoding="utf-8").rpartition(")")[2].split()[19])
        age = float(UPTIME.read_text(encoding="utf-8").split()[0]) - ticks / TICKS
    except (OSError, ValueError, IndexError):
        return time.monotonic()
    return time.monotonic() - max(0.0, age)
