"""The toolkit's small functions that files use."""

import re
from collections.abc import Mapping
from pathlib import Path


def read_file(path: str, mode: str = "r") -> str | bytes:
    """Give a file's content."""
    return Path(path).read_bytes() if "b" in mode else Path(path).read_text(encoding="utf-8")


def write_file(path: str, data: str | bytes, mode: str = "w") -> None:
    """Write a file."""
    with Path(path).open(mode, encoding=None if "b" in mode else "utf-8") as file:
        file.write(data)


def retrieve_content_type_header(request_property: Mapping[str, str]) -> str | None:
    """Find the Content-Type among headers in any case."""
    return next((value for name, value in request_property.items() if re.fullmatch("(?i)content-type", name)), None)


def parse_accept(accept: str | None) -> list[str]:
    """List the media types of an Accept header, without their parameters."""
    return [entry.partition(";")[0].strip().lower() for entry in (accept or "").split(",")]
