"""Changes of a live stack, one after another, by real terraform against the AWS stand-in: how updates roll out, what is watched and
kept, where the containers run, and a second region. Nothing that answers callers is ever deleted or made anew.

Each step renders another manifest over the same state. So every test can run alone, and all of them together apply once.
"""

import tempfile
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.aws.provider import Provider, configurations
from tests.aws.stand_in import StandIn, started

from . import stacks
from .conftest import MANIFEST
from .stacks import Run, Stack

MakeProject = Callable[[Path, str], Path]
ENDPOINT = "module.use1.module.sagemaker.aws_sagemaker_endpoint.this[0]"
MACHINES = {"instance_type": "ml.m6g.xlarge", "instance_count": 2}
WATCHED = {
    "observability": {"alarms": True, "alarm_email": "ml@example.com", "dashboard": True},
    "cost": {"monthly_budget_usd": 300},
}


@dataclass(frozen=True)
class Life:
    """The stack, its AWS, and what renders another manifest over it; the release and the state stay."""

    folder: Path
    aws: StandIn
    one_region: Mapping[str, str]
    several_regions: Mapping[str, str]
    make_project: MakeProject

    @property
    def stack(self) -> Stack:
        """The stack as its manifest is now, with a provider for as many regions."""
        several = configurations(self.folder) > 1
        return Stack(self.folder, self.several_regions if several else self.one_region)

    def becomes(self, **blocks: Any) -> Run:
        with tempfile.TemporaryDirectory() as folder:
            project = self.make_project(Path(folder) / "churn", yaml.safe_dump({**MANIFEST, **blocks}))
            stacks.replace(project / "terraform", self.folder)
        self.stack.terraform("get").check_returncode()
        return self.stack.apply()

    def endpoint(self, region: str = "us-east-1") -> dict[str, Any]:
        found: dict[str, Any] = self.aws.client("sagemaker", region).describe_endpoint(EndpointName="churn")
        return found


def taken(run: Run, *actions: str) -> set[str]:
    """What a run did these things to, without the start of addresses that all have."""
    return {address.removeprefix("module.use1.") for address, action in run.changes.items() if action in actions}


