"""A private folder for what other programs must find in files: cookiecutter's output, the texts that git merges."""

from __future__ import annotations

import contextlib
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from byocgen.errors import ToolError

if TYPE_CHECKING:
    from collections.abc import Iterator


@contextlib.contextmanager
def folder() -> Iterator[Path]:
    """Make a folder outside the project, and remove it with all that is in it.

    Raises:
        ToolError: there is no place for one, or no room in it.
    """
    try:
        with tempfile.TemporaryDirectory(prefix="byocgen-") as made:
            yield Path(made)
    except OSError as error:
        reason = error.strerror or "not everything could be written"  # shutil says of each file what it was
        raise ToolError(f"no temporary files can be written: {reason}", "set TMPDIR to a folder with room") from error
