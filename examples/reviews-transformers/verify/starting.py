"""From nothing to a server that answers: the platform's way first, and what it takes where that fails."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from .limits import Mode
from .options import UnusableError
from .target import relax
from .wire import Answer, NoAnswerError, Wire

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .options import Options
    from .target import Launched, Target, Way
    from .wire import Outcome

LOG_LINES = 8
PAUSE_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Started:
    """A server that answers /ping with 200. `relaxed` names the demands of the platform that it does not bear."""

    launched: Launched
    wire: Wire
    seconds: float
    before: tuple[str, ...] = ()  # what /ping said while the model loaded, each answer once
    relaxed: tuple[str, ...] = ()
    port_ignored: bool = False
    first: Outcome | None = None  # the first prediction, asked for right after the first 200
    loads: Mapping[str, Outcome] | None = None  # of multi-model: what POST /models said


@dataclass(frozen=True, slots=True)
class StartFailure:
    """A server that did not come up: `seen` in one line, with the end of its log."""

    seen: str
    exited: bool
    loopback_only: bool = False


def start(options: Options, target: Target | None, way: Way, *, relaxing: bool = True) -> Started | StartFailure:
    """Start a server and wait until it is healthy. Raises UnusableError."""
    if target is None:
        return _reach(options)
    began = _attempt(options, target, way)
    if isinstance(began, Started) or not began.exited or not relaxing:
        return began
    # Several at once too, but with `serve`: a server that demands the argument would end without it.
    several = tuple(name for name in target.relaxations if name != "serve")
    for names in (*((name,) for name in target.relaxations), several):
        other = _attempt(options, target, relax(way, names))
        if isinstance(other, Started):
            return (
                replace(other, relaxed=names)
                if len(names) == 1
                else _tightened(options, target, way, replace(other, relaxed=names))
            )
    return began


def _tightened(options: Options, target: Target, way: Way, loosest: Started) -> Started:
    """Find which of all demands it does not bear, by making one after the other again."""
    found, needed = loosest, loosest.relaxed
    for name in loosest.relaxed:
        fewer = tuple(one for one in needed if one != name)
        other = _attempt(options, target, relax(way, fewer))
        if isinstance(other, Started):
            found.launched.end()
            found, needed = other, fewer
    return replace(found, relaxed=needed)


def _reach(options: Options) -> Started | StartFailure:
    from .running import at  # noqa: PLC0415 - only a URL needs it

    server = at(options.url)
    deadline = time.monotonic() + options.start_seconds
    began = time.monotonic()
    while True:
        said = server.wire.outcome("GET", "/ping", timeout=options.ping_seconds)
        if isinstance(said, Answer) and said.status == 200:
            return _prepared(options, Started(server, server.wire, time.monotonic() - began))
        if isinstance(said, NoAnswerError) and str(said).startswith("no connection"):
            raise UnusableError(f"{options.url}: {said}", "--url names a server that runs")
        if time.monotonic() > deadline:
            return StartFailure(f"/ping: {said} after {options.start_seconds:g} s", exited=False)
        time.sleep(PAUSE_SECONDS)


def _attempt(options: Options, target: Target, way: Way) -> Started | StartFailure:
    began = time.monotonic()
    launched = target.launch(way)
    try:
        result = _wait(options, launched, began)
    except BaseException:
        launched.end()
        raise
    if isinstance(result, StartFailure):
        launched.end()
        return result
    return _prepared(options, result)


def _wait(options: Options, launched: Launched, began: float) -> Started | StartFailure:
    before: dict[str, None] = {}
    looked = began
    while (now := time.monotonic()) < began + options.start_seconds:
        if not launched.running():
            code = launched.wait(5)
            return StartFailure(f"the process ended with exit code {code}{_tail(launched)}", exited=True)
        for wire in (launched.wire, launched.fallback):
            said = wire.outcome("GET", "/ping", timeout=options.ping_seconds) if wire else None
            if isinstance(said, Answer) and wire is not None:
                if said.status == 200:
                    seconds = time.monotonic() - began
                    return Started(launched, wire, seconds, tuple(before), port_ignored=wire is launched.fallback)
                before[str(said.status)] = None
        if not before and now - looked > 1:
            looked = now
            if launched.unreachable():
                return StartFailure("it listens where nothing outside its container reaches it", False, True)
        time.sleep(PAUSE_SECONDS)
    states = f"/ping: {', '.join(before)}" if before else "nothing answers"
    return StartFailure(f"{states} after {options.start_seconds:g} s{_tail(launched)}", exited=False)


def _prepared(options: Options, started: Started) -> Started:
    """Load the models of a multi-model endpoint, then ask for the first prediction."""
    loads = None
    path = "/invocations"
    if options.mode is Mode.MULTI_MODEL and options.models:
        loads = {name: load(started.wire, name, url) for name, url in options.models.items()}
        path = f"/models/{next(iter(options.models))}/invoke"
    first = None
    if options.example is not None:
        example = options.example
        first = started.wire.outcome("POST", path, example.body, example.headers, options.answer_seconds)
    return replace(started, first=first, loads=loads)


def load(wire: Wire, name: str, url: str) -> Outcome:
    """Ask for a model to be loaded, as the platform does."""
    body = json.dumps({"model_name": name, "url": url}).encode()
    return wire.outcome("POST", "/models", body, [("Content-Type", "application/json")])


def _tail(launched: Launched) -> str:
    lines = [line.rstrip()[:300] for line in launched.log().splitlines() if line.strip()][-LOG_LINES:]
    return "; its log ends with:\n" + "\n".join(lines) if lines else "; it logged nothing"
