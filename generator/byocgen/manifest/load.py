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
from byocgen.manifest import contradictions, pending, source, upgrade, wording
from byocgen.manifest.model import Manifest

if TYPE_CHECKING:
    from collections.abc import Iterable

    from pydantic_core import ErrorDetails


_STAND_INS: dict[Key, Any] = {
    ("version",): 1,
    ("name",): "stand-in",
    ("model",): {"framework": "python"},
    ("model", "framework"): "python",
}
"""What required fields are taken for while the rest of a wrong manifest is judged; `python` has the fewest rules."""
_MODE: Key = ("endpoint", "mode")
_INSTANCE: Key = ("endpoint", "instance_type")
_BETWEEN = frozenset(
    {"BYO301", "BYO303", "BYO304", "BYO305", "BYO308", "BYO310", "BYO315", "BYO351", "BYO353", "BYO354"}
)
_RESTS_ON: dict[Key, tuple[Key, ...]] = {
    ("endpoint",): (_MODE,),
    ("endpoint", "deployment"): (("endpoint", "deployment"),),
    ("endpoint", "instance_count"): (("endpoint", "autoscaling"),),
    ("endpoint", "instance_type"): (("model", "framework"), ("model", "size_gib"), ("model", "generation")),
    ("endpoint", "volume_size_gib"): (_INSTANCE,),
    ("model", "artifact"): (_MODE,),
    ("model", "framework_version"): (("model", "framework"),),
    ("model", "inputs"): (("model", "framework"), ("model", "artifact")),
    ("model", "python"): (("model", "framework_version"),),
    ("model", "requirements"): (("model", "framework"),),
    ("model", "generation"): (("model", "framework"),),
    ("model", "size_gib"): (_INSTANCE, ("serving", "workers"), ("model", "generation")),
    ("model", "task"): (("model", "framework"), ("model", "artifact")),
    ("network",): (_MODE,),
    ("security",): (("regions",),),
    ("serving",): (_MODE,),
    ("serving", "environment"): (("model", "artifact"), ("network",)),
    ("serving", "stream"): (("model", "framework"), ("model", "task"), ("model", "artifact")),
    ("serving", "threads"): (_INSTANCE, ("serving", "workers")),
    ("serving", "workers"): (_INSTANCE, ("serving", "threads"), ("model", "size_gib")),
}
"""For the codes that compare fields: what a finding at or below a key rests on beside the field where it stands. Where
that was refused, the finding would speak of a default that nobody asked for."""
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Loaded:
    """A manifest with the text that it came from.

    `manifest` is None when `diagnostics` has an error that leaves nothing to judge; `source` is None when the text is
    not YAML. `diagnostics` are located and in the order of their lines. `refused` are the fields that were taken out
    because they are wrong: in `manifest` they have their defaults.
    """

    manifest: Manifest | None
    source: source.Source | None
    diagnostics: tuple[Diagnostic, ...]
    refused: tuple[Key, ...] = ()

    @property
    def usable(self) -> bool:
        """Whether the manifest may be acted on."""
        return self.manifest is not None and not has_errors(self.diagnostics)

    def standing(self, findings: Iterable[Diagnostic]) -> list[Diagnostic]:
        """Return the findings that do not follow from a field that was refused."""
        return [one for one in findings if not _follows(one, self.refused)]


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
    other = upgrade.refuse(parsed)
    if other is not None:  # its fields are those of another version, so nothing else can be said of them
        return Loaded(None, parsed, arrange(parsed, [*found, other]))
    manifest, problems, refused = _validate(parsed)
    if manifest is not None:
        rules = [*contradictions.check(manifest), *pending.check(manifest)]
        problems += [one for one in rules if not _follows(one, refused)]
    return Loaded(manifest, parsed, arrange(parsed, [*found, *problems]), refused)


def arrange(parsed: source.Source, diagnostics: list[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Locate findings, drop repeated ones and sort them by line."""
    located = dict.fromkeys(parsed.locate(one) for one in diagnostics)
    return tuple(sorted(located, key=lambda one: (one.line, one.column, one.code, one.message)))


def _validate(parsed: source.Source) -> tuple[Manifest | None, list[Diagnostic], tuple[Key, ...]]:
    """Validate; on errors take the refused fields out and try again with what is left."""
    try:
        return _judge(parsed.value), [], ()
    except ValidationError as error:
        latest = error
    problems = [wording.diagnose(one, wording.key_of(one["loc"], parsed.value), parsed) for one in _errors(latest)]
    misspelt = [meant for one in problems if one.code == "BYO202" and (meant := wording.meant(one.key)) is not None]
    problems = [one for one in problems if one.code != "BYO201" or one.key not in misspelt]
    problems = [one for one in problems if one.code != "BYO205" or not _has_inside(one.key, problems)]
    refused = (*(one.key for one in problems), *misspelt)
    rest = copy.deepcopy(parsed.value)
    for _ in range(_ROUNDS):
        wrong = {wording.key_of(one["loc"], rest): one["type"] == "missing" for one in _errors(latest)}
        for key in sorted(wrong, key=_place, reverse=True):
            _take_out(rest, key, missing=wrong[key])
        try:
            return _judge(rest), problems, refused
        except ValidationError as again:
            latest = again
    return None, problems, refused


def _has_inside(key: Key, problems: list[Diagnostic]) -> bool:
    """Whether something in a list is wrong: pydantic counts only what is right in it."""
    return any(len(one.key) > len(key) and one.key[: len(key)] == key for one in problems)


def _place(key: Key) -> tuple[tuple[int, str], ...]:
    """Order keys so that of a list's items the last is taken out first: the others keep their positions."""
    return tuple((part, "") if isinstance(part, int) else (-1, part) for part in key)


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


def _follows(finding: Diagnostic, refused: tuple[Key, ...]) -> bool:
    """Whether a finding speaks of a field that was taken out, of one that lost a part, or rests on such a field."""
    keys = [finding.key]
    if finding.code in _BETWEEN:
        keys += [key for length in range(1, len(finding.key) + 1) for key in _RESTS_ON.get(finding.key[:length], ())]
    return any(_overlap(key, _whole(other)) for key in keys for other in refused if other)


def _overlap(one: Key, other: Key) -> bool:
    return one[: len(other)] == other or other[: len(one)] == one


def _whole(key: Key) -> Key:
    """Of a list's item return the list: the positions behind it have moved."""
    for index, part in enumerate(key):
        if isinstance(part, int):
            return key[:index]
    return key
