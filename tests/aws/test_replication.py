"""The gap of stock moto in the replication of buckets, and what the patch makes of it."""

from typing import Any

from . import replication
from .conftest import Client
from .patching import Replace

RULE = {
    "ID": "away",
    "Priority": 0,
    "Status": "Enabled",
    "Filter": {"Prefix": "models/"},
    "DeleteMarkerReplication": {"Status": "Disabled"},
    "SourceSelectionCriteria": {"SseKmsEncryptedObjects": {"Status": "Enabled"}},
    "Destination": {
        "Bucket": "arn:aws:s3:::away",
        "EncryptionConfiguration": {"ReplicaKmsKeyID": "arn:aws:kms:eu-west-1:1:key/a"},
    },
}


def told(client: Client) -> Any:
    s3 = client("s3")
    for bucket in ("home", "away"):
        s3.create_bucket(Bucket=bucket)
        s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    role = "arn:aws:iam::123456789012:role/copier"
    s3.put_bucket_replication(Bucket="home", ReplicationConfiguration={"Role": role, "Rules": [RULE]})
    [rule] = s3.get_bucket_replication(Bucket="home")["ReplicationConfiguration"]["Rules"]
    return rule


def test_stock_moto_forgets_what_a_rule_is_for(client: Client) -> None:
    rule = told(client)
    assert (rule["Filter"], "SourceSelectionCriteria" in rule) == ({"Prefix": ""}, False)


def test_a_rule_is_told_as_it_was_given(client: Client, replace: Replace) -> None:
    replication.tell_all_of_a_rule(replace)
    assert told(client) == RULE
