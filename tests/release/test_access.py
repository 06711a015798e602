"""Least privilege: a pipeline's roles, made by `release bootstrap`, against an AWS that holds them to their policies.

The deployer alone makes, releases, updates and destroys the stack; each statement of its policies was needed for that, and each
action too, but for those that AWS asks for where the stand-in does not. The planner plans, and changes nothing.
"""

import contextlib
import json
import os
import subprocess
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError
from tests.aws import overrides, stand_in
from tests.aws.needs import Need, granted
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release import project
from tests.release.project import RECORD, Project, Ran

MANIFEST = """\
version: 1
name: churn
model: {framework: sklearn}
ci: {provider: github, repository: acme/churn}
network: {vpc_id: %s, subnet_ids: [%s, %s]}
security: {access_logs: true, data_events: true}
"""
# The stand-in's own settings name its keys; here who asks is told by the environment.
SETTINGS = "".join(line for line in overrides.TEXT.splitlines(keepends=True) if "_key " not in line)
BUCKET = f"churn-use1-{ACCOUNT_ID}"
DEPLOYER, PLANNER = "churn-use1-deployer", "churn-use1-planner"
NOT_ASKED_HERE = {
    # docker push and pull, through the registry (ECR, "IAM permissions for pushing an image")
    *("ecr:BatchCheckLayerAvailability", "ecr:CompleteLayerUpload", "ecr:InitiateLayerUpload", "ecr:UploadLayerPart"),
    *("ecr:PutImage", "ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer", "ecr:GetAuthorizationToken"),
    # the lifecycle rules of the bucket: the provider waits 50 s for them, so they are left out of this stack
    "s3:PutLifecycleConfiguration",
    # an upload of many parts that is broken off
    "s3:AbortMultipartUpload",
    # a manifest or a byocgen that says something else than yesterday
    *("iam:UpdateAssumeRolePolicy", "kms:PutKeyPolicy", "kms:UpdateKeyDescription"),
    *("ecr:UntagResource", "iam:UntagRole", "kms:UntagResource", "logs:UntagResource", "cloudwatch:UntagResource"),
    *("sagemaker:DeleteTags", "ec2:DeleteTags", "cloudtrail:RemoveTags", "cloudtrail:UpdateTrail"),
    *("ec2:ModifySecurityGroupRules", "ec2:ModifyVpcEndpoint"),
    # selectors of a trail: read where CloudTrail says that it has some, which the stand-in does not
    *("cloudtrail:GetEventSelectors", "cloudtrail:GetInsightSelectors"),
}
"""Granted, and asked for by AWS only, each with the reason."""


@dataclass(frozen=True)
class Life:
    """What the roles did, and with which policies."""

    runs: Mapping[str, Ran]
    needs: frozenset[Need]
    statements: list[dict[str, Any]]
    refused: str
    plans: Mapping[str, Path]


