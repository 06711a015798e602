"""Examples of a request, made up from what is known of the inputs: for the warm-up, the tests and the OpenAPI document."""

import csv
import io
from collections.abc import Mapping
from typing import Any

import msgspec
import numpy as np

from serving import media
from serving.columns import Column, ColumnType, Schema
from serving.inputs import Inputs, Tensors, Texts

USUAL = 0.123456  # a number that is as long, in bytes, as many are


def instance(inputs: Inputs) -> Any:
    """Give one instance in its short form: a list, a string where there is one text, lists where there is one tensor."""
    example = inputs.example()
    if isinstance(inputs, Texts | Tensors) and isinstance(example, dict) and len(example) == 1:
        return next(iter(example.values()))
    return example


def rows(inputs: Inputs, parameters: Mapping[str, Any], count: int) -> bytes:
    """Give a JSON request of so many instances, all the same, as long as most are: a number has digits."""
    given = {"parameters": parameters} if parameters else {}
    example = instance(inputs)
    if isinstance(inputs, Schema):
        example = [_usual(value, inputs.column(place)) for place, value in enumerate(example)]
    return msgspec.json.encode({"instances": [example] * count, **given})


def _usual(value: object, column: Column | None) -> object:
    chosen = column is not None and column.values
    return USUAL if value == 0 and isinstance(value, float) and not chosen else value


def body(inputs: Inputs, content_type: str = media.JSON, parameters: Mapping[str, Any] | None = None) -> bytes | None:
    """Give a request of one instance; None where this content type is no text, or cannot hold it.

    Only JSON has a place for `parameters`.
    """
    example = instance(inputs)
    if content_type == media.JSON:
        return msgspec.json.encode({"instances": [example], **({"parameters": parameters} if parameters else {})})
    if content_type == media.JSON_LINES:
        return msgspec.json.encode(example) + b"\n"
    if content_type == media.CSV and not isinstance(inputs, Tensors):
        row = list(inputs.example().values()) if isinstance(inputs, Texts) else inputs.example()
        header = [inputs.fields[: len(row)]] if isinstance(inputs, Texts) else []
        return _csv([*header, row])
    return None


def npy(inputs: Inputs) -> bytes | None:
    """Give a request of one instance as NPY; None where it cannot hold one."""
    if isinstance(inputs, Texts) or (isinstance(inputs, Tensors) and len(inputs.tensors) > 1):
        return None
    if isinstance(inputs, Schema) and (inputs.has_text or any(isinstance(value, str) for value in inputs.example())):
        return None
    dtype = inputs.tensors[0].dtype if isinstance(inputs, Tensors) else "float64"
    if np.dtype(dtype).hasobject:
        return None
    file = io.BytesIO()
    np.save(file, np.array([instance(inputs)], dtype=dtype), allow_pickle=False)
    return file.getvalue()


def is_certain(inputs: Inputs) -> bool:
    """Tell whether the model must accept the example: false where it was guessed what a value or a shape may be."""
    if isinstance(inputs, Schema):
        return bool(inputs.columns or inputs.width) and all(_is_known(column) for column in inputs.columns)
    if isinstance(inputs, Tensors):
        return all(None not in tensor.shape for tensor in inputs.tensors)
    return True


def _is_known(column: Column) -> bool:
    if column.values or column.sample is not None:
        return True
    return column.type is not None and column.type is not ColumnType.STRING


def _csv(rows: list[Any]) -> bytes:
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()
