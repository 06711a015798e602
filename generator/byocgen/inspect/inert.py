"""What a pickle would make, as values that do nothing.

Rules: no value has a hash or an equality that follows what it holds, and nothing here recurses: a pickle may nest as deep
as it is long, and may hold itself.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from byocgen.inspect.damage import ITEMS

_KEYS = 4096
"""Of a mapping; attributes are fewer, and the words of a vocabulary are of no interest."""


@dataclass(frozen=True, slots=True)
class Global:
    """Something imported: a class or a function."""

    module: str
    name: str

    def __str__(self) -> str:
        return f"{self.module}.{self.name}" if self.name else self.module


@dataclass(frozen=True, slots=True, eq=False)
class Blob:
    """A long text, or long bytes: where they stand in the file."""

    offset: int
    length: int


@dataclass(frozen=True, slots=True, eq=False)
class Persistent:
    """Something that lies outside the pickle, by its id: the storage of a tensor."""

    id: Any


@dataclass(slots=True, eq=False)
class Sequence:
    """A list or a set; `count` also counts those that were not kept."""

    items: list[Any] = field(default_factory=list)
    count: int = 0

    def extend(self, values: list[Any]) -> None:
        """Add values, and keep the first of them."""
        self.count += len(values)
        self.items += values[: max(0, ITEMS - len(self.items))]


@dataclass(slots=True, eq=False)
class Mapping:
    """A dict; values whose keys are texts are kept, the others counted."""

    known: dict[str, Any] = field(default_factory=dict)
    count: int = 0

    def put(self, key: Any, value: Any) -> None:
        """Set one value."""
        self.count += 1
        if type(key) is str and (len(self.known) < _KEYS or key in self.known):
            self.known[key] = value


@dataclass(slots=True, eq=False)
class Object:
    """What a call would return: who was called with what, and what was then put into it."""

    made_by: Any
    args: Any
    state: Any = None
    items: Sequence = field(default_factory=Sequence)
    entries: Mapping = field(default_factory=Mapping)

    @property
    def cls(self) -> Global | None:
        """The class or function that was called, where that was imported."""
        if isinstance(self.made_by, Global):
            if str(self.made_by) in _RECONSTRUCTORS and isinstance(self.args, tuple) and self.args:
                first = self.args[0]
                return first if isinstance(first, Global) else None
            return self.made_by
        return None

    def attributes(self) -> dict[str, Any]:
        """What BUILD would put into its `__dict__` and slots; an empty dict where that is something else."""
        states = self.state if isinstance(self.state, tuple) else (self.state,)
        found: dict[str, Any] = {}
        for one in states:
            if isinstance(one, Mapping):
                found |= one.known
        return found


_RECONSTRUCTORS = frozenset({"copyreg._reconstructor", "copy_reg._reconstructor", "copyreg.__newobj__"})
