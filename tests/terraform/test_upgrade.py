"""A stack that an earlier byocgen made, planned with today's templates: nothing that runs is destroyed or made anew.

The earlier one is applied by real terraform against the AWS stand-in. Today's stack comes to its state twice: with the `moved`
blocks that the renaming asks for, and without.
"""

import subprocess
from pathlib import Path

import pytest
from tests.aws.stand_in import StandIn

from derive import promises, released, surface

from .earlier import EXAMPLE, MOVES, upgraded
from .stacks import Run, Stack

MOVED = dict.fromkeys(
    (
        "module.euw1.aws_kms_key.this[0]",
        "module.euw1.module.s3.aws_s3_bucket.this",
        "module.euw1.module.s3.aws_s3_bucket_lifecycle_configuration.this",
        "module.euw1.module.s3.aws_s3_bucket_ownership_controls.this",
        "module.euw1.module.s3.aws_s3_bucket_policy.this",
        "module.euw1.module.s3.aws_s3_bucket_public_access_block.this",
        "module.euw1.module.s3.aws_s3_bucket_server_side_encryption_configuration.this",
        "module.euw1.module.s3.aws_s3_bucket_versioning.this",
        "module.euw1.module.sagemaker.aws_sagemaker_endpoint.this[0]",
    ),
    "move",
)


def harm(run: Run) -> set[str]:
    """Of what a run would do, what ends something that is there."""
    return {address for address, action in run.changes.items() if action in ("delete", "replace", "remove")}


@pytest.fixture(scope="module")
def earlier(earlier_founding: subprocess.Popen[bytes], earlier_stack: Stack) -> Stack:
    """The earlier stack, with an endpoint, applied."""
    run = earlier_stack.finish_apply(earlier_founding)
    assert (run.status, run.errors) == (0, ())
    assert {"module.euw1.aws_kms_key.stack[0]", "module.euw1.module.store.aws_s3_bucket.this"} <= run.changes.keys()
    return earlier_stack


@pytest.fixture(scope="module")
def renamed(earlier: Stack, tmp_path_factory: pytest.TempPathFactory) -> Stack:
    return upgraded(earlier, tmp_path_factory.mktemp("renamed") / "terraform", MOVES)


@pytest.fixture(scope="module")
def planned(renamed: Stack) -> Run:
    return renamed.plan()


@pytest.fixture(scope="module")
def applied(planned: Run, renamed: Stack) -> Run:
    assert (planned.errors, harm(planned)) == ((), set())
    return renamed.apply()


def test_a_plan_of_the_release_as_it_was_is_empty(earlier: Stack) -> None:
    run = earlier.plan()
    assert (run.status, run.changes) == (0, {})


def test_without_moved_blocks_the_upgrade_would_destroy_what_runs(earlier: Stack, tmp_path: Path) -> None:
    stack = upgraded(earlier, tmp_path / "terraform", ())
    lost = {
        "module.euw1.aws_kms_key.stack[0]",
        "module.euw1.module.store.aws_s3_bucket.this",
        "module.euw1.module.sagemaker.aws_sagemaker_endpoint.live[0]",
    }
    assert lost <= harm(stack.plan())
    told = "\n".join(promises.broken(surface.read(earlier.folder), surface.read(stack.folder)))
    assert [address for address, _ in MOVES if f"{address} is gone" not in told] == ["module.euw1.aws_kms_key.key"]


def test_with_them_nothing_is_destroyed_or_made_anew(planned: Run) -> None:
    assert (planned.errors, harm(planned)) == ((), set())
    assert MOVED.items() <= planned.changes.items()


def test_the_promises_say_so_too(earlier: Stack, renamed: Stack) -> None:
    before = surface.to_data(surface.read(earlier.folder))
    assert released.problems({EXAMPLE: before}, {EXAMPLE: renamed.folder}) == []


def test_the_upgrade_keeps_what_answers_callers(applied: Run, earlier: Stack, earlier_aws: StandIn) -> None:
    assert (applied.status, applied.errors) == (0, ())
    endpoint = applied.outputs["endpoint_arn"]
    assert f'"{endpoint}"' in earlier.terraform("output", "-json").stdout
    listed = earlier_aws.client("sagemaker", "eu-west-1").list_endpoints()["Endpoints"]
    assert [one["EndpointArn"] for one in listed] == [endpoint]


def test_after_it_a_plan_is_empty(applied: Run, renamed: Stack) -> None:
    assert applied.status == 0
    run = renamed.plan()
    assert (run.status, run.changes) == (0, {})
