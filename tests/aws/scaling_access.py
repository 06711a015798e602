"""What a call to Application Auto Scaling needs of IAM: itself, and what it does to the endpoint in the caller's name.

Rules: Application Auto Scaling, "Identity-based policy examples": permissions for SageMaker, and for the alarms of target tracking.
"""

from collections.abc import Iterator

from .calls import Call
from .needs import Need
from .stand_in import ACCOUNT_ID

SERVICE = "sagemaker.application-autoscaling.amazonaws.com"
ALARMS = {"PutScalingPolicy": "PutMetricAlarm", "DeleteScalingPolicy": "DeleteAlarms"}


def needs(call: Call) -> Iterator[Need]:
    """Yield every permission that a call needs."""
    parameters, action = call.parameters, f"application-autoscaling:{call.operation}"
    if call.operation.startswith("Describe"):
        yield Need(action, "*")
        return
    where = f"{call.region}:{ACCOUNT_ID}"
    target = parameters.get("ResourceARN", f"arn:aws:application-autoscaling:{where}:scalable-target/any")
    if "ResourceId" not in parameters:
        yield Need(action, target)
        return
    yield Need(action, target, (("application-autoscaling:service-namespace", parameters["ServiceNamespace"]),))
    if parameters.get("Tags"):
        yield Need("application-autoscaling:TagResource", target)
    if call.operation == "RegisterScalableTarget":
        endpoint = f"arn:aws:sagemaker:{where}:endpoint/{parameters['ResourceId'].split('/')[1].lower()}"
        yield from (
            Need(f"sagemaker:{name}", endpoint) for name in ("DescribeEndpoint", "UpdateEndpointWeightsAndCapacities")
        )
        role = f"arn:aws:iam::{ACCOUNT_ID}:role/aws-service-role/{SERVICE}/AWSServiceRole"
        yield Need("iam:CreateServiceLinkedRole", role, (("iam:AWSServiceName", SERVICE),))
    tracked = parameters.get("PolicyType") == "TargetTrackingScaling" or "tracking" in parameters.get("PolicyName", "")
    if tracked and call.operation in ALARMS:
        alarm = f"arn:aws:cloudwatch:{where}:alarm:TargetTracking-{parameters['ResourceId']}-AlarmHigh-1"
        yield from (Need(f"cloudwatch:{name}", alarm) for name in ("DescribeAlarms", ALARMS[call.operation]))
