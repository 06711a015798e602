"""Whose credentials these are, asked once, before Terraform runs: it says in twenty lines what is one line here.

Rules: plain boto3, so AWS_PROFILE, AWS_ENDPOINT_URL and the rest of its settings work. STS is asked in the region of
terraform.tfvars, because there are no outputs yet; boto3's own region counts where that file names none.
"""

import functools
import re
from typing import Any

import boto3

from .record import ROOT

_REGION = re.compile(r'^region\s*=\s*"([^"]+)"', re.MULTILINE)


@functools.cache
def account_id() -> str:
    """The account that the credentials belong to; boto3's error when there are none, or none that count."""
    session: Any = boto3.Session()
    return str(session.client("sts", region_name=_region()).get_caller_identity()["Account"])


def _region() -> str | None:
    try:
        found = _REGION.search((ROOT / "terraform" / "terraform.tfvars").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    return found[1] if found else None
