"""Every opcode of pickle, protocols 0 to 5, as what it does to a `Machine` that makes nothing.

The names are those of CPython's Lib/pickletools.py, which documents each.
"""

from __future__ import annotations

import codecs
import struct
from typing import TYPE_CHECKING, Any

from byocgen.inspect.inert import Blob, Mapping, Sequence

if TYPE_CHECKING:
    from collections.abc import Callable

    from byocgen.inspect.pickle_machine import Machine

    Operation = Callable[[Machine], None]


class Stopped(Exception):  # noqa: N818 - the pickle's regular end
    """STOP was reached."""


def _constant(value: Any) -> Operation:
    return lambda machine: machine.push(value)


def _number(width: int) -> Operation:
    return lambda machine: machine.stack.append(machine.unsigned(width))


def _text(width: int) -> Operation:
    return lambda machine: machine.stack.append(machine.text(machine.unsigned(width)))


def _bytes(width: int) -> Operation:
    return lambda machine: machine.stack.append(machine.bytes(machine.unsigned(width)))


def _put(width: int) -> Operation:
    def put(machine: Machine) -> None:
        machine.memo[machine.unsigned(width)] = machine.stack[-1]

    return put


def _memoize(machine: Machine) -> None:
    machine.memo[len(machine.memo)] = machine.stack[-1]


def _get(width: int) -> Operation:
    return lambda machine: machine.stack.append(machine.memo[machine.unsigned(width)])


def _tuple(count: int) -> Operation:
    def make(machine: Machine) -> None:
        stack = machine.stack
        if len(stack) < count:
            raise IndexError
        parts = tuple(stack[-count:])
        del stack[-count:]
        machine.contain(parts)

    return make


def _extension(width: int) -> Operation:
    return lambda machine: machine.push(machine.found("copyreg.extension", str(machine.unsigned(width))))


def _proto(machine: Machine) -> None:
    machine.protocol = max(machine.protocol, machine.unsigned(1))


def _frame(machine: Machine) -> None:
    machine.unsigned(8)  # how far to read ahead


def _stop(_machine: Machine) -> None:
    raise Stopped


def _mark(machine: Machine) -> None:
    machine.marks.append(machine.stack)
    machine.stack = []


def _pop(machine: Machine) -> None:
    if machine.stack:
        machine.stack.pop()
    else:
        machine.pop_mark()


def _pop_mark(machine: Machine) -> None:
    machine.pop_mark()


def _int(machine: Machine) -> None:
    line = machine.line()
    machine.push(line == b"01" if line in (b"00", b"01") else int(line, 0))


def _string(machine: Machine) -> None:
    line = machine.long_line()
    if isinstance(line, Blob):
        machine.push(line)
        return
    if len(line) < 2 or line[:1] != line[-1:] or line[:1] not in (b"'", b'"'):
        raise ValueError
    machine.push(codecs.escape_decode(line[1:-1])[0].decode("latin-1"))


def _unicode(machine: Machine) -> None:
    line = machine.long_line()
    machine.push(line if isinstance(line, Blob) else line.decode("raw-unicode-escape"))


def _list(machine: Machine) -> None:
    items = machine.pop_mark()
    made = Sequence()
    machine.extend(made, items)
    machine.contain(made)


def _dict(machine: Machine) -> None:
    pairs = machine.pop_mark()
    made = Mapping()
    machine.put(made, pairs)
    machine.contain(made)


def _append(machine: Machine) -> None:
    value = machine.stack.pop()
    machine.extend(machine.stack[-1], [value])


def _appends(machine: Machine) -> None:
    values = machine.pop_mark()
    machine.extend(machine.stack[-1], values)


def _setitem(machine: Machine) -> None:
    value, key = machine.stack.pop(), machine.stack.pop()
    machine.put(machine.stack[-1], [key, value])


def _setitems(machine: Machine) -> None:
    pairs = machine.pop_mark()
    machine.put(machine.stack[-1], pairs)


