"""From predictions to a body: {"predictions": [...]}, CSV or JSON Lines with a row a line, NPY, Parquet.

Predictions arrive in parts, in the order of the instances. Text formats are written part by part, so that of a large
request only the finished text is held. NaN and infinity, which JSON lacks, become null.
"""

import csv
import io
from collections.abc import Callable
from importlib import import_module
from typing import Any, TypeGuard, TypeVar

import msgspec
import numpy as np
import numpy.typing as npt

from serving import errors, media

Made = TypeVar("Made")
PLAIN = (list, tuple, dict, str, int, float, bool, type(None))
FAILURES = (msgspec.MsgspecError, TypeError, ValueError, OverflowError, RecursionError, AttributeError)


class Body:
    """A response body in the making."""

    def __init__(self, function: str, content_type: str) -> None:
        """`function` is what made the predictions, for messages."""
        self._function = function
        self._content_type = content_type
        self._parts: list[Any] = []
        self._write: Callable[[object], Any] = WRITERS[content_type]

    def add(self, prediction: object) -> None:
        """Write the predictions of some instances. Raises RequestError."""
        self._parts.append(self._guarded(lambda: self._write(prediction), prediction))

    def finish(self) -> bytes:
        """Give the body. Raises RequestError."""
        parts = self._parts
        if self._content_type == media.JSON:
            # Parts are JSON of their own; those of a list are one list once the brackets between them are commas.
            if len(parts) > 1 and not all(part.startswith(b"[") for part in parts):
                raise errors.unusable(self._function, "returned no list for some instances of a large request")
            whole: bytes = parts[0] if len(parts) == 1 else b"[" + b",".join(part[1:-1] for part in parts) + b"]"
            return b'{"predictions":' + whole + b"}"
        if self._content_type in {media.CSV, media.JSON_LINES}:
            return b"".join(parts)
        if self._content_type == media.NPY:
            return self._guarded(lambda: to_npy(parts), None)
        return self._guarded(lambda: to_parquet([row for part in parts for row in part]), parts)

    def _guarded(self, work: Callable[[], Made], prediction: object) -> Made:
        try:
            return work()
        except FAILURES as error:
            if self._content_type != media.JSON and _has_json(prediction):
                problem = f"the answer of this model cannot be written as {self._content_type}; ask for {media.JSON}"
                raise errors.RequestError(406, "not_acceptable", problem) from None
            problem = (
                f"returned a value that cannot be written as {self._content_type}; return an array or lists, or define "
                "output_fn"
            )
            raise errors.unusable(self._function, problem) from error


def encode(function: str, content_type: str, prediction: object) -> bytes:
    """Write one prediction that is all there is to say. Raises RequestError."""
    if content_type == media.JSON:
        try:
            return b'{"predictions":' + to_json(prediction) + b"}"
        except FAILURES:
            pass  # worded below
    body = Body(function, content_type)
    body.add(prediction)
    return body.finish()


def to_json(value: object) -> bytes:
    """Write any value."""
    return msgspec.json.encode(plain(value), enc_hook=plain)


def to_json_lines(value: object) -> bytes:
    """Write one line a row. Raises TypeError for what is no list."""
    if _is_numeric(value):
        separators = (b"],[", b"]\n[") if value.ndim == 2 else (b",", b"\n")
        return to_json(value)[1:-1].replace(*separators) + b"\n"
    return b"".join(to_json(row) + b"\n" for row in _rows(value))


def to_csv(value: object) -> bytes:
    """Write one line a row. Raises TypeError for what is no table."""
    if _is_numeric(value) and np.isfinite(value).all():
        # JSON's numbers are CSV's too, and are written in C.
        inner = to_json(value).strip(b"[]")
        return (inner.replace(b"],[", b"\n") if value.ndim == 2 else inner.replace(b",", b"\n")) + b"\n"
    rows = _rows(value)
    if all(isinstance(row, str) and row for row in rows):
        labels = "\n".join(rows)
        if labels.count("\n") == len(rows) - 1 and not any(character in labels for character in '",\r'):
            return (labels + "\n").encode()
    rows = [row if isinstance(row, list | tuple) else [row] for row in rows]
    if any(isinstance(cell, dict | list | tuple) for row in rows for cell in row):
        raise TypeError("a value inside a row is no single value")
    text = io.StringIO()
    csv.writer(text, lineterminator="\n").writerows(rows)
    return text.getvalue().encode()


def to_npy(parts: list[Any]) -> bytes:
    """Write one array. Raises ValueError for parts that do not fit together."""
    file = io.BytesIO()
    np.save(file, parts[0] if len(parts) == 1 else np.concatenate(parts), allow_pickle=False)
    return file.getvalue()


def to_parquet(rows: list[Any]) -> bytes:
    """Write a table: columns by key where rows are objects, else prediction, or prediction_0, prediction_1, ..."""
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    if not rows or isinstance(rows[0], dict):
        table = arrow.Table.from_pylist(rows)
    elif isinstance(rows[0], list | tuple):
        columns = list(zip(*rows, strict=True))
        table = arrow.table({f"prediction_{index}": list(column) for index, column in enumerate(columns)})
    else:
        table = arrow.table({"prediction": rows})
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def plain(value: object) -> object:
    """Turn the values of numpy, pandas and torch into Python's, by the methods that these have in common."""
    if type(value) in PLAIN:
        return value
    if hasattr(value, "detach"):  # a tensor, which may lie on a GPU and know its gradients
        value = value.detach().cpu()
    for method in ("to_numpy", "tolist"):
        if hasattr(value, method):
            value = getattr(value, method)()
    if isinstance(value, PLAIN):
        return value
    raise TypeError(f"{type(value).__name__} has no JSON form")


def _is_numeric(value: object) -> TypeGuard[npt.NDArray[Any]]:
    return isinstance(value, np.ndarray) and value.dtype.kind in "fiu" and value.ndim in {1, 2} and value.size > 0


def _array(value: object) -> Any:
    array = value if isinstance(value, np.ndarray) else np.array(plain(value))
    if array.dtype.hasobject:
        array = np.array(array.tolist())
    if array.dtype.kind not in "biufU":
        raise TypeError(f"{array.dtype} is no type of numbers or text")
    return array


def _rows(value: object) -> list[Any]:
    value = plain(value)
    if not isinstance(value, list | tuple):
        raise TypeError(f"{type(value).__name__} is no list of rows")
    return [plain(row) for row in value]


def _has_json(prediction: object) -> bool:
    try:
        to_json(prediction)
    except FAILURES:
        return False
    return True


WRITERS: dict[str, Callable[[object], Any]] = {
    media.JSON: to_json,
    media.CSV: to_csv,
    media.JSON_LINES: to_json_lines,
    media.NPY: _array,
    media.PARQUET: _rows,
}
