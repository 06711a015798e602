"""Responses: {"predictions": [...]} or CSV with a row a line. NaN and Infinity, which JSON lacks, become null."""

import csv
import io
from dataclasses import dataclass

import msgspec

from serving import errors, media


@dataclass(frozen=True, slots=True)
class Reply:
    """A finished response; `rows` is for the log, None when unknown."""

    body: bytes
    content_type: str
    rows: int | None = None


def encode(prediction: object, content_type: str, rows: int | None) -> Reply:
    """Write what predict_fn returned: an array, a data frame, or plain Python values. Raises RequestError."""
    try:
        write = to_csv if content_type == media.CSV else to_json
        return Reply(write(plain(prediction)), content_type, rows)
    except (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError) as error:
        problem = (
            f"returned a value that cannot be written as {content_type}; return an array or lists, or define output_fn"
        )
        refusal = errors.unusable("predict_fn", problem)
        raise refusal from error


def from_output_fn(result: object, accept: str, rows: int | None) -> Reply:
    """Take what output_fn returned: bytes or text, alone or with its content type. Raises RequestError."""
    body, content_type = result if isinstance(result, tuple) and len(result) == 2 else (result, accept)
    if isinstance(body, str):
        body = body.encode()
    if not isinstance(body, bytes | bytearray) or not isinstance(content_type, str):
        kind = type(result).__name__
        raise errors.unusable("output_fn", f"returned {kind}; expected bytes or str, alone or with a content type")
    return Reply(bytes(body), content_type, rows)


def to_json(value: object) -> bytes:
    """Write the documented envelope."""
    return msgspec.json.encode({"predictions": value}, enc_hook=plain)


def to_csv(value: object) -> bytes:
    """Write one line a row. Raises TypeError for what is no table."""
    if not isinstance(value, list):
        raise TypeError(f"{type(value).__name__} is no list of rows")
    rows = [row if isinstance(row, list | tuple) else [row] for row in value]
    if any(isinstance(cell, dict | list | tuple) for row in rows for cell in row):
        raise TypeError("a value inside a row is no single value")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def plain(value: object) -> object:
    """Turn numpy's and pandas's values into Python's, by the methods that these have in common."""
    for method in ("to_numpy", "tolist"):
        if hasattr(value, method):
            value = getattr(value, method)()
    if isinstance(value, list | tuple | dict | str | int | float | bool | None):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")
