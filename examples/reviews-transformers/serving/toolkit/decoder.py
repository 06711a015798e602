"""From a body to a numpy array, by content type."""

import io
import json
from collections.abc import Callable
from typing import Any

import numpy as np

from serving.toolkit import content_types
from serving.toolkit.errors import UnsupportedFormatError


def decode(obj: bytes | str, content_type: str) -> Any:
    """Give the array; of NPZ what numpy.load gives. Raises UnsupportedFormatError, or ValueError for a bad body."""
    if content_type not in DECODERS:
        raise UnsupportedFormatError(content_type)
    return DECODERS[content_type](obj)


def _from_json(obj: bytes | str) -> Any:
    return np.array(json.loads(obj))


def _from_csv(obj: bytes | str) -> Any:
    text = obj if isinstance(obj, str) else obj.decode()
    return np.genfromtxt(io.StringIO(text), delimiter=",", encoding="utf-8")


def _from_numpy(obj: bytes | str) -> Any:
    if isinstance(obj, str):
        raise ValueError("expected bytes, got text")  # noqa: TRY004 - a ValueError is the caller's mistake, answered 400
    return np.load(io.BytesIO(obj), allow_pickle=False)


DECODERS: dict[str, Callable[[bytes | str], Any]] = {
    content_types.JSON: _from_json,
    content_types.CSV: _from_csv,
    content_types.NPY: _from_numpy,
    content_types.NPZ: _from_numpy,
}
