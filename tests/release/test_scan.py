"""`scan`: the registry's findings on the released image are awaited and judged."""

from collections.abc import Callable

import pytest
from tests.release import answers
from tests.release.answers import Answer
from tests.release.project import Project, Ran

DIGEST = f"sha256:{'1' * 64}"
NOT_YET = Answer({"message": "no scan"}, "ScanNotFoundException")


def scanned(*severities: str, status: str = "COMPLETE", **more: str) -> Answer:
    found = [{"name": f"CVE-2026-{number}", "severity": severity} for number, severity in enumerate(severities)]
    return Answer({"imageScanStatus": {"status": status, **more}, "imageScanFindings": {"findings": found}})


def scan(without_aws: Callable[..., Project], *arguments: str, given: list[Answer]) -> Ran:
    with answers.started({"DescribeImageScanFindings": given}) as url:
        project = without_aws(url)
        project.record(DIGEST, None)
        return project.release("scan", "--every", "0", *arguments)


CASES: dict[str, tuple[list[Answer], tuple[str, ...], int, str]] = {
    "a clean image": ([scanned()], (), 0, "0 findings CRITICAL or worse, 0 not accepted"),
    "what is less than critical": ([scanned("HIGH", "LOW")], (), 0, "0 findings CRITICAL or worse"),
    "a critical one": (
        [scanned("HIGH", "CRITICAL")],
        (),
        2,
        "1 vulnerabilities of severity CRITICAL or worse: CVE-2026-1;",
    ),
    "a stricter measure": ([scanned("HIGH", "LOW")], ("--severity", "HIGH"), 2, "CVE-2026-0;"),
    "one that is accepted": (
        [scanned("CRITICAL")],
        ("--accept", "CVE-2026-0"),
        0,
        "1 findings CRITICAL or worse, 0 not",
    ),
    "a scan that begins late": ([NOT_YET, scanned(status="IN_PROGRESS"), scanned()], (), 0, "0 findings"),
    "a scan that fails": (
        [scanned(status="FAILED", description="UnsupportedImageError")],
        (),
        2,
        "UnsupportedImageError",
    ),
    "a scan that never ends": ([NOT_YET], ("--minutes", "0"), 2, "`make scan` waits on"),
}


@pytest.mark.parametrize("name", CASES)
def test_the_image_is_judged(name: str, without_aws: Callable[..., Project]) -> None:
    given, arguments, status, said = CASES[name]
    ran = scan(without_aws, *arguments, given=given)
    assert (ran.status, said in ran.stderr) == (status, True), ran


def test_before_the_first_image(identified: Project) -> None:
    assert identified.release("scan") == Ran(2, "", "release: no image is released yet: run `make push` first\n")
