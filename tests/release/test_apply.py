"""`apply` and `infra`: nothing that is live goes unasked, be it for a record that names no release or for what is planned."""

import json
from typing import Any

import pytest
from tests.release.conftest import Stack
from tests.release.project import RECORD, Ran
from tests.release.registry import Registry
from tests.release.test_destroy import with_endpoint
from tests.release.test_endpoint import NEW, stored

KEY = "models/a/model.tar.gz"


@pytest.mark.parametrize("command", ["apply", "infra"])
@pytest.mark.parametrize(
    ("image", "key", "missing"),
    [(None, None, "no image and no model"), (NEW, None, "no model"), (None, KEY, "no image")],
)
def test_a_running_endpoint_is_kept(
    stack: Stack, command: str, image: str | None, key: str | None, missing: str
) -> None:
    with_endpoint(stack)
    stack.project.record(image, key)
    said = (
        f"release: {RECORD} names {missing}, so this would delete the endpoint {stack.name}: restore the file "
        f"(`git checkout COMMIT -- {RECORD}`, with the commit of the release that should run), or run `make destroy`, "
        "which deletes everything; `make apply YES=1` deletes the endpoint alone\n"
    )
    assert Ran(2, "", said) == stack.project.release(command)
    assert [] == stack.project.calls()
    assert {"image_digest": image, "model_key": key} == json.loads(stack.project.read(RECORD))


def test_yes_deletes_it(stack: Stack) -> None:
    with_endpoint(stack)
    assert Ran(0, "", "") == stack.project.release("apply", "--yes")
    assert ["init", "plan", "apply"] == stack.project.calls()


@pytest.mark.parametrize("command", ["apply", "infra"])
def test_without_an_endpoint_there_is_nothing_to_keep(stack: Stack, command: str) -> None:
    assert stack.project.release(command).status == 0
    assert ["init", "plan", "apply"] == stack.project.calls()


def with_plan(stack: Stack, *resources: tuple[str, str, dict[str, Any]]) -> None:
    """Let terraform plan these: type, name, and what differs from an endpoint that is made anew for another name."""
    stack.project.write(
        "bin/plan.json",
        json.dumps(
            {
                "resource_changes": [
                    {
                        "address": f"module.use1.{kind}.this[0]",
                        "type": kind,
                        "change": {
                            "actions": ["delete", "create"],
                            "before": {"name": name},
                            "replace_paths": [["name"]],
                        },
                        **changed,
                    }
                    for kind, name, changed in resources
                ]
            }
        ),
    )


def replaced(stack: Stack) -> str:
    """An endpoint that answers and that an apply would make anew; what is said of that."""
    stack.deploy(f"registry/{stack.name}@{NEW}", KEY)
    with_endpoint(stack)
    with_plan(stack, ("aws_sagemaker_endpoint", stack.name, {}), ("aws_sagemaker_model", stack.name, {}))
    return (
        f"release: sagemaker endpoint {stack.name} would be deleted and made anew, because AWS cannot change name of it in "
        "place: callers get errors until a new one serves, or for good (module.use1.aws_sagemaker_endpoint.this[0])\n"
    )


QUESTION = "This apply takes away what is live, as said above. Type {name} to go on: "


@pytest.mark.parametrize("command", ["apply", "infra"])
def test_nothing_live_goes_where_nobody_can_be_asked(stack: Stack, images: Registry, command: str) -> None:
    said = replaced(stack)
    stored(stack, images)
    ends = "taking away what is live needs a terminal to ask on; `make apply YES=1` does not ask\n"
    assert Ran(2, "", f"{said}release: nothing was changed: {ends}") == stack.project.release(command)
    assert ["init", "plan"] == stack.project.calls()


@pytest.mark.parametrize(
    ("typed", "status", "ends"),
    [("{name}\n", 0, ""), ("y\n", 2, "release: nothing was changed: the name was not typed\n")],
)
def test_or_where_somebody_does_not_type_the_name(
    stack: Stack, images: Registry, typed: str, status: int, ends: str
) -> None:
    said = replaced(stack) + QUESTION.format(name=stack.name)
    stored(stack, images)
    assert Ran(status, "", said + ends) == stack.project.typed(typed.format(name=stack.name), "apply")
    assert ["init", "plan", *["apply"][status:]] == stack.project.calls()


def test_yes_goes_on_and_says_it_all_the_same(stack: Stack, images: Registry) -> None:
    said = replaced(stack)
    stored(stack, images)
    assert Ran(0, "", said) == stack.project.release("apply", "--yes")
    assert ["init", "plan", "apply"] == stack.project.calls()


def test_an_endpoint_that_is_not_there_is_no_loss(stack: Stack, images: Registry) -> None:
    with_endpoint(stack)
    with_plan(stack, ("aws_sagemaker_endpoint", stack.name, {"action_reason": "replace_because_tainted"}))
    stored(stack, images)
    assert Ran(0, "", "") == stack.project.release("apply")


@pytest.mark.parametrize(
    ("kind", "cost"),
    [
        ("aws_s3_bucket", "models and data in it are lost"),
        ("aws_ecr_repository", "images in it are lost"),
        ("aws_kms_key", "what it encrypted cannot be read any more, once its waiting time is over"),
    ],
)
def test_what_holds_data_is_live(stack: Stack, kind: str, cost: str) -> None:
    with_plan(stack, (kind, "one", {"change": {"actions": ["delete"], "before": {"bucket": "one"}}}))
    what = kind.removeprefix("aws_").replace("_", " ")
    said = f"release: {what} one would be deleted, because the stack has it no longer: {cost} (module.use1.{kind}.this[0])\n"
    ran = stack.project.release("apply")
    assert (2, True, ["init", "plan"]) == (ran.status, ran.stderr.startswith(said), stack.project.calls())