@pytest.fixture(scope="module")
def life(terraform: str, make_project: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Iterator[Life]:
    assert terraform
    with stand_in.started() as aws:
        manifest = MANIFEST % network(aws.client("ec2"))
        yield lived(aws, make_project(tmp_path_factory.mktemp("access") / "churn", manifest))


def network(ec2: Any) -> tuple[str, ...]:
    """A VPC that others made, and two subnets in two zones."""
    vpc = ec2.create_vpc(CidrBlock="10.9.0.0/16")["Vpc"]["VpcId"]
    ec2.modify_vpc_attribute(VpcId=vpc, EnableDnsHostnames={"Value": True})
    subnets = (
        ec2.create_subnet(VpcId=vpc, CidrBlock=f"10.9.{number}.0/24", AvailabilityZone=f"us-east-1{zone}")
        for number, zone in enumerate("ab")
    )
    return vpc, *(subnet["Subnet"]["SubnetId"] for subnet in subnets)


def lived(aws: StandIn, folder: Path) -> Life:
    """An administrator bootstraps; all the rest are the two roles."""
    # In front of an address, S3's buckets are parts of the path.
    settings = {"PATH": os.environ["PATH"], "TF_CLI_ARGS_init": "-backend-config=use_path_style=true"}
    administrator = project.with_real_stack(folder, {**aws.environment(), **settings})
    for stack in ("terraform", "terraform/bootstrap"):
        administrator.write(f"{stack}/{overrides.FILE}", SETTINGS)
    runs = {"bootstrap": administrator.release("bootstrap")}
    assert runs["bootstrap"].status == 0, runs["bootstrap"]
    deployer, planner = (
        Project(folder, {**administrator.environment, **assume(aws, role)}) for role in (DEPLOYER, PLANNER)
    )
    statements = policies(aws)
    runs["infra"] = deployer.release("infra")
    release(aws, deployer, "1")
    for command in ("apply", "wait"):
        runs[f"first {command}"] = deployer.release(command)
    runs["plan"] = planner.release("plan", TF_CLI_ARGS_plan="-lock=false -detailed-exitcode")
    refused = upload(aws, planner)
    plans = {stack: planned(administrator, stack) for stack in ("terraform", "terraform/bootstrap")}
    invoke_and_scan(aws, deployer)
    release(aws, deployer, "2")
    values = deployer.read("terraform/terraform.tfvars")
    changed = values.replace("tags = {}", 'tags = { team = "growth" }').replace("days = 30", "days = 60")
    assert values != changed
    deployer.write("terraform/terraform.tfvars", changed)
    runs["update"] = deployer.release("apply")
    aws.client("s3").put_object(Bucket=f"churn-use1-logs-{ACCOUNT_ID}", Key="access/1", Body=b"")  # S3 delivered a log
    runs["destroy"] = deployer.release("destroy", "--yes")
    return Life(runs, frozenset(asked(aws, DEPLOYER)), statements, refused, plans)


def planned(administrator: Project, stack: str) -> Path:
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


def assume(aws: StandIn, role: str) -> dict[str, str]:
    """The environment of a job that took the role by a token of GitHub's."""
    answer = aws.client("sts").assume_role_with_web_identity(
        RoleArn=f"arn:aws:iam::{ACCOUNT_ID}:role/{role}", RoleSessionName="run", WebIdentityToken="token"
    )["Credentials"]
    return {
        "AWS_ACCESS_KEY_ID": answer["AccessKeyId"],
        "AWS_SECRET_ACCESS_KEY": answer["SecretAccessKey"],
        "AWS_SESSION_TOKEN": answer["SessionToken"],
    }


def client(aws: StandIn, who: Project, service: str) -> Any:
    environment = who.environment
    session = boto3.Session(
        environment["AWS_ACCESS_KEY_ID"],
        environment["AWS_SECRET_ACCESS_KEY"],
        environment["AWS_SESSION_TOKEN"],
        region_name="us-east-1",
    )
    config = Config(retries={"max_attempts": 1}, s3={"addressing_style": "path"})
    return session.client(service, endpoint_url=aws.url, config=config)


def policies(aws: StandIn) -> list[dict[str, Any]]:
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
    client(aws, deployer, "sagemaker-runtime").invoke_endpoint(EndpointName="churn", Body=b"{}")
    with contextlib.suppress(ClientError):
        client(aws, deployer, "ecr").describe_image_scan_findings(repositoryName="churn", imageId={"imageTag": "1"})


def upload(aws: StandIn, planner: Project) -> str:
    """The code of the refusal that the planner gets for a model."""
    with pytest.raises(ClientError) as caught:
        client(aws, planner, "s3").put_object(Bucket=BUCKET, Key="models/1/model.tar.gz", Body=b"")
    return str(caught.value.response["ResponseMetadata"]["HTTPStatusCode"])


def asked(aws: StandIn, role: str) -> Iterator[Need]:
    with urllib.request.urlopen(f"{aws.url}/_stand_in/needs/{role}") as answer:  # noqa: S310 - http on the loopback device
        for one in json.load(answer):
            yield Need(one["action"], one["resource"], tuple(one["context"].items()))


@pytest.mark.parametrize("step", ["bootstrap", "infra", "first apply", "first wait", "update", "destroy"])
def test_the_deployer_alone_does_it(life: Life, step: str) -> None:
    assert life.runs[step].status == 0, life.runs[step].stderr[-3000:]


def test_the_planner_plans_and_changes_nothing(life: Life) -> None:
    assert life.runs["plan"].status == 0, life.runs["plan"].stderr[-3000:]
    assert life.refused == "403"


def test_each_statement_was_needed(life: Life) -> None:
    spared = []
    for statement in life.statements:
        others = [one for one in life.statements if one is not statement]
        asked_for = [
            need for need in life.needs if need.action in actions(statement) and granted(need, life.statements)
        ]
        if not set(actions(statement)) <= NOT_ASKED_HERE and all(granted(need, others) for need in asked_for):
            spared.append(statement["Sid"])
    assert spared == []


def test_each_action_was_needed(life: Life) -> None:
    used = {need.action for need in life.needs}
    given = {action for statement in life.statements for action in actions(statement)}
    assert given - used - NOT_ASKED_HERE == set()
    assert NOT_ASKED_HERE - given == set()
    assert NOT_ASKED_HERE & used == set()


@pytest.mark.parametrize("stack", ["terraform", "terraform/bootstrap"])
def test_checkov_finds_nothing(checkov: str, life: Life, stack: str) -> None:
    plan = life.plans[stack]
    command = [checkov, "--file", str(plan), "--repo-root-for-plan-enrichment", str(plan.parent), "--framework"]
    done = subprocess.run(
        [*command, "terraform_plan", "--skip-download", "--compact", "--quiet", "--output", "json"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-3000:]
    summary = json.loads(done.stdout)["summary"]
    assert (summary["failed"], summary["parsing_errors"]) == (0, 0)
    assert summary["passed"] > 20


def actions(statement: Mapping[str, Any]) -> list[str]:
    given = statement["Action"]
    return [given] if isinstance(given, str) else given
