"""The life of a stack, from nothing to nothing, by real terraform against the AWS stand-in.

Each fixture is one step and needs the step before it; it keeps what terraform said and what AWS looked like afterwards.
So every test can run alone, and all of them together apply once.
"""

import subprocess
from dataclasses import dataclass

import pytest
from tests.aws.faults import Fault
from tests.aws.stand_in import StandIn

from .conftest import HOSTILE, TAGS
from .stacks import BUCKET, Run, Stack
from .world import World, look

KEY, CONFIGURATION, ENDPOINT = (
    "module.use1.aws_kms_key.this[0]",
    "module.use1.module.configuration.aws_sagemaker_endpoint_configuration.this[0]",
    "module.use1.module.sagemaker.aws_sagemaker_endpoint.this[0]",
)
FOUNDATION = {
    KEY: "create",
    "module.use1.aws_cloudwatch_log_group.this": "create",
    "module.use1.module.ecr.aws_ecr_lifecycle_policy.this": "create",
    "module.use1.module.ecr.aws_ecr_repository.this": "create",
    "module.use1.module.iam.aws_iam_role.this": "create",
    "module.use1.module.iam.aws_iam_role_policy.this": "create",
    "module.use1.module.s3.aws_s3_bucket.this": "create",
    "module.use1.module.s3.aws_s3_bucket_lifecycle_configuration.this": "create",
    "module.use1.module.s3.aws_s3_bucket_ownership_controls.this": "create",
    "module.use1.module.s3.aws_s3_bucket_policy.this": "create",
    "module.use1.module.s3.aws_s3_bucket_public_access_block.this": "create",
    "module.use1.module.s3.aws_s3_bucket_server_side_encryption_configuration.this": "create",
    "module.use1.module.s3.aws_s3_bucket_versioning.this": "create",
}
DEPLOYMENT = {
    'module.use1.aws_cloudwatch_metric_alarm.this["errors"]': "create",
    'module.use1.aws_cloudwatch_metric_alarm.this["latency"]': "create",
    'module.use1.aws_cloudwatch_metric_alarm.this["overhead"]': "create",
    "module.use1.module.model.aws_sagemaker_model.this[0]": "create",
    CONFIGURATION: "create",
    ENDPOINT: "create",
    "module.use1.module.configuration.terraform_data.this[0]": "create",
    "module.use1.module.model.terraform_data.this[0]": "create",
    "module.use1.module.sagemaker.terraform_data.this[0]": "create",
}
# Another image or model: models and configurations are replaced, the endpoint and its alarms only updated.
ROLLOUT = {
    'module.use1.aws_cloudwatch_metric_alarm.this["errors"]': "update",
    'module.use1.aws_cloudwatch_metric_alarm.this["latency"]': "update",
    'module.use1.aws_cloudwatch_metric_alarm.this["overhead"]': "update",
    "module.use1.module.model.aws_sagemaker_model.this[0]": "replace",
    CONFIGURATION: "replace",
    ENDPOINT: "update",
    "module.use1.module.configuration.terraform_data.this[0]": "replace",
    "module.use1.module.model.terraform_data.this[0]": "replace",
}


@dataclass(frozen=True)
class Step:
    """What terraform did, and how AWS looks since."""

    run: Run
    world: World


def released(living: Stack, aws: StandIn, digit: str | None) -> Step:
    living.release(digit)
    return Step(living.apply(), look(aws))


@pytest.fixture(scope="module")
def founded(founding: subprocess.Popen[bytes], living: Stack, aws: StandIn) -> Step:
    """The first apply, before any image exists."""
    return Step(living.finish_apply(founding), look(aws))


@pytest.fixture(scope="module")
def unhealthy(founded: Step, living: Stack, aws: StandIn) -> Step:
    """The first release, whose container never answers its health check."""
    assert founded.run.status == 0, founded.run.errors
    aws.order(Fault.FAIL_CREATION)
    return released(living, aws, "1")


@pytest.fixture(scope="module")
def deployed(unhealthy: Step, living: Stack, aws: StandIn) -> Step:
    """A release that starts."""
    assert unhealthy.run.status == 1
    return released(living, aws, "2")


@pytest.fixture(scope="module")
def replanned(deployed: Step, living: Stack) -> Run:
    """A plan without any change of the values."""
    assert deployed.run.status == 0, deployed.run.errors
    return living.plan()


