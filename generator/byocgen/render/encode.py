"""Values to TOML, HCL and ignore files, so that no text of a user's ends a string, opens a template or starts a line.

Rules: every function here is total over its input; what Terraform reads is proven by Terraform in the tests, what
Python reads by tomllib.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from itertools import groupby
from typing import TypeAlias

Scalar: TypeAlias = str | int | float | bool | None
Value: TypeAlias = "Scalar | Sequence[Value] | Mapping[str, Value]"

MANAGED = "Written by byocgen from byocgen.yaml. Change the manifest, not this file."
"""First line of a file that is encoded."""
_TOML_ESCAPED = re.compile(r"[\x7f-\x9f\u2028\u2029]")
_HCL_ESCAPED = re.compile(r'["\\\x00-\x1f\x7f-\x9f\u2028\u2029]')
_HCL_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
"""HCL has no `\\b` and no `\\f`, so it does not share JSON's escapes."""
_HCL_KEY = re.compile(r"(?!(?:for|if|in|true|false|null)$)[A-Za-z_][A-Za-z0-9_-]*")
"""A name that needs no quotes as a key; HCL's own words do: `{ for = ...` begins a loop."""


def toml_string(text: str) -> str:
    """Write a TOML basic string; JSON's escapes are TOML's, but for DEL and C1."""
    return _TOML_ESCAPED.sub(lambda match: f"\\u{ord(match.group()):04x}", json.dumps(text, ensure_ascii=False))


def toml_value(value: Scalar | Sequence[Scalar]) -> str:
    """Write a TOML value on one line."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return toml_string(value)
    if isinstance(value, int | float):
        return str(value)
    if value is None:
        raise AssertionError("TOML has no null")
    return "[" + ", ".join(toml_value(item) for item in value) + "]"


def comment(text: str) -> str:
    """Fold a reason into one line that can follow a `#`."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]", " ", text).split())


def hcl_string(text: str) -> str:
    """Write an HCL quoted string in which `${` and `%{` open nothing."""
    quoted = _HCL_ESCAPED.sub(lambda match: _HCL_ESCAPES.get(match.group(), f"\\u{ord(match.group()):04x}"), text)
    return '"' + quoted.replace("${", "$${").replace("%{", "%%{") + '"'


def hcl_value(value: Value, indent: int = 0) -> str:
    """Write an HCL value as `terraform fmt` would."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, str):
        return hcl_string(value)
    if isinstance(value, Mapping):
        return _hcl_map(value, indent)
    return "[" + ", ".join(hcl_value(item) for item in value) + "]"


def _hcl_map(value: Mapping[str, Value], indent: int) -> str:
    if not value:
        return "{}"
    inner = " " * (indent + 2)
    written = [
        (key if _HCL_KEY.fullmatch(key) else hcl_string(key), hcl_value(value[key], indent + 2))
        for key in sorted(value)
    ]
    lines = [f"{inner}{key:<{width}} = {text}" for (key, text), width in zip(written, _widths(written), strict=True)]
    return "\n".join(["{", *lines, " " * indent + "}"])


def _widths(written: Sequence[tuple[str, str]]) -> list[int]:
    """How wide each key is: as wide as its neighbours', up to one whose value takes several lines and stands alone."""
    widths: list[int] = []
    for alone, group in groupby(written, lambda entry: "\n" in entry[1]):
        keys = [len(key) for key, _ in group]
        widths += [0] * len(keys) if alone else [max(keys)] * len(keys)
    return widths


def ignored_path(path: str) -> str:
    """Write one path as a line of an ignore file that means this path only."""
    return "/" + re.sub(r"([\\*?\[\]!# ])", r"\\\1", path)
