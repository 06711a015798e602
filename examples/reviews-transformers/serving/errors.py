"""Everything that can go wrong on purpose, worded in one place.

StartError:   the server cannot start and trying again will not help. Its text is one log line: what, where, what to do.
RequestError: one request is refused. Its text is all that a caller sees, so it says what to change and never holds a
traceback.
"""

import logging
import re
import traceback
from collections.abc import Iterator

import msgspec

MAX_TEXT = 500  # characters of text from outside that a message repeats
PLACE = re.compile(r"(instances|inputs)(\[\d+\])*|line \d+(, (column|cell) \d+)?|parameters|stream")
OUT_OF_MEMORY = "out_of_memory"
MODEL_UNUSABLE = "model_unusable"
MOST_CAUSES = 8  # of an exception, that its traceback tells of


# Of a refusal whose body may not have been read: the connection cannot carry another request.
CLOSING = {408, 413}


class StartError(Exception):
    """The model, inference.py or a setting is wrong; `str(error)` is for the log."""


class RequestError(Exception):
    """A request that is answered with `status` and {"error": {"code", "message", "path"?}}."""

    def __init__(
        self, status: int, code: str, message: str, *, path: str | None = None, retry_after: int | None = None
    ) -> None:
        """`path` names the bad value as instances[3].tenure; `retry_after` is in seconds."""
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.path = path
        self.problem = ""  # the message without its place, where it has one
        self.quotes = False  # whether message and path may repeat what the request holds
        self.retry_after = retry_after

    def body(self) -> dict[str, dict[str, str]]:
        """Give the JSON body of the response."""
        error = {"code": self.code, "message": self.message}
        return {"error": error if self.path is None else {**error, "path": self.path}}

    def json(self) -> bytes:
        """Give that as the bytes to send."""
        return msgspec.json.encode(self.body())

    def logged(self) -> dict[str, str]:
        """Give the log's fields: below SM_LOG_LEVEL=debug no value of the request, nor a name that may be its own."""
        if not self.quotes or _tells_all():
            return {"error": self.code, "message": self.message}
        return {"error": self.code} if self.path is None else {"error": self.code, "where": _place(self.path)}


def _tells_all() -> bool:
    return logging.getLogger("serving").isEnabledFor(logging.DEBUG)


def _place(path: str) -> str:
    """Give a path without its names, which may be the request's: instances[3][0], line 4, column 1."""
    found = PLACE.match(path)
    return found[0] if found else ""


def bad_value(path: str, problem: str, label: str = "") -> RequestError:
    """Refuse a value: `problem` reads `expected a number, got "x"`; `label` may say more than the path."""
    refusal = RequestError(400, "invalid_input", f"{label or path}: {problem}", path=path)
    refusal.problem = problem
    refusal.quotes = True
    return refusal


def bad_body(problem: str) -> RequestError:
    """Refuse a body that is not what its content type says."""
    return quoting(RequestError(400, "invalid_body", problem))


def quoting(refusal: RequestError) -> RequestError:
    """Mark a refusal whose message may repeat what the request holds: the caller reads it, the log does not."""
    refusal.quotes = True
    return refusal


def refused_by_own_code(function: str, cause: ValueError) -> RequestError:
    """A ValueError of input_fn or transform_fn is its way to say that the request is wrong."""
    return quoting(RequestError(400, "invalid_input", str(cause)[:MAX_TEXT] or f"{function} refused the request"))


def refused_by_model(missing: str) -> RequestError:
    """A ValueError or TypeError of a model whose columns nobody declared: what is wrong, only the model knows."""
    also = f" ({missing} is missing)" if missing else ""
    problem = f"the model refused these values{also}; at SM_LOG_LEVEL=debug the endpoint's log has its reason"
    advice = "declare the columns under model.inputs in byocgen.yaml, and each value is checked"
    return RequestError(400, "invalid_input", f"{problem}. Send the types it was fitted with, or {advice}")


def unsupported(what: str, accepted: str) -> RequestError:
    """Refuse a content type, character set or encoding."""
    return RequestError(415, "unsupported_media_type", f"{what} is not accepted; send {accepted}")


def not_acceptable(accept: str, offered: str) -> RequestError:
    """Refuse an Accept header that names nothing the server can write."""
    return RequestError(406, "not_acceptable", f"Accept: {accept[:MAX_TEXT]} cannot be met; ask for {offered}")


def too_large(limit: int) -> RequestError:
    """Refuse a body over the platform's limit, announced or while it arrives."""
    return RequestError(413, "payload_too_large", f"the body is larger than {limit} bytes; send fewer rows a request")


def loading() -> RequestError:
    """Refuse because the model is not there yet."""
    return RequestError(503, "model_loading", "the model is being loaded; try again", retry_after=1)


def overloaded(waiting: int) -> RequestError:
    """Refuse because the queue of this worker is full."""
    return RequestError(503, "overloaded", f"{waiting} requests are waiting already; try again later", retry_after=1)


def too_late(timeout: float) -> RequestError:
    """Refuse because the caller would stop waiting before the prediction is done."""
    problem = f"no prediction could start within the limit of {timeout:g} s; try again later"
    return RequestError(503, "overloaded", problem, retry_after=1)


def out_of_memory(function: str) -> RequestError:
    """Refuse because the prediction did not fit; the worker lives on."""
    return RequestError(503, OUT_OF_MEMORY, f"{function} ran out of memory; send fewer rows a request", retry_after=1)


