"""A generated project in memory: every file with its content and its owner."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Ownership(StrEnum):
    """Who may change a file after it was written."""

    MANAGED = "managed"
    """byocgen writes it and may rewrite it."""
    SEEDED = "seeded"
    """Written once, then the user's."""


@dataclass(frozen=True, slots=True)
class File:
    """One file; `path` is relative, with forward slashes."""

    path: str
    content: bytes
    ownership: Ownership = Ownership.MANAGED

    @property
    def sha256(self) -> str:
        """Hash of the content, in hex."""
        return hashlib.sha256(self.content).hexdigest()


class Tree(Mapping[str, File]):
    """Files by path, in the order of their paths."""

    def __init__(self, files: Iterator[File] | list[File]) -> None:
        """Take files; two of one path are a fault of ours."""
        self._files: dict[str, File] = {}
        for file in sorted(files, key=lambda one: one.path):
            if file.path in self._files:
                raise AssertionError(f"two files are called {file.path}")
            self._files[file.path] = file

    def __getitem__(self, path: str) -> File:
        return self._files[path]

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def text_file(path: str, text: str, ownership: Ownership = Ownership.MANAGED) -> File:
    """Make a file of a text: UTF-8, line feeds."""
    return File(path, text.encode("utf-8"), ownership)
