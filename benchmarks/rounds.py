"""One run: every server up, answers compared, then round by round in turn, so that a slow minute hits all alike."""

from __future__ import annotations

import math
import os
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import workloads
from benchmarks.environments import CACHE, Unavailable
from benchmarks.load import Measured, Streamed, Target, load, stream
from benchmarks.peers import Peer, Start, slug
from benchmarks.results import Cell, Standing, StreamCell
from benchmarks.server import Running, alone, ask, free_port, memory_mib, running

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from pathlib import Path

    from benchmarks.workloads import Workload

TOLERANCE = 1e-5
"""Of numbers in answers, relative and absolute: sums of 32-bit numbers depend on their order."""
WAKING = 8
"""Requests at one time, enough to come to every worker."""
FORMS = {"json": "application/json", "csv": "text/csv"}


@dataclass(frozen=True, slots=True)
class Settings:
    """How long and how often."""

    rounds: int
    seconds: float
    connections: tuple[int, ...]
    workers: int = 2


def say(text: str) -> None:
    """Tell a person how far it is."""
    sys.stderr.write(text + "\n")
    sys.stderr.flush()


def folder(place: str, model: str, workers: int) -> Path:
    """Give a server a place to write."""
    return (CACHE / "running" / f"{place}-{model}-{workers}").absolute()


def begin(stack: ExitStack, peer: Peer, model: str, workers: int, place: str = "") -> Running:
    """Start a server that ends with the stack; `place` names its folder, where its own name is not enough.

    Raises:
        Unavailable: it cannot be had here.
    """
    python = peer.python(model)
    start = Start(model, folder(place or slug(peer.name), model, workers), free_port(), workers)
    start.folder.mkdir(parents=True, exist_ok=True)
    # Some peers start programs of their environment by name.
    environment = {
        **peer.environment(start),
        "PATH": f"{python.parent}{os.pathsep}{os.environ.get('PATH', os.defpath)}",
    }
    return stack.enter_context(running(peer.command(python, start), start.port, peer.ping, environment, start.folder))


def target(peer: Peer, one: Running, workload: Workload) -> Target:
    """Say where and how a server is asked."""
    bodies = tuple(peer.body(workload, rows) for rows in workloads.instances(workload))
    return Target(one.port, peer.where(workload), FORMS[workload.form], bodies)


def _share(said: list[list[str]], expected: list[list[str]]) -> float:
    """Count the answers that are the same."""
    return sum(one == other for one, other in zip(said, expected, strict=True)) / len(expected)


def same_answers(peers: dict[str, tuple[Peer, Running]], workload: Workload) -> dict[str, str]:
    """Ask every server the same; return what is wrong with those that do not say what the first says."""
    wrong: dict[str, str] = {}
    expected: list[list[str]] | None = None
    for name, (peer, one) in peers.items():
        try:
            said = _said(peer, target(peer, one, workload))
        except (OSError, ValueError, KeyError, TypeError) as error:
            wrong[name] = str(error)
            continue
        if not any(said):  # a limit: it has no model
            continue
        if expected is None:
            expected = said
        elif not alike(said, expected) and _share(said, expected) < peer.agreeing:
            wrong[name] = f"other answers: {said[0][:3]}, expected {expected[0][:3]}"
    return wrong


def alike(said: list[list[str]], expected: list[list[str]]) -> bool:
    """Labels must be the same; numbers may differ by how a library adds up."""
    if [len(one) for one in said] != [len(one) for one in expected]:
        return False
    pairs = [pair for one, other in zip(said, expected, strict=True) for pair in zip(one, other, strict=True)]
    return all(one == other or _close(one, other) for one, other in pairs)


def _close(one: str, other: str) -> bool:
    try:
        return math.isclose(float(one), float(other), rel_tol=TOLERANCE, abs_tol=TOLERANCE)
    except ValueError:
        return False


def _said(peer: Peer, there: Target) -> list[list[str]]:
    said = []
    for body in there.bodies:
        status, answer = ask(there.port, "POST", there.path, body, there.form)
        if status != 200:
            raise ValueError(f"{status} {answer[:200]!r}")
        said.append(peer.answer(answer))
    return said


