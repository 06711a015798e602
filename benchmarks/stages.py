"""Where a plain request's time goes inside the generated server: `python -m benchmarks.stages`; see profile.md.

One worker's code in one process, compiled models, connections that are stubs: no socket, no kernel, no client. What is
timed is the CPU of this thread. Its share for a stage: the median of the stage's calls, without the stages inside them.
"""

from __future__ import annotations

import asyncio
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

# Model, rows of a request, and requests at one time.
CASES = (
    *(("logistic", 1, count) for count in (1, 16, 64)),
    *((model, rows, 16) for model, rows in (("logistic", 100), ("forest", 1), ("forest", 100))),
    *(("xgboost", rows, 16) for rows in (1, 100)),
)
ROUNDS, TURNS, REQUESTS = 15, 200, 3200
STAGES = {
    "HTTP: parser and its callbacks, timers": ("protocol.LimitedProtocol.data_received",),
    "headers read, way chosen": ("direct.Direct.take", "direct.Direct.take_again"),
    "queue: a call, its turn, its batch": (
        "direct.Cycle.set",
        "gathering.Gathering.put",
        "gathering.Gathering._answer_here",
    ),
    "body to array": ("together.Together._read",),
    "model, for a batch": ("together.Together._predict",),
    "answer to JSON": ("together.encode",),
    "answer written": ("direct.Cycle._answer", "direct.Cycle._end", "direct.Cycle._send"),
    "counted and logged": ("access.ended", "access.began", "logs.Lines.flush"),
}


class Stub:
    """As much of a connection as a plain request needs."""

    written = 0

    def write(self, _data: bytes) -> None:
        """Count an answer."""
        Stub.written += 1

    def is_closing(self) -> bool:
        """It stays open."""
        return False

    def get_extra_info(self, _name: str, default: Any = None) -> Any:
        """Nothing is known."""
        return default


