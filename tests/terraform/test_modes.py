"""One stack that becomes every mode in turn, by real terraform against the AWS stand-in, and what each change replaced.

The steps are one life: each applies a manifest over the state that the step before left. What a step changed is told
exactly, so a value that Terraform would set again and again shows in the next step.
"""

import json
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
import yaml
from tests.aws.provider import Provider
from tests.aws.stand_in import StandIn, started

from . import stacks
from .stacks import Run, Stack
from .world import World, look

MakeProject = Callable[[Path, str], Path]

BUCKET = "modes-use1-123456789012"
ENDPOINT = "module.sagemaker.aws_sagemaker_endpoint.this[0]"
SCALED = {
    "autoscaling": {
        "min": 1,
        "max": 4,
        "schedule": [{"name": "night", "schedule": "cron(0 22 * * ? *)", "timezone": "Europe/Berlin", "max": 1}],
    }
}
REGISTRY = "123456789012.dkr.ecr.us-east-1.amazonaws.com"
MORE = {"autoscaling": {**SCALED["autoscaling"], "max": 6}}
SMALL, LARGE = {"instance_type": "ml.m5.large"}, {"instance_type": "ml.m5.xlarge"}
SERVERLESS = {"provisioned_concurrency": 1, "provisioned_concurrency_max": 3}


@dataclass(frozen=True)
class Change:
    """A step: what the endpoint's block is, and what is released."""

    endpoint: Mapping[str, Any]
    digit: str = "1"
    key: str = ""
    artifact: str = ""
    blocks: Mapping[str, Any] = field(default_factory=dict)
    candidates: Mapping[str, Any] = field(default_factory=dict)


STEPS: dict[str, Change] = {
    "before a release": Change({**SMALL, **SCALED}, digit=""),
    "realtime": Change(SMALL),
    "scaled": Change({**SMALL, **SCALED}),
    "another machine": Change({**LARGE, **MORE}),
    "another image": Change({**LARGE, **MORE}, digit="2"),
    "variants": Change(
        {**LARGE, **MORE, "variants": [{"name": "b", "percent": 10}]},
        digit="2",
        blocks={"observability": {"alarms": True, "dashboard": True}},
        candidates={"b": {"model_key": f"models/{'c' * 64}/model.tar.gz"}},
    ),
    "shadow": Change({**LARGE, "shadow": {"instance_type": "ml.m5.large"}}, digit="2"),
    "pipeline": Change({**LARGE, "pipeline": {"before": [{"image": f"{REGISTRY}/prepare:1"}]}}, digit="2"),
    "in S3": Change(LARGE, digit="2", key="s3://elsewhere/churn/", artifact="s3://elsewhere/churn/"),
    "multi-model": Change({**LARGE, "mode": "multi-model"}, digit="2", key="models/all/"),
    "async": Change({**LARGE, "mode": "async", "autoscaling": {"min": 0, "max": 2}}, digit="2"),
    "serverless": Change({"mode": "serverless", "serverless": SERVERLESS}, digit="2"),
    "batch": Change({**LARGE, "mode": "batch"}, digit="2"),
}


LOSING = ("another image", "async", "serverless", "batch")
"""Steps that are applied from a saved plan, as `make apply` does, which looks into it first."""


@dataclass(frozen=True)
class Step:
    """What terraform did, how AWS looks since, and how SageMaker describes the configuration that serves."""

    run: Run
    world: World
    configuration: Mapping[str, Any]
    limits: Mapping[str, tuple[int, int]]  # variant -> fewest and most
    dashboard: Mapping[str, Any]
    plan: Mapping[str, Any]  # as `terraform show` tells it, of LOSING steps

    @property
    def changes(self) -> dict[str, str]:
        """Address in the region -> action."""
        return {address.removeprefix("module.use1."): action for address, action in self.run.changes.items()}


@pytest.fixture(scope="module")
def account() -> Iterator[StandIn]:
    with started() as running:
        yield running


