"""Requests on kept connections: does one wait for a busy worker while another is idle? `python -m benchmarks.queueing`.

A client as SageMaker's own is one: a pool of connections that stay open, each request on any that is free. The model
only waits (in a thread, as one on a GPU does), so that what is measured is where requests went.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import shutil
import subprocess
import sys
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.environments import CACHE
from benchmarks.load import median
from benchmarks.server import free_port, running

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

MODEL = """\
import time


def model_fn(model_dir):
    return {milliseconds} / 1000


def predict_fn(input_data, model):
    time.sleep(model)
    return input_data[:, 0]
"""
BODY = b'{"instances": [[5.1, 3.5, 1.4, 0.2]]}'
REQUEST = (
    b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n%b"
    % (len(BODY), BODY)
)


@dataclass(frozen=True, slots=True)
class Spell:
    """What one spell of load gave: requests a second, latencies in milliseconds."""

    rps: float
    p50_ms: float
    p99_ms: float


async def ask(port: int, connections: int, in_flight: int, seconds: float) -> Spell:
    """Keep `in_flight` requests under way, each on a free one of `connections`, chosen by chance."""
    chance = random.Random(connections * 1000 + in_flight)  # noqa: S311 - which connection, no secret
    pool = [await asyncio.open_connection("127.0.0.1", port) for _ in range(connections)]
    latencies: list[float] = []
    end = time.monotonic() + seconds

    async def one_by_one() -> None:
        while time.monotonic() < end:
            reader, writer = pool.pop(chance.randrange(len(pool)))
            began = time.perf_counter()
            writer.write(REQUEST)
            head = await reader.readuntil(b"\r\n\r\n")
            if not head.startswith(b"HTTP/1.1 200 "):
                raise ValueError(head.decode())
            length = next(line for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            await reader.readexactly(int(length.split(b":")[1]))
            latencies.append(time.perf_counter() - began)
            pool.append((reader, writer))

    began = time.monotonic()
    await asyncio.gather(*(one_by_one() for _ in range(in_flight)))
    spent = time.monotonic() - began
    for _, writer in pool:
        writer.close()
    latencies.sort()
    return Spell(len(latencies) / spent, median(latencies) * 1000, latencies[int(len(latencies) * 0.99)] * 1000)


def project(milliseconds: float, workers: int) -> Path:
    """Make a generated project whose model takes so long."""
    home = (CACHE / "queueing").absolute()
    shutil.rmtree(home, ignore_errors=True)
    home.parent.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "byocgen", "new", home.name, "--output", str(home.parent), "--yes"]
    options = ["--framework", "sklearn", "--instance-type", "ml.m5.large", "--set", f"serving.workers={workers}"]
    subprocess.run([*command, *options], check=True, capture_output=True)
    (home / "inference.py").write_text(MODEL.format(milliseconds=milliseconds), "utf-8")
    (home / "model").mkdir(exist_ok=True)
    return home


def measure(milliseconds: float, loads: Iterable[tuple[int, int]], workers: int, seconds: float) -> Iterable[str]:
    """Give a line of a table for each load."""
    home = project(milliseconds, workers)
    port = free_port()
    told = {"SM_MODEL_DIR": str(home / "model"), "SAGEMAKER_BIND_TO_PORT": str(port), "SM_NUM_CPUS": "8"}
    with running([sys.executable, "-m", "serving", "serve"], port, "/ping", told, home):
        time.sleep(3)  # until all workers are there
        for connections, in_flight in loads:
            found = asyncio.run(ask(port, connections, in_flight, seconds))
            best = min(workers, in_flight) * 1000 / milliseconds
            shown = f"{found.rps:,.1f} ({found.rps / best:.0%})"
            yield f"| {milliseconds:g} ms | {connections} | {in_flight} | {shown} | {found.p50_ms:,.1f} | {found.p99_ms:,.1f} |"


def main() -> int:
    """Print a table; return the exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.queueing", description="Requests behind a busy worker.")
    parser.add_argument("--milliseconds", type=float, nargs="+", default=[20, 400], help="that a prediction takes")
    parser.add_argument("--seconds", type=float, default=10, help="of one spell of load")
    parser.add_argument("--workers", type=int, default=2)
    asked = parser.parse_args()
    lines = [
        "| a prediction | kept connections | in flight | rps (of what the workers can) | p50 ms | p99 ms |",
        "|---" * 6 + "|",
    ]
    sys.stdout.write("\n".join(lines) + "\n")
    for milliseconds in asked.milliseconds:
        for line in measure(milliseconds, [(4, 2), (16, 2), (4, 4), (16, 4)], asked.workers, asked.seconds):
            sys.stdout.write(line + "\n")
            sys.stdout.flush()
    return 0


if __name__ == "__main__":
    sys.exit(main())
