"""The manifest that `byocgen new NAME` writes from its options, as a person would write it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import yaml

from byocgen.diagnostics import dotted
from byocgen.errors import UsageError
from byocgen.manifest.source import scalar
from byocgen.manifest.wording import known_fields

if TYPE_CHECKING:
    from collections.abc import Iterable

    from byocgen.diagnostics import Diagnostic, Key

_HEADER = """\
# The manifest of this project: `byocgen explain` shows what follows from it, `byocgen schema` is for editors.
"""


def assign(values: dict[str, Any], setting: str) -> None:
    """Put one `key.path=value` of `--set` into `values`; the value is read as YAML reads it.

    Raises:
        UsageError: no `=`, an empty key, or a key below something that is no mapping.
    """
    key, equals, raw = setting.partition("=")
    parts = key.split(".")
    if not equals or not all(parts):
        raise UsageError(f'--set "{setting}" is not of the form key.path=value', "for example: --set serving.workers=2")
    target = values
    for part in parts[:-1]:
        target = target.setdefault(part, {})
        if not isinstance(target, dict):
            raise UsageError(f'--set "{setting}": {part} already has a value of its own')
    target[parts[-1]] = _value(raw, setting)


def _value(raw: str, setting: str) -> Any:
    if not raw.lstrip().startswith(("[", "{", '"', "'")):
        return _plain(raw)
    try:
        return yaml.load(raw, Loader=_CoreLoader)  # noqa: S506 - a BaseLoader: it makes texts, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise UsageError(f'--set "{setting}": the value is not YAML', "put a text in quotes: '\"[text\"'") from error


class _Typed(str):
    """A number or a word of YAML, to be written as it was typed: 3.10 would be 3.1 as a number."""

    __slots__ = ()


def _plain(text: str) -> Any:
    return text if isinstance(scalar(text), str) else _Typed(text) if text else None


class _CoreLoader(yaml.BaseLoader):
    """Lists and mappings written in one line, their plain scalars read by YAML 1.2."""

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        return _plain(node.value) if node.style is None else node.value


def compose(values: dict[str, Any]) -> str:
    """Write a manifest, its fields in the order of the reference; `load` reads the same values from it."""
    written: str = yaml.dump(
        _ordered(values, ()),
        Dumper=_CoreDumper,
        sort_keys=False,
        allow_unicode=True,
        width=120,
        default_flow_style=False,
    )
    return _HEADER + written


def _ordered(values: dict[str, Any], key: Key) -> dict[str, Any]:
    known = known_fields(key)
    place = {name: known.index(name) if name in known else len(known) for name in values}
    return {
        name: _ordered(values[name], (*key, name)) if isinstance(values[name], dict) else values[name]
        for name in sorted(values, key=place.__getitem__)
    }


class _CoreDumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 would read as something other than a text, beside what YAML 1.1 would: `1e5`, `08`."""


_LINE_ENDS = re.compile("[\x85\u2028\u2029\ufeff]")
"""Line ends to YAML 1.1, which PyYAML would fold, and the byte order mark, which it would lose: they are escaped."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _LINE_ENDS.search(text) else None if isinstance(scalar(text), str) else "'"
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


def _as_typed(dumper: yaml.SafeDumper, text: _Typed) -> yaml.ScalarNode:
    """Give the node the tag that the dumper reads from it, so that it writes neither the tag nor quotes."""
    value = str(text)
    tag = dumper.resolve(yaml.ScalarNode, value, (True, False))  # type: ignore[no-untyped-call]
    return yaml.ScalarNode(tag, value)


_CoreDumper.add_representer(str, _quoted)
_CoreDumper.add_representer(_Typed, _as_typed)


def in_the_shell(found: Diagnostic, settings: Iterable[str]) -> Diagnostic:
    """Show, in a finding about a value of `--set`, its quotes with those of the shell around them."""
    key = dotted(found.key)
    if key not in {setting.partition("=")[0] for setting in settings}:
        return found
    return replace(found, help=_QUOTES.sub(rf"put it in quotes: --set '{key}=\1'", found.help))


_QUOTES = re.compile(r'put it in quotes: ("[^"\']*")')
