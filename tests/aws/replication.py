"""Replication of buckets: a rule is told as it was given.

Rules: one function a gap.
"""

from typing import Any

from moto.core.responses import ActionResult
from moto.s3.responses import S3Response

from .patching import Replace


def tell_all_of_a_rule(replace: Replace) -> None:
    """Moto tells every rule without its prefix and without which objects it is for, so no re-plan is empty."""
    stock = S3Response.get_bucket_replication

    def get_bucket_replication(self: S3Response) -> Any:
        given = self.backend.get_bucket_replication(self.bucket_name)
        if not given:
            return stock(self)
        self.data["Action"] = "GetBucketReplication"
        kept = (
            "ID",
            "Priority",
            "Status",
            "Filter",
            "DeleteMarkerReplication",
            "SourceSelectionCriteria",
            "Destination",
        )
        rules = [{key: rule[key] for key in kept if key in rule} for rule in given["Rule"]]
        answer = {"ReplicationConfiguration": {"Role": given["Role"], "Rules": rules}}
        return self.serialized(ActionResult(answer))

    replace(S3Response, "get_bucket_replication", get_bucket_replication)
