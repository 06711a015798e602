"""A plan in JSON after an apply: every policy that the stack made, and what parliament and checkov say of it."""

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

POLICIES = {
    "aws_iam_policy": ("policy",),
    "aws_iam_role": ("assume_role_policy",),
    "aws_iam_role_policy": ("policy",),
    "aws_kms_key": ("policy",),
    "aws_s3_bucket_policy": ("policy",),
    "aws_sns_topic_policy": ("policy",),
    "aws_vpc_endpoint": ("policy",),
}
"""Which attributes hold one."""
NEEDED = (
    # The bucket is the stack's own: its policy, which asks for TLS, and its lifecycle rules are the stack's to write.
    ("aws_iam_policy.", "RESOURCE_POLICY_PRIVILEGE_ESCALATION", ""),
    # A boundary is compared as a text, as in IAM's own examples (IAM, "Permissions boundaries for IAM entities").
    ("aws_iam_policy.", "MISMATCHED_TYPE_BUT_USABLE", "given Arn"),
    # IAM's list has no resource for a subscription; what SNS really asks for, and names as it refuses, is the topic.
    ("aws_iam_policy.", "RESOURCE_MISMATCH", "'sns:"),
    # In the policy of a key the resource * is this key.
    (".aws_kms_key.", "RESOURCE_STAR", ""),
    # The context of an encryption is any text; CloudWatch's is an ARN (CloudWatch Logs, "Encrypt log data using KMS").
    (".aws_kms_key.", "MISMATCHED_TYPE", "ArnEquals"),
    # As in that page's policy; a new text here would change the key of every stack that there is.
    (".aws_kms_key.", "UNKNOWN_CONDITION_FOR_ACTION", "kms:DescribeKey"),
    # Denied are all actions of S3, and parliament thinks that two of them do not know the version of TLS.
    (".aws_s3_bucket_policy.", "UNKNOWN_CONDITION_FOR_ACTION", "s3:TlsVersion"),
    # An endpoint for which the stack has no policy has AWS's own.
    (".aws_vpc_endpoint.", "OLD_VERSION", ""),
    # parliament's numbers have no fraction; S3's own example is 1.2 (S3, "Bucket policy examples using condition keys").
    (".aws_s3_bucket_policy.", "MISMATCHED_TYPE", "s3:TlsVersion"),
)
"""Findings that stand: where, which and about what, each with its reason."""
PARLIAMENT = """\
import json, sys
from parliament import analyze_policy_string
for policy in json.load(sys.stdin):
    findings = analyze_policy_string(policy).findings
    print(json.dumps([[finding.issue, str(finding.detail)] for finding in findings]))
"""


def policies(planned: Mapping[str, Any]) -> dict[str, str]:
    """The text of each policy, by the address of what has it."""
    return {
        address: values[attribute]
        for address, kind, values in _resources(planned["planned_values"]["root_module"])
        for attribute in POLICIES.get(kind, ())
        if values.get(attribute)
    }


def _resources(module: Mapping[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for one in module.get("resources", []):
        if one["mode"] == "managed":
            yield one["address"], one["type"], one.get("values", {})
    for below in module.get("child_modules", []):
        yield from _resources(below)


def judged(texts: Mapping[str, str]) -> dict[str, list[list[str]]]:
    """What parliament says of each that is not in NEEDED, in a process of its own: it warns of its own packaging."""
    command = [sys.executable, "-W", "ignore", "-c", PARLIAMENT]
    texts = {name: text for name, text in texts.items() if '"sts:AssumeRole' not in text}  # it knows no trust policies
    done = subprocess.run(command, input=json.dumps(list(texts.values())), capture_output=True, text=True, check=True)
    found = dict(zip(texts, map(json.loads, done.stdout.splitlines()), strict=True))
    kept = {name: [one for one in findings if not _stands(name, *one)] for name, findings in found.items()}
    return {name: findings for name, findings in kept.items() if findings}


def _stands(address: str, issue: str, detail: str) -> bool:
    return any(where in address and issue == name and about in detail for where, name, about in NEEDED)


def checked(checkov: str, plans: list[Path], root: Path) -> dict[str, Any]:
    """The summary of a run of checkov over plans, whose Terraform lies below `root`. Raises AssertionError with what failed."""
    files = [argument for plan in plans for argument in ("--file", str(plan))]
    command = [checkov, *files, "--repo-root-for-plan-enrichment", str(root), "--framework", "terraform_plan"]
    done = subprocess.run(
        [*command, "--skip-download", "--compact", "--quiet", "--output", "json"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-3000:]
    return dict(json.loads(done.stdout)["summary"])
