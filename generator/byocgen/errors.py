"""Errors that end a command.

    ByocgenError            every foreseeable failure; the command line prints it and exits with `exit_code`
    |- ManifestError        the manifest is wrong (1); holds every diagnostic found
    |- UsageError           the command was called in a way that cannot work (2)
    `- ToolError            something outside failed: a file, a folder, a missing program (2)

Rules: an error holds data and one hint that says what to change; it is worded where it is raised; a traceback that
reaches a user is a bug of ours.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from collections.abc import Sequence

    from byocgen.diagnostics import Diagnostic


class ByocgenError(Exception):
    """A foreseeable failure. `hint` says what to do about it."""

    exit_code: ClassVar[int] = 2

    def __init__(self, message: str, hint: str = "") -> None:
        """Take one line of `message` and, where there is a way out, one of `hint`."""
        super().__init__(message)
        self.message = message
        self.hint = hint


class ManifestError(ByocgenError):
    """The manifest cannot be used; `diagnostics` has all that is wrong with it, in the order of its lines."""

    exit_code = 1

    def __init__(self, diagnostics: Sequence[Diagnostic]) -> None:
        """Take every diagnostic, warnings included; at least one is an error."""
        super().__init__(f"the manifest has {len(diagnostics)} problem(s)")
        self.diagnostics = tuple(diagnostics)


class UsageError(ByocgenError):
    """The command line asks for something that cannot be."""


class ToolError(ByocgenError):
    """A file, a folder or a program outside byocgen did not do what was needed."""
