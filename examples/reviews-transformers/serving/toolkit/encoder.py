"""From an array, or what can become one, to a body by content type."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from serving.toolkit import content_types
from serving.toolkit.errors import UnsupportedFormatError


def encode(array_like: Any, content_type: str) -> bytes | str:
    """Give the body: text for JSON and CSV, else bytes. Raises UnsupportedFormatError."""
    if content_type not in ENCODERS:
        raise UnsupportedFormatError(content_type)
    return ENCODERS[content_type](array_like)


def _to_json(array_like: Any) -> str:
    return json.dumps(array_like, default=_listed)


def _to_csv(array_like: Any) -> str:
    stream = io.StringIO()
    np.savetxt(stream, np.asarray(array_like), delimiter=",", fmt="%s")
    return stream.getvalue()


def _to_npy(array_like: Any) -> bytes:
    file = io.BytesIO()
    try:
        np.save(file, np.asarray(array_like), allow_pickle=False)
    except ValueError as error:  # of a ValueError the server thinks that the request was wrong
        raise TypeError(f"the prediction cannot be written as {content_types.NPY}: {error}") from error
    return file.getvalue()


def _to_npz(array_like: Any) -> bytes:
    file = io.BytesIO()
    np.savez(file, np.asarray(array_like))
    return file.getvalue()


def _listed(value: Any) -> Any:
    if hasattr(value, "tolist"):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no JSON form")


ENCODERS: dict[str, Callable[[Any], bytes | str]] = {
    content_types.JSON: _to_json,
    content_types.CSV: _to_csv,
    content_types.NPY: _to_npy,
    content_types.NPZ: _to_npz,
}
