"""EC2's networks, as far as a stack in a VPC meets them.

Rules: one function a gap, with a test beside it that shows that stock moto has it.
"""

import inspect
from typing import Any

from moto.ec2.models.security_groups import SecurityGroupRule

from .patching import Replace


def describe_rules_of_groups_and_prefix_lists(replace: Replace) -> None:
    """Moto keeps the description of a rule about addresses only; Terraform would add the others again and again."""
    construct, arguments = SecurityGroupRule.__init__, inspect.signature(SecurityGroupRule.__init__)

    def init(self: Any, *args: Any, **kwargs: Any) -> None:
        given = arguments.bind(self, *args, **kwargs).arguments
        about = given.get("ip_range") or given.get("source_group") or given.get("prefix_list_id") or {}
        self.purpose = about.get("Description")
        construct(self, *args, **kwargs)

    replace(SecurityGroupRule, "__init__", init)
    replace(SecurityGroupRule, "description", property(lambda self: self.purpose))
