"""A pipeline's roles at an AWS that holds them to their policies: how they are taken, what they asked for and what they may do.

Rules: what a role was never asked for in a life is needless, unless `NOT_ASKED_HERE` says why only AWS asks for it.
"""

import json
import time
import urllib.request
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import boto3
from botocore.config import Config
from tests.aws import overrides
from tests.aws.needs import Need, Statement, granted
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release.project import Project

# The stand-in's own settings name its keys; here who asks is told by the environment.
SETTINGS = "".join(line for line in overrides.TEXT.splitlines(keepends=True) if "_key " not in line)
NOT_ASKED_HERE = {
    # docker push and pull, through the registry (ECR, "IAM permissions for pushing an image")
    *("ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"),
    *("ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken"),
    # the lifecycle rules of the bucket: the provider waits 50 s for them, so they are left out of this stack
    "s3:PutLifecycleConfiguration",
    # an upload of many parts that is broken off
    "s3:AbortMultipartUpload",
    # a manifest or a byocgen that says something else than yesterday
    *("iam:UpdateAssumeRolePolicy", "kms:PutKeyPolicy", "kms:UpdateKeyDescription", "iam:PutRolePermissionsBoundary"),
    "logs:DeleteRetentionPolicy",
    *("ecr:UntagResource", "iam:UntagRole", "kms:UntagResource", "logs:UntagResource", "cloudwatch:UntagResource"),
    *("sagemaker:DeleteTags", "ec2:DeleteTags", "cloudtrail:RemoveTags", "cloudtrail:UpdateTrail", "sns:UntagResource"),
    *("application-autoscaling:UntagResource", "budgets:UntagResource"),
    *("ec2:ModifySecurityGroupRules", "ec2:ModifyVpcEndpoint"),
    # selectors of a trail: read where CloudTrail says that it has some, which the stand-in does not
    *("cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors"),
    # a transform job that is broken off
    "sagemaker:StopTransformJob",
}
"""Granted, and asked for by AWS only, each with the reason."""


def assume(aws: StandIn, role: str) -> dict[str, str]:
    """The environment of a job that took the role by a token of GitHub's."""
    answer = aws.client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}", RoleSessionName="run", WebIdentityToken="token"
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }


def client(aws: StandIn, who: Project, service: str) -> Any:
    """A client with the keys of whoever's project it is."""
    environment = who.environment
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        environment["AWS_SESSION_TOKEN"],
        region_name="us-east-1",
    )
    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=aws.url, config=config)


def read_log(aws: StandIn, who: Project, group: str, stream: str) -> None:
    """What the release flow asks to show the end of a log, of which there is a line."""
    logs = aws.client("logs")
    if not logs.describe_log_groups(logGroupNamePrefix=group)["logGroups"]:
        logs.create_log_group(logGroupName=group)
    logs.create_log_stream(logGroupName=group, logStreamName=stream)
    logs.put_log_events(
        logGroupName=group, logStreamName=stream, logEvents=[{"timestamp": int(time.time() * 1000), "message": "why"}]
    )
    theirs = client(aws, who, "logs")
    assert theirs.describe_log_streams(logGroupName=group)["logStreams"]
    assert theirs.get_log_events(logGroupName=group, logStreamName=stream)["events"]


def asked(aws: StandIn, role: str) -> Iterator[Need]:
    """Everything that a role asked for so far."""
    with urllib.request.urlopen(f"{aws.url}/_stand_in/needs/{role}") as answer:  # noqa: S310 - http on the loopback device
        for one in json.load(answer):
            yield Need(one["action"], one["resource"], tuple(one["context"].items()))


def actions(statement: Statement) -> list[str]:
    return listed(statement["Action"])


def listed(value: str | list[str]) -> list[str]:
    return [value] if isinstance(value, str) else value


def spared(statements: Iterable[Statement], needs: Iterable[Need], among: Sequence[Statement]) -> list[str]:
    """The statements without which all that was asked for would still be granted by the rest of `among`."""
    needs = list(needs)
    found = []
    for statement in statements:
        others = [one for one in among if one is not statement]
        mine = [need for need in needs if need.action in actions(statement) and granted(need, [statement])]
        if not set(actions(statement)) <= NOT_ASKED_HERE and all(granted(need, others) for need in mine):
            found.append(str(statement["Sid"]))
    return found


def needless(statements: Iterable[Statement], needs: Iterable[Need]) -> set[str]:
    """Every action, and every resource of a statement, that nothing was asked of."""
    needs = list(needs)
    found = set()
    for statement in statements:
        used = [need for need in needs if need.action in actions(statement) and granted(need, [statement])]
        if set(actions(statement)) <= NOT_ASKED_HERE:
            continue
        found |= set(actions(statement)) - {need.action for need in used} - NOT_ASKED_HERE
        for resource in listed(statement["Resource"]):
            if not any(granted(need, [{**statement, "Resource": resource}]) for need in used):
                found.add(f"{statement['Sid']}: {resource}")
    return found


def documents(planned: Mapping[str, Any]) -> dict[str, list[Statement]]:
    """The statements of every policy document that a plan in JSON has read, by the document's name."""
    read = planned["prior_state"]["values"]["root_module"]["resources"]
    return {
        one["name"]: json.loads(one["values"]["json"])["Statement"]
        for one in read
        if one["type"] == "aws_iam_policy_document" and "index" not in one
    }
