"""What a tuning rule rests on: the rows of the benchmarks that measured it, as facts of the decision.

Rules: a framework that was measured shows its own rows; any other shows those that its rule is taken over from, and says so.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import Fact

if TYPE_CHECKING:
    from byocgen.catalog import Catalog, Measurement

SOURCE = "catalogue: measured.json"


def measured(catalog: Catalog, rule: str, framework: str) -> tuple[Fact, ...]:
    """The rows of `rule` for `framework`, or those it is taken over from."""
    rows = [row for row in catalog.measurements if row.rule == rule]
    own = own_rows(catalog, rule, framework)
    return own or tuple(Fact(f"{_told(row)}, taken over from {row.framework}", SOURCE) for row in rows)


def own_rows(catalog: Catalog, rule: str, framework: str) -> tuple[Fact, ...]:
    """The rows of `rule` that were measured with `framework` itself."""
    rows = (row for row in catalog.measurements if (row.rule, row.framework) == (rule, framework))
    return tuple(Fact(_told(row), SOURCE) for row in rows)


def _told(row: Measurement) -> str:
    return f"{row.chosen}: {row.ratio:g} times the answers of {row.other} ({row.load})"
