"""Least privilege: a pipeline's roles, made by `release bootstrap`, against an AWS that holds them to their policies.

The deployer alone makes, releases, updates and destroys the stack; each statement of its policies was needed for that, and each
action and resource too, but for those that AWS asks for where the stand-in does not. The planner plans, and changes nothing.
"""

import contextlib
import json
import os
import subprocess
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from tests.aws import overrides, stand_in
from tests.aws.needs import Need, Statement, granted
from tests.aws.provider import Provider
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release import execution, keys, planned, project, roles
from tests.release.project import RECORD, Project, Ran

MANIFEST = """\
version: 1
name: churn
model: {framework: sklearn}
ci: {provider: github, repository: acme/churn}
network: {vpc_id: %s, subnet_ids: [%s, %s]}
security: {access_logs: true, data_events: true}
endpoint:
  variants: [{name: challenger, percent: 10}]
  autoscaling: {min: 1, max: 4, schedule: [{name: night, schedule: "cron(0 22 * * ? *)", max: 1}]}
  data_capture: {percent: 10}
observability: {alarms: true, alarm_email: a@example.com, dashboard: true}
cost: {monthly_budget_usd: 100}
"""
BUCKET = f"churn-use1-{ACCOUNT_ID}"
DEPLOYER, PLANNER = "churn-use1-deployer", "churn-use1-planner"


@dataclass(frozen=True)
class Life:
    """What the roles did, and with which policies."""

    runs: Mapping[str, Ran]
    needs: frozenset[Need]
    statements: list[dict[str, Any]]
    refused: str
    plans: list[Path]
    policies: Mapping[str, str]  # of the pipeline and of the stack, by address
    folder: Path
    network: str

    def document(self, address: str) -> list[Statement]:
        found: list[Statement] = json.loads(self.policies[address])["Statement"]
        return found


@pytest.fixture(scope="module")
def life(
    provider: Provider, make_project: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Life]:
    with stand_in.started() as aws:
        places = network(aws.client("ec2"))
        folder = make_project(tmp_path_factory.mktemp("access") / "churn", MANIFEST % places)
        yield lived(aws, provider, folder, places[0])


def network(ec2: Any) -> tuple[str, ...]:
    """A VPC that others made, and two subnets in two zones."""
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    )
    return vpc, *(subnet["Subnet"]["SubnetId"] for subnet in subnets)


def lived(aws: StandIn, provider: Provider, folder: Path, vpc: str) -> Life:
    """An administrator bootstraps; all the rest are the two roles."""
    # In front of an address, S3's buckets are parts of the path.
    settings = {"PATH": os.environ["PATH"], "TF_CLI_ARGS_init": "-backend-config=use_path_style=true"}
    environment = {**aws.environment(), **settings}
    made = project.with_real_stack(folder, environment)
    for stack in ("terraform", "terraform/bootstrap"):
        made.write(f"{stack}/{overrides.FILE}", roles.SETTINGS)
    with contextlib.ExitStack() as running:
        administrator = Project(folder, running.enter_context(provider.running(environment)))
        bootstrap = administrator.release("bootstrap")
        assert bootstrap.status == 0, bootstrap
        deployer, planner = (
            Project(folder, running.enter_context(provider.running({**environment, **roles.assume(aws, role)})))
            for role in (DEPLOYER, PLANNER)
        )
        statements = policies_of_the_deployer(aws)
        runs, refused, plans = used(aws, administrator, deployer, planner)
    policies = {
        name: text for one in plans for name, text in planned.policies(json.loads(one.read_text("utf-8"))).items()
    }
    needs = frozenset(roles.asked(aws, DEPLOYER))
    return Life(
        {"bootstrap": bootstrap, **runs}, needs, statements, refused, plans, policies, folder / "terraform", vpc
    )


def used(
    aws: StandIn, administrator: Project, deployer: Project, planner: Project
) -> tuple[dict[str, Ran], str, list[Path]]:
    """What the two roles did, the planner's refusal, and what there was meanwhile, as plans."""
    runs = {"infra": deployer.release("infra")}
    release(aws, deployer, "1")
    for command in ("apply", "wait"):
        runs[f"first {command}"] = deployer.release(command)
    runs["plan"] = planner.release("plan", TF_CLI_ARGS_plan="-lock=false -detailed-exitcode")
    refused = upload(aws, planner)
    plans = [plan(administrator, stack) for stack in ("terraform", "terraform/bootstrap")]
    invoke_and_scan(aws, deployer)
    release(aws, deployer, "2")
    values = deployer.read("terraform/terraform.tfvars")
    changed = values.replace("tags = {}", 'tags = { team = "growth" }').replace("days = 30", "days = 60")
    assert values != changed
    deployer.write("terraform/terraform.tfvars", changed)
    runs["update"] = deployer.release("apply")
    aws.client("s3").put_object(Bucket=f"churn-use1-logs-{ACCOUNT_ID}", Key="access/1", Body=b"")  # S3 delivered a log
    runs["destroy"] = deployer.release("destroy", "--yes")
    return runs, refused, plans


