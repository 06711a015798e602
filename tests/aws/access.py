"""What a call needs of IAM: everything that AWS asks for, where moto asks for one action.

Tags at creation are asked for apart, and what is handed on, a role or a key, is asked for too (each with its source).

Rules: what stands in no table is an error, so that nothing is waved through.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from moto.iam.models import iam_backends
from moto.kms.models import kms_backends
from moto.s3.models import s3_backends

from . import budget_access, ec2_access, scaling_access
from .calls import Call
from .needs import Need
from .stand_in import ACCOUNT_ID

NAMED_BY = {
    "ecr": (("repositoryName", "repository/{}"),),
    "cloudwatch": (
        ("AlarmName", "alarm:{}"),
        ("AlarmNames.member.1", "alarm:{}"),
        ("DashboardName", "dashboard/{}"),
        ("DashboardNames.member.1", "dashboard/{}"),
    ),
    "sagemaker": (
        ("EndpointName", "endpoint/{}"),
        ("EndpointConfigName", "endpoint-config/{}"),
        ("TransformJobName", "transform-job/{}"),
        ("ModelName", "model/{}"),
    ),
    "sns": (("Name", "{}"), ("TopicArn", "{}"), ("SubscriptionArn", "{}")),
    "iam": (("RoleName", "role/{}"),),
    "cloudtrail": (("Name", "trail/{}"), ("TrailName", "trail/{}"), ("ResourceId", "trail/{}")),
}
"""Which parameter says what is asked for, and how its ARN ends."""
ANYTHING = {
    "cloudtrail:DescribeTrails",
    "ecr:DescribeRegistry",
    "ecr:GetAuthorizationToken",
    "ecr:PutReplicationConfiguration",
    "logs:DescribeLogGroups",
    "kms:CreateKey",
    "iam:GetUser",
}
"""Actions without a resource."""
TAGGED_BY = {
    "cloudtrail": "AddTags",
    "ecr": "TagResource",
    "logs": "TagResource",
    "kms": "TagResource",
    "cloudwatch": "TagResource",
    "sagemaker": "AddTags",
    "iam": "TagRole",
    "sns": "TagResource",
}
PASSED = {"ExecutionRoleArn": "sagemaker.amazonaws.com", "Role": "s3.amazonaws.com"}
"""Parameters that hand a role on, and to whom."""
LINKED = {"ecr:PutReplicationConfiguration": "replication.ecr.amazonaws.com"}  # Service Authorization Reference, ECR
"""Services that make a role of their own at a call."""
ELSEWHERE = {"budgets": budget_access.needs, "ec2": ec2_access.needs, "application-autoscaling": scaling_access.needs}
"""Services with rules of their own."""
GRANTED_BY = {
    "ecr:CreateRepository": ("kms:CreateGrant", "kms:DescribeKey"),  # ECR, "Encryption at rest"
    "ecr:DeleteRepository": ("kms:RetireGrant",),  # as above
    "sagemaker:CreateEndpointConfig": ("kms:CreateGrant",),  # SageMaker, "API permissions"
    "s3:PutObject": ("kms:GenerateDataKey",),  # S3, "Using server-side encryption with AWS KMS keys"
    "s3:GetObject": ("kms:Decrypt",),  # as above
}
"""What is asked of the key where a key of KMS encrypts."""


def needs(call: Call) -> Iterator[Need]:
    """Yield every permission that a call needs."""
    action = f"{call.service}:{call.operation}"
    if action == "sts:GetCallerIdentity":  # nobody can be denied it (STS, GetCallerIdentity)
        return
    if call.service in ELSEWHERE:
        yield from ELSEWHERE[call.service](call)
        return
    if action == "s3:DeleteObjects":
        for key in call.parameters["Keys"]:
            resource = f"arn:aws:s3:::{call.parameters['Bucket']}/{key}"
            yield from (Need(f"s3:{name}", resource) for name in ("DeleteObject", "DeleteObjectVersion"))
        return
    tags = dict(_tags(call.parameters))
    requested = tuple((f"aws:RequestTag/{key}", value) for key, value in tags.items())
    resources = list(_resources(call, action))
    context = (*requested, *_bounded(call), *_listed(call))
    yield from (Need(action, resource, (*context, *_owned(resource))) for resource in resources)
    if tags and call.operation.startswith(("Create", "Put")):
        made = _arn(call, "key/new") if call.service == "kms" else resources[0].removesuffix(":log-stream:")
        yield Need(f"{call.service}:{TAGGED_BY[call.service]}", made, requested)
    for name, service in PASSED.items():
        if name in call.parameters:
            yield Need("iam:PassRole", call.parameters[name], (("iam:PassedToService", service),))
    if action in LINKED:
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{LINKED[action]}/AWSServiceRole"
        yield Need("iam:CreateServiceLinkedRole", role, (("iam:AWSServiceName", LINKED[action]),))
    yield from _of_the_key(call, action)


def _resources(call: Call, action: str) -> Iterator[str]:
    parameters = call.parameters
    if call.service == "s3":
        yield "/".join(["arn:aws:s3:::" + parameters["Bucket"], *([parameters["Key"]] if "Key" in parameters else [])])
        return
    given = next((parameters[key] for key in ("ResourceArn", "resourceArn", "ResourceARN") if key in parameters), None)
    if given or call.service == "kms":
        key = parameters.get("KeyId", "")
        yield given or (key if key.startswith("arn:") else _arn(call, f"key/{key}") if key else "*")
        return
    if call.service == "logs" and "logGroupName" in parameters:  # so its refusals name a group, but for tags
        group, stream = parameters["logGroupName"], parameters.get("logStreamName", "")
        yield _arn(call, f"log-group:{group}:log-stream:{stream}")
        return
    if "ResourceIdList" in parameters:
        yield parameters["ResourceIdList"][0]
        return
    if "repositoryNames" in parameters:
        yield _arn(call, f"repository/{parameters['repositoryNames'][0]}")
        return
    found = [
        _arn(call, form.format(parameters[name])) for name, form in NAMED_BY.get(call.service, ()) if name in parameters
    ]
    if not found and action not in ANYTHING:
        message = f"what does {action} ask for in {sorted(parameters)}?"
        raise NotImplementedError(message)
    # An endpoint is asked for with its configuration; a configuration names models, and asks for itself alone.
    yield from found or ["*"]


def _arn(call: Call, name: str) -> str:
    if call.service == "sns" and name.startswith("arn:"):
        return ":".join(name.split(":")[:6])  # a subscription is asked for as its topic, which AWS's refusals name
    if ":" in name and name.partition("/")[2].startswith("arn:"):
        return name.partition("/")[2]
    region = "" if call.service == "iam" or name.startswith("dashboard/") else call.region
    return f"arn:aws:{call.service}:{region}:{ACCOUNT_ID}:{name}"


def _listed(call: Call) -> Iterator[tuple[str, str]]:
    """The folder that is listed, where it is not the whole bucket."""
    if call.service == "s3" and "Prefix" in call.parameters:
        yield "s3:prefix", call.parameters["Prefix"]


def _bounded(call: Call) -> Iterator[tuple[str, str]]:
    """The boundary of the role that a call makes or writes to, which is what a condition asks about."""
    if call.service != "iam" or "RoleName" not in call.parameters:
        return
    if "PermissionsBoundary" in call.parameters:
        yield "iam:PermissionsBoundary", call.parameters["PermissionsBoundary"]
        return
    roles = {role.name: role for role in iam_backends[ACCOUNT_ID]["aws"].roles.values()}
    role = roles.get(call.parameters["RoleName"])
    if role is not None and role.permissions_boundary_arn:
        yield "iam:PermissionsBoundary", role.permissions_boundary_arn


def _tags(parameters: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    tags = parameters.get("Tags") or parameters.get("tags") or parameters.get("TagsList") or []
    if isinstance(tags, Mapping):
        yield from tags.items()
        return
    for tag in tags:
        named = {name.lower().removeprefix("tag"): value for name, value in tag.items()}
        yield named["key"], named["value"]
    for name, key in parameters.items():
        if re.fullmatch(r"Tags\.member\.\d+\.Key", name):
            yield key, parameters[f"{name.removesuffix('Key')}Value"]


def _of_the_key(call: Call, action: str) -> Iterator[Need]:
    if action not in GRANTED_BY or (call.service == "s3" and not _encrypts_with_a_key(call.parameters["Bucket"])):
        return
    via = (("kms:ViaService", f"{call.service}.{call.region}.amazonaws.com"),)
    for key in kms_backends[ACCOUNT_ID][call.region].keys.values():
        if key.key_state == "Enabled":
            yield from (Need(name, key.arn, (*via, *_owned(key.arn))) for name in GRANTED_BY[action])


def _encrypts_with_a_key(bucket: str) -> bool:
    return "aws:kms" in str(s3_backends[ACCOUNT_ID]["aws"].get_bucket_encryption(bucket))


def _owned(resource: str) -> Iterator[tuple[str, str]]:
    """The tags of a key, which is what a condition asks about."""
    if not resource.startswith("arn:aws:kms:"):
        return
    _, _, _, region, _, name = resource.split(":")
    key = kms_backends[ACCOUNT_ID][region].keys.get(name.removeprefix("key/"))
    tags = kms_backends[ACCOUNT_ID][region].list_resource_tags(key.id)["Tags"] if key else []
    yield from ((f"aws:ResourceTag/{tag['TagKey']}", tag["TagValue"]) for tag in tags)
