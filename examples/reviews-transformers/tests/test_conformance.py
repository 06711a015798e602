"""The conformance suite of verify/, one test a check: what SageMaker demands of this server, run as SageMaker runs it.

`python -m verify --list` shows the rules; `python -m verify --image TAG` does the same with the built image.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest

from verify import asked, suite
from verify.rule import Rule, Status
from verify.session import Session

PROJECT = Path(__file__).resolve().parent.parent
LOAD_SECONDS = 2.0  # shorter than by hand: a test run has many other tests


@pytest.fixture(scope="module")
def session() -> Iterator[Session]:
    """One server for all checks, started by the first; some of them start it again."""
    if not (PROJECT / asked.MODEL).is_dir():
        pytest.skip("there is no model/: `make model` puts one there")
    options = asked.options(asked.Asked(project=PROJECT, load_seconds=LOAD_SECONDS))
    with suite.running(options) as started:
        yield started


@pytest.mark.parametrize("rule", suite.checks(), ids=lambda rule: rule.code)
def test_the_server_conforms(rule: Rule, session: Session) -> None:
    result = suite.run(session, rule)

    if result.status is Status.SKIPPED:
        pytest.skip(result.seen)
    assert result.status is not Status.FAILED, result.explain()
