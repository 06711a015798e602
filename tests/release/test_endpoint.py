"""`wait`, `smoke` and `apply`: InService is not enough, and what SageMaker says of a failure reaches the person."""

import time
from collections.abc import Callable

import pytest
from tests.aws.faults import Fault
from tests.aws.stand_in import ACCOUNT_ID
from tests.release import answers
from tests.release.answers import Answer
from tests.release.conftest import Stack
from tests.release.container import Container
from tests.release.project import RECORD, Project, Ran
from tests.release.registry import Content, Registry

OLD, NEW = f"sha256:{'0' * 64}", f"sha256:{'1' * 64}"
UNHEALTHY = (
    "The primary container for production variant primary did not pass the ping health check. "
    "Please check CloudWatch logs for this endpoint"
)
ADVICE = (
    "that is, GET /ping on port 8080 did not answer 200 in time, because the model did not load or the memory did not "
    "suffice (`make serve` shows the same start here); "
)


def log(name: str) -> str:
    return f"its log: aws logs tail /aws/sagemaker/Endpoints/{name} --region us-east-1 --since 1h"


MODEL = "models/abc/model.tar.gz"


def deployed(stack: Stack, digest: str) -> str:
    """An endpoint that serves `digest` while the record says NEW; what is said of the difference."""
    stack.deploy(f"registry/{stack.name}@{digest}", MODEL)
    stack.project.record(NEW, MODEL)
    return (
        f"{stack.name} is InService but does not serve what {RECORD} names (it serves image {digest} and model "
        f"s3://{stack.bucket}/{MODEL}): SageMaker rolled the update back, or `make apply` was not run; {log(stack.name)}"
    )


def test_wait_for_an_endpoint_that_serves(stack: Stack) -> None:
    deployed(stack, NEW)
    assert Ran(0, "", f"{stack.name}: InService (0 min)\n") == stack.project.release("wait")


def test_wait_after_a_rollback(stack: Stack) -> None:
    message = deployed(stack, OLD)
    expected = Ran(1, "", f"{stack.name}: InService (0 min)\nrelease: {message}\n")
    assert expected == stack.project.release("wait")


def test_the_model_alone_was_rolled_back(stack: Stack) -> None:
    deployed(stack, NEW)
    stack.project.record(NEW, "models/newer/model.tar.gz")
    ran = stack.project.release("wait")
    assert (1, True) == (ran.status, "does not serve what" in ran.stderr)


def test_wait_for_a_container_that_does_not_start(stack: Stack) -> None:
    stack.aws.order(Fault.FAIL_CREATION)
    deployed(stack, NEW)
    message = f"{stack.name} is Failed: {UNHEALTHY}; {ADVICE}{log(stack.name)}"
    expected = Ran(1, "", f"{stack.name}: Failed (0 min)\nrelease: {message}\n")
    assert expected == stack.project.release("wait")


@pytest.mark.parametrize("command", ["wait", "smoke"])
def test_there_is_no_endpoint(stack: Stack, command: str) -> None:
    stack.project.record(NEW, MODEL)
    expected = Ran(2, "", f"release: there is no endpoint {stack.name}: run `make apply` first\n")
    assert expected == stack.project.release(command)


def described(status: str, failure: str = "") -> Answer:
    return Answer(
        {"EndpointStatus": status, "EndpointConfigName": "c", **({"FailureReason": failure} if failure else {})}
    )


def sagemaker(*endpoint: Answer) -> dict[str, list[Answer]]:
    container = {"Image": f"registry/churn@{NEW}", "ModelDataUrl": f"s3://churn-use1-{ACCOUNT_ID}/{MODEL}"}
    return {
        "DescribeEndpoint": list(endpoint),
        "DescribeEndpointConfig": [Answer({"ProductionVariants": [{"ModelName": "m"}]})],
        "DescribeModel": [Answer({"PrimaryContainer": container})],
        "DescribeLogStreams": [Answer({"logStreams": []})],
    }


