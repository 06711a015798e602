"""Calling code that is not ours: the functions of inference.py and the model. What it raises becomes a RequestError.

The exception's text stays in the log, for it may hold data, paths or secrets; but an error of the SageMaker inference
toolkit says on purpose what the caller shall read.
"""

from collections.abc import Callable
from http import HTTPStatus
from typing import TypeVar

from serving import errors, media
from serving.errors import RequestError
from serving.out_of_memory import is_out_of_memory

Result = TypeVar("Result")


def call(name: str, function: Callable[..., Result], *arguments: object) -> Result:
    """Call `function`. Raises RequestError only, with what was raised as its cause."""
    try:
        return function(*arguments)
    except RequestError:
        raise  # ours already: a generator of ours may be called through here
    except BaseException as error:
        # SystemExit too: code that calls sys.exit() must not end the server.
        raise refusal(name, error) from error


def refusing(name: str, function: Callable[..., Result], *arguments: object) -> Result:
    """Call a function that reads the request: its ValueError is its way to say that the request is wrong."""
    try:
        return call(name, function, *arguments)
    except RequestError as failure:
        if isinstance(failure.__cause__, ValueError):
            raise errors.refused_by_own_code(name, failure.__cause__) from None
        raise


def text_or_bytes(body: bytes, content_type: str) -> bytes | str:
    """Give a body as SageMaker's containers hand it to a function: text as str, everything else as bytes."""
    try:
        return body.decode() if content_type == media.JSON or content_type.startswith("text/") else body
    except UnicodeDecodeError as error:
        raise errors.bad_body(f"the body is not UTF-8: bad byte at position {error.start}") from None


def refusal(name: str, error: BaseException) -> RequestError:
    """Word the answer for what `name` raised."""
    if is_out_of_memory(error):
        return errors.out_of_memory(name)
    if type(error).__name__ == "UnsupportedFormatError":
        return errors.quoting(RequestError(415, "unsupported_media_type", str(error)[: errors.MAX_TEXT]))
    status = getattr(error, "status_code", None)
    if _is_of_toolkit(error) and isinstance(status, int) and 400 <= status < 600:
        message = str(getattr(error, "message", "") or error)[: errors.MAX_TEXT]
        code = HTTPStatus(status).name.lower() if status in set(HTTPStatus) else "prediction_failed"
        return errors.quoting(RequestError(int(status), code, message))
    return errors.failed(name, error)


def _is_of_toolkit(error: BaseException) -> bool:
    return any(kind.__module__.startswith(("sagemaker_inference", "serving.toolkit")) for kind in type(error).__mro__)
