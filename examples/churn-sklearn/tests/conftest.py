"""The server under test: a real process on a free port, serving model/, asked over HTTP. No AWS, no Docker."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from serving import hooks, settings
from serving.columns import Schema
from serving.errors import RequestError
from serving.hooks import Hooks
from serving.invocation import Invocation
from serving.predictor import Predictor
from serving.settings import Settings

PROJECT = Path(__file__).resolve().parent.parent
MODEL = PROJECT / "model"
PAYLOAD = PROJECT / "payload.json"
LONGEST_START = 240.0  # seconds; what the platform grants by default


class Server:
    """A running server, its address and its log."""

    def __init__(self, process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
        self.process = process
        self.port = port
        self.log = log
        self.http = httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=60)

    def post(self, body: bytes | str, content_type: str = "application/json", **headers: str) -> httpx.Response:
        return self.http.post("/invocations", content=body, headers={"Content-Type": content_type, **headers})

    def log_lines(self) -> list[dict[str, Any]]:
        lines = self.log.read_text(encoding="utf-8").splitlines()
        return [json.loads(line) for line in lines if line.startswith("{")]  # print() in inference.py writes others

    def wait_until_loaded(self) -> None:
        deadline = time.monotonic() + LONGEST_START
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                if self.http.get("/ping").status_code == 200:
                    return
            except httpx.TransportError:
                pass
            time.sleep(0.1)
        pytest.fail(f"the server did not start:\n{self.log.read_text(encoding='utf-8')}")


@contextmanager
def running(log: Path) -> Iterator[Server]:
    """Start a server on a free port, wait for its model, and end it."""
    if not MODEL.is_dir():
        pytest.skip("there is no model/: `make model` puts one there")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    environ = {**os.environ, "SM_MODEL_DIR": str(MODEL), "SAGEMAKER_BIND_TO_PORT": str(port)}
    command = [sys.executable, "-m", "serving", "serve"]
    with (
        log.open("wb") as output,
        subprocess.Popen(command, cwd=PROJECT, env=environ, stdout=output, stderr=subprocess.STDOUT) as process,
    ):
        server = Server(process, port, log)
        try:
            with server.http:
                server.wait_until_loaded()
                yield server
        finally:
            process.send_signal(signal.SIGTERM)
            process.wait(60)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """One server for all tests that leave it running."""
    with running(tmp_path_factory.mktemp("server") / "log") as started:
        yield started


@pytest.fixture(scope="session")
def config() -> Settings:
    """What serving.toml says, for the model in model/."""
    return settings.load({**os.environ, "SM_MODEL_DIR": str(MODEL)})


@pytest.fixture(scope="session")
def own() -> Hooks:
    """What inference.py defines."""
    return hooks.load(PROJECT)


@pytest.fixture(scope="session")
def predictor(config: Settings) -> Predictor:
    """The model behind the functions of inference.py, in this process."""
    if not MODEL.is_dir():
        pytest.skip("there is no model/: `make model` puts one there")
    return Predictor.load(config)


@pytest.fixture(scope="session")
def payload(request: pytest.FixtureRequest, own: Hooks) -> bytes:
    """A request that the model accepts: payload.json, else one made up from what is known of the inputs."""
    if PAYLOAD.exists():
        return PAYLOAD.read_bytes()
    if own.input_fn or own.transform_fn:
        pytest.skip("inference.py decodes requests itself: put one that it accepts into payload.json")
    predictor: Predictor = request.getfixturevalue("predictor")
    example = predictor.example_body()
    assert example is not None
    body, content_type = example
    try:
        predictor.answer(Invocation(body, content_type, "*/*"))
    except RequestError as error:
        form = '{"instances": [...]}'
        pytest.skip(f"write payload.json, {form} with one that the model accepts; a made-up one was refused: {error}")
    return body


@pytest.fixture(scope="session")
def instances(payload: bytes, own: Hooks) -> list[Any]:
    """What the payload holds, where the server decodes requests itself."""
    if own.input_fn or own.transform_fn:
        pytest.skip("inference.py decodes requests itself: what it accepts is for you to test")
    document = json.loads(payload)
    if isinstance(document, dict):
        document = document["instances"] if "instances" in document else document["inputs"]
    return document if isinstance(document, list) else [document]


@pytest.fixture(scope="session")
def rows(instances: list[Any], predictor: Predictor) -> list[list[Any]]:
    """The payload's rows as lists, where the model reads a table."""
    if not isinstance(predictor.inputs, Schema):
        pytest.skip("the model reads no table")
    names = predictor.inputs.names
    return [[row[name] for name in names] if isinstance(row, dict) else row for row in instances]


@pytest.fixture
def default_output(own: Hooks) -> None:
    """Skip what only holds for the server's own response format."""
    if own.output_fn or own.transform_fn:
        pytest.skip("inference.py writes answers itself: what they are is for you to test")
