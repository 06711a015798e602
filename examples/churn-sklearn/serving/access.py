"""The access log: one line for every request but pings, with latency, sizes and what the platform sent along.

An ASGI application around the real one, so that every answer passes here, whoever gives it. Handlers leave what only
they know (size of the body, rows, the error) in the request's state.
"""

import time
import traceback
from typing import Any

from litestar.types import ASGIApp, Message, Receive, Scope, Send

from serving import logs
from serving.errors import RequestError

# Headers of the platform that are worth a field; both are bounded by it (64 and 1024 characters).
LOGGED_HEADERS = {
    b"x-amzn-sagemaker-inference-id": "inference_id",
    b"x-amzn-sagemaker-custom-attributes": "custom_attributes",
}
MAX_HEADER = 1024
SERVER_ERROR = 500


def with_access_log(app: ASGIApp) -> ASGIApp:
    """Wrap `app`."""

    async def logged(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["path"] == "/ping":
            await app(scope, receive, send)
            return
        began = time.perf_counter()
        fields: dict[str, Any] = {"method": scope["method"], "path": scope["path"], "status": None, "response_bytes": 0}  # type: ignore[typeddict-item]

        async def counted(message: Message) -> None:
            if message["type"] == "http.response.start":
                fields["status"] = message["status"]
            elif message["type"] == "http.response.body":
                fields["response_bytes"] += len(message["body"])
            await send(message)

        try:
            await app(scope, receive, counted)
        finally:
            fields["latency_ms"] = round((time.perf_counter() - began) * 1000, 3)
            _write(scope, fields)

    return logged


def _write(scope: Scope, fields: dict[str, Any]) -> None:
    state = scope["state"]
    fields |= {name: state[name] for name in ("request_bytes", "rows") if state.get(name) is not None}
    for name, value in scope["headers"]:
        if name in LOGGED_HEADERS:
            fields[LOGGED_HEADERS[name]] = value.decode("latin-1")[:MAX_HEADER]
    error: RequestError | None = state.get("error")
    if error is None:
        logs.info("request", **fields)
        return
    fields |= {"error": error.code, "message": error.message}
    if error.__cause__:
        fields["exception"] = "".join(traceback.format_exception(error.__cause__))
    log = logs.info if error.status < SERVER_ERROR or error.__cause__ is None else logs.error
    log("request", **fields)