@pytest.fixture(scope="module")
def life(
    provider: Provider, account: StandIn, make_project: MakeProject, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Step]:
    """Every step in order, and the end."""
    root = tmp_path_factory.mktemp("modes")
    with provider.running(account.environment()) as environment:
        return _lived(
            Stack(root / "terraform", environment), account, lambda name, text: make_project(root / name, text)
        )


def _lived(stack: Stack, account: StandIn, project: Callable[[str, str], Path]) -> dict[str, Step]:
    stack.folder.mkdir()
    done: dict[str, Step] = {}
    for number, (name, change) in enumerate(STEPS.items()):
        stacks.replace(project(f"{number}", _manifest(change)) / "terraform", stack.folder)
        stack.terraform("get").check_returncode()  # the modules of these layers
        _release(stack, change)
        run, plan = stack.apply_planned() if name in LOSING else (stack.apply(), {})
        assert (run.status, run.errors) == (0, ()), name
        done[name] = Step(run, look(account), _configuration(account), _limits(account), _dashboard(account), plan)
    done["replanned"] = Step(stack.plan(), look(account), {}, {}, {}, {})
    done["destroyed"] = Step(stack.destroy(), look(account), {}, {}, {}, {})
    return done


def _manifest(change: Change) -> str:
    model = {"framework": "sklearn", **({"artifact": change.artifact} if change.artifact else {})}
    blocks = {"version": 1, "name": "modes", "model": model, "endpoint": dict(change.endpoint), **change.blocks}
    return yaml.safe_dump({**blocks, "security": {"kms": "aws"}})  # a key takes the provider 12 s


def _release(stack: Stack, change: Change) -> None:
    values: dict[str, str | None] = {"image_digest": None, "model_key": None}
    if change.digit:
        key = change.key or f"models/{change.digit * 64}/model.tar.gz"
        values = {"image_digest": f"sha256:{change.digit * 64}", "model_key": key}
    (stack.folder / "release.auto.tfvars.json").write_text(json.dumps(values), "utf-8")
    if change.candidates:
        text = json.dumps({"candidates": dict(change.candidates)})
        (stack.folder / "candidates.auto.tfvars.json").write_text(text, "utf-8")


def _configuration(account: StandIn) -> dict[str, Any]:
    """The configuration that serves, and its first model; nothing where there is no endpoint."""
    sagemaker = account.client("sagemaker")
    names = look(account).endpoints
    if not names:
        return {}
    found: dict[str, Any] = sagemaker.describe_endpoint_config(EndpointConfigName=names["modes"])
    models = [sagemaker.describe_model(ModelName=one["ModelName"]) for one in found["ProductionVariants"]]
    deployment = sagemaker.describe_endpoint(EndpointName="modes").get("LastDeploymentConfig", {})
    return {**found, "Model": models[0], "Models": models, "Deployment": deployment}


def _dashboard(account: StandIn) -> dict[str, Any]:
    """What the dashboard shows; nothing where there is none."""
    cloudwatch = account.client("cloudwatch")
    names = [one["DashboardName"] for one in cloudwatch.list_dashboards()["DashboardEntries"]]
    bodies = [json.loads(cloudwatch.get_dashboard(DashboardName=name)["DashboardBody"]) for name in names]
    return bodies[0] if bodies else {}


def _limits(account: StandIn) -> dict[str, tuple[int, int]]:
    scaling = account.client("application-autoscaling")
    targets = scaling.describe_scalable_targets(ServiceNamespace="sagemaker")["ScalableTargets"]
    return {one["ResourceId"].rpartition("/")[2]: (one["MinCapacity"], one["MaxCapacity"]) for one in targets}


ENDPOINT_ACTIONS = {
    "before a release": None,
    "realtime": "create",
    "scaled": None,
    "another machine": "update",
    "another image": "update",
    "variants": "update",
    "shadow": "update",
    "pipeline": "update",
    "in S3": "update",
    "multi-model": "update",
    "async": "replace",
    "serverless": "replace",
    "batch": "delete",
}


@pytest.mark.parametrize("step", STEPS)
def test_an_endpoint_is_replaced_only_where_sagemaker_cannot_update_it(life: dict[str, Step], step: str) -> None:
    assert life[step].changes.get(ENDPOINT) == ENDPOINT_ACTIONS[step]


