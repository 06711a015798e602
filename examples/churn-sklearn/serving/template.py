"""The process that loads the model once and forks the workers. It serves no predictions.

While the model loads it answers /ping with 503, as any worker does. Then it stops listening, and must be alone: a fork
copies one thread, and a lock that another one holds would be held for ever in the copy. Where there are others, or
connections that all copies would share, it says so and ends; each worker then loads the model itself.

The first worker is forked as soon as there is a model, and answers pings while the template imports what the others
shall find there: health waits for a model, not for a web framework.
"""

import gc
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path

from serving.channel import Channel
from serving.workers import Post

TASKS = Path("/proc/self/task")  # a folder a thread, those of native libraries included
ENDING_SECONDS = 1.0  # a thread that was joined is still seen until the kernel has ended it
CLOSING_SECONDS = 0.1  # a ping's connection, which came just before
DESCRIPTORS = Path("/proc/self/fd")

RunWorker = Callable[[Post], None]


def obstacle(known: set[int]) -> str | None:
    """Say why this process must not be forked; None if it may. `known` are the sockets that are ours."""
    deadline = time.monotonic() + ENDING_SECONDS
    while (threads := _others()) and time.monotonic() < deadline:
        time.sleep(0.001)
    if threads:
        return f"loading the model left {len(threads)} threads running ({', '.join(sorted(set(threads)))})"
    deadline = time.monotonic() + CLOSING_SECONDS
    while (connected := _is_connected(known)) and time.monotonic() < deadline:
        time.sleep(0.001)
    return "loading the model opened a connection" if connected else None


def _is_connected(known: set[int]) -> bool:
    """Tell whether a socket is open that is none of `known`."""
    for entry in DESCRIPTORS.iterdir():
        with suppress(OSError):  # the descriptor of this very listing
            if str(entry.readlink()).startswith("socket:") and int(entry.name) not in known:
                return True
    return False


def _others() -> list[str]:
    """Give the names of all threads but the first."""
    names = []
    for task in TASKS.iterdir():
        with suppress(OSError):  # ended meanwhile
            if int(task.name) != os.getpid():
                names.append((task / "comm").read_text(errors="replace").strip())
    return names


def settle() -> None:
    """Let the garbage collector pass over all that is there: libraries and the model stay for as long as the process.

    Looking through them all, which many requests at one time make it do several times a second, holds the event loop for
    some ten milliseconds; and in a fork its marks would copy every page that it looks at.
    """
    gc.collect()
    gc.freeze()


def fork_workers(post: Post, run: RunWorker, complete: Callable[[], object]) -> None:
    """Fork a worker whenever the supervisor asks; return when it is gone.

    Args:
        post: With the channel on which it asks.
        run: What a worker does; it must not return.
        complete: Imports what all workers but the first find there. It must leave no thread, as `obstacle` has it.
    """
    signal.signal(signal.SIGTERM, lambda _number, _frame: os._exit(0))
    settle()
    first = True
    with socket.socket(fileno=os.dup(post.channel.fileno())) as channel:
        channel.setblocking(True)
        while True:
            data, descriptors, _, _ = socket.recv_fds(channel, 1024, 1)
            if not data or not descriptors:
                return
            place = int(json.loads(data)["place"])
            pid = _fork(partial(_work, run, post, channel, place, descriptors[0]))
            os.close(descriptors[0])
            channel.sendall(json.dumps({"pid": pid}).encode())
            if first:
                first = False
                complete()
                settle()


def _work(run: RunWorker, post: Post, template_channel: socket.socket, place: int, descriptor: int) -> None:
    # In the worker: give up what is the template's, take what is its own.
    template_channel.close()
    post.channel.close()
    end = socket.socket(fileno=descriptor)
    end.set_inheritable(False)
    if "numpy" in sys.modules:
        sys.modules["numpy"].random.seed()  # else all workers would draw the same numbers
    run(Post(place, post.listener, post.board, Channel(end)))


def _fork(run: Callable[[], None]) -> int:
    """Fork a process whose parent ends at once, so that the supervisor inherits it; give its number."""
    read, write = os.pipe()
    between = os.fork()
    if not between:
        worker = os.fork()
        if worker:
            os.write(write, str(worker).encode())
            os._exit(0)
        os.close(read)
        os.close(write)
        os.setpgid(0, 0)
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        try:
            run()
        finally:
            os._exit(1)
    os.close(write)
    with os.fdopen(read) as pipe:
        pid = int(pipe.read())
    os.waitpid(between, 0)
    return pid
