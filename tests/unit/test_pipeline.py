"""The pipeline of a project: what is written for whom, pinned, least, and clean in the eyes of zizmor and shellcheck."""

from __future__ import annotations

import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from tests.unit.asking import contents
from tests.unit.examples import HEAD, MINIMAL

from byocgen import catalog as catalogs

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

CI = "ci: {provider: %s, repository: acme/churn}\n"
GITHUB, CODEBUILD = MINIMAL + CI % "github", MINIMAL + CI % "codebuild"
PRODUCTION = MINIMAL + "ci: {provider: github, repository: acme/churn, branch: trunk, environment: production}\n"
HOSTILE = HEAD + 'model: {framework: sklearn, artifact: "a/${{ x }}\' $(y) \\"z\\".joblib"}\n' + CI
OF_A_FILE = HEAD + "model: {framework: sklearn, artifact: 'artifacts/a model.joblib'}\n" + CI % "codebuild"
CHECK, RELEASE = ".github/workflows/check.yml", ".github/workflows/release.yml"


def workflow(text: str, path: str) -> dict[Any, Any]:
    read: dict[Any, Any] = yaml.safe_load(contents(text)[path])
    return read


def steps(read: dict[Any, Any]) -> Iterator[dict[str, Any]]:
    for job in read["jobs"].values():
        yield from job["steps"]


def commands(text: str, path: str) -> list[str]:
    return [step["run"] for step in steps(workflow(text, path)) if "run" in step]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (MINIMAL, set()),
        (GITHUB, {CHECK, RELEASE}),
        (CODEBUILD, {"codebuild/check.yml", "codebuild/release.yml"}),
    ],
)
def test_a_pipeline_is_there_for_whom_it_was_asked(text: str, expected: set[str]) -> None:
    made = contents(text)
    assert {path for path in made if path.startswith((".github/", "codebuild/"))} == expected
    permissions = [path for path in made if path.startswith("terraform/bootstrap/permissions")]
    assert (permissions != []) is (expected != set())
    assert "terraform/bootstrap/main.tf" in made


@pytest.mark.parametrize("path", [CHECK, RELEASE])
def test_actions_are_pinned_to_the_commits_of_the_catalogue(path: str) -> None:
    known = {f"{action.name}@{action.commit}" for action in catalogs.load().actions.values()}
    used = {step["uses"] for step in steps(workflow(GITHUB, path)) if "uses" in step}
    assert used == known
    assert {len(name.partition("@")[2]) for name in used} == {40}


def test_every_job_has_a_time_limit_and_permissions_of_its_own() -> None:
    jobs = {
        f"{path}: {name}": (job["permissions"], job["timeout-minutes"] > 0)
        for path in (CHECK, RELEASE)
        for name, job in workflow(GITHUB, path)["jobs"].items()
    }
    read, token = {"contents": "read"}, {"contents": "read", "id-token": "write"}
    assert jobs == {
        f"{CHECK}: test": (read, True),
        f"{CHECK}: plan": (token, True),
        f"{RELEASE}: release": (token, True),
        f"{RELEASE}: record": ({"contents": "write"}, True),
    }
    assert [workflow(GITHUB, path)["permissions"] for path in (CHECK, RELEASE)] == [{}, {}]


def test_a_pull_request_never_takes_the_role_that_deploys() -> None:
    made = contents(GITHUB)
    assert "DEPLOYER" not in made[CHECK]
    assert "PLANNER" not in made[RELEASE]
    assert workflow(GITHUB, RELEASE)[True] == {"push": {"branches": ["main"]}, "workflow_dispatch": None}


def test_a_release_is_the_whole_way() -> None:
    made = [command for command in commands(GITHUB, RELEASE) if command.startswith("make ")]
    assert " ".join(command.removeprefix("make ") for command in made) == (
        "setup lint model test verify build push scan upload apply wait smoke"
    )


@pytest.mark.parametrize("text", [GITHUB, CODEBUILD], ids=["github", "codebuild"])
def test_a_pull_request_runs_the_tests_of_every_stack(text: str, tmp_path: Path) -> None:
    folders = {path.partition("/tests/")[0] for path in contents(text) if path.endswith(".tftest.hcl")}
    program = tmp_path / "terraform"
    program.write_text('#!/bin/sh\necho "$@"\n', "utf-8")
    program.chmod(0o755)
    ran = subprocess.run(
        ["bash", "-e", "-c", "\n".join(of_terraform(text))],
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"}, capture_output=True, text=True, check=True,
    ).stdout.splitlines()  # fmt: skip
    assert folders == {"terraform", "terraform/bootstrap"}
    assert {f"-chdir={folder} test" for folder in folders} <= set(ran)
    assert "-chdir=terraform/bootstrap init -backend=false -input=false" in ran


