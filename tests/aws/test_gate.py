"""Stock moto compares a policy's actions only, and asks for the resource `*`; the gate asks for what a call really names."""

import json
from collections.abc import Iterator
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from moto.core import set_initial_no_auth_action_count

from .access import needs
from .calls import Call
from .conftest import Client
from .needs import Need, granted
from .stand_in import ACCOUNT_ID, StandIn, started

GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT_ID}:log-group:mine:*"
TRUST = {"Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"}, "Action": "sts:AssumeRole"}]}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "logs:CreateLogGroup", "Resource": GROUP}],
}
SCALER = (
    f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/sagemaker.application-autoscaling.amazonaws.com/AWSServiceRole"
)
TAGGED = {"StringEquals": {"aws:ResourceTag/project": "churn"}}


def arn(service: str, name: str) -> str:
    return f"arn:aws:{service}:us-east-1:{ACCOUNT_ID}:{name}"


def session(iam: Any, sts: Any) -> dict[str, str]:
    """The keys of a role that may make one log group."""
    iam.create_role(RoleName="maker", AssumeRolePolicyDocument=json.dumps(TRUST))
    iam.put_role_policy(RoleName="maker", PolicyName="own", PolicyDocument=json.dumps(POLICY))
    keys = sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/maker", RoleSessionName="test")["Credentials"]
    return {
        "aws_access_key_id": keys["AccessKeyId"],
        "aws_secret_access_key": keys["SecretAccessKey"],
        "aws_session_token": keys["SessionToken"],
    }


def test_stock_moto_denies_what_a_policy_with_a_resource_allows(client: Client) -> None:
    keys = session(client("iam"), client("sts"))
    logs: Any = boto3.client("logs", region_name="us-east-1", **keys)
    asked = set_initial_no_auth_action_count(0)(lambda: logs.create_log_group(logGroupName="mine"))
    with pytest.raises(ClientError, match="not authorized"):
        asked()


@pytest.fixture(scope="module")
def aws() -> Iterator[StandIn]:
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def logs(aws: StandIn) -> Any:
    keys = session(aws.client("iam"), aws.client("sts"))
    config = Config(retries={"max_attempts": 1})
    return boto3.client("logs", region_name="us-east-1", endpoint_url=aws.url, config=config, **keys)


def test_a_role_may_do_what_its_policy_names(logs: Any) -> None:
    logs.create_log_group(logGroupName="mine")


@pytest.mark.parametrize(
    ("name", "tags", "missing"),
    [
        ("another", {}, "logs:CreateLogGroup on resource: .*log-group:another:log-stream:"),
        ("mine", {"a": "b"}, "logs:TagResource on resource: .*log-group:mine \\("),
    ],
)
def test_it_may_do_nothing_else(logs: Any, name: str, tags: dict[str, str], missing: str) -> None:
    with pytest.raises(ClientError, match=f"maker is not authorized to perform: {missing}"):
        logs.create_log_group(logGroupName=name, **({"tags": tags} if tags else {}))


def statement(**changes: Any) -> dict[str, Any]:
    return {"Effect": "Allow", "Action": ["kms:*"], "Resource": "arn:key/?", **changes}


@pytest.mark.parametrize(
    ("given", "context", "expected"),
    [
        ([statement()], {}, True),
        ([statement(Action="kms:Encrypt")], {}, False),
        ([statement(Resource="arn:key/??")], {}, False),
        ([statement(Condition=TAGGED)], {"aws:ResourceTag/project": "churn"}, True),
        ([statement(Condition=TAGGED)], {"aws:ResourceTag/project": "other"}, False),
        ([statement(Condition=TAGGED)], {}, False),
        ([statement(Condition={"StringEqualsIfExists": TAGGED["StringEquals"]})], {}, True),
        ([statement(Condition={"Null": {"aws:ResourceTag/project": "true"}})], {}, True),
        ([statement(Condition={"Null": {"aws:ResourceTag/project": "true"}})], {"aws:ResourceTag/project": "x"}, False),
        ([statement(), statement(Effect="Deny")], {}, False),
        ([], {}, False),
    ],
)
def test_statements_are_read_as_iam_reads_them(
    given: list[dict[str, Any]], context: dict[str, str], expected: object
) -> None:
    assert granted(Need("kms:Decrypt", "arn:key/1", tuple(context.items())), given) is expected


def test_an_operator_that_is_not_known_is_no_silent_pass() -> None:
    condition = {"IpAddress": {"aws:SourceIp": "10.0.0.0/8"}}
    with pytest.raises(NotImplementedError, match="IpAddress"):
        granted(Need("kms:Decrypt", "arn:key/1", (("aws:SourceIp", "10.0.0.1"),)), [statement(Condition=condition)])


@pytest.mark.parametrize(
    ("service", "operation", "parameters", "expected"),
    [
        (
            "sns",
            "Unsubscribe",
            {"SubscriptionArn": "arn:aws:sns:us-east-1:1:topic:id"},
            {"sns:Unsubscribe on arn:aws:sns:us-east-1:1:topic"},
        ),
        (
            "budgets",
            "DescribeBudget",
            {"BudgetName": "b"},
            {f"budgets:ViewBudget on arn:aws:budgets::{ACCOUNT_ID}:budget/b"},
        ),
        (
            "application-autoscaling",
            "RegisterScalableTarget",
            {"ServiceNamespace": "sagemaker", "ResourceId": "endpoint/E/variant/v"},
            {
                f"application-autoscaling:RegisterScalableTarget on {arn('application-autoscaling', 'scalable-target/any')}",
                f"sagemaker:DescribeEndpoint on {arn('sagemaker', 'endpoint/e')}",
                f"sagemaker:UpdateEndpointWeightsAndCapacities on {arn('sagemaker', 'endpoint/e')}",
                f"iam:CreateServiceLinkedRole on {SCALER}",
            },
        ),
        (
            "s3",
            "PutReplicationConfiguration",
            {"Bucket": "b", "Role": "arn:r"},
            {"s3:PutReplicationConfiguration on arn:aws:s3:::b", "iam:PassRole on arn:r"},
        ),
    ],
)
def test_a_call_needs_what_is_done_in_its_name_too(
    service: str, operation: str, parameters: dict[str, Any], expected: set[str]
) -> None:
    asked = needs(Call(service, operation, "us-east-1", parameters))
    assert {f"{need.action} on {need.resource}" for need in asked} == expected


def test_a_call_that_nobody_knows_is_no_silent_pass() -> None:
    with pytest.raises(NotImplementedError, match="sns:ConfirmSubscription"):
        list(needs(Call("sns", "ConfirmSubscription", "us-east-1", {})))