@pytest.mark.parametrize(
    ("states", "minutes", "expected"),
    [
        (
            [described("Creating"), described("Creating"), described("InService")],
            "60",
            Ran(0, "", "churn: Creating (0 min)\nchurn: InService (0 min)\n"),
        ),
        (
            [described("Updating"), described("RollingBack"), described("UpdateRollbackFailed")],
            "60",
            Ran(
                1,
                "",
                "churn: Updating (0 min)\nchurn: RollingBack (0 min)\nchurn: UpdateRollbackFailed (0 min)\n"
                f"release: churn is UpdateRollbackFailed: SageMaker gives no reason; {log('churn')}\n",
            ),
        ),
        (
            [described("Creating")],
            "0",
            Ran(
                1,
                "",
                "churn: Creating (0 min)\nrelease: churn is still Creating after 0 minutes: `make wait` waits on\n",
            ),
        ),
        (
            [described("Failed", "The image is too large.")],
            "60",
            Ran(1, "", f"churn: Failed (0 min)\nrelease: churn is Failed: The image is too large; {log('churn')}\n"),
        ),
    ],
)
def test_states_on_the_way(
    without_aws: Callable[..., Project], states: list[Answer], minutes: str, expected: Ran
) -> None:
    with answers.started(sagemaker(*states)) as url:
        made = without_aws(url)
        made.record(NEW, MODEL)
        assert expected == made.release("wait", "--every", "0", "--minutes", minutes)


def test_smoke_prints_the_prediction(stack: Stack, model_container: Container) -> None:
    deployed(stack, NEW)
    assert Ran(0, '{"predictions": [0]}\n', "") == stack.project.release("smoke")
    assert [("application/json", stack.project.read("payload.json").encode())] == model_container.asked


def test_smoke_after_a_rollback(stack: Stack, model_container: Container) -> None:
    message = deployed(stack, OLD)
    assert Ran(1, "", f"release: {message}\n") == stack.project.release("smoke")
    assert [] == model_container.asked


def test_smoke_that_the_container_refuses(stack: Stack, model_container: Container) -> None:
    deployed(stack, NEW)
    model_container.status, model_container.body = 400, b"instances[0][2]: not a number"
    said = f"{stack.name} answered payload.json with 400: instances[0][2]: not a number; {log(stack.name)}"
    assert Ran(1, "", f"release: {said}\n") == stack.project.release("smoke")


def test_smoke_that_gets_no_json(stack: Stack, model_container: Container) -> None:
    deployed(stack, NEW)
    model_container.body = b"hello"
    said = f"{stack.name} answered 'hello', which is not JSON; {log(stack.name)}"
    assert Ran(1, "", f"release: {said}\n") == stack.project.release("smoke")


def test_a_failure_shows_the_end_of_the_log(stack: Stack) -> None:
    deployed(stack, OLD)
    logs, group = stack.client("logs"), f"/aws/sagemaker/Endpoints/{stack.name}"
    logs.create_log_group(logGroupName=group)
    now = int(time.time() * 1000)
    for stream, said in (("primary/i-1", range(1, 40, 2)), ("primary/i-2", range(0, 40, 2))):
        logs.create_log_stream(logGroupName=group, logStreamName=stream)
        events = [{"timestamp": now + number, "message": f"line {number}"} for number in said]
        logs.put_log_events(logGroupName=group, logStreamName=stream, logEvents=events)
    *lines, last = stack.project.release("smoke").stderr.splitlines()
    assert lines == [f"line {number}" for number in range(20, 40)]
    assert last.endswith(log(stack.name))


