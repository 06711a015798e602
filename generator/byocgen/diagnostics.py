"""What is wrong with a manifest or a project, as data.

Rules: a diagnostic is found anywhere, located once (`Source.locate` turns a key into a line and a column) and printed
only by `present`. Codes are public API: stable, never reused, one entry in `RULES` each, and every entry has a failing
example in the tests and a section in docs/diagnostics.md.
"""

from __future__ import annotations

import difflib
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

Key = tuple[str | int, ...]
"""Path of a value in the manifest: `("endpoint", "instance_type")`, list positions as numbers."""

DOCS = "https://github.com/byocgen/byocgen/blob/main/docs/diagnostics.md"


class Severity(StrEnum):
    """How much it matters: an error stops the command, a warning does not."""

    ERROR = "error"
    WARNING = "warning"


RULES: dict[str, str] = {
    "BYO101": "The file is not YAML",
    "BYO102": "More than one YAML document",
    "BYO103": "A key is written twice",
    "BYO104": "Anchors, aliases, merge keys and tags are not read",
    "BYO105": "A tab indents a line",
    "BYO106": "The file cannot be read as text",
    "BYO107": "The file is not a mapping",
    "BYO108": "A manifest of another version",
    "BYO201": "A required field is missing",
    "BYO202": "A field that does not exist",
    "BYO203": "A value that is not one of those allowed",
    "BYO204": "A value of the wrong type",
    "BYO205": "A number out of range",
    "BYO206": "A text of the wrong form",
    "BYO207": "A number where a text is wanted: quote it",
    "BYO301": "A block of another mode",
    "BYO302": "An instance type that does not exist",
    "BYO303": "Two settings that exclude each other",
    "BYO304": "A limit of the platform is exceeded",
    "BYO305": "A framework version or Python that the catalogue lacks",
    "BYO306": "A path that leaves the project",
    "BYO307": "A region that does not exist",
    "BYO308": "The model does not fit the instance",
    "BYO309": "A file that cannot be given away",
    "BYO310": "An artifact of a kind that cannot be served",
    "BYO311": "A variable that is not the manifest's to set",
    "BYO312": "An instance type that the region lacks",
    "BYO313": "A build for GPUs that the instance does not run",
    "BYO315": "The artifact says otherwise",
    "BYO351": "A GPU that nothing uses",
    "BYO352": "The artifact is not there yet",
    "BYO353": "The sample model is made for something else",
    "BYO354": "More workers or threads than vCPUs",
    "BYO355": "An instance type that the region may lack",
    "BYO356": "A budget below what the endpoint costs",
    "BYO360": "The artifact runs what no model needs",
    "BYO361": "The artifact is broken",
    "BYO401": "Not generated yet",
}
"""Every code with its title. 1xx the text, 2xx one field, 3xx fields together (35x warnings), 4xx not generated yet."""


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One finding.

    `key` is where in the manifest; `line` and `column` count from 1 and are 0 until located; `snippet` is the whole
    line; `width` is how many columns the caret line marks; `on_name` marks the key's own name and not its value.
    """

    code: str
    message: str
    key: Key = ()
    help: str = ""
    severity: Severity = Severity.ERROR
    path: str = ""
    line: int = 0
    column: int = 0
    width: int = 1
    snippet: str = field(default="", repr=False)
    on_name: bool = False

    def __post_init__(self) -> None:
        if self.code not in RULES:
            raise AssertionError(f"diagnostic code {self.code} has no entry in RULES")

    @property
    def docs(self) -> str:
        """Page and section that explains the code."""
        return f"{DOCS}#{self.code.lower()}"

    def at(self, path: str, line: int, column: int, snippet: str, width: int = 1) -> Diagnostic:
        """Return this finding placed at a line and a column."""
        return replace(self, path=path, line=line, column=column, snippet=snippet, width=width)


def warning(code: str, message: str, key: Key, hint: str = "") -> Diagnostic:
    """Make a finding that does not stop the command."""
    return Diagnostic(code, message, key, hint, Severity.WARNING)


def has_errors(diagnostics: Iterable[Diagnostic]) -> bool:
    """Tell whether any finding stops the command."""
    return any(one.severity is Severity.ERROR for one in diagnostics)


def nearest(word: str, known: Iterable[str]) -> str:
    """Return the known word that was probably meant, or an empty text where none is near."""
    near = difflib.get_close_matches(word, sorted(known), n=1, cutoff=0.6)
    return near[0] if near else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """Return `did you mean "x"?` for the nearest known word, or an empty text where nothing is near."""
    near = nearest(word, known)
    return f'did you mean "{near}"?' if near else ""


def dotted(key: Key) -> str:
    """Write a key as people do: `model.inputs[0].name`."""
    text = ""
    for part in key:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text
