"""Containers as SageMaker starts them, and what may be asked of them.

A container here has no capability, no privilege to gain, a root that cannot be written, 1 GiB, and the model mounted
read-only. Tests differ from that only by what they name.
"""

from __future__ import annotations

import http.client
import json
import subprocess
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

AS_SAGEMAKER = (
    "--read-only", "--tmpfs=/tmp", "--cap-drop", "ALL", "--security-opt", "no-new-privileges",
    "--memory", "1g", "--memory-swap", "1g", "--pids-limit", "256",
)  # fmt: skip
START_SECONDS = 60  # to the first 200 of /ping, on a machine that does other things too
CLIENT = """
import http.client, sys
method, port, path, kind, body = sys.argv[1:]
connection = http.client.HTTPConnection("127.0.0.1", int(port), timeout=10)
try:
    connection.request(method, path, body.encode(), {"Content-Type": kind} if kind else {})
    response = connection.getresponse()
    print(response.status, response.read().decode(), sep="\\n", end="")
except OSError as error:
    print(0, error, sep="\\n", end="")
"""


@dataclass(frozen=True)
class Answer:
    """A response: its status (0 where there was no connection) and its body."""

    status: int
    body: str


@dataclass(frozen=True)
class Container:
    """A container that was started; `port` is the one it listens on, `address` where the host reaches it, if it can."""

    name: str
    port: int
    address: tuple[str, int] | None

    def ask(self, path: str, body: str = "", kind: str = "") -> Answer:
        """Send one request: GET without a body, POST with one."""
        method = "POST" if body else "GET"
        if self.address is None:
            command = ["python", "-I", "-c", CLIENT, method, str(self.port), path, kind, body]
            status, _, text = engine("exec", self.name, *command).partition("\n")
            return Answer(int(status), text)
        connection = http.client.HTTPConnection(*self.address, timeout=40)
        try:
            connection.request(method, path, body.encode(), {"Content-Type": kind} if kind else {})
            response = connection.getresponse()
            return Answer(response.status, response.read().decode())
        except (OSError, http.client.HTTPException) as error:
            return Answer(0, repr(error))
        finally:
            connection.close()

    def until_ready(self) -> Container:
        """Wait for the first 200 of /ping; raises AssertionError with the logs where it does not come."""
        deadline = time.monotonic() + START_SECONDS
        while self.ask("/ping").status != 200:
            assert self.state()["Running"], self.logs()
            assert time.monotonic() < deadline, self.logs()
            time.sleep(0.2)
        return self

    def until_logged(self, event: str) -> dict[str, Any]:
        """Wait for a log line whose event or message is `event` and return it."""
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            for line in self.events():
                if event in (line.get("event"), line.get("message")):
                    return line
            time.sleep(0.1)
        raise AssertionError(f"no {event!r} in:\n{self.logs()}")

    def until_healthy(self) -> None:
        """Wait for the engine's own health check to pass; raises AssertionError with its output where it does not."""
        deadline = time.monotonic() + START_SECONDS
        while (health := self.state()["Health"])["Status"] != "healthy":
            assert time.monotonic() < deadline, health
            time.sleep(0.2)

    def until_ended(self) -> int:
        """Wait for the container to end by itself and return its exit code."""
        return int(engine("wait", self.name))

    def events(self) -> list[dict[str, Any]]:
        """Return the log lines; raises ValueError for one that is not JSON."""
        return [json.loads(line) for line in self.logs().splitlines()]

    def logs(self) -> str:
        return engine("logs", self.name)

    def state(self) -> dict[str, Any]:
        state: dict[str, Any] = json.loads(engine("inspect", "--format", "{{json .State}}", self.name))
        return state

    def stop(self) -> int:
        """Stop as the platform does, SIGKILL 30 s after SIGTERM, and return the exit code."""
        engine("stop", "--time", "30", self.name)
        code: int = self.state()["ExitCode"]
        return code


def engine(*arguments: str) -> str:
    """Run docker and return what it wrote, both streams together. Raises CalledProcessError."""
    answer = subprocess.run(
        ["docker", *arguments], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False
    )
    if answer.returncode:
        raise subprocess.CalledProcessError(answer.returncode, ["docker", *arguments], answer.stdout)
    return answer.stdout


def start(image: str, model: Path, *options: str, network: str, port: int = 8080) -> Container:
    """Start a container with `serve`, as SageMaker does; `network` "none" gives one that only `docker exec` reaches."""
    published = [] if network == "none" else ["--publish", f"127.0.0.1::{port}"]
    command = ["run", "--detach", "--network", network, *published, *AS_SAGEMAKER]
    command += ["--volume", f"{model}:/opt/ml/model:ro", *options, image, "serve"]
    name = engine(*command).splitlines()[-1]
    if not published:
        return Container(name, port, None)
    host, _, mapped = engine("port", name, str(port)).splitlines()[0].rpartition(":")
    return Container(name, port, (host, int(mapped)))
