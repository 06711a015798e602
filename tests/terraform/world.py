"""Everything that a stack makes, as AWS itself tells it: the stand-in is asked through boto3, never Terraform's state.

Rules: one look is one value; what a stack could leave behind has a field here.
"""

from dataclasses import dataclass, fields
from typing import Any

from tests.aws.stand_in import StandIn


@dataclass(frozen=True)
class World:
    """Names of what exists in the account and region of the tests."""

    endpoints: dict[str, str]  # endpoint -> configuration that it serves
    configurations: frozenset[str]
    models: frozenset[str]
    alarms: dict[str, str]  # alarm -> configuration that it watches
    log_groups: frozenset[str]
    repositories: frozenset[str]
    buckets: frozenset[str]
    roles: frozenset[str]
    keys: frozenset[str]  # without those that wait for their deletion
    topics: frozenset[str]
    scaled: frozenset[str]  # scalable targets, their policies and schedules

    def is_empty(self) -> bool:
        return not any(getattr(self, field.name) for field in fields(self))


def look(aws: StandIn) -> World:
    sagemaker = aws.client("sagemaker")
    names = [endpoint["EndpointName"] for endpoint in sagemaker.list_endpoints()["Endpoints"]]
    alarms = aws.client("cloudwatch").describe_alarms()["MetricAlarms"]
    return World(
        endpoints={name: sagemaker.describe_endpoint(EndpointName=name)["EndpointConfigName"] for name in names},
        configurations=_names(sagemaker.list_endpoint_configs()["EndpointConfigs"], "EndpointConfigName"),
        models=_names(sagemaker.list_models()["Models"], "ModelName"),
        alarms={alarm["AlarmName"]: _watched(alarm) for alarm in alarms},
        log_groups=_names(aws.client("logs").describe_log_groups()["logGroups"], "logGroupName"),
        repositories=_names(aws.client("ecr").describe_repositories()["repositories"], "repositoryName"),
        buckets=_names(aws.client("s3").list_buckets()["Buckets"], "Name"),
        roles=_names(aws.client("iam").list_roles()["Roles"], "RoleName"),
        keys=frozenset(_live_keys(aws)),
        topics=_names(aws.client("sns").list_topics()["Topics"], "TopicArn"),
        scaled=frozenset(_scaled(aws)),
    )


def _names(entries: list[dict[str, Any]], key: str) -> frozenset[str]:
    return frozenset(entry[key] for entry in entries)


def _watched(alarm: dict[str, Any]) -> str:
    """The configuration that an alarm watches; empty where it watches the endpoint."""
    return next((str(entry["Value"]) for entry in alarm["Dimensions"] if entry["Name"] == "EndpointConfigName"), "")


def _scaled(aws: StandIn) -> list[str]:
    scaling, service = aws.client("application-autoscaling"), {"ServiceNamespace": "sagemaker"}
    return [
        *(one["ResourceId"] for one in scaling.describe_scalable_targets(**service)["ScalableTargets"]),
        *(one["PolicyName"] for one in scaling.describe_scaling_policies(**service)["ScalingPolicies"]),
        *(one["ScheduledActionName"] for one in scaling.describe_scheduled_actions(**service)["ScheduledActions"]),
    ]


def _live_keys(aws: StandIn) -> list[str]:
    kms = aws.client("kms")
    keys = [kms.describe_key(KeyId=key["KeyId"])["KeyMetadata"] for key in kms.list_keys()["Keys"]]
    return [key["KeyId"] for key in keys if key["KeyState"] != "PendingDeletion"]
