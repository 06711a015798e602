"""A running server: its start timed to the first healthy ping, its memory, its end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.environments import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

START_LIMIT = 180


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers its ping."""

    port: int
    pid: int
    start_seconds: float
    log: Path


@contextmanager
def alone(one: Running, among: Iterable[Running]) -> Iterator[None]:
    """Stop all servers but one meanwhile: some of them poll while nobody asks, which the others would pay for."""
    # Process by process: several servers have groups of their own for their workers.
    others = [pid for other in among if other.pid != one.pid for pid in _tree(other.pid)]
    try:
        _send(signal.SIGSTOP, others)
        yield
    finally:
        _send(signal.SIGCONT, others)


def _send(sign: signal.Signals, pids: Iterable[int]) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):  # it has ended since
            os.kill(pid, sign)


def free_port() -> int:
    """Find a port that is free, and the one above it too; below 49152, for multi-model-server takes no other.

    Raises:
        Unavailable: there is none.
    """
    for port in range(21000, 49000, 2):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise Unavailable("no port is free")


@contextmanager
def running(command: list[str], port: int, ping: str, environment: dict[str, str], folder: Path) -> Iterator[Running]:
    """Start a server in `folder`, wait for 200 at `ping`, and end it and all that it started.

    Raises:
        Unavailable: it did not get healthy; the end of its log is in the message.
    """
    folder.mkdir(parents=True, exist_ok=True)
    log = folder / "log.txt"
    with log.open("wb") as out:
        began = time.monotonic()
        process = subprocess.Popen(
            command, cwd=folder, stdout=out, stderr=out, env={**_clean(), **environment}, start_new_session=True
        )
        try:
            yield Running(port, process.pid, _healthy(process, port, ping, began, log), log)
        finally:
            _end(process)


def _clean() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "VIRTUAL_ENV"))}


def _healthy(process: subprocess.Popen[bytes], port: int, ping: str, began: float, log: Path) -> float:
    while time.monotonic() - began < START_LIMIT:
        if process.poll() is not None:
            break
        try:
            if ask(port, "GET", ping)[0] == 200:
                return time.monotonic() - began
        except OSError:
            pass
        except http.client.HTTPException:
            pass
        time.sleep(0.02)
    raise Unavailable(f"not healthy: {log.read_text('utf-8', 'replace').strip()[-600:]}")


def ask(port: int, method: str, path: str, body: bytes = b"", form: str = "") -> tuple[int, bytes]:
    """Send one request; return its status and body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60 if body else 2)
    try:
        connection.request(method, path, body or None, {"Content-Type": form} if form else {})
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _end(process: subprocess.Popen[bytes]) -> None:
    for sign in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(process.pid, sign)
        except ProcessLookupError:
            break
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            continue


def memory_mib(pid: int) -> float:
    """Sum the proportional set size of a process and all below it (Linux), MiB: shared pages count once among them."""
    total = 0
    for one in _tree(pid):
        try:
            lines = Path(f"/proc/{one}/smaps_rollup").read_text("utf-8").splitlines()
        except OSError:
            continue
        total += sum(int(line.split()[1]) for line in lines if line.startswith("Pss:"))
    return total / 1024


def _tree(pid: int) -> list[int]:
    """Find a process and all below it, the parents first."""
    children: dict[int, list[int]] = {}
    for path in Path("/proc").iterdir():
        if path.name.isdigit():
            try:
                parent = int((path / "stat").read_text("utf-8").rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(path.name))
    found, waiting = [], [pid]
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found
