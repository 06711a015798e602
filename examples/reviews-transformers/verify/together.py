"""Many requests at the same moment."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .wire import Outcome


def together(count: int, ask: Callable[[], Outcome]) -> list[Outcome]:
    """Ask `count` times at once and give every outcome."""
    with ThreadPoolExecutor(count) as pool:
        return [one.result() for one in [pool.submit(ask) for _ in range(count)]]
