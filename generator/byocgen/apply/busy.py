"""One run at a time: who changes a project holds the lock of its folder, and a second one is refused.

Rules: the lock is the kernel's, on the folder itself: it leaves no file behind and ends with the process, however that
ends. Where a file system has no such locks, the journal's folder refuses a second run: only one can make it.
"""

from __future__ import annotations

import contextlib
import errno
import os
from typing import TYPE_CHECKING

from byocgen.errors import ToolError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

BUSY = "another byocgen is changing this project"
LATER = "try again when it is done"


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Hold the project's folder.

    Raises:
        UsageError: there is no such folder.
        ToolError: another run holds it.
    """
    try:
        descriptor = os.open(root, os.O_RDONLY)
    except OSError as error:
        raise UsageError(f"the folder {root} cannot be opened: {error.strerror}") from error
    try:
        _hold(descriptor)
        yield
    finally:
        os.close(descriptor)


def _hold(descriptor: int) -> None:
    import fcntl  # noqa: PLC0415 - Windows has none, and `byocgen new` needs none

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise ToolError(BUSY, LATER) from error
