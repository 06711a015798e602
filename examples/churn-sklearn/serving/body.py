"""Reads a request's body: at most so many bytes, and no longer than it takes an honest client.

The body is collected in a BytesIO, whose getvalue() hands over its buffer without a copy: a body of 100 MB takes 100 MB.
"""

import asyncio
import io
from typing import TYPE_CHECKING

from serving import errors

if TYPE_CHECKING:
    from litestar.types import Receive

STALL_SECONDS = 10.0  # without a single byte: the platform's own proxy sends a body at once


async def read(receive: "Receive", length: str | None, limit: int, seconds: float) -> bytes:
    """Give the body. Raises RequestError: 413 as soon as it is known, 408 for one that stalls, 499 for a client gone.

    `length` is the Content-Length header, `seconds` what is left until the request's deadline.
    """
    if length is not None and length.isdecimal() and int(length) > limit:
        raise errors.too_large(limit)
    first = await _next(receive, min(STALL_SECONDS, seconds))
    if not first[1]:
        if len(first[0]) > limit:
            raise errors.too_large(limit)
        return first[0]
    body = io.BytesIO()
    chunk, more = first
    deadline = asyncio.get_running_loop().time() + seconds
    while True:
        body.write(chunk)
        if body.tell() > limit:
            raise errors.too_large(limit)
        if not more:
            return body.getvalue()
        chunk, more = await _next(receive, min(STALL_SECONDS, deadline - asyncio.get_running_loop().time()))


async def _next(receive: "Receive", seconds: float) -> tuple[bytes, bool]:
    try:
        async with asyncio.timeout(seconds):
            message = await receive()
    except TimeoutError:
        raise errors.body_stalled() from None
    if message["type"] != "http.request":
        raise errors.client_gone()
    return message["body"], message["more_body"]
