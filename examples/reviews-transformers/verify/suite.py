"""The suite: which checks there are, and running one or all of them against one server.

with running(options) as session:
    result = run(session, rule)          # one, in any order
results = run_all(options)               # all that the options choose
"""

from __future__ import annotations

import contextlib
import time
from typing import TYPE_CHECKING

from . import (
    check_batch,
    check_clients,
    check_health,
    check_image,
    check_invocations,
    check_models,
    check_payload,
    check_refusals,
    check_start,
    check_stop,
    check_stream,
)
from .container import Image
from .limits import Mode
from .options import UnusableError
from .process import Command
from .rule import Need, Result, Rule, Severity, Status, Verdict, failed, registered, skipped
from .session import NoServerError, Session
from .wire import NoAnswerError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from .options import Options
    from .target import Target

MODULES = (
    check_start,
    check_health,
    check_invocations,
    check_refusals,
    check_payload,
    check_clients,
    check_stop,
    check_batch,
    check_models,
    check_stream,
    check_image,
)


def checks(options: Options | None = None) -> list[Rule]:
    """Give every rule, or those that `options` choose. Raises UnusableError for a code that there is not."""
    rules = registered()
    if options is None:
        return rules
    unknown = [one for one in sorted(options.only | options.skip) if not any(_named(rule, one) for rule in rules)]
    if unknown:
        raise UnusableError(f"there is no check {', '.join(unknown)}", "`--list` shows them all")
    chosen = [rule for rule in rules if not options.only or any(_named(rule, one) for one in options.only)]
    return [rule for rule in chosen if not any(_named(rule, one) for one in options.skip)]


def _named(rule: Rule, code: str) -> bool:
    """V2, V20 and V2xx mean every code that begins so."""
    prefix = code.upper().rstrip("X")
    return len(prefix) > 1 and rule.code.startswith(prefix)


@contextlib.contextmanager
def running(options: Options) -> Iterator[Session]:
    """Give a session, and end its servers afterwards. Raises UnusableError where there is nothing to test."""
    session = Session(options, _target(options))
    try:
        yield session
    finally:
        session.close()


def _target(options: Options) -> Target | None:
    if sum(map(bool, (options.url, options.command, options.image))) != 1:
        raise UnusableError("one of --url, --command and --image says what to test")
    if options.command:
        return Command(options)
    return Image(options) if options.image else None


def run(session: Session, rule: Rule) -> Result:
    """Run one check. Raises UnusableError where the server cannot be had at all."""
    began = time.monotonic()
    verdict = _applicable(session, rule) or _judge(session, rule)
    status = verdict.status
    if status is Status.FAILED and rule.severity is Severity.WARNING:
        status = Status.WARNED
    return Result(rule, status, verdict.seen, time.monotonic() - began)


def run_all(options: Options, tell: Callable[[Result], None] = lambda _: None) -> list[Result]:
    """Run every check that `options` choose, and hand each result to `tell` as it comes. Raises UnusableError."""
    chosen = checks(options)
    results = []
    with running(options) as session:
        for rule in chosen:
            results.append(run(session, rule))
            tell(results[-1])
    return results


def _applicable(session: Session, rule: Rule) -> Verdict | None:
    options = session.options
    if rule.modes and options.mode not in rule.modes:
        return skipped(f"only with --mode {' or '.join(sorted(rule.modes))}")
    if options.mode is Mode.MULTI_MODEL and not options.models and Need.SERVER in rule.needs:
        return skipped("no model was named: --model NAME=DIR")
    lacking = {
        Need.CONTROL: session.target is None
        and "a server behind a URL cannot be started or stopped: --command, --image",
        Need.IMAGE: not options.image and "it is about images: --image",
        Need.EXAMPLE: options.example is None and "there is no example request: --payload FILE",
        Need.STREAM: not options.stream and "the server was not said to stream: --stream",
    }
    return next((skipped(why) for need, why in lacking.items() if need in rule.needs and why), None)


def _judge(session: Session, rule: Rule) -> Verdict:
    try:
        if Need.SERVER in rule.needs:
            session.server()
        verdict = rule.run(session)
    except NoServerError:
        return skipped("the server does not start (V101)")
    except (NoAnswerError, OSError) as error:
        verdict = failed(str(error))
    # Also after a failure: a server that is dying must be gone before the next check asks for one.
    ill = session.lives() if session.has_server else ""
    return failed(f"{verdict.seen}; but then {ill}") if ill and verdict.status is Status.PASSED else verdict
