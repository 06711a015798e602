"""V30x: requests that must be answered."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from . import limits
from .example import CSV, JSON
from .rule import Need, Severity, check, failed, passed, skipped, warned
from .wire import Answer, shown

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session
    from .wire import Headers

EXAMPLE = (Need.SERVER, Need.EXAMPLE)
PLATFORM_HEADERS = (
    ("X-Amzn-SageMaker-Custom-Attributes", "trace=c000b4f9-df62-4c85-a0bf-7c525f9104a4"),
    ("X-Amzn-SageMaker-Inference-Id", "byocgen-verify"),
    ("X-Amzn-SageMaker-Target-Variant", "AllTraffic"),
    ("X-Amzn-SageMaker-Session-Id", "byocgen-verify"),
    ("X-Amzn-SageMaker-Inference-Component", "component"),
)
UNKNOWN_HEADERS = (
    ("X-Byocgen-Unknown", "1"),
    ("X-Amzn-Trace-Id", "Root=1-67891233-abcdef012345678912345678"),
    ("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"),
    ("X-Twice", "a"),
    ("X-Twice", "b"),
    ("X-Long", "x" * 4000),
    ("X-Bytes", "caf\xe9"),
)


@check(
    "V301",
    "POST /invocations answers the example with 200 in time",
    limits.invoke("60 seconds for an answer; asynchronous 15 minutes, batch 10, unless the endpoint says otherwise"),
    fix="Look into the server's log; check --payload and --content-type; a model that needs longer belongs behind an "
    "asynchronous endpoint.",
    needs=EXAMPLE,
)
def example_is_answered(session: Session) -> Verdict:
    """Send the example."""
    said = session.invoke()
    if not isinstance(said, Answer) or said.status != 200:
        return failed(f"the example was answered: {said}")
    if not said.body:
        return failed("200 without a body")
    return passed(f"200 in {said.seconds * 1000:.0f} ms, {len(said.body)} bytes")


@check(
    "V302",
    "An answer is what its Content-Type says",
    limits.invoke("ContentType of the response is what the container sets"),
    fix="Set Content-Type to the format of the body.",
    needs=EXAMPLE,
)
def content_type_is_true(session: Session) -> Verdict:
    """Read the answer as what it says it is."""
    said = session.invoke()
    if not isinstance(said, Answer) or said.status != 200:
        return skipped(f"the example is not answered with 200 (V301): {said}")
    if not said.media_type:
        return failed("there is no Content-Type")
    if said.media_type == JSON and not is_json(said.body):
        return failed(f"{JSON}, but the body is {shown(said.body)}")
    return passed(f"{said.media_type}, and so it is")


@check(
    "V303",
    "What Accept asks for is what comes, or it is refused",
    limits.http("section 12.5.1: Accept; the platform hands it on"),
    fix="Choose the format by Accept and set Content-Type to it; answer 406 where it cannot be written.",
    needs=EXAMPLE,
)
def accept_is_honoured(session: Session) -> Verdict:
    """Ask for anything, for JSON and for CSV."""
    example = session.options.example
    kind = example.content_type if example else ""
    notes, problems = [], []
    for accept in ("*/*", JSON, CSV):
        said = session.invoke(headers=[("Content-Type", kind), ("Accept", accept)])
        if not isinstance(said, Answer) or said.status >= 500:
            problems.append(f"Accept: {accept} was answered {said}")
        elif accept != "*/*" and said.status == 200 and said.media_type != accept:
            notes.append(f"Accept: {accept} was answered with {said.media_type or 'no Content-Type'}")
        elif said.status != 200 and accept == "*/*":
            problems.append(f"Accept: */* was answered {said}")
        elif said.status == 200 and accept == JSON and not is_json(said.body):
            problems.append(f"Accept: {JSON} was answered {said}")
    if problems:
        return failed("; ".join(problems))
    return warned("; ".join(notes)) if notes else passed("*/*, JSON and CSV are given, or refused with a 4xx")


@check(
    "V304",
    "The platform's own headers change nothing",
    limits.invoke(
        "CustomAttributes, InferenceId, TargetVariant, SessionId and InferenceComponentName arrive as headers"
    ),
    fix="Ignore X-Amzn-SageMaker-* headers that are not used, and do not parse what callers put into them.",
    needs=EXAMPLE,
)
def platform_headers(session: Session) -> Verdict:
    """Send the example with all of them."""
    return _with(session, PLATFORM_HEADERS)


@check(
    "V305",
    "Unknown headers are ignored",
    limits.hosting("containers must ignore headers that they do not know"),
    fix="Read the headers that are needed and leave the others alone.",
    needs=EXAMPLE,
)
def unknown_headers(session: Session) -> Verdict:
    """Send the example with headers that nobody knows: long, repeated, not ASCII."""
    return _with(session, UNKNOWN_HEADERS)


@check(
    "V306",
    "Custom attributes of an answer are ASCII, at most 1024 characters",
    limits.invoke("CustomAttributes of the response"),
    fix="Set X-Amzn-SageMaker-Custom-Attributes to at most 1024 visible ASCII characters, or not at all.",
    needs=EXAMPLE,
)
def custom_attributes(session: Session) -> Verdict:
    """Look at the header of the answer, where there is one."""
    said = session.invoke(extra=PLATFORM_HEADERS)
    if not isinstance(said, Answer):
        return skipped(f"no answer to look at: {said}")
    text = said.headers.get("x-amzn-sagemaker-custom-attributes")
    if text is None:
        return passed("the answer sets none")
    if not text.isascii() or not text.isprintable() or len(text) > limits.CUSTOM_ATTRIBUTES_BYTES:
        return failed(f"{len(text)} characters: {shown(text.encode())}")
    return passed(f"{len(text)} characters")


@check(
    "V307",
    "text/csv is answered or refused, never an error of the server",
    limits.hosting("the container decides what it takes; callers see a 5xx as a fault of the endpoint"),
    fix="Read text/csv, or answer 415 for it.",
    needs=EXAMPLE,
)
def csv_is_answered(session: Session) -> Verdict:
    """Send the example's rows as CSV."""
    example = session.options.example
    lines = example.lines(CSV) if example else []
    if not lines:
        lines = [b"1,2,3,4"]
    said = session.invoke(b"\n".join(lines) + b"\n", [("Content-Type", CSV)])
    if not isinstance(said, Answer) or said.status >= 500:
        return failed(f"{shown(lines[0])} as {CSV} was answered: {said}")
    return passed(f"{CSV} was answered with {said.status}")


