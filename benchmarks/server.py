"""A running server: its start timed to the first healthy ping, its memory, its end."""

from __future__ import annotations

import http.client
import os
import signal
import socket
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from benchmarks.environments import Unavailable

if TYPE_CHECKING:
    from collections.abc import Iterator

START_LIMIT = 180


@dataclass(frozen=True, slots=True)
class Running:
    """A server that answers its ping."""

    port: int
    pid: int
    start_seconds: float
    log: Path


def free_port() -> int:
    """Ask the system for a port."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        port: int = one.getsockname()[1]
        return port


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
