"""Servers started as processes on this machine."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from .limits import MODELS_FOLDER, Mode
from .model_copy import ModelCopy
from .options import UnusableError
from .target import Way, variables
from .wire import Wire

if TYPE_CHECKING:
    from .options import Options

HOST = "127.0.0.1"
PLATFORMS = ("SAGEMAKER_", "SM_")
"""Prefixes of variables that only the suite sets."""


class Command:
    """A command line that starts a server."""

    relaxations = ("serve", "variables", "model_read_only")

    def __init__(self, options: Options) -> None:
        """Take what `options` says; nothing is started."""
        self._options = options
        self._made = Path(tempfile.mkdtemp(prefix="byocgen-verify-"))
        self._count = 0

    def launch(self, way: Way) -> Process:
        """Start the command. Raises UnusableError where there is no such program or folder."""
        self._count += 1
        folder = self._made / str(self._count)
        folder.mkdir()
        model = self._model(folder / "model", way)
        port = free_port()
        environ = self._environ(way, port, model.path if model else None)
        command = [*self._options.command, *(["serve"] if way.serve else [])]
        log = folder / "log"
        default_is_free = self._options.default_port != port and is_free(self._options.default_port)
        try:
            with log.open("wb") as output:
                process = subprocess.Popen(
                    command,
                    cwd=self._options.folder,
                    env=environ,
                    stdin=subprocess.DEVNULL,
                    stdout=output,
                    stderr=subprocess.STDOUT,
                    start_new_session=True,
                )
        except OSError as error:
            where = f" in {self._options.folder}" if str(self._options.folder) != "." else ""
            problem = f"{command[0]} cannot be run{where}: {error.strerror}"
            raise UnusableError(problem, "--command names a program") from None
        fallback = Wire(HOST, self._options.default_port) if default_is_free else None
        return Process(process, Wire(HOST, port), fallback, log, model)

    def close(self) -> None:
        """Remove logs and copies."""
        shutil.rmtree(self._made, ignore_errors=True)

    def _model(self, target: Path, way: Way) -> ModelCopy | None:
        source = self._options.model_dir
        if source is None or self._options.mode is Mode.MULTI_MODEL:
            return None
        try:
            return ModelCopy(source, target, read_only=way.model_read_only)
        except OSError as error:
            raise UnusableError(f"{source} cannot be copied: {error}", "--model-dir names a folder") from None

    def _environ(self, way: Way, port: int, model: Path | None) -> dict[str, str]:
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(PLATFORMS)}
        extra = variables(os.cpu_count() or 1) if way.variables else {}
        if model is not None:
            extra["SM_MODEL_DIR"] = str(model)
        elif self._options.mode is Mode.MULTI_MODEL:
            extra["SM_MODEL_DIR"] = MODELS_FOLDER
        return (
            inherited | extra | {"SAGEMAKER_BIND_TO_PORT": str(port)} | dict(way.environ) | dict(self._options.environ)
        )


class Process:
    """A process of ours and all that it starts, in a session of their own."""

    def __init__(
        self, process: subprocess.Popen[bytes], wire: Wire, fallback: Wire | None, log: Path, model: ModelCopy | None
    ) -> None:
        """Take what was started."""
        self._process = process
        self.wire = wire
        self.fallback = fallback
        self._log = log
        self._model = model

    def running(self) -> bool:
        """Say whether the process is there."""
        return self._process.poll() is None

    def terminate(self) -> None:
        """Send SIGTERM to the process, and to none of its children, as the platform does."""
        self._process.send_signal(signal.SIGTERM)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and give the exit code, negative for a signal; None if it still runs."""
        try:
            return self._process.wait(seconds)
        except subprocess.TimeoutExpired:
            return None

    def log(self) -> str:
        """Give what it wrote to stdout and stderr."""
        return self._log.read_text("utf-8", errors="replace")

    def loopback_only(self) -> bool | None:
        """Say whether another address of this machine than 127.0.0.1 is refused; None where it cannot be told."""
        other = "127.0.0.2"  # Linux answers for the whole of 127/8
        with contextlib.suppress(OSError), socket.create_server(("", 0)) as control:
            socket.create_connection((other, control.getsockname()[1]), 2).close()
            try:
                socket.create_connection((other, self.wire.port), 2).close()
            except OSError:
                return True
            return False
        return None

    def unreachable(self) -> bool:
        """Say no: on one machine everything can be reached."""
        return False

    def model_changes(self) -> list[str]:
        """Name what it changed in the model folder."""
        return self._model.changes() if self._model else []

    def end(self) -> None:
        """Kill it with all its children and remove its model folder."""
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()
        if self._model:
            self._model.remove()


def free_port() -> int:
    """Give a port that nothing listens on."""
    with socket.create_server((HOST, 0)) as probe:
        port: int = probe.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Say whether nothing listens on a port."""
    try:
        socket.create_connection((HOST, port), 1).close()
    except OSError:
        return True
    return False
