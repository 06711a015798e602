"""The manifest that `byocgen new NAME` writes from its options, as a person would write it."""

from __future__ import annotations

from typing import Any

import yaml

from byocgen.errors import UsageError
from byocgen.manifest.source import scalar

_HEADER = """\
# Read by byocgen. The reference of every field: docs/manifest.md of byocgen; `byocgen schema` prints a JSON Schema for
# editors.
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
        return scalar(raw)
    try:
        return yaml.load(raw, Loader=_CoreLoader)  # noqa: S506 - a BaseLoader: it makes texts, lists and mappings only
    except (yaml.YAMLError, RecursionError, ValueError, OverflowError) as error:
        raise UsageError(f'--set "{setting}": the value is not YAML', "put a text in quotes: '\"[text\"'") from error


class _CoreLoader(yaml.BaseLoader):
    """Lists and mappings written in one line, their plain scalars read by YAML 1.2."""

    def construct_scalar(self, node: yaml.ScalarNode) -> Any:
        return scalar(node.value) if node.style is None else node.value


def compose(values: dict[str, Any]) -> str:
    """Write a manifest; `load` reads the same values from it."""
    written: str = yaml.dump(
        values, Dumper=_CoreDumper, sort_keys=False, allow_unicode=True, width=120, default_flow_style=False
    )
    return _HEADER + written


class _CoreDumper(yaml.SafeDumper):
    """Quotes what YAML 1.2 would read as something other than a text, beside what YAML 1.1 would: `1e5`, `08`."""


def _quoted(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=None if isinstance(scalar(text), str) else "'")


_CoreDumper.add_representer(str, _quoted)
