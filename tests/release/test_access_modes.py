"""Least privilege of every mode and feature that `test_access` has not: few stacks, each with many of them.

The policies are those that `terraform/bootstrap` makes of the manifest, as planned. The deployer alone applies, updates and
destroys; each action and each resource of what it may do was asked for. The state and most of the release's own commands are
`test_access`'s.
"""

import contextlib
import itertools
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from tests.aws import overrides, stand_in
from tests.aws.needs import Need, Statement, granted
from tests.aws.provider import Provider
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release import container, execution, keys, planned, project, roles
from tests.release.project import RECORD, Project, Ran

CI = "ci: {provider: github, repository: acme/churn}\n"
WATCHED = "{alarms: true, alarm_email: a@example.com, dashboard: true}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary"
REGISTRY = f"{ACCOUNT_ID}.dkr.ecr.us-east-1.amazonaws.com"
ARTIFACT = "s3://elsewhere/churn.tar.gz"
MANIFESTS = {
    "async": f"""\
model: {{framework: sklearn}}
regions: [us-east-1, eu-west-1]
replication: {{images: ecr, models: s3}}
endpoint:
  mode: async
  autoscaling: {{min: 0, max: 2, schedule: [{{name: night, schedule: "cron(0 22 * * ? *)", max: 1}}]}}
  async: {{notify_email: a@example.com}}
security: {{permissions_boundary: "{BOUNDARY}"}}
observability: {WATCHED}
{CI}""",
    "serverless": f"""\
model: {{framework: sklearn}}
endpoint:
  mode: serverless
  serverless:
    provisioned_concurrency: 1
    provisioned_concurrency_max: 3
    schedule: [{{name: night, schedule: "cron(0 22 * * ? *)", max: 1}}]
security: {{kms: "%(key)s"}}
observability: {WATCHED}
{CI}""",
    "batch": f"""\
model: {{framework: sklearn, artifact: "{ARTIFACT}"}}
endpoint:
  mode: batch
  pipeline: {{before: [{{image: "{REGISTRY}/prepare:1"}}]}}
network: {{isolation: true}}
security: {{kms: aws}}
ci: {{provider: codebuild, repository: acme/churn}}
""",
}
LAYERS = {
    "async": frozenset({"realtime", "async"}),
    "serverless": frozenset({"serverless"}),
    "batch": frozenset({"batch", "artifact", "containers"}),
}
NOT_HERE = {"state_read", "state_write", "release_write", "build_read"}
"""Documents that other tests take to the stand-in, and what a build of CodeBuild says."""
ROLES = ("deployer", "planner")


@dataclass(frozen=True)
class Life:
    """What the two roles did to one stack, with which permissions, and what there was meanwhile."""

    mode: str
    runs: Mapping[str, Ran]
    needs: Mapping[str, frozenset[Need]]
    documents: Mapping[str, list[Statement]]
    policies: Mapping[str, str]  # of the pipeline and of the stack, by address
    plans: list[Path]
    folder: Path

    def statements(self) -> list[Statement]:
        return [one for name, document in self.documents.items() if name not in NOT_HERE for one in document]

    def document(self, address: str) -> list[Statement]:
        found: list[Statement] = json.loads(self.policies[address])["Statement"]
        return found


@pytest.fixture(scope="module", params=MANIFESTS)
def life(
    request: pytest.FixtureRequest, provider: Provider, make_project: Callable[..., Path], tmp_path_factory: Any
) -> Iterator[Life]:
    with container.started() as model, stand_in.started(container=model.url) as aws:
        key = aws.client("kms").create_key()["KeyMetadata"]["Arn"] if request.param == "serverless" else ""
        text = MANIFESTS[request.param].replace("%(key)s", key)
        folder = make_project(tmp_path_factory.mktemp("access") / "churn", f"version: 1\nname: churn\n{text}")
        with contextlib.ExitStack() as running:
            yield lived(
                aws,
                request.param,
                folder,
                lambda keys: running.enter_context(provider.serving(folder / "terraform", keys)),
            )


