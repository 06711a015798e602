"""The platform's routes of a multi-model container: load, list, describe, unload and invoke models.

https://docs.aws.amazon.com/sagemaker/latest/dg/mms-container-apis.html
"""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
from litestar import Request, Response, delete, get, post
from litestar.datastructures import State
from litestar.handlers import HTTPRouteHandler
from litestar.types import ASGIApp

from serving import body, errors
from serving.engine import Engine
from serving.errors import RequestError
from serving.invoke import invoke
from serving.lane import Deliver, Turn
from serving.multi_model.service import Service

if TYPE_CHECKING:
    from serving.predictor import Predictor

NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,255}")  # a segment of a path, and never `.` or `..`
LONGEST_URL = 512  # characters, as JSON writes it
LONGEST_BODY = 64 * 1024
PAGE = 1000  # models of one answer of GET /models


class LoadRequest(msgspec.Struct):
    """What the platform sends to load a model; other keys are left alone."""

    model_name: str
    url: str


@post("/models", status_code=200)
async def load_model(request: Request[Any, Any, Any], state: State) -> Response[bytes]:
    """Load a model: 200 once every worker knows it, 409 if it is there, 507 if it does not fit."""
    service: Service = state.engine.many
    wanted = _parse(await body.read(request.receive, request.headers.get("content-length"), LONGEST_BODY, 10.0))
    name = request.state.exchange.model = _checked(wanted.model_name)
    if not await service.peer.claim(name, wanted.url):
        raise errors.already_loaded(name)
    try:
        service.models.add(name, wanted.url)
        await _in_lane(state.engine, request, partial(_try_out, service, name))
    except BaseException:
        service.models.forget(name)
        service.peer.failed(name)
        raise
    await service.peer.loaded(name)
    return Response(b"", media_type="application/json")


@get("/models")
async def list_models(state: State, next_page_token: str = "") -> dict[str, object]:
    """List the models, a thousand at a time, in the order of their names."""
    left = [(name, url) for name, url in state.engine.many.models.urls().items() if name > next_page_token]
    page: dict[str, object] = {"models": [{"modelName": name, "modelUrl": url} for name, url in left[:PAGE]]}
    return {**page, "nextPageToken": left[PAGE - 1][0]} if len(left) > PAGE else page


@get("/models/{name:str}")
async def describe_model(request: Request[Any, Any, Any], state: State, name: str) -> dict[str, str]:
    """Describe a model, or 404."""
    request.state.exchange.model = _checked(name)
    url = state.engine.many.models.urls().get(name)
    if url is None:
        raise errors.no_such_model(name)
    return {"modelName": name, "modelUrl": url}


@delete("/models/{name:str}", status_code=200)
async def unload_model(request: Request[Any, Any, Any], state: State, name: str) -> Response[bytes]:
    """Unload a model: 200 once its memory is free in every worker, or 404."""
    request.state.exchange.model = _checked(name)
    if not await state.engine.many.peer.remove(name):
        raise errors.no_such_model(name)
    return Response(b"", media_type="application/json")


@post("/models/{name:str}/invoke", status_code=200)
async def invoke_model(request: Request[Any, Any, Any], state: State, name: str) -> ASGIApp:
    """Predict with a model: as /invocations does; 404 if it is not loaded, 507 if it does not fit just now."""
    request.state.exchange.model = _checked(name)
    # An application to be called, for an @asgi route finds no parameters in its path.
    return partial(invoke, state.engine, partial(_using, state.engine.many, name))


ROUTES: list[HTTPRouteHandler] = [
    load_model,
    list_models,
    describe_model,
    unload_model,
    invoke_model,
]


@contextmanager
def _using(service: Service, name: str) -> "Iterator[Predictor]":
    entry, predictor = service.models.acquire(name)
    try:
        yield predictor
    except RequestError as error:
        # A prediction that ran out of memory: 507 is what makes the platform unload other models.
        if error.code == errors.OUT_OF_MEMORY:
            raise errors.no_room(name) from error
        raise
    finally:
        service.models.release(entry)


def _try_out(service: Service, name: str, deliver: Deliver[None]) -> None:
    entry, _ = service.models.acquire(name)
    service.models.release(entry)
    deliver(None)


async def _in_lane(engine: Engine, request: Request[Any, Any, Any], work: Any) -> None:
    async def never() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    await engine.lane.run(work, Turn(engine.config.server.timeout_seconds, never))


def _parse(text: bytes) -> LoadRequest:
    try:
        wanted = msgspec.json.decode(text, type=LoadRequest)
    except (msgspec.MsgspecError, ValueError, RecursionError):
        raise errors.bad_body('expected {"model_name": "...", "url": "..."}') from None
    folder = Path(wanted.url)
    if (
        len(msgspec.json.encode(wanted.url)) > LONGEST_URL
        or "\0" in wanted.url
        or not folder.is_absolute()
        or ".." in folder.parts
    ):
        raise errors.bad_value("url", "expected the absolute path of the model's folder")
    if not folder.is_dir():
        raise errors.bad_value("url", "there is no such folder")
    return wanted


def _checked(name: str) -> str:
    if not NAME.fullmatch(name):
        raise errors.bad_value(
            "model_name", "expected letters, digits, dots, dashes and underscores, at most 256 of them"
        )
    return name
