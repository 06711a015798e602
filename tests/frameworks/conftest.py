"""Servers of a framework's layer: real processes, asked over HTTP."""

import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "serving"))

from app_under_test import Server, launch
from tests.frameworks.projects import assemble


@pytest.fixture(scope="module")
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[..., Server]]:
    """Start a server with a framework, a model folder and an inference.py; it lives as long as the module's tests.

    It has two workers, so that those of every framework are forks of a process that has loaded the model;
    `shares` is False where inference.py leaves threads.
    """
    with ExitStack() as stack:

        def start(framework: str, model: Path, inference: str = "", *, shares: bool = True) -> Server:
            project = assemble(tmp_path_factory.mktemp("project"), framework, inference, workers=2)
            server = launch(stack, project, model, {})
            server.wait_until_loaded()
            assert bool(server.events("model_not_shared")) is not shares
            return server

        yield start
