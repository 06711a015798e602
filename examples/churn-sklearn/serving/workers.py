"""A worker process as its supervisor sees it: how it starts, its environment, and what it says before it gives up.

Each worker has a socket to the supervisor. A worker that cannot load its model writes the reason to it, so that one
line is logged however many workers fail alike; and a worker that reads the end of it knows that the supervisor is gone.
"""

import contextlib
import json
import os
import socket
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

MAX_REPORT = 32 * 1024  # bytes; fits the socket's buffer, so that the writer never waits for the reader
CACHES = ("HF_HOME", "NUMBA_CACHE_DIR", "MPLCONFIGDIR", "TORCH_HOME", "XDG_CACHE_HOME", "JOBLIB_TEMP_FOLDER")
THREAD_COUNTS = (
    "OMP_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",  # what joblib takes for n_jobs=-1, which many a pickled forest has
)


class Start(StrEnum):
    """When a worker begins to accept connections."""

    AT_ONCE = "at-once"
    AFTER_LOAD = "after-load"


@dataclass(frozen=True, slots=True)
class Worker:
    """A running worker and the supervisor's end of the socket to it."""

    pid: int
    channel: socket.socket

    def report(self) -> dict[str, object]:
        """Read what the worker wrote before it ended: the fields of a log line, at least `message`."""
        self.channel.setblocking(False)
        try:
            fields = json.loads(self.channel.recv(MAX_REPORT))
        except (OSError, ValueError):
            fields = None
        return fields if isinstance(fields, dict) else {"message": "the model could not be loaded"}


def spawn(listener: socket.socket, start: Start, environ: Mapping[str, str]) -> Worker:
    """Start a worker that inherits the listening socket."""
    ours, theirs = socket.socketpair()
    with theirs:
        for inherited in (listener, theirs):
            inherited.set_inheritable(True)
        arguments = ["-m", "serving.worker", str(listener.fileno()), str(theirs.fileno()), start]
        # A process group of its own: Ctrl-C in a terminal reaches the supervisor only, and that one drains.
        pid = os.posix_spawn(sys.executable, [sys.executable, *arguments], environ, setpgroup=0)
    return Worker(pid, ours)


def report_failure(channel: socket.socket, fields: Mapping[str, object]) -> None:
    """Tell the supervisor why this worker gives up (called in the worker)."""
    text = json.dumps(fields)
    if len(text) > MAX_REPORT:
        text = json.dumps({"message": str(fields.get("message"))[: MAX_REPORT // 16]})
    with contextlib.suppress(OSError):  # the supervisor is gone: nobody is left to tell
        channel.sendall(text.encode("ascii"))


def environment(environ: Mapping[str, str], blas_threads: int) -> dict[str, str]:
    """Give a worker's environment: thread counts, which libraries read when they are imported, and caches under /tmp.

    The image is read-only but for /tmp. What the deployment sets itself stays as it is.
    """
    counts = dict.fromkeys(THREAD_COUNTS, str(blas_threads))
    caches = {name: f"/tmp/{name.lower()}" for name in CACHES}  # noqa: S108 - the one place that can be written
    return {**counts, **caches, **environ}
