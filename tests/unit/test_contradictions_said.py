"""The contradictions that the design names: each with its whole output, at the line that causes it."""

from __future__ import annotations

import pytest
from tests.unit.asking import findings
from tests.unit.contradictions import CASES
from tests.unit.contradictions_said import SAID

from byocgen import present
from byocgen.diagnostics import DOCS, Severity

BESIDE = ("BYO401", "BYO352")
"""What is not generated yet, and files that are not there, are other tests' matter."""
WARNINGS = ("an instance type that EC2 lacks in the region", "scikit-learn on a GPU type")


def test_every_case_is_said() -> None:
    assert list(CASES) == list(SAID)


@pytest.mark.parametrize("case", CASES)
def test_contradiction(case: str) -> None:
    found = [one for one in findings(CASES[case]) if one.code not in BESIDE]
    assert present.diagnostics(found).replace(DOCS, "DOCS") == SAID[case]


@pytest.mark.parametrize("case", CASES)
def test_a_contradiction_stops_the_command_and_has_a_line(case: str) -> None:
    first = next(one for one in findings(CASES[case]) if one.code not in BESIDE)
    assert first.severity is (Severity.WARNING if case in WARNINGS else Severity.ERROR)
    assert first.line > 0
