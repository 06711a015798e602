"""A project under test: its serving.toml, a server process of it, and what that logs and answers."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

IRIS = ("sepal length (cm)", "sepal width (cm)", "petal length (cm)", "petal width (cm)")
SERVER = {
    "workers": 1,
    "threads": 1,
    "blas_threads": 1,
    "queue_size": 8,
    "timeout_seconds": 60,
    "max_payload_bytes": 10_000,
    "drain_seconds": 20,
}

# An inference.py that needs no model: what comes in goes out.
MODEL = "def model_fn(model_dir): return 'model'\n"
ECHO = MODEL + "def predict_fn(input_data, model): return input_data\n"


def serving_toml(inputs: list[dict[str, Any]], **server: Any) -> str:
    """Write a serving.toml with the interface's keys."""
    lines = ["[model]", 'name = "churn"', 'framework = "sklearn"', 'framework_version = "1.9.1"', 'python = "3.12"']
    lines += ["[server]", *(f"{key} = {json.dumps(value)}" for key, value in {**SERVER, **server}.items())]
    for column in inputs:
        lines += ["[[inputs]]", *(f"{key} = {json.dumps(value)}" for key, value in column.items())]
    return "\n".join(lines) + "\n"


@dataclass
class Server:
    """A running server: its process, address and log."""

    process: "subprocess.Popen[bytes]"
    port: int
    log: Path
    http: httpx.Client = field(init=False)

    def __post_init__(self) -> None:
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def fresh(self) -> httpx.Client:
        """Give a client with connections of its own: another worker may answer."""
        return httpx.Client(base_url=f"http://127.0.0.1:{self.port}", timeout=30)

    def post(self, body: bytes | str, content_type: str = "application/json", **headers: str) -> httpx.Response:
        return self.http.post("/invocations", content=body, headers={"Content-Type": content_type, **headers})

    def log_lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.log.read_text(encoding="utf-8").splitlines()]

    def events(self, event: str) -> list[dict[str, Any]]:
        return [line for line in self.log_lines() if line.get("event") == event]

    def wait_for(self, event: str, count: int = 1) -> dict[str, Any]:
        """Wait for the log line with this event, and give it."""
        self.until(lambda: len(self.events(event)) >= count)
        return self.events(event)[count - 1]

    def wait_until_loaded(self) -> None:
        self.until(lambda: self.ping() == 200)

    def ping(self) -> int | None:
        try:
            return self.http.get("/ping").status_code
        except httpx.TransportError:
            return None

    def until(self, holds: Callable[[], bool]) -> None:
        deadline = time.monotonic() + 60
        while not holds():
            assert time.monotonic() < deadline, self.log.read_text(encoding="utf-8")
            time.sleep(0.05)

    def stop(self) -> int:
        """End it as the platform does, and give its exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(60)


Assemble = Callable[..., Path]
Start = Callable[..., Server]


def launch(stack: ExitStack, project: Path, model: Path, environ: dict[str, str]) -> Server:
    port = free_port()
    log = project / "log"
    places = {"SM_MODEL_DIR": str(model), "SAGEMAKER_BIND_TO_PORT": str(port), "SM_NUM_CPUS": "8"}
    output = stack.enter_context(log.open("wb"))
    process = subprocess.Popen(
        [sys.executable, "-m", "serving", "serve"],
        cwd=project,
        env={**os.environ, **places, **environ},
        stdout=output,
        stderr=subprocess.STDOUT,
    )
    server = Server(process, port, log)
    stack.callback(process.wait, 60)
    stack.callback(process.kill)  # the workers see that their supervisor is gone
    stack.enter_context(server.http)
    return server


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def accepts(port: int) -> bool:
    try:
        with socket.create_connection(("127.0.0.1", port), timeout=5):
            return True
    except ConnectionRefusedError:
        return False


def begin(server: Server, body: bytes = b"[[1]]") -> socket.socket:
    """Send a request and return once a worker is reading its body, so that it is in flight beyond doubt."""
    connection = socket.create_connection(("127.0.0.1", server.port), timeout=60)
    connection.sendall(b"POST /invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nExpect: 100-continue\r\n\r\n")
    assert connection.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sendall(body)
    return connection
