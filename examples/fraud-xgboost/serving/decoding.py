"""From a body to instances: which decoder reads which content type for a kind of inputs.

Every decoder gives a request's instances in blocks; formats that come whole give one.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from typing import Any, TypeAlias

import msgspec

from serving import errors, media
from serving.columns import Column, ColumnType, Schema, named
from serving.csv_body import CsvBody
from serving.inputs import Inputs, Tensors, Texts
from serving.instances import Reader
from serving.json_body import JsonBody
from serving.jsonl_body import JsonLinesBody, line_of
from serving.npy_body import NpyTable, NpyTensor
from serving.parquet_body import ParquetTable
from serving.places import Places
from serving.table import TableReader
from serving.tensors import TensorReader
from serving.texts import TextReader

INSTALL = "; for Parquet add pyarrow to model.requirements in byocgen.yaml"


class Request(msgspec.Struct, frozen=True):
    """The instances of a request in blocks, and what it said beside them."""

    blocks: Iterable[Any]
    parameters: Mapping[str, Any] = {}
    stream: bool = False
    places: Places = msgspec.field(default_factory=Places)


Decode: TypeAlias = Callable[[bytes], Request]
Read: TypeAlias = Callable[[bytes], Iterator[Any]]
FindPlaces: TypeAlias = Callable[[bytes], Places]


class Decoders:
    """The content types that a model's requests may have, and what reads them."""

    def __init__(self, inputs: Inputs) -> None:
        """Prepare every decoder."""
        reader, self._decoders = _prepare(inputs)
        json, lines = JsonBody(reader), JsonLinesBody(reader)

        def decode_json(body: bytes) -> Request:
            request = json.decode(body)
            return Request((request.data,), request.parameters, request.stream, Places(request.name))

        self._decoders = {
            media.JSON: decode_json,
            media.JSON_LINES: lambda body: Request(lines.blocks(body), places=Places(partial(line_of, body))),
            **self._decoders,
        }

    @property
    def content_types(self) -> tuple[str, ...]:
        """What is accepted, in the usual order."""
        return tuple(name for name in media.FORMATS if name in self._decoders)

    def decode(self, body: bytes, content_type: str) -> Request:
        """Read a request; later blocks are read when they are asked for. Raises RequestError."""
        decode = self._decoders.get(content_type)
        if decode is None:
            hint = INSTALL if content_type == media.PARQUET and not media.HAS_PARQUET else ""
            accepted = media.listed(self.content_types) + hint
            raise errors.unsupported(f"Content-Type: {content_type[: errors.MAX_TEXT]}", accepted)
        return decode(body)


def _prepare(inputs: Inputs) -> tuple[Reader, dict[str, Decode]]:
    if isinstance(inputs, Tensors):
        if len(inputs.tensors) > 1:
            return TensorReader(inputs), {}
        return TensorReader(inputs), {media.NPY: _whole(NpyTensor(inputs.tensors[0]).decode)}
    if isinstance(inputs, Texts):
        return TextReader(inputs), _blocks_of_texts(inputs)
    table = CsvBody(inputs)
    decoders = {media.CSV: _in_blocks(table.blocks, table.places), media.NPY: _whole(NpyTable(inputs).decode)}
    if media.HAS_PARQUET:
        decoders[media.PARQUET] = _in_blocks(ParquetTable(inputs).blocks)
    return TableReader(inputs), decoders


def _blocks_of_texts(texts: Texts) -> dict[str, Decode]:
    """Read texts as a table of strings whose columns are the fields."""
    schema: Schema = named(tuple(Column(name, ColumnType.STRING) for name in texts.fields))

    def as_texts(read: Read, places: FindPlaces = lambda _: Places()) -> Decode:
        return lambda body: Request((_texts(rows, texts) for rows in read(body)), places=places(body))

    table = CsvBody(schema, texts.optional)
    decoders = {media.CSV: as_texts(table.blocks, table.places)}
    if media.HAS_PARQUET:
        decoders[media.PARQUET] = as_texts(ParquetTable(schema, texts.optional).blocks)
    return decoders


def _texts(rows: Any, texts: Texts) -> list[dict[str, str]]:
    instances = []
    for row in rows.tolist():
        given = {name: value for name, value in zip(texts.fields, row, strict=True) if isinstance(value, str)}
        # An empty cell is an empty text where the model needs one, and nothing where it does not.
        empty = {name: "" for name in texts.fields if name not in given and name not in texts.optional}
        instances.append({**given, **empty})
    return instances


def _in_blocks(read: Read, places: FindPlaces = lambda _: Places()) -> Decode:
    return lambda body: Request(read(body), places=places(body))


def _whole(read: Callable[[bytes], Any]) -> Decode:
    return lambda body: Request((read(body),))
