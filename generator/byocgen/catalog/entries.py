"""A mapping whose missing key says what it was looked up among.

The catalogue does not word messages: ``UnknownEntry`` holds the kind, the name and the known names, and whoever
reports it makes the guess and the sentence.
"""

from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

Value = TypeVar("Value")


class UnknownEntry(KeyError):  # noqa: N818 - reads as what it is; KeyError already says that it is an error
    """A name the catalogue does not have. ``kind`` is what was looked up (``"instance type"``)."""

    def __init__(self, kind: str, name: str, known: tuple[str, ...]) -> None:
        """Keep the three parts of a message apart."""
        super().__init__(name)
        self.kind = kind
        self.name = name
        self.known = known

    def __str__(self) -> str:
        """Name the kind and the key; a KeyError alone would print the key's repr."""
        return f"unknown {self.kind}: {self.name}"


class Entries(Mapping[str, Value], Generic[Value]):
    """Values by name, in the order of their file. A missing name raises ``UnknownEntry``."""

    def __init__(self, kind: str, values: Mapping[str, Value]) -> None:
        """``kind`` is the noun for one entry."""
        self._kind = kind
        self._values = dict(values)

    def __getitem__(self, name: str) -> Value:
        """Return the entry, or raise UnknownEntry with every known name."""
        try:
            return self._values[name]
        except KeyError:
            raise UnknownEntry(self._kind, name, tuple(self._values)) from None

    def __iter__(self) -> Iterator[str]:
        """Names in file order."""
        return iter(self._values)

    def __len__(self) -> int:
        """How many there are."""
        return len(self._values)

    def __repr__(self) -> str:
        """Short: a catalogue has hundreds of entries."""
        return f"Entries({self._kind!r}, {len(self)} known)"
