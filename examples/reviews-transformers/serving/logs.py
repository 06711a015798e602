"""Structured logs: one JSON object a line on stdout, which the platform carries to CloudWatch.

The server's own lines have an `event` and fields; lines of other loggers (inference.py, libraries, warnings) and what
is printed have a `message`. SM_LOG_LEVEL sets the level, by name or number, as SageMaker's own containers read it.
At debug, and only there, lines of requests hold texts that may repeat a request: of refusals and of exceptions.
"""

import io
import json
import logging
import os
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, TextIO

import msgspec

if TYPE_CHECKING:
    from serving.access import Line

_log = logging.getLogger("serving")


class Lines:
    """Writes lines, those of a batch at once: a write for each would cost as much as its request."""

    def __init__(self, stream: TextIO) -> None:
        """Write to `stream`."""
        self.stream = stream
        self._kept: list[str] = []
        self._keeps = False
        self._lock = threading.Lock()

    def write(self, text: str) -> None:
        """Write now, or keep it for the end of `at_once`."""
        with self._lock:
            self._kept.append(text)
        if not self._keeps:
            self.flush()

    @contextmanager
    def at_once(self) -> Iterator[None]:
        """Write what comes meanwhile in one piece."""
        self._keeps = True
        try:
            yield
        finally:
            self._keeps = False
            self.flush()

    def flush(self) -> None:
        """Write what was kept, in the order in which it came."""
        with self._lock:
            if self._kept:
                self.stream.write("".join(self._kept))
                self.stream.flush()
                self._kept.clear()


_lines: Lines | None = None


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON, in ASCII: no text from outside can move a terminal's cursor or break a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, without its newline."""
        time_of_it = Clock().at(record.created)  # one of its own: threads log too
        line: dict[str, object] = {"time": time_of_it, "level": record.levelname.lower(), "pid": record.process}
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= {"event": record.getMessage(), **fields}
        else:
            line |= {"logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return _written(line)


class Clock:
    """Writes the time: of the same second only the milliseconds anew, and nothing for the same millisecond."""

    def __init__(self) -> None:
        """Begin with no second."""
        self._second, self._text = 0, ""
        self._millisecond, self._written = -1, ""

    def now(self) -> str:
        """Give the time in ISO form, to the millisecond."""
        return self.at(time.time())

    def at(self, moment: float) -> str:
        """Give a time."""
        millisecond = int(moment * 1000)
        if millisecond != self._millisecond:
            second, rest = divmod(millisecond, 1000)
            if second != self._second:
                text = datetime.fromtimestamp(second, UTC).isoformat(timespec="seconds")
                self._second, self._text = second, text.removesuffix("+00:00")
            self._millisecond, self._written = millisecond, f"{self._text}.{rest:03d}+00:00"
        return self._written


_clock = Clock()
_pid = os.getpid()  # asked once: the kernel's answer takes longer than the rest of a line


def _forked() -> None:
    global _pid  # noqa: PLW0603 - it is another process
    _pid = os.getpid()


os.register_at_fork(after_in_child=_forked)


def _written(line: "dict[str, object] | Line") -> str:
    try:
        text = msgspec.json.encode(line, enc_hook=str)
    except UnicodeEncodeError:  # half of a surrogate pair
        text = b"\x7f"
    if text.isascii() and b"\x7f" not in text:
        return text.decode()
    return json.dumps(msgspec.to_builtins(line, enc_hook=str), default=str).replace("\x7f", "\\u007f")  # with escapes


def configure(environ: Mapping[str, str]) -> None:
    """Send every logger of this process, Python's warnings and uncaught errors through the JSON formatter."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    global _lines  # noqa: PLW0603 - as the handlers are, one for the process
    _lines = Lines(sys.stdout)
    handler = logging.StreamHandler(_lines)
    handler.setFormatter(JsonFormatter())
    root = logging.getLogger()
    root.handlers[:] = [handler]
    text = environ.get("SM_LOG_LEVEL", "").upper()
    level = int(text) if text.isdecimal() else logging.getLevelNamesMapping().get(text, logging.INFO)
    root.setLevel(level)
    logging.captureWarnings(capture=True)
    logging.getLogger("uvicorn").setLevel(max(level, logging.WARNING))  # its start and stop lines repeat ours
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is not None and not issubclass(kind, SystemExit):
        _log.error("uncaught", exc_info=(kind, error, trace), extra={"fields": {"message": kind.__name__}})


def info(event: str, **fields: object) -> None:
    """Log something that is as it should be."""
    _log.info(event, extra={"fields": fields})


def request(line: "Line", *, failed: bool) -> None:
    """Log a request, in the event loop; `failed`: somebody has to look at it."""
    level = logging.ERROR if failed else logging.INFO
    if _lines is not None and _log.isEnabledFor(level):
        line.time, line.level, line.pid, line.event = (
            _clock.now(),
            "error" if failed else "info",
            _pid,
            "request",
        )
        _lines.write(_written(line) + "\n")


def at_once() -> AbstractContextManager[None]:
    """Write the lines of what is done meanwhile, in the event loop, in one piece at its end."""
    return nullcontext() if _lines is None else _lines.at_once()


def warning(event: str, **fields: object) -> None:
    """Log something that the server gets over by itself."""
    _log.warning(event, extra={"fields": fields})


def error(event: str, **fields: object) -> None:
    """Log something that somebody has to look at."""
    _log.error(event, extra={"fields": fields})


def flush_and_exit(code: int) -> None:
    """End the process now, also when a thread of the model or of inference.py would keep it alive."""
    logging.shutdown()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
