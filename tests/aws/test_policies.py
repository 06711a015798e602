"""Stock moto denies where a Deny statement's condition is not met; the patch applies the statement only where it is."""

import json

import pytest
from botocore.exceptions import ClientError

from . import policies
from .conftest import Client
from .patching import Replace

TLS_ONLY = {"Bool": {"aws:SecureTransport": "false"}}
PLAIN_ONLY = {"Bool": {"aws:SecureTransport": "true"}}
OLD_TLS = {"NumericLessThan": {"s3:TlsVersion": "1.2"}}


def upload(client: Client, condition: dict[str, dict[str, str]]) -> int:
    """Status code of an upload to a bucket that denies everything under `condition`."""
    s3 = client("s3")
    s3.create_bucket(Bucket="models")
    statement = {
        "Effect": "Deny",
        "Principal": "*",
        "Action": "s3:*",
        "Resource": ["arn:aws:s3:::models", "arn:aws:s3:::models/*"],
        "Condition": condition,
    }
    s3.put_bucket_policy(Bucket="models", Policy=json.dumps({"Version": "2012-10-17", "Statement": [statement]}))
    try:
        s3.put_object(Bucket="models", Key="x", Body=b"x")
    except ClientError as error:
        return int(error.response["ResponseMetadata"]["HTTPStatusCode"])
    return 200


def test_stock_moto_denies_what_the_policy_allows(client: Client) -> None:
    assert upload(client, TLS_ONLY) == 403


@pytest.mark.parametrize(
    ("condition", "expected"),
    [(TLS_ONLY, 200), (OLD_TLS, 200), (PLAIN_ONLY, 403), ({**TLS_ONLY, **OLD_TLS}, 200)],
)
def test_a_statement_counts_when_its_condition_is_met(
    client: Client, replace: Replace, condition: dict[str, dict[str, str]], expected: int
) -> None:
    policies.deny_only_when_the_condition_is_met(replace)
    assert upload(client, condition) == expected


def test_a_condition_that_the_stand_in_does_not_know_is_no_silent_pass(client: Client, replace: Replace) -> None:
    policies.deny_only_when_the_condition_is_met(replace)
    with pytest.raises(NotImplementedError, match="IpAddress"):
        upload(client, {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}})
