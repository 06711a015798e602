"""Candidates: what a variant beside primary serves in the release's place; recorded, made the release, dropped."""

import json
import sys
from typing import Any

import pytest
from tests.release import project
from tests.release.conftest import Stack
from tests.release.project import RECORD, Ran
from tests.release.registry import Content, Registry
from tests.release.test_endpoint import NEW, OLD
from tests.release.test_failures import fake_docker
from tests.release.test_modes import in_mode

CANDIDATES = "terraform/candidates.auto.tfvars.json"
KEY = f"models/{'c' * 64}/model.tar.gz"
RELEASED = "models/a/model.tar.gz"
ENDS = f", once `make apply` has made it so: commit {CANDIDATES} with it\n"


@pytest.fixture
def stack(stack: Stack) -> Stack:
    """A stack with a variant and a shadow, and a release."""
    in_mode(stack, "candidates").project.record(OLD, RELEASED)
    stack.project.write("release.toml", '[candidates]\nvariants = ["b", "shadow"]\n')
    return stack


def candidate(stack: Stack, command: str, variant: str, *arguments: str) -> Ran:
    given = ("--image", "churn:local", "--platform", "linux/amd64", *arguments) if command == "record" else ()
    return stack.project.run(sys.executable, "-m", "release.candidate", command, variant, *given)


def recorded(stack: Stack) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(stack.project.read(CANDIDATES))["candidates"]
    return found


def test_what_was_uploaded_before_is_a_candidate_beside_others(stack: Stack) -> None:
    other = {"image_digest": NEW, "model_key": None}
    stack.project.write(CANDIDATES, json.dumps({"candidates": {"shadow": other}}))
    stack.client("s3").put_object(Bucket=stack.bucket, Key=KEY, Body=b"model")
    ran = candidate(stack, "record", "b", "--model", KEY)
    assert Ran(0, "", f"b serves image of the release and model {KEY}{ENDS}") == ran
    assert recorded(stack) == {"b": {"image_digest": None, "model_key": KEY}, "shadow": other}
    assert {"image_digest": OLD, "model_key": RELEASED} == json.loads(stack.project.read(RECORD))


def test_what_was_built_here_is_brought_and_is_not_the_release(stack: Stack, images: Registry) -> None:
    manifest = Content("application/vnd.docker.distribution.manifest.v2+json", stack.name.encode())
    images.put(stack.name, f"sha-{'d' * 16}", manifest)
    found = json.dumps([{"Id": f"sha256:{'d' * 64}", "Os": "linux", "Architecture": "amd64"}])
    fake_docker(stack.project, f"echo '{found}'")
    stack.project.write("model.tar.gz", project.archive("candidate"))
    assert candidate(stack, "record", "shadow").status == 0
    [(name, made)] = recorded(stack).items()
    assert (name, made["image_digest"]) == ("shadow", manifest.digest)
    assert stack.client("s3").head_object(Bucket=stack.bucket, Key=made["model_key"])
    assert {"image_digest": OLD, "model_key": RELEASED} == json.loads(stack.project.read(RECORD))


@pytest.mark.parametrize(
    ("variant", "arguments", "message"),
    [
        ("c", ("--model", KEY), 'no variant beside primary is called "c": b, shadow'),
        ("b", ("--model", KEY), f"{KEY} does not exist"),
        ("b", ("--digest", NEW), f"has no image {NEW}"),
    ],
)
def test_what_is_not_there_is_no_candidate(
    stack: Stack, variant: str, arguments: tuple[str, ...], message: str
) -> None:
    ran = candidate(stack, "record", variant, *arguments)
    assert (2, True) == (ran.status, message in ran.stderr)
    assert not (stack.project.folder / CANDIDATES).exists()


def test_a_candidate_becomes_the_release_with_what_it_has_of_its_own(stack: Stack) -> None:
    stack.project.write(CANDIDATES, json.dumps({"candidates": {"b": {"image_digest": NEW}}}))
    said = f"primary serves what was b's candidate, and so does b{ENDS}"
    assert Ran(0, "", said) == candidate(stack, "promote", "b")
    assert {"image_digest": NEW, "model_key": RELEASED} == json.loads(stack.project.read(RECORD))
    assert recorded(stack) == {}


def test_a_candidate_is_dropped_once(stack: Stack) -> None:
    stack.project.write(CANDIDATES, json.dumps({"candidates": {"b": {"model_key": KEY}}}))
    assert Ran(0, "", f"b serves the release again{ENDS}") == candidate(stack, "drop", "b")
    assert recorded(stack) == {}
    said = "release: b has no candidate: it serves the release already\n"
    assert Ran(2, "", said) == candidate(stack, "drop", "b")


def test_a_file_that_names_no_candidates_says_what_it_looks_like(stack: Stack) -> None:
    stack.project.write(CANDIDATES, '{"candidates": {"b": "one"}}')
    ran = candidate(stack, "promote", "b")
    assert (2, True) == (ran.status, f'{CANDIDATES} names no candidates: "candidates" maps a variant to' in ran.stderr)


def test_a_destroyed_stack_has_no_candidates(stack: Stack) -> None:
    stack.project.write(CANDIDATES, json.dumps({"candidates": {"b": {"model_key": KEY}}}))
    assert stack.project.release("destroy", "--yes").status == 0
    assert recorded(stack) == {}
