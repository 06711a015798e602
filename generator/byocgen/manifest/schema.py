"""The JSON Schema of a manifest, draft-07, for editors."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import TYPE_CHECKING, Any

from byocgen.manifest.load import adapter
from byocgen.manifest.model import BLOCKS, Manifest

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

DRAFT = "http://json-schema.org/draft-07/schema#"


def schema() -> dict[str, Any]:
    """Return the schema as plain data, in a stable order."""
    made = adapter().json_schema(by_alias=True, ref_template="#/definitions/{model}")
    definitions = {name: _in_order(one, BLOCKS[name]) for name, one in made.pop("$defs").items()}
    made = _in_order(made, Manifest)
    root = {
        "$schema": DRAFT,
        "title": "byocgen manifest, version 1",
        **{key: made[key] for key in made if key != "title"},
    }
    cleaned: dict[str, Any] = _without_titles({**root, "definitions": definitions})
    return cleaned


def text() -> str:
    """Return the schema as a file's text."""
    return json.dumps(schema(), indent=2, ensure_ascii=False, sort_keys=True) + "\n"


def _in_order(block: dict[str, Any], kind: type[DataclassInstance]) -> dict[str, Any]:
    """Put a block's fields into the model's order; pydantic lists those with a made default first."""
    properties = block["properties"]
    written = {field.name.rstrip("_"): field.name for field in fields(kind)}
    described = {name: kind.__pydantic_fields__[field].description for name, field in written.items()}  # type: ignore[attr-defined]
    return {**block, "properties": {name: _complete(properties[name], described[name]) for name in written}}


def _complete(field: dict[str, Any], description: str | None) -> dict[str, Any]:
    """Add what pydantic leaves out: the description of a block (draft-07 reads nothing beside $ref), strict names."""
    if "$ref" in field:
        return {"allOf": [field], "description": description}
    return {**field, "additionalProperties": False} if "patternProperties" in field else field


def _without_titles(value: Any, parent: str = "") -> Any:
    """Drop pydantic's derived titles (they repeat the key), but no field that is called title."""
    if isinstance(value, list):
        return [_without_titles(item) for item in value]
    if not isinstance(value, dict):
        return value
    keep = parent in ("properties", "definitions", "")
    return {key: _without_titles(item, key) for key, item in value.items() if keep or key != "title"}
