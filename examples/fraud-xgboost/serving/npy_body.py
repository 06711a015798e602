"""NPY requests: one array in numpy's own file format, with a row (or an instance) along its first dimension.

Nothing is unpickled: arrays of Python objects are refused. The header is read first, and the body must have just the
bytes that it announces, so that a small request cannot ask for a large array. NaN is a missing value; infinity is wrong.
"""

import io
import warnings
from typing import Any

import numpy as np
import numpy.typing as npt
from numpy.lib import format as npy

from serving import cells, errors
from serving.columns import Column, ColumnType, Schema
from serving.inputs import Tensor
from serving.rows import Rows, cell_label, cell_path, row_path, to_array
from serving.tensor_values import fits_shape, shape_text
from serving.tensors import Batch

NUMBERS = "biuf"
HOW = "; numpy.save(file, array, allow_pickle=False) writes what is accepted"
LONGEST_HEADER = 4096  # characters: one of a plain array has about 100


class NpyTable:
    """Decodes the requests of a model that reads rows."""

    def __init__(self, schema: Schema) -> None:
        """Keep the schema."""
        self._schema = schema

    def decode(self, body: bytes) -> Rows:
        """Give the rows. Raises RequestError."""
        array = read(body)
        names = array.dtype.names
        if names is not None:
            return self._by_name(array, names)
        width = self._schema.width
        if array.ndim != 2 or not array.size or (width and array.shape[1] != width):
            wanted = f"[rows, {width}]" if width else "[rows, columns]"
            raise errors.bad_body(f"expected an array of shape {wanted}, got {shape_text(array.shape)}")
        if self._schema.only_floats and array.dtype.kind in NUMBERS:
            return self._finite(np.asarray(array, dtype=np.float64))
        return to_array(self._cells(array.tolist()), self._schema)

    def _finite(self, rows: Rows) -> Rows:
        infinite = np.argwhere(np.isinf(rows))
        if len(infinite):
            row, index = map(int, infinite[0])
            self._refuse(row, index, f"expected a number, got {cells.shown(rows[row, index].item())}")
        return rows

    def _by_name(self, array: npt.NDArray[Any], names: tuple[str, ...]) -> Rows:
        if array.ndim != 1 or not array.size:
            raise errors.bad_body(f"expected records of shape [rows], got {shape_text(array.shape)}")
        if self._schema.names and sorted(names) != sorted(self._schema.names):
            wanted = ", ".join(self._schema.names)
            raise errors.bad_body(f"expected records with the fields {wanted}, got {', '.join(names)}")
        ordered = [array[name].tolist() for name in self._schema.names or names]
        if any(isinstance(column[0], list) for column in ordered):
            raise errors.bad_body("expected records of single values, got arrays in them")
        return to_array(self._cells(list(zip(*ordered, strict=True))), self._schema)

    def _cells(self, rows: list[Any]) -> list[list[object]]:
        checked = []
        for row, raw in enumerate(rows):
            values: list[object] = []
            for index, value in enumerate(raw):
                found = _cell(value, self._schema.column(index))
                if isinstance(found, cells.Wrong):
                    self._refuse(row, index, found.problem)
                values.append(found)
            checked.append(values)
        return checked

    def _refuse(self, row: int, index: int, problem: str) -> None:
        path = row_path(row)
        raise errors.bad_value(cell_path(path, index), problem, cell_label(path, index, self._schema.column(index)))


class NpyTensor:
    """Decodes the requests of a model that reads one tensor."""

    def __init__(self, tensor: Tensor) -> None:
        """Keep the tensor's type and shape."""
        self._tensor = tensor

    def decode(self, body: bytes) -> Batch:
        """Give the batch. Raises RequestError."""
        tensor, array = self._tensor, read(body)
        if not array.size or not fits_shape(array.shape, (None, *tensor.shape)):
            wanted = shape_text((None, *tensor.shape))
            raise errors.bad_body(f"expected an array of shape {wanted}, got {shape_text(array.shape)}")
        wanted_type = np.dtype(tensor.dtype)
        with np.errstate(all="ignore"):
            cast = array.astype(wanted_type, copy=False) if _same_family(array.dtype, wanted_type) else None
        if cast is None or (wanted_type.kind in "iu" and not np.array_equal(cast, array)):
            raise errors.bad_body(f"expected values that fit {tensor.dtype}, got an array of {array.dtype}")
        if wanted_type.kind == "f" and not np.isfinite(cast).all():
            place = np.argwhere(~np.isfinite(cast))[0].tolist()
            path = f"instances{''.join(f'[{index}]' for index in place)}"
            raise errors.bad_value(path, f"expected a finite number that fits {tensor.dtype}")
        return {tensor.name: cast}


def read(body: bytes) -> npt.NDArray[Any]:
    """Give the array of a body, without a copy and read-only. Raises RequestError."""
    file = io.BytesIO(body)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[npy.read_magic(file)]
            shape, by_column, dtype = header(file, max_header_size=LONGEST_HEADER)
    except Exception:  # noqa: BLE001 - the header is a Python literal: its parser has many ways to refuse one
        raise errors.bad_body(f"the body is no NPY file that this server reads{HOW}") from None
    if dtype.hasobject or dtype.kind not in {*NUMBERS, "U", "V"} or (dtype.kind == "V" and dtype.names is None):
        raise errors.bad_body(f"expected numbers or text, got an array of {str(dtype)[: errors.MAX_TEXT]}{HOW}")
    size, left = dtype.itemsize, len(body) - file.tell()
    for length in shape:  # in Python's integers, which do not overflow
        size *= length
    if size != left or not size or any(length < 0 for length in shape):
        raise errors.bad_body(f"the header announces {max(size, 0)} bytes of values, the body has {left}")
    try:
        flat = np.frombuffer(body, dtype, offset=file.tell())
        return flat.reshape(shape, order="F" if by_column else "C")
    except (ValueError, TypeError, OverflowError):
        raise errors.bad_body(f"the body is no NPY file that this server reads{HOW}") from None


def _cell(value: object, column: Column | None) -> object:
    if isinstance(value, str):
        return cells.from_csv(value, column) if cells.is_text(value) else cells.Wrong("expected text, got no Unicode")
    if isinstance(value, float) and value != value:  # noqa: PLR0124 - NaN
        return None
    if column is not None and column.type is ColumnType.BOOLEAN and value in {0, 1}:
        value = bool(value)  # an array has one type: of numbers, 1 and 0 are what true and false become
    elif isinstance(value, bool) and (column is None or column.type in {ColumnType.FLOAT, ColumnType.INTEGER}):
        value = int(value)
    return cells.from_json(value, column) if isinstance(value, int | float | bool) else cells.Wrong("no number or text")


def _same_family(have: np.dtype[Any], want: np.dtype[Any]) -> bool:
    if want.kind in "fiu":
        return have.kind in NUMBERS
    return have.kind == want.kind or (want.kind == "O" and have.kind == "U")