def plan(administrator: Project, stack: str) -> Path:
    """What there is after an apply, as a plan in JSON."""
    folder = administrator.folder / stack
    for command in (("plan", "-input=false", "-out=planned"), ("show", "-json", "planned")):
        done = subprocess.run(
            ["terraform", f"-chdir={folder}", *command],
            env=administrator.environment, capture_output=True, text=True, check=True,
        )  # fmt: skip
    made = folder / "planned.json"
    made.write_text(done.stdout, "utf-8")
    return made


def policies_of_the_deployer(aws: StandIn) -> list[dict[str, Any]]:
    """Every statement that the deployer has."""
    iam = aws.client("iam")
    found = []
    for policy in iam.list_attached_role_policies(RoleName=DEPLOYER)["AttachedPolicies"]:
        version = iam.get_policy_version(PolicyArn=policy["PolicyArn"], VersionId="v1")["PolicyVersion"]
        found += version["Document"]["Statement"]
    return found


def release(aws: StandIn, deployer: Project, digit: str) -> None:
    """Record an image, which docker would have pushed, and upload a model."""
    text = json.dumps(
        {"schemaVersion": 2, "mediaType": "application/vnd.docker.distribution.manifest.v2+json", "n": digit}
    )
    aws.client("ecr").put_image(
        repositoryName="churn", imageManifest=text, imageTag=digit, imageDigest=f"sha256:{digit * 64}"
    )
    deployer.write("model.tar.gz", project.archive(digit))
    assert deployer.release("upload").status == 0
    record = {**json.loads(deployer.read(RECORD)), "image_digest": f"sha256:{digit * 64}"}
    deployer.write(RECORD, json.dumps(record))


def invoke_and_scan(aws: StandIn, deployer: Project) -> None:
    """What `smoke` and `scan` ask AWS; the stand-in has neither a container nor findings."""
    roles.read_log(aws, deployer, "/aws/sagemaker/Endpoints/churn", "primary/i-1")
    roles.client(aws, deployer, "sagemaker-runtime").invoke_endpoint(EndpointName="churn", Body=b"{}")
    with contextlib.suppress(ClientError):
        roles.client(aws, deployer, "ecr").describe_image_scan_findings(
            repositoryName="churn", imageId={"imageTag": "1"}
        )


def upload(aws: StandIn, planner: Project) -> str:
    """The code of the refusal that the planner gets for a model."""
    with pytest.raises(ClientError) as caught:
        roles.client(aws, planner, "s3").put_object(Bucket=BUCKET, Key="models/1/model.tar.gz", Body=b"")
    return str(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


@pytest.mark.parametrize("step", ["bootstrap", "infra", "first apply", "first wait", "update", "destroy"])
def test_the_deployer_alone_does_it(life: Life, step: str) -> None:
    assert life.runs[step].status == 0, life.runs[step].stderr[-3000:]


def test_the_planner_plans_and_changes_nothing(life: Life) -> None:
    assert life.runs["plan"].status == 0, life.runs["plan"].stderr[-3000:]
    assert life.refused == "403"


def test_each_statement_was_needed(life: Life) -> None:
    assert roles.spared(life.statements, life.needs, life.statements) == []


def test_each_action_and_each_resource_was_needed(life: Life) -> None:
    used = {need.action for need in life.needs}
    given = {action for statement in life.statements for action in roles.actions(statement)}
    assert roles.needless(life.statements, life.needs) == set()
    assert used & roles.NOT_ASKED_HERE == set()
    assert used - given == {"iam:GetUser"}  # the provider asks who it is, and does without an answer


def test_parliament_finds_nothing(life: Life) -> None:
    assert planned.judged(life.policies) == {}


def test_checkov_finds_nothing(checkov: str, life: Life) -> None:
    summary = planned.checked(checkov, life.plans, life.folder)
    assert (summary["failed"], summary["parsing_errors"]) == (0, 0)
    assert summary["passed"] > 40


def test_the_execution_role_may_do_what_the_endpoint_needs_and_no_more(life: Life) -> None:
    statements = life.document("module.use1.module.iam.aws_iam_role_policy.this")
    [interfaces] = [one["Resource"] for one in statements if one["Sid"] == "CreateNetworkInterfaces"]
    places = [one.split(":", 5)[5] for one in interfaces if not one.endswith("*")]
    network = (life.network, *places)
    [key] = {one["Resource"] for one in statements if one["Sid"] == "DecryptModel"}
    role = execution.Role("churn", frozenset({"realtime", "capture"}), str(key), network=network)
    execution.hold(role, statements)


def test_the_trail_may_use_the_key_and_no_other_trail(life: Life) -> None:
    statements = life.document("module.use1.aws_kms_key.this[0]")
    for name, may in (("churn-use1-models", True), ("another", False)):
        source = (("aws:SourceArn", f"arn:aws:cloudtrail:us-east-1:{ACCOUNT_ID}:trail/{name}"),)
        need = Need("kms:GenerateDataKey", "*", source)
        assert granted(need, keys.of("cloudtrail.amazonaws.com", statements)) is may
