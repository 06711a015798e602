"""What a run measured: medians with their spread, as JSON that a later run can be held against."""

from __future__ import annotations

import json
import os
import platform
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks.load import median
from benchmarks.workloads import TOKENS

if TYPE_CHECKING:
    from collections.abc import Sequence

    from benchmarks.load import Measured, Streamed


MANY_WORKERS = 8
"""Of the part that measures memory."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A server under one load: the median of its rounds; `low` and `high` are the slowest and the fastest round."""

    server: str
    workload: str
    connections: int
    rps: float
    low: float
    high: float
    p50_ms: float
    p99_ms: float
    bad: int

    @classmethod
    def of(cls, server: str, workload: str, connections: int, spells: Sequence[Measured]) -> Cell:
        """Sum rounds up."""
        rates = [one.rps for one in spells]
        return cls(
            server, workload, connections, median(rates), min(rates), max(rates),
            median([one.p50_ms for one in spells]), median([one.p99_ms for one in spells]), sum(one.bad for one in spells),
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class StreamCell:
    """A server that streams: tokens a second of all streams together, milliseconds to the first piece."""

    server: str
    streams: int
    tokens_per_second: float
    first_ms: float

    @classmethod
    def of(cls, server: str, streams: int, spells: Sequence[Streamed]) -> StreamCell:
        """Sum rounds up."""
        rates = [streams * TOKENS / one.seconds for one in spells]
        return cls(server, streams, median(rates), median([one.first_ms for one in spells]))


@dataclass(frozen=True, slots=True)
class Standing:
    """A server by itself: seconds from its start to the first healthy ping, proportional memory in MiB after load."""

    server: str
    model: str
    workers: int
    start_seconds: float = 0
    memory_mib: float = 0
    missing: str = ""


@dataclass(frozen=True, slots=True)
class TuningRow:
    """A setting as the plan chooses it beside another, under one load."""

    rule: str
    workload: str
    connections: int
    chosen: str
    other: str
    chosen_rps: float
    other_rps: float
    chosen_p99_ms: float
    other_p99_ms: float


@dataclass(frozen=True, slots=True)
class Results:
    """One run."""

    machine: str
    day: str
    settings: dict[str, Any]
    standings: list[Standing] = field(default_factory=list)
    cells: list[Cell] = field(default_factory=list)
    streams: list[StreamCell] = field(default_factory=list)
    alone: dict[str, float] = field(default_factory=dict)
    """Predictions a second of the model in process, by workload."""
    tuning: list[TuningRow] = field(default_factory=list)
    generator: dict[str, float] = field(default_factory=dict)
    """Seconds of byocgen itself."""

    def without(self, part: str) -> Results:
        """Leave out what a part of a run measures, to measure it again."""
        return replace(
            self,
            standings=[one for one in self.standings if _part_of(one) != part],
            cells=[one for one in self.cells if not one.workload.startswith(part)],
            streams=[] if part == "generator" else self.streams,
            alone={name: value for name, value in self.alone.items() if not name.startswith(part)},
            tuning=[] if part == "tuning" else self.tuning,
            generator={} if part == "byocgen" else self.generator,
        )


def _part_of(standing: Standing) -> str:
    return "memory" if standing.workers == MANY_WORKERS else standing.model


def machine() -> str:
    """Say what it ran on."""
    model = ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.partition(":")[2].strip()
            for line in info.read_text("utf-8").splitlines()
            if line.startswith("model name")
        ]
        model = names[0] if names else ""
    return f"{os.cpu_count()} CPUs ({model or platform.machine()}), Python {platform.python_version()}, {platform.system()}"


def today() -> str:
    """Give the day, as ISO writes it."""
    return datetime.now(UTC).date().isoformat()


def write(results: Results, path: Path) -> None:
    """Write a run as JSON."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(asdict(results), indent=1) + "\n", "utf-8")


def begin(path: Path, settings: dict[str, Any], parts: Sequence[str]) -> Results:
    """Begin a run of some parts; the others stay as this machine measured them, on the same day and in the same way."""
    new = Results(machine(), today(), settings)
    if not path.exists():
        return new
    earlier = read(path)
    if (earlier.machine, earlier.day, earlier.settings) != (new.machine, new.day, json.loads(json.dumps(settings))):
        return new
    for part in parts:
        earlier = earlier.without(part)
    return earlier


def read(path: Path) -> Results:
    """Read a run."""
    found = json.loads(path.read_text("utf-8"))
    found["standings"] = [Standing(**one) for one in found["standings"]]
    found["cells"] = [Cell(**one) for one in found["cells"]]
    found["streams"] = [StreamCell(**one) for one in found["streams"]]
    found["tuning"] = [TuningRow(**one) for one in found["tuning"]]
    return Results(**found)