class Stopwatch:
    """Adds up the time of stages, each without those inside it."""

    def __init__(self) -> None:
        self.spent: dict[tuple[str, str], list[float]] = {}  # by stage and function
        self._inner = [0.0]

    def microseconds(self, stage: str, requests: int) -> float:
        """Give a stage's time for each of so many requests."""
        return (
            sum(median(found) * len(found) for (of, _), found in self.spent.items() if found and of == stage)
            / requests
            * 1e6
        )

    def around(self, stage: str, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        """Time a function."""
        found = self.spent.setdefault((stage, name), [])

        def timed(*arguments: Any, **named: Any) -> Any:
            self._inner.append(0.0)
            began = time.perf_counter()
            try:
                return work(*arguments, **named)
            finally:
                spent = time.perf_counter() - began
                inner = self._inner.pop()
                self._inner[-1] += spent
                found.append(spent - inner)

        return timed


def request_of(rows: int) -> bytes:
    """Give a request of so many rows."""
    sys.path.insert(0, str(Path(__file__).parents[1]))
    from benchmarks import workloads  # noqa: PLC0415

    body = workloads.plain(workloads.tables(rows)[0])
    head = (
        b"POST /invocations HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n"
    )
    return head % len(body) + body


async def bare(request: bytes, connections: int) -> float:
    """Time what no server can do without: httptools reads the request, one write answers."""
    import httptools  # noqa: PLC0415

    class Bare:
        def __init__(self) -> None:
            self.transport, self.parser = Stub(), httptools.HttpRequestParser(self)

        def on_message_complete(self) -> None:
            self.transport.write(b"HTTP/1.1 200 OK\r\ncontent-length: 19\r\n\r\n" + b'{"predictions":[0]}')

    protocols = [Bare() for _ in range(connections)]

    def once() -> None:
        for one in protocols:
            one.parser.feed_data(request)

    return await spell(once, connections)


def turns_of(connections: int) -> int:
    """Give the turns of a round: of long ones, fewer."""
    return max(20, min(TURNS, REQUESTS // connections))


async def spell(once: Callable[[], object], connections: int) -> float:
    """Give the best of some rounds, microseconds a request."""
    found = []
    turns = turns_of(connections)
    for _ in range(ROUNDS):
        began = time.thread_time()
        for _ in range(turns):
            Stub.written = 0
            once()
            while Stub.written < connections:  # noqa: ASYNC110 - its turns are what is timed
                await asyncio.sleep(0)
        found.append((time.thread_time() - began) / turns / connections * 1e6)
    return min(found)


async def served(request: bytes, connections: int) -> tuple[float, dict[str, float]]:
    """Time the project of the current folder: all, and its stages."""
    from serving import access, board, direct, gathering, logs, protocol, settings, together  # noqa: PLC0415
    from serving.engine import Engine  # noqa: PLC0415
    from serving.listening import Server  # noqa: PLC0415
    from serving.predictor import Predictor  # noqa: PLC0415

    logs.configure({})
    config = settings.load(os.environ)
    engine = Engine(config, board.make(1), 0)
    engine.loaded.set_result(Predictor.load(config))
    await engine.begin(engine.loaded.result())
    server = Server(lambda *_: None, lambda _: None, engine, quick=False)  # type: ignore[arg-type]
    server.config.load()
    made: Any = server.config.http_protocol_class
    protocols = [made(config=server.config, server_state=server.server_state, app_state={}) for _ in range(connections)]
    for one in protocols:
        one.connection_made(Stub())
    whole = await spell(lambda: [one.data_received(request) for one in protocols], connections)
    places = {"protocol": protocol, "direct": direct, "gathering": gathering, "together": together}
    places |= {"access": access, "logs": logs}
    watch = Stopwatch()
    for stage, names in STAGES.items():
        for name in names:
            home: Any = places[name.split(".")[0]]
            for part in name.split(".")[1:-1]:
                home = getattr(home, part)
            setattr(home, name.split(".")[-1], watch.around(stage, name, getattr(home, name.split(".")[-1])))
    await spell(lambda: [one.data_received(request) for one in protocols], connections)
    raw = {stage: watch.microseconds(stage, ROUNDS * turns_of(connections) * connections) for stage in STAGES}
    return whole, {stage: one / sum(raw.values()) * whole for stage, one in raw.items()}


def inside(rows: int, connections: int) -> None:
    """Print what was found as JSON, in the folder of a project."""
    import uvloop  # noqa: PLC0415

    report = os.fdopen(os.dup(1), "w")
    sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123 - the log, for as long as the process lives
    request = request_of(rows)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        limit = runner.run(bare(request, connections))
        whole, stages = runner.run(served(request, connections))
    found = {**stages, "**together**": whole, "bare protocol: parser and one write": limit}
    report.write(json.dumps(found))
    report.flush()


def main() -> int:
    """Time every case in the project that the benchmark made, or makes, of its model; return the exit code."""
    if sys.argv[1:2] == ["--inside"]:
        sys.path[0] = str(Path.cwd())
        inside(int(sys.argv[2]), int(sys.argv[3]))
        return 0
    from benchmarks.ours import ours  # noqa: PLC0415 - not in a project's environment

    columns, environ = [], {**os.environ, "SM_MODEL_DIR": "model", "OMP_NUM_THREADS": "1"}
    for model, rows, connections in CASES:
        python = ours("byocgen").python(model)
        folder = python.parents[2]
        command = [str(python), __file__, "--inside", str(rows), str(connections)]
        done = subprocess.run(command, cwd=folder, env=environ, check=True, stdout=subprocess.PIPE)
        columns.append(json.loads(done.stdout))
    heads = [f"{model}, {rows} row{'s' * (rows > 1)}, {connections}" for model, rows, connections in CASES]
    lines = ["| stage | " + " | ".join(heads) + " |", "|---" * (1 + len(heads)) + "|"]
    lines += [f"| {stage} | " + " | ".join(f"{column[stage]:.1f}" for column in columns) + " |" for stage in columns[0]]
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
