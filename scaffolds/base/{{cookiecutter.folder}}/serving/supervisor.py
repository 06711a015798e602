"""Process 1 of the container: opens the port, keeps worker processes alive, ends them when the platform says so.

It loads no model and no web framework, so it is small, and it outlives a worker that the kernel kills for memory and
says so.
- The port is open before any worker runs: the platform wants a connection accepted within 250 ms.
- A worker that dies is started again, later each time; too many deaths, or a model that cannot be loaded, end the
  container.
- SIGTERM: no new connections, what is in flight is answered, exit code 0. A second signal or the deadline kills.
"""

import contextlib
import os
import queue
import signal
import socket
import time

from serving import logs, memory, settings
from serving.errors import StartError
from serving.settings import ServerSettings
from serving.workers import Start, Worker, environment, spawn

BACKLOG = 2048  # connections the kernel holds for us while no worker is free to accept
FIRST_DELAY = 0.25  # seconds before a dead worker is replaced; doubles with each further death, up to LAST_DELAY
LAST_DELAY = 5.0
CRASH_WINDOW = 60.0  # seconds over which deaths are counted
CRASH_LIMIT = 5  # deaths a worker, in that window, that end the container: the platform then replaces it
LOAD_FAILED = 3  # a worker's exit code for "trying again will not help"


class Supervisor:
    """The workers and what has happened to them."""

    def __init__(self, server: ServerSettings, listener: socket.socket) -> None:
        """Start with no workers; `run` starts them."""
        self._server = server
        self._listener = listener
        self._events: queue.SimpleQueue[int] = queue.SimpleQueue()
        self._workers: dict[int, Worker] = {}
        self._crashes: list[float] = []
        self._starts: list[float] = [0.0] * server.workers  # when each missing worker is due
        self._group = memory.find()
        self._oom_kills = self._group.kills() if self._group else None

    def run(self) -> int:
        """Keep the workers running until a signal or a failure; return the exit code."""
        for number in (signal.SIGCHLD, signal.SIGTERM, signal.SIGINT):
            # A queue and not work in the handler: SimpleQueue.put may be called from one, most other things may not.
            signal.signal(number, lambda number, _frame: self._events.put(number))
        while True:
            self._start_due()
            event = self._next_event(self._seconds_to_next_start())
            if event in (signal.SIGTERM, signal.SIGINT):
                return self._drain(signal.Signals(event))
            for worker, status in self._reap():
                if os.waitstatus_to_exitcode(status) == LOAD_FAILED:
                    return self._give_up(**worker.report())
                self._count_crash(worker, os.waitstatus_to_exitcode(status))
            if len(self._crashes) >= CRASH_LIMIT * self._server.workers:
                return self._give_up(message=f"{len(self._crashes)} workers died within {CRASH_WINDOW:g} s")

    def _start_due(self) -> None:
        now = time.monotonic()
        for due in [due for due in self._starts if due <= now]:
            self._starts.remove(due)
            # Only a worker that is alone answers "loading": beside others it would make their pings fail.
            start = Start.AFTER_LOAD if self._workers else Start.AT_ONCE
            worker = spawn(self._listener, start, environment(os.environ, self._server.blas_threads))
            self._workers[worker.pid] = worker

    def _seconds_to_next_start(self) -> float | None:
        return max(0.0, min(self._starts) - time.monotonic()) if self._starts else None

    def _next_event(self, timeout: float | None) -> int | None:
        with contextlib.suppress(queue.Empty):
            return self._events.get(timeout=timeout)
        return None

    def _reap(self) -> list[tuple[Worker, int]]:
        ended = []
        with contextlib.suppress(ChildProcessError):
            while (child := os.waitpid(-1, os.WNOHANG))[0]:
                # Process 1 inherits orphans of others too: those are collected and forgotten.
                if worker := self._workers.pop(child[0], None):
                    ended.append((worker, child[1]))
        return ended

    def _count_crash(self, worker: Worker, code: int) -> None:
        now = time.monotonic()
        self._crashes = [then for then in self._crashes if now - then < CRASH_WINDOW] + [now]
        delay = min(LAST_DELAY, FIRST_DELAY * 2 ** (len(self._crashes) - 1))
        self._starts.append(now + delay)
        if code >= 0:
            logs.error("worker_exited", worker_pid=worker.pid, exit_code=code, restart_in_seconds=delay)
        else:
            reason = self._kill_reason() if -code == signal.SIGKILL else {}
            name = signal.Signals(-code).name
            logs.error("worker_killed", worker_pid=worker.pid, signal=name, **reason, restart_in_seconds=delay)

    def _kill_reason(self) -> dict[str, object]:
        before, self._oom_kills = self._oom_kills, self._group.kills() if self._group else None
        if self._group is None or before is None or self._oom_kills is None or self._oom_kills <= before:
            return {"reason": "killed from outside this container, or the host ran out of memory"}
        advice = "each worker holds a model of its own: fewer workers (serving.workers) or an instance with more memory"
        return {"reason": "memory limit", "limit_bytes": self._group.limit_bytes(), "message": advice}

    def _drain(self, number: signal.Signals) -> int:
        logs.info("draining", signal=number.name, seconds=self._server.drain_seconds)
        self._listener.close()
        self._signal_workers(signal.SIGTERM)
        deadline = time.monotonic() + self._server.drain_seconds
        while self._workers:
            event = self._next_event(max(0.0, deadline - time.monotonic()))
            self._reap()
            if self._workers and event != signal.SIGCHLD:  # the deadline has passed, or a second signal came
                logs.warning("drain_cut_short", workers=len(self._workers))
                self._kill_workers()
                return 1
        logs.info("stopped", exit_code=0)
        return 0

    def _give_up(self, **fields: object) -> int:
        logs.error("stopped", exit_code=1, **fields)
        self._kill_workers()
        return 1

    def _signal_workers(self, number: signal.Signals) -> None:
        for pid in self._workers:
            os.kill(pid, number)

    def _kill_workers(self) -> None:
        self._signal_workers(signal.SIGKILL)
        for pid in self._workers:
            os.waitpid(pid, 0)


def main() -> int:
    """Read the settings, open the port and run until told to stop; return the container's exit code."""
    logs.configure(os.environ)
    try:
        server = settings.load(os.environ).server
        listener = _listen(server.port)
    except StartError as error:
        logs.error("stopped", exit_code=1, message=str(error))
        return 1
    logs.info("listening", port=server.port, **_workers(server), threads=server.threads)
    return Supervisor(server, listener).run()


def _workers(server: ServerSettings) -> dict[str, object]:
    counts: dict[str, object] = {"workers": server.workers, "workers_configured": server.workers_configured}
    if server.workers != server.workers_configured:
        counts |= {"cpus": server.cpus, "reason": "never more workers than CPUs: each holds a model of its own"}
    return counts


def _listen(port: int) -> socket.socket:
    try:
        return socket.create_server(("0.0.0.0", port), backlog=BACKLOG)  # noqa: S104 - the contract's address
    except OSError as error:
        raise StartError(f"port {port} cannot be opened: {os.strerror(error.errno or 0)}") from error
