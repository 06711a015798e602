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
    """Start a server with a framework, a model folder and an inference.py; it lives as long as the module's tests."""
    with ExitStack() as stack:

        def start(framework: str, model: Path, inference: str = "") -> Server:
            project = assemble(tmp_path_factory.mktemp("project"), framework, inference)
            server = launch(stack, project, model, {})
            server.wait_until_loaded()
            return server

        yield start