WORDED = """
import json, sys
from release import losses
print(json.dumps([[str(loss) for loss in losses.find(plan)] for plan in json.load(sys.stdin)]))
"""


def test_what_make_apply_says_before_an_endpoint_goes(
    life: dict[str, Step], make_project: MakeProject, tmp_path: Path
) -> None:
    project = make_project(tmp_path / "modes", _manifest(STEPS["realtime"]))
    plans = json.dumps([dict(life[name].plan) for name in LOSING])
    command = [sys.executable, "-c", WORDED]
    done = subprocess.run(command, cwd=project, input=plans, capture_output=True, text=True, check=True)
    goes, anew = "sagemaker endpoint modes would be deleted", "and made anew, because an endpoint that is"
    ends = f"callers get errors until a new one serves, or for good (module.use1.{ENDPOINT})"
    assert dict(zip(LOSING, json.loads(done.stdout), strict=True)) == {
        "another image": [],
        "async": [f"{goes} {anew} waiting cannot become asynchronous: {ends}"],
        "serverless": [f"{goes} {anew} asynchronous cannot become serverless: {ends}"],
        "batch": [f"{goes}, because the stack has it no longer: {ends}"],
    }


SCALING = tuple(
    f'module.scaling["primary"].{name}'
    for name in (
        "terraform_data.this",
        "aws_appautoscaling_target.this[0]",
        "aws_appautoscaling_policy.this[0]",
        'aws_appautoscaling_scheduled_action.this["night"]',
    )
)
MODEL = ("module.model.terraform_data.this[0]", "module.model.aws_sagemaker_model.this[0]")
ROLLED_OUT = {
    "module.configuration.terraform_data.this[0]": "replace",
    "module.configuration.aws_sagemaker_endpoint_configuration.this[0]": "replace",
    'aws_cloudwatch_metric_alarm.this["errors"]': "update",
    'aws_cloudwatch_metric_alarm.this["latency"]': "update",
    'aws_cloudwatch_metric_alarm.this["overhead"]': "update",
    ENDPOINT: "update",
}


def test_scaling_is_added_beside_what_serves(life: dict[str, Step]) -> None:
    assert life["scaled"].changes == dict.fromkeys(SCALING, "create")


def test_another_machine_of_a_scaled_variant_is_deregistered_first(life: dict[str, Step]) -> None:
    """The stand-in refuses the update otherwise, as SageMaker does."""
    step = life["another machine"]
    assert step.changes == {**dict.fromkeys(SCALING, "replace"), **ROLLED_OUT}
    assert step.limits == {"primary": (1, 6)}


def test_another_image_leaves_scaling_alone(life: dict[str, Step]) -> None:
    assert life["another image"].changes == {**dict.fromkeys(MODEL, "replace"), **ROLLED_OUT}


def test_many_models_are_the_same_endpoint_with_another_model(life: dict[str, Step]) -> None:
    changes = {**dict.fromkeys(MODEL, "replace"), **ROLLED_OUT, "module.iam.aws_iam_role_policy.this": "update"}
    assert life["multi-model"].changes == changes
    container = life["multi-model"].configuration["Model"]["PrimaryContainer"]
    assert (container["Mode"], container["ModelDataUrl"]) == ("MultiModel", f"s3://{BUCKET}/models/all/")


def test_variants_share_the_traffic(life: dict[str, Step]) -> None:
    variants = life["variants"].configuration["ProductionVariants"]
    assert {one["VariantName"]: one["InitialVariantWeight"] for one in variants} == {"primary": 90, "b": 10}
    assert life["variants"].limits == {"primary": (1, 6), "b": (1, 6)}


def test_a_candidate_is_served_by_its_variant_alone(life: dict[str, Step]) -> None:
    keys = [
        one["PrimaryContainer"]["ModelDataUrl"].split("/")[-2][0] for one in life["variants"].configuration["Models"]
    ]
    assert keys == ["2", "c"]


