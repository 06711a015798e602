"""Questions to Terraform files, by python-hcl2. Whether they are valid, terraform says; what they say is asked here.

Rules: everything is read without comments and with plain strings; expressions stay text, as `${...}`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import hcl2

OPTIONS = hcl2.SerializationOptions(strip_string_quotes=True, explicit_blocks=False, with_comments=False)
NOT_OF_THE_PROVIDER = {"count", "for_each", "depends_on", "lifecycle", "provider"}


@dataclass(frozen=True)
class Block:
    """A resource or a data source: what its two labels say, and its body."""

    kind: str  # resource or data
    type: str
    name: str
    body: Mapping[str, Any]


def read(path: Path) -> dict[str, Any]:
    with path.open(encoding="utf-8") as file:
        parsed: dict[str, Any] = hcl2.load(file, serialization_options=OPTIONS)
    return parsed


def blocks(folder: Path) -> Iterator[Block]:
    """Every resource and data source of one module, file by file."""
    for path in sorted(folder.glob("*.tf")):
        parsed = read(path)
        for kind in ("resource", "data"):
            for entry in parsed.get(kind, []):
                for type_, named in entry.items():
                    for name, body in named.items():
                        yield Block(kind, type_, name, body)


def resource(folder: Path, type_: str) -> Mapping[str, Any]:
    """The body of the one resource of that type in a module."""
    [found] = [block.body for block in blocks(folder) if (block.kind, block.type) == ("resource", type_)]
    return found


def named(folder: Path, kind: str) -> dict[str, Mapping[str, Any]]:
    """The variables or the outputs of a module, by name."""
    entries = [entry for path in sorted(folder.glob("*.tf")) for entry in read(path).get(kind, [])]
    return {name: body for entry in entries for name, body in entry.items()}


def statements(folder: Path, document: str) -> list[dict[str, Any]]:
    """The statements of one policy document, those behind a `dynamic` last."""
    [body] = [
        block.body for block in blocks(folder) if (block.type, block.name) == ("aws_iam_policy_document", document)
    ]
    optional = [content for entry in body.get("dynamic", []) for content in entry["statement"]["content"]]
    return [*body["statement"], *optional]


def faults(body: Mapping[str, Any], schema: Mapping[str, Any], where: str) -> list[str]:
    """What the provider's schema of a block refuses or warns of in `body`, nested blocks included.

    That is what does not exist, what is the provider's own to tell, what is deprecated, and what is wanted and missing.
    """
    attributes, blocks_ = schema.get("attributes", {}), schema.get("block_types", {})
    wrong, seen = [], set()
    for name, value in body.items():
        if name in attributes:
            wrong += [f"{where}.{name} {fault}" for fault in _of_attribute(attributes[name])]
            seen.add(name)
        elif name not in NOT_OF_THE_PROVIDER:
            for inner, contents in _nested(name, value):
                seen.add(inner)
                wrong += _of_block(blocks_.get(inner), contents, f"{where}.{inner}")
    wanted = [name for name, attribute in attributes.items() if attribute.get("required")]
    wanted += [name for name, block in blocks_.items() if block.get("min_items", 0) > 0]
    return wrong + [f"{where}.{name} is missing" for name in wanted if name not in seen]


def _of_attribute(attribute: Mapping[str, Any]) -> Iterator[str]:
    if not attribute.get("required") and not attribute.get("optional"):
        yield "is not to be set"
    if attribute.get("deprecated"):
        yield "is deprecated"


def _of_block(nested: Mapping[str, Any] | None, contents: list[Mapping[str, Any]], where: str) -> list[str]:
    if nested is None:
        return [f"{where} does not exist"]
    wrong = [f"{where} is deprecated"] if nested["block"].get("deprecated") else []
    return wrong + [fault for content in contents for fault in faults(content, nested["block"], where)]


def _nested(name: str, value: Any) -> Iterator[tuple[str, list[Mapping[str, Any]]]]:
    """The blocks under one key: their name and bodies, also of `dynamic` blocks."""
    if name != "dynamic":
        yield name, value if isinstance(value, list) else [value]
        return
    for entry in value:
        for inner, dynamic in entry.items():
            yield inner, dynamic["content"]
