"""What is known of a request beside its body: ids, headers, parameters. The `context` argument of inference.py's functions.

Its names are those of the context that SageMaker's inference toolkit hands to the same functions.
"""

import re
import threading
from collections.abc import Mapping
from contextvars import ContextVar
from typing import Any

import msgspec

from serving import gpus

INFERENCE_ID = "x-amzn-sagemaker-inference-id"
CUSTOM_ATTRIBUTES = "x-amzn-sagemaker-custom-attributes"
LONGEST_ATTRIBUTES = 1024  # ASCII characters, the platform's limit
# Of the request whose prediction runs in this thread: set once nobody waits for the answer any more.
ABANDONED: ContextVar[threading.Event | None] = ContextVar("abandoned", default=None)
NEVER = threading.Event()  # for a request that nobody abandons
TOKEN = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]+")
# The server's own, for they say where the answer ends, or whose it is.
RESERVED = {
    "connection",
    "content-length",
    "keep-alive",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "x-request-id",
}
BODILESS = {204, 205, 304}  # an answer with one of these ends at its headers


def still_wanted() -> bool:
    """Tell whether anybody waits for the prediction that this thread makes."""
    event = ABANDONED.get()
    return event is None or not event.is_set()


class Context(msgspec.Struct, eq=False):
    """One request; or none, while model_fn runs. `headers` has lower-case names."""

    request_id: str = ""
    inference_id: str | None = None
    custom_attributes: str | None = None
    model_name: str = ""
    headers: Mapping[str, str] = {}
    parameters: Mapping[str, Any] = {}
    model_dir: str = ""
    gpu_id: int | None = msgspec.field(default_factory=gpus.mine)
    response_custom_attributes: str | None = None
    response_content_type: str | None = None
    response_status: int = 200
    response_headers: dict[str, str] = {}
    abandoned: threading.Event = NEVER

    @classmethod
    def of_request(cls, headers: Mapping[str, str], request_id: str, model_name: str = "") -> "Context":
        """Make the context of a request from its headers, whose names are in lower case."""
        return cls(request_id, headers.get(INFERENCE_ID), headers.get(CUSTOM_ATTRIBUTES), model_name, headers)

    @property
    def system_properties(self) -> dict[str, Any]:
        """The model's folder and the GPU to use, None for the CPU."""
        return {"model_dir": self.model_dir, "gpu_id": self.gpu_id}

    def still_wanted(self) -> bool:
        """Tell whether the caller still waits: False after a hang-up or the deadline, when long work may stop early."""
        return not self.abandoned.is_set()

    def get_request_header(self, *name: object) -> str | None:
        """Give a header's value, None without it. The toolkit's form with a batch index, (0, name), works too."""
        return self.headers.get(str(name[-1]).lower()) if name else None

    def get_all_request_header(self, idx: int = 0) -> dict[str, str]:
        """Give all headers, by their names in lower case. `idx` is the toolkit's: a request is a batch of its own here."""
        del idx
        return dict(self.headers)

    def get_request_id(self, idx: int = 0) -> str:
        """Give the id under which the log knows the request."""
        del idx
        return self.request_id

    def set_response_content_type(self, idx: int, value: str) -> None:
        """Set the type of the answer; one that output_fn or transform_fn returns beside the body is used instead."""
        del idx
        self.response_content_type = _header_value("content-type", value)

    def set_response_status(self, code: int = 200, phrase: str = "", idx: int = 0) -> None:
        """Answer with another status, from 200 to 599. Raises ValueError for others; `phrase` is not sent."""
        del phrase, idx
        if not 200 <= code <= 599 or code in BODILESS:
            raise ValueError(f"status {code} cannot be set: from 200 to 599, and none that has no body")
        self.response_status = int(code)

    def set_response_header(self, key: Any, value: Any, idx: Any = 0) -> None:
        """Set a header of the answer; (idx, key, value) works too. Raises ValueError for what cannot be sent."""
        if isinstance(key, int):
            key, value = value, idx
        name, text = str(key).lower(), str(value)
        if not TOKEN.fullmatch(name) or name in RESERVED:
            reason = "it is the server's own" if name in RESERVED else "that is no header's name"
            raise ValueError(f"header {key!r} cannot be set: {reason}")
        if name == CUSTOM_ATTRIBUTES:
            self.set_response_custom_attributes(text)
        elif name == "content-type":
            self.set_response_content_type(0, text)
        else:
            self.response_headers[name] = _header_value(name, text)

    def set_response_custom_attributes(self, text: str) -> None:
        """Send `text` as the response's X-Amzn-SageMaker-Custom-Attributes. Raises ValueError for what cannot be sent."""
        if len(text) > LONGEST_ATTRIBUTES or not text.isascii() or not text.isprintable():
            raise ValueError(f"custom attributes are at most {LONGEST_ATTRIBUTES} printable ASCII characters")
        self.response_custom_attributes = text


def _header_value(name: str, value: str) -> str:
    if not value.isascii() or not value.isprintable():
        raise ValueError(f"the value of header {name!r} must be printable ASCII characters")
    return value
