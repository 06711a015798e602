"""`python -m benchmarks`: installs the peers, serves the same models, loads them in turn, prints ratios."""

from __future__ import annotations

import argparse
import signal
import subprocess
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks import generating, limits, models, report, results, rounds, tuning, workloads
from benchmarks.environments import CACHE
from benchmarks.limits import LIMITS
from benchmarks.ours import OURS
from benchmarks.peers import PEERS, TEXT_MODELS

if TYPE_CHECKING:
    from benchmarks.peers import Peer

PARTS = ("logistic", "forest", "xgboost", "classifier", "generator", "memory", "tuning", "byocgen")


def main() -> int:
    """Run what is asked for and write it, part by part; return the exit code."""
    asked = _asked()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers end with the run
    settings = rounds.Settings(asked.rounds, asked.seconds, tuple(asked.connections))
    parts = [part for part in PARTS if not asked.part or part in asked.part]
    found = results.begin(asked.output / "results.json", asdict(settings), parts)
    servers = [
        one for one in [*OURS, *PEERS, *LIMITS] if not asked.server or any(name in one.name for name in asked.server)
    ]
    for part in parts:
        rounds.say(part)
        _measure(part, servers, settings, asked.manifests, found)
        results.write(found, asked.output / "results.json")
    text = report.markdown(found)
    (asked.output / "tables.md").write_text(text, "utf-8")
    sys.stdout.write(text)
    if found.cells:
        report.plot(found, asked.output / "throughput.png")
    return 0


def _measure(part: str, servers: list[Peer], settings: rounds.Settings, manifests: int, found: results.Results) -> None:
    asked = workloads_by_model()
    if part in asked:
        _make(part)
        standings, cells = rounds.measure(servers, part, asked[part], settings)
        found.standings.extend(standings)
        found.cells.extend(cells)
        if part not in TEXT_MODELS:
            found.alone.update({one.name: limits.alone(one) for one in asked[part] if one.form == "json"})
    elif part == "generator":
        _make(part)
        standings, streams = rounds.measure_streams(servers, settings)
        found.standings.extend(standings)
        found.streams.extend(streams)
    elif part == "memory":
        _make("logistic")
        found.standings.extend(
            rounds.memory([one for one in servers if one not in LIMITS], "logistic", results.MANY_WORKERS)
        )
    elif part == "tuning":
        for model in {rule.model for rule in tuning.RULES}:
            _make(model)
        found.tuning.extend(tuning.measure(tuning.RULES, settings))
    else:
        found.generator.update(generating.measure(settings.rounds, manifests))


def workloads_by_model() -> dict[str, list[workloads.Workload]]:
    """What each model is asked."""
    found: dict[str, list[workloads.Workload]] = {}
    for one in [*workloads.TABULAR, *workloads.TEXT]:
        found.setdefault(one.model, []).append(one)
    return found


def _make(model: str) -> None:
    """Make a model in a process of its own, with the libraries of this environment."""
    subprocess.run([sys.executable, models.__file__, str(CACHE / "models"), model], check=True)


def _asked() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="The generated server beside its peers.")
    parser.add_argument(
        "--part",
        action="append",
        choices=PARTS,
        help="what to measure; repeatable; none: all; others stay as measured today",
    )
    parser.add_argument("--server", action="append", help="only servers with this in their name; repeatable")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=3, help="of one spell of load")
    parser.add_argument("--connections", type=int, nargs="+", default=[1, 16, 64])
    parser.add_argument("--manifests", type=int, default=1000, help="rendered in one process")
    parser.add_argument(
        "--output", type=Path, default=CACHE / "report", help="folder of results.json, tables.md, throughput.png"
    )
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