def measure(
    peers: Sequence[Peer], model: str, wanted: Sequence[Workload], settings: Settings
) -> tuple[list[Standing], list[Cell]]:
    """Start the servers of one model, compare, warm up, and load them in turn."""
    standings: list[Standing] = []
    cells: list[Cell] = []
    with ExitStack() as stack:
        up: dict[str, tuple[Peer, Running]] = {}
        for peer in (one for one in peers if model in one.models):
            try:
                one = begin(stack, peer, model, settings.workers)
            except Unavailable as error:
                say(f"  {peer.name}: left out: {error}")
                standings.append(Standing(peer.name, model, settings.workers, missing=str(error)))
                continue
            up[peer.name] = peer, one
            say(f"  {peer.name}: healthy after {one.start_seconds:.1f} s")
        for workload in wanted:
            able = {name: pair for name, pair in up.items() if workload.form in pair[0].forms}
            wrong = same_answers(able, workload)
            for name, reason in wrong.items():
                say(f"  {name}: left out of {workload.name}: {reason}")
            able = {name: pair for name, pair in able.items() if name not in wrong}
            cells += in_turn(able, workload, settings)
        standings += [
            Standing(name, model, settings.workers, one.start_seconds, memory_mib(one.pid))
            for name, (_, one) in up.items()
        ]
    return standings, cells


def in_turn(up: Mapping[str, tuple[Peer, Running]], workload: Workload, settings: Settings) -> Iterable[Cell]:
    """Warm each server up, then load them round by round."""
    there = {name: target(peer, one, workload) for name, (peer, one) in up.items()}
    place = CACHE / "load"
    servers = {name: one for name, (_, one) in up.items()}
    for name, one in there.items():
        with alone(servers[name], servers.values()):
            load(one, 4, 1, place / slug(name))  # warm
    for connections in settings.connections:
        found: dict[str, list[Measured]] = {name: [] for name in there}
        for _ in range(settings.rounds):
            for name, one in there.items():
                with alone(servers[name], servers.values()):
                    wake(one)
                    found[name].append(load(one, connections, settings.seconds, place / slug(name)))
        say(f"  {workload.name}, c{connections}: done")
        yield from (Cell.of(name, workload.name, connections, spells) for name, spells in found.items())


def wake(there: Target) -> None:
    """Ask a server that was stopped a little: its first answers are not what it takes when it is at work."""
    with ThreadPoolExecutor(WAKING) as pool:
        bodies = [there.bodies[index % len(there.bodies)] for index in range(4 * WAKING)]
        list(pool.map(lambda body: ask(there.port, "POST", there.path, body, there.form), bodies))


def measure_streams(peers: Sequence[Peer], settings: Settings) -> tuple[list[Standing], list[StreamCell]]:
    """The same for text that is sent as it is made."""
    standings, cells = [], []
    workload = workloads.STREAM[0]
    with ExitStack() as stack:
        up: dict[str, tuple[Target, Running]] = {}
        expected: tuple[str, ...] = ()
        for peer in (one for one in peers if "generator" in one.models):
            try:
                one = begin(stack, peer, "generator", settings.workers)
                up[peer.name] = target(peer, one, workload), one
                texts = stream(up[peer.name][0], len(up[peer.name][0].bodies)).texts
                expected = expected or texts
                if texts != expected:
                    raise ValueError(f"other answers: {texts[0][:60]}, expected {expected[0][:60]}")  # noqa: TRY301
            except (Unavailable, ValueError, OSError) as error:
                up.pop(peer.name, None)
                standings.append(Standing(peer.name, "generator", settings.workers, missing=str(error)))
                say(f"  {peer.name}: left out: {error}")
                continue
            standings.append(Standing(peer.name, "generator", settings.workers, one.start_seconds, memory_mib(one.pid)))
        for streams in (1, 8):
            found: dict[str, list[Streamed]] = {name: [] for name in up}
            for _ in range(settings.rounds):
                for name, (there, one) in up.items():
                    with alone(one, [other for _, other in up.values()]):
                        found[name].append(stream(there, streams))
            cells += [StreamCell.of(name, streams, spells) for name, spells in found.items()]
    return standings, cells


def memory(peers: Sequence[Peer], model: str, workers: int) -> list[Standing]:
    """Start each server alone with so many workers, ask it a few times, and take its memory."""
    found = []
    workload = next(one for one in [*workloads.TABULAR, *workloads.TEXT] if one.model == model)
    for peer in (one for one in peers if model in one.models):
        with ExitStack() as stack:
            try:
                one = begin(stack, peer, model, workers)
                load(target(peer, one, workload), 16, 1, CACHE / "load" / "memory")
                found.append(Standing(peer.name, model, workers, one.start_seconds, memory_mib(one.pid)))
            except Unavailable as error:
                say(f"  {peer.name}: left out: {error}")
    return found
