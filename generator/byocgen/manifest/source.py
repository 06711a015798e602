"""The manifest as text: what each value is, and where it stands.

Rules: PyYAML finds the structure and the positions; the meaning of a plain scalar is YAML 1.2's core schema and is
decided here (PyYAML reads YAML 1.1, where `no` is false and `010` is eight). Anchors, aliases, merge keys and tags are
refused: a manifest is short, is edited by commands that keep its comments, and reads better with each value written
out.
"""

from __future__ import annotations

import re
import sys
from dataclasses import dataclass
from typing import Any

import yaml

from byocgen.diagnostics import Diagnostic, Key

MAX_BYTES = 1_048_576
"""A manifest is a page or two; a file above 1 MiB is not one."""
MAX_DEPTH = 32
"""A field lies four levels deep at most; what lies far deeper is no manifest, and would end the readers' recursion."""

_MARKUP = ("tag:yaml.org,2002:str", "tag:yaml.org,2002:seq", "tag:yaml.org,2002:map", "!")
_WORDS: dict[str, bool | None] = {"": None, "~": None, "null": None, "Null": None, "NULL": None}
_WORDS |= dict.fromkeys(("true", "True", "TRUE"), True) | dict.fromkeys(("false", "False", "FALSE"), False)
_INTEGER = re.compile(r"[-+]?[0-9]{1,300}|0o[0-7]{1,300}|0x[0-9a-fA-F]{1,300}")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|[-+]?\.(inf|Inf|INF)")
_LONG_ESCAPE = re.compile(r"\\U([0-9a-fA-F]{8})")
_SURROGATE = re.compile(r"[\ud800-\udfff]")


@dataclass(frozen=True, slots=True)
class Mark:
    """Where a node stands: line and column of its key (or list item) and of its value, from 1, and its text's width."""

    key_line: int
    key_column: int
    key_width: int
    line: int
    column: int
    width: int
    raw: str | None
    """The scalar as written, without quotes; None for a mapping or a list."""


@dataclass(frozen=True, slots=True)
class Source:
    """A parsed manifest: `value` is plain Python data, `marks` has a mark for every key in it."""

    path: str
    lines: tuple[str, ...]
    value: Any
    marks: dict[Key, Mark]

    def locate(self, diagnostic: Diagnostic) -> Diagnostic:
        """Place a finding at its key's value, or at the nearest key above it that is written down; else nowhere."""
        if diagnostic.line:
            return diagnostic
        key = diagnostic.key
        while key and key not in self.marks:
            key = key[:-1]
        mark = self.marks.get(key)
        if mark is None:
            return diagnostic.at(self.path, 1, 1, "")
        named = diagnostic.on_name or diagnostic.code == "BYO202"
        on_key = key != diagnostic.key or named or mark.raw is None
        line, column, width = (
            (mark.key_line, mark.key_column, mark.key_width) if on_key else (mark.line, mark.column, mark.width)
        )
        return diagnostic.at(self.path, line, column, self.line(line), width)

    def line(self, number: int) -> str:
        """Return one line by its number, or an empty text past the end."""
        return self.lines[number - 1] if 0 < number <= len(self.lines) else ""