def of_terraform(text: str) -> list[str]:
    """What a pull request's pipeline runs of terraform itself."""
    if text == GITHUB:
        return [command for command in commands(text, CHECK) if command.startswith("terraform ")]
    phases = yaml.safe_load(contents(text)["codebuild/check.yml"])["phases"].values()
    return [one for phase in phases for one in phase["commands"] if one.startswith("terraform ")]


def test_a_release_runs_alone_and_is_not_cut_short() -> None:
    assert workflow(GITHUB, RELEASE)["concurrency"] == {"group": "release", "cancel-in-progress": False}


def test_branch_and_environment_are_where_the_role_looks() -> None:
    made = contents(PRODUCTION)
    assert workflow(PRODUCTION, RELEASE)["jobs"]["release"]["environment"] == "production"
    assert workflow(PRODUCTION, RELEASE)[True]["push"] == {"branches": ["trunk"]}
    assert 'deployed_from = "environment:production"' in made["terraform/bootstrap/terraform.tfvars"]
    assert 'deployed_from = "ref:refs/heads/main"' in contents(GITHUB)["terraform/bootstrap/terraform.tfvars"]


@pytest.mark.parametrize(
    ("instance_type", "runner"), [("ml.m5.large", "ubuntu-24.04"), ("ml.c7g.large", "ubuntu-24.04-arm")]
)
def test_the_runner_has_the_architecture_of_the_image(instance_type: str, runner: str) -> None:
    text = GITHUB + f"endpoint: {{instance_type: {instance_type}}}\n"
    assert {workflow(text, CHECK)["jobs"][job]["runs-on"] for job in ("test", "plan")} == {runner}
    assert workflow(text, RELEASE)["jobs"]["release"]["runs-on"] == runner


def test_a_model_that_is_not_in_git_is_left_out_and_its_name_is_no_code() -> None:
    [step] = [step for step in steps(workflow(HOSTILE % "github", CHECK)) if step.get("id") == "artifact"]
    assert step["env"]["ARTIFACT"] == "a/${{ '${{' }} x }}' $(y) \"z\".joblib"
    assert step["run"].startswith('if [ -e "$ARTIFACT" ]; then\n  make model\n')
    uploads = [step for step in steps(workflow(HOSTILE % "github", RELEASE)) if step.get("run") == "make upload"]
    assert [step["if"] for step in uploads] == [
        "steps.changed.outputs.build == 'yes' && steps.artifact.outputs.here == 'yes'"
    ]


@pytest.mark.parametrize("text", [GITHUB, PRODUCTION, HOSTILE % "github"], ids=["plain", "environment", "hostile"])
def test_zizmor_finds_nothing(text: str, tmp_path: Path) -> None:
    for path in (CHECK, RELEASE):
        file = tmp_path / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(contents(text)[path], "utf-8")
    found = run("zizmor", "--offline", "--no-progress", "--pedantic", "--format", "json", str(tmp_path / ".github"))
    assert json.loads(found.stdout) == []


@pytest.mark.parametrize("path", [CHECK, RELEASE])
def test_shellcheck_finds_nothing(path: str) -> None:
    for command in commands(HOSTILE % "github", path):
        assert run("shellcheck", "--shell", "bash", "-", stdin=command).stdout == ""


@pytest.mark.parametrize("name", ["check", "release"])
def test_shellcheck_finds_nothing_in_a_buildspec(name: str) -> None:
    phases = yaml.safe_load(contents(OF_A_FILE)[f"codebuild/{name}.yml"])["phases"].values()
    for command in (command for phase in phases for command in phase["commands"]):
        assert run("shellcheck", "--shell", "bash", "-", stdin=command).stdout == ""


def test_a_build_on_aws_is_the_whole_way_too() -> None:
    phases = yaml.safe_load(contents(CODEBUILD)["codebuild/release.yml"])["phases"]
    said = "\n".join(command for phase in phases.values() for command in phase["commands"])
    wanted = (
        "make setup",
        "make lint",
        "make model",
        "make test",
        "make verify",
        "make build push scan",
        "make upload",
    )
    assert [step for step in (*wanted, "make apply wait smoke", "git push") if step not in said] == []


def run(program: str, *arguments: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    assert shutil.which(program), f"{program} is in the dev group"
    return subprocess.run([program, *arguments], input=stdin, capture_output=True, text=True, check=False)
