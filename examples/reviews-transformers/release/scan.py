"""The registry's scan of the released image: known vulnerabilities, before the image serves anybody.

Rules: the registry scans what is pushed to it; here its answer is awaited and judged. An image that cannot be scanned
fails, since nothing is known of it.
"""

import sys
import time
from collections.abc import Collection
from typing import Any

from . import record, stack
from .aws import Account
from .failures import ReleaseError

SEVERITIES = ("CRITICAL", "HIGH", "MEDIUM", "LOW")
_RUNNING = {"PENDING", "IN_PROGRESS", "SCAN_ON_PUSH"}


def scan(severity: str, accepted: Collection[str], every: float, minutes: float) -> None:
    """Raise when the released image has a vulnerability of this severity or worse that is not `accepted` by its name."""
    digest = record.read().image_digest
    if digest is None:
        raise ReleaseError("no image is released yet: run `make push` first")
    target = stack.require()[0]  # the default region's registry scans what is pushed to it first
    asked = {"repositoryName": target.repository, "imageId": {"imageDigest": digest}}
    findings = _findings(Account(target).client("ecr"), asked, every, minutes)
    counted = [one for one in findings if one["severity"] in SEVERITIES[: SEVERITIES.index(severity) + 1]]
    bad = sorted({one["name"] for one in counted} - set(accepted))
    print(f"{digest}: {len(counted)} findings {severity} or worse, {len(bad)} not accepted", file=sys.stderr)
    if bad:
        raise ReleaseError(
            f"the image has {len(bad)} vulnerabilities of severity {severity} or worse: {', '.join(bad[:20])}; build it again on a "
            "newer base image, or accept them by name: make scan ACCEPT='CVE-...'"
        )


def _findings(ecr: Any, asked: dict[str, Any], every: float, minutes: float) -> list[dict[str, str]]:
    """Every finding, once the scan is complete."""
    started = time.monotonic()
    while True:
        try:
            pages = list(ecr.get_paginator("describe_image_scan_findings").paginate(**asked))
            status = pages[0]["imageScanStatus"]["status"]
        except ecr.exceptions.ScanNotFoundException:  # it begins some seconds after the push
            status = "PENDING"
        if status in ("COMPLETE", "ACTIVE"):
            return [one for page in pages for one in page.get("imageScanFindings", {}).get("findings", [])]
        if status not in _RUNNING:
            why = pages[0]["imageScanStatus"].get("description", "the registry gives no reason")
            raise ReleaseError(f"the registry could not scan the image ({status}): {why}")
        if time.monotonic() - started > minutes * 60:
            raise ReleaseError(f"the registry has not scanned the image in {minutes:g} minutes: `make scan` waits on")
        time.sleep(every)
