"""`apply` and `infra`: an endpoint that runs is not deleted because the record names no release."""

import json

import pytest
from tests.release.conftest import Stack
from tests.release.project import RECORD, Ran
from tests.release.test_destroy import with_endpoint
from tests.release.test_endpoint import NEW

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
