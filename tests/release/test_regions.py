"""A stack in two regions: what is released is in both before anything is applied, and one of them can be left."""

import json
import sys
from dataclasses import dataclass
from typing import Any

import pytest
from tests.aws.stand_in import ACCOUNT_ID
from tests.release import project
from tests.release.conftest import Stack
from tests.release.project import RECORD, Ran
from tests.release.registry import Registry
from tests.release.test_endpoint import MODEL, NEW
from tests.release.test_failures import INSPECTED, PUSH

AWAY = "eu-west-1"
# Puts one manifest under the name that it is asked to push, as docker does in the end.
_DOCKER = """\
#!{python}
import json, sys, urllib.request
match sys.argv[1:]:
    case ["image", "inspect", _]:
        print('''{inspected}''')
    case ["push", name]:
        address, rest = name.split("/", 1)
        repository, tag = rest.split(":")
        body = json.dumps({{"schemaVersion": 2, "in": repository if {packs_anew} else ""}}).encode()
        kind = "application/vnd.docker.distribution.manifest.v2+json"
        url = f"http://{{address}}/v2/{{repository}}/manifests/{{tag}}"
        urllib.request.urlopen(urllib.request.Request(url, body, {{"Content-Type": kind}}, method="PUT")).close()
"""


@dataclass(frozen=True)
class Two:
    """A stack whose second region is AWAY."""

    home: Stack
    images: Registry
    away: dict[str, Any]

    def client(self, service: str) -> Any:
        return self.home.aws.client(service, AWAY)

    def docker(self, *, packs_anew: bool = False) -> None:
        text = _DOCKER.format(python=sys.executable, inspected=INSPECTED, packs_anew=packs_anew)
        project.executable(self.home.project, "bin/docker", text)


@pytest.fixture
def two(stack: Stack, images: Registry) -> Two:
    away = {
        **project.outputs(f"{stack.name}-away", images.address)["regions"]["us-east-1"],
        "region": AWAY,
        "region_code": "euw1",
        "bucket": f"{stack.name}-euw1-{ACCOUNT_ID}",
        "endpoint_name": stack.name,
    }
    made = Two(stack, images, away)
    made.client("ecr").create_repository(repositoryName=f"{stack.name}-away")
    made.client("s3").create_bucket(Bucket=away["bucket"], CreateBucketConfiguration={"LocationConstraint": AWAY})
    outputs = json.loads(stack.project.read("bin/outputs.json"))
    outputs["regions"]["value"][AWAY] = away
    stack.project.write("bin/outputs.json", json.dumps(outputs))
    return made


def test_one_push_brings_one_digest_to_both(two: Two) -> None:
    two.docker()
    ran = two.home.project.release(*PUSH)
    assert ran.status == 0, ran.stderr
    digest = json.loads(two.home.project.read(RECORD))["image_digest"]
    for name in (two.home.name, f"{two.home.name}-away"):
        [tag] = two.images.tags(name)
        assert two.images.manifests[name, tag].digest == digest


def test_another_digest_in_the_second_region_is_no_release(two: Two) -> None:
    two.docker(packs_anew=True)
    ran = two.home.project.release(*PUSH)
    assert (ran.status, ran.stderr.count("is another image than in us-east-1")) == (2, 1)
    assert json.loads(two.home.project.read(RECORD))["image_digest"] is None


def test_the_model_is_uploaded_to_both_under_one_key(two: Two) -> None:
    archive = project.archive("regions")
    two.home.project.write("model.tar.gz", archive)
    assert two.home.project.release("upload").status == 0
    key = json.loads(two.home.project.read(RECORD))["model_key"]
    found = two.client("s3").get_object(Bucket=two.away["bucket"], Key=key)
    assert found["Body"].read() == archive


def test_a_release_that_one_region_lacks_is_not_applied(two: Two) -> None:
    two.docker()
    two.home.project.release(*PUSH)
    two.home.client("s3").put_object(Bucket=two.home.bucket, Key=MODEL, Body=b"model")
    two.home.project.record(json.loads(two.home.project.read(RECORD))["image_digest"], MODEL)
    ran = two.home.project.release("apply")
    assert (ran.status, two.home.project.calls()) == (2, [])
    assert f"s3://{two.away['bucket']}/{MODEL} does not exist" in ran.stderr


@pytest.mark.usefixtures("model_container")
def test_a_prediction_of_each_region(two: Two) -> None:
    two.home.deploy(f"registry/{two.home.name}@{NEW}", MODEL)
    two.home.project.record(NEW, MODEL)
    ran = two.home.project.release("smoke")
    assert ran == Ran(
        2, '{"predictions": [0]}\n', f"release: there is no endpoint {two.home.name} ({AWAY}): run `make apply` first\n"
    )


def test_a_region_is_left(two: Two) -> None:
    two.client("s3").put_object(Bucket=two.away["bucket"], Key=MODEL, Body=b"model")
    two.home.client("s3").put_object(Bucket=two.home.bucket, Key=MODEL, Body=b"model")
    ran = two.home.project.release("leave", AWAY, "--yes")
    assert (ran.status, two.home.project.calls()) == (0, ["init", "plan", "apply", "destroy"])
    assert two.client("s3").list_objects_v2(Bucket=two.away["bucket"])["KeyCount"] == 0
    assert two.home.client("s3").list_objects_v2(Bucket=two.home.bucket)["KeyCount"] == 1


def test_the_default_region_is_not_left(two: Two) -> None:
    said = f"release: us-east-1 is no further region of this stack, beside us-east-1: {AWAY}\n"
    assert two.home.project.release("leave", "us-east-1", "--yes") == Ran(2, "", said)
