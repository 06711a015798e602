"""A worker process as its supervisor sees it: how it starts, and its environment.

Each worker has a channel to the supervisor. One that cannot load its model says the reason there, so that one line is
logged however many workers fail alike; and one that reads the end of it knows that the supervisor is gone.
"""

import os
import socket
import sys
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from serving.board import Board
from serving.channel import Channel

LOAD_FAILED = 3  # a worker's exit code for "trying again will not help"; its last message says why
BACKLOG = 2048  # connections the kernel holds for us while no worker is free to accept
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

# A process with threads cannot be forked, and an endpoint tells nobody about its models.
QUIET = {
    "JE_ARROW_MALLOC_CONF": "background_thread:false",  # pyarrow's allocator gives memory back in a thread of its own
    "ORT_DISABLE_TELEMETRY": "1",  # ONNX Runtime from 1.29 on sends what it runs to its maker, in threads of its own
}


class Start(StrEnum):
    """When a worker begins to accept connections; or that it is to be the template of others, quiet beside them."""

    AT_ONCE = "at-once"
    AFTER_LOAD = "after-load"
    TEMPLATE = "template"
    QUIET_TEMPLATE = "quiet-template"


@dataclass(frozen=True, slots=True)
class Worker:
    """A running process: its place among the workers, and the supervisor's end of the channel to it."""

    pid: int
    place: int
    channel: Channel
    began: float = field(default_factory=time.monotonic)


@dataclass(frozen=True, slots=True)
class Post:
    """What a worker is given: its place, the socket to listen on, the shared numbers, its end of the channel."""

    place: int
    listener: socket.socket
    board: Board
    channel: Channel

    @classmethod
    def of(cls, arguments: list[str]) -> "Post":
        """Take it from the command line that `spawn` writes."""
        place, workers, *descriptors = (int(number) for number in arguments[:5])
        listener, channel, board = descriptors
        for inherited in descriptors:
            os.set_inheritable(inherited, False)  # not for processes that inference.py may start
        sockets = [socket.socket(fileno=number) for number in (listener, channel)]
        return cls(place, sockets[0], Board(board, workers), Channel(sockets[1]))


def spawn(place: int, listener: socket.socket, board: Board, start: Start, environ: Mapping[str, str]) -> Worker:
    """Start a worker that inherits the listening socket, the shared numbers and its end of a channel."""
    ours, theirs = socket.socketpair()
    with theirs:
        descriptors = (listener.fileno(), theirs.fileno(), board.descriptor)
        for inherited in descriptors:
            os.set_inheritable(inherited, True)
        arguments = ["-m", "serving.worker", str(place), str(board.workers), *map(str, descriptors), start]
        # A process group of its own: Ctrl-C in a terminal reaches the supervisor only, and that one drains.
        pid = os.posix_spawn(sys.executable, [sys.executable, *arguments], environ, setpgroup=0)
    return Worker(pid, place, Channel(ours))


def environment(environ: Mapping[str, str], blas_threads: int) -> dict[str, str]:
    """Give a worker's environment: what libraries read when they are imported, and caches under /tmp.

    The image is read-only but for /tmp. What the deployment sets itself stays as it is.
    """
    counts = dict.fromkeys(THREAD_COUNTS, str(blas_threads))
    caches = {name: f"/tmp/{name.lower()}" for name in CACHES}  # noqa: S108 - the one place that can be written
    return {**counts, **caches, **QUIET, **environ}
