"""Process 1 of the container: opens the port, keeps worker processes alive, ends them when the platform says so.

It loads no model and no web framework, so it is small, and it outlives a worker that the kernel kills for memory and
says so.
- The port is open before any worker runs: the platform wants a connection accepted within 250 ms.
- A worker that dies is started again, later each time; too many deaths at one place, or a model that cannot be loaded,
  end the container (see `deaths`).
- SIGTERM: no new connections, what is in flight is answered, exit code 0. A second signal or the deadline kills.
"""

import contextlib
import os
import selectors
import signal
import socket
import time
from collections.abc import Callable
from functools import partial

from serving import board, logs, memory, settings
from serving.board import Board
from serving.channel import Message
from serving.crew import TEMPLATE, Crew
from serving.deaths import Deaths
from serving.errors import StartError
from serving.multi_model.registry import EVENTS, Outgoing, Registry
from serving.settings import ServerSettings
from serving.workers import BACKLOG, LOAD_FAILED, Worker

STOP = {signal.SIGTERM, signal.SIGINT}


class Supervisor:
    """The crew and what has happened to it."""

    def __init__(self, server: ServerSettings, listener: socket.socket, numbers: Board) -> None:
        """Start with nobody; `run` starts them."""
        self._server = server
        self._listener = listener
        self._board = numbers
        self._crew = Crew(server, listener, numbers)
        self._deaths = Deaths(numbers)
        self._template: int | None = None  # which process has had a model to share
        self._failure: Message = {"message": "the model could not be loaded"}
        self._selector = selectors.DefaultSelector()
        self._group = memory.find()
        self._oom_kills = self._group.kills() if self._group else None
        # By event: what to do with a message of a worker. Messages to workers go through `worker.channel.send`.
        self.on_message: dict[str, Callable[[Worker, Message], None]] = {
            "load_failed": self._note_failure,
            "can_fork": self._begin_forking,
            "cannot_share": self._stop_sharing,
        }
        self._registry = Registry()  # of a multi-model endpoint
        if server.multi_model:
            self.on_message |= {event: partial(self._consult, event) for event in EVENTS}

    def run(self) -> int:
        """Keep the workers running until a signal or a failure; return the exit code."""
        self._board.set("started_at", time.time())
        self._watch_signals()
        while True:
            for worker in self._crew.start_due():
                self._selector.register(worker.channel, selectors.EVENT_READ, worker)
            signals = self._next_signals(self._crew.seconds_to_next_start(), self._deaths.seconds_to_update())
            if stop := signals & STOP:
                return self._drain(0, signal=signal.Signals(stop.pop()).name)
            self._deaths.update()
            for worker, status in self._reap():
                code = os.waitstatus_to_exitcode(status)
                if code == LOAD_FAILED:
                    return self._give_up(**self._failure)
                if worker.place != TEMPLATE or self._crew.shares:
                    self._count_crash(worker, code)
            if problem := self._deaths.verdict():
                return self._drain(1, message=problem)

    def _watch_signals(self) -> None:
        ours, handlers = socket.socketpair()
        for end in (ours, handlers):
            end.setblocking(False)
        self._selector.register(ours, selectors.EVENT_READ)
        signal.set_wakeup_fd(handlers.detach())
        for number in (signal.SIGCHLD, *STOP):
            signal.signal(number, lambda _number, _frame: None)  # the wake-up descriptor gets the number

    def _next_signals(self, *timeouts: float | None) -> set[int]:
        numbers: set[int] = set()
        for key, _ in self._selector.select(min((given for given in timeouts if given is not None), default=None)):
            if isinstance(key.data, Worker):
                self._hear(key.data)
            elif isinstance(key.fileobj, socket.socket):
                numbers |= set(key.fileobj.recv(4096))
        return numbers

    def _hear(self, worker: Worker) -> None:
        for message in worker.channel.receive():
            if handler := self.on_message.get(str(message.pop("event", ""))):
                handler(worker, message)
        if worker.channel.closed:
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)

    def _reap(self) -> list[tuple[Worker, int]]:
        ended = self._crew.reap()
        for worker, _ in ended:
            self._hear(worker)  # its last words
            self._tell(self._registry.gone(worker.pid))
            with contextlib.suppress(KeyError):
                self._selector.unregister(worker.channel)
            worker.channel.close()
        return ended

    def _note_failure(self, _worker: Worker, message: Message) -> None:
        self._failure = message

    def _begin_forking(self, worker: Worker, message: Message) -> None:
        self._crew.can_fork, self._template = True, worker.pid
        logs.info("model_shared", workers=self._server.workers, **message)

    def _stop_sharing(self, _worker: Worker, message: Message) -> None:
        self._crew.stop_sharing()
        logs.warning("model_not_shared", message="each worker loads the model itself", **message)

    def _consult(self, event: str, worker: Worker, message: Message) -> None:
        self._tell(self._registry.handle(worker.pid, {"event": event, **message}))

    def _tell(self, messages: list[Outgoing]) -> None:
        for pid, message in messages:
            if worker := self._crew.members.get(pid):
                worker.channel.send(**message)

    def _count_crash(self, worker: Worker, code: int) -> None:
        # The template has no model in the sense of the board's: it shares what it has, and answers nobody.
        loaded = worker.pid == self._template or bool(self._board.slot(worker.place).get("model_loaded"))
        self._board.take(worker.place)  # the others must not count on one that is gone
        delay = self._deaths.count(worker.place, seconds=time.monotonic() - worker.began, loaded=loaded)
        self._crew.replace(worker.place, delay)
        fields: dict[str, object] = {"worker_pid": worker.pid, "restart_in_seconds": delay}
        if worker.place == TEMPLATE:
            fields["template"] = True
        if code >= 0:
            logs.error("worker_exited", exit_code=code, **fields)
        else:
            reason = self._kill_reason() if -code == signal.SIGKILL else {}
            logs.error("worker_killed", signal=signal.Signals(-code).name, **reason, **fields)

    def _kill_reason(self) -> dict[str, object]:
        before, self._oom_kills = self._oom_kills, self._group.kills() if self._group else None
        if self._group is None or before is None or self._oom_kills is None or self._oom_kills <= before:
            return {"reason": "killed from outside this container, or the host ran out of memory"}
        advice = "each worker holds a model of its own: fewer workers (serving.workers) or an instance with more memory"
        if self._crew.shares:
            advice = "fewer workers (serving.workers), smaller requests, or an instance with more memory"
        return {"reason": "memory limit", "limit_bytes": self._group.limit_bytes(), "message": advice}

    def _drain(self, exit_code: int, **reason: str) -> int:
        log = logs.error if exit_code else logs.info
        log("draining", **reason, seconds=self._server.drain_seconds)
        self._listener.close()
        self._crew.signal(signal.SIGTERM)
        deadline = time.monotonic() + self._server.drain_seconds
        while self._crew.members:
            left = deadline - time.monotonic()
            signals = self._next_signals(max(0.0, left))
            self._reap()
            if self._crew.members and (left <= 0 or signals & STOP):  # the deadline has passed, or a second signal came
                logs.warning("drain_cut_short", workers=len(self._crew.members))
                self._crew.kill()
                return 1
        log("stopped", exit_code=exit_code, **reason)
        return exit_code

    def _give_up(self, **fields: object) -> int:
        logs.error("stopped", exit_code=1, **fields)
        self._crew.kill()
        return 1


def main() -> int:
    """Read the settings, open the port and run until told to stop; return the container's exit code."""
    logs.configure(os.environ)
    try:
        server = settings.load(os.environ).server
        listener = _listen(server.port)
        numbers = board.make(server.workers)
    except StartError as error:
        logs.error("stopped", exit_code=1, message=str(error))
        return 1
    logs.info("listening", port=server.port, **_workers(server), threads=server.threads)
    return Supervisor(server, listener, numbers).run()


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
