"""Which limits of the AWS account to look at before the first release, by their names in Service Quotas.

Rules: names only. The codes (`L-...`) and the values are the account's and the region's, which byocgen does not know.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from byocgen.plan import machines
from byocgen.plan.decision import Decision

if TYPE_CHECKING:
    from byocgen.manifest.model import Manifest

SOURCE = "https://docs.aws.amazon.com/general/latest/gr/sagemaker.html"
ENDPOINTS = "Number of instances across active endpoints"
TRANSFORM_JOBS = "Number of instances across all transform jobs"
SERVERLESS = "Maximum total concurrency that can be allocated across all serverless endpoints"


def decide(manifest: Manifest, instance_type: str) -> Decision[tuple[str, ...]]:
    """Name them; they hold for each region by itself, and a new account's may be 0."""
    endpoint = manifest.endpoint
    if endpoint.mode == "serverless":
        reason = "max_concurrency counts against it, in each region; a new account's may be small"
        return Decision((SERVERLESS,), reason, SOURCE, ("stack.mode",))
    use, total = ("transform job", TRANSFORM_JOBS) if endpoint.mode == "batch" else ("endpoint", ENDPOINTS)
    types = dict.fromkeys([instance_type, *(name for _, name in machines.further(manifest))])
    names = (*(f"{name} for {use} usage" for name in types), total)
    reason = "instances count against them, in each region; a new account's may be 0, and an update blue/green runs twice as many"
    because = ("stack.instance_type", "stack.instance_count", "stack.mode", *machines.keys(manifest))
    return Decision(names, reason, SOURCE, because)
