"""What could be reached at most: HTTP without a model, and the model without HTTP."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchmarks import environments, workloads
from benchmarks.environments import CACHE
from benchmarks.peers import APPS, TABULAR, Peer, Start

if TYPE_CHECKING:
    from benchmarks.workloads import Workload

HTTP = ("uvicorn[standard]==0.54.0",)
ALONE = """\
import json, sys, time
from served import load
predict, rows = load(sys.argv[1]), json.loads(sys.stdin.read())
spells = []
for _ in range(5):
    began, count = time.perf_counter(), 0
    while time.perf_counter() - began < 0.4:
        predict(rows[count % len(rows)]); count += 1
    spells.append(count / (time.perf_counter() - began))
print(sorted(spells)[2])
"""


def _fixed(_body: bytes) -> list[str]:
    return []


def _asgi(python: Path, start: Start) -> list[str]:
    quiet = ["--no-access-log", "--log-level", "warning"]
    where = ["--host", "127.0.0.1", "--port", str(start.port), "--workers", str(start.workers), "--app-dir", str(APPS)]
    return [str(python), "-m", "uvicorn", "--loop", "uvloop", "--http", "httptools", *where, *quiet, "limit_asgi:app"]


def _protocol(python: Path, start: Start) -> list[str]:
    return [str(python), str(APPS / "limit_protocol.py"), str(start.port), str(start.workers)]


LIMITS = [
    Peer("limit: uvicorn ASGI, no model", HTTP, _asgi, forms=("json", "csv"), answer=_fixed),
    Peer("limit: bare protocol, no model", HTTP, _protocol, forms=("json", "csv"), answer=_fixed),
]


def alone(workload: Workload) -> float:
    """Predictions a second of the model's own library in one process, with rows that are parsed already."""
    python = environments.python("alone-tables", TABULAR)
    bodies: list[Any] = workloads.instances(workload)
    done = subprocess.run(
        [str(python), "-c", ALONE, str((CACHE / "models" / workload.model).absolute())],
        input=json.dumps(bodies), capture_output=True, text=True, check=True, cwd=APPS,
        env={"PYTHONPATH": str(APPS), "PATH": str(Path(sys.executable).parent), "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    return float(done.stdout)
