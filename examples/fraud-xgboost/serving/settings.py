"""Settings: serving.toml (written by byocgen, each value with its reason) and the platform's environment variables.

Read once at start, frozen afterwards. Everything that is wrong is a StartError that names the key or the variable.
"""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Any

from serving.columns import Column, ColumnType
from serving.errors import StartError

PROJECT = Path(__file__).resolve().parent.parent  # the folder that holds serving/, serving.toml and inference.py
CONTAINER_MODEL_DIR = "/opt/ml/model"  # where the platform unpacks model.tar.gz
CONTAINER_PORT = "8080"
MIB = 1024 * 1024
# A batch transform job: the platform's defaults of MaxPayloadInMB and of the time for one request, and its limit.
BATCH_PAYLOAD_MB = 6
LARGEST_BATCH_PAYLOAD_MB = 100
BATCH_TIMEOUT_SECONDS = 600
REMEDY = "`byocgen sync --force serving.toml` writes it again"


class Lanes(StrEnum):
    """Where predictions run: as measured when the model is warmed up, always in the event loop, always in threads."""

    AUTO = "auto"
    INLINE = "inline"
    THREADS = "threads"


class Way(StrEnum):
    """How /invocations and /ping are answered: below ASGI where that can be, or always by the application."""

    DIRECT = "direct"
    ASGI = "asgi"


@dataclass(frozen=True, slots=True)
class ModelSettings:
    """What the model was made with, and the folder that it lies in."""

    name: str
    framework: str
    framework_version: str
    folder: Path
    task: str = ""  # what the model is for, where its framework knows several; "" elsewhere
    native_threads: int = 1  # threads that one prediction may use inside the framework's own code
    context_tokens: int | None = None  # longest prompt and answer together; None: as many as the model can
    sequences: int = 16  # texts that are written at one time


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """The numbers that the server runs by; serving.toml explains each."""

    port: int
    workers: int  # those that run: never more than CPUs
    workers_configured: int
    cpus: int
    threads: int
    blas_threads: int
    queue_size: int
    timeout_seconds: int
    max_payload_bytes: int
    drain_seconds: int
    batch_size: int = 64  # requests that may be answered together; 1: each alone
    batch_delay_ms: float = 0.0  # how long a request may wait for others
    lane: Lanes = Lanes.AUTO
    http: Way = Way.DIRECT
    optimize: bool = True  # a faster equal of the model answers, where there is one
    stream: bool = False  # answers may be sent piece by piece
    batch: bool = False  # started for a batch transform job
    multi_model: bool = False  # started with no model of its own, to be told which to load


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything the server was told."""

    model: ModelSettings
    server: ServerSettings
    inputs: tuple[Column, ...]


def load(environ: Mapping[str, str], project: Path = PROJECT) -> Settings:
    """Read `project`/serving.toml and the environment. Raises StartError."""
    path = project / "serving.toml"
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
        server = _server(document["server"], environ)
        return Settings(_model(document["model"], server, environ), server, _inputs(document))
    except OSError as error:
        raise StartError(f"{path} cannot be read: {error.strerror}; {REMEDY}") from error
    except KeyError as error:
        raise StartError(f"{path} has no {error.args[0]!r}; {REMEDY}") from error
    except (ValueError, TypeError, AttributeError) as error:  # TOML and UTF-8 errors are ValueErrors
        raise StartError(f"{path}: {error}; {REMEDY}") from error


def _model(table: dict[str, Any], server: ServerSettings, environ: Mapping[str, str]) -> ModelSettings:
    folder = Path(environ.get("SM_MODEL_DIR") or CONTAINER_MODEL_DIR)
    named = {key: int(table[key]) for key in ("context_tokens", "sequences") if key in table}
    return ModelSettings(
        table["name"],
        table["framework"],
        table["framework_version"],
        folder,
        str(table.get("task", "")),
        server.blas_threads,
        **named,
    )


def _server(table: dict[str, Any], environ: Mapping[str, str]) -> ServerSettings:
    keys = ("threads", "blas_threads", "queue_size", "timeout_seconds", "max_payload_bytes", "drain_seconds")
    numbers: dict[str, Any] = {key: int(table[key]) for key in keys} | _gathering(table)
    cpus = _number(environ, "SM_NUM_CPUS", str(_cpus()))
    port = _number(environ, "SAGEMAKER_BIND_TO_PORT", CONTAINER_PORT)
    # More processes than CPUs only cost memory: each holds a model of its own.
    configured = int(table["workers"])
    workers = max(1, min(configured, cpus))
    batch = environ.get("SAGEMAKER_BATCH", "").lower() == "true"
    if batch:
        numbers["max_payload_bytes"] = _batch_payload_mb(environ) * MIB
        numbers["timeout_seconds"] = max(BATCH_TIMEOUT_SECONDS, numbers["timeout_seconds"])
    return ServerSettings(
        port=port,
        workers=workers,
        workers_configured=configured,
        cpus=cpus,
        **numbers,
        stream=table.get("stream", False) is True,
        batch=batch,
        multi_model=environ.get("SAGEMAKER_MULTI_MODEL", "").lower() == "true",
    )


def _gathering(table: dict[str, Any]) -> dict[str, Any]:
    # Values that a serving.toml may leave out.
    read = {"batch_size": int, "batch_delay_ms": float, "lane": Lanes, "http": Way}
    given = {key: kind(table[key]) for key, kind in read.items() if key in table}
    return {**given, "optimize": table.get("optimize", "auto") != "off"}


def _batch_payload_mb(environ: Mapping[str, str]) -> int:
    # 0 stands for "any size, chunked": as much as a payload of known size may be, for a body is held in memory.
    text = environ.get("SAGEMAKER_MAX_PAYLOAD_IN_MB") or str(BATCH_PAYLOAD_MB)
    if not text.isdecimal() or int(text) > LARGEST_BATCH_PAYLOAD_MB:
        problem = f"it must be a whole number from 0 to {LARGEST_BATCH_PAYLOAD_MB}"
        raise StartError(f"SAGEMAKER_MAX_PAYLOAD_IN_MB is {text!r}; {problem}")
    return int(text) or LARGEST_BATCH_PAYLOAD_MB


def _inputs(document: dict[str, Any]) -> tuple[Column, ...]:
    return tuple(_column(table) for table in document.get("inputs", []))


def _column(table: dict[str, Any]) -> Column:
    try:
        kind = ColumnType(table["type"])
    except ValueError as error:
        known = ", ".join(ColumnType)
        raise StartError(
            f"serving.toml: input {table['name']!r} has type {table['type']!r}; known are {known}"
        ) from error
    return Column(table["name"], kind, tuple(table.get("values", ())))


def _number(environ: Mapping[str, str], name: str, default: str) -> int:
    text = environ.get(name) or default
    if not text.isdecimal() or not 1 <= int(text) <= 65535:
        raise StartError(f"{name} is {text!r}; it must be a whole number from 1 to 65535")
    return int(text)


def _cpus() -> int:
    # The CPUs this process may use, which is fewer than the machine's under a cpuset. macOS has no such call.
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
