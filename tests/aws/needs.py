"""One permission that a call needs, and whether statements of policies grant it.

Moto compares actions only: neither the resources of a policy nor its conditions count there. Rules: an operator of a condition that
is not known here is an error, so that nothing is waved through.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Statement = Mapping[str, Any]


@dataclass(frozen=True)
class Need:
    """One permission that a call needs."""

    action: str
    resource: str
    context: tuple[tuple[str, str], ...] = ()


def granted(need: Need, statements: Iterable[Statement]) -> bool:
    """Whether one statement allows it and none denies it."""
    effects = {one["Effect"] for one in statements if _speaks_of(one, need)}
    return effects == {"Allow"}


def _speaks_of(statement: Statement, need: Need) -> bool:
    return (
        any(_matches(pattern.lower(), need.action.lower()) for pattern in _listed(statement["Action"]))
        and any(_matches(pattern, need.resource) for pattern in _listed(statement["Resource"]))
        and all(
            _holds(test, dict(need.context).get(key), _listed(values))
            for test, keys in statement.get("Condition", {}).items()
            for key, values in keys.items()
        )
    )


def _holds(test: str, value: str | None, wanted: list[str]) -> bool:
    if test == "Null":
        return wanted == [str(value is None).lower()]
    if value is None:
        return test.endswith("IfExists")
    match test.removesuffix("IfExists"):
        case "StringEquals":
            return value in wanted
        case "StringLike" | "ArnLike" | "ArnEquals":
            return any(_matches(pattern, value) for pattern in wanted)
    message = f"the stand-in does not know the condition operator {test}"
    raise NotImplementedError(message)


def _matches(pattern: str, text: str) -> bool:
    form = "".join({"*": ".*", "?": "."}.get(character, re.escape(character)) for character in pattern)
    return re.fullmatch(form, text, re.DOTALL) is not None


def _listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value
