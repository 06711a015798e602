"""Bytes and names that are on the disk when the call returns, whatever happens to the machine then."""

from __future__ import annotations

import contextlib
import os
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def write(path: Path, content: bytes, mode: int | None) -> None:
    """Write a file through to the disk; `mode` None is that of a new file."""
    with path.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    if mode is not None:
        path.chmod(mode)


def sync(folder: Path) -> None:
    """Write a folder's names through to the disk; where a file system cannot, its own order has to do."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