@check(
    "V308",
    "Connections are kept open",
    limits.http("HTTP/1.1 keeps connections open unless told otherwise; the platform uses them again"),
    fix="Speak HTTP/1.1 and do not send Connection: close.",
    severity=Severity.WARNING,
    needs=EXAMPLE,
)
def keeps_alive(session: Session) -> Verdict:
    """Look at what the server says about the connection after an answer."""
    said = session.invoke()
    if not isinstance(said, Answer):
        return skipped(f"no answer to look at: {said}")
    closes = said.headers.get("connection", "").lower() == "close"
    delimited = "content-length" in said.headers or "transfer-encoding" in said.headers
    if closes or not delimited:
        return failed("it closes the connection after an answer")
    return passed("the answer leaves the connection open")


def _with(session: Session, headers: Headers) -> Verdict:
    plain = session.invoke()
    if not isinstance(plain, Answer) or plain.status != 200:
        return skipped(f"the example is not answered with 200 (V301): {plain}")
    said = session.invoke(extra=headers)
    if not isinstance(said, Answer) or said.status != 200:
        return failed(f"with {', '.join(dict(headers))}: {said}")
    return passed(f"200 with {len(headers)} of them")


def is_json(body: bytes) -> bool:
    """Say whether a body is JSON."""
    try:
        json.loads(body)
    except ValueError:
        return False
    return True
