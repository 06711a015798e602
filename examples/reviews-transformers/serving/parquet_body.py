"""Parquet requests, where pyarrow is installed: a row a row, columns by name.

A few bytes of Parquet can stand for gigabytes of rows. So what the file says of its size is checked first, by row group
and by column, for one of them may lie; and what is read is counted again, batch by batch: a request may hold no more
than `MOST_BYTES` and `MOST_ROWS`. (A page that announces more than it holds costs address space and no memory.)
"""

from collections.abc import Iterator
from importlib import import_module
from typing import Any

from serving import cells, errors
from serving.columns import Column, Schema, guess
from serving.rows import Rows, cell_label, cell_path, row_path, to_array

MOST_BYTES = 512 << 20  # of the values, decompressed
MOST_ROWS = 10_000_000
BATCH_ROWS = 4096
# Of the file's own description, which is read before anything can be checked.
LIMITS = {"thrift_string_size_limit": 4 << 20, "thrift_container_size_limit": 100_000}


class ParquetTable:
    """Decodes the requests of a model that reads rows. Columns in `optional` may be missing."""

    def __init__(self, schema: Schema, optional: tuple[str, ...] = ()) -> None:
        """Keep the schema."""
        self._schema = schema
        self._optional = optional

    def blocks(self, body: bytes) -> Iterator[Rows]:
        """Give the rows, a batch at a time. Raises RequestError."""
        file = _open(body)
        names = self._order(file.schema_arrow.names)
        first = 0
        for batch in _batches(file, [name for name in names if name is not None]):
            if batch.num_rows:
                yield to_array(self._rows(batch, names, first), self._schema)
                first += batch.num_rows
        if not first:
            raise errors.bad_body("expected at least one row, got none")

    def _order(self, given: list[str]) -> list[str | None]:
        if not self._schema.names:
            if self._schema.width not in {None, len(given)}:
                raise errors.bad_body(f"expected {self._schema.width} columns, got {len(given)}")
            return list(given)
        for name in given:
            if name not in self._schema.names:
                hint = guess(name, self._schema.names)
                raise errors.bad_value(f"column {cells.shown(name)}", f"unknown column{hint}")
        for name in self._schema.names:
            if name not in given and name not in self._optional:
                raise errors.bad_value(f"column {cells.shown(name)}", "this column is missing")
        return [name if name in given else None for name in self._schema.names]

    def _rows(self, batch: Any, names: list[str | None], first: int) -> list[list[object]]:
        missing = [None] * batch.num_rows
        columns = [missing if name is None else batch.column(name).to_pylist() for name in names]
        checked = [
            [self._cell(value, first + row, index, names) for row, value in enumerate(column)]
            for index, column in enumerate(columns)
        ]
        return [list(row) for row in zip(*checked, strict=True)]

    def _cell(self, value: object, row: int, index: int, names: list[str | None]) -> object:
        column = self._schema.column(index)
        if value is None or (isinstance(value, float) and value != value):  # noqa: PLR0124 - NaN
            return None
        found = (
            cells.from_json(value, column)
            if isinstance(value, int | float | str)
            else cells.Wrong(f"expected {cells.EXPECTED[column.type if column else None]}, got {type(value).__name__}")
        )
        if isinstance(found, cells.Wrong):
            path = row_path(row)
            label = cell_label(path, index, column or Column(names[index] or ""))
            raise errors.bad_value(cell_path(path, index), found.problem, label)
        return found


def _open(body: bytes) -> Any:
    arrow, parquet = import_module("pyarrow"), import_module("pyarrow.parquet")
    try:
        names = parquet.ParquetFile(arrow.BufferReader(body), **LIMITS).schema_arrow
        # Text stays as the file has it, each value once and the rows pointing to it, until its size has been counted.
        texts = [field.name for field in names if arrow.types.is_string(field.type)]
        file = parquet.ParquetFile(arrow.BufferReader(body), read_dictionary=texts, **LIMITS)
        metadata = file.metadata
        groups = [metadata.row_group(index) for index in range(metadata.num_row_groups)]
        columns = [group.column(index) for group in groups for index in range(group.num_columns)]
        sizes = [column.total_uncompressed_size for column in columns]
        size = max(sum(group.total_byte_size for group in groups), sum(sizes))
        rows = sum(group.num_rows for group in groups)
    except MemoryError:
        raise
    except Exception as error:  # noqa: BLE001 - pyarrow raises its own errors, OSError, ValueError, ...
        raise _no_parquet(error) from None
    if (
        metadata.num_columns != len(file.schema_arrow.names)
        or len(set(file.schema_arrow.names)) != metadata.num_columns
    ):
        raise errors.bad_body("expected plain columns of different names, got nested or repeated ones")
    if min(sizes, default=0) < 0 or not 0 <= size <= MOST_BYTES or not 0 <= rows <= MOST_ROWS:
        raise _too_much()
    return file


def _batches(file: Any, names: list[str]) -> Iterator[Any]:
    size = rows = 0
    batches = file.iter_batches(BATCH_ROWS, columns=names, use_threads=False)
    while True:
        try:
            batch = next(batches)
        except StopIteration:
            return
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001 - as above
            raise _no_parquet(error) from None
        size, rows = size + sum(map(_bytes, batch.columns)), rows + batch.num_rows
        if size > MOST_BYTES or rows > MOST_ROWS:
            raise _too_much()
        yield batch


def _bytes(column: Any) -> int:
    if not hasattr(column, "dictionary"):
        return int(column.nbytes)
    compute = import_module("pyarrow.compute")
    return int(compute.sum(compute.binary_length(column.dictionary).take(column.indices)).as_py() or 0)


def _no_parquet(error: Exception) -> errors.RequestError:
    return errors.bad_body(f"the body is no Parquet file that this server reads ({type(error).__name__})")


def _too_much() -> errors.RequestError:
    problem = f"the body stands for more than {MOST_BYTES >> 20} MiB or {MOST_ROWS} rows; send fewer rows a request"
    return errors.RequestError(413, "payload_too_large", problem)
