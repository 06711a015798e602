"""One decided value with its reason and its source, so that nothing in a generated file is a riddle."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, TypeVar

Value = TypeVar("Value")

MANIFEST = "manifest"
DEFAULT = "default"
CONTAINER_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/dg/your-algorithms-inference-code.html"
VARIANT_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_ProductionVariant.html"
INVOKE_DOCS = "https://docs.aws.amazon.com/sagemaker/latest/APIReference/API_runtime_InvokeEndpoint.html"


@dataclass(frozen=True, slots=True)
class Fact:
    """Something that a decision follows from and that nobody decided: `16 GiB of memory`, from a catalogue file."""

    text: str
    source: str


@dataclass(frozen=True, slots=True)
class Decision(Generic[Value]):
    """`value` as the project uses it; `reason` a clause for people; `source` a field, a catalogue file or a page.

    `because` is what it follows from, for `explain`: keys of other decisions in the plan (`"stack.instance_type"`)
    and facts. No circle: a decision follows from what was decided before it.
    """

    value: Value
    reason: str
    source: str
    because: tuple[str | Fact, ...] = ()

    def __str__(self) -> str:
        return str(self.value)


def chosen(value: Value, field: str) -> Decision[Value]:
    """Record that the manifest says so."""
    return Decision(value, "the manifest says so", f"{MANIFEST}: {field}")


def told(field: str, value: object) -> Fact:
    """State what the manifest says in a field that has no decision of its own."""
    return Fact(f"{field}: {value}", f"{MANIFEST}: {field}")


def chosen_or(value: Value | None, field: str, otherwise: Decision[Value]) -> Decision[Value]:
    """Take the manifest's value, or the decision that holds when it has none."""
    return otherwise if value is None else chosen(value, field)


def counted(count: int, noun: str) -> str:
    """Write a number with its noun: `1 worker`, `4 vCPUs`, `2 copies`."""
    if count == 1:
        return f"1 {noun}"
    return f"{count} {noun.removesuffix('y')}ies" if noun.endswith("y") else f"{count} {noun}s"