def stored(stack: Stack, images: Registry) -> str:
    """An image in the registry and a model in the bucket, recorded as the release; the image's digest."""
    manifest = Content("application/vnd.docker.distribution.manifest.v2+json", stack.name.encode())
    images.put(stack.name, "sha-1", manifest)
    stack.client("s3").put_object(Bucket=stack.bucket, Key=MODEL, Body=b"model")
    stack.project.record(manifest.digest, MODEL)
    return manifest.digest


def test_apply(stack: Stack, images: Registry) -> None:
    stored(stack, images)
    assert Ran(0, "", "") == stack.project.release("apply")
    assert ["init", "plan", "apply"] == stack.project.calls()


@pytest.mark.usefixtures("model_container")
def test_a_fresh_clone_is_initialized_before_its_outputs_are_read(stack: Stack) -> None:
    (stack.project.folder / "terraform" / ".terraform").rmdir()
    deployed(stack, NEW)
    assert Ran(0, '{"predictions": [0]}\n', "init says so\n") == stack.project.release("smoke", SAY="init says so")
    assert ["init"] == stack.project.calls()


def test_a_plan_is_data(stack: Stack) -> None:
    assert Ran(0, "would change\n", "would change\n") == stack.project.release("plan", SAY="would change")
    assert ["init", "plan"] == stack.project.calls()


@pytest.mark.parametrize("failing", ["init", "plan", "apply"])
def test_apply_passes_the_status_of_terraform_on(stack: Stack, failing: str) -> None:
    said = f"terraform says why\nrelease: terraform {failing} failed with exit status 3; what it said is above\n"
    assert Ran(3, "", said) == stack.project.release("apply", FAIL_AT=failing)


def test_apply_of_an_image_that_is_gone(stack: Stack, images: Registry) -> None:
    stored(stack, images)
    stack.project.record(OLD, MODEL)
    said = (
        f"release: {images.address}/{stack.name} has no image {OLD}, which {RECORD} names: `make build push` "
        "releases a new one, or revert to a release whose image is still there\n"
    )
    assert Ran(2, "", said) == stack.project.release("apply")
    assert [] == stack.project.calls()


def test_apply_of_a_model_that_is_gone(stack: Stack, images: Registry) -> None:
    digest = stored(stack, images)
    stack.project.record(digest, "models/gone/model.tar.gz")
    said = (
        f"release: s3://{stack.bucket}/models/gone/model.tar.gz does not exist, and {RECORD} names it: `make model upload` "
        "releases a new one, or revert to a release whose model is still there\n"
    )
    assert Ran(2, "", said) == stack.project.release("apply")
    assert [] == stack.project.calls()


def test_apply_that_fails_says_why_the_container_did_not_start(stack: Stack, images: Registry) -> None:
    digest = stored(stack, images)
    stack.aws.order(Fault.FAIL_CREATION)
    stack.deploy(f"registry/{stack.name}@{digest}", MODEL)
    said = (
        "terraform says why\nrelease: terraform apply failed with exit status 3; what it said is above; "
        f"{stack.name} is Failed: {UNHEALTHY}; {ADVICE}{log(stack.name)}\n"
    )
    assert Ran(3, "", said) == stack.project.release("apply", FAIL_AT="apply")


def test_apply_that_fails_says_what_serves_now(stack: Stack, images: Registry) -> None:
    digest = stored(stack, images)
    stack.deploy(f"registry/{stack.name}@{OLD}", MODEL)
    planned = "terraform says why\nrelease: terraform plan failed with exit status 3; what it said is above\n"
    assert Ran(3, "", planned) == stack.project.release("apply", FAIL_AT="plan")
    said = (
        "terraform says why\nrelease: terraform apply failed with exit status 3; what it said is above; "
        f"{stack.name} is InService but does not serve what {RECORD} names (it serves image {OLD} and model "
        f"s3://{stack.bucket}/{MODEL}): SageMaker rolled the update back, or `make apply` was not run; {log(stack.name)}\n"
    )
    assert digest != OLD
    assert Ran(3, "", said) == stack.project.release("apply", FAIL_AT="apply")
