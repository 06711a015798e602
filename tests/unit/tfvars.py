"""A reader of terraform.tfvars, as far as byocgen writes it: texts, whole numbers, null, maps of texts.

Strict on purpose: whatever it does not know, such as a `${` that opens a template, is an error.
"""

from __future__ import annotations

import re
from typing import Any

_TOKEN = re.compile(
    r"""\s*(?:\#[^\n]*\n\s*)*(?P<part>"(?:[^"\\\n]|\\.)*"|[A-Za-z_][A-Za-z0-9_-]*|-?[0-9]+|[={},\[\]])""",
)
_ESCAPE = re.compile(r'\$\$\{|%%\{|\\u(?P<code>[0-9a-f]{4})|\\(?P<letter>[nrt"\\])|(?P<bad>\$\{|%\{|\\)')
_LETTERS = {"n": "\n", "r": "\r", "t": "\t", '"': '"', "\\": "\\"}


def read(text: str) -> dict[str, Any]:
    """Return the variables of a file.

    Raises:
        ValueError: the text is not what byocgen may write.
    """
    tokens, place = [], 0
    while text[place:].strip():
        match = _TOKEN.match(text, place)
        if match is None:
            raise ValueError(f"no token at {text[place : place + 40]!r}")
        tokens.append(match["part"])
        place = match.end()
    return _pairs(iter([*tokens, "}"]))


def _pairs(tokens: Any) -> dict[str, Any]:
    pairs: dict[str, Any] = {}
    for part in tokens:
        if part == "}":
            return pairs
        key = unquoted(part) if part.startswith('"') else part
        if next(tokens) != "=" or key in pairs:
            raise ValueError(f"{key} is not assigned once")
        pairs[key] = _value(next(tokens), tokens)
    raise ValueError("a map has no end")


def _value(part: str, tokens: Any) -> Any:
    if part == "{":
        return _pairs(tokens)
    if part.startswith('"'):
        return unquoted(part)
    words = {"null": None, "true": True, "false": False}
    return words[part] if part in words else int(part)


def unquoted(literal: str) -> str:
    """Return what a quoted text says."""
    return _ESCAPE.sub(_meaning, literal[1:-1])


def _meaning(match: re.Match[str]) -> str:
    if match["bad"]:
        raise ValueError(f"{match['bad']} opens something in {match.string!r}")
    if match["code"]:
        return chr(int(match["code"], 16))
    return _LETTERS[match["letter"]] if match["letter"] else match.group()[1:]
