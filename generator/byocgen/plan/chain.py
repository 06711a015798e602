"""What a decision follows from, walked back to what nobody decided: the manifest, the catalogue, a page.

Rules: reads a plan, changes nothing. The chain is a tree printed in depth; what has been shown once is not opened again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from byocgen.plan.decision import Fact

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan

PAGE = "https://github.com/byocgen/byocgen/blob/main/docs/decisions.md"


@dataclass(frozen=True, slots=True)
class Link:
    """One step of a chain, `depth` steps below what was asked about: a decision with its key, or a fact without one.

    `shown` says that the same decision stands further up, with all that it follows from.
    """

    depth: int
    key: str
    what: Decision[Any] | Fact
    shown: bool = False


def walk(plan: Plan, key: str) -> Iterator[Link]:
    """Yield the decision `key`, then all that it follows from. Raises KeyError for a key that the plan lacks."""
    yield from _below(dict(plan.decisions()), key, 0, set())


def _below(known: dict[str, Decision[Any]], key: str, depth: int, seen: set[str]) -> Iterator[Link]:
    decision = known[key]
    yield Link(depth, key, decision, shown=key in seen)
    if key in seen:
        return
    seen.add(key)
    for cause in decision.because:
        if isinstance(cause, Fact):
            yield Link(depth + 1, "", cause)
        else:
            yield from _below(known, cause, depth + 1, seen)


def page(key: str) -> str:
    """The section of docs/decisions.md on a decision."""
    return f"{PAGE}#{anchor(key)}"


def anchor(key: str) -> str:
    """The name that GitHub gives to the heading of a key."""
    return key.replace(".", "")
