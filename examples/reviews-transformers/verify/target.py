"""What is tested: something that starts servers, and a server that it started."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from .wire import Wire


@dataclass(frozen=True, slots=True)
class Way:
    """How a server is started. The defaults are the platform's way; each field relaxes one of its demands."""

    serve: bool = True  # with the argument `serve`
    variables: bool = True  # with all variables that the platform or AWS's toolkits may set
    model_read_only: bool = True
    root_read_only: bool = True
    foreign_user: bool = True
    network: bool = False
    environ: Mapping[str, str] = field(default_factory=dict)


RELAXED = {
    "serve": "without the argument `serve`",
    "variables": "without the SM_* and SAGEMAKER_* variables",
    "model_read_only": "with a model folder that it may write to",
    "root_read_only": "with a root file system that it may write to",
    "foreign_user": "as the user that the image names",
    "network": "with a network",
}
"""What each field of a Way does to the start when it is turned over."""


def relax(way: Way, names: Iterable[str]) -> Way:
    """Turn over some of its fields."""
    turned: dict[str, Any] = {name: not getattr(way, name) for name in names}
    return replace(way, **turned)


class Launched(Protocol):
    """A server that was started, running or not."""

    @property
    def wire(self) -> Wire:
        """Where it should listen."""

    @property
    def fallback(self) -> Wire | None:
        """Where it listens if it ignores SAGEMAKER_BIND_TO_PORT; None if nothing can be concluded from that."""

    def running(self) -> bool:
        """Say whether the process is there."""

    def terminate(self) -> None:
        """Send SIGTERM to process 1."""

    def wait(self, seconds: float) -> int | None:
        """Wait for its end and give the exit code; None if it still runs."""

    def log(self) -> str:
        """Give what it wrote to stdout and stderr."""

    def loopback_only(self) -> bool | None:
        """Say whether other addresses of its machine than 127.0.0.1 are refused; None where it cannot be told."""

    def unreachable(self) -> bool:
        """Say whether it listens, but on 127.0.0.1 of its own container, where nothing of ours reaches it."""

    def model_changes(self) -> list[str]:
        """Name what it changed in the model folder."""

    def end(self) -> None:
        """End it at once and remove what was made for it."""


class Target(Protocol):
    """Starts servers."""

    @property
    def relaxations(self) -> tuple[str, ...]:
        """Give the demands that are worth relaxing when a server does not start."""

    def launch(self, way: Way) -> Launched:
        """Start one and do not wait for it. Raises UnusableError where that cannot be done at all."""

    def close(self) -> None:
        """Remove what was made for all of them."""


def variables(cpus: int) -> dict[str, str]:
    """Give the variables that a server must bear: the platform's own, and those of AWS's toolkits."""
    return {
        "SAGEMAKER_SAFE_PORT_RANGE": "21000-21999",
        "SM_NUM_CPUS": str(cpus),
        "SM_NUM_GPUS": "0",
        "SM_LOG_LEVEL": "20",
        "SM_NETWORK_INTERFACE_NAME": "eth0",
    }
