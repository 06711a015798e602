"""Rules between what is watched, who is told, and the mode.

AWS takes no budget without an address to tell (Budgets CreateNotification: one to eleven subscribers).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.diagnostics import Diagnostic

if TYPE_CHECKING:
    from collections.abc import Iterator

    from byocgen.manifest.model import Manifest


def check(manifest: Manifest) -> Iterator[Diagnostic]:
    """Find what would be watched by nobody, or has nothing to watch."""
    observability, budget = manifest.observability, manifest.cost.monthly_budget_usd
    if budget is not None and observability.alarm_email is None:
        message = "a budget has an address that it tells, and there is none"
        yield Diagnostic("BYO303", message, ("cost", "monthly_budget_usd"), "name one as observability.alarm_email")
    if observability.alarm_email is not None and not observability.alarms and budget is None:
        message = "nothing is sent to this address: there are neither alarms nor a budget"
        yield Diagnostic("BYO303", message, ("observability", "alarm_email"), "write: alarms: true, or delete the line")
    if manifest.endpoint.mode == "batch":
        for name in ("alarms", "dashboard"):
            if getattr(observability, name):
                message = f"`{name}` does not exist in mode batch: there is no endpoint to watch"
                yield Diagnostic("BYO301", message, ("observability", name), f"write: {name}: false")
