"""The server that byocgen generates: both ways of HTTP, and the modes that a project's own tests do not start."""

from __future__ import annotations

import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path  # noqa: TC003 - pytest evaluates the fixtures' annotations
from typing import TYPE_CHECKING

import pytest

from byocgen import cli

if TYPE_CHECKING:
    from collections.abc import Callable

MINIMAL = "version: 1\nname: churn\nmodel: {framework: sklearn}\n"
COMMAND = f"{sys.executable} -m serving"
STREAM = """
import time

def model_fn(model_dir):
    return None

def predict_fn(input_data, model):
    for number in range(20):
        time.sleep(0.1)
        yield {"piece": number}
"""


@pytest.fixture(scope="module")
def project(make_project: Callable[[Path], Path], tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the shortest manifest's project, with its sample model."""
    project = make_project(tmp_path_factory.mktemp("ours") / "churn")
    subprocess.run([sys.executable, "train.py"], cwd=project, check=True, capture_output=True)
    return project


def verify(capsys: pytest.CaptureFixture[str], *options: str) -> dict[str, str]:
    """Run the suite on the server of the folder that the test stands in; give each check's status."""
    code = cli.run(["verify", "--json", "--command", COMMAND, "--payload", "payload.json", *options])
    shown = capsys.readouterr().out
    assert code == 0, shown
    return {check["code"]: check["status"] for check in json.loads(shown)["checks"]}


@pytest.mark.parametrize("way", ["direct", "asgi"])
def test_both_ways_of_http(
    make_project: Callable[[Path], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    way: str,
) -> None:
    """Whether plain requests are answered below ASGI or through the application, every rule holds."""
    project = make_project(tmp_path / "churn")
    subprocess.run([sys.executable, "train.py"], cwd=project, check=True, capture_output=True)
    settings = project / "serving.toml"
    text = settings.read_text("utf-8")
    assert 'http = "direct"' in text
    settings.write_text(text.replace('http = "direct"', f'http = "{way}"'), "utf-8")
    monkeypatch.chdir(project)
    found = verify(capsys, "--model-dir", "model", "--only", "V101,V2xx,V3xx,V4xx,V5xx")
    assert {code for code, status in found.items() if status == "passed"} >= {"V101", "V201", "V301", "V321", "V401"}


def test_batch(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project)
    found = verify(capsys, "--mode", "batch", "--model-dir", "model", "--only", "V101,V4xx,V6xx")
    assert {status for code, status in found.items() if code.startswith("V6")} == {"passed"}


def test_multi_model(
    project: Path,
    make_project: Callable[[Path, str], Path],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """As `make verify` of such a project asks for it."""
    many = make_project(tmp_path / "many", f"{MINIMAL}endpoint: {{mode: multi-model}}\n")
    shutil.copytree(project / "model", many / "model")
    asked = subprocess.run(
        ["make", "-n", "-o", ".venv/.ready", "verify"], cwd=many, check=True, capture_output=True, text=True
    )
    options = shlex.split(asked.stdout.splitlines()[-1])[3:]
    assert options[:2] == ["--mode", "multi-model"]
    monkeypatch.chdir(many)
    found = verify(capsys, *options, "--only", "V101,V5xx,V7xx")
    # V708 wants memory to be scarce, which needs a container: tests/image.
    assert {code: status for code, status in found.items() if code.startswith("V7") and status != "passed"} == {
        "V708": "skipped"
    }


def test_streams(project: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.chdir(project)
    settings = project / "serving.toml"
    settings.write_text(settings.read_text("utf-8").replace("stream = false", "stream = true"), "utf-8")
    (project / "inference.py").write_text(STREAM, "utf-8")
    found = verify(capsys, "--stream", "--accept", "text/event-stream", "--model-dir", "model", "--only", "V101,V8xx")
    assert {status for code, status in found.items() if code.startswith("V8")} == {"passed"}