@pytest.fixture(scope="module")
def changing_aws() -> Iterator[StandIn]:
    """An AWS of its own: the life of the other stack is told by all that is in its AWS."""
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def life(
    provider: Provider, changing_aws: StandIn, make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    environment, folder = changing_aws.environment(), tmp_path_factory.mktemp("changing")
    with provider.running(environment) as running:
        yield Life(folder, changing_aws, running, provider.started_anew(environment), make_project)


@pytest.fixture(scope="module")
def begun(life: Life) -> Run:
    life.stack.release("1")
    return life.becomes(endpoint=MACHINES)


@pytest.fixture(scope="module")
def canary(begun: Run, life: Life) -> tuple[Run, dict[str, Any]]:
    assert begun.errors == ()
    run = life.becomes(endpoint={**MACHINES, "deployment": {"strategy": "canary", "step_percent": 20}})
    return run, life.endpoint()


@pytest.fixture(scope="module")
def rolling(canary: tuple[Run, dict[str, Any]], life: Life) -> tuple[Run, dict[str, Any]]:
    assert canary[0].errors == ()
    run = life.becomes(endpoint={**MACHINES, "deployment": {"strategy": "rolling", "rollback": False}})
    return run, life.endpoint()


@pytest.fixture(scope="module")
def subnets(changing_aws: StandIn) -> dict[str, Any]:
    """A VPC with two subnets, as the manifest names it."""
    ec2 = changing_aws.client("ec2")
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    made = [
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    ]
    return {"vpc_id": vpc, "subnet_ids": [one["Subnet"]["SubnetId"] for one in made]}


@pytest.fixture(scope="module")
def watched(rolling: tuple[Run, dict[str, Any]], subnets: dict[str, Any], life: Life) -> Run:
    """Four features at once, which have nothing to do with each other: an apply takes a quarter of a minute."""
    assert rolling[0].errors == ()
    endpoint = {
        **MACHINES,
        "data_capture": {"percent": 20, "retention_days": 7},
        "deployment": {"strategy": "linear", "step_percent": 50},
    }
    return life.becomes(endpoint=endpoint, network={**subnets, "isolation": True}, **WATCHED)


@pytest.fixture(scope="module")
def linear(watched: Run, life: Life) -> tuple[dict[str, Any], dict[str, Any]]:
    """The endpoint then, and its model."""
    assert watched.errors == ()
    sagemaker, endpoint = life.aws.client("sagemaker"), life.endpoint()
    found = sagemaker.describe_endpoint_config(EndpointConfigName=endpoint["EndpointConfigName"])
    return endpoint, sagemaker.describe_model(ModelName=found["ProductionVariants"][0]["ModelName"])


@pytest.fixture(scope="module")
def watched_again(linear: tuple[dict[str, Any], dict[str, Any]], life: Life) -> Run:
    assert linear
    return life.stack.plan()


@pytest.fixture(scope="module")
def plain(watched_again: Run, life: Life) -> Run:
    assert watched_again.status == 0
    return life.becomes(endpoint=MACHINES)


@pytest.fixture(scope="module")
def second(plain: Run, life: Life) -> Run:
    assert plain.errors == ()
    return life.becomes(
        endpoint=MACHINES, regions=["us-east-1", "eu-west-1"], replication={"images": "ecr", "models": "s3"}
    )


@pytest.fixture(scope="module")
def second_again(second: Run, life: Life) -> Run:
    assert second.errors == ()
    return life.stack.plan()


@pytest.fixture(scope="module")
def left(second_again: Run, life: Life) -> Run:
    """The second region is emptied as `make leave` does it, and then goes from the manifest."""
    assert second_again.status == 0
    done = life.stack.terraform(
        "destroy", "-auto-approve", "-input=false", "-target=module.euw1", "-target=module.replication"
    )
    assert done.returncode == 0, done.stderr
    return life.becomes(endpoint=MACHINES)


@pytest.fixture(scope="module")
def destroyed(left: Run, life: Life) -> Run:
    assert left.errors == ()
    return life.stack.destroy()


ROLLOUT = {
    "module.configuration.aws_sagemaker_endpoint_configuration.this[0]",
    "module.configuration.terraform_data.this[0]",
}
"""What another way of updating replaces, beside the endpoint's own update: SageMaker takes it with another configuration only."""


MODEL = {"module.model.aws_sagemaker_model.this[0]", "module.model.terraform_data.this[0]"}
"""What another network replaces beside these: SageMaker's models cannot be changed, and are no endpoints."""
NETWORK = ("module.network.", "module.vpc_endpoints.", "aws_vpc_")


def test_the_first_apply_names_the_alarms_that_take_an_update_back(begun: Run, life: Life) -> None:
    assert (begun.status, taken(begun, "update", "replace", "delete")) == (0, set())
    assert life.endpoint()["EndpointConfigName"].startswith("churn-")


def test_a_canary_is_set_on_the_live_endpoint(canary: tuple[Run, dict[str, Any]]) -> None:
    run, endpoint = canary
    assert (run.errors, taken(run, "delete"), taken(run, "replace"), run.changes[ENDPOINT]) == (
        (),
        set(),
        ROLLOUT,
        "update",
    )
    routing = endpoint["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (routing["Type"], routing["CanarySize"]) == ("CANARY", {"Type": "CAPACITY_PERCENT", "Value": 20})
    alarms = [alarm["AlarmName"] for alarm in endpoint["LastDeploymentConfig"]["AutoRollbackConfiguration"]["Alarms"]]
    assert sorted(alarms) == ["churn-errors", "churn-latency", "churn-overhead"]


def test_without_rollback_the_live_endpoint_keeps_a_list_of_alarms(rolling: tuple[Run, dict[str, Any]]) -> None:
    run, endpoint = rolling
    assert (run.errors, taken(run, "delete"), taken(run, "replace"), run.changes[ENDPOINT]) == (
        (),
        set(),
        ROLLOUT,
        "update",
    )
    assert taken(run, "create") == {"aws_cloudwatch_metric_alarm.never[0]"}
    deployment = endpoint["LastDeploymentConfig"]
    assert deployment["RollingUpdatePolicy"]["MaximumBatchSize"] == {"Type": "CAPACITY_PERCENT", "Value": 10}
    assert "BlueGreenUpdatePolicy" not in deployment
    assert deployment["AutoRollbackConfiguration"]["Alarms"] == [{"AlarmName": "churn-never"}]


def test_what_watches_comes_beside_the_live_endpoint(watched: Run, life: Life) -> None:
    assert watched.errors == ()
    assert taken(watched, "delete") == {"aws_cloudwatch_metric_alarm.never[0]"}
    assert (taken(watched, "replace"), watched.changes[ENDPOINT]) == (ROLLOUT | MODEL, "update")
    assert {address for address in taken(watched, "create") if not address.startswith(NETWORK)} == {
        "aws_budgets_budget.this",
        "aws_cloudwatch_dashboard.this",
        'aws_cloudwatch_metric_alarm.health["disk"]',
        'aws_cloudwatch_metric_alarm.health["memory"]',
        "module.notify.aws_sns_topic.this",
        "module.notify.aws_sns_topic_policy.this",
        "module.notify.aws_sns_topic_subscription.this[0]",
    }
    [topic] = life.aws.client("sns").list_topics()["Topics"]
    assert topic["TopicArn"].endswith(":churn-alarms")


def test_so_do_a_vpc_and_isolation(
    watched: Run, linear: tuple[dict[str, Any], dict[str, Any]], subnets: dict[str, Any]
) -> None:
    """Another model and another configuration: the endpoint is the one that it was."""
    assert "module.network.aws_security_group.this" in taken(watched, "create")
    assert sorted(linear[1]["VpcConfig"]["Subnets"]) == sorted(subnets["subnet_ids"])
    assert linear[1]["EnableNetworkIsolation"] is True


def test_the_update_goes_share_by_share(linear: tuple[dict[str, Any], dict[str, Any]]) -> None:
    routing = linear[0]["LastDeploymentConfig"]["BlueGreenUpdatePolicy"]["TrafficRoutingConfiguration"]
    assert (routing["Type"], routing["LinearStepSize"]) == ("LINEAR", {"Type": "CAPACITY_PERCENT", "Value": 50})


def test_and_a_plan_after_it_is_empty(watched_again: Run) -> None:
    assert (watched_again.status, watched_again.changes) == (0, {})


def test_it_goes_again_and_the_endpoint_stays(plain: Run) -> None:
    assert (plain.errors, plain.changes[ENDPOINT], taken(plain, "replace")) == ((), "update", ROLLOUT | MODEL)
    assert not {address for address in taken(plain, "delete") if "aws_sagemaker" in address or "aws_s3" in address}
    assert "module.network.aws_security_group.this" in taken(plain, "delete")


def test_a_second_region_touches_nothing_of_the_first(second: Run) -> None:
    assert (second.errors, taken(second, "update", "replace", "delete") - KEY_POLICY) == ((), set())
    roots = {".".join(address.split(".")[:2]) for address in taken(second, "create")}
    assert roots == {"module.euw1", "module.replication", "aws_ecr_replication_configuration.this"}


KEY_POLICY = {"aws_kms_key.this[0]"}  # S3 may encrypt copies from now on


def test_both_serve_the_same_image_each_from_its_own_registry(second: Run) -> None:
    told = second.outputs["regions"]
    digests = {region: made["image_uri"].split("@")[1] for region, made in told.items()}
    assert set(digests) == {"us-east-1", "eu-west-1"}
    assert len(set(digests.values())) == 1
    assert len({made["bucket"] for made in told.values()} | {made["role_arn"] for made in told.values()}) == 4


def test_and_a_plan_of_both_is_empty(second_again: Run) -> None:
    assert (second_again.status, second_again.changes) == (0, {})


def test_the_second_region_goes_and_the_first_stays(left: Run, life: Life) -> None:
    assert (left.errors, taken(left, "create", "replace")) == ((), set())
    assert ENDPOINT not in left.changes
    assert life.aws.client("sagemaker", "eu-west-1").list_endpoints()["Endpoints"] == []


def test_destroy_leaves_nothing(destroyed: Run, life: Life) -> None:
    assert (destroyed.status, destroyed.errors) == (0, ())
    for region in ("us-east-1", "eu-west-1"):
        assert life.aws.client("sns", region).list_topics()["Topics"] == []
        assert life.aws.client("cloudwatch", region).describe_alarms()["MetricAlarms"] == []
    assert life.aws.client("s3").list_buckets()["Buckets"] == []
    assert life.aws.client("iam").list_roles()["Roles"] == []
