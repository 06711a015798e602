"""Servers started as containers, with what the platform grants them and no more."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import tempfile
import time
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .docker import DockerError, both_streams, docker, inspect
from .limits import MODEL_FOLDER, PORT_LABEL
from .model_copy import ModelCopy
from .options import UnusableError
from .process import free_port
from .target import Way, variables
from .wire import Wire

if TYPE_CHECKING:
    from .options import Options

FOREIGN_USER = "48879:48879"
"""A uid that no image knows, as serverless endpoints run them."""
ASSIGNED_PORT = 18080
HARDENED = ("--cap-drop", "ALL", "--security-opt", "no-new-privileges", "--pids-limit", "512")
SCRATCH = "/tmp:mode=1777"  # noqa: S108 - in the container
KNOWN_SECONDS = 0.5
LISTENING = "0A"  # a state in /proc/net/tcp
LOOPBACK = ("0100007F", "00000000000000000000000001000000")


class Image:
    """An image, and containers of it on a network of their own that leads nowhere."""

    relaxations = ("serve", "foreign_user", "root_read_only", "model_read_only", "network", "variables")

    def __init__(self, options: Options) -> None:
        """Look at the image. Raises UnusableError where there is no engine or no such image."""
        self._options = options
        self._made = Path(tempfile.mkdtemp(prefix="byocgen-verify-"))
        self._count = 0
        self._networks: dict[str, str] = {}
        try:
            self.about = inspect("image", options.image)
        except DockerError as error:
            self.close()
            raise UnusableError(f"{options.image}: {error}", "--image names an image that the engine has") from None

    @property
    def config(self) -> dict[str, Any]:
        """Give what the Dockerfile set: Entrypoint, User, Labels, WorkingDir."""
        found: dict[str, Any] = self.about.get("Config") or {}
        return found

    @property
    def labels(self) -> dict[str, str]:
        """Give the labels."""
        return self.config.get("Labels") or {}

    @cached_property
    def reachable(self) -> bool:
        """Say whether this machine reaches containers by their addresses, as it does where the engine runs here."""
        address = inspect("network", self._network(internal=True))["IPAM"]["Config"][0].get("Gateway", "")
        with contextlib.suppress(OSError), socket.create_server((address, 0)):
            return bool(address)
        return False

    def launch(self, way: Way) -> Container:
        """Start a container. Raises UnusableError where the engine refuses."""
        self._count += 1
        folder = self._made / str(self._count)
        source = self._options.model_dir
        model = None
        if source is not None:
            folder.mkdir()
            for path in (self._made, folder):
                path.chmod(0o755)
            model = ModelCopy(source, folder / "model", read_only=way.model_read_only)
        try:
            return self._run(way, model)
        except DockerError as error:
            raise UnusableError(f"docker run {self._options.image}: {error}") from None

    def close(self) -> None:
        """Remove networks and copies."""
        for name in self._networks.values():
            both_streams("network", "rm", name)
        shutil.rmtree(self._made, ignore_errors=True)

    def _run(self, way: Way, model: ModelCopy | None) -> Container:
        port = ASSIGNED_PORT if self.labels.get(PORT_LABEL) == "true" else self._options.default_port
        inside = self.reachable and not way.network
        command = [
            "run",
            "--detach",
            "--network",
            self._network(internal=inside),
            *HARDENED,
            "--tmpfs",
            SCRATCH,
        ]
        outside = 0
        if not inside:
            outside = free_port()
            command += ["--publish", f"127.0.0.1:{outside}:{port}"]
        command += ["--read-only"] if way.root_read_only else []
        command += ["--user", FOREIGN_USER] if way.foreign_user else []
        if self._options.memory:
            command += ["--memory", self._options.memory, "--memory-swap", self._options.memory]
        if model is not None:
            command += ["--volume", f"{model.path}:{MODEL_FOLDER}:{'ro' if way.model_read_only else 'rw'}"]
        for name, path in self._options.model_dirs.items():
            command += ["--volume", f"{path.resolve()}:{self._options.models[name]}:ro"]
        for name, value in self._environ(way, port).items():
            command += ["--env", f"{name}={value}"]
        name = docker(*command, self._options.image, *(["serve"] if way.serve else [])).strip()
        if not inside:
            return Container(name, Wire("127.0.0.1", outside), None, model)
        networks = inspect("container", name)["NetworkSettings"]["Networks"]
        address = next(iter(networks.values()))["IPAddress"] or "127.0.0.1"  # none: it has ended already
        default = Wire(address, self._options.default_port)
        return Container(name, Wire(address, port), default if port != default.port else None, model)

    def _environ(self, way: Way, port: int) -> dict[str, str]:
        extra = variables(os.cpu_count() or 1) if way.variables else {}
        told = {"SAGEMAKER_BIND_TO_PORT": str(port)} if port != self._options.default_port else {}
        return {**extra, **told, **way.environ, **self._options.environ}

    def _network(self, *, internal: bool) -> str:
        kind = "internal" if internal else "open"
        if kind not in self._networks:
            name = f"byocgen-verify-{kind}-{os.getpid()}-{id(self):x}"
            try:
                docker("network", "create", *(["--internal"] if internal else []), name)
            except DockerError as error:
                raise UnusableError(f"docker network create: {error}") from None
            self._networks[kind] = name
        return self._networks[kind]


class Container:
    """A container that was started."""

    def __init__(self, name: str, wire: Wire, fallback: Wire | None, model: ModelCopy | None) -> None:
        """Take what was started."""
        self.name = name
        self.wire = wire
        self.fallback = fallback
        self._model = model
        self._known_until = 0.0

    def running(self) -> bool:
        """Say whether process 1 is there, or was a moment ago: asking the engine takes a while."""
        if time.monotonic() > self._known_until:
            if not inspect("container", self.name)["State"]["Running"]:
                return False
            self._known_until = time.monotonic() + KNOWN_SECONDS
        return True

    def terminate(self) -> None:
        """Send SIGTERM to process 1."""
        both_streams("kill", "--signal", "TERM", self.name)

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and give the exit code; None if it still runs."""
        try:
            done = subprocess.run(
                ["docker", "wait", self.name], capture_output=True, text=True, timeout=seconds, check=False
            )
        except subprocess.TimeoutExpired:
            return None
        return int(done.stdout.strip() or -1)

    def log(self) -> str:
        """Give what it wrote to stdout and stderr."""
        return both_streams("logs", self.name)

    def loopback_only(self) -> bool | None:
        """Say no: it is asked at its own address."""
        return False

    def unreachable(self) -> bool:
        """Say whether it listens, but on 127.0.0.1 only; False where the image has no `cat` to look with."""
        ports = {f"{wire.port:04X}" for wire in (self.wire, self.fallback) if wire}
        tables = both_streams("exec", self.name, "cat", "/proc/net/tcp", "/proc/net/tcp6")
        rows = [line.split() for line in tables.splitlines()]
        places = [row[1].split(":") for row in rows if len(row) > 3 and row[3] == LISTENING and ":" in row[1]]
        mine = [address for address, port in places if port in ports]
        return bool(mine) and all(address in LOOPBACK for address in mine)

    def model_changes(self) -> list[str]:
        """Name what it changed in the model folder."""
        return self._model.changes() if self._model else []

    def end(self) -> None:
        """Remove it and its model folder."""
        both_streams("rm", "--force", "--volumes", self.name)
        if self._model:
            self._model.remove()
