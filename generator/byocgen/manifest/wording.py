"""What a pydantic error says to a person: one place, one wording a kind of error."""

from __future__ import annotations

import re
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any

from byocgen.diagnostics import Diagnostic, Key, did_you_mean, dotted, nearest
from byocgen.manifest.model import BLOCKS, Batching, Manifest

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

    from byocgen.manifest.source import Source

_KINDS = {
    "int_type": "a whole number",
    "int_from_float": "a whole number",
    "float_type": "a number",
    "bool_type": "true or false",
    "string_type": "a text",
    "tuple_type": "a list",
    "dict_type": "a mapping",
    "dataclass_type": "a mapping",
}
_RANGES = {
    "greater_than_equal": ("ge", "be at least"),
    "greater_than": ("gt", "be more than"),
    "less_than_equal": ("le", "be at most"),
    "too_short": ("min_length", "have at least"),
    "too_long": ("max_length", "have at most"),
    "string_too_short": ("min_length", "have at least"),
}
_OTHER_FORMS: dict[Key, str] = {
    ("serving", "workers"): "auto or a number",
    ("serving", "threads"): "auto or a number",
    ("serving", "batching"): "auto, off or a block",
    ("endpoint", "serverless", "memory_mib"): "auto or one of 1024, 2048, 3072, 4096, 5120, 6144",
}
"""Fields that hold one of a few words or something else altogether."""
_NUMBER = re.compile(r"[-+]?[0-9]{1,18}")
_VERSION = re.compile(r"[0-9]+\.[0-9]+")
_EXAMPLES: dict[Key, str] = {
    ("version",): "write: version: 1",
    ("name",): "write: name: my-model",
    ("model",): "write: model: {framework: sklearn}",
    ("model", "framework"): "write: framework: sklearn",
}


def key_of(location: tuple[int | str, ...], value: Any) -> Key:
    """Turn pydantic's location into a key of the manifest: names of union branches and `[key]` are not in the file."""
    key: list[str | int] = []
    for index, part in enumerate(location):
        last = index == len(location) - 1
        if holds(value, part):
            value = value[part]
        elif not (last and isinstance(value, dict) and part not in ("word", "value", "[key]")):
            continue
        key.append(part)
    return tuple(key)


def holds(value: Any, part: int | str) -> bool:
    """Whether a mapping or a list has this key or position."""
    if isinstance(value, list):
        return isinstance(part, int) and part < len(value)
    return isinstance(value, dict) and part in value


def diagnose(error: ErrorDetails, key: Key, parsed: Source) -> Diagnostic:
    """Word one error of pydantic's for the field at `key`."""
    kind, context = error["type"], error.get("ctx", {})
    name = f"`{dotted(key)}`"
    if kind == "missing":
        return Diagnostic("BYO201", f"{name} is missing", key, _EXAMPLES.get(key, ""))
    if kind == "unexpected_keyword_argument":
        return _unknown(key)
    if kind == "literal_error":
        return _not_one_of(key, str(context["expected"]), parsed)
    if kind in _RANGES:
        limit, words = _RANGES[kind]
        count = str(context[limit]).removesuffix(".0")
        unit = _unit(_value(key, parsed), plural=count != "1") if "length" in limit else ""
        return Diagnostic("BYO205", f"{name} must {words} {count}{unit}", key)
    if kind in _KINDS:
        return _wrong_type(key, _KINDS[kind], parsed)
    code = "BYO206" if kind == "text_form" else "BYO204"
    found = Diagnostic(code, f"{name}: {error['msg']}", key, context.get("hint", ""))
    return replace(found, on_name=True) if error["loc"][-1:] == ("[key]",) else found


def _unit(value: Any, *, plural: bool) -> str:
    """Name what a length counts."""
    if isinstance(value, str):
        return " characters" if plural else " character"
    return " entries" if plural else " entry"


def meant(key: Key) -> Key | None:
    """Return the field that an unknown one was probably meant to be."""
    near = nearest(str(key[-1]), known_fields(key[:-1]))
    return (*key[:-1], near) if near else None


def _unknown(key: Key) -> Diagnostic:
    known = known_fields(key[:-1])
    guess = did_you_mean(str(key[-1]), known)
    message = f'there is no field "{key[-1]}"' + (f" in `{dotted(key[:-1])}`" if len(key) > 1 else "")
    return Diagnostic("BYO202", message, key, guess or f"the fields are: {', '.join(known)}")