def _global(machine: Machine) -> None:
    module, name = machine.line(), machine.line()
    machine.push(machine.found(module.decode("utf-8", "replace"), name.decode("utf-8", "replace")))


def _stack_global(machine: Machine) -> None:
    name, module = machine.stack.pop(), machine.stack.pop()
    machine.push(machine.found(module, name))


def _call(machine: Machine) -> None:
    args, function = machine.stack.pop(), machine.stack.pop()
    machine.made(function, args)


def _call_with_keywords(machine: Machine) -> None:
    machine.stack.pop()
    _call(machine)


def _inst(machine: Machine) -> None:
    module, name = machine.line(), machine.line()
    args = machine.pop_mark()
    machine.made(machine.found(module.decode("utf-8", "replace"), name.decode("utf-8", "replace")), tuple(args))


def _obj(machine: Machine) -> None:
    function, *args = machine.pop_mark()
    machine.made(function, tuple(args))


TABLE: dict[bytes, Operation] = {
    b"\x80": _proto,
    b"\x95": _frame,
    b".": _stop,
    b"(": _mark,
    b"0": _pop,
    b"1": _pop_mark,
    b"2": lambda machine: machine.push(machine.stack[-1]),
    # constants and numbers
    b"N": _constant(None),
    b"\x88": _constant(True),
    b"\x89": _constant(False),
    b"I": _int,
    b"J": lambda machine: machine.push(machine.whole(4)),
    b"K": _number(1),
    b"M": _number(2),
    b"L": lambda machine: machine.push(int(machine.line().rstrip(b"L"), 0)),
    b"\x8a": lambda machine: machine.push(machine.whole(machine.unsigned(1))),
    b"\x8b": lambda machine: machine.push(machine.whole(machine.unsigned(4))),
    b"F": lambda machine: machine.push(float(machine.line())),
    b"G": lambda machine: machine.push(struct.unpack(">d", machine.take(8))[0]),
    # texts and bytes
    b"S": _string,
    b"T": _text(4),
    b"U": _text(1),
    b"V": _unicode,
    b"X": _text(4),
    b"\x8c": _text(1),
    b"\x8d": _text(8),
    b"B": _bytes(4),
    b"C": _bytes(1),
    b"\x8e": _bytes(8),
    b"\x96": _bytes(8),
    b"\x97": lambda machine: machine.push(Blob(0, 0)),  # NEXT_BUFFER: handed over beside the pickle
    b"\x98": lambda _: None,
    # containers
    b")": _constant(()),
    b"\x85": _tuple(1),
    b"\x86": _tuple(2),
    b"\x87": _tuple(3),
    b"t": lambda machine: machine.contain(tuple(machine.pop_mark())),
    b"]": lambda machine: machine.contain(Sequence()),
    b"l": _list,
    b"a": _append,
    b"e": _appends,
    b"}": lambda machine: machine.contain(Mapping()),
    b"d": _dict,
    b"s": _setitem,
    b"u": _setitems,
    b"\x8f": lambda machine: machine.contain(Sequence()),
    b"\x90": _appends,
    b"\x91": _list,
    # the memo
    b"p": lambda machine: machine.memo.__setitem__(int(machine.line()), machine.stack[-1]),
    b"q": _put(1),
    b"r": _put(4),
    b"\x94": _memoize,
    b"g": lambda machine: machine.push(machine.memo[int(machine.line())]),
    b"h": _get(1),
    b"j": _get(4),
    # what is imported, and what is called
    b"c": _global,
    b"\x93": _stack_global,
    b"R": _call,
    b"\x81": _call,
    b"\x92": _call_with_keywords,
    b"i": _inst,
    b"o": _obj,
    b"b": lambda machine: machine.build(),
    b"\x82": _extension(1),
    b"\x83": _extension(2),
    b"\x84": _extension(4),
    b"P": lambda machine: machine.refer(machine.line().decode("utf-8", "replace")),
    b"Q": lambda machine: machine.refer(machine.stack.pop()),
}
