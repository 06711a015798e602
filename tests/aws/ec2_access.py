"""What a call to EC2 needs of IAM: every resource that it names, what it makes, and the tags that it makes it with.

Rules: EC2 names resources by ids whose beginning says their kind; what is not made yet has no id, and is asked for as its kind.
"""

import re
from collections.abc import Iterator, Mapping

from moto.ec2.models import ec2_backends

from .calls import Call
from .needs import Need
from .stand_in import ACCOUNT_ID

KINDS = {
    "pl": "prefix-list",
    "rtb": "route-table",
    "sg": "security-group",
    "sgr": "security-group-rule",
    "subnet": "subnet",
    "vpc": "vpc",
    "vpce": "vpc-endpoint",
}
MADE_BY = {"CreateSecurityGroup": "security-group", "CreateVpcEndpoint": "vpc-endpoint"}
NAMED_BY = re.compile(
    r"(GroupId|VpcId|(Add|Remove)?SubnetId|(Add|Remove)?SecurityGroupId|(Add|Remove)?RouteTableId|VpcEndpointId|ResourceId"
    r"|SecurityGroupRuleId)(\.\d+)?"
)
"""Parameters that name what a call is about; a rule names other groups and lists too, which it only speaks of."""
ABOUT_ONE = {"DescribeVpcAttribute": "VpcId", "GetManagedPrefixListEntries": "PrefixListId"}
"""Questions about one resource; all others are about a whole account."""


def needs(call: Call) -> Iterator[Need]:
    """Yield every permission that a call needs."""
    parameters, operation = call.parameters, call.operation
    action = f"ec2:{operation}"
    if operation in ABOUT_ONE:
        yield Need(action, _arn(call, parameters[ABOUT_ONE[operation]]))
        return
    if operation.startswith(("Describe", "Get")):
        yield Need(action, "*")
        return
    yield from (Need(action, _arn(call, name), tuple(_owned(call, name))) for name in named(parameters))
    if operation in MADE_BY:
        yield Need(action, _made(call, MADE_BY[operation]))
    for kind, tags in _specified(parameters):
        yield Need("ec2:CreateTags", _made(call, kind), (("ec2:CreateAction", operation), *tags))
    if parameters.get("PrivateDnsEnabled") == "true":  # PrivateLink, "Manage DNS names for VPC endpoints"
        yield Need("route53:AssociateVPCWithHostedZone", "arn:aws:route53:::hostedzone/any")


def named(parameters: Mapping[str, str]) -> list[str]:
    """The ids of what a call is about."""
    return sorted({value for key, value in parameters.items() if NAMED_BY.fullmatch(key)})


def _arn(call: Call, name: str) -> str:
    kind = KINDS[name.partition("-")[0]]
    return f"arn:aws:ec2:{call.region}:{'aws' if kind == 'prefix-list' else ACCOUNT_ID}:{kind}/{name}"


def _made(call: Call, kind: str) -> str:
    return f"arn:aws:ec2:{call.region}:{ACCOUNT_ID}:{kind}/new"


def _owned(call: Call, name: str) -> Iterator[tuple[str, str]]:
    tags = ec2_backends[ACCOUNT_ID][call.region].tags.get(name, {})
    yield from ((f"aws:ResourceTag/{key}", value) for key, value in tags.items())


def _specified(parameters: Mapping[str, str]) -> Iterator[tuple[str, list[tuple[str, str]]]]:
    """Each kind of resource that gets tags as it is made, with them."""
    for key, kind in parameters.items():
        if found := re.fullmatch(r"(TagSpecification\.\d+)\.ResourceType", key):
            names = [name for name in parameters if re.fullmatch(rf"{re.escape(found[1])}\.Tag\.\d+\.Key", name)]
            yield (
                kind,
                [
                    (f"aws:RequestTag/{parameters[name]}", parameters[f"{name.removesuffix('Key')}Value"])
                    for name in names
                ],
            )
