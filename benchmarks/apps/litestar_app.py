"""Litestar as its documentation shows it: a dict in, a dict out."""

import os
from typing import Any

from litestar import Litestar, Response, get, post
from served import load

predict = load(os.environ["MODEL"])


@get("/ping", sync_to_thread=False)
def ping() -> Response[bytes]:
    return Response(b"")


@post("/invocations", status_code=200, sync_to_thread=False)
def invocations(data: dict[str, Any]) -> dict[str, Any]:
    return {"predictions": predict(data["instances"])}


app = Litestar([ping, invocations])
