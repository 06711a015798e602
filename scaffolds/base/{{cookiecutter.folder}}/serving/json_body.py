"""JSON requests: {"instances": [...]}, {"inputs": ..., "parameters": {...}}, or the bare list of instances.

`inputs` may also be one instance: an object, or a string where the model reads texts. `"stream": true` asks for the
answer in pieces. The fast ways decode and check types in simdjson's or msgspec's C code; whatever they refuse is read
again value by value, which finds the bad one and words the error.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from functools import partial
from typing import Any, Generic, TypeVar

import msgspec

from serving import cells, errors
from serving.columns import guess
from serving.instances import REFUSALS, Namer, Reader
from serving.rows import row_path

Many = TypeVar("Many")
One = TypeVar("One")
MOST_KEYS_SHOWN = 5
FORMS = '{"instances": [[...], ...]}'
UNSET = msgspec.UNSET


class Envelope(msgspec.Struct, Generic[Many, One]):
    """The documented form of a request; other keys are left alone."""

    instances: Many | msgspec.UnsetType = UNSET
    inputs: Many | One | msgspec.UnsetType = UNSET
    parameters: dict[str, Any] | None = None
    stream: bool = False


class JsonRequest(msgspec.Struct, frozen=True):
    """What a JSON body held: the instances, and what it said beside them."""

    data: Any
    parameters: Mapping[str, Any] = {}
    stream: bool = False
    name: Namer = row_path  # gives an instance's path


class JsonBody:
    """Decodes the requests of one model."""

    def __init__(self, reader: Reader) -> None:
        """Prepare a decoder for each of the reader's fast ways."""
        self._reader = reader
        self._numbers = reader.numbers
        if self._numbers:
            from serving import json_numbers  # noqa: PLC0415 - with simdjson, which texts do without

            self._read_numbers = partial(json_numbers.read, depth=self._numbers.depth)
        self._ways = [(_decoder(way.instance, str if str in reader.lone else None), way.convert) for way in reader.ways]

    def decode(self, body: bytes) -> JsonRequest:
        """Read a request. Raises RequestError."""
        if self._numbers and (found := self._read_numbers(body)):
            with suppress(*REFUSALS):
                data = self._numbers.convert(found[1])
                if data is not None:
                    return JsonRequest(data, name=_namer(found[0], []))
        for decoder, convert in self._ways:
            try:
                document: Any = decoder.decode(body)
                if isinstance(document, list):
                    document = Envelope(instances=document)
                root, instances = _one_of(document)
                data = convert(instances if isinstance(instances, list) else [instances])
            except REFUSALS:
                continue
            if data is not None:
                return JsonRequest(data, document.parameters or {}, document.stream, _namer(root, instances))
        return exact(body, self._reader)


def exact(body: bytes, reader: Reader) -> JsonRequest:
    """Read a request value by value. Raises RequestError with the path of the first bad value."""
    document = parse(body)
    if not isinstance(document, dict):
        return JsonRequest(_instances(document, "instances", reader))
    root = _root(document)
    parameters = document.get("parameters")
    if not isinstance(parameters, dict | None):
        raise errors.bad_value("parameters", f"expected an object, got {cells.shown(parameters)}")
    stream = document.get("stream", False)
    if not isinstance(stream, bool):
        raise errors.bad_value("stream", f"expected true or false, got {cells.shown(stream)}")
    name = _namer(root, document[root])
    return JsonRequest(_instances(document[root], root, reader), parameters or {}, stream, name)


def parse(body: bytes, what: str = "the body") -> object:
    """Read JSON. Raises RequestError that says where it is none."""
    try:
        return json.loads(body.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        where = f"line {error.lineno} column {error.colno}"
        raise errors.bad_body(f"{what} is not JSON: {error.msg} at {where}" if body else f"{what} is empty") from None
    except UnicodeDecodeError as error:
        raise errors.bad_body(f"{what} is not UTF-8: bad byte at position {error.start}") from None
    except RecursionError:
        raise errors.bad_body(f"{what} is nested too deeply") from None
    except ValueError:  # Python refuses to read integers of more than 4300 digits
        raise errors.bad_body(f"{what} holds a number with too many digits") from None


def _root(document: dict[str, Any]) -> str:
    roots = [key for key in ("instances", "inputs") if key in document]
    if len(roots) > 1:
        raise errors.bad_body('expected "instances" or "inputs", got both')
    if not roots:
        keys = ", ".join(cells.shown(key) for key in list(document)[:MOST_KEYS_SHOWN]) or "no keys"
        near = next((hint for key in document if (hint := guess(key, ("instances", "inputs")))), "")
        raise errors.bad_body(f"expected {FORMS}, got an object with {keys}{near}")
    return roots[0]


def _instances(value: object, root: str, reader: Reader) -> Any:
    if root == "inputs":
        data = reader.columns(value)
        if data is not None:
            return data
        if isinstance(value, reader.lone):
            return reader.exact([value], _namer(root, value))
    if not isinstance(value, list):
        raise errors.bad_value(root, f"expected a list of {reader.noun}s, got {cells.shown(value)}")
    if not value:
        raise errors.bad_value(root, f"expected at least one {reader.noun}, got none")
    return reader.exact(value, _namer(root, value))


def _namer(root: str, value: object) -> Namer:
    # What is no list is a single instance, or batches by tensor: named as a whole.
    return (lambda index: f"{root}[{index}]") if isinstance(value, list) else (lambda _: root)


def _one_of(document: Any) -> tuple[str, Any]:
    if (document.instances is UNSET) == (document.inputs is UNSET):
        raise ValueError("instances or inputs, and one of them only")
    root = "inputs" if document.instances is UNSET else "instances"
    instances = getattr(document, root)
    if instances is None:
        raise ValueError("null is no instance")
    return root, instances


def _decoder(instance: Any, lone: Any) -> Any:
    many: Any = list[instance]
    return msgspec.json.Decoder(Envelope[many, lone] | many)
