"""print() of inference.py and of libraries as lines of the JSON log.

Stands in for sys.stdout and sys.stderr once the log has the real ones. Everything but the writing of text is the real
stream's: libraries that ask for fileno(), isatty(), encoding or buffer get what it says.
"""

import io
import logging
import sys
import threading
from typing import Any, TextIO

LONGEST = 16 * 1024  # characters of a line that never ends, a progress bar's say, before it is logged


class Lines(io.TextIOBase):
    """A text stream whose lines are log records."""

    def __init__(self, real: TextIO, name: str, level: int) -> None:
        """Log as logger `name`, at `level`."""
        self._real = real
        self._log = logging.getLogger(name)
        self._level = level
        self._begun = threading.local()  # a line a thread: two that print do not mix

    def write(self, text: str) -> int:
        """Log each line that is complete."""
        *lines, begun = (getattr(self._begun, "text", "") + text).split("\n")
        if len(begun) > LONGEST:
            lines.append(begun)
            begun = ""
        self._begun.text = begun
        for line in lines:
            shown = line.rpartition("\r")[2] if not line.endswith("\r") else line.strip("\r")
            if shown.strip():
                self._log.log(self._level, "%s", shown)
        return len(text)

    def flush(self) -> None:
        """Do nothing: a line is complete with its newline."""

    def writable(self) -> bool:
        """Give True."""
        return True

    def fileno(self) -> int:
        """Give the real stream's descriptor."""
        return self._real.fileno()

    def isatty(self) -> bool:
        """Tell whether the real stream is a terminal."""
        return self._real.isatty()

    @property
    def encoding(self) -> str:  # type: ignore[override]
        """Give the real stream's encoding."""
        return self._real.encoding

    def __getattr__(self, name: str) -> Any:
        """Give what the real stream has and this class does not: `buffer`, `reconfigure`."""
        return getattr(self._real, name)


def capture() -> None:
    """Replace sys.stdout and sys.stderr; after `logs.configure`, whose handler keeps the real one."""
    sys.stdout = Lines(sys.stdout, "stdout", logging.INFO)
    sys.stderr = Lines(sys.stderr, "stderr", logging.WARNING)
