"""Structured logs: one JSON object a line on stdout, which the platform carries to CloudWatch.

The server's own lines have an `event` and fields; lines of other loggers (inference.py, libraries, warnings) have a
`message`. SM_LOG_LEVEL sets the level, by name or number, as SageMaker's own containers read it.
"""

import io
import json
import logging
import os
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

_log = logging.getLogger("serving")


class JsonFormatter(logging.Formatter):
    """Writes a record as one line of JSON."""

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
        return json.dumps(line, ensure_ascii=False, default=str)


def configure(environ: Mapping[str, str]) -> None:
    """Send every logger of this process, and Python's warnings, through the JSON formatter."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        # A print() in inference.py shows up at once, and text outside the locale's encoding is not an error.
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
