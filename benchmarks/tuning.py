"""What each tuning rule of the plan is worth: byocgen beside itself with one setting changed, in the same rounds.

The rules cite these rows: `derive.measured` turns them into the catalogue's `measured.json`, and `byocgen explain` shows them.
"""

from __future__ import annotations

from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks import rounds, workloads
from benchmarks.environments import Unavailable
from benchmarks.ours import Ours, ours
from benchmarks.results import TuningRow

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.results import Cell
    from benchmarks.rounds import Settings
    from benchmarks.workloads import Workload


@dataclass(frozen=True, slots=True)
class Rule:
    """`chosen` is what the plan chooses on two vCPUs, `other` what it does not: workers, settings, `serving.optimize`."""

    name: str
    model: str
    rows: int
    connections: int
    chosen: Ours
    other: Ours
    workers: tuple[int, int] = (2, 2)


def _ours(name: str, optimize: str = "auto", **settings: str) -> Ours:
    return ours(name, optimize=optimize, settings=tuple(settings.items()))


RULES = (
    # Where the model takes the time: of a small one, wrk beside it on the same machine takes as much, and a core of its own.
    Rule("workers", "forest", 100, 16, _ours("2 workers"), _ours("1 worker"), (2, 1)),
    Rule("workers", "xgboost", 100, 16, _ours("2 workers"), _ours("1 worker"), (2, 1)),
    Rule(
        "threads", "classifier", 1, 16,
        _ours("2 workers of 1 thread", blas_threads="1"), _ours("1 worker of 2 threads", blas_threads="2"), (2, 1),
    ),
    Rule("batch_size", "logistic", 1, 64, _ours("joined, library itself", "off"), _ours("one by one", "off", batch_size="1")),
    Rule("batch_size", "forest", 1, 64, _ours("joined, library itself", "off"), _ours("one by one", "off", batch_size="1")),
    Rule("batch_size", "classifier", 1, 64, _ours("joined"), _ours("one by one", batch_size="1")),
    Rule("lane", "logistic", 1, 1, _ours("in the event loop"), _ours("in a thread", lane='"threads"')),
    Rule("http", "logistic", 1, 64, _ours("direct"), _ours("through ASGI", http='"asgi"')),
    Rule("optimize", "logistic", 1, 1, _ours("compiled"), _ours("library itself", "off")),
    Rule("optimize", "forest", 1, 1, _ours("compiled"), _ours("library itself", "off")),
    Rule("optimize", "xgboost", 1, 1, _ours("compiled"), _ours("library itself", "off")),
    Rule("optimize", "classifier", 1, 1, _ours("compiled"), _ours("library itself", "off")),
)  # fmt: skip


def measure(rules: Sequence[Rule], settings: Settings) -> list[TuningRow]:
    """Load both sides of each rule in turn; a side that cannot be had here leaves its rule out."""
    found = []
    for rule in rules:
        workload = next(one for one in [*workloads.TABULAR, *workloads.TEXT] if _is(one, rule))
        with ExitStack() as stack:
            try:
                up = {
                    side.name: (side, rounds.begin(stack, side, rule.model, workers, f"{rule.name}-{place}"))
                    for place, (side, workers) in enumerate(zip((rule.chosen, rule.other), rule.workers, strict=True))
                }
            except Unavailable as error:
                rounds.say(f"  {rule.name}, {rule.model}: left out: {error}")
                continue
            at = rounds.Settings(settings.rounds, settings.seconds, (rule.connections,))
            cells = {cell.server: cell for cell in rounds.in_turn(up, workload, at)}
            found.append(_row(rule, workload, cells[rule.chosen.name], cells[rule.other.name]))
    return found


def _is(workload: Workload, rule: Rule) -> bool:
    return (workload.model, workload.rows, workload.form) == (rule.model, rule.rows, "json")


def _row(rule: Rule, workload: Workload, chosen: Cell, other: Cell) -> TuningRow:
    return TuningRow(
        rule.name, workload.name, rule.connections, chosen.server, other.server,
        chosen.rps, other.rps, chosen.p99_ms, other.p99_ms,
    )  # fmt: skip