@dataclass(frozen=True)
class Found:
    """What AWS tells of the values that went in."""

    encryption: str  # of an upload to the bucket
    environment: dict[str, str]
    tags: dict[str, str]


@pytest.fixture(scope="module")
def uploaded(replanned: Run, deployed: Step, aws: StandIn) -> Found:
    """The bucket takes a model, and AWS is asked what the model and the endpoint are."""
    assert replanned.status == 0
    s3, sagemaker = aws.client("s3"), aws.client("sagemaker")
    encryption = s3.put_object(Bucket=BUCKET, Key="models/x", Body=b"x")["ServerSideEncryption"]
    version = s3.head_object(Bucket=BUCKET, Key="models/x")["VersionId"]
    s3.delete_object(Bucket=BUCKET, Key="models/x", VersionId=version)  # Terraform does not delete what it did not make
    [name] = look(aws).models
    environment = sagemaker.describe_model(ModelName=name)["PrimaryContainer"]["Environment"]
    tags = sagemaker.list_tags(ResourceArn=deployed.run.outputs["endpoint_arn"])["Tags"]
    return Found(encryption, environment, {tag["Key"]: tag["Value"] for tag in tags})


@pytest.fixture(scope="module")
def updated(uploaded: Found, living: Stack, aws: StandIn) -> Step:
    """The next image."""
    assert uploaded.encryption
    return released(living, aws, "3")


@pytest.fixture(scope="module")
def rolled_back(updated: Step, living: Stack, aws: StandIn) -> Step:
    """An image that trips an alarm: SageMaker answers that all is well and goes back to the one before."""
    assert updated.run.status == 0, updated.run.errors
    aws.order(Fault.ROLL_BACK_UPDATE)
    return released(living, aws, "4")


@pytest.fixture(scope="module")
def reverted(rolled_back: Step, living: Stack, aws: StandIn) -> Step:
    """`git revert` of that release, and an apply."""
    assert rolled_back.run.status == 1
    return released(living, aws, "3")


@pytest.fixture(scope="module")
def scaled(reverted: Step, living: Stack, aws: StandIn) -> Step:
    """Another machine, with the same image and model."""
    assert reverted.run.status == 0, reverted.run.errors
    values = living.folder / "terraform.tfvars"
    values.write_text(values.read_text(encoding="utf-8").replace("ml.m6g.xlarge", "ml.c7g.large"), encoding="utf-8")
    return Step(living.apply(), look(aws))


@pytest.fixture(scope="module")
def destroyed(scaled: Step, living: Stack, aws: StandIn) -> Step:
    assert scaled.run.status == 0, scaled.run.errors
    return Step(living.destroy(), look(aws))


def test_the_first_apply_makes_everything_but_the_endpoint(founded: Step) -> None:
    assert (founded.run.status, founded.run.errors, founded.run.changes) == (0, (), FOUNDATION)
    [key] = founded.world.keys
    assert founded.world == World(
        endpoints={},
        configurations=frozenset(),
        models=frozenset(),
        alarms={},
        log_groups=frozenset({"/aws/sagemaker/Endpoints/churn"}),
        repositories=frozenset({"churn"}),
        buckets=frozenset({BUCKET}),
        roles=frozenset({"churn-use1-execution"}),
        keys=frozenset({key}),
        topics=frozenset(),
        scaled=frozenset(),
    )


def test_the_outputs_are_what_the_release_flow_reads(founded: Step, deployed: Step) -> None:
    repository = "123456789012.dkr.ecr.us-east-1.amazonaws.com/churn"
    expected = {
        "region": "us-east-1",
        "account_id": "123456789012",
        "repository_url": repository,
        "bucket": BUCKET,
        "model_prefix": "models/",
        "role_arn": "arn:aws:iam::123456789012:role/churn-use1-execution",
        "log_group": "/aws/sagemaker/Endpoints/churn",
        "endpoint_name": "churn",
    }
    released = {
        "endpoint_arn": "arn:aws:sagemaker:us-east-1:123456789012:endpoint/churn",
        "image_uri": f"{repository}@sha256:{'2' * 64}",
    }
    before, after = founded.run.outputs, deployed.run.outputs
    assert expected.items() <= before.items()
    assert {**expected, **dict.fromkeys(released)}.items() <= before["regions"]["us-east-1"].items()
    assert {**expected, **released}.items() <= after.items()
    assert {**expected, **released, "region_code": "use1"}.items() <= after["regions"]["us-east-1"].items()