def _not_one_of(key: Key, expected: str, parsed: Source) -> Diagnostic:
    quoted = re.findall(r"'([^']*)'", expected)
    allowed = quoted or re.findall(r"[0-9]+", expected)
    mark = parsed.marks.get(key)
    raw = mark.raw if mark else None
    numeric = _number_written_as_text(key, parsed) if quoted else None
    if numeric is not None:
        hint = f"{numeric}; allowed are: {', '.join(allowed)}"
        return Diagnostic("BYO207", f"`{dotted(key)}` is a number where a text is wanted", key, hint)
    words = allowed[0] if len(allowed) == 1 else "one of " + ", ".join(allowed)
    message = f"`{dotted(key)}` is {_OTHER_FORMS.get(key, words)}"
    hint = _near(raw or "", allowed, number=not quoted or key in _OTHER_FORMS)
    return Diagnostic("BYO203", message + (f", not {_shown(raw)}" if raw is not None else ""), key, hint)


def _near(raw: str, allowed: list[str], *, number: bool) -> str:
    """Guess which of the allowed values was meant: of numbers by distance, of versions by their beginning."""
    if _NUMBER.fullmatch(raw) and number:
        numbers = [int(one) for one in allowed if one.isdecimal()]
        if not numbers or int(raw) in numbers:
            return f"without quotes: {raw}"
        return f"the nearest is {min(numbers, key=lambda one: abs(one - int(raw)))}" if len(numbers) > 1 else ""
    if all(_VERSION.fullmatch(one) for one in allowed):
        within = next((one for one in allowed if raw.startswith(f"{one}.")), "")
        return f'did you mean "{within}"?' if within else ""
    return did_you_mean(raw, allowed)


def _wrong_type(key: Key, wanted: str, parsed: Source) -> Diagnostic:
    name = f"`{dotted(key)}`"
    mark = parsed.marks.get(key)
    numeric = _number_written_as_text(key, parsed) if wanted == "a text" else None
    if numeric is not None:
        return Diagnostic("BYO207", f"{name} is a number where a text is wanted", key, numeric)
    if mark is None or mark.raw is None:
        return Diagnostic("BYO204", f"{name} must be {wanted}", key)
    if mark.raw in ("", "~", "null"):
        return Diagnostic(
            "BYO204", f"{name} has no value; {wanted} is wanted", key, "give it a value or delete the line"
        )
    hint = ""
    if wanted == "true or false" and mark.raw.lower() in ("yes", "no", "on", "off", "y", "n"):
        hint = "byocgen reads YAML 1.2, where yes, no, on and off are texts: write true or false"
    elif wanted == "a text":
        hint = f'put it in quotes: "{mark.raw}"'
    elif "number" in wanted and re.fullmatch(r"[-+]?[0-9.]+", mark.raw):
        hint = f"without quotes: {mark.raw}" if isinstance(_value(key, parsed), str) else ""
    return Diagnostic("BYO204", f"{name} must be {wanted}, not {_shown(mark.raw)}", key, hint)


def _number_written_as_text(key: Key, parsed: Source) -> str | None:
    """Return the hint for a version-like number without quotes: YAML reads 3.10 as 3.1."""
    value, mark = _value(key, parsed), parsed.marks.get(key)
    if isinstance(value, bool) or not isinstance(value, int | float) or mark is None or mark.raw is None:
        return None
    read = f"YAML reads {mark.raw} as the number {value}; " if str(value) != mark.raw else ""
    return f'{read}put it in quotes: "{mark.raw}"'


def _value(key: Key, parsed: Source) -> Any:
    value = parsed.value
    for part in key:
        value = value[part]
    return value


def _shown(raw: str | None) -> str:
    text = (raw or "").replace("\n", " ")
    return f'"{text[:60]}..."' if len(text) > 60 else f'"{text}"'


def known_fields(key: Key) -> list[str]:
    """List the fields that may stand at `key`, as they are written in the file."""
    owner: Any = Manifest
    for part in key:
        if isinstance(part, int):
            continue
        owner = _type_of(owner, str(part))
    return [_written(field.name) for field in fields(owner)] if owner is not None else []


def _written(name: str) -> str:
    return name.rstrip("_")


def _type_of(owner: Any, name: str) -> Any:
    """Find the dataclass that a field holds, by the name that its annotation mentions."""
    for field in fields(owner) if owner is not None else ():
        if _written(field.name) == name:
            for word in re.findall(r"\w+", str(field.type)):
                candidate = _OF_WORD.get(word)
                if candidate is not None:
                    return candidate
    return None


_OF_WORD: dict[str, Any] = BLOCKS | {"BatchingOrWord": Batching}
