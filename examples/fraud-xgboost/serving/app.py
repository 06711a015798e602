"""The routes: what a SageMaker container must offer, and what helps its operator. Anything else: 404 or 405.

Nothing here knows a model or a format. Every error is JSON.
"""

import asyncio
from typing import Any

from litestar import Litestar, Request, Response, asgi, get
from litestar.datastructures import State
from litestar.exceptions import HTTPException, MethodNotAllowedException
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp, Receive, Scope, Send

from serving import errors
from serving.access import Exchange, with_access_log
from serving.batch import execution_parameters
from serving.board import Board
from serving.engine import Engine
from serving.errors import RequestError
from serving.invoke import invoke

JSON = "application/json"
CODES = {404: "not_found", 405: "method_not_allowed"}
KNOWN = "this server answers GET /ping, POST /invocations, GET /execution-parameters, /metrics and /openapi.json"


@get("/ping")
async def ping(state: State) -> Response[bytes]:
    """200 while the model can answer; never waits for a prediction."""
    state.engine.health.check()
    return Response(b"", media_type=JSON)


@asgi("/invocations", copy_scope=False)
async def invocations(scope: Scope, receive: Receive, send: Send) -> None:
    """Predict."""
    if scope["method"] != "POST":  # type: ignore[typeddict-item]
        raise MethodNotAllowedException(headers={"Allow": "POST"})
    await invoke(scope["app"].state.engine, None, scope, receive, send)


@get("/execution-parameters")
async def parameters(state: State) -> dict[str, object]:
    """Tell a batch transform job how to cut its input."""
    return execution_parameters(state.engine.config.server)


@get("/metrics")
async def metrics(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """Give what all workers have counted."""
    # In a thread: the first call imports prometheus_client, which most servers never need.
    text, content_type = await asyncio.to_thread(_expose, state.engine.board, request.headers.get("accept", ""))
    return Response(text, headers={"Content-Type": content_type})


@get("/openapi.json")
async def openapi(state: State) -> Response[bytes]:
    """Describe the routes, with the model's own inputs."""
    return Response(state.engine.openapi(), media_type=JSON)


def _expose(board: Board, accept: str) -> tuple[bytes, str]:
    from serving.metrics import expose  # noqa: PLC0415 - see above

    return expose(board, accept)


def _refuse(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
    refusal = error if isinstance(error, RequestError) else _translate(error)
    exchange: Exchange = request.state.exchange
    exchange.error = refusal
    headers = dict(getattr(error, "headers", None) or {})
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if refusal.status in errors.CLOSING:
        headers["Connection"] = "close"
    return Response(refusal.json(), media_type=JSON, status_code=refusal.status, headers=headers)


def _translate(error: Exception) -> RequestError:
    # Litestar's own errors, and as a last resort a mistake of ours: its traceback goes to the log with the cause.
    if not isinstance(error, HTTPException) or error.status_code >= 500:
        return errors.internal(error)
    status = error.status_code
    return RequestError(status, CODES.get(status, "bad_request"), KNOWN if status in CODES else error.detail)


def _models() -> list[HTTPRouteHandler]:
    from serving.multi_model.routes import ROUTES  # noqa: PLC0415 - most servers have one model

    return ROUTES


def create_app(engine: Engine) -> ASGIApp:
    """Make the application around `engine`."""
    app = Litestar(
        [ping, metrics, *(_models() if engine.many else [invocations, parameters, openapi])],
        state=State({"engine": engine}),
        exception_handlers={Exception: _refuse},
        openapi_config=None,
        logging_config=None,
    )
    return with_access_log(app, engine.slot)
