"""The values of the stack's variables that say how updates roll out, who is told of what, and what is kept."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from byocgen.plan.decision import Decision
    from byocgen.plan.plan import Plan


def values(plan: Plan) -> Mapping[str, Decision[Any]]:
    """Return what the plan has of them, by the variable's name."""
    rollout, watch = plan.rollout, plan.watch
    return {
        "rollout_strategy": rollout.strategy,
        "rollout_step_percent": rollout.step_percent,
        "rollout_wait_seconds": rollout.wait_seconds,
        "rollback": rollout.rollback,
        "slow_seconds": rollout.slow_seconds,
        "capture_percent": watch.capture_percent,
        "capture_retention_days": watch.capture_retention_days,
        "alarm_email": watch.alarm_email,
        "monthly_budget_usd": watch.monthly_budget_usd,
        "budget_email": watch.alarm_email,
    }
