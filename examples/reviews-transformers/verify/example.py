"""The example request, and the same rows in other formats, sizes and orders."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pathlib import Path

JSON = "application/json"
JSON_LINES = "application/jsonlines"
CSV = "text/csv"
TYPES = {
    ".json": JSON,
    ".csv": CSV,
    ".jsonl": JSON_LINES,
    ".ndjson": JSON_LINES,
    ".npy": "application/x-npy",
    ".parquet": "application/x-parquet",
    ".txt": "text/plain",
}


@dataclass(frozen=True, slots=True)
class Example:
    """A request that the server accepts."""

    body: bytes
    content_type: str
    accept: str = ""

    @property
    def headers(self) -> list[tuple[str, str]]:
        """Give the headers that it is sent with."""
        accept = [("Accept", self.accept)] if self.accept else []
        return [("Content-Type", self.content_type), *accept]

    @property
    def media_type(self) -> str:
        """Give the content type without parameters."""
        return self.content_type.partition(";")[0].strip().lower()

    def rows(self) -> list[Any]:
        """Give its instances: of JSON `instances`, `inputs` or a list, of JSON Lines and CSV the lines; [] if unclear."""
        try:
            if self.media_type == JSON:
                value = json.loads(self.body)
                found = value.get("instances", value.get("inputs")) if isinstance(value, dict) else value
                return found if isinstance(found, list) else []
            if self.media_type == JSON_LINES:
                return [json.loads(line) for line in self.body.splitlines() if line.strip()]
            if self.media_type == CSV:
                return list(csv.reader(io.StringIO(self.body.decode())))
        except ValueError:
            pass
        return []

    def lines(self, media_type: str) -> list[bytes]:
        """Give the rows as records of CSV or JSON Lines, without a header; [] where they have no such form."""
        rows = self.rows()
        if media_type == JSON_LINES:
            return [] if self.media_type == CSV else [json.dumps(row).encode() for row in rows]
        if not rows or any(not isinstance(row, list) or any(isinstance(c, list | dict) for c in row) for row in rows):
            return []
        return [csv_line(row) for row in rows]

    def padded(self, size: int) -> bytes | None:
        """Give the same request, `size` bytes long; None where its format has no meaningless bytes."""
        return self.body.ljust(size) if self.media_type == JSON and len(self.body) <= size else None


def csv_line(row: list[Any]) -> bytes:
    """Give one CSV record without its newline."""
    text = io.StringIO()
    csv.writer(text, lineterminator="").writerow(row)
    return text.getvalue().encode()


def read(path: Path, content_type: str = "", accept: str = "") -> Example:
    """Read an example from a file, its content type from the name if none is given. Raises OSError and ValueError."""
    known = content_type or TYPES.get(path.suffix.lower(), "")
    if not known:
        raise ValueError(f"{path} has no known suffix, so its content type must be named")
    return Example(path.read_bytes(), known, accept)