def lived(aws: StandIn, mode: str, folder: Path, served: Callable[[Mapping[str, str]], Mapping[str, str]]) -> Life:
    """An administrator makes the roles; all the rest are the two of them. `served` gives an environment its provider."""
    root = folder / "terraform"
    administrator = Project(folder, served(aws.environment()))
    plans = [bootstrapped(aws, administrator)]
    bootstrap = json.loads(plans[0].read_text("utf-8"))
    project.with_real_stack(folder, administrator.environment)
    prepare(administrator, root)
    deployer, planner = (
        Project(folder, served({**aws.environment(), **roles.assume(aws, f"churn-use1-{role}")})) for role in ROLES
    )
    release(administrator, mode, "1")
    runs = {"apply": run(deployer, root, "apply", "-auto-approve", "-input=false"), **used(aws, mode, deployer)}
    again = ("-input=false", "-lock=false", "-detailed-exitcode", "-out=planned")
    runs["plan"] = run(planner, root, "plan", *again)
    plans.append(shown(planner, root))
    if mode != "async":  # it waits for S3's copy in the second region, which nobody makes here
        runs["upload"] = deployer.release("upload")
    release(administrator, mode, "2")
    change = ("-auto-approve", "-input=false", "-lock=false", '-var=tags={team="growth"}')
    if mode == "batch":  # the cheapest
        runs["refused"] = run(planner, root, "apply", *change)
    runs["update"] = run(deployer, root, "apply", *change)
    empty(aws)
    runs["destroy"] = run(deployer, root, "destroy", *change)
    needs = {role: frozenset(roles.asked(aws, f"churn-use1-{role}")) for role in ROLES}
    policies = {
        name: text for one in plans for name, text in planned.policies(json.loads(one.read_text("utf-8"))).items()
    }
    return Life(mode, runs, needs, roles.documents(bootstrap), policies, plans, root)


def bootstrapped(aws: StandIn, administrator: Project) -> Path:
    """The plan of the bootstrap in JSON, whose roles are there now."""
    stack = administrator.folder / "terraform" / "bootstrap"
    prepare(administrator, stack)
    done = run(administrator, stack, "plan", "-input=false", "-out=planned")
    assert done.status == 0, done.stderr
    made = shown(administrator, stack)
    make_roles(aws, json.loads(made.read_text("utf-8")))
    return made


def used(aws: StandIn, mode: str, deployer: Project) -> dict[str, Ran]:
    """What a release does beside Terraform in this mode."""
    deployer.write("model.tar.gz", project.archive("weights"))
    deployer.write("payload.json", '{"instances": [[1]]}')
    group, stream = ("TransformJobs", "churn-1/i-1") if mode == "batch" else ("Endpoints/churn", "primary/i-1")
    roles.read_log(aws, deployer, f"/aws/sagemaker/{group}", stream)
    if mode != "batch":
        return {"smoke": deployer.release("smoke")}
    aws.client("s3").create_bucket(Bucket="elsewhere")  # the only one whose model lies elsewhere
    aws.client("s3").put_object(Bucket="elsewhere", Key="churn.tar.gz", Body=project.archive("weights"))
    return {"fetch": deployer.run(sys.executable, "-m", "release.fetch"), "smoke": deployer.release("smoke")}


def prepare(administrator: Project, stack: Path) -> None:
    """Have terraform find a stack's modules; its provider is there."""
    (stack / overrides.FILE).write_text(roles.SETTINGS, "utf-8")
    assert run(administrator, stack, "get").status == 0


def run(who: Project, stack: Path, *arguments: str) -> Ran:
    return who.run("terraform", f"-chdir={stack}", *arguments, "-no-color")


def shown(who: Project, stack: Path) -> Path:
    """The plan as JSON, in a file beside it."""
    made = stack / "planned.json"
    made.write_text(who.run("terraform", f"-chdir={stack}", "show", "-json", "planned").stdout, "utf-8")
    return made


def make_roles(aws: StandIn, bootstrap: Mapping[str, Any]) -> None:
    """The roles with their policies, as the plan of the bootstrap has them."""
    iam, root = aws.client("iam"), bootstrap["planned_values"]["root_module"]
    by_key = {(one["type"], one.get("index")): one["values"] for one in root["resources"]}
    for (kind, _), values in by_key.items():
        if kind == "aws_iam_role":
            iam.create_role(RoleName=values["name"], AssumeRolePolicyDocument=values["assume_role_policy"])
        if kind == "aws_iam_policy":
            iam.create_policy(PolicyName=values["name"], PolicyDocument=values["policy"])
    for kind, key in by_key:
        if kind == "aws_iam_role_policy_attachment":
            role, _, policy = key.partition("-")
            name = by_key["aws_iam_policy", policy]["name"]
            arn = f"arn:aws:iam::{ACCOUNT_ID}:policy/{name}"
            iam.attach_role_policy(RoleName=by_key["aws_iam_role", role]["name"], PolicyArn=arn)


