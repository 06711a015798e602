"""From a manifest's bytes to a `Manifest`, with everything that is wrong found in one go.

Rules: pydantic judges, this module words. A field that pydantic refuses is taken out and the rest is judged again, so
that the rules between fields still speak about the parts that are right.
"""

from __future__ import annotations

import copy
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from byocgen.diagnostics import Diagnostic, Key, has_errors
from byocgen.manifest import contradictions, pending, source, wording
from byocgen.manifest.model import Manifest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails


_STAND_INS: dict[Key, Any] = {
    ("version",): 1,
    ("name",): "stand-in",
    ("model",): {"framework": "python"},
    ("model", "framework"): "python",
}
"""What required fields are taken for while the rest of a wrong manifest is judged; `python` has no rules of its own."""
_OF_MODE = frozenset({"BYO301", "BYO303", "BYO304", "BYO310"})
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """A manifest with the text that it came from.

    `manifest` is None when `diagnostics` has an error that leaves nothing to judge; `source` is None when the text is
    not YAML. `diagnostics` are located and in the order of their lines.
    """

    manifest: Manifest | None
    source: source.Source | None
    diagnostics: tuple[Diagnostic, ...]

    @property
    def usable(self) -> bool:
        """Whether the manifest may be acted on."""
        return self.manifest is not None and not has_errors(self.diagnostics)


@cache
def adapter() -> TypeAdapter[Manifest]:
    """Return pydantic's reader of a manifest, made once."""
    return TypeAdapter(Manifest)


def load(data: bytes, path: str) -> Loaded:
    """Read a manifest. `path` is what diagnostics call the file.

    Never raises, whatever the bytes are.
    """
    parsed, found = source.parse(data, path)
    if parsed is None:
        return Loaded(None, None, tuple(found))
    manifest, problems, refused = _validate(parsed)
    if manifest is not None:
        rules = [*contradictions.check(manifest), *pending.check(manifest)]
        problems += [one for one in rules if not _depends(one, refused)]
    return Loaded(manifest, parsed, arrange(parsed, [*found, *problems]))


def arrange(parsed: source.Source, diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Locate findings, drop repeated ones and sort them by line."""
    located = dict.fromkeys(parsed.locate(one) for one in diagnostics)
    return tuple(sorted(located, key=lambda one: (one.line, one.column, one.code, one.message)))


def _validate(parsed: source.Source) -> tuple[Manifest | None, list[Diagnostic], list[Key]]:
    """Validate; on errors take the refused fields out and try again with what is left."""
    try:
        return _judge(parsed.value), [], []
    except ValidationError as error:
        first = error
    problems = [wording.diagnose(one, wording.key_of(one["loc"], parsed.value), parsed) for one in _errors(first)]
    refused = [one.key for one in problems]
    rest, latest = copy.deepcopy(parsed.value), first
    for _ in range(_ROUNDS):
        for one in _errors(latest):
            _take_out(rest, wording.key_of(one["loc"], rest), missing=one["type"] == "missing")
        try:
            return _judge(rest), problems, refused
        except ValidationError as again:
            latest = again
    return None, problems, refused


def _errors(error: ValidationError) -> list[ErrorDetails]:
    return error.errors(include_url=False)


def _judge(value: Any) -> Manifest:
    """JSON is the mode in which strict pydantic takes a list for a tuple and a mapping for a dataclass."""
    return adapter().validate_json(json.dumps(value))


def _take_out(value: Any, key: Key, *, missing: bool) -> None:
    """Remove a field; put a stand-in where the manifest cannot be without one."""
    if missing and key not in _STAND_INS:
        key = key[:-1]
    for part in key[:-1]:
        if not wording.holds(value, part):
            return
        value = value[part]
    if key in _STAND_INS:
        value[key[-1]] = copy.deepcopy(_STAND_INS[key])
    elif key and wording.holds(value, key[-1]):
        del value[key[-1]]


def _depends(finding: Diagnostic, refused: list[Key]) -> bool:
    """Whether a finding speaks of a field that was taken out, of one that lost a part, or of a mode that is wrong."""
    key = finding.key
    touched = any(key[: len(other)] == other or other[: len(key)] == key for other in refused if other)
    return touched or (finding.code in _OF_MODE and ("endpoint", "mode") in refused)
