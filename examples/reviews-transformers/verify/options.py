"""What a run of the suite was asked to do."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from . import limits
from .limits import Mode

if TYPE_CHECKING:
    from collections.abc import Mapping

    from .example import Example


class UnusableError(Exception):
    """The suite cannot run as it was asked to; `str(error)` says why, `hint` what to change."""

    def __init__(self, message: str, hint: str = "") -> None:
        """Take one line of each."""
        super().__init__(message)
        self.hint = hint


@dataclass(frozen=True, slots=True)
class Options:
    """One of `url`, `command` and `image` says what is tested; the rest how.

    Numbers ending in `_seconds` are the platform's limits, which a test of the suite itself may shorten; `load_seconds`
    is how long the server is kept busy. `models` are those of a multi-model endpoint: by name the
    path that the server is told, and in `model_dirs` the folder that an image gets mounted there.
    """

    url: str = ""
    command: tuple[str, ...] = ()
    image: str = ""
    folder: Path = Path()  # where the command runs
    model_dir: Path | None = None
    models: Mapping[str, str] = field(default_factory=dict)
    model_dirs: Mapping[str, Path] = field(default_factory=dict)
    example: Example | None = None
    mode: Mode = Mode.REALTIME
    stream: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)
    memory: str = ""  # of the container, as docker writes it: 1g
    only: frozenset[str] = frozenset()
    skip: frozenset[str] = frozenset()
    start_timeout: float | None = None
    answer_timeout: float | None = None
    max_payload: int | None = None
    stop_seconds: float = limits.STOP_SECONDS
    ping_seconds: float = limits.PING_SECONDS
    load_seconds: float = limits.LOAD_SECONDS
    clients: int = 16
    default_port: int = limits.PORT

    @property
    def start_seconds(self) -> float:
        """Seconds until /ping must answer 200."""
        given = limits.START_SECONDS.get(self.mode, limits.DEFAULT_START_SECONDS)
        return given if self.start_timeout is None else self.start_timeout

    @property
    def answer_seconds(self) -> float:
        """Seconds until a request must be answered."""
        given = limits.ANSWER_SECONDS.get(self.mode, limits.DEFAULT_ANSWER_SECONDS)
        return given if self.answer_timeout is None else self.answer_timeout

    @property
    def payload_bytes(self) -> int:
        """Give the largest request that the platform lets through."""
        given = limits.PAYLOAD_BYTES.get(self.mode, limits.DEFAULT_PAYLOAD_BYTES)
        return given if self.max_payload is None else self.max_payload