def release(who: Project, mode: str, digit: str) -> None:
    key = ARTIFACT if mode == "batch" else f"models/{digit * 64}/model.tar.gz"
    who.write(RECORD, json.dumps({"image_digest": f"sha256:{digit * 64}", "model_key": key}))


def empty(aws: StandIn) -> None:
    """What `make destroy` does first, which `test_access` shows."""
    for bucket in aws.client("s3").list_buckets()["Buckets"]:
        versions = aws.client("s3").list_object_versions(Bucket=bucket["Name"])
        for one in itertools.chain(versions.get("Versions", []), versions.get("DeleteMarkers", [])):
            aws.client("s3").delete_object(Bucket=bucket["Name"], Key=one["Key"], VersionId=one["VersionId"])


def test_the_deployer_alone_does_it(life: Life) -> None:
    failed = {step: ran.stderr[-3000:] for step, ran in life.runs.items() if ran.status != 0 and step != "refused"}
    assert failed == {}


def test_the_planner_changes_nothing(life: Life) -> None:
    refused = life.runs.get("refused")
    assert refused is None or "churn-use1-planner is not authorized to perform: " in refused.stderr
    assert refused is None or refused.status == 1
    reads = [one for name, document in life.documents.items() if name.endswith("_read") for one in document]
    verbs = {
        action.partition(":")[2] for one in reads for action in roles.actions(one) if one["Sid"] != "WriteBuildLogs"
    }
    assert {verb for verb in verbs if not verb.startswith(("Describe", "Get", "List", "View"))} == set()


def test_each_action_and_each_resource_was_needed(life: Life) -> None:
    needs = life.needs["deployer"] | life.needs["planner"]
    assert roles.needless(life.statements(), needs) == set()


def test_each_statement_was_needed(life: Life) -> None:
    every = [one for document in life.documents.values() for one in document]
    assert roles.spared(life.statements(), life.needs["deployer"], every) == []


def test_parliament_finds_nothing(life: Life) -> None:
    assert planned.judged(life.policies) == {}


def test_checkov_finds_nothing(checkov: str, life: Life) -> None:
    summary = planned.checked(checkov, life.plans, life.folder)
    assert (summary["failed"], summary["parsing_errors"]) == (0, 0)
    assert summary["passed"] > 20


def test_the_execution_role_may_do_what_its_mode_needs_and_no_more(life: Life) -> None:
    [address] = [one for one in life.policies if one.startswith("module.use1.module.iam.aws_iam_role_policy")]
    statements = life.document(address)
    execution.hold(execution.Role("churn", LAYERS[life.mode], key_of(statements)), statements)


def key_of(statements: list[Statement]) -> str:
    """The key that the role decrypts with, if there is one."""
    return next((str(one["Resource"]) for one in statements if one["Sid"] == "DecryptModel"), "")