def parse(data: bytes, path: str) -> tuple[Source | None, list[Diagnostic]]:
    """Read a manifest's bytes; the source is None when there is nothing to go on with.

    Never raises on any input: what is wrong comes back as diagnostics, already located.
    """
    text, problem = _decode(data, path)
    if text is None:
        return None, [problem] if problem else []
    lines = tuple(text.splitlines())
    reader = _Reader(path, lines)
    try:
        node = yaml.compose(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        return None, [_syntax(error, path, lines)]
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:  # the last two: "\UFFFFFFFF"
        if not isinstance(error, RecursionError):
            return None, [_no_character(lines, path)]
        return None, [Diagnostic("BYO101", "the file is nested too deeply").at(path, 1, 1, lines[0])]
    if not isinstance(node, yaml.MappingNode):
        found = Diagnostic("BYO107", "a manifest is a mapping of fields", help="start with: version: 1")
        return None, [found.at(path, 1, 1, lines[0] if lines else "")]
    return Source(path, lines, reader.read(node, ()), reader.marks), reader.found


def _decode(data: bytes, path: str) -> tuple[str | None, Diagnostic | None]:
    if len(data) > MAX_BYTES:
        return None, Diagnostic("BYO106", f"the file has {len(data):,} bytes; a manifest has at most {MAX_BYTES:,}").at(
            path, 1, 1, ""
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line, column = _end(data[: error.start].decode("utf-8-sig"))
        hint = "save the file as UTF-8"
        return None, Diagnostic("BYO106", f"byte {error.start} is not UTF-8", help=hint).at(path, line, column, "")
    bad = yaml.reader.Reader.NON_PRINTABLE.search(text)
    if bad:
        line, column = _end(text[: bad.start()])
        message = f"character U+{ord(bad.group()):04X} may not stand in YAML"
        return None, Diagnostic("BYO106", message, help="delete it, or write it escaped in double quotes").at(
            path, line, column, ""
        )
    return text, None


def _end(text: str) -> tuple[int, int]:
    """Return line and column of what follows a text."""
    lines = f"{text}.".splitlines()
    return len(lines), len(lines[-1])


def _syntax(error: yaml.MarkedYAMLError, path: str, lines: tuple[str, ...]) -> Diagnostic:
    """Word a scanner's or composer's error; its own wording is kept where it says enough."""
    mark = error.problem_mark or error.context_mark
    line, column = (mark.line + 1, mark.column + 1) if mark else (1, 1)
    snippet = lines[line - 1] if line <= len(lines) else ""
    problem = error.problem or "not YAML"
    code, message, hint = "BYO101", f"the file is not YAML: {problem}", ""
    if "'\\t'" in problem or "\t" in snippet[: len(snippet) - len(snippet.lstrip())]:
        code, message, hint = "BYO105", "a tab stands where YAML wants spaces", "indent with spaces"
    elif "another document" in problem:
        code, message = "BYO102", "a second document starts here"
        hint = "a file holds one manifest: remove the --- or move what follows into a file of its own"
    elif "alias" in problem:
        code, message, hint = _alias_wording()
    elif "mapping values are not allowed" in problem:
        hint = 'put the text in quotes when it holds ": "'
    return Diagnostic(code, message, help=hint).at(path, line, column, snippet)


def _no_character(lines: tuple[str, ...], path: str) -> Diagnostic:
    """Find the escape that PyYAML stumbled over without saying where: beyond U+10FFFF there are no characters."""
    for number, line in enumerate(lines, 1):
        for escape in _LONG_ESCAPE.finditer(line):
            if int(escape.group(1), base=16) > sys.maxunicode:
                message = f"the file is not YAML: {escape.group()} is no character"
                return Diagnostic("BYO101", message).at(path, number, escape.start() + 1, line, len(escape.group()))
    return Diagnostic("BYO101", "the file is not YAML").at(path, 1, 1, lines[0] if lines else "")


def _alias_wording() -> tuple[str, str, str]:
    return "BYO104", "anchors and aliases are not read in a manifest", "write the value out"


class _Reader:
    """Turns nodes into values and keeps where each one stands."""

    def __init__(self, path: str, lines: tuple[str, ...]) -> None:
        self.path = path
        self.lines = lines
        self.marks: dict[Key, Mark] = {}
        self.found: list[Diagnostic] = []
        self.seen: set[int] = set()

    def read(self, node: yaml.Node, key: Key) -> Any:
        if id(node) in self.seen:
            return self._aliased(node)
        self.seen.add(id(node))
        if len(key) > MAX_DEPTH:
            self._report(node, "BYO101", "the file is nested too deeply", "a field lies four levels deep at most")
            return None
        self._refuse_markup(node)
        if isinstance(node, yaml.MappingNode):
            return self._mapping(node, key)
        if isinstance(node, yaml.ScalarNode):
            text = self._text(node)
            return scalar(text) if node.style is None else text
        return [self._item(item, (*key, index)) for index, item in enumerate(node.value)]

    def _text(self, node: yaml.ScalarNode) -> str:
        """Half a character, which a double-quoted U+D800 makes, can be written to no file."""
        text: str = node.value
        half = _SURROGATE.search(text)
        if half:
            message = f"U+{ord(half.group()):04X} is half a character"
            self._report(node, "BYO106", message, "write the whole character, or \\U and its eight digits")
        return _SURROGATE.sub("\ufffd", text)

    def _aliased(self, node: yaml.Node) -> Any:
        """The anchor was reported; a scalar is read again, a collection is not: it could hold itself."""
        if isinstance(node, yaml.ScalarNode):
            text = _SURROGATE.sub("\ufffd", node.value)
            return scalar(text) if node.style is None else text
        return {} if isinstance(node, yaml.MappingNode) else []

    def _mapping(self, node: yaml.MappingNode, key: Key) -> dict[str, Any]:
        values: dict[str, Any] = {}
        for name_node, value_node in node.value:
            if not isinstance(name_node, yaml.ScalarNode):
                self._report(name_node, "BYO204", "a field's name is a word", "")
                continue
            name = self._text(name_node)
            if name == "<<" and name_node.style is None:
                self._report(name_node, "BYO104", "merge keys are not read in a manifest", "write the fields out")
                continue
            if name in values:
                first = self.marks[*key, name].key_line
                self._report(
                    name_node, "BYO103", f'"{name}" is written twice; first on line {first}', "keep one of them"
                )
                continue
            self._mark((*key, name), name_node, value_node)
            values[name] = self.read(value_node, (*key, name))
        return values

    def _item(self, node: yaml.Node, key: Key) -> Any:
        self._mark(key, node, node)
        return self.read(node, key)

    def _mark(self, key: Key, name: yaml.Node, value: yaml.Node) -> None:
        raw = _SURROGATE.sub("\ufffd", value.value) if isinstance(value, yaml.ScalarNode) else None
        self.marks[key] = Mark(
            name.start_mark.line + 1,
            name.start_mark.column + 1,
            _width(name),
            value.start_mark.line + 1,
            value.start_mark.column + 1,
            _width(value),
            raw,
        )

    def _refuse_markup(self, node: yaml.Node) -> None:
        """An anchor is not kept in the node, so it is read from the text in front of it."""
        line = self.lines[node.start_mark.line] if node.start_mark.line < len(self.lines) else ""
        if node.tag not in _MARKUP or line[node.start_mark.column : node.start_mark.column + 1] == "!":
            self._report(node, "BYO104", "tags are not read in a manifest", "write the plain value")
        elif line[node.start_mark.column : node.start_mark.column + 1] == "&":
            self._report(node, *_alias_wording())

    def _report(self, node: yaml.Node, code: str, message: str, hint: str) -> None:
        line, column = node.start_mark.line + 1, node.start_mark.column + 1
        snippet = self.lines[line - 1] if line <= len(self.lines) else ""
        self.found.append(Diagnostic(code, message, help=hint).at(self.path, line, column, snippet, _width(node)))


def _width(node: yaml.Node) -> int:
    """Columns to mark: the node's own where it stands on one line, else one."""
    if isinstance(node, yaml.ScalarNode) and node.start_mark.line == node.end_mark.line:
        return max(1, node.end_mark.column - node.start_mark.column)
    return 1


def scalar(text: str) -> Any:
    """Read a plain scalar by YAML 1.2's core schema: null, true, false, whole numbers, floats; all else is text."""
    if text in _WORDS:
        return _WORDS[text]
    if _INTEGER.fullmatch(text):
        return int(text, 0) if text[:2] in ("0o", "0x") else int(text)
    if _FLOAT.fullmatch(text):
        return float(text.replace(".", "", 1) if text[-1] in "fF" else text)
    return text
