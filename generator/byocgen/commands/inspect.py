"""`byocgen inspect`: what a model file says about itself."""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from byocgen import present
from byocgen.commands import findings
from byocgen.inspect.artifact import inspect

if TYPE_CHECKING:
    from pathlib import Path


def run(artifact: Path, *, as_json: bool) -> int:
    """Show the facts; return 1 where loading the file would run what no model needs.

    Raises:
        UsageError: there is no such file.
        ToolError: it is no model that is known, or a broken one.
    """
    facts = inspect(artifact)
    if as_json:
        present.put_json(_plain(asdict(facts)))
    else:
        present.pairs(facts.path, findings.rows(facts))
        for message, hint in findings.notes(facts):
            present.say(present.note(message, hint))
        for message, hint in findings.dangers(facts):
            present.say(present.failure(message, hint))
    return 1 if facts.suspicious else 0


def _plain(value: Any) -> Any:
    """Leave out what is not known."""
    if isinstance(value, dict):
        return {key: _plain(one) for key, one in value.items() if one is not None and one not in ((), {}, "")}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value
