"""From a body to {"inputs": ...} and from predictions to a body, for JSON and CSV with a header line."""

import csv
import io
import json
from typing import Any

from serving.toolkit import content_types
from serving.toolkit.encoder import encode as encode_any
from serving.toolkit.errors import UnsupportedFormatError

INPUTS = "inputs"


def decode(content: bytes | bytearray | str, content_type: str = content_types.JSON) -> Any:
    """Give what JSON says; of CSV {"inputs": [...]}, with a text a line, or an object a line of several columns."""
    text = content if isinstance(content, str) else content.decode()
    if content_type == content_types.JSON:
        return json.loads(text)
    if content_type != content_types.CSV:
        raise UnsupportedFormatError(content_type)
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    if rows and INPUTS in rows[0]:
        return {INPUTS: [row[INPUTS] for row in rows]}
    if rows and len(rows[0]) == 1:
        raise ValueError('expected a first line with the columns\' names, "inputs" for one')
    return {INPUTS: rows}


def encode(content: Any, content_type: str = content_types.JSON) -> bytes | str:
    """Give JSON, or CSV with a header line of a list of objects."""
    if content_type == content_types.JSON:
        return encode_any(content, content_type)
    if content_type != content_types.CSV:
        raise UnsupportedFormatError(content_type)
    if not isinstance(content, list) or not content or not all(isinstance(row, dict) for row in content):
        raise TypeError("CSV is written of a list of objects")
    stream = io.StringIO()
    writer = csv.DictWriter(stream, list(content[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(content)
    return stream.getvalue()
