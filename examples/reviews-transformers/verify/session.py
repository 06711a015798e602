"""One server under test: started when it is needed, started again when a check killed it, ended at the end."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar

from .limits import Mode
from .starting import Started, StartFailure, start
from .target import Way
from .wire import Answer, NoAnswerError, Wire

if TYPE_CHECKING:
    from collections.abc import Callable

    from .options import Options
    from .target import Target
    from .wire import Headers, Outcome

Fact = TypeVar("Fact")
RECOVERY_SECONDS = 10.0
"""How long a server may take to answer /ping again after an abuse: a supervisor may start a new worker."""
_BATCH = {
    "SAGEMAKER_BATCH": "true",
    "SAGEMAKER_MAX_PAYLOAD_IN_MB": "6",
    "SAGEMAKER_BATCH_STRATEGY": "MULTI_RECORD",
    "SAGEMAKER_MAX_CONCURRENT_TRANSFORMS": "1",
}
ENVIRON: dict[Mode, dict[str, str]] = {Mode.BATCH: _BATCH, Mode.MULTI_MODEL: {"SAGEMAKER_MULTI_MODEL": "true"}}


class NoServerError(Exception):
    """The server does not start; V101 says why."""


@dataclass
class Session:
    """What checks look at. `target` is None where a URL was given. Not for several threads."""

    options: Options
    target: Target | None
    first: Started | None = None  # how the first start went
    failure: StartFailure | None = None
    _changes: set[str] = field(default_factory=set)
    _current: Started | None = None
    _facts: dict[str, Any] = field(default_factory=dict)

    def server(self) -> Started:
        """Give a server that runs, a new one if need be. Raises NoServerError."""
        if self.failure is not None:
            raise NoServerError
        if self._current is not None and (self.target is None or self._current.launched.running()):
            return self._current
        self.end()
        began = start(self.options, self.target, Way(environ=ENVIRON.get(self.options.mode, {})))
        if isinstance(began, StartFailure):
            self.failure = began
            raise NoServerError
        self.first = self.first or began
        self._current = began
        return began

    @property
    def has_server(self) -> bool:
        """Say whether a server was started that no check has ended."""
        return self._current is not None

    @property
    def wire(self) -> Wire:
        """Where the server listens. Raises NoServerError."""
        return self.server().wire

    @property
    def path(self) -> str:
        """Where predictions are asked for."""
        if self.options.mode is Mode.MULTI_MODEL and self.options.models:
            return f"/models/{next(iter(self.options.models))}/invoke"
        return "/invocations"

    def ping(self) -> Outcome:
        """Ask for the health once."""
        return self.wire.outcome("GET", "/ping", timeout=self.options.ping_seconds)

    def invoke(self, body: bytes | None = None, headers: Headers | None = None, extra: Headers = ()) -> Outcome:
        """Ask for a prediction: the example's, where nothing else is given. `extra` headers come on top."""
        example = self.options.example
        content = body if body is not None else example.body if example else b""
        chosen = headers if headers is not None else example.headers if example else ()
        return self.wire.outcome("POST", self.path, content, [*chosen, *extra], self.options.answer_seconds)

    def lives(self) -> str:
        """Give "" if the server answers, else what is wrong; a server that died is started again by the next check."""
        deadline = time.monotonic() + RECOVERY_SECONDS
        said = "the process ended"
        while self._current is not None and (self.target is None or self._current.launched.running()):
            last = self.ping()
            if isinstance(last, Answer) and last.status == 200:
                return ""
            said = f"/ping: {last}"
            if time.monotonic() > deadline:
                self.end()
                return f"{said}, also {RECOVERY_SECONDS:g} s later"
            time.sleep(0.2)
        return said

    def once(self, name: str, experiment: Callable[[], Fact]) -> Fact:
        """Do an experiment that several checks look at, once."""
        if name not in self._facts:
            self._facts[name] = experiment()
        fact: Fact = self._facts[name]
        return fact

    def model_changes(self) -> list[str]:
        """Name what any of its servers changed in the model folder."""
        if self._current is not None:
            self._changes |= set(self._current.launched.model_changes())
        return sorted(self._changes)

    def another(self, way: Way) -> Started | StartFailure:
        """Start one more server beside this one; the caller ends it."""
        return start(self.options, self.target, way, relaxing=False)

    def end(self) -> None:
        """End the server that runs; the next check gets a new one."""
        if self._current is not None and self.target is not None:
            self.model_changes()
            self._current.launched.end()
            self._current = None

    def close(self) -> None:
        """End everything."""
        self.end()
        if self.target is not None:
            self.target.close()


__all__ = ["ENVIRON", "NoAnswerError", "NoServerError", "Session"]