def took_too_long(timeout: float) -> RequestError:
    """Answer while the caller still listens; the prediction goes on, for a thread cannot be stopped."""
    problem = f"the prediction was not done within the limit of {timeout:g} s; send fewer rows, or try again later"
    return RequestError(503, "overloaded", problem, retry_after=1)


def memory_short() -> RequestError:
    """Refuse before the kernel ends the worker and everything it does."""
    return RequestError(503, "memory_nearly_full", "the server is short of memory; try again later", retry_after=1)


def unhealthy(problem: str) -> RequestError:
    """Answer /ping when the model cannot answer: the platform replaces the container."""
    return RequestError(503, "unhealthy", f"{problem}; the endpoint's log has the reason", retry_after=5)


def body_stalled() -> RequestError:
    """Refuse a body that does not arrive."""
    return RequestError(408, "request_timeout", "the body did not arrive in time; send the request again")


def head_stalled() -> RequestError:
    """Refuse a request whose headers do not arrive."""
    return RequestError(408, "request_timeout", "the headers did not arrive in time; send the request again")


def head_too_large(limit: int, count: int) -> RequestError:
    """Refuse a request for its headers."""
    problem = f"the headers are larger than {limit} bytes or more than {count}; send fewer or shorter ones"
    return RequestError(431, "headers_too_large", problem)


def target_too_long(limit: int) -> RequestError:
    """Refuse a request for its first line."""
    return RequestError(414, "target_too_long", f"the path is longer than {limit} characters")


def not_http() -> RequestError:
    """Refuse what cannot be parsed."""
    return RequestError(400, "invalid_http", "this is no HTTP/1.1 request that can be understood")


def for_multi_model(refusal: RequestError) -> RequestError:
    """Say 507 instead: then the platform unloads other models and tries again."""
    return RequestError(507, refusal.code, refusal.message)


def no_stream(status: int, path: str | None, reason: str) -> RequestError:
    """Refuse to answer in pieces: 406 where Accept asks for it, 400 with its path where the body does."""
    code = "invalid_input" if path else "not_acceptable"
    return RequestError(status, code, f"an answer in pieces cannot be had: {reason}", path=path)


def internal(cause: BaseException) -> RequestError:
    """Answer for a mistake of the server itself; its traceback goes to the log with the cause."""
    refusal = RequestError(500, "internal_error", "the server failed; the endpoint's log has the traceback")
    refusal.__cause__ = cause
    return refusal


def failed(function: str, cause: BaseException) -> RequestError:
    """Answer for code that raised. The exception's text stays in the log: it may hold data, paths or secrets."""
    problem = f"{function} raised {type(cause).__name__}; the endpoint's log has the traceback"
    return RequestError(500, "prediction_failed", problem)


def unusable(function: str, problem: str) -> RequestError:
    """Answer for code that returned something that cannot be sent."""
    return RequestError(500, "prediction_failed", f"{function} {problem}")


def client_gone() -> RequestError:
    """For the log only: nobody is left to read an answer. 499 is nginx's status for it."""
    return RequestError(499, "client_gone", "the client closed the connection before it was answered")


def no_such_model(name: str) -> RequestError:
    """Answer for a model that is not loaded: the platform loads it then."""
    return RequestError(404, "model_not_found", f"there is no model {name[:MAX_TEXT]}; load it with POST /models")


def already_loaded(name: str) -> RequestError:
    """Refuse to load a model twice."""
    return RequestError(409, "model_already_loaded", f"model {name[:MAX_TEXT]} is loaded already")


def no_room(name: str) -> RequestError:
    """Refuse a model that does not fit beside those in use: 507 makes the platform unload others and try again."""
    return RequestError(507, OUT_OF_MEMORY, f"there is no memory for model {name[:MAX_TEXT]}; unload another")


def model_unusable(name: str, cause: BaseException) -> RequestError:
    """Answer for a model that cannot be loaded. Why it cannot is in the log: the text may hold paths."""
    problem = f"model {name[:MAX_TEXT]} cannot be loaded ({type(cause).__name__}); the endpoint's log has the reason"
    refusal = RequestError(500, MODEL_UNUSABLE, problem)
    refusal.__cause__ = cause
    return refusal


def trace(error: RequestError, *, of_request: bool = True) -> dict[str, str]:
    """Give the log's field for what is behind an error: the traceback of its cause, if it has one.

    Texts of exceptions may repeat what the request holds (KeyError: 'name'): they are there at SM_LOG_LEVEL=debug, and
    where no request is behind the failure, but a warm-up or a model that cannot be loaded.
    """
    cause = error.__cause__
    if not cause:
        return {}
    whole = not of_request or error.code == MODEL_UNUSABLE or _tells_all()
    return {"exception": "".join(traceback.format_exception(cause) if whole else _frames(cause))}


def _frames(error: BaseException, depth: int = MOST_CAUSES) -> Iterator[str]:
    """Format a traceback without the exceptions' own texts."""
    before = error.__cause__ or (None if error.__suppress_context__ else error.__context__)
    if before and depth:
        yield from _frames(before, depth - 1)
        yield "\nand then:\n\n"
    if error.__traceback__:
        yield "Traceback (most recent call last):\n"
        yield from traceback.format_tb(error.__traceback__)
    yield f"{type(error).__qualname__}\n"
