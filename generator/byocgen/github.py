"""Findings as workflow commands of GitHub Actions, which shows them at the lines of a pull request.

Rules: what comes from outside is escaped as GitHub's own toolkit does, and text that is only to be read is fenced: a
runner obeys commands in any line that a program writes.
Source: actions/toolkit, packages/core/src/command.ts; docs.github.com, "Workflow commands for GitHub Actions".
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from byocgen.diagnostics import Diagnostic


@dataclass(frozen=True, slots=True)
class Annotation:
    """One finding at a file; `line` and `column` count from 1, 0 means the whole file or line."""

    level: str
    """error, warning or notice."""
    message: str
    file: str
    line: int = 0
    column: int = 0
    title: str = ""


def command(one: Annotation) -> str:
    """Write an annotation as a line that the runner takes."""
    places = {"file": one.file, "line": one.line, "col": one.column, "title": one.title}
    given = ",".join(f"{name}={_property(str(value))}" for name, value in places.items() if value)
    return f"::{one.level} {given}::{_data(one.message)}\n"


def finding(one: Diagnostic, file: str) -> Annotation:
    """Annotate the manifest, which the repository knows as `file`."""
    message = f"{one.message}\n{one.help}" if one.help else one.message
    return Annotation(one.severity.value, message, file, one.line, one.column, one.code)


def fenced(text: str) -> str:
    """Let a text pass that a runner must not obey; the word that ends it is one that the text cannot hold."""
    if not text:
        return ""
    word = "byocgen-" + hashlib.sha256(text.encode("utf-8", "surrogateescape")).hexdigest()[:32]
    return f"::stop-commands::{word}\n{text}::{word}::\n"


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
