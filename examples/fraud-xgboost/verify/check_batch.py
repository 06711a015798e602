"""V6xx: batch transform."""

from __future__ import annotations

import json
import math
import re
from typing import TYPE_CHECKING, Any

from . import limits
from .example import CSV, JSON_LINES
from .limits import Mode
from .rule import Need, check, failed, passed, skipped, warned
from .wire import Answer, NoAnswerError, shown

if TYPE_CHECKING:
    from .rule import Verdict
    from .session import Session

RECORDS = 500
NUMBER = re.compile(rb"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?")
TOLERANCE = 1e-4  # of single-precision sums in another order
STRATEGIES = ("MULTI_RECORD", "SINGLE_RECORD", "MultiRecord", "SingleRecord")


@check(
    "V601",
    "GET /execution-parameters is what batch transform reads, or 404",
    limits.batch("MaxConcurrentTransforms, BatchStrategy, MaxPayloadInMB; defaults hold where it is not answered"),
    fix='Answer 200 with {"MaxConcurrentTransforms": 4, "BatchStrategy": "MULTI_RECORD", "MaxPayloadInMB": 6}.',
)
def execution_parameters(session: Session) -> Verdict:
    """Ask for them."""
    said = session.wire.outcome("GET", "/execution-parameters")
    if isinstance(said, NoAnswerError) or said.status not in {200, 404}:
        return failed(f"GET /execution-parameters: {said}")
    if said.status == 404:
        return passed("404: the job's own settings hold")
    try:
        found: Any = json.loads(said.body)
    except ValueError:
        return failed(f"no JSON: {shown(said.body)}")
    problems = _problems(found)
    return failed(f"{'; '.join(problems)}: {shown(said.body)}") if problems else passed(shown(said.body))


def _problems(found: Any) -> list[str]:
    if not isinstance(found, dict):
        return ["no JSON object"]
    concurrent, strategy, size = (
        found.get(key) for key in ("MaxConcurrentTransforms", "BatchStrategy", "MaxPayloadInMB")
    )
    problems = []
    if concurrent is not None and not (_whole(concurrent) and concurrent >= 0):
        problems.append("MaxConcurrentTransforms is no whole number")
    if strategy is not None and strategy not in STRATEGIES:
        problems.append("BatchStrategy is not MULTI_RECORD or SINGLE_RECORD")
    if size is not None and not (_whole(size) and 0 <= size <= limits.BATCH_MOST_MB):
        problems.append(f"MaxPayloadInMB is no whole number up to {limits.BATCH_MOST_MB}")
    return problems if found else ["it is empty"]


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@check(
    "V602",
    "JSON Lines: as many records come out as go in, in order",
    limits.batch("results are assembled by record"),
    fix="Answer application/jsonlines line by line, one line for each record, in the order of the request.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def json_lines(session: Session) -> Verdict:
    """Send the example's rows again and again in a pattern."""
    return _records(session, JSON_LINES)


@check(
    "V603",
    "CSV: as many records come out as go in, in order",
    limits.batch("results are assembled by record"),
    fix="Answer text/csv line by line, one line for each record, in the order of the request.",
    needs=(Need.SERVER, Need.EXAMPLE),
)
def csv_records(session: Session) -> Verdict:
    """Send the example's rows again and again in a pattern."""
    return _records(session, CSV)


@check(
    "V604",
    "A batch server reads records a line: CSV or JSON Lines",
    limits.batch("SplitType Line cuts the input at line ends"),
    fix="Read text/csv or application/jsonlines.",
    needs=(Need.SERVER, Need.EXAMPLE),
    modes=(Mode.BATCH,),
)
def reads_lines(session: Session) -> Verdict:
    """Look whether one of the two was understood."""
    known = [kind for kind in (CSV, JSON_LINES) if _lines(session, kind, _rows(session, kind)[:1]) is not None]
    return passed(" and ".join(known)) if known else failed("neither text/csv nor application/jsonlines is read")


def _records(session: Session, kind: str) -> Verdict:
    rows = _rows(session, kind)
    if not rows:
        return skipped(f"the example's rows have no form as {kind}")
    return _compare(session, kind, rows)


def _compare(session: Session, kind: str, rows: list[bytes]) -> Verdict:
    alone = {row: _lines(session, kind, [row]) for row in rows}
    if None in alone.values():
        return skipped(f"{kind} is not read, or not written")
    if any(len(said or []) != 1 for said in alone.values()):
        return failed(f"one record of {kind} gave {len(alone[rows[0]] or [])} lines")
    # Runs of growing length: neither a reversal nor a shift of the records looks the same.
    order = [row for length in range(1, RECORDS) for row in [rows[length % len(rows)]] * (length % 7 + 1)][:RECORDS]
    said = _lines(session, kind, order)
    if said is None or len(said) != len(order):
        return failed(f"{len(order)} records gave {'no answer' if said is None else f'{len(said)} lines'}")
    wanted = [(alone[row] or [b""])[0] for row in order]
    if len(set(wanted)) == 1:
        return warned(
            f"{len(order)} records gave as many lines; all rows of the example are answered alike, so their "
            "order cannot be seen"
        )
    wrong = sum(not alike(one, other) for one, other in zip(said, wanted, strict=True))
    if wrong:
        return failed(f"{wrong} of {len(order)} records have another answer than alone, or another place")
    return passed(f"{len(order)} records, as many lines, in order")


def alike(one: bytes, other: bytes) -> bool:
    """Tell whether two answers are the same but for the last digits of numbers: a batch adds up in another order."""
    if NUMBER.sub(b"#", one) != NUMBER.sub(b"#", other):
        return False
    pairs = zip(NUMBER.findall(one), NUMBER.findall(other), strict=True)
    return all(math.isclose(float(a), float(b), rel_tol=TOLERANCE, abs_tol=TOLERANCE) for a, b in pairs)


def _rows(session: Session, kind: str) -> list[bytes]:
    example = session.options.example
    return list(dict.fromkeys(example.lines(kind)))[:8] if example else []


def _lines(session: Session, kind: str, rows: list[bytes]) -> list[bytes] | None:
    """Give the answer's lines; None where the format is not read or not written."""
    if not rows:
        return None
    said = session.invoke(b"".join(row + b"\n" for row in rows), [("Content-Type", kind), ("Accept", kind)])
    if not isinstance(said, Answer) or said.status != 200 or said.media_type != kind:
        return None
    return said.body.splitlines()
