"""The pickle machine, without its power: opcodes are followed, nothing is imported and nothing is called.

Rules: time and memory are bounded by the length of the file and by the limits in `damage`; a text or bytes that are long
are skipped and their place is kept. `after_build` may replace an object once its state is set, and may read on in the
file: joblib puts the bytes of an array there.
"""

from __future__ import annotations

import io
import struct
from typing import TYPE_CHECKING, Any

from byocgen.inspect.damage import ENDS_EARLY, INLINE, ITEMS, KEPT, OBJECTS, OPCODES, Damaged, TooLong
from byocgen.inspect.inert import Blob, Global, Mapping, Object, Persistent
from byocgen.inspect.pickle_opcodes import TABLE, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable

_NUMBER = 4096
"""Characters of a number written as text, and bytes of one that is not."""
_SKIP = 1 << 20
_DEPTH = 20


class Machine:
    """Follows the pickles of one file, one after the other; memo and stack are those of one pickle."""

    def __init__(
        self,
        file: io.BufferedReader,
        size: int | None,
        after_build: Callable[[Machine, Object], Any] | None = None,
        opcodes: int = OPCODES,
    ) -> None:
        """Take a file at its position; `size` is None where it is not known before the end."""
        self.file, self.size, self.after_build = file, size, after_build
        self.imports: dict[Global, None] = {}
        """Everything that is imported, in order."""
        self.outside: list[Any] = []
        """Ids of what lies outside the pickle: the storages of tensors."""
        self.computed = 0
        """Imports whose names the pickle computes."""
        self.protocol = 0
        self.held = 0
        """Bytes that the objects take in CPython, about; texts, bytes and arrays exactly."""
        self.kept = 0
        self.left = self.opcodes = opcodes
        self.objects = OBJECTS
        self.stack: list[Any] = []
        self.marks: list[list[Any]] = []
        self.memo: dict[int, Any] = {}
        self.depth = 0

    def run(self) -> Any:
        """Follow one pickle to its STOP and return what it would make.

        Raises:
            Damaged: the file is no pickle, or not all of one.
        """
        outer = self.stack, self.marks, self.memo
        self.stack, self.marks, self.memo = [], [], {}
        self.depth += 1
        if self.depth > _DEPTH:
            raise Damaged("it holds pickles in pickles in pickles")
        try:
            self._follow()
        except Stopped:
            if not self.stack:
                raise Damaged("the pickle makes nothing") from None
            return self.stack[-1]
        except (LookupError, ValueError, TypeError, AttributeError, struct.error, OverflowError) as error:
            raise Damaged(f"it is no pickle, or a broken one (at byte {self.file.tell()})") from error
        finally:
            self.depth -= 1
            self.stack, self.marks, self.memo = outer

    def _follow(self) -> None:
        read, table = self.file.read, TABLE
        while True:
            self.left -= 1
            if self.left < 0:
                raise TooLong(f"the pickle has more than {self.opcodes:,} opcodes")
            code = read(1)
            if not code:
                raise Damaged(ENDS_EARLY)
            operation = table.get(code)
            if operation is None:
                raise Damaged(f"it is no pickle, or a broken one (at byte {self.file.tell() - 1})")
            operation(self)

    # What opcodes are made of.

    def take(self, count: int) -> bytes:
        """Read exactly `count` bytes."""
        data = self.file.read(count)
        if len(data) < count:
            raise Damaged(ENDS_EARLY)
        return data

    def unsigned(self, width: int) -> int:
        """Read one number of `width` bytes."""
        return int.from_bytes(self.take(width), "little")

    def line(self) -> bytes:
        """Read a short line, without its end."""
        data = self.file.readline(_NUMBER)
        if not data.endswith(b"\n"):
            raise Damaged(ENDS_EARLY)
        return data[:-1]

    def long_line(self) -> bytes | Blob:
        """Read a line of any length."""
        start, data = self.file.tell(), self.file.readline(INLINE)
        if data.endswith(b"\n"):
            self.held += 49 + len(data)
            return data[:-1]
        while not data.endswith(b"\n"):
            data = self.file.readline(INLINE)
            if not data:
                raise Damaged(ENDS_EARLY)
        length = self.file.tell() - start - 1
        self.held += 49 + length
        return Blob(start, length)

    def text(self, count: int) -> str | Blob:
        """Read a text of `count` bytes."""
        data = self.bytes(count)
        return data if isinstance(data, Blob) else data.decode("utf-8", "replace")

    def bytes(self, count: int) -> bytes | Blob:
        """Read `count` bytes, or skip them and keep their place."""
        self.held += 40 + count
        if count > INLINE or (count > 256 and self.kept > KEPT):
            place = Blob(self.file.tell(), count)
            self.skip(count)
            return place
        self.kept += count
        return self.take(count)

    def skip(self, count: int) -> None:
        """Pass over bytes; Damaged where there are not as many."""
        if self.size is not None:
            if count > self.size - self.file.tell():
                raise Damaged(ENDS_EARLY)
            self.file.seek(count, io.SEEK_CUR)
            return
        while count > 0:
            count -= len(self.take(min(count, _SKIP)))

    def whole(self, digits: int) -> int:
        """Read a whole number of `digits` bytes."""
        if digits > _NUMBER:
            raise Damaged("it has a number that no model has")
        return int.from_bytes(self.take(digits), "little", signed=True)

    def push(self, value: Any) -> None:
        """Put a value onto the stack."""
        self.stack.append(value)

    def contain(self, value: Any) -> None:
        """Push a list, a mapping, a tuple or an object, of which there is only room for so many."""
        self.objects -= 1
        if self.objects < 0:
            raise TooLong(f"the pickle has more than {OBJECTS:,} objects")
        self.stack.append(value)

    def pop_mark(self) -> list[Any]:
        """Take everything above the last mark."""
        items, self.stack = self.stack, self.marks.pop()
        return items

    def found(self, module: Any, name: Any) -> Global:
        """Note an import."""
        if type(module) is not str or type(name) is not str:
            self.computed += 1
            module, name = "a module", "whose name the pickle computes"
        one = Global(module[:256], name[:256])
        self.imports[one] = None
        return one

    def refer(self, reference: Any) -> None:
        """Push something that lies outside the pickle."""
        if len(self.outside) < ITEMS:
            self.outside.append(reference)
        self.contain(Persistent(reference))

    def made(self, made_by: Any, args: Any) -> None:
        """Push what a call would return."""
        self.held += 56
        self.contain(Object(made_by, args))

    def build(self) -> None:
        """Set the state of an object."""
        state = self.stack.pop()
        target = self.stack[-1]
        if isinstance(target, Object):
            target.state = state
            if self.after_build is not None:
                self.stack[-1] = self.after_build(self, target)

    def put(self, target: Any, pairs: list[Any]) -> None:
        """Set keys and values of a mapping."""
        entries = target.entries if isinstance(target, Object) else target
        self.held += 100 * (len(pairs) // 2)
        if isinstance(entries, Mapping):
            for key, value in zip(pairs[::2], pairs[1::2], strict=True):
                entries.put(key, value)

    def extend(self, target: Any, values: list[Any]) -> None:
        """Add values to a list or a set."""
        self.held += 8 * len(values)
        items = target.items if isinstance(target, Object) else target
        items.extend(values)
