"""Load from outside: wrk for answers, an asyncio client for streams."""

from __future__ import annotations

import asyncio
import json
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from benchmarks.environments import program

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

SCRIPT = """\
local bodies = {}
for index = 0, %(count)d - 1 do
  local file = io.open("%(folder)s/" .. index, "rb"); bodies[#bodies + 1] = file:read("*a"); file:close()
end
local turn = 0
request = function()
  turn = turn %% #bodies + 1
  return wrk.format("POST", "%(path)s", {["Content-Type"] = "%(form)s"}, bodies[turn])
end
done = function(summary, latency)
  local errors = summary.errors
  io.write(string.format('{"requests":%%d,"microseconds":%%d,"bad":%%d,"p50":%%d,"p99":%%d}\\n', summary.requests, summary.duration,
    errors.connect + errors.read + errors.write + errors.status + errors.timeout, latency:percentile(50), latency:percentile(99)))
end
"""


@dataclass(frozen=True, slots=True)
class Measured:
    """One spell of load: requests a second, latencies in milliseconds, answers that were none."""

    rps: float
    p50_ms: float
    p99_ms: float
    bad: int


@dataclass(frozen=True, slots=True)
class Target:
    """Where to send what."""

    port: int
    path: str
    form: str
    bodies: tuple[bytes, ...]


def load(target: Target, connections: int, seconds: float, folder: Path) -> Measured:
    """Keep `connections` requests in flight for `seconds`.

    Raises:
        Unavailable: wrk is not installed.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for index, body in enumerate(target.bodies):
        (folder / str(index)).write_bytes(body)
    values = {"count": len(target.bodies), "folder": folder.absolute(), "path": target.path, "form": target.form}
    script = folder / "load.lua"
    script.write_text(SCRIPT % values, "utf-8")
    command = [
        program("wrk"),
        "-t1",
        f"-c{connections}",
        f"-d{max(1, round(seconds))}s",
        "--timeout",
        "30s",
        "-s",
        str(script),
    ]
    done = subprocess.run([*command, f"http://127.0.0.1:{target.port}"], capture_output=True, text=True, check=True)
    found = json.loads(done.stdout.strip().splitlines()[-1])
    return Measured(
        rps=(found["requests"] - found["bad"]) / (found["microseconds"] / 1e6),
        p50_ms=found["p50"] / 1000,
        p99_ms=found["p99"] / 1000,
        bad=found["bad"],
    )


@dataclass(frozen=True, slots=True)
class Streamed:
    """Streams in parallel: seconds until all had ended, the median time to the first piece, and each one's text."""

    seconds: float
    first_ms: float
    texts: tuple[str, ...]


def stream(target: Target, streams: int) -> Streamed:
    """Send `streams` requests at one time and read each to its end.

    Raises:
        ValueError: an answer is none; it is the message.
    """
    began = time.monotonic()
    found = asyncio.run(_all(target, streams))
    firsts = sorted(first for first, _ in found)
    return Streamed(time.monotonic() - began, firsts[len(firsts) // 2] * 1000, tuple(spoken(body) for _, body in found))


async def _all(target: Target, streams: int) -> list[tuple[float, bytes]]:
    return await asyncio.gather(*(_one(target, target.bodies[index % len(target.bodies)]) for index in range(streams)))


async def _one(target: Target, body: bytes) -> tuple[float, bytes]:
    began = time.monotonic()
    reader, writer = await asyncio.open_connection("127.0.0.1", target.port)
    head = (
        f"POST {target.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {target.form}\r\nConnection: close\r\n"
        f"Accept: text/event-stream, */*;q=0.5\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    writer.write(head.encode() + body)
    answer = await reader.readuntil(b"\r\n\r\n")
    if b" 200 " not in answer.split(b"\r\n")[0]:
        raise ValueError((answer + await reader.read()).decode(errors="replace"))
    pieces = [await reader.read(65536)]
    at = time.monotonic() - began
    while chunk := await reader.read(65536):
        pieces.append(chunk)
    writer.close()
    whole = b"".join(pieces)
    return at, unchunked(whole) if b"chunked" in answer.lower() else whole


def unchunked(body: bytes) -> bytes:
    """Take the frames of chunked transfer coding off."""
    found, at = [], 0
    while at < len(body):
        line = body.index(b"\r\n", at)
        size = int(body[at:line], 16)
        found.append(body[line + 2 : line + 2 + size])
        at = line + 2 + size + 2
    return b"".join(found)


def spoken(body: bytes) -> str:
    """Give the words of a streamed answer: of server-sent events with a `text` each, or of plain text."""
    text = body.decode()
    if text.startswith(("data:", "event:")):
        events = [json.loads(line.removeprefix("data:")) for line in text.splitlines() if line.startswith("data:")]
        text = "".join(event.get("text", "") for event in events)
    return " ".join(text.split())


def median(values: Sequence[float]) -> float:
    """The middle value; of an even number the lower one, which was measured."""
    return sorted(values)[(len(values) - 1) // 2]
