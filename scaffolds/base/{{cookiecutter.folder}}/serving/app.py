"""The HTTP side: GET /ping and POST /invocations, as a SageMaker container must offer them. Anything else: 404 or 405.

Nothing here knows a model or a format: a body goes to the predictor in a lane, a reply comes back. Every error is JSON.
"""

import asyncio
from concurrent.futures import Future
from functools import partial
from typing import Any, cast

from litestar import Litestar, Request, Response, get, post
from litestar.datastructures import State
from litestar.exceptions import HTTPException
from litestar.types import ASGIApp

from serving import errors
from serving.access import with_access_log
from serving.errors import RequestError
from serving.lane import Lane
from serving.predictor import Invocation, Predictor
from serving.settings import ServerSettings

JSON = "application/json"
CODES = {404: "not_found", 405: "method_not_allowed"}


class Engine:
    """What the handlers share: the limits, the lane, and the model once it is loaded (by another thread)."""

    def __init__(self, server: ServerSettings) -> None:
        """Start without a model."""
        self.server = server
        self.lane = Lane(server.threads, server.queue_size, server.timeout_seconds)
        self.loaded: Future[Predictor] = Future()

    @property
    def predictor(self) -> Predictor | None:
        """The model, None while it loads."""
        return self.loaded.result() if self.loaded.done() else None


@get("/ping")
async def ping(state: State) -> Response[bytes]:
    """200 once the model is there; never waits for a prediction."""
    if state.engine.predictor is None:
        raise errors.loading()
    return Response(b"", media_type=JSON)


@post("/invocations", status_code=200)
async def invocations(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """Predict. Reads the body (Litestar refuses one that is too large), waits for a turn, answers."""
    engine: Engine = state.engine
    headers = request.headers
    encoding = headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise errors.unsupported(f"Content-Encoding: {encoding[: errors.MAX_TEXT]}", "the body as it is")
    body = await request.body()
    request.state.request_bytes = len(body)
    # Other workers may answer pings already while this one still loads: a request that comes here waits for the model.
    predictor = engine.predictor
    if predictor is None:
        predictor = await engine.lane.until(engine.loaded)
    invocation = Invocation(body, headers.get("content-type", ""), headers.get("accept", ""))
    reply = await engine.lane.run(partial(predictor.answer, invocation), partial(_is_gone, request))
    request.state.rows = reply.rows
    return Response(reply.body, media_type=reply.content_type)


async def _is_gone(request: Request[Any, Any, Any]) -> bool:
    # After the body the only message left is the disconnect: when it is there, it is there at once.
    message = asyncio.ensure_future(request.receive())
    await asyncio.sleep(0)
    if message.done():
        return message.result()["type"] == "http.disconnect"
    message.cancel()
    return False


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[dict[str, dict[str, str]]]:
    refusal = error if isinstance(error, RequestError) else _translate(request, error)
    request.state.error = refusal
    retry = {} if refusal.retry_after is None else {"Retry-After": str(refusal.retry_after)}
    allow = getattr(error, "headers", None) or {}
    return Response(refusal.body(), media_type=JSON, status_code=refusal.status, headers={**allow, **retry})


def _translate(request: Request[Any, Any, Any], error: Exception) -> RequestError:
    # Litestar's own errors, and as a last resort a mistake of ours: its traceback goes to the log with the cause.
    if not isinstance(error, HTTPException):
        refusal = RequestError(500, "internal_error", "the server failed; the endpoint's log has the traceback")
        refusal.__cause__ = error
        return refusal
    status = error.status_code
    if status >= 500:
        return errors.client_gone()  # the one that Litestar raises: the connection closed while the body was read
    if status == 413:
        return errors.too_large(cast("Engine", request.app.state.engine).server.max_payload_bytes)
    known = "this server answers GET /ping and POST /invocations"
    detail = known if status in CODES else error.detail
    return RequestError(status, CODES.get(status, "bad_request"), detail)


def create_app(engine: Engine) -> ASGIApp:
    """Make the application around `engine`."""
    app = Litestar(
        [ping, invocations],
        state=State({"engine": engine}),
        exception_handlers={Exception: _refuse},
        request_max_body_size=engine.server.max_payload_bytes,
        openapi_config=None,
        logging_config=None,
    )
    return with_access_log(app)
