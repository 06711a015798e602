"""`bootstrap`: the state's bucket is made, named in the backend files, and the states are moved; what is named already stays."""

import json

from tests.release.project import Project

BLOCK = """\
terraform {
  backend "s3" {
    bucket       = "churn-use1-state-123456789012"
    key          = "%s/terraform.tfstate"
    region       = "us-east-1"
    encrypt      = true
    use_lockfile = true
  }
}
"""
OUTPUTS = {"state_bucket": "churn-use1-state-123456789012", "state_region": "us-east-1"}
ROLES = {"deployer_role_arn": "arn:d", "planner_role_arn": "arn:p"}
OWN, STACK = "terraform/bootstrap/backend.tf", "terraform/backend.tf"
COMMENTS = '# Where the state is.\n# terraform {\n#   backend "s3" {}\n# }\n'


def prepared(project: Project, **outputs: str) -> Project:
    project.write(
        "bin/outputs.json", json.dumps({name: {"value": value} for name, value in {**OUTPUTS, **outputs}.items()})
    )
    project.write("terraform/bootstrap/main.tf", "")
    project.write(STACK, COMMENTS)
    return project


def test_both_states_move_into_the_bucket(identified: Project) -> None:
    ran = prepared(identified).release("bootstrap")
    assert (ran.status, ran.stdout) == (0, "")
    assert identified.read(OWN) == BLOCK % "bootstrap"
    assert identified.read(STACK) == f"{COMMENTS}\n{BLOCK % 'stack'}"
    assert identified.calls() == ["init", "apply", "init", "init"]
    assert "commit terraform/" in ran.stderr


def test_once_more_changes_no_backend(identified: Project) -> None:
    prepared(identified).release("bootstrap")
    before = identified.read(STACK)
    assert identified.release("bootstrap").status == 0
    assert identified.read(STACK) == before
    assert identified.calls() == ["init", "apply", "init", "init", "init", "apply"]


def test_a_backend_of_your_own_stays(identified: Project) -> None:
    project = prepared(identified)
    project.write("terraform/cloud.tf", 'terraform {\n  cloud {\n    organization = "acme"\n  }\n}\n')
    assert project.release("bootstrap").status == 0
    assert project.read(STACK) == COMMENTS
    assert project.calls() == ["init", "apply", "init"]


def test_the_roles_of_a_pipeline_are_printed(identified: Project) -> None:
    assert prepared(identified, **ROLES).release("bootstrap").stdout == "deployer: arn:d\nplanner: arn:p\n"


def test_an_apply_that_fails_changes_no_file(identified: Project) -> None:
    ran = prepared(identified).release("bootstrap", FAIL_AT="apply")
    assert (ran.status, identified.read(STACK)) == (3, COMMENTS)
    assert ran.stderr.endswith("terraform apply failed in terraform/bootstrap; what it said is above\n")
