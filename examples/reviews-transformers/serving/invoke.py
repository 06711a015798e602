"""A request to predict, from its body to the last byte of its answer: /invocations, and whatever else invokes a model."""

import asyncio
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

from litestar.types import Receive, Scope, Send

from serving import body, errors
from serving.access import Exchange
from serving.context import Context
from serving.engine import Engine
from serving.errors import RequestError
from serving.invocation import Invocation
from serving.lane import Deliver, Turn
from serving.reply import Reply, Streamed
from serving.streaming import Feed

if TYPE_CHECKING:
    from serving.predictor import Predictor

ATTRIBUTES = b"x-amzn-sagemaker-custom-attributes"


Using: TypeAlias = Callable[[], "AbstractContextManager[Predictor]"]


async def invoke(engine: Engine, using: Using | None, scope: Scope, receive: Receive, send: Send) -> None:
    """Answer with the predictor of `using()`, entered in the lane's thread; None is for the engine's own, once it is loaded.

    Raises RequestError before the first byte.
    """
    exchange: Exchange = scope["state"]["exchange"]
    server = engine.config.server
    turn = Turn(server.timeout_seconds, partial(_gone, receive))
    encoding = exchange.headers.get("content-encoding", "identity")
    if encoding.lower() != "identity":
        raise errors.unsupported(f"Content-Encoding: {encoding[: errors.MAX_TEXT]}", "the body as it is")
    if using is None and not engine.keep_waiting:
        raise errors.loading()
    engine.guard.admit(engine.lane.running)
    length = exchange.headers.get("content-length")
    payload = await body.read(receive, length, server.max_payload_bytes, turn.left())
    exchange.request_bytes = len(payload)
    gathering = None if using is not None else engine.gathering
    # Other workers may answer pings already while this one still loads: a request that comes here waits for the model.
    if using is None:
        loaded = engine.predictor
        if loaded is None:
            loaded = await engine.lane.until(engine.loaded, turn)
        using = _keeping(loaded)
    exchange.model = exchange.model or engine.config.model.name
    context = Context.of_request(exchange.headers, exchange.request_id, exchange.model)
    context.abandoned = turn.abandoned
    headers = exchange.headers
    invocation = Invocation(payload, headers.get("content-type", ""), headers.get("accept", ""), context)
    del payload
    try:
        if gathering and gathering.takes(exchange.request_bytes):
            answer: Reply | Feed = await gathering.answer(invocation, turn)
        else:
            answer = await engine.lane.run(partial(_work, using, invocation, asyncio.get_running_loop()), turn, _drop)
    except RequestError as error:
        engine.health.failed(error)
        raise
    finally:
        exchange.queue_seconds = turn.queue_seconds
    if isinstance(answer, Feed):
        await _send_stream(engine, answer, turn, scope, send)
    else:
        engine.health.succeeded()
        await _send_reply(answer, exchange, send)


def _keeping(predictor: "Predictor") -> Using:
    return lambda: nullcontext(predictor)


def _work(
    using: Using, invocation: Invocation, loop: asyncio.AbstractEventLoop, deliver: Deliver[Reply | Feed]
) -> None:
    with using() as predictor:
        answer = predictor.answer(invocation)
        if not isinstance(answer, Streamed):
            deliver(answer)
            return
        feed = Feed(answer)
        deliver(feed)
        feed.pump(loop)  # the rest of the answer is made here, in the same thread


def _drop(answer: Reply | Feed) -> None:
    if isinstance(answer, Feed):
        answer.stop()


async def _gone(receive: Receive) -> None:
    # After the body the only message left is the disconnect.
    while (await receive())["type"] != "http.disconnect":
        pass


async def _send_reply(reply: Reply, exchange: Exchange, send: Send) -> None:
    exchange.rows, exchange.timings = reply.rows, reply.timings
    length = (b"content-length", str(len(reply.body)).encode())
    headers = [*_headers(reply), length]
    await send({"type": "http.response.start", "status": reply.status, "headers": headers})
    await send({"type": "http.response.body", "body": reply.body, "more_body": False})


async def _send_stream(engine: Engine, feed: Feed, turn: Turn, scope: Scope, send: Send) -> None:
    exchange: Exchange = scope["state"]["exchange"]
    exchange.rows, exchange.timings, exchange.chunks = feed.streamed.rows, feed.streamed.timings, 0
    begun = False
    try:
        piece = await feed.next(turn)  # what fails before the first piece is still answered with a status
        status, headers = feed.streamed.status, _headers(feed.streamed)
        await send({"type": "http.response.start", "status": status, "headers": headers})
        begun = True
        async with asyncio.timeout(turn.left()):
            while piece is not None:
                exchange.chunks += 1
                # A client that does not read makes this wait, and then the thread.
                await send({"type": "http.response.body", "body": piece, "more_body": True})
                piece = await feed.next(turn)
        await send({"type": "http.response.body", "body": b"", "more_body": False})
        engine.health.succeeded()
    except (RequestError, TimeoutError) as problem:
        error = problem if isinstance(problem, RequestError) else errors.took_too_long(turn.timeout_seconds)
        engine.health.failed(error)
        if not begun:
            raise error from error.__cause__
        exchange.error = error
        scope["state"]["hang_up"]()  # the missing end tells the client
    finally:
        feed.stop()


def _headers(answer: Reply | Streamed) -> list[tuple[bytes, bytes]]:
    headers = [(b"content-type", answer.content_type.encode("latin-1", "replace"))]
    if answer.custom_attributes is not None:
        headers.append((ATTRIBUTES, answer.custom_attributes.encode("latin-1", "replace")))
    headers += [(name.encode(), value.encode()) for name, value in answer.headers]
    return headers
