"""A server that somebody else started: it can be asked, and nothing more."""

from __future__ import annotations

import urllib.parse
from dataclasses import dataclass

from .options import UnusableError
from .wire import Wire


@dataclass(frozen=True, slots=True)
class Running:
    """A server at a URL."""

    wire: Wire
    fallback: None = None

    def running(self) -> bool:
        """Suppose it: only a request can tell."""
        return True

    def terminate(self) -> None:
        """Do nothing: it is not ours."""

    def wait(self, seconds: float) -> int | None:  # noqa: ARG002 - what every server has
        """Know no exit code."""
        return None

    def log(self) -> str:
        """Know no log."""
        return ""

    def loopback_only(self) -> bool | None:
        """Know nothing about its addresses."""
        return None

    def unreachable(self) -> bool:
        """Know nothing about its addresses."""
        return False

    def model_changes(self) -> list[str]:
        """Know no model folder."""
        return []

    def end(self) -> None:
        """Leave it running."""


def at(url: str) -> Running:
    """Read a URL. Raises UnusableError for one that is not http://host[:port][/prefix]."""
    try:
        parts = urllib.parse.urlsplit(url if "://" in url else f"http://{url}")
        port = parts.port or 80
    except ValueError as error:
        raise UnusableError(f"{url}: {error}", "for example: --url http://127.0.0.1:8080") from None
    if parts.scheme != "http" or not parts.hostname or parts.query or parts.username:
        raise UnusableError(f"{url} is no http://host:port", "the platform speaks plain HTTP to a container")
    return Running(Wire(parts.hostname, port, parts.path.rstrip("/")))
