"""What a derivation has to say, and the two things to do with it: write it, or hold the committed files against it.

A derivation is a function from today's date to outputs; ``--check`` gives it the date already committed, so that only
facts differ. No other module of this package writes a file, prints or exits.
"""

import difflib
import json
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

CATALOG = Path(__file__).parents[1] / "byocgen" / "catalog"
DERIVED_LINE = re.compile(r'"derived": "(\d{4}-\d\d-\d\d)"')


@dataclass(frozen=True, slots=True)
class Output:
    """One file's path and whole text."""

    path: Path
    text: str


Derivation = Callable[[str], Sequence[Output]]


def rows_document(source: str, derived: str, **sections: Any) -> str:
    """Encode a data file: source and date first, and every element of a list on a line of its own for the diff."""
    fields = [f'"source": {_encode(source)}', f'"derived": {_encode(derived)}']
    for name, section in sections.items():
        if isinstance(section, list):
            rows = ",\n".join(f"    {_encode(row)}" for row in section)
            fields.append(f"{_encode(name)}: [\n{rows}\n  ]" if section else f"{_encode(name)}: []")
        else:
            fields.append(f"{_encode(name)}: {_encode(section)}")
    return "{\n  " + ",\n  ".join(fields) + "\n}\n"


def run(derivation: Derivation, dated: Path, arguments: Sequence[str]) -> None:
    """Do what the command line asks: no argument writes, ``--check`` compares. ``dated`` is the file with the date."""
    if list(arguments) not in ([], ["--check"]):
        sys.exit("usage: python -m derive.NAME [--check]")
    if not arguments:
        write(derivation(datetime.now(UTC).date().isoformat()))
        return
    difference = compare(derivation(committed_date(dated)))
    if difference:
        sys.stdout.write(difference)
        sys.exit(1)


def write(outputs: Sequence[Output]) -> None:
    """Write every output and name it."""
    for output in outputs:
        output.path.parent.mkdir(parents=True, exist_ok=True)
        output.path.write_text(output.text, "utf-8")
        sys.stdout.write(f"{output.path}\n")


def compare(outputs: Sequence[Output]) -> str:
    """The unified diff from the committed files to the outputs; empty when they are equal."""
    lines: list[str] = []
    for output in outputs:
        committed = output.path.read_text("utf-8") if output.path.exists() else ""
        name = output.path.name
        lines += difflib.unified_diff(
            committed.splitlines(keepends=True),
            output.text.splitlines(keepends=True),
            f"{name} (committed)",
            f"{name} (derived)",
        )
    return "".join(lines)


def committed_date(path: Path) -> str:
    """The date in a committed data file, today's where there is none yet."""
    found = DERIVED_LINE.search(path.read_text("utf-8")) if path.exists() else None
    return found[1] if found else datetime.now(UTC).date().isoformat()


def _encode(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)
