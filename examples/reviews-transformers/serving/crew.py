"""The processes of the server: started when they are due, by spawning or by the template, signalled, reaped.

What their ends mean is the supervisor's to decide. A worker has a place, from 0; the template, where the model is
shared, is one of the crew with a place of its own.
"""

import contextlib
import os
import signal
import socket
import time
from collections.abc import Iterator

from serving import gpus, sharing
from serving.board import Board
from serving.settings import ServerSettings
from serving.workers import Start, Worker, environment, spawn

TEMPLATE = -1


class Crew:
    """Who is there, and who is missing since when."""

    def __init__(self, server: ServerSettings, listener: socket.socket, board: Board) -> None:
        """Begin with every place due at once."""
        self._listener = listener
        self._board = board
        self._environ = environment(os.environ, server.blas_threads)
        self.members: dict[int, Worker] = {}  # by pid
        self._due = dict.fromkeys(range(server.workers), 0.0)  # by place: when it is to be filled
        self.shares = sharing.is_wanted(server, os.environ)
        self.can_fork = False  # the template has the model
        if self.shares:
            self._due = {TEMPLATE: 0.0, **self._due}

    def start_due(self) -> Iterator[Worker]:
        """Start what is due, and give it."""
        now = time.monotonic()
        for place in [place for place in self._startable() if self._due[place] <= now]:
            worker = self._fork(place) if self.shares and place != TEMPLATE else self._spawn(place)
            if worker is None:
                return
            del self._due[place]
            self.members[worker.pid] = worker
            yield worker

    def seconds_to_next_start(self) -> float | None:
        """Give the time until something is due, None where nothing is."""
        dues = [self._due[place] for place in self._startable()]
        return max(0.0, min(dues) - time.monotonic()) if dues else None

    def replace(self, place: int, delay: float) -> None:
        """Fill a place again, `delay` seconds from now; the template's only when a worker is missing."""
        self._due[place] = time.monotonic() + delay

    def stop_sharing(self) -> None:
        """Have each worker load the model itself from now on."""
        self.shares = self.can_fork = False
        self._due.pop(TEMPLATE, None)

    def reap(self) -> list[tuple[Worker, int]]:
        """Take who has ended off the list, and give them with their wait status."""
        ended = []
        with contextlib.suppress(ChildProcessError):
            while (child := os.waitpid(-1, os.WNOHANG))[0]:
                # Process 1 inherits orphans of others too: those are collected and forgotten.
                if worker := self.members.pop(child[0], None):
                    self.can_fork = self.can_fork and worker.place != TEMPLATE
                    ended.append((worker, child[1]))
        return ended

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to everybody."""
        for pid in self.members:
            os.kill(pid, number)

    def kill(self) -> None:
        """End everybody now, and wait for it."""
        self.signal(signal.SIGKILL)
        for pid in self.members:
            with contextlib.suppress(ChildProcessError):
                os.waitpid(pid, 0)

    def _startable(self) -> list[int]:
        if not self.shares:
            return list(self._due)
        missing = [place for place in self._due if place != TEMPLATE]
        if TEMPLATE in self._due:
            return [TEMPLATE] if missing else []
        return missing if self.can_fork else []

    def _spawn(self, place: int) -> Worker:
        if place == TEMPLATE:
            start = Start.QUIET_TEMPLATE if self.members else Start.TEMPLATE
        else:  # only one that is alone answers "loading": beside others it would make their pings fail
            start = Start.AFTER_LOAD if self.members else Start.AT_ONCE
        environ = self._environ | (sharing.ENVIRONMENT if place == TEMPLATE else gpus.visible(self._environ, place))
        return spawn(place, self._listener, self._board, start, environ)

    def _fork(self, place: int) -> Worker | None:
        template = next(worker for worker in self.members.values() if worker.place == TEMPLATE)
        worker = sharing.fork_worker(template, place)
        if worker is None:  # it hangs, or is gone: its end is noticed like any other, and another one is started
            self.can_fork = False
            os.kill(template.pid, signal.SIGKILL)
        return worker