def test_each_variant_is_watched_and_an_update_heeds_all(life: dict[str, Step]) -> None:
    step = life["variants"]
    watched = {f"modes-{kind}{end}" for kind in ("errors", "latency", "overhead") for end in ("", "-b")}
    alarms = step.configuration["Deployment"]["AutoRollbackConfiguration"]["Alarms"]
    assert {one["AlarmName"] for one in alarms} == watched
    healthy = {f"modes-{kind}{end}" for kind in ("memory", "disk") for end in ("", "-b")}
    assert step.world.alarms.keys() >= watched | healthy
    assert not {name for name in life["shadow"].world.alarms if name.endswith("-b")}


def test_the_dashboard_has_lines_of_each_variant(life: dict[str, Step]) -> None:
    graphs = {one["properties"]["title"]: one["properties"] for one in life["variants"].dashboard["widgets"]}
    labels = [one[-1]["label"] for one in graphs["Answers that are errors"]["metrics"]]
    assert labels == ["5xx primary us-east-1", "5xx b us-east-1", "4xx primary us-east-1", "4xx b us-east-1"]
    assert [one[5] for one in graphs["Answers that are errors"]["metrics"]] == ["primary", "b", "primary", "b"]


def test_a_shadow_gets_its_share_of_copies(life: dict[str, Step]) -> None:
    [shadow] = life["shadow"].configuration["ShadowProductionVariants"]
    assert (shadow["VariantName"], shadow["InstanceType"], shadow["InitialVariantWeight"]) == (
        "shadow",
        "ml.m5.large",
        5,
    )


def test_a_pipeline_has_its_containers_in_order(life: dict[str, Step]) -> None:
    images = [one["Image"] for one in life["pipeline"].configuration["Model"]["Containers"]]
    assert [image.rpartition("/")[2].partition("@")[0] for image in images] == ["prepare:1", "modes"]


def test_a_folder_in_s3_is_a_source(life: dict[str, Step]) -> None:
    container = life["in S3"].configuration["Model"]["PrimaryContainer"]
    assert "ModelDataUrl" not in container
    assert container["ModelDataSource"]["S3DataSource"] == {
        "S3Uri": "s3://elsewhere/churn/",
        "S3DataType": "S3Prefix",
        "CompressionType": "None",
    }


def test_an_asynchronous_endpoint_answers_into_the_bucket_and_scales_to_zero(life: dict[str, Step]) -> None:
    step = life["async"]
    asked = step.configuration["AsyncInferenceConfig"]
    output = asked["OutputConfig"]
    assert (output["S3OutputPath"], output["S3FailurePath"]) == tuple(
        f"s3://{BUCKET}/async/{kind}/" for kind in ("output", "failure")
    )
    assert set(output["NotificationConfig"].values()) == step.world.topics
    assert asked["ClientConfig"] == {"MaxConcurrentInvocationsPerInstance": 4}
    assert step.limits == {"primary": (0, 2)}
    assert "modes-wake" in step.world.alarms


def test_a_serverless_endpoint_keeps_some_warm_and_has_no_machine(life: dict[str, Step]) -> None:
    [variant] = life["serverless"].configuration["ProductionVariants"]
    assert variant["ServerlessConfig"] == {"MemorySizeInMB": 1024, "MaxConcurrency": 10, "ProvisionedConcurrency": 1}
    assert not {"InstanceType", "InitialInstanceCount"} & variant.keys()
    assert "KmsKeyId" not in life["serverless"].configuration
    assert life["serverless"].limits == {"primary": (1, 3)}


def test_batch_has_a_model_and_nothing_that_runs(life: dict[str, Step]) -> None:
    world = life["batch"].world
    assert (world.endpoints, world.configurations, world.scaled, len(world.models)) == ({}, frozenset(), frozenset(), 1)
    assert world.log_groups == frozenset()


def test_a_plan_without_a_change_is_empty_and_destroy_leaves_nothing(life: dict[str, Step]) -> None:
    assert (life["replanned"].run.status, life["replanned"].run.changes) == (0, {})
    assert life["destroyed"].run.status == 0
    assert life["destroyed"].world.is_empty()
