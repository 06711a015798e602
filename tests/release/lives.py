"""Lives of stacks whose deployer and planner are held to their policies, as `terraform/bootstrap` plans them: `test_access_modes`.

Rules: an administrator makes the roles; all the rest is done by the two of them. What only `test_access` shows, the state and most
of the release's own commands, is left out.
"""

import itertools
import json
import shutil
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.aws import overrides
from tests.aws.needs import Need, Statement
from tests.aws.stand_in import ACCOUNT_ID, StandIn
from tests.release import planned, project, roles
from tests.release.project import RECORD, Project, Ran

ARTIFACT = "s3://elsewhere/churn.tar.gz"
KEYS = {"batch": ARTIFACT, "multi-model": "models/all/"}
"""Where the model of a life lies, if it is not an archive of the release."""
ROLES = ("deployer", "planner")
NOT_HERE = {"state_read", "state_write", "release_write", "build_read"}
"""Documents that other tests take to the stand-in, and what a build of CodeBuild says."""


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
    execution: list[list[Statement]]  # of the execution role, after each apply

    def statements(self) -> list[Statement]:
        return [one for name, document in self.documents.items() if name not in NOT_HERE for one in document]

    def document(self, address: str) -> list[Statement]:
        found: list[Statement] = json.loads(self.policies[address])["Statement"]
        return found


def lived(
    aws: StandIn,
    mode: str,
    folder: Path,
    later: Sequence[Path],
    served: Callable[[Mapping[str, str]], Mapping[str, str]],
) -> Life:
    """An administrator makes the roles; all the rest are the two of them.

    Args:
        aws: Where.
        mode: What the stack is called in `test_access_modes`.
        folder: Its project.
        later: Projects whose stacks take its place one by one, as after changes of the manifest that need no other permissions.
        served: Gives an environment its provider.
    """
    root = folder / "terraform"
    administrator = Project(folder, served(aws.environment()))
    plans = [bootstrapped(aws, administrator)]
    bootstrap = json.loads(plans[0].read_text("utf-8"))
    project.with_real_stack(folder, administrator.environment)
    prepare(administrator, root)
    deployer, planner = (
        Project(folder, served({**aws.environment(), **roles.assume(aws, f"churn-use1-{role}")})) for role in ROLES
    )
    release(administrator, "1", KEYS.get(mode))
    runs = {"apply": run(deployer, root, "apply", "-auto-approve", "-input=false"), **used(aws, mode, deployer)}
    execution = [execution_role(aws)]
    runs["plan"] = run(planner, root, "plan", "-input=false", "-lock=false", "-detailed-exitcode", "-out=planned")
    plans.append(shown(planner, root))
    if mode in ("serverless", "batch"):
        runs["upload"] = deployer.release("upload")
    change = ("-auto-approve", "-input=false", "-lock=false", '-var=tags={team="growth"}')
    if mode == "batch":  # the cheapest
        runs["refused"] = run(planner, root, "apply", *change)
    last = root
    for number, other in enumerate(later or [folder], start=2):
        if other != folder:
            last = handed_on(administrator, last, other)
        release(Project(other, {}), str(number), KEYS.get(mode) if other == folder else None)
        runs[f"update {number}"] = run(deployer, last, "apply", *change)
        execution.append(execution_role(aws))
    empty(aws)
    runs["destroy"] = run(deployer, last, "destroy", *change)
    needs = {role: frozenset(roles.asked(aws, f"churn-use1-{role}")) for role in ROLES}
    policies = {
        name: text for one in plans for name, text in planned.policies(json.loads(one.read_text("utf-8"))).items()
    }
    return Life(mode, runs, needs, roles.documents(bootstrap), policies, plans, root, execution)


def bootstrapped(aws: StandIn, administrator: Project) -> Path:
    """The plan of the bootstrap in JSON, whose roles are there now."""
    stack = administrator.folder / "terraform" / "bootstrap"
    prepare(administrator, stack)
    done = run(administrator, stack, "plan", "-input=false", "-out=planned")
    assert done.status == 0, done.stderr
    made = shown(administrator, stack)
    make_roles(aws, json.loads(made.read_text("utf-8")))
    return made


def handed_on(administrator: Project, root: Path, other: Path) -> Path:
    """The stack of another project, which has the state of `root` from now on."""
    project.with_real_stack(other, administrator.environment)
    prepare(administrator, other / "terraform")
    shutil.copy(root / "terraform.tfstate", other / "terraform")
    return other / "terraform"


def execution_role(aws: StandIn) -> list[Statement]:
    """What SageMaker may do now."""
    policy = aws.client("iam").get_role_policy(RoleName="churn-use1-execution", PolicyName="endpoint")
    found: list[Statement] = policy["PolicyDocument"]["Statement"]
    return found


def used(aws: StandIn, mode: str, deployer: Project) -> dict[str, Ran]:
    """What a release does beside Terraform in this mode."""
    deployer.write("model.tar.gz", project.archive("weights"))
    deployer.write("payload.json", '{"instances": [[1]]}')
    group, stream = ("TransformJobs", "churn-1/i-1") if mode == "batch" else ("Endpoints/churn", "primary/i-1")
    roles.read_log(aws, deployer, f"/aws/sagemaker/{group}", stream)
    if mode == "multi-model":
        return {"upload": deployer.release("upload"), "smoke": deployer.release("smoke")}
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


def release(who: Project, digit: str, key: str | None) -> None:
    """Record an image and a model; None: an archive of that digit."""
    model = key or f"models/{digit * 64}/model.tar.gz"
    who.write(RECORD, json.dumps({"image_digest": f"sha256:{digit * 64}", "model_key": model}))


def empty(aws: StandIn) -> None:
    """What `make destroy` does first, which `test_access` shows."""
    for bucket in aws.client("s3").list_buckets()["Buckets"]:
        versions = aws.client("s3").list_object_versions(Bucket=bucket["Name"])
        for one in itertools.chain(versions.get("Versions", []), versions.get("DeleteMarkers", [])):
            aws.client("s3").delete_object(Bucket=bucket["Name"], Key=one["Key"], VersionId=one["VersionId"])