KEY_OF_THE_STACK = "module.use1.aws_kms_key.this[0]"
BUCKET, ACCOUNT = f"arn:aws:s3:::churn-use1-{ACCOUNT_ID}", ("aws:SourceAccount", ACCOUNT_ID)
ALARM = f"arn:aws:cloudwatch:us-east-1:{ACCOUNT_ID}:alarm:churn"
GROUP = f"arn:aws:logs:us-east-1:{ACCOUNT_ID}:log-group:churn"
STRANGERS = ("budgets", "s3", "events", "cloudtrail", "sagemaker")
VIA_S3 = ("kms:ViaService", "s3.us-east-1.amazonaws.com")
WRITTEN_BY = "kms:EncryptionContext:aws:logs:arn"
USES = [
    # the execution role's models, and the answers that it writes, by way of this bucket only
    (keys.ROOT, "Decrypt", (VIA_S3, ("kms:EncryptionContext:aws:s3:arn", BUCKET)), True),
    (keys.ROOT, "GenerateDataKey", (VIA_S3, ("kms:EncryptionContext:aws:s3:arn", f"{BUCKET}/async/output/1")), True),
    (keys.ROOT, "Decrypt", (VIA_S3, ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::another/1")), False),
    (keys.ROOT, "Decrypt", (), False),
    # what an asynchronous endpoint tells its topics, and what S3 copies
    (keys.ROOT, "GenerateDataKey", (("kms:ViaService", "sns.us-east-1.amazonaws.com"),), True),
    (keys.ROOT, "GenerateDataKey", (("kms:ViaService", "sqs.us-east-1.amazonaws.com"),), False),
    (keys.ROOT, "Encrypt", (VIA_S3, ("kms:EncryptionContext:aws:s3:arn", f"{BUCKET}/models/1")), True),
    (keys.ROOT, "Encrypt", (VIA_S3, ("kms:EncryptionContext:aws:s3:arn", "arn:aws:s3:::another/1")), False),
    # what ECR and SageMaker ask for in the name of whoever makes the repository or the endpoint
    (keys.ROOT, "CreateGrant", (("kms:ViaService", "ecr.us-east-1.amazonaws.com"),), True),
    (keys.ROOT, "CreateGrant", (("kms:ViaService", "sagemaker.us-east-1.amazonaws.com"),), True),
    (keys.ROOT, "CreateGrant", (), False),
    # alarms of this stack
    ("cloudwatch.amazonaws.com", "GenerateDataKey", (ACCOUNT, ("aws:SourceArn", f"{ALARM}-errors")), True),
    (
        "cloudwatch.amazonaws.com",
        "GenerateDataKey",
        (ACCOUNT, ("aws:SourceArn", ALARM.replace("churn", "other"))),
        False,
    ),
    ("cloudwatch.amazonaws.com", "Decrypt", (("aws:SourceAccount", "1"), ("aws:SourceArn", f"{ALARM}-errors")), False),
    # the log group of this stack
    (
        "logs.us-east-1.amazonaws.com",
        "Encrypt",
        ((WRITTEN_BY, GROUP.replace(":churn", ":/aws/sagemaker/Endpoints/churn")),),
        True,
    ),
    ("logs.us-east-1.amazonaws.com", "Encrypt", ((WRITTEN_BY, GROUP),), False),
    # who has nothing to do with it: the budget writes letters, nothing listens to the bucket
    *((f"{name}.amazonaws.com", "GenerateDataKey", (ACCOUNT,), False) for name in STRANGERS),
]


def test_only_who_must_uses_the_key(life: Life) -> None:
    assert (KEY_OF_THE_STACK in life.policies) is (life.mode == "async")
    policy = life.document(KEY_OF_THE_STACK) if life.mode == "async" else []
    wrong = [use for use in USES if granted(Need(f"kms:{use[1]}", "*", use[2]), keys.of(use[0], policy)) is not use[3]]
    assert wrong == [] or not policy


def test_a_key_of_others_cannot_be_made_this_project_s(life: Life) -> None:
    """KMS asks the same of a key that is being made, which has neither tag nor alias."""
    statements, request = life.statements(), ("aws:RequestTag/project", "churn")
    key = f"arn:aws:kms:us-east-1:{ACCOUNT_ID}:key/1"
    others = (("aws:ResourceTag/project", "other"), ("kms:ResourceAliases", "alias/other"))
    assert granted(Need("kms:TagResource", key, (request,)), statements) is (life.mode == "async")
    assert not any(granted(Need("kms:TagResource", key, (request, one)), statements) for one in others)
    managing = ("PutKeyPolicy", "ScheduleKeyDeletion", "UntagResource", "Decrypt", "CreateGrant")
    assert not any(granted(Need(f"kms:{name}", key, others[:1]), statements) for name in managing)


def test_roles_are_bounded_where_the_account_asks(life: Life) -> None:
    makes = {"iam:CreateRole", "iam:PutRolePolicy", "iam:DeleteRolePolicy", "iam:PutRolePermissionsBoundary"}
    writing = [one for one in life.statements() if makes & set(roles.actions(one))]
    bounded = {"StringEquals": {"iam:PermissionsBoundary": BOUNDARY}} if life.mode == "async" else None
    assert [one["Sid"] for one in writing if one.get("Condition") != bounded] == []


def test_trust_is_in_one_repository_and_one_branch_or_build(life: Life) -> None:
    trusted = {role: life.document(f'aws_iam_role.this["{role}"]')[0]["Condition"] for role in ROLES}
    github, build = "token.actions.githubusercontent.com", f"arn:aws:codebuild:us-east-1:{ACCOUNT_ID}:project/churn"
    subjects = {"deployer": "ref:refs/heads/main", "planner": "pull_request"}
    builds = {"deployer": "release", "planner": "check"}
    assert trusted == {
        role: {"ArnEquals": {"aws:SourceArn": f"{build}-{builds[role]}"}}
        if life.mode == "batch"
        else {
            "StringEquals": {f"{github}:aud": "sts.amazonaws.com", f"{github}:sub": f"repo:acme/churn:{subjects[role]}"}
        }
        for role in ROLES
    }
