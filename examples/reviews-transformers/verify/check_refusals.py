"""V32x: requests that must be refused, and how a refusal reads."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from . import limits
from .check_invocations import is_json
from .example import JSON
from .rule import Need, check, failed, passed, skipped, warned
from .wire import Answer, NoAnswerError, shown

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session
    from .wire import Outcome

UNREADABLE = {
    "an empty body": b"",
    "JSON cut off": b'{"instances": [[1, 2',
    "JSON that is not UTF-8": b'{"instances": ["\xff\xfe"]}',
    "JSON nested 100,000 deep": b"[" * 100_000 + b"]" * 100_000,
}
ODD = {
    "null": b"null",
    "a number": b"1",
    "an unknown field": b'{"byocgen_unknown": [1]}',
    "rows of nothing": b'{"instances": [null, {}, []]}',
    "numbers without end": b'{"instances": [[1e999, NaN, 123456789012345678901234567890]]}',
}
NEVER_GOOD = {"JSON cut off", "JSON that is not UTF-8"}
UNKNOWN_TYPE = "application/x-byocgen-unknown"
TRACEBACK = re.compile(
    r"Traceback \(most recent|File \\?\"[^\"]+\\?\", line \d+|\bat [\w.$<>]+\([\w]+\.(?:java|kt|js|scala):\d+\)"
)
PATH = re.compile(
    r"(?<![\w/.:])/(?:app|code|etc|home|mnt|opt|private|proc|root|srv|tmp|usr|Users|var|venv|workspace)/[\w./@+-]+"
)


def refusals(session: Session) -> dict[str, Outcome]:
    """Send everything that a server should refuse, once, and give what it said by what was sent."""
    return session.once("refusals", lambda: _refusals(session))


def _refusals(session: Session) -> dict[str, Outcome]:
    json_body = [("Content-Type", JSON)]
    said = {what: session.invoke(body, json_body) for what, body in {**UNREADABLE, **ODD}.items()}
    example = session.options.example
    body = example.body if example else b"{}"
    said["an unknown content type"] = session.invoke(body, [("Content-Type", UNKNOWN_TYPE)])
    if example:
        kind = [("Content-Type", example.content_type), ("Accept", "application/x-byocgen-unknown")]
        said["an Accept that nobody can meet"] = session.invoke(body, kind)
    said["a path that is not there"] = session.wire.outcome("GET", "/byocgen-verify-no-such-path")
    said["GET in the place of POST"] = session.wire.outcome("GET", session.path)
    return said


@check(
    "V321",
    "A body that cannot be read is the caller's mistake: 4xx, not 5xx",
    limits.invoke("ModelError hands the container's status to the caller; a 5xx counts as a fault of the endpoint"),
    fix="Catch what decoding raises (RecursionError and UnicodeDecodeError too) and answer 400.",
)
def unreadable_is_4xx(session: Session) -> Verdict:
    """Look at the answers to bodies that are empty, broken or of no use."""
    said = refusals(session)
    wrong = [f"{what}: {said[what]}" for what in (*UNREADABLE, *ODD) if not _clean(said[what])]
    return failed("; ".join(wrong)) if wrong else passed(f"{len(UNREADABLE) + len(ODD)} bodies, no 5xx")


@check(
    "V322",
    "A refusal is no 200",
    limits.invoke("a caller sees that it failed by the status alone"),
    fix="Answer an error with its status, not with 200 and the error in the body.",
)
def refusal_is_no_200(session: Session) -> Verdict:
    """Look for a 2xx where the body was broken."""
    said = refusals(session)
    wrong = [f"{what}: {said[what]}" for what in sorted(NEVER_GOOD) if _status(said[what]) // 100 == 2]
    return failed("; ".join(wrong)) if wrong else passed("a broken body is not answered with 2xx")


@check(
    "V323",
    "A content type that cannot be read is refused with 415",
    limits.http("section 15.5.16: 415"),
    fix="Look at Content-Type before decoding and answer 415 with the types that are read.",
)
def unknown_type(session: Session) -> Verdict:
    """Look at the answer to a content type that nobody knows."""
    return _exactly(refusals(session)["an unknown content type"], 415, f"Content-Type: {UNKNOWN_TYPE}")


@check(
    "V324",
    "An Accept that cannot be met is refused with 406",
    limits.http("section 15.5.7: 406"),
    fix="Look at Accept before predicting and answer 406 with the types that are written.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def unmet_accept(session: Session) -> Verdict:
    """Look at the answer to an Accept that nobody knows."""
    return _exactly(refusals(session)["an Accept that nobody can meet"], 406, f"Accept: {UNKNOWN_TYPE}")


@check(
    "V325",
    "A path that is not there is 404",
    limits.http("section 15.5.5: 404"),
    fix="Answer 404 for paths that are not served.",
)
def unknown_path(session: Session) -> Verdict:
    """Look at the answer to a path that nobody has."""
    said = refusals(session)["a path that is not there"]
    return passed("404") if _status(said) == 404 else failed(f"GET of a path that is not there: {said}")


@check(
    "V326",
    "A wrong method is refused: 405 or 404",
    limits.http("section 15.5.6: 405"),
    fix="Answer 405 with Allow: POST for other methods on /invocations.",
)
def wrong_method(session: Session) -> Verdict:
    """Look at the answer to a GET of what takes POST."""
    said = refusals(session)["GET in the place of POST"]
    status = _status(said)
    return passed(str(status)) if status in {405, 404} else failed(f"GET {session.path}: {said}")


@check(
    "V327",
    "A refusal says in JSON what is wrong",
    limits.invoke("OriginalMessage of ModelError is the body: all that a caller gets to see"),
    fix='Answer errors with a JSON body such as {"error": {"code": ..., "message": ...}}; no HTML page, no empty body.',
)
def refusal_is_json(session: Session) -> Verdict:
    """Look at the bodies of all refusals."""
    errors = _errors(session)
    if not errors:
        return skipped("nothing was refused")
    pages = [f"{what}: {one}" for what, one in errors.items() if one.media_type == "text/html" or b"<html" in one.body]
    mute = [f"{what}: {one.status} without a body" for what, one in errors.items() if not one.body.strip()]
    if pages or mute:
        return failed("; ".join([*pages, *mute][:3]))
    other = [f"{what}: {one}" for what, one in errors.items() if not is_json(one.body)]
    return (
        warned(f"{len(other)} refusals are no JSON; {other[0]}")
        if other
        else passed(f"{len(errors)} refusals, all JSON")
    )


@check(
    "V328",
    "A refusal holds no traceback",
    limits.invoke("the body reaches the caller as OriginalMessage of ModelError"),
    fix="Log the traceback, and answer with one sentence that says what to change.",
)
def no_traceback(session: Session) -> Verdict:
    """Look into the bodies of all refusals."""
    found = [f"{what}: {one}" for what, one in _errors(session).items() if TRACEBACK.search(_text(one))]
    return failed(found[0]) if found else passed(f"{len(_errors(session))} refusals, no traceback")


@check(
    "V329",
    "A refusal names no path inside the container",
    limits.invoke("the body reaches the caller as OriginalMessage of ModelError"),
    fix="Leave file names out of messages for callers; the log may have them.",
)
def no_path(session: Session) -> Verdict:
    """Look into the bodies of all refusals that hold no traceback, whose paths V328 tells of."""
    texts = {what: _text(one) for what, one in _errors(session).items() if not TRACEBACK.search(_text(one))}
    found = [f"{what}: {match[0]}" for what, text in texts.items() if (match := PATH.search(text))]
    return failed("; ".join(found[:3])) if found else passed(f"{len(texts)} refusals, no path")


def _errors(session: Session) -> dict[str, Answer]:
    said = refusals(session)
    return {what: one for what, one in said.items() if isinstance(one, Answer) and one.status >= 400}


def _text(one: Answer) -> str:
    return one.body.decode(errors="replace")


def _status(said: Outcome) -> int:
    return said.status if isinstance(said, Answer) else 0


def _clean(said: Outcome) -> bool:
    return isinstance(said, Answer) and said.status < 500


def _exactly(said: Outcome, status: int, what: str) -> Verdict:
    if isinstance(said, NoAnswerError) or said.status >= 500:
        return failed(f"{what}: {said}")
    if said.status == status:
        return passed(f"{status}: {shown(said.body)}")
    return warned(f"{what}: {said.status} in the place of {status}")
