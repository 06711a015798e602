"""Who is told of what, and what of the traffic is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan.decision import DEFAULT, Decision, chosen_or
from byocgen.plan.plan import WatchPlan

if TYPE_CHECKING:
    from byocgen.manifest.model import Manifest


def decide(manifest: Manifest) -> WatchPlan:
    """Take what the manifest says of each."""
    capture = manifest.endpoint.data_capture
    return WatchPlan(
        alarm_email=chosen_or(
            manifest.observability.alarm_email,
            "observability.alarm_email",
            Decision(None, "nobody is told by mail", DEFAULT),
        ),
        monthly_budget_usd=chosen_or(
            manifest.cost.monthly_budget_usd, "cost.monthly_budget_usd", Decision(None, "no budget", DEFAULT)
        ),
        capture_percent=chosen_or(
            None if capture is None else capture.percent,
            "endpoint.data_capture.percent",
            Decision(None, "no request is kept", DEFAULT),
        ),
        capture_retention_days=Decision(
            None if capture is None else capture.retention_days,
            "requests hold what callers sent, so they are kept no longer than they are used",
            DEFAULT if capture is None else "manifest: endpoint.data_capture.retention_days",
        ),
    )
