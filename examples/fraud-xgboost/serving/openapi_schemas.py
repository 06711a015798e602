"""JSON Schemas of what a request holds: an instance of each kind of inputs, and a parameter."""

from typing import Any

from serving.columns import Column, ColumnType, Schema
from serving.inputs import Inputs, Parameter, Tensor, Texts

Json = dict[str, Any]
TYPES: dict[ColumnType | None, Any] = {
    None: ["number", "string", "boolean", "null"],
    ColumnType.FLOAT: ["number", "null"],
    ColumnType.INTEGER: ["integer", "null"],
    ColumnType.STRING: ["string", "null"],
    ColumnType.BOOLEAN: ["boolean", "null"],
}
ELEMENTS = {"b": "boolean", "i": "integer", "u": "integer", "f": "number"}


def instance(inputs: Inputs) -> Json:
    """Describe an instance."""
    if isinstance(inputs, Schema):
        return _row(inputs)
    if isinstance(inputs, Texts):
        text = {"type": "string"}
        by_name = object_of(dict.fromkeys(inputs.fields, text), list(inputs.needed))
        return {"anyOf": [text, by_name]} if len(inputs.needed) == 1 else by_name
    by_name = object_of({tensor.name: _nested(tensor) for tensor in inputs.tensors}, list(inputs.names))
    return {"anyOf": [_nested(inputs.tensors[0]), by_name]} if len(inputs.tensors) == 1 else by_name


def _row(schema: Schema) -> Json:
    row: Json = {"type": "array", "items": {"type": TYPES[ColumnType.FLOAT]}}
    if schema.width:
        row |= {"minItems": schema.width, "maxItems": schema.width}
    if not schema.columns:
        return row
    columns = {column.name: _column(column) for column in schema.columns}
    row |= {"prefixItems": list(columns.values()), "items": False}
    return {"anyOf": [row, object_of(columns, list(columns))]}


def _column(column: Column) -> Json:
    return {"enum": [*column.values, None]} if column.values else {"type": TYPES[column.type]}


def parameter(known: Parameter) -> Json:
    """Describe the value of a known."""
    limits = {"minimum": known.minimum, "maximum": known.maximum, "default": known.default}
    schema: Json = {"type": TYPES[known.type][0]}
    schema |= {key: value for key, value in limits.items() if value is not None}
    schema |= {"enum": list(known.values)} if known.values else {}
    return schema | ({"description": known.description} if known.description else {})


def _nested(tensor: Tensor) -> Json:
    kind = next((text for code, text in ELEMENTS.items() if _kind(tensor) == code), "string")
    schema: Json = {"type": kind}
    for length in reversed(tensor.shape):
        bounds = {"minItems": 1} if length is None else {"minItems": length, "maxItems": length}
        schema = {"type": "array", "items": schema, **bounds}
    return schema


def _kind(tensor: Tensor) -> str:
    return {"bool": "b", "int": "i", "uint": "u", "float": "f"}.get(tensor.dtype.rstrip("0123456789"), "O")


def object_of(properties: Json, required: list[str]) -> Json:
    """Describe an object with these keys and no others."""
    return {"type": "object", "properties": properties, "required": required, "additionalProperties": False}
