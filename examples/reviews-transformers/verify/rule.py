"""What a check is (a rule with its source and its cure) and what it finds."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from .limits import Mode, Source
    from .session import Session


class Severity(StrEnum):
    """What breaking a rule means: the platform or a caller suffers, or somebody should know."""

    ERROR = "error"
    WARNING = "warning"


class Status(StrEnum):
    """How a check ended."""

    PASSED = "passed"
    FAILED = "failed"
    WARNED = "warned"
    SKIPPED = "skipped"


class Need(StrEnum):
    """What a check cannot do without; where it is missing the check is skipped and says so."""

    SERVER = "server"  # one that runs
    CONTROL = "control"  # we started it, so we can signal it and start another
    IMAGE = "image"  # it is a container image
    EXAMPLE = "example"  # a request that the model accepts
    STREAM = "stream"  # that request is answered by a stream


@dataclass(frozen=True, slots=True)
class Verdict:
    """What a check saw; `FAILED` becomes `WARNED` where the rule's own severity is no more than that."""

    status: Status
    seen: str


def passed(seen: str) -> Verdict:
    """The rule holds."""
    return Verdict(Status.PASSED, seen)


def failed(seen: str) -> Verdict:
    """The rule is broken."""
    return Verdict(Status.FAILED, seen)


def warned(seen: str) -> Verdict:
    """The rule is broken in a way that does no harm to the platform."""
    return Verdict(Status.WARNED, seen)


def skipped(why: str) -> Verdict:
    """The rule could not be checked."""
    return Verdict(Status.SKIPPED, why)


@dataclass(frozen=True, slots=True)
class Rule:
    """One check: `run` looks at a session's server. `modes` empty: the rule holds in every mode."""

    code: str
    title: str
    source: Source
    fix: str
    severity: Severity
    needs: frozenset[Need]
    modes: frozenset[Mode]
    run: Callable[[Session], Verdict]


@dataclass(frozen=True, slots=True)
class Result:
    """A rule, how its check ended, what was seen, and how long it took in seconds."""

    rule: Rule
    status: Status
    seen: str
    seconds: float

    def explain(self) -> str:
        """Say all there is to say about it, as a failed test shows it."""
        lines = [f"{self.rule.code} {self.rule.title}", f"seen: {self.seen}", f"rule: {self.rule.source}"]
        return "\n".join([*lines, f"fix:  {self.rule.fix}"])


_RULES: dict[str, Rule] = {}


def check(  # noqa: PLR0913 - the fields of a rule
    code: str,
    title: str,
    source: Source,
    *,
    fix: str,
    severity: Severity = Severity.ERROR,
    needs: tuple[Need, ...] = (Need.SERVER,),
    modes: tuple[Mode, ...] = (),
) -> Callable[[Callable[[Session], Verdict]], Callable[[Session], Verdict]]:
    """Register the decorated function as the check of a rule. Raises ValueError for a code that is taken."""

    def register(run: Callable[[Session], Verdict]) -> Callable[[Session], Verdict]:
        if code in _RULES:
            raise ValueError(code)
        _RULES[code] = Rule(code, title, source, fix, severity, frozenset(needs), frozenset(modes), run)
        return run

    return register


def registered() -> list[Rule]:
    """Give every rule whose module was imported, in the order of their codes."""
    return [_RULES[code] for code in sorted(_RULES)]
