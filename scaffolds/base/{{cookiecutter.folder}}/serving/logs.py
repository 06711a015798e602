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
from collections.abc import Mapping
from datetime import UTC, datetime
from types import TracebackType

_log = logging.getLogger("serving")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON, in ASCII: no text from outside can move a terminal's cursor or break a line."""

    def format(self, record: logging.LogRecord) -> str:
        """Give the line, without its newline."""
        time = datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds")
        line: dict[str, object] = {"time": time, "level": record.levelname.lower(), "pid": record.process}
        fields = getattr(record, "fields", None)
        if isinstance(fields, dict):
            line |= {"event": record.getMessage(), **fields}
        else:
            line |= {"logger": record.name, "message": record.getMessage()}
        if record.exc_info:
            line["exception"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str).replace("\x7f", "\\u007f")


def configure(environ: Mapping[str, str]) -> None:
    """Send every logger of this process, Python's warnings and uncaught errors through the JSON formatter."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", line_buffering=True)
    handler = logging.StreamHandler(sys.stdout)
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
