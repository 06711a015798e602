"""Least privilege of every mode and feature that `test_access` has not: few stacks, each with many of them.

The policies are those that `terraform/bootstrap` makes of the manifest, as planned. The deployer alone applies, updates and
destroys; each action and each resource of what it may do was asked for. The state and most of the release's own commands are
`test_access`'s.
"""

import contextlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from tests.aws import stand_in
from tests.aws.needs import Need, Statement, granted
from tests.aws.provider import Provider
from tests.aws.stand_in import ACCOUNT_ID
from tests.release import container, execution, keys, planned, roles
from tests.release.lives import ARTIFACT, ROLES, Life, lived

CI = "ci: {provider: github, repository: acme/churn}\n"
WATCHED = "{alarms: true, alarm_email: a@example.com, dashboard: true}"
BOUNDARY = f"arn:aws:iam::{ACCOUNT_ID}:policy/boundary"
REGISTRY = f"{ACCOUNT_ID}.dkr.ecr.us-east-1.amazonaws.com"
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
    "multi-model": f"""\
model: {{framework: sklearn}}
endpoint: {{mode: multi-model}}
security: {{kms: aws}}
observability: {WATCHED}
{CI}""",
}
LATER = {
    "multi-model": ("shadow: {instance_type: ml.m5.large}", f'pipeline: {{after: [{{image: "{REGISTRY}/prepare:1"}}]}}')
}
"""What the endpoint of a stack has later, in the mode's place: neither asks for another permission of the deployer."""
REALTIME = frozenset({"realtime"})
LAYERS = {
    "async": (REALTIME | {"async"},) * 2,
    "serverless": (frozenset({"serverless"}),) * 2,
    "batch": (frozenset({"batch", "artifact", "containers"}),) * 2,
    "multi-model": (REALTIME, REALTIME, REALTIME | {"containers"}),
}
"""After each apply."""


@pytest.fixture(scope="module", params=MANIFESTS)
def life(
    request: pytest.FixtureRequest, provider: Provider, make_project: Callable[..., Path], tmp_path_factory: Any
) -> Iterator[Life]:
    mode, root = request.param, tmp_path_factory.mktemp("access")
    with container.started() as model, stand_in.started(container=model.url) as aws, contextlib.ExitStack() as running:
        key = aws.client("kms").create_key()["KeyMetadata"]["Arn"] if mode == "serverless" else ""
        first = f"version: 1\nname: churn\n{MANIFESTS[mode].replace('%(key)s', key)}"
        others = [first.replace("{mode: multi-model}", f"{{{block}}}") for block in LATER.get(mode, ())]
        folder, *later = (make_project(root / f"{number}", text) for number, text in enumerate([first, *others]))
        served = lambda keys: running.enter_context(provider.serving(folder / "terraform", keys))  # noqa: E731
        yield lived(aws, mode, folder, later, served)


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
    for features, statements in zip(LAYERS[life.mode], life.execution, strict=True):
        execution.hold(execution.Role("churn", features, key_of(statements)), statements)


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
