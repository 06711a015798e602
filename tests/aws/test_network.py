"""Each gap of stock moto in EC2's networks, and what the patch makes of it."""

from typing import Any

from . import network
from .conftest import Client
from .patching import Replace

DESCRIPTION = "S3, where the model is"


def described(client: Client) -> list[Any]:
    """The descriptions of the rules of a group that reaches a prefix list and another group."""
    ec2 = client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.0.0.0/16")["Vpc"]["VpcId"]
    group, other = (
        ec2.create_security_group(GroupName=name, Description=name, VpcId=vpc)["GroupId"] for name in ("a", "b")
    )
    [prefixes] = [
        one["PrefixListId"]
        for one in ec2.describe_managed_prefix_lists()["PrefixLists"]
        if one["PrefixListName"].endswith(".s3")
    ]
    ports = {"IpProtocol": "tcp", "FromPort": 443, "ToPort": 443}
    lists = {**ports, "PrefixListIds": [{"PrefixListId": prefixes, "Description": DESCRIPTION}]}
    groups = {**ports, "UserIdGroupPairs": [{"GroupId": other, "Description": DESCRIPTION}]}
    for permission in (lists, groups):
        ec2.authorize_security_group_egress(GroupId=group, IpPermissions=[permission])
    rules = ec2.describe_security_group_rules(Filters=[{"Name": "group-id", "Values": [group]}])["SecurityGroupRules"]
    return [rule.get("Description") for rule in rules if rule.get("FromPort") == 443]


def test_stock_moto_forgets_what_a_rule_is_for(client: Client) -> None:
    assert described(client) == [None, None]


def test_what_a_rule_is_for_is_described(client: Client, replace: Replace) -> None:
    network.describe_rules_of_groups_and_prefix_lists(replace)
    assert described(client) == [DESCRIPTION, DESCRIPTION]
