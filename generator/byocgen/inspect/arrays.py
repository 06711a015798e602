"""numpy's arrays, types and scalars in a pickle, and the arrays that joblib puts behind its wrappers.

The forms are numpy's `__reduce__` (versions 1 and 2, all protocols) and joblib's NumpyArrayWrapper (0.10 and newer), which
is followed by padding and the array's own bytes, or by a pickle of its own where it holds objects.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any, TypeGuard

from byocgen.inspect.damage import Damaged
from byocgen.inspect.inert import Blob, Global, Mapping, Object, Sequence

if TYPE_CHECKING:
    from byocgen.inspect.pickle_machine import Machine

WRAPPER = "joblib.numpy_pickle.NumpyArrayWrapper"
_VALUES = 10_000
_NAMES = {"f": "float", "i": "int", "u": "uint", "c": "complex", "b": "bool"}
_FORMS = {
    "f2": "e",
    "f4": "f",
    "f8": "d",
    "b1": "?",
    "i1": "b",
    "i2": "h",
    "i4": "i",
    "i8": "q",
    "u1": "B",
    "u2": "H",
    "u4": "I",
    "u8": "Q",
}


@dataclass(frozen=True, slots=True, eq=False)
class DType:
    """One type: numpy's letter for its kind, the bytes of one value, and their order."""

    kind: str
    size: int
    order: str

    @property
    def name(self) -> str:
        """As people call it: float64, object, text."""
        if self.kind in _NAMES:
            return "bool" if self.kind == "b" else f"{_NAMES[self.kind]}{self.size * 8}"
        return {"O": "object", "U": "text", "S": "bytes", "M": "datetime64", "m": "timedelta64"}.get(
            self.kind, "record"
        )


@dataclass(frozen=True, slots=True, eq=False)
class Array:
    """An array: its type, its shape and its values, as far as they were kept."""

    dtype: DType
    shape: tuple[int, ...]
    data: Any = None

    @property
    def count(self) -> int:
        """How many values."""
        return prod(self.shape)

    def values(self) -> list[Any] | None:
        """Return the values; None where they are many, or of a type that is no plain value."""
        if self.count > _VALUES:
            return None
        if isinstance(self.data, Sequence):
            return self.data.items
        if not isinstance(self.data, bytes) or len(self.data) != self.count * self.dtype.size:
            return None
        if self.dtype.kind == "U":
            return [self._text(start) for start in range(0, len(self.data), self.dtype.size or 1)]
        form = _FORMS.get(f"{self.dtype.kind}{self.dtype.size}")
        return list(struct.unpack(f"{self.dtype.order}{self.count}{form}", self.data)) if form else None

    def _text(self, start: int) -> str:
        order = "utf-32-be" if self.dtype.order == ">" else "utf-32-le"
        data = self.data[start : start + self.dtype.size]
        return str(data.decode(order, "replace").rstrip("\0"))


def dtype_of(value: Any) -> DType | None:
    """Read a type; None where it is none, or one whose size the pickle does not say."""
    if not isinstance(value, Object) or str(value.made_by) != "numpy.dtype" or not value.args:
        return None
    code = value.args[0] if isinstance(value.args, tuple) else None
    state = value.state if isinstance(value.state, tuple) else ()
    order = ">" if len(state) > 1 and state[1] == ">" else "<"
    if not isinstance(code, str) or not code[:1].isalpha() or not (code[1:].isdecimal() or not code[1:]):
        return None
    given = state[5] if len(state) > 5 and type(state[5]) is int and state[5] > 0 else None
    size = int(code[1:] or "0") * (4 if code[0] == "U" else 1) if len(code) < 12 else 0
    return DType(code[0], given or size, order)


def array_of(value: Any) -> Array | None:
    """Read an array that the pickle itself holds, or a scalar as an array without dimensions."""
    if isinstance(value, Array):
        return value
    if not isinstance(value, Object) or not isinstance(value.made_by, Global) or not isinstance(value.args, tuple):
        return None
    args, state = value.args, value.state
    match value.made_by.name if value.made_by.module.startswith("numpy.") else "":
        case "_reconstruct" if isinstance(state, tuple) and len(state) == 5:
            return _array(state[2], state[1], state[4])
        case "_frombuffer" if len(args) == 4:
            return _array(args[1], args[2], args[0])
        case "scalar" if len(args) == 2:
            return _array(args[0], (), args[1])
    return None


def _array(dtype: Any, shape: Any, data: Any) -> Array | None:
    kind = dtype_of(dtype)
    if kind is None or not _is_shape(shape):
        return None
    return Array(kind, shape, data if isinstance(data, Sequence) else raw_of(data))


def raw_of(value: Any) -> bytes | Blob | None:
    """Return bytes however they are written: as such, in a bytearray, before protocol 3 as a text of Latin-1."""
    if isinstance(value, Object) and str(value.made_by).endswith(".bytearray") and isinstance(value.args, tuple):
        value = value.args[0] if value.args else b""
    if isinstance(value, Object) and str(value.made_by) == "_codecs.encode" and isinstance(value.args, tuple):
        text = value.args[0] if value.args else None
        value = text.encode("latin-1", "replace") if isinstance(text, str) else None
    return value if isinstance(value, bytes | Blob) else None


def _is_shape(value: Any) -> TypeGuard[tuple[int, ...]]:
    return isinstance(value, tuple) and all(type(length) is int and 0 <= length < 1 << 48 for length in value)


def after_build(machine: Machine, made: Object) -> Any:
    """Read the array that follows a wrapper of joblib's; anything else is left as it is."""
    if str(made.made_by) != WRAPPER:
        return made
    given = made.attributes()
    kind, shape = dtype_of(given.get("dtype")), given.get("shape")
    if kind is None or not _is_shape(shape):
        raise Damaged("joblib's description of an array is broken, or newer than byocgen knows")
    if kind.kind == "O":
        inner = machine.run()
        return array_of(inner) or inner
    if type(given.get("numpy_array_alignment_bytes")) is int:
        machine.skip(machine.unsigned(1))
    count = prod(shape) * kind.size
    return Array(kind, shape, machine.bytes(count))


def text_of(value: Any) -> str | None:
    """Return a text: Python's or numpy's."""
    if type(value) is str:
        return value
    array = array_of(value)
    values = array.values() if array is not None and array.count == 1 else None
    return values[0] if values and type(values[0]) is str else None


def values_of(value: Any) -> list[Any] | None:
    """Return the plain values of a list, a tuple or an array; numpy's scalars become Python's. None: it is none."""
    if isinstance(value, Sequence):
        items: list[Any] | None = value.items if value.count == len(value.items) else None
    elif isinstance(value, tuple):
        items = list(value)
    else:
        array = array_of(value)
        items = array.values() if array is not None else None
    return None if items is None else [_plain(item) for item in items]


def _plain(value: Any) -> Any:
    if isinstance(value, Blob | Mapping | Sequence | Global):
        return value
    array = array_of(value)
    if array is None or array.shape:
        return value
    values = array.values()
    return values[0] if values else value
