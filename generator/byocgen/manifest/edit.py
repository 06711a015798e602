"""Changes of a manifest's text at the places that PyYAML names; everything else in it stays byte for byte.

Rules: text in, text out. What is not written in the text is nothing to change: it comes back as it was. The text is one
that `source.parse` reads without a finding, so it has no anchors, and no key twice.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import yaml

if TYPE_CHECKING:
    from byocgen.diagnostics import Key


def rename(text: str, key: Key, name: str) -> str:
    """Give the field at `key` another name, in the quotes that it has."""
    found = _find(text, key)
    if found is None:
        return text
    field, _ = found
    quote = field.style or ""
    return _put(text, field, f"{quote}{name}{quote}")


def replace(text: str, key: Key, was: str, value: str) -> str:
    """Write `value`, as it stands in a file, for a scalar that reads `was`; any other stays."""
    found = _find(text, key)
    if found is None or not isinstance(found[1], yaml.ScalarNode) or found[1].value != was:
        return text
    return _put(text, found[1], value)


def _find(text: str, key: Key) -> tuple[yaml.ScalarNode, yaml.Node] | None:
    """Find a field's name and its value."""
    name, node = None, yaml.compose(text, Loader=yaml.BaseLoader)
    for part in key:
        if isinstance(node, yaml.MappingNode):
            name, node = next((pair for pair in node.value if pair[0].value == part), (None, None))
        elif isinstance(node, yaml.SequenceNode) and isinstance(part, int) and part < len(node.value):
            name, node = None, node.value[part]
        else:
            return None
    return None if name is None or node is None else (name, node)


def _put(text: str, node: yaml.Node, new: str) -> str:
    return text[: node.start_mark.index] + new + text[node.end_mark.index :]