def test_an_endpoint_that_does_not_start_fails_the_apply_with_the_reason(unhealthy: Step) -> None:
    assert (unhealthy.run.status, unhealthy.run.changes) == (1, DEPLOYMENT)
    [error] = unhealthy.run.errors
    assert "did not pass the ping health check" in error


def test_the_next_release_replaces_an_endpoint_that_never_started(deployed: Step) -> None:
    assert (deployed.run.status, deployed.run.changes) == (0, {**ROLLOUT, ENDPOINT: "replace"})
    [configuration] = deployed.world.configurations
    assert deployed.world.endpoints == {"churn": configuration}


def test_a_plan_without_a_change_is_empty(replanned: Run) -> None:
    assert (replanned.status, replanned.changes) == (0, {})


def test_uploads_are_encrypted_with_the_key_of_the_stack(uploaded: Found) -> None:
    assert uploaded.encryption == "aws:kms"


def test_values_reach_the_container_as_they_were_written(uploaded: Found) -> None:
    assert uploaded.environment == HOSTILE


def test_tags_are_those_of_the_manifest_and_where_the_stack_comes_from(uploaded: Found) -> None:
    assert uploaded.tags == {**TAGS, "project": "churn", "managed-by": "terraform"}


def test_an_update_keeps_the_endpoint_and_removes_what_it_left(deployed: Step, updated: Step) -> None:
    assert (updated.run.status, updated.run.changes) == (0, ROLLOUT)
    [configuration] = updated.world.configurations
    [model] = updated.world.models
    assert updated.world.endpoints == {"churn": configuration}
    names = [f"churn-{alarm}" for alarm in ("errors", "latency", "overhead")]
    assert updated.world.alarms == dict.fromkeys(names, configuration)
    assert deployed.world.configurations.isdisjoint({configuration})
    assert deployed.world.models.isdisjoint({model})


def test_a_silent_rollback_fails_the_apply_and_says_what_to_do(updated: Step, rolled_back: Step) -> None:
    [serving] = updated.world.configurations
    assert (rolled_back.run.status, rolled_back.run.changes) == (1, ROLLOUT)
    [error] = rolled_back.run.errors
    assert error == (
        "Resource postcondition failed: SageMaker rolled the update of churn back: it still serves the configuration "
        f"{serving}, which is kept. Look at the log group /aws/sagemaker/Endpoints/churn and at the alarms "
        "churn-errors and churn-latency and churn-overhead, then release a corrected image or model, or revert the release "
        "and apply."
    )


def test_a_silent_rollback_keeps_what_still_serves(updated: Step, rolled_back: Step) -> None:
    assert rolled_back.world.endpoints == updated.world.endpoints
    assert rolled_back.world.configurations > updated.world.configurations
    assert rolled_back.world.models > updated.world.models


def test_reverting_a_rolled_back_release_recovers(reverted: Step) -> None:
    assert (reverted.run.status, reverted.run.errors, reverted.run.changes) == (0, (), ROLLOUT)
    [configuration] = reverted.world.configurations
    assert len(reverted.world.models) == 1
    assert reverted.world.endpoints == {"churn": configuration}


def test_another_machine_keeps_the_model_and_the_endpoint(reverted: Step, scaled: Step) -> None:
    kept = (
        "module.use1.module.model.aws_sagemaker_model.this[0]",
        "module.use1.module.model.terraform_data.this[0]",
    )
    assert scaled.run.changes == {address: action for address, action in ROLLOUT.items() if address not in kept}
    assert scaled.world.models == reverted.world.models
    [configuration] = scaled.world.configurations
    assert scaled.world.endpoints == {"churn": configuration}


def test_destroy_leaves_nothing(destroyed: Step) -> None:
    assert (destroyed.run.status, destroyed.run.errors) == (0, ())
    assert destroyed.run.changes == dict.fromkeys([*FOUNDATION, *DEPLOYMENT], "delete")
    assert destroyed.world.is_empty()
