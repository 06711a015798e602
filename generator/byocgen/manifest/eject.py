"""One more path in `files.eject` of a manifest's text, everything else in it byte for byte as it was.

Rules: the text is not written anew, a path is put into it where PyYAML says that the list, the block or the file ends.
The result is read again: unless exactly that one entry came, nothing is returned.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass

import yaml

from byocgen.manifest import source

_PLAIN = re.compile(r"[A-Za-z0-9_.][A-Za-z0-9_./-]*")
_BOM = "\ufeff"
_REST_OF_ITEM = re.compile(r"[ \t]*(,?)[ \t]*(#[^\n]*)?\r?(?=\n|\Z)")


@dataclass(frozen=True, slots=True)
class _Change:
    """A text in the place of what stands from `start` to `end`."""

    start: int
    end: int
    text: str

    def apply(self, text: str) -> str:
        return text[: self.start] + self.text + text[self.end :]


def add(data: bytes, path: str) -> bytes | None:
    """Return the manifest with `path` at the end of `files.eject`; None where its form does not allow to do that.

    Args:
        data: A manifest that `load` accepts.
        path: One that is not in the list.
    """
    whole = data.decode("utf-8")
    mark = _BOM if whole.startswith(_BOM) else ""
    text = whole.removeprefix(_BOM)
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode) or not root.value:
        return None
    plain = _PLAIN.fullmatch(path) and isinstance(source.scalar(path), str)
    for change in reversed(_changes(text, root, path if plain else json.dumps(path))):
        text = change.apply(text)
    result = (mark + text).encode()
    return result if _adds_only(data, result, path) else None


def _adds_only(before: bytes, after: bytes, path: str) -> bool:
    old, _ = source.parse(before, "")
    new, found = source.parse(after, "")
    if old is None or new is None or found:
        return False
    files = dict(old.value.get("files") or {})
    expected = old.value | {"files": files | {"eject": [*(files.get("eject") or []), path]}}
    return bool(new.value == expected) and _signs(before) + path.count("#") == _signs(after)


def _signs(data: bytes) -> int:
    """Count the signs that begin comments: none may be lost."""
    return data.count(b"#")


def _changes(text: str, root: yaml.MappingNode, path: str) -> list[_Change]:
    files = _value(root, "files")
    if files is None:
        return [_pair(text, root, f"files: {{eject: [{path}]}}")]
    if not isinstance(files, yaml.CollectionNode):
        return [_instead(files, f"{{eject: [{path}]}}")]
    eject = _value(files, "eject")
    if eject is None:
        return [_pair(text, files, f"eject: [{path}]")]
    if not isinstance(eject, yaml.CollectionNode):
        return [_instead(eject, f"[{path}]")]
    return _item(text, eject, path)


def _value(node: yaml.Node, name: str) -> yaml.Node | None:
    pairs: list[tuple[yaml.Node, yaml.Node]] = node.value
    return next((value for key, value in pairs if key.value == name), None)


def _instead(node: yaml.Node, text: str) -> _Change:
    """Nothing, `~` or null: an empty value stands right behind its colon."""
    start, end = node.start_mark.index, node.end_mark.index
    return _Change(start, end, text if end > start else f" {text}")


def _pair(text: str, node: yaml.CollectionNode, pair: str) -> _Change:
    """Add a field to a mapping, in the mapping's own style."""
    if node.flow_style:
        return _in_braces(node, pair)
    first, last = node.value[0][0], node.value[-1][1]
    indent = " " * first.start_mark.column
    return _line(text, _end_of_value(text, last), indent + pair)


def _item(text: str, node: yaml.CollectionNode, path: str) -> list[_Change]:
    """Add an entry to a list, in the list's own style: in brackets, one a line in brackets, or one a line with dashes."""
    if not node.flow_style:
        indent = " " * node.start_mark.column
        dash = re.match(r"-[ \t]+", text[node.start_mark.index :])
        return [_line(text, _end_of_value(text, node.value[-1]), f"{indent}{dash.group() if dash else '- '}{path}")]
    last = node.value[-1] if node.value else None
    rest = _REST_OF_ITEM.match(text, last.end_mark.index) if last is not None else None
    if last is None or rest is None or last.start_mark.line == node.start_mark.line:
        return [_in_braces(node, path)]
    comma = rest.group(1)
    indent = text[text.rfind("\n", 0, last.start_mark.index) + 1 : last.start_mark.index]
    if indent.strip():
        return [_in_braces(node, path)]
    line = _line(text, rest.end(), f"{indent}{path}{comma}")
    end = last.end_mark.index
    return [line] if comma else [_Change(end, end, ","), line]


def _in_braces(node: yaml.CollectionNode, entry: str) -> _Change:
    """Right behind the last entry: a comma or a comment that follows it goes on to follow what was put in."""
    if not node.value:
        start = node.start_mark.index + 1
        return _Change(start, start, entry)
    last = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    end = last.end_mark.index
    return _Change(end, end, f", {entry}")


def _end_of_value(text: str, node: yaml.Node) -> int:
    """Find the end of the line on which a value ends; what PyYAML counts to a block beyond its last line is not of it."""
    while isinstance(node, yaml.CollectionNode) and not node.flow_style and node.value:
        node = node.value[-1][1] if isinstance(node, yaml.MappingNode) else node.value[-1]
    end = node.end_mark.index
    if isinstance(node, yaml.ScalarNode) and node.style in ("|", ">"):
        end = len(text[:end].rstrip())
    line = text.find("\n", end)
    return len(text) if line < 0 else line


def _line(text: str, end: int, line: str) -> _Change:
    """Put a line behind the one that ends at `end`, with line ends as the file has them."""
    returns = text[:end].endswith("\r") or ("\r\n" in text and end == len(text))
    newline = "\r\n" if returns else "\n"
    if end == len(text):
        lead = "" if text.endswith("\n") else newline
        return _Change(end, end, f"{lead}{line}{newline}")
    return _Change(end + 1, end + 1, line + newline)
