"""The goals as ratios of one run: what was wanted, what was measured, whether it is reached.

A goal whose cells a run did not measure is left out. Peers are all but byocgen and the limits.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.results import MANY_WORKERS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from benchmarks.results import Cell, Results, Standing

OURS, ITSELF, INT8 = "byocgen", "byocgen, library itself", "byocgen, int8"
AWS, LITESTAR = "AWS sample: nginx, gunicorn, Flask", "plain Litestar"
BARE = "limit: bare protocol, no model"
NOT_PEERS = ("byocgen", "limit")


@dataclass(frozen=True, slots=True)
class Goal:
    """One line: `measured` and `wanted` are in `unit`; `most` says that less is better."""

    what: str
    wanted: float
    measured: float
    unit: str = "x"
    most: bool = False

    @property
    def reached(self) -> bool:
        """Whether the run met it."""
        return self.measured <= self.wanted if self.most else self.measured >= self.wanted


def is_peer(server: str) -> bool:
    """Whether a server is somebody else's."""
    return not server.startswith(NOT_PEERS)


class _Run:
    """Cells and standings of a run by what they are of."""

    def __init__(self, results: Results) -> None:
        self.cells: dict[tuple[str, int], dict[str, Cell]] = {}
        for cell in results.cells:
            self.cells.setdefault((cell.workload, cell.connections), {})[cell.server] = cell
        self.standings: dict[tuple[str, int], dict[str, Standing]] = {}
        for one in results.standings:
            if not one.missing:
                self.standings.setdefault((one.model, one.workers), {})[one.server] = one
        self.seconds = results.generator

    def faster(self, workload: str, connections: int, ours: str, theirs: str = "") -> float | None:
        """Requests a second of ours to theirs; the best peer's where none is named."""
        found = self.cells.get((workload, connections), {})
        rates = [cell.rps for name, cell in found.items() if (name == theirs if theirs else is_peer(name))]
        return found[ours].rps / max(rates) if ours in found and rates and max(rates) else None

    def slower(self, workload: str, connections: int, value: Callable[[Cell], float]) -> float | None:
        """A latency of ours to that of the peer with the least."""
        found = self.cells.get((workload, connections), {})
        peers = [value(cell) for name, cell in found.items() if is_peer(name)]
        return value(found[OURS]) / min(peers) if OURS in found and peers and min(peers) else None


def judge(results: Results) -> list[Goal]:
    """Hold a run against every goal that it has cells for."""
    run = _Run(results)
    return [goal for part in (_throughput, _latency, _standing, _texts, _itself) for goal in part(run)]


def _throughput(run: _Run) -> Iterator[Goal]:
    wanted = [
        *(("logistic, 1 row", 64, OURS, theirs, least) for theirs, least in ((AWS, 40), (LITESTAR, 22), ("", 20))),
        *(("logistic, 1 row", 64, ITSELF, theirs, least) for theirs, least in ((AWS, 20), (LITESTAR, 11), ("", 10))),
        *(("forest, 1 row", 64, OURS, theirs, least) for theirs, least in ((AWS, 90), ("", 12))),
        *(("forest, 1 row", 64, ITSELF, theirs, least) for theirs, least in ((AWS, 20), ("", 3))),
        ("forest, 1 row", 1, OURS, "", 35),
        ("logistic, 100 rows", 16, OURS, "", 3),
        ("forest, 100 rows", 16, OURS, "", 2.5),
        ("logistic, 1 row, csv", 16, OURS, "", 14),
    ]
    for workload, connections, ours, theirs, least in wanted:
        ratio = run.faster(workload, connections, ours, theirs)
        if ratio is not None:
            yield Goal(f"{workload}, c{connections}: {ours} to {theirs or 'the best peer'}", least, ratio)
    share = run.faster("logistic, 1 row", 64, OURS, BARE)
    if share is not None:
        yield Goal("logistic, 1 row, c64: share of the bare protocol, the model included", 70, share * 100, "%")
    ratios = {key: run.faster(*key, OURS) for key in run.cells}
    known = {key: ratio for key, ratio in ratios.items() if ratio is not None}
    if known:
        (workload, connections), least_ratio = min(known.items(), key=lambda one: one[1])
        yield Goal(f"slowest cell to its best peer ({workload}, c{connections})", 1, least_ratio)


def _latency(run: _Run) -> Iterator[Goal]:
    for workload, connections in run.cells:
        tabular = workload.startswith(("logistic", "forest", "xgboost"))
        if connections == 1 and tabular:
            ratio = run.slower(workload, 1, lambda cell: cell.p50_ms)
            if ratio is not None:
                yield Goal(f"{workload}, c1: median latency, best peer's to ours", 4, 1 / ratio if ratio else 0)
        if connections == 64 and tabular:
            ratio = run.slower(workload, 64, lambda cell: cell.p99_ms)
            if ratio is not None:
                yield Goal(f"{workload}, c64: p99, best peer's to ours", 10, 1 / ratio if ratio else 0)


def _standing(run: _Run) -> Iterator[Goal]:
    for (model, workers), found in run.standings.items():
        if OURS not in found:
            continue
        one = found[OURS]
        if workers == MANY_WORKERS:
            peers = [other.memory_mib for name, other in found.items() if is_peer(name)]
            if peers:
                yield Goal(
                    f"{model}, {workers} workers: memory to the best peer's",
                    0.5,
                    one.memory_mib / min(peers),
                    most=True,
                )
        elif model in ("logistic", "forest"):
            yield Goal(f"{model}: start to the first healthy ping", 2, one.start_seconds, "s", most=True)
            if LITESTAR in found:
                ratio = one.start_seconds / found[LITESTAR].start_seconds
                yield Goal(f"{model}: start to that of plain Litestar", 1 / 3, ratio, most=True)


def _texts(run: _Run) -> Iterator[Goal]:
    for ours, wanted in ((OURS, 5), (INT8, 10)):
        ratio = run.faster("classifier, 1 row", 16, ours)
        if ratio is not None:
            yield Goal(f"classifier, mixed lengths, c16: {ours} to the best peer", wanted, ratio)
    alone = run.cells.get(("classifier, 1 row", 1), {})
    if OURS in alone and ITSELF in alone:
        ratio = alone[OURS].p50_ms / alone[ITSELF].p50_ms
        yield Goal("classifier, c1: median latency to the library's own", 1, ratio, most=True)
    found = run.standings.get(("classifier", 2), {})
    if OURS in found:
        yield Goal("classifier: start to the first healthy ping", 3, found[OURS].start_seconds, "s", most=True)


def _itself(run: _Run) -> Iterator[Goal]:
    for name, most in (("byocgen new, warm", 0.5), ("byocgen --help", 0.2)):
        if name in run.seconds:
            yield Goal(name, most, run.seconds[name], "s", most=True)


def table(goals: list[Goal]) -> str:
    """Write goals as Markdown."""
    if not goals:
        return ""
    reached = sum(goal.reached for goal in goals)
    lines = [f"### goals: {reached} of {len(goals)} reached", "", "| goal | wanted | measured | |", "|---|---|---|---|"]
    lines += [
        f"| {goal.what} | {'<=' if goal.most else '>='} {goal.wanted:.3g}{_unit(goal)} | {goal.measured:.3g}{_unit(goal)} |"
        f" {'reached' if goal.reached else '**not reached**'} |"
        for goal in goals
    ]
    return "\n".join(lines)


def _unit(goal: Goal) -> str:
    return goal.unit if goal.unit in ("x", "%") else f" {goal.unit}"
